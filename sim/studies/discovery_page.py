"""Figures and report of a discovery: a plain sentence and a picture a box, and the command that tests it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.plots.boxes import plot_box
from sim.plots.sheet import figure_of
from sim.plots.words import SPACE, count
from sim.report.findings import Finding
from sim.report.sections import Section
from sim.report.study import StudyPage, StudyTable, made_of, save_picture, write_study_page
from sim.report.words import economy_words, listed, share
from sim.studies.boxes import Limit
from sim.studies.discovery_tables import Outcome
from sim.studies.wording import axes_in_words, factor_words, runs_of

if TYPE_CHECKING:
    from sim.studies.study import Study

__all__ = ["in_one_sentence", "write_pages"]

WORDS = {
    "setting": "One choice of values for all factors; its runs share their draws with those of all other settings.",
    "hit": "A setting in enough of whose runs it happens.",
    "box": "Ranges of some factors; the others go through their whole range.",
    "density": "The part of the settings in a box that are hits.",
    "coverage": "The part of all hits that are in the box.",
    "out of sample": "A box is chosen because it looks good, so it looks better than it is. On new settings and new "
    "draws it shows what it is worth.",
}


def write_pages(study: Study, outcomes: Sequence[Outcome]) -> None:
    """Draw a discovery's figures and write its report."""
    prepared, experiment = study.prepared, study.prepared.experiment
    found: Any = experiment.found  # type: ignore[attr-defined]
    factors = listed([factor_words(path) for path in prepared.columns])
    space = f"{count(prepared.points, 'setting')} of {count(len(prepared.columns), 'factor')}"
    page = StudyPage(
        kicker=f"Under which conditions: {space}",
        name=experiment.name,
        description=experiment.description,
        setting=f"Varies {factors} in the scenario {prepared.base.name}: {count(prepared.base.buyers.count, 'buyer')}, "
        f"{count(prepared.base.horizon, 'month')}. Sellers: {listed(prepared.sellers)}.",
        findings=list(_findings(study, outcomes)),
        sections=[] if found else [section for one in outcomes if (section := _section(study, one)) is not None],
        tables=[_tested(study, outcomes) if found else _table(outcomes)],
        words=WORDS,
        made=made_of(
            study.provenance, runs_of(prepared.points, len(prepared.economies), prepared.replications, "setting")
        ),
        software=f"{study.provenance['software']['name']} {study.provenance['software']['version']}",
    )
    write_study_page(study.path, page)


def _findings(study: Study, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    for one in outcomes:
        yield Finding(f"Box {one.number}" if one.box else "Out of sample", in_one_sentence(study, one))
    if any(one.box and one.box.limits for one in outcomes):
        command = str(study.provenance["parameters"]["command"])
        yield Finding("Out of sample", f"To test box 1 on new settings and new draws: {command} --retest 1")
    if len(study.failures):
        yield Finding(
            "Not all runs are there", f"{count(len(study.failures), 'replication')} failed; see failures.parquet."
        )


def in_one_sentence(study: Study, one: Outcome) -> str:
    """A box, or the test of one, as a plain sentence."""
    where, name = economy_words(one.economy), one.case.name
    if one.box is None:
        found: Any = study.prepared.experiment.found  # type: ignore[attr-defined]
        hits, points = int(one.hits.sum()), one.rate.replications
        return (
            f"In {where}, {name} in {share(one.rate)} of the new settings in the box ({hits} of {points}); where it "
            f"was found, it was {_percent(found.density)} of {found.points}, against {_percent(found.base_rate)} of "
            "all settings."
        )
    box = one.box
    if box.all_hits in (0, box.all_points):
        often = "every" if box.all_hits else "none"
        return f"In {where}, {name} in {often} of the {count(box.all_points, 'setting')}; there is no box to find."
    if not box.limits:
        return f"In {where}, {name} in {_percent(box.base_rate)} of all settings, and no box does clearly better."
    wanted = study.prepared.experiment.density  # type: ignore[attr-defined]
    short = "" if box.density >= wanted else f" No box reaches {_percent(wanted)}; this is the densest."
    return (
        f"In {where}, {name} in {_percent(box.density)} of the settings ({box.hits} of {box.points}) in which "
        f"{listed([_limit_words(limit) for limit in box.limits])}; that covers {_percent(box.coverage)} of all "
        f"settings where it happens, and over all settings it is {_percent(box.base_rate)}.{short}"
    )


def _limit_words(limit: Limit) -> str:
    name = factor_words(limit.factor)
    if limit.values:
        return f"{name} is {' or '.join(map(str, limit.values))}"
    if math.isnan(limit.low):
        return f"{name} is at most {limit.high:.3g}"
    if math.isnan(limit.high):
        return f"{name} is at least {limit.low:.3g}"
    return f"{name} is between {limit.low:.3g} and {limit.high:.3g}"


def _percent(part: float) -> str:
    return f"{100 * part:.0f}{SPACE}%"


def _section(study: Study, one: Outcome) -> Section | None:
    """The picture of a box; none if there is no box, or nothing to draw it over."""
    columns = study.prepared.columns
    if one.box is None or not one.box.limits or len(columns) < 2:
        return None
    limits = {limit.factor: limit for limit in one.box.limits}
    paths = [*limits, *(path for path in columns if path not in limits)][:2]
    others = np.ones(len(one.hits), dtype=bool)
    for path, limit in limits.items():
        if path not in paths:
            others &= limit.holds(columns[path])
    sides = []
    for path in paths:
        low, high = _ends(limits.get(path), columns[path])
        sides.append((axes_in_words([path])[path], columns[path], low, high))
    axes = plot_box(
        (sides[0], sides[1]),
        one.hits,
        others,
        one.box.trajectory,
        (one.box.coverage, one.box.density),
        title=f"{one.case.name}, {one.economy}",
        note=f"{count(study.prepared.replications, 'run')} of each of the {count(len(one.hits), 'setting')}. "
        "Square: this box.",
    )
    return Section(
        f"Box {one.number}: {one.case.name}",
        [in_one_sentence(study, one)],
        save_picture(figure_of(axes[0]), study.path, f"box_{one.number}"),
        "The settings over the two factors that tell most, and coverage against density of all boxes tried.",
        "A scatter plot of all settings with the box drawn in, and a curve of density against coverage.",
    )


def _ends(limit: Limit | None, values: Sequence[Any]) -> tuple[float, float]:
    """A box's limits on an axis."""
    if limit is None:
        return math.nan, math.nan
    if not limit.values:
        return limit.low, limit.high
    names = list(dict.fromkeys(values))
    kept = [names.index(value) for value in limit.values]
    return min(kept) - 0.3, max(kept) + 0.3


def _table(outcomes: Sequence[Outcome]) -> StudyTable:
    rows = [
        [
            str(one.number),
            one.economy,
            one.case.name,
            listed([_limit_words(limit) for limit in one.box.limits]) if one.box.limits else "–",
            _percent(one.box.density),
            _percent(one.box.coverage) if one.box.all_hits else "–",
            f"{one.box.hits} of {one.box.points}",
            f"{one.box.all_hits} of {one.box.all_points}",
        ]
        for one in outcomes
        if one.box is not None
    ]
    header = ["box", "economy", "case", "limits", "density", "coverage", "hits inside", "hits in all"]
    return StudyTable("Boxes", "Also in boxes.parquet; which settings are hits stands in cases.parquet.", header, rows)


def _tested(study: Study, outcomes: Sequence[Outcome]) -> StudyTable:
    found: Any = study.prepared.experiment.found  # type: ignore[attr-defined]
    rows = [
        [
            one.case.name,
            one.economy,
            _percent(found.density),
            share(one.rate),
            f"{int(one.hits.sum())} of {one.rate.replications}",
            _percent(found.base_rate),
        ]
        for one in outcomes
    ]
    header = ["case", "economy", "density where it was found", "density out of sample", "hits", "of all settings"]
    return StudyTable("The box on new settings", "With Wilson's 95 % interval; also in retest.parquet.", header, rows)
