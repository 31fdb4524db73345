"""The market as an instrument: purchases of many buyers in a market in which only tastes and inertia act.

Contacts, word of mouth, relationships, learning and adaptation are off and prices are equal. A
buyer that looks around inspects all sellers (research rule `all`) and chooses by its taste and a
Gumbel shock; one that does not stays. The probability of looking around is the routine research
rate, so that staying without looking has exactly the probability φ = 1 - rate; or, with the
behavioural trigger, it comes from aspiration: see `sim.calibrate.laws`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.market import Market
from sim.scenario import Scenario

__all__ = ["QUIET", "SURELY_PUT_UP_WITH", "burn_in", "histories", "laboratory", "strata_of"]

SURELY_PUT_UP_WITH = 1000.0  # utils of disappointment: no reason to look around is ever large enough
QUIET: dict[str, Any] = {
    "learning": False,
    "contacts": False,
    "relationship": False,
    "aspiration": False,
    "patience": False,
    "skill": False,
    "adaptation": False,
    "exit": False,
}


def laboratory(
    sellers: tuple[str, ...],
    words: Mapping[str, Any],
    *,
    buyers: int,
    horizon: int,
    seed: int,
) -> Scenario:
    """A market in which nothing acts but tastes and inertia.

    Parameters
    ----------
    sellers : tuple of str
    words : mapping
        ``taste``, ``behaviour`` and ``mechanisms`` of a law: see `sim.calibrate.laws`.
    buyers, horizon, seed : int
        Size, length [ticks = purchases], seed.
    """
    return Scenario(
        name="calibration",
        horizon=horizon,
        seed=seed,
        buyers={"count": buyers, "network": {"degree": 0}, "taste": words["taste"]},
        behaviour=words["behaviour"],
        research={"rule": "all"},
        word_of_mouth={"rule": "none"},
        mechanisms=QUIET | words.get("mechanisms", {}),
        economies={"panel": {"pull_share": 0}},
        sellers=[{"name": name, "strategy": "collaborative"} for name in sellers],
    )


def histories(scenario: Scenario, burn: int, replication: int = 0) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Run a market and follow every buyer.

    Parameters
    ----------
    scenario : Scenario
    burn : int
        First ticks that are left out, in which buyers forget the seller of the opening [ticks].
    replication : int

    Returns
    -------
    choices : ndarray of int8, shape (buyers, horizon - burn)
        Seller of each buyer after each tick, as a position in the order of the scenario.
    tastes : ndarray of float32, shape (buyers, sellers)
        [utils]
    """
    market = Market(scenario, replication=replication)
    rank = np.empty(len(market.sellers), np.int8)
    for position, seller in enumerate(market.sellers):
        rank[seller.place] = position
    paths = np.empty((scenario.horizon - burn, scenario.buyers.count), np.int8)
    try:
        while market.running:
            market.step()
            if market.tick > burn:
                paths[market.tick - burn - 1] = rank[market.state.buyers["seller"]]
        tastes = np.stack([market.state.pairs["taste"][:, seller.place] for seller in market.sellers], axis=1)
    finally:
        market.release()
    return np.ascontiguousarray(paths.T), tastes


def strata_of(tastes: NDArray[np.float32], utilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Class of each buyer, by its taste.

    Parameters
    ----------
    tastes : ndarray, shape (buyers, sellers)
        Of `histories` [utils].
    utilities : ndarray, shape (classes, sellers)
        Of the classes; classes with the same utilities count as the first of them.
    """
    known = np.asarray(utilities, dtype=np.float32)
    found = np.full(len(tastes), -1, np.int64)
    for number in range(len(known) - 1, -1, -1):
        found[(tastes == known[number]).all(axis=1)] = number
    return found


def burn_in(inertia: float) -> int:
    """Ticks after which the seller of the opening is forgotten to one buyer in a thousand."""
    return max(5, math.ceil(math.log(1e-3) / math.log(min(max(inertia, 1e-3), 0.98))))
