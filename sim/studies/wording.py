"""A study's figures in words and units that a reader knows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from sim.measures import Estimate
from sim.plots.words import SPACE, count
from sim.report.words import decimals_for, money, month_words, share
from sim.results import measure_of
from sim.scenario import Behaviour
from sim.studies.sensitivity import GROUP

__all__ = [
    "Shown",
    "amount",
    "axes_in_words",
    "clear",
    "factor_words",
    "in_words",
    "runs_of",
    "shown_as",
    "signed",
    "title_of",
]

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


def factor_words(path: str) -> str:
    """A factor's name in words: ``switching cost in pull``, ``Heritage stubbornness``."""
    if path.startswith(GROUP):
        return path.removeprefix(GROUP)
    head, *parts = path.split(".")
    if head == "behaviour" and parts[-1] in ("push", "pull"):
        return f"{parts[-2]} in {parts[-1]}".replace("_", " ")
    if head in ("sellers", "events") and len(parts) > 2:
        parts = [parts[0], parts[-1]]
    return " ".join(parts[-2:] or [head]).replace("_", " ")


def axes_in_words(paths: Iterable[str]) -> dict[str, str]:
    """What axes are labelled with, by path: ``search cost in pull [utils]``; the paths, if two would be the same."""
    found = {path: _axis(path) for path in paths}
    return found if len(set(found.values())) == len(found) else {path: path for path in found}


def _axis(path: str) -> str:
    head, *parts = path.split(".")
    if head == "events" and parts[-1] == "at":
        return f"month of {parts[0]}"
    field = Behaviour.model_fields.get(parts[0]) if head == "behaviour" and parts else None
    extra = field.json_schema_extra if field is not None else None
    unit = extra.get("unit", "-") if isinstance(extra, dict) else "-"
    return factor_words(path) if unit == "-" else f"{factor_words(path)} [{unit}]"


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
