"""Small named markets for tests; laboratories in which one theory is left on come from `sim.verify`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.scenario import Scenario
from sim.verify.laboratory import STILL, incumbents, logit, merged, places, steps

__all__ = ["STILL", "incumbents", "logit", "market_words", "merged", "places", "sane", "shortened", "small", "steps"]

STRATEGIES = ("relationship-reliant", "hard-sell", "collaborative", "transactional")
NAMES = ("Heritage", "Closers", "Allies", "Value")
ECONOMIES: dict[str, Any] = {
    "push": {"pull_share": 0},
    "transition": {"pull_share": {"kind": "logistic", "midpoint": 8, "width": 2}},
    "pull": {"pull_share": 1},
}
ENTRY: dict[str, Any] = {"at": 5, "enter": {"name": "Newcomer", "strategy": "innovator"}}

# A group of words is laid over another; a mapping is merged, anything else replaced.
Words = Mapping[str, Any]


def market_words(first: int = 4, /, **more: Any) -> dict[str, Any]:
    """The words of a small market with the first few incumbents, `more` laid over them."""
    words: dict[str, Any] = {
        "name": "small",
        "horizon": 14,
        "seed": 11,
        "buyers": {"count": 120},
        "economies": ECONOMIES,
        "sellers": [
            {"name": name, "strategy": strategy} for name, strategy in list(zip(NAMES, STRATEGIES, strict=True))[:first]
        ],
    }
    return merged(words, more)


def small(first: int = 4, /, **more: Any) -> Scenario:
    """A market of 120 buyers and 14 ticks with the first few incumbents, `more` laid over it."""
    return Scenario(**market_words(first, **more))


def sane(entry: Any) -> Any:
    """Numbers so small that their squares and inverses leave the range of a float are made larger."""
    if isinstance(entry, dict):
        return {key: sane(value) for key, value in entry.items()}
    if isinstance(entry, list):
        return [sane(value) for value in entry]
    return 1e-6 if isinstance(entry, float) and 0 < abs(entry) < 1e-6 else entry


def shortened(scenario: Scenario, buyers: int, horizon: int) -> Scenario:
    """The same scenario with few buyers in few ticks: what happens, happens sooner, in the same order."""
    words = scenario.tree
    part = horizon / scenario.horizon
    events = words.get("events", [])
    for rank, place in enumerate(sorted(range(len(events)), key=lambda place: (events[place]["at"], place))):
        events[place]["at"] = 1 + rank * (horizon - 2) // max(len(events), 1)
    for economy in words.get("economies", {}).values():
        schedule = economy["pull_share"]
        if isinstance(schedule, dict):
            for name in {"midpoint", "width", "back", "at_tick"} & set(schedule):
                schedule[name] = schedule[name] * part
            schedule |= (
                {"points": [[t * part, share] for t, share in schedule["points"]]} if "points" in schedule else {}
            )
    return Scenario(**merged(words, {"horizon": horizon, "buyers": {"count": buyers}}))
