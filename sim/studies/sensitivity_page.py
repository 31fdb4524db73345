"""Figures and report of a sensitivity: what matters, how sure, and what is chance."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.measures import Estimate, mean_interval
from sim.plots.sheet import figure_of
from sim.plots.tornado import plot_ladder, plot_tornado
from sim.plots.words import SPACE, count
from sim.report.findings import Finding
from sim.report.sections import Section
from sim.report.study import StudyPage, StudyTable, made_of, save_picture, write_study_page
from sim.report.words import economy_words, listed, share
from sim.results import measure_of
from sim.studies.indices import Index
from sim.studies.sensitivity import GROUP
from sim.studies.sensitivity_tables import Matter
from sim.studies.wording import amount, clear, factor_words, in_words, runs_of, shown_as, title_of

if TYPE_CHECKING:
    from sim.studies.study import Study

__all__ = ["index_in_words", "main_index", "write_pages"]

MAIN = {"morris": "importance", "sobol": "total", "factorial": "effect"}
PARTS = ("first", "total", "pair")  # of the variance between points
WORDS = {
    "point": "One setting of the factors. Every point is run on the same draws, so that points differ by their "
    "settings and not by luck.",
    "95 % interval": "The figures in square brackets. It says how well a figure is known from these points and runs; "
    "it says nothing about whether the assumptions hold.",
    "chance": "The part of the differences between points that would be gone with very many runs of each.",
}
WORDS_OF = {
    "morris": {
        "importance": "The mean size of a factor's effect: how far the outcome moves while the factor goes through "
        "its whole range, from many starting points (Morris's mu star).",
        "spread": "How different the effect is from one starting point to another: large where a factor works by "
        "bends, or together with others (Morris's sigma).",
    },
    "sobol": {
        "first": "The part of the outcome's variance over the ranges that would be gone if this factor were known.",
        "total": "The part that would remain if all factors but this one were known. What it has beyond `first`, the "
        "factor does together with others.",
    },
    "factorial": {
        "effect": "The mean outcome with a factor at its second level less that at its first, over every combination "
        "of the others.",
        "interaction": "Half of what a factor does more when another is at its second level instead of its first.",
        "first and total": "Parts of the variance between the combinations: by the factor alone, and with all that it "
        "does together with others.",
    },
}


def main_index(study: Study) -> str:
    """The index that a study is about, by its design."""
    return MAIN[study.prepared.experiment.design.kind]  # type: ignore[attr-defined]


def index_in_words(one: Index, measure: str) -> str:
    """An index with its interval and unit."""
    estimate = Estimate(one.value, one.low, one.high, 2, 0)
    return share(estimate) if one.name in PARTS else amount(measure, estimate)


class _Case:
    """A study, what matters in it, and the economy that the words are about."""

    def __init__(self, study: Study, matters: Sequence[Matter]) -> None:
        self.study, self.matters = study, list(matters)
        prepared = study.prepared
        self.prepared, self.experiment = prepared, prepared.experiment
        self.design = prepared.experiment.design.kind  # type: ignore[attr-defined]
        self.main = MAIN[self.design]
        self.paths = [factor.path for factor in prepared.experiment.parts]  # type: ignore[attr-defined]
        self.names = [factor_words(path) for path in self.paths]
        if len(set(self.names)) < len(self.names):
            self.names = self.paths
        self.focus = "transition" if "transition" in prepared.economies else prepared.economies[-1]

    def of(self, figure: tuple[str, str]) -> dict[str, Matter]:
        """By economy, where there is something to tell."""
        return {one.economy: one for one in self.matters if one.figure == figure and one.indices}

    def order(self, matter: Matter) -> list[int]:
        """Factors, the one that matters most first."""
        found = matter.named(self.main)
        return sorted(found, key=lambda factor: -abs(found[factor].value))

    def corner(self, on: set[int]) -> int:
        """The point of a factorial with these factors at their second level."""
        wanted = [1.0 if place in on else 0.0 for place in range(len(self.paths))]
        places = self.experiment.places  # type: ignore[attr-defined]
        return int(np.flatnonzero((places == wanted).all(axis=1))[0])


def write_pages(study: Study, matters: Sequence[Matter]) -> None:
    """Draw a sensitivity's figures and write its report."""
    case = _Case(study, matters)
    prepared = study.prepared
    what = {"morris": "Morris screening", "sobol": "Sobol' indices", "factorial": "a full factorial"}[case.design]
    page = StudyPage(
        kicker=f"What matters: {what} of {count(len(case.paths), 'factor')}, {count(prepared.points, 'point')}",
        name=case.experiment.name,
        description=case.experiment.description,
        setting=f"Varies {listed(case.names)} in the scenario {prepared.base.name}: "
        f"{count(prepared.base.buyers.count, 'buyer')}, {count(prepared.base.horizon, 'month')}. "
        f"Sellers: {listed(prepared.sellers)}.",
        findings=list(_findings(case)),
        sections=list(_sections(case)),
        tables=list(_tables(case)),
        words=WORDS | WORDS_OF[case.design],
        made=made_of(study.provenance, runs_of(prepared.points, len(prepared.economies), prepared.replications)),
        software=f"{study.provenance['software']['name']} {study.provenance['software']['version']}",
    )
    write_study_page(study.path, page)


def _findings(case: _Case) -> Iterator[Finding]:
    for figure in case.prepared.figures[:2]:
        here = case.of(figure).get(case.focus)
        name, where = title_of(*figure), economy_words(case.focus)
        if here is None:
            yield Finding("What matters", f"In {where}, the {name} does not vary, or is not defined, so nothing does.")
            continue
        yield Finding("What matters", _what_matters(case, here))
        if case.design == "factorial":
            yield Finding("Alone and together", _together(case, here))
    first = next((one for one in case.matters if one.economy == case.focus and not math.isnan(one.noise)), None)
    if first is not None:
        part = 100 * first.noise
        words = f"{part:.1f}" if part >= 0.05 else "less than 0.1"
        yield Finding(
            "What is chance",
            f"Of the variance of the {title_of(*first.figure)} between points, {words}{SPACE}% is the chance of "
            f"{count(first.outcomes.shape[1], 'run')} of each; the rest is the factors' doing.",
        )
    if len(case.study.failures):
        yield Finding(
            "Not all runs are there", f"{count(len(case.study.failures), 'replication')} failed; see failures.parquet."
        )


def _what_matters(case: _Case, here: Matter) -> str:
    found, order, measure = here.named(case.main), case.order(here), here.figure[1]
    name, where = title_of(*here.figure), economy_words(here.economy)
    told = [factor for factor in order if case.main != "effect" or clear(_estimate(found[factor]))]
    parts = [f"{case.names[factor]} {index_in_words(found[factor], measure)}" for factor in told[:3]]
    if not parts:
        return f"In {where}, no factor moves the {name} beyond what chance explains."
    verb = {
        "effect": f"these move the {name} most, on average over all settings of the others",
        "importance": f"these move the {name} most while they go through their whole range",
        "total": f"most of the differences in the {name} go to these, with all that they do together with others",
    }[case.main]
    return f"In {where}, {verb}: {listed(parts)}."


def _together(case: _Case, here: Matter) -> str:
    """From none to all; how far one factor goes alone, and how much is undone without one."""
    every = set(range(len(case.paths)))
    none, whole = here.outcomes[case.corner(set())], here.outcomes[case.corner(every)]
    gap, name = mean_interval(whole - none), title_of(*here.figure)
    groups = all(path.startswith(GROUP) for path in case.paths)
    what = "All of them in pull" if groups else "All factors at their second level"
    text = f"{what} move the {name} by {amount(here.figure[1], gap)} in {economy_words(here.economy)}"
    if math.isnan(gap.low):
        return f"{text}."
    if not clear(gap):
        return f"{text}, which is no more than chance explains."
    alone = {one: mean_interval((here.outcomes[case.corner({one})] - none) / gap.mean) for one in every}
    undone = {one: mean_interval((whole - here.outcomes[case.corner(every - {one})]) / gap.mean) for one in every}
    far, most = max(alone, key=lambda one: alone[one].mean), max(undone, key=lambda one: undone[one].mean)
    single = "None alone goes any of that way"
    if alone[far].low > 0:
        single = f"Alone, {case.names[far]} goes furthest: {share(alone[far])} of the way"
    if undone[most].low <= 0:
        return f"{text}. {single}."
    return f"{text}. {single}. Leaving out {case.names[most]} alone undoes most: {share(undone[most])} of it."


def _estimate(one: Index) -> Estimate:
    return Estimate(one.value, one.low, one.high, 2, 0)


def _sections(case: _Case) -> Iterator[Section]:
    for figure in case.prepared.figures:
        found = case.of(figure)
        if not found:
            continue
        if case.design == "factorial":
            yield _ladder(case, figure, found)
        yield _tornado(case, figure, found)


def _note(case: _Case, found: dict[str, Matter], more: str) -> str:
    runs = min(one.outcomes.shape[1] for one in found.values())
    noise = max(one.noise for one in found.values())
    chance = "" if math.isnan(noise) else f" Chance makes {100 * noise:.1f} % of the variance between points."
    return f"{more} Lines: 95 % intervals; {count(runs, 'run')} of each point on common draws.{chance}"


def _tornado(case: _Case, figure: tuple[str, str], found: dict[str, Matter]) -> Section:
    first = found.get(case.focus) or next(iter(found.values()))
    order, shown, name = case.order(first), shown_as(figure[1]), title_of(*figure)

    def bars(index: str) -> dict[str, dict[str, np.ndarray]]:
        return {
            economy: {
                case.names[factor]: np.array(
                    [getattr(one.named(index)[factor], end) for end in ("value", "low", "high")]
                )
                for factor in order
            }
            for economy, one in found.items()
        }

    unit = f"{name}, {shown.difference}" if shown.difference else name
    if case.design == "sobol":
        axes = plot_tornado(
            bars("first"),
            title=f"What the {name} depends on",
            unit="part of the variance between points [%]",
            behind=bars("total"),
            scale=100.0,
            note=_note(case, found, "Dark: alone. Pale: with all that it does together with others."),
        )
    else:
        morris = case.design == "morris"
        axes = plot_tornado(
            bars("mean_effect" if morris else "effect"),
            title=f"What moves the {name}",
            unit=unit,
            behind=bars("importance") if morris else None,
            scale=shown.scale,
            note=_note(
                case,
                found,
                "Dark: mean effect of going through the whole range. Pale: mean size of the effect, whichever way."
                if morris
                else "Mean over all settings of the others of what the second level does against the first.",
            ),
        )
    said = [_what_matters(case, one) for one in found.values()]
    if case.design == "factorial":
        said += [words for one in found.values() if (words := _pairs(case, one))]
    return Section(
        f"What moves the {name}",
        said,
        save_picture(figure_of(axes[0]), case.study.path, _file("tornado", figure[1], figure[0])),
        f"{measure_of(figure[1]).meaning.capitalize()}: what each factor does, the strongest on top.",
        f"Bars of each factor's weight for the {name}, one panel an economy. The table below has the figures.",
    )


def _pairs(case: _Case, here: Matter) -> str:
    """The strongest interactions that are clear of zero."""
    pairs = [one for one in here.indices if one.name == "interaction" and clear(_estimate(one))]
    pairs.sort(key=lambda one: -abs(one.value))
    if not pairs:
        return ""
    parts = [
        f"{case.names[one.factor]} with {case.names[one.other]} {index_in_words(one, here.figure[1])}"
        for one in pairs[:3]
    ]
    return f"The strongest interactions in {economy_words(here.economy)}: {listed(parts)}."


def _ladder(case: _Case, figure: tuple[str, str], found: dict[str, Matter]) -> Section:
    first = found.get(case.focus) or next(iter(found.values()))
    shown, name, every = shown_as(figure[1]), title_of(*figure), set(range(len(case.paths)))
    order = case.order(first)

    def band(one: Matter, on: set[int]) -> np.ndarray:
        return np.array(one.at(case.corner(on))[:3])

    rungs = {
        economy: {case.names[factor]: (band(one, {factor}), band(one, every - {factor})) for factor in order}
        for economy, one in found.items()
    }
    ends = {economy: (band(one, set())[0], band(one, every)[0]) for economy, one in found.items()}
    ticks = case.prepared.base.horizon
    late = f" A duration that has not ended counts as {ticks}." if measure_of(figure[1]).kind == "duration" else ""
    axes = plot_ladder(
        rungs,
        ends,
        title=f"One at a time: {name}",
        unit=f"{name} [{shown.unit}]" if shown.unit else name,
        scale=shown.scale,
        note=_note(case, found, late).strip(),
    )
    return Section(
        f"One at a time: {name}",
        [_together(case, one) for one in found.values()],
        save_picture(figure_of(axes[0]), case.study.path, _file("one_at_a_time", figure[1], figure[0])),
        "What each factor does alone, and what is missing without it.",
        f"For each factor the {name} with only this one at its second level, and with all but this one.",
    )


def _tables(case: _Case) -> Iterator[StudyTable]:
    if case.design == "factorial":
        yield _corners(case)
    names = list(dict.fromkeys(one.name for matter in case.matters for one in matter.indices))
    singles = [name for name in names if name not in ("pair", "interaction")]
    header = ["economy", "measure", "factor", *(name.replace("_", " ") for name in singles), "chance"]
    rows: list[Sequence[str]] = []
    for matter in case.matters:
        chance = "–" if math.isnan(matter.noise) else f"{100 * matter.noise:.1f}{SPACE}%"
        found = {name: matter.named(name) for name in singles}
        for factor in case.order(matter):
            cells = [index_in_words(found[name][factor], matter.figure[1]) for name in singles]
            rows.append([matter.economy, title_of(*matter.figure), case.names[factor], *cells, chance])
    more = " Those of pairs stand there too." if len(singles) < len(names) else ""
    yield StudyTable(
        "All factors in figures",
        "Indices with 95 % intervals, and the part of the variance between points that is chance; also in "
        f"indices.parquet.{more}",
        header,
        rows,
    )


def _corners(case: _Case) -> StudyTable:
    """All, none, all but one, one only: the settings that answer which of them does it."""
    every = set(range(len(case.paths)))
    settings = [("all", every), ("none", set())]
    settings += [(f"all but {case.names[factor]}", every - {factor}) for factor in range(len(case.paths))]
    settings += [(f"only {case.names[factor]}", {factor}) for factor in range(len(case.paths))]
    estimates = _estimates(case.study)
    figures = case.prepared.figures
    rows = [
        [
            name,
            economy,
            *(
                in_words(measure, estimates[case.corner(on), economy, seller, measure], case.prepared.base.horizon)
                for seller, measure in figures
            ),
        ]
        for economy in case.prepared.economies
        for name, on in settings
    ]
    header = ["at the second level", "economy", *(title_of(*figure) for figure in figures)]
    caption = "Means over runs with 95 % intervals; of durations the median. All combinations stand in summary.csv."
    return StudyTable("One at a time in figures", caption, header, rows)


def _estimates(study: Study) -> dict[Any, Estimate]:
    names = ("point", "economy", "seller", "measure", "mean", "low", "high", "replications", "censored")
    rows = zip(*(study.summary[name] for name in names), strict=True)
    return {row[:4]: Estimate(*row[4:]) for row in rows}


def _file(*words: str) -> str:
    return "_".join(re.sub(r"[^0-9A-Za-z]", "_", word) for word in words if word)
