"""Three sentences of finding, made from the numbers; none claims what its interval does not carry.

Who loses, who leads, and what the economy changes. A claim about one seller needs an interval
that keeps clear of the border; one about two needs intervals that do not overlap; one about two
economies needs an interval of the paired difference, replication by replication, that does not
hold zero. With one replication there is no interval, and the sentences say so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from sim.measures import Estimate, mean_interval
from sim.plots.erosion import half_life_words
from sim.report.standings import Results, Standing
from sim.report.words import economy_words, listed, month_words, points, runs_words, share

__all__ = ["Finding", "difference", "economy_changes", "findings", "who_leads", "who_loses"]

MOST_NAMED = 3
HALF = 0.5


class Finding(NamedTuple):
    """A sentence and the two words that lead to it."""

    lead: str
    text: str


def findings(results: Results) -> list[Finding]:
    """The three sentences.

    Parameters
    ----------
    results : Results
        Standings of a run.
    """
    return [
        Finding("Who loses", who_loses(results)),
        Finding("Who leads", who_leads(results)),
        Finding("What the economy changes", economy_changes(results)),
    ]


def who_loses(results: Results) -> str:
    """Sellers of the opening who lose share in the economy in focus, and when half was gone."""
    here = results.standings[results.focus]
    if all(standing.survivors == 0 for standing in here.values()):
        last = max((standing.exit.mean for standing in here.values() if standing.exit.replications), default=math.nan)
        when = f" by month {last:.0f}" if math.isfinite(last) else ""
        return _opened(results, f"every seller gives up{when}, and no seller is left at the end.")
    opening = [standing for standing in here.values() if standing.kept.replications]
    losers = sorted((one for one in opening if _below(one.kept, 1.0)), key=lambda one: one.final.mean - one.start.mean)
    halved = [one for one in losers if _below(one.kept, HALF)]
    if not losers:
        nobody = f"{opening[0].seller} does not lose" if len(opening) == 1 else "no seller of the opening loses"
        return _opened(results, f"{nobody} share" + (" beyond what chance explains." if _replicated(opening) else "."))
    named, rest = (halved or losers)[:MOST_NAMED], (halved or losers)[MOST_NAMED:]
    names = listed([one.seller for one in named] + ([f"{len(rest)} more"] if rest else []))
    many = len(named) + len(rest) > 1
    verb = ("end" if many else "ends") if halved else ("lose" if many else "loses")
    what = f"{verb} with less than half of the first year's share" if halved else f"{verb} share"
    return _opened(results, f"{names} {what}: {'; '.join(_fall(one, results.ticks) for one in named)}.")


def who_leads(results: Results) -> str:
    """The largest sellers at the end in the economy in focus, and how the entrants fare."""
    here = results.standings[results.focus]
    ranked = sorted((one for one in here.values() if one.final.mean > 0), key=lambda one: -one.final.mean)
    if not ranked:
        return _opened(results, "nobody leads: no seller has a customer at the end.")
    first, others = ranked[0], ranked[1:]
    rivals = [one for one in others if _overlap(first.final, one.final)]
    if not others:
        said = [first]
        text = f"{_named(first)} is the only seller with customers at the end"
    elif rivals:
        said = [first, *rivals[: MOST_NAMED - 1]]
        shares = listed([f"{_named(one)} {share(one.final)}" for one in said])
        text = f"there is no clear leader at the end: {shares} have intervals that overlap"
    else:
        second = others[0]
        said = [first, second]
        text = (
            f"{_named(first)} leads at the end with {share(first.final)}, "
            f"ahead of {_named(second)} with {share(second.final)}"
        )
    entrants = [one for one in here.values() if one.entry is not None and one not in said]
    clauses = [_entrant(one, results.ticks) for one in entrants[:MOST_NAMED]]
    return _opened(results, "; ".join([text, *clauses]) + ".")


def economy_changes(results: Results) -> str:
    """How the final shares of the economy in focus differ from the reference's, paired by replication."""
    if results.reference is None:
        only = economy_words(results.focus)
        return f"Only {only} was run, so this run cannot say what a turn from push to pull changes."
    here, there = results.standings[results.focus], results.standings[results.reference]
    gaps = {name: difference(there[name], here[name]) for name in here}
    replicated = any(gap.replications > 1 for gap in gaps.values())
    telling = sorted((name for name, gap in gaps.items() if _apart(gap)), key=lambda name: -abs(gaps[name].mean))[
        :MOST_NAMED
    ]
    other = economy_words(results.reference)
    against = f"on the same buyers and draws in {other} instead of {economy_words(results.focus)}"
    if not telling:
        why = "that the intervals of the paired differences carry" if replicated else "in the one run that was made"
        return f"Played {against}, no seller's final share differs {why}."
    parts = [
        f"{name} would end with {share(there[name].final, interval=False)}, "
        f"{points(gaps[name])} {'more' if gaps[name].mean > 0 else 'less'}"
        for name in telling
    ]
    tail = "" if replicated else " (one run, no interval)"
    return f"Played {against}, {'; '.join(parts)}{tail}."


def difference(one: Standing, other: Standing) -> Estimate:
    """Final share of the one less that of the other, over the replications that both have [-]."""
    common = sorted(set(one.finals) & set(other.finals))
    return mean_interval(np.array([one.finals[number] - other.finals[number] for number in common]))


def _opened(results: Results, text: str) -> str:
    where = f"in {economy_words(results.focus)}"
    if _replicated(results.standings[results.focus].values()):
        return f"I{where[1:]}, {text}"
    return f"In the one run made of {economy_words(results.focus)}, without an interval, {text}"


def _replicated(standings: Iterable[Standing]) -> bool:
    return any(one.final.replications > 1 for one in standings)


def _fall(one: Standing, ticks: int) -> str:
    """A seller's way from its first year to the end."""
    words = f"{one.seller} goes from {share(one.start, interval=False)} to {share(one.final)}"
    parts = [words, half_life_words(one.half_life, ticks)]
    runs = one.survival.replications
    if one.survivors < runs:
        parts.append(f"gives up in {runs_words(runs - one.survivors, runs)}")
    return ", ".join(parts)


def _named(one: Standing) -> str:
    return one.seller if one.entry is None else f"{one.seller} (entrant of month {one.entry})"


def _entrant(one: Standing, ticks: int) -> str:
    name, runs = f"the entrant {one.seller}", one.survival.replications
    if one.exit.replications == 0:
        return f"{name} never enters"
    if one.survivors == 0:
        return f"{name} (month {one.entry}) gives up in {runs_words(runs, runs)} ({month_words(one.exit, ticks)})"
    gone = f" and gives up in {runs_words(runs - one.survivors, runs)}" if one.survivors < runs else ""
    return f"{name} (month {one.entry}) ends with {share(one.final)}{gone}"


def _below(estimate: Estimate, border: float) -> bool:
    """Whether the whole interval, or for lack of one the figure, lies below the border."""
    high = estimate.mean if math.isnan(estimate.high) else estimate.high
    return high < border


def _overlap(one: Estimate, other: Estimate) -> bool:
    """Whether two intervals, or for lack of them two figures, share a point."""
    if math.isnan(one.low) or math.isnan(other.low):
        return one.mean == other.mean
    return one.low <= other.high and other.low <= one.high


def _apart(gap: Estimate) -> bool:
    """Whether the interval of a difference, or for lack of one the difference, is clear of zero."""
    if gap.replications == 0:
        return False
    if math.isnan(gap.low):
        return gap.mean != 0
    return gap.low > 0 or gap.high < 0
