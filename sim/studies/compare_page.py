"""Figures and report of a paired counterfactual: by how much, how sure, and why customers moved."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import CAUSES
from sim.measures import Estimate
from sim.plots.curves import plot_curves
from sim.plots.differences import plot_differences, plot_moves
from sim.plots.sheet import figure_of
from sim.plots.words import count
from sim.report.findings import Finding
from sim.report.reasons import PLURAL
from sim.report.sections import Section
from sim.report.study import StudyPage, StudyTable, made_of, save_picture, write_study_page
from sim.report.words import economy_words, listed
from sim.results import measure_of
from sim.studies.differences import Difference, estimate_of, figures_of, paired
from sim.studies.wording import amount, clear, runs_of, shown_as, signed, title_of

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


class _Case:
    """A study and its differences, in the economy that the words are about."""

    def __init__(self, study: Study, differences: Sequence[Difference]) -> None:
        self.study, self.differences = study, list(differences)
        prepared = study.prepared
        self.prepared = prepared
        self.focus = "transition" if "transition" in prepared.economies else prepared.economies[-1]
        self.changes = list(dict.fromkeys(one.change for one in differences))

    def of(self, change: str, economy: str | None = None) -> Difference | None:
        wanted = economy or self.focus
        return next((one for one in self.differences if (one.change, one.economy) == (change, wanted)), None)

    @property
    def replications(self) -> int:
        return max((len(one.pair.moves[0]) for one in self.differences), default=0)


def write_pages(study: Study, differences: Sequence[Difference]) -> None:
    """Draw a comparison's figures and write its report."""
    case = _Case(study, differences)
    prepared, experiment = study.prepared, study.prepared.experiment
    page = StudyPage(
        kicker=f"A paired comparison: {count(len(prepared.columns['change']) - 1, 'change')} on common draws",
        name=experiment.name,
        description=experiment.description,
        setting=f"Scenario {prepared.base.name}: {count(prepared.base.buyers.count, 'buyer')}, "
        f"{count(prepared.base.horizon, 'month')}. Sellers: {listed(prepared.sellers)}. "
        f"Compared with the baseline: {listed([str(name) for name in prepared.columns['change'][1:]])}.",
        findings=list(_findings(case)),
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


def _findings(case: _Case) -> Iterator[Finding]:
    if not case.differences:
        yield Finding("Nothing to compare", "no replication has both a baseline and a change; see failures.parquet.")
        return
    change = max(case.changes, key=lambda name: _largest(case.of(name)))
    here = case.of(change)
    if here is None:
        return
    yield Finding("By how much", _by_how_much(case, here))
    yield Finding("How sure", _how_sure(case, here))
    yield Finding("Why customers moved", _why(case, here))
    if len(case.study.failures):
        failed = count(len(case.study.failures), "replication")
        yield Finding("Not all runs are there", f"{failed} failed; see failures.parquet.")


def _largest(one: Difference | None) -> float:
    """The largest difference of a final share."""
    return 0.0 if one is None else abs(float(one.over_time["share"].mean[-1, _most(one)]))


def _most(here: Difference) -> int:
    """Place of the seller whose final share moves most, of those that are in the market on both sides."""
    finals = np.abs(here.over_time["share"].mean[-1])
    return max(here.pair.common, key=lambda place: float(finals[place]), default=int(np.argmax(finals)))


def _final(one: Difference, seller: str) -> Estimate:
    place = one.pair.sellers.index(seller)
    return estimate_of(one.over_time["share"], len(one.pair.moves[0]), (-1, place))


def _by_how_much(case: _Case, here: Difference) -> str:
    """The change with the largest effect: whose final share moves, and by how much."""
    common = [here.pair.sellers[place] for place in here.pair.common]
    gaps = {seller: _final(here, seller) for seller in common}
    telling = [name for name in gaps if clear(gaps[name]) and gaps[name].mean]
    telling.sort(key=lambda name: -abs(gaps[name].mean))
    where, which = economy_words(case.focus), _which(case, here)
    if here.pair.acts is None:
        return f"In {where}, {which} changes nothing at all: both paths are the same to the last figure."
    if not common:
        return f"In {where}, no seller is in the market on both sides."
    if case.replications < 2:
        name = max(gaps, key=lambda seller: abs(gaps[seller].mean))
        moved = amount("final_share", gaps[name])
        return f"In the one pair of {where}, without an interval, {which} moves {name} most: {moved}."
    if not telling:
        return f"In {where}, {which} moves no seller's final share beyond what chance explains."
    parts = [f"{name} ends with {_more_or_less(gaps[name])}" for name in telling[:3]]
    alone = [name for name in here.pair.sellers if name not in common]
    but = f" ({listed(alone)} {'is' if len(alone) == 1 else 'are'} on one side only)" if alone else ""
    return f"In {where}, {which} means that {listed(parts)}{but}."


def _which(case: _Case, here: Difference) -> str:
    if len(case.changes) == 1:
        return f"the change “{here.change}”"
    return f"“{here.change}”, the change with the largest effect of {len(case.changes)},"


def _more_or_less(gap: Estimate) -> str:
    sign = 1 if gap.mean > 0 else -1
    low, high = sorted((100 * sign * gap.low, 100 * sign * gap.high))
    return f"{100 * abs(gap.mean):.1f} points {'more' if sign > 0 else 'less'} [{low:.1f}, {high:.1f}] of the market"


def _how_sure(case: _Case, here: Difference) -> str:
    """What pairing was worth, measured on the final shares."""
    if case.replications < 2:
        return "One pair gives no interval."
    gap, place = here.over_time["share"], _most(here)
    seller = here.pair.sellers[place]
    narrow = 100 * float(gap.high[-1, place] - gap.low[-1, place])
    wide = 100 * float(gap.unpaired_high[-1, place] - gap.unpaired_low[-1, place])
    reduction = float(gap.variance_reduction[-1, place])
    acts = here.pair.acts
    same = f" Until month {acts}, both paths are the same to the last figure." if acts else ""
    if math.isnan(reduction) or reduction >= 1:
        return f"All {case.replications} pairs say the same.{same}"
    worth = (
        f"unpaired runs would have given {wide:.2g} points, and would have had to be {1 / (1 - reduction):.2g} times "
        f"as many (variance reduction {100 * reduction:.0f} %)"
        if reduction > 0
        else f"unpaired runs would have given {wide:.2g} points: here pairing does not help "
        f"(variance reduction {signed(100 * reduction, 0)} %)"
    )
    return (
        f"With {count(case.replications, 'pair')}, the 95 % interval for {seller} is {narrow:.2g} points wide; {worth}."
        f"{same}"
    )


def _why(case: _Case, here: Difference) -> str:
    """Which switches there are more of, and which fewer: set off by what, and between whom."""
    if here.pair.acts is None:
        return "Nobody moved otherwise."
    finals = here.over_time["share"].mean[-1]
    place = _most(here)
    seller = here.pair.sellers[place]
    one, two = here.pair.moves
    pairs = len(one)
    sides = {
        "away from": (one[:, place], two[:, place]),
        "to": (one[:, :, place], two[:, :, place]),
    }
    totals = {
        side: estimate_of(paired(*(part.sum(axis=(1, 2)) for part in parts)), pairs) for side, parts in sides.items()
    }
    told = [_more_switches(total, side) for side, total in totals.items()]
    side = max(totals, key=lambda name: abs(totals[name].mean))
    causes = paired(*(part.sum(axis=1) for part in sides[side]))
    by_cause = {PLURAL.get(name, name): estimate_of(causes, pairs, at) for at, name in enumerate(CAUSES)}
    gain = tuple(part[:, :, place].sum(axis=2) - part[:, place].sum(axis=2) for part in (one, two))
    net = paired(*gain)
    partners = {name: estimate_of(net, pairs, at) for at, name in enumerate(here.pair.sellers) if at != place}
    verb = "gains" if finals[place] > 0 else "loses"
    return (
        f"{seller} {verb} most. A run has {listed(told)}. Those {side} it differ most in what set them off: "
        f"{_ranked(by_cause)}. Net of both directions, the difference comes from {_ranked(partners)}."
    )


def _more_switches(gap: Estimate, side: str) -> str:
    """A difference of switches in words: ``512 [480, 544] more switches to it``."""
    low, high = sorted((abs(gap.low), abs(gap.high)))
    if math.isnan(gap.low) or not clear(gap):
        return f"{_switches(gap)} switches {side} it"
    return f"{abs(gap.mean):.0f} [{low:.0f}, {high:.0f}] {'more' if gap.mean > 0 else 'fewer'} switches {side} it"


def _switches(gap: Estimate) -> str:
    """A difference of switches: ``+512 [+480, +544]``."""
    words = signed(gap.mean, 0)
    return words if math.isnan(gap.low) else f"{words} [{signed(gap.low, 0)}, {signed(gap.high, 0)}]"


def _ranked(parts: Mapping[str, Estimate]) -> str:
    """The largest differences of which the sign is sure, at most two; or that there are none."""
    sure = [name for name, gap in parts.items() if gap.mean and (clear(gap) or math.isnan(gap.low))]
    sure.sort(key=lambda name: -abs(parts[name].mean))
    if not sure:
        return "nothing that chance does not explain"
    return listed([f"{name} {_switches(parts[name])}" for name in sure[:2]])


def _sections(case: _Case) -> Iterator[Section]:
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
        change = max(case.changes, key=lambda name: _largest(case.of(name)))
        yield _over_time(case, change, "")
        yield _moves(case, change, "")


def _note(case: _Case, more: str = "") -> str:
    return f"Mean and 95 % interval of {count(case.replications, 'pair')} of runs on common draws. {more}".strip()


def _over_time(case: _Case, change: str, suffix: str) -> Section:
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
        + "; ".join(f"{seller} {amount('final_share', _final(one, seller))}" for seller in one.pair.sellers)
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


def _moves(case: _Case, change: str, suffix: str) -> Section:
    """Differences in switches by cause."""
    here = {one.economy: one for one in case.differences if one.change == change}
    found = {}
    for economy, one in here.items():
        gap = paired(*(part.sum(axis=(1, 2)) for part in one.pair.moves))
        found[economy] = {name: np.array([gap.mean[at], gap.low[at], gap.high[at]]) for at, name in enumerate(CAUSES)}
    axes = plot_moves(found, title=f"Why customers move otherwise with “{change}”", note=_note(case))
    told = [f"In {economy_words(economy)}: {_why(case, one)}" for economy, one in here.items()]
    return Section(
        f"{change[0].upper()}{change[1:]}: why customers moved",
        told,
        save_picture(figure_of(axes[0]), case.study.path, f"why_customers_moved{suffix}"),
        "Switches more or fewer than without the change, over the whole run, by what set them off.",
        "Bar charts of the paired difference in switches by cause, one for each economy.",
    )


def _series(case: _Case) -> Iterator[Section]:
    """Every measure over the changes, in their order."""
    factor = _across(case)
    groups: dict[str, list[str]] = {}
    for seller, measure in case.prepared.figures:
        groups.setdefault(measure, []).append(seller)
    for measure, sellers in groups.items():
        curves: dict[str, dict[str, np.ndarray]] = {}
        shown, words = shown_as(measure), title_of("", measure)
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
                panel, line = (economy, seller) if seller else (words, economy)
                curves.setdefault(panel, {})[line] = bands
        if not curves:
            continue
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


def _across(case: _Case) -> tuple[str, list[Any]]:
    """What goes across: the values of a series, or the names of the changes."""
    columns = case.prepared.columns
    names = [str(name) for name in columns["change"]]
    for path, values in columns.items():
        if path != "change":
            found = [values[names.index(change)] for change in case.changes]
            if all(value is not None for value in found):
                return path, found
    return "change", list(case.changes)


def _steps(case: _Case) -> Iterator[StudyTable]:
    """What each step of a series does: one change against the one before, on the same draws."""
    prepared = case.prepared
    if len(prepared.columns) < 2 or len(case.changes) < 2:
        return
    here = case.of(max(case.changes, key=lambda name: _largest(case.of(name))))
    assert here is not None
    seller = here.pair.sellers[_most(here)]
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


def _table(case: _Case) -> StudyTable:
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
