"""A study's figures in words and units that a reader knows."""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.measures import Estimate
from sim.plots.words import SPACE, count
from sim.report.words import decimals_for, money, month_words, share
from sim.results import measure_of

__all__ = ["Shown", "amount", "clear", "in_words", "runs_of", "shown_as", "signed", "title_of"]

# Parts of one that are told as percentages.
PARTS = ("share", "survival", "leader", "churn", "rate", "relationship_from_experience", "initiation", "decided")


class Shown(NamedTuple):
    """How a measure is shown: this many times its figures, in that unit."""

    scale: float
    unit: str
    difference: str


def shown_as(measure: str) -> Shown:
    """Scale and unit of a measure in figures and words."""
    unit = measure_of(measure).unit
    if unit == "-" and any(part in measure for part in PARTS):
        return Shown(100.0, "%", "points")
    if unit == "1/tick":
        return Shown(100.0, "% a month", "points a month")
    unit = {"-": "", "ticks": "months", "money/tick": "money a month"}.get(unit, unit.replace("/tick", " a month"))
    return Shown(1.0, unit, unit)


def title_of(seller: str, measure: str) -> str:
    """A figure's name in words: "final share of Heritage"."""
    words = (
        measure.replace("time_to_overtake.", "time to overtake ").replace("half_life", "half-life").replace("_", " ")
    )
    return f"{words} of {seller}" if seller else words


def in_words(measure: str, estimate: Estimate, ticks: int) -> str:
    """An estimate with its interval."""
    if not estimate.replications:
        return "–"
    kind = measure_of(measure).kind
    if kind == "duration":
        if math.isinf(estimate.mean):
            return f"beyond the {count(ticks, 'month')}"
        return month_words(estimate, ticks)
    if shown_as(measure).scale == 100.0:
        return share(estimate)
    return money(estimate)


def signed(value: float, decimals: int) -> str:
    """A figure with its sign, unless it is nothing."""
    text = f"{value:+.{decimals}f}"
    return text.replace("-", "−") if float(text) else "0"


def amount(measure: str, estimate: Estimate) -> str:
    """A difference with sign, interval and unit: ``+5.1 points [+4.8, +5.4]``."""
    if not estimate.replications or math.isnan(estimate.mean):
        return "–"
    if measure_of(measure).kind == "duration" and estimate.mean == 0 and estimate.censored == estimate.replications:
        return "beyond the end in both"
    scale, _, unit = shown_as(measure)
    scaled = estimate._replace(mean=scale * estimate.mean, low=scale * estimate.low, high=scale * estimate.high)
    decimals = decimals_for(scaled)
    unit = f"{SPACE}{unit}" if unit else ""
    words = f"{signed(scaled.mean, decimals)}{unit}"
    if math.isnan(scaled.low):
        return words
    return f"{words} [{signed(scaled.low, decimals)},{SPACE}{signed(scaled.high, decimals)}]"


def clear(estimate: Estimate) -> bool:
    """Whether the interval of a difference keeps clear of zero; False if there is none."""
    return estimate.low > 0 or estimate.high < 0


def runs_of(points: int, economies: int, replications: int, point: str = "point") -> str:
    """How many runs of what."""
    return (
        f"{count(points * economies * replications, 'run')}: {count(points, point)}, "
        f"{count(economies, 'economy', 'economies')}, {count(replications, 'replication')} of each on common draws"
    )
