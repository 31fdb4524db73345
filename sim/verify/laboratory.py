"""Laboratories: markets in which one theory is left on, and the small tools to read them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim import market
from sim.scenario import Scenario

__all__ = [
    "NOTHING",
    "STILL",
    "Market",
    "batches",
    "by_seller",
    "correlation",
    "incumbents",
    "jackknife",
    "logit",
    "market_of",
    "mean_error",
    "merged",
    "moves",
    "places",
    "purchases",
    "release_markets",
    "share_error",
    "steps",
]

Words = Mapping[str, Any]

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
BATCHES = 25  # of buyers, for `jackknife`
# An effort of nothing
NOTHING: dict[str, float] = dict.fromkeys(
    ("visits_to_customers", "visits_to_prospects", "messages", "human_service", "self_service", "training"), 0.0
)


OPEN = 8  # markets that a row may use side by side
_open: deque[Market] = deque()


class Market(market.Market):
    """A market that is let go of when its row is done, or has made `OPEN` others since.

    A row makes up to thousands of markets, which would otherwise all stay in memory (see `sim.market.Market.release`).
    """

    def __init__(self, *terms: Any, **more: Any) -> None:
        super().__init__(*terms, **more)
        _open.append(self)
        while len(_open) > OPEN:
            _open.popleft().release()


def release_markets() -> None:
    """Let go of every market that is still held."""
    while _open:
        _open.popleft().release()


def merged(under: Words, over: Words) -> dict[str, Any]:
    """`under` with `over` laid on top, mapping by mapping."""
    result = dict(under)
    for key, entry in over.items():
        below = result.get(key)
        if isinstance(entry, Mapping) and isinstance(below, Mapping):
            kinds = below.get("kind"), entry.get("kind")
            replaces = kinds[1] is not None and kinds[0] != kinds[1]
            result[key] = entry if replaces else merged(below, entry)
        else:
            result[key] = entry
    return result


def market_of(words: Words, economy: str | None = None, replication: int = 0) -> Market:
    """A market from the words of a scenario."""
    return Market(Scenario(**words), economy, replication)


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


def places(market: Market) -> list[int]:
    """Columns of the sellers, in the order of the scenario's file."""
    return [seller.place for seller in market.sellers]


def by_seller(market: Market, values: ArrayLike) -> NDArray[Any]:
    """Columns of the state as positions in the order of the scenario's file."""
    rank = np.empty(len(market.sellers), np.int64)
    for position, seller in enumerate(market.sellers):
        rank[seller.place] = position
    return np.asarray(rank[np.asarray(values)])


def incumbents(market: Market) -> NDArray[np.int64]:
    """The seller of each buyer as a place in the order of the scenario's file, shape (buyers,)."""
    return by_seller(market, market.state.buyers["seller"])


def moves(market: Market) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Seller of each buyer before and after one tick."""
    before = incumbents(market)
    market.step()
    return before, incumbents(market)


def purchases(market: Market, ticks: int, buyers: slice = slice(None)) -> NDArray[np.int8]:
    """Purchase histories: the seller of each buyer's order, tick by tick.

    Parameters
    ----------
    market : Market
        Is stepped `ticks` further.
    buyers : slice
        Whose histories.

    Returns
    -------
    ndarray of int8, shape (buyers, ticks)
        Position in the order of the scenario's file; -1 without an order.
    """
    columns = []
    for _ in range(ticks):
        market.step()
        found = incumbents(market)[buyers].astype(np.int8)
        columns.append(np.where(market.state.buyers["orders"][buyers] > 0, found, np.int8(-1)))
    return np.stack(columns, axis=1)


def share_error(share: ArrayLike, size: ArrayLike) -> NDArray[np.float64]:
    """Standard error of a share among so many."""
    part = np.asarray(share, dtype=np.float64)
    return np.asarray(np.sqrt(part * (1 - part) / np.asarray(size)))


def mean_error(values: ArrayLike) -> tuple[float, float]:
    """Mean and its standard error."""
    found = np.asarray(values, dtype=np.float64)
    return float(found.mean()), float(found.std(ddof=1) / math.sqrt(found.size))


def correlation(one: Sequence[float] | NDArray[Any], other: Sequence[float] | NDArray[Any]) -> float:
    """Coefficient of correlation."""
    return float(np.corrcoef(one, other)[0, 1])


def batches(size: int) -> NDArray[np.int64]:
    """The batch of each of so many buyers, for `jackknife`; shape (size,)."""
    return np.arange(size) * BATCHES // size


def jackknife(parts: ArrayLike, statistic: Callable[[NDArray[Any]], float]) -> tuple[float, float]:
    """A statistic of a sum over batches of buyers, and its standard error (Tukey 1958).

    Parameters
    ----------
    parts : array_like, shape (batches, ...)
        What is summed, by batch.
    statistic : callable
        Of the sum.
    """
    entries = np.asarray(parts, dtype=np.float64)
    whole = entries.sum(axis=0)
    left_out = np.array([statistic(whole - part) for part in entries])
    count = len(entries)
    error = math.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())
    return float(statistic(whole)), error
