"""Why customers left, in sentences made from the ledger of switches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.columns import CAUSES
from sim.measures import Estimate, mean_interval
from sim.plots.causes import cause_shares
from sim.plots.series import by_cause, moved, sellers_of
from sim.report.standings import Results
from sim.report.words import economy_words, share

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["Reasons", "ranking", "reasons_of", "why_they_left"]

OWN = ("disappointment", "routine research")  # buyers who looked around of their own accord
SELLERS = ("push message", "visit")
PLURAL = {"push message": "push messages", "visit": "visits", "seller gone": "the end of their seller"}


@dataclass(frozen=True)
class Reasons:
    """What set off the switches of one economy, or those away from one seller.

    Attributes
    ----------
    causes : mapping of str to Estimate
        Part of the switches by cause [-]; without replications if nobody switched.
    own, sellers : Estimate
        Part that the buyers' own looking around set off, and that sellers' contacts did [-].
    destinations : mapping of str to Estimate
        Part of the switches by the seller that was chosen [-].
    """

    causes: dict[str, Estimate]
    own: Estimate
    sellers: Estimate
    destinations: dict[str, Estimate]


def reasons_of(run: Run, economy: str, seller: str | None = None) -> Reasons:
    """Reasons for the switches in an economy, or for those away from `seller`."""
    ledger, names = by_cause(run, economy, seller), sellers_of(run)
    flows = moved(run, economy)
    flow = flows.sum(axis=1) if seller is None else flows[:, names.index(seller)]
    every = flow.sum(axis=1, keepdims=True)
    parts = np.divide(flow, every, out=np.full_like(flow, np.nan), where=every > 0)
    return Reasons(
        causes=dict(zip(CAUSES, cause_shares(ledger), strict=True)),
        own=_together(ledger, OWN),
        sellers=_together(ledger, SELLERS),
        destinations={name: mean_interval(parts[:, place]) for place, name in enumerate(names) if name != seller},
    )


def why_they_left(run: Run, results: Results) -> list[str]:
    """Up to three sentences: the causes in the economy in focus, who started, and the largest loser's case."""
    here = reasons_of(run, results.focus)
    where = economy_words(results.focus)
    if not here.own.replications:
        return [f"In {where} nobody switched."]
    alone = " (one run, no interval)" if here.own.replications == 1 else ""
    said = [f"In {where}, {ranking(_in_words(here.causes), 'set off', 'of all switches')}{alone}."]
    looked = (
        "Buyers who looked around of their own accord (disappointed, or as a routine) "
        f"account for {share(here.own)} of switches in {where}"
    )
    if results.reference is not None:
        there = reasons_of(run, results.reference)
        if there.own.replications:
            looked += f", and for {share(there.own)} in {economy_words(results.reference)}"
    said.append(f"{looked}; sellers' messages and visits for {share(here.sellers)}.")
    opening = [one for one in results.standings[results.focus].values() if one.kept.replications and one.kept.mean < 1]
    if opening and len(results.standings[results.focus]) > 2:
        loser = min(opening, key=lambda one: one.final.mean - one.start.mean).seller
        case = reasons_of(run, results.focus, loser)
        if case.own.replications:
            said.append(
                f"Of the switches away from {loser}, {ranking(_in_words(case.causes), 'set off')}, "
                f"and {ranking(case.destinations, 'won')}."
            )
    return said


def ranking(parts: dict[str, Estimate], verb: str, rest: str = "") -> str:
    """The largest part and the next; side by side if their intervals overlap.

    Parameters
    ----------
    parts : mapping of str to Estimate
        At least one, with replications [-].
    verb, rest : str
        What the parts did, and to what.
    """
    ranked = sorted(parts, key=lambda name: -parts[name].mean)
    first, second = ranked[0], ranked[1] if len(ranked) > 1 else None
    tail = f" {rest}" if rest else ""
    if second is None or parts[second].mean == 0:
        return f"{first} {verb} {share(parts[first])}{tail}"
    one, two = parts[first], parts[second]
    if one.low <= two.high:  # False without intervals
        return f"{first} ({share(one)}) and {second} ({share(two)}) {verb} about as many{tail}"
    return f"{first} {verb} {share(one)}{tail}, ahead of {second} with {share(two)}"


def _in_words(causes: dict[str, Estimate]) -> dict[str, Estimate]:
    """Causes as a sentence names them."""
    return {PLURAL.get(cause, cause): part for cause, part in causes.items()}


def _together(ledger: np.ndarray, causes: Sequence[str]) -> Estimate:
    total = ledger.sum(axis=1)
    every = total.sum(axis=1)
    those = total[:, [CAUSES.index(cause) for cause in causes]].sum(axis=1)
    return mean_interval(np.divide(those, every, out=np.full(every.shape, np.nan), where=every > 0))
