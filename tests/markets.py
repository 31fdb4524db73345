"""Small named markets for tests, and laboratories in which one theory is left on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.market import Market
from sim.scenario import Scenario

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


def merged(under: Words, over: Words) -> dict[str, Any]:
    """`under` with `over` laid on top, mapping by mapping."""
    result = dict(under)
    for key, entry in over.items():
        below = result.get(key)
        both = isinstance(entry, Mapping) and isinstance(below, Mapping)
        kinds = (below.get("kind"), entry.get("kind")) if both else ()  # type: ignore[union-attr]
        replaces = both and kinds[1] is not None and kinds[0] != kinds[1]
        result[key] = merged(below, entry) if both and not replaces else entry  # type: ignore[arg-type]
    return result


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


STILL: dict[str, Any] = {  # no contact, no memory of a relationship, nobody learns, adapts or gives up
    "learning": False,
    "contacts": False,
    "relationship": False,
    "aspiration": False,
    "patience": False,
    "skill": False,
    "adaptation": False,
    "exit": False,
}


def logit(utilities: Mapping[str, float], *, buyers: int, horizon: int, **more: Any) -> Scenario:
    """A market in which every buyer knows the truth, looks at every seller in every tick and chooses.

    Parameters
    ----------
    utilities : mapping from name to float
        Mean utility of each seller, not negative [utils]; all have the price 1.
    buyers, horizon : int
        Size and length.
    **more
        Laid over the scenario.
    """
    words: dict[str, Any] = {
        "name": "logit",
        "horizon": horizon,
        "seed": 2_718,
        "buyers": {"count": buyers, "taste": {"kind": "normal", "sd": 0.0}, "network": {"degree": 0}},
        "behaviour": {
            "switching_cost": 0.0,
            "quality_weight": 1.0,
            "service_weight": 0.0,
            "research_rate": 1.0,
            "search_cost": 0.0,
        },
        "research": {"rule": "all"},
        "word_of_mouth": {"rule": "none"},
        "mechanisms": STILL,
        "economies": {"push": {"pull_share": 0}},
        "sellers": [
            {"name": name, "strategy": "collaborative", "quality": utility, "price": 1.0}
            for name, utility in utilities.items()
        ],
    }
    return Scenario(**merged(words, more))


def steps(market: Market, ticks: int) -> Market:
    """Step a market so many ticks."""
    for _ in range(ticks):
        market.step()
    return market


def incumbents(market: Market) -> np.ndarray:
    """The seller of each buyer as a place in the order of the scenario's file, shape (buyers,)."""
    rank = np.empty(len(market.sellers), np.int64)
    for position, seller in enumerate(market.sellers):
        rank[seller.place] = position
    return rank[market.state.buyers["seller"]]


def places(market: Market) -> list[int]:
    """Columns of the sellers, in the order of the scenario's file."""
    return [seller.place for seller in market.sellers]


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
