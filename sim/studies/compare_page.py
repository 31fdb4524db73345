"""Figures and report of a paired counterfactual: by how much, how sure, and why customers moved."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import CAUSES
from sim.plots.curves import plot_curves
from sim.plots.differences import plot_differences, plot_moves
from sim.plots.sheet import figure_of
from sim.plots.words import count
from sim.report.sections import Section
from sim.report.study import StudyPage, StudyTable, made_of, save_picture, write_study_page
from sim.report.words import economy_words, listed
from sim.results import measure_of
from sim.studies.compare_words import Case, final, findings_of, largest, most, why
from sim.studies.differences import Difference, estimate_of, figures_of, paired
from sim.studies.wording import amount, axes_in_words, runs_of, shown_as, signed, title_of

if TYPE_CHECKING:
    from sim.studies.study import Study

__all__ = ["write_pages"]

MOST_DRAWN = 4  # changes that get a picture over time of their own; a longer list is a series
WORDS = {
    "paired": "The run with the change and the run without it have the same buyers, the same sellers and the same "
    "luck, number by number. What differs between them is the change's doing.",
    "95 % interval": "The figures in square brackets, and the bands: where the average difference of very many pairs "
    "is to be expected. It says nothing about whether the assumptions hold.",
    "variance reduction": "How much of the noise of unpaired runs the pairing takes away. At 90 % unpaired runs would "
    "have to be ten times as many for the same interval. Below 0 it would have been better not to pair.",
    "half-life": "The month in which half of a seller's first-year share is gone. In differences it counts up to the "
    "end of the run where that did not happen.",
    "cause": "What set off the episode that ended in a change of seller.",
}


def write_pages(study: Study, differences: Sequence[Difference]) -> None:
    """Draw a comparison's figures and write its report."""
    case = Case(study, differences)
    prepared, experiment = study.prepared, study.prepared.experiment
    page = StudyPage(
        kicker=f"A paired comparison: {count(len(prepared.columns['change']) - 1, 'change')} on common draws",
        name=experiment.name,
        description=experiment.description,
        setting=f"Scenario {prepared.base.name}: {count(prepared.base.buyers.count, 'buyer')}, "
        f"{count(prepared.base.horizon, 'month')}. Sellers: {listed(prepared.sellers)}. "
        f"Compared with the baseline: {listed([str(name) for name in prepared.columns['change'][1:]])}.",
        findings=list(findings_of(case)),
        sections=list(_sections(case)),
        tables=[*_steps(case), _table(case)],
        words=WORDS,
        made=made_of(
            study.provenance,
            runs_of(prepared.points, len(prepared.economies), prepared.replications, "scenario"),
        ),
        software=f"{study.provenance['software']['name']} {study.provenance['software']['version']}",
    )
    write_study_page(study.path, page)


def _sections(case: Case) -> Iterator[Section]:
    if not case.differences:
        return
    many = len(case.changes) > 1
    if many:
        yield from _series(case)
    drawn = case.changes if len(case.changes) <= MOST_DRAWN else []
    for number, change in enumerate(drawn, 1):
        yield _over_time(case, change, f"_{number}" if many else "")
    for number, change in enumerate(drawn, 1):
        yield _moves(case, change, f"_{number}" if many else "")
    if not drawn:
        change = max(case.changes, key=lambda name: largest(case.of(name)))
        yield _over_time(case, change, "")
        yield _moves(case, change, "")


def _note(case: Case, more: str = "") -> str:
    return f"Mean and 95 % interval of {count(case.replications, 'pair')} of runs on common draws. {more}".strip()


def _over_time(case: Case, change: str, suffix: str) -> Section:
    """The paired difference in share, month by month."""
    here = {one.economy: one for one in case.differences if one.change == change}
    acts = min((one.pair.acts for one in here.values() if one.pair.acts is not None), default=None)

    def bands(low: str, high: str) -> dict[str, dict[str, np.ndarray]]:
        return {
            economy: {
                seller: np.array([getattr(one.over_time["share"], part)[:, at] for part in ("mean", low, high)])
                for at, seller in enumerate(one.pair.sellers)
            }
            for economy, one in here.items()
        }

    until = f"Dashed: month {acts}, until which both paths are the same. " if acts else ""
    axes = plot_differences(
        bands("low", "high"),
        case.prepared.sellers,
        title=f"What “{change}” does to market shares",
        unit="difference in share [points]",
        scale=100,
        acts=acts,
        unpaired=bands("unpaired_low", "unpaired_high") if case.replications > 1 else None,
        note=_note(case, f"{until}Thin lines: the interval that unpaired runs would have given."),
    )
    told = [
        f"In {economy_words(economy)}: "
        + "; ".join(f"{seller} {amount('final_share', final(one, seller))}" for seller in one.pair.sellers)
        + "."
        for economy, one in here.items()
    ]
    return Section(
        f"{change[0].upper()}{change[1:]}: market shares",
        told,
        save_picture(figure_of(axes[0]), case.study.path, f"difference_in_share{suffix}"),
        "Difference in market share between the run with the change and the run without it, month by month.",
        "Line charts of the paired difference in share, one for each economy. The sentences above give the last month.",
    )


def _moves(case: Case, change: str, suffix: str) -> Section:
    """Differences in switches by cause."""
    here = {one.economy: one for one in case.differences if one.change == change}
    found = {}
    for economy, one in here.items():
        gap = paired(*(part.sum(axis=(1, 2)) for part in one.pair.moves))
        found[economy] = {name: np.array([gap.mean[at], gap.low[at], gap.high[at]]) for at, name in enumerate(CAUSES)}
    axes = plot_moves(found, title=f"Why customers move otherwise with “{change}”", note=_note(case))
    told = [f"In {economy_words(economy)}: {why(case, one)}" for economy, one in here.items()]
    return Section(
        f"{change[0].upper()}{change[1:]}: why customers moved",
        told,
        save_picture(figure_of(axes[0]), case.study.path, f"why_customers_moved{suffix}"),
        "Switches more or fewer than without the change, over the whole run, by what set them off.",
        "Bar charts of the paired difference in switches by cause, one for each economy.",
    )


def _series(case: Case) -> Iterator[Section]:
    """Every measure over the changes, in their order."""
    factor = _across(case)
    groups: dict[str, list[str]] = {}
    for seller, measure in case.prepared.figures:
        groups.setdefault(measure, []).append(seller)
    for measure, sellers in groups.items():
        curves: dict[str, dict[str, np.ndarray]] = {}
        shown, words, moved = shown_as(measure), title_of("", measure), False
        for economy in case.prepared.economies:
            found = [case.of(change, economy) for change in case.changes]
            for seller in sellers:
                bands = np.array(
                    [
                        [math.nan] * 3 if one is None else [float(part) for part in one.figures[seller, measure][:3]]
                        for one in found
                    ]
                ).T
                if not np.isfinite(bands[0]).any():
                    continue
                moved |= bool(np.nan_to_num(bands[0]).any())
                panel, line = (economy, seller) if seller else (words, economy)
                curves.setdefault(panel, {})[line] = bands
        if not moved:
            continue  # nothing to see: the same on both sides in every pair; the table says so
        of_sellers = bool(sellers[0])
        axes = plot_curves(
            curves,
            factor,
            title=f"Difference in {title_of(sellers[0], measure) if len(sellers) == 1 else words}",
            unit=f"difference [{shown.difference}]" if shown.difference else "difference",
            scale=shown.scale,
            zero=True,
            sellers=case.prepared.sellers if of_sellers else None,
            note=_note(case),
        )
        yield Section(
            f"Difference in {words}",
            [],
            save_picture(figure_of(axes[0]), case.study.path, f"difference_in_{measure.replace('.', '_')}_by_change"),
            f"{measure_of(measure).meaning.capitalize()}: the change less the baseline, one place for each change.",
            f"Curves of the paired difference in {words} over the changes. The table below has the figures.",
        )


def _across(case: Case) -> tuple[str, list[Any]]:
    """What goes across: the values of a series, or the names of the changes."""
    columns = case.prepared.columns
    names = [str(name) for name in columns["change"]]
    for path, values in columns.items():
        if path != "change":
            found = [values[names.index(change)] for change in case.changes]
            if all(value is not None for value in found):
                return axes_in_words([path])[path], found
    return "change", list(case.changes)


def _steps(case: Case) -> Iterator[StudyTable]:
    """What each step of a series does: one change against the one before, on the same draws."""
    prepared = case.prepared
    if len(prepared.columns) < 2 or len(case.changes) < 2:
        return
    here = case.of(max(case.changes, key=lambda name: largest(case.of(name))))
    assert here is not None
    seller = here.pair.sellers[most(here)]
    chosen = [figure for figure in prepared.figures if figure[0] in (seller, "")]
    names = [str(name) for name in prepared.columns["change"]]
    path = next(path for path in prepared.columns if path != "change")
    points = [point for point in range(1, prepared.points) if prepared.columns[path][point] is not None]
    found, horizon = figures_of(case.study), float(prepared.base.horizon)
    rows: list[Sequence[str]] = []
    for before, after in pairwise(points):
        for economy in prepared.economies:
            cells = []
            for figure in chosen:
                place = prepared.figures.index(figure)
                one, two = (
                    np.minimum(found[point, economy][:, place], horizon)
                    if measure_of(figure[1]).kind == "duration"
                    else found[point, economy][:, place]
                    for point in (before, after)
                )
                count = int((~np.isnan(one + two)).sum())
                gap = paired(one, two, proportion=measure_of(figure[1]).kind == "proportion")
                cells.append(amount(figure[1], estimate_of(gap, count)))
            rows.append((f"{names[before]} → {prepared.columns[path][after]}", economy, *cells))
    if not chosen or not rows:
        return
    yield StudyTable(
        f"What each step means for {seller}",
        "One change of the series less the one before it, on the same draws: mean over pairs with the 95 % interval. "
        "Durations count up to the end of the run.",
        ("step", "economy", *(title_of(*figure) for figure in chosen)),
        rows,
    )


def _table(case: Case) -> StudyTable:
    rows: list[Sequence[str]] = []
    for one in case.differences:
        for (seller, measure), gap in one.figures.items():
            pairs, censored = one.counts[seller, measure]
            estimate = estimate_of(gap, pairs)._replace(censored=censored)
            wide = estimate._replace(low=float(gap.unpaired_low), high=float(gap.unpaired_high))
            reduction = float(gap.variance_reduction)
            rows.append(
                (
                    one.change,
                    one.economy,
                    title_of(seller, measure),
                    amount(measure, estimate),
                    amount(measure, wide),
                    "–" if math.isnan(reduction) else f"{signed(100 * reduction, 0).lstrip('+')} %",
                )
            )
    return StudyTable(
        "All differences in figures",
        "The change less the baseline: mean over pairs with the 95 % interval, the interval that unpaired runs would "
        "have given, and the part of their variance that pairing takes away. Durations count up to the end of the run.",
        ("change", "economy", "measure", "difference, paired", "the same, unpaired", "variance reduction"),
        rows,
    )
