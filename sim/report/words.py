"""Estimates in words, no more precise than their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.measures import Estimate
from sim.plots.words import SPACE, count, minus

__all__ = ["decimals_for", "economy_words", "listed", "money", "month_words", "points", "runs_words", "share"]


def decimals_for(estimate: Estimate) -> int:
    """Decimals [0, 2] that let the half-width of the interval show; 1 if there is none."""
    width = 0.5 * (estimate.high - estimate.low)
    if math.isnan(width) or width == 0:
        return 1
    return min(2, max(0, math.ceil(-math.log10(width) - 0.02)))


def share(estimate: Estimate, *, interval: bool = True) -> str:
    """A share as a percentage with its interval: ``8.7 % [8.5, 8.9]``.

    Parameters
    ----------
    estimate : Estimate
        Share or part [-].
    interval : bool
        False leaves the interval out, but keeps its precision.
    """
    return _figures(_scaled(estimate, 100), f"{SPACE}%", interval)


def points(estimate: Estimate) -> str:
    """A difference of shares, without its sign: ``7.4 points [7.0, 7.9]``.

    Parameters
    ----------
    estimate : Estimate
        Difference [-] whose interval, if there is one, does not hold 0.
    """
    size = _scaled(estimate, 100 if estimate.mean >= 0 else -100)
    if estimate.mean < 0:
        size = size._replace(low=size.high, high=size.low)
    return _figures(size, f"{SPACE}points", True)


def money(estimate: Estimate) -> str:
    """An amount with its interval: ``−0.31 [−0.33, −0.29]``."""
    return _figures(estimate, "", True)


def month_words(estimate: Estimate, ticks: int) -> str:
    """A duration that ended in most replications as a month: ``month 84 [83, 88]``.

    Parameters
    ----------
    estimate : Estimate
        Median with its interval [ticks].
    ticks : int
        Length of the run [ticks].
    """
    words = f"month{SPACE}{estimate.mean:.0f}"
    if math.isnan(estimate.low):
        return words
    high = f"later than {ticks - 1}" if math.isinf(estimate.high) else f"{estimate.high:.0f}"
    return f"{words} [{estimate.low:.0f},{SPACE}{high}]"


def runs_words(part: int, whole: int) -> str:
    """How many runs: ``all 16 runs``, ``3 of 16 runs``, ``none of the 16 runs``, ``the run``."""
    if whole == 1:
        return "the run" if part else "none"
    if part == whole:
        return f"all {count(whole, 'run')}"
    return f"{part} of {count(whole, 'run')}" if part else f"none of the {count(whole, 'run')}"


def economy_words(name: str) -> str:
    """An economy's name in a sentence."""
    return name if "economy" in name.lower() else f"the {name} economy"


def listed(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _scaled(estimate: Estimate, factor: float) -> Estimate:
    return estimate._replace(mean=factor * estimate.mean, low=factor * estimate.low, high=factor * estimate.high)


def _figures(estimate: Estimate, unit: str, interval: bool) -> str:
    if estimate.replications == 0:
        return "–"
    decimals = decimals_for(estimate)

    def figure(value: float) -> str:
        text = f"{value:.{decimals}f}"
        return minus("0" if float(text) == 0 else text)

    words = f"{figure(estimate.mean)}{unit}"
    if not interval or math.isnan(estimate.low):
        return words
    return f"{words} [{figure(estimate.low)},{SPACE}{figure(estimate.high)}]"
