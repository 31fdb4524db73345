"""A paired counterfactual in sentences: by how much, how sure, and why customers moved."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.columns import CAUSES
from sim.measures import Estimate
from sim.plots.words import count
from sim.report.findings import Finding
from sim.report.reasons import PLURAL
from sim.report.words import economy_words, listed
from sim.studies.differences import Difference, estimate_of, paired
from sim.studies.wording import amount, clear, signed

if TYPE_CHECKING:
    from sim.studies.study import Study

__all__ = ["Case", "final", "findings_of", "largest", "most", "why"]


class Case:
    """A study and its differences, in the economy that the words are about."""

    def __init__(self, study: Study, differences: Sequence[Difference]) -> None:
        self.study, self.differences = study, list(differences)
        prepared = study.prepared
        self.prepared = prepared
        self.focus = "transition" if "transition" in prepared.economies else prepared.economies[-1]
        self.changes = list(dict.fromkeys(one.change for one in differences))

    def of(self, change: str, economy: str | None = None) -> Difference | None:
        """The difference of a change in an economy, by default the one that the words are about."""
        wanted = economy or self.focus
        return next((one for one in self.differences if (one.change, one.economy) == (change, wanted)), None)

    @property
    def replications(self) -> int:
        """Pairs of runs."""
        return max((len(one.pair.moves[0]) for one in self.differences), default=0)


def findings_of(case: Case) -> Iterator[Finding]:
    """The sentences at the head of the page: of the change with the largest effect, if there are several."""
    if not case.differences:
        yield Finding("Nothing to compare", "no replication has both a baseline and a change; see failures.parquet.")
        return
    change = max(case.changes, key=lambda name: largest(case.of(name)))
    here = case.of(change)
    if here is None:
        return
    yield Finding("By how much", _by_how_much(case, here))
    yield Finding("How sure", _how_sure(case, here))
    yield Finding("Why customers moved", why(case, here))
    if len(case.study.failures):
        failed = count(len(case.study.failures), "replication")
        yield Finding("Not all runs are there", f"{failed} failed; see failures.parquet.")


def largest(one: Difference | None) -> float:
    """The largest difference of a final share."""
    return 0.0 if one is None else abs(float(one.over_time["share"].mean[-1, most(one)]))


def most(here: Difference) -> int:
    """Place of the seller whose final share moves most, of those that are in the market on both sides."""
    finals = np.abs(here.over_time["share"].mean[-1])
    return max(here.pair.common, key=lambda place: float(finals[place]), default=int(np.argmax(finals)))


def final(one: Difference, seller: str) -> Estimate:
    """Difference of a seller's share at the end [-]."""
    place = one.pair.sellers.index(seller)
    return estimate_of(one.over_time["share"], len(one.pair.moves[0]), (-1, place))


def _by_how_much(case: Case, here: Difference) -> str:
    """The change with the largest effect: whose final share moves, and by how much."""
    common = [here.pair.sellers[place] for place in here.pair.common]
    gaps = {seller: final(here, seller) for seller in common}
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


def _which(case: Case, here: Difference) -> str:
    if len(case.changes) == 1:
        return f"the change “{here.change}”"
    return f"“{here.change}”, the change with the largest effect of {len(case.changes)},"


def _more_or_less(gap: Estimate) -> str:
    sign = 1 if gap.mean > 0 else -1
    low, high = sorted((100 * sign * gap.low, 100 * sign * gap.high))
    return f"{100 * abs(gap.mean):.1f} points {'more' if sign > 0 else 'less'} [{low:.1f}, {high:.1f}] of the market"


def _how_sure(case: Case, here: Difference) -> str:
    """What pairing was worth, measured on the final shares."""
    if case.replications < 2:
        return "One pair gives no interval."
    gap, place = here.over_time["share"], most(here)
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


def why(case: Case, here: Difference) -> str:
    """Which switches there are more of, and which fewer: set off by what, and between whom."""
    if here.pair.acts is None:
        return "Nobody moved otherwise."
    finals = here.over_time["share"].mean[-1]
    place = most(here)
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
