"""V14: Bass 1969 as the limit of word of mouth from random buyers in short ticks.

A seller unknown to all is found by research with probability p a tick and heard of from buyers
drawn at random with probability about q F; who knows it buys it and stays. With ticks of a
twentieth of Bass's period the market follows the continuous curve.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from markets import incumbents, steps

from sim.market import Market
from sim.scenario import Scenario

P, Q = 0.03, 0.38
TICKS = 20  # to a period
COUNT = 8_000
REPLICATIONS = 10
# so much better that who knows it buys it
NEW: dict[str, Any] = {
    "name": "New",
    "strategy": "innovator",
    "quality": 100.0,
    "price": 1.0,
    "effort": {"self_service": 0.0, "messages": 0.0, "visits_to_prospects": 0.0, "training": 0.1},
}


def adoption(periods: float, p: float, q: float, replication: int) -> np.ndarray:
    """Share of the buyers who buy the new product, by tick."""
    words: dict[str, Any] = {
        "name": "bass",
        "horizon": round(periods * TICKS) + 2,
        "seed": 1969,
        "buyers": {
            "count": COUNT, "taste": {"kind": "normal", "sd": 0.0}, "network": {"degree": 2},
            "incidence": {"kind": "each-tick"},
        },
        # two random buyers are listened to; discovery by a seller without self-service is disc * floor
        "word_of_mouth": {"rule": "bass", "rate": q / TICKS / 2, "dissatisfied_ratio": 1.0},
        "behaviour": {"research_rate": 1.0, "discovery": 1.0, "switching_cost": 0.0, "service_weight": 0.0,
                      "quality_weight": 1.0},
        "research": {"rule": "all", "discovery_floor": p / TICKS},
        "mechanisms": {"learning": False, "contacts": False, "relationship": False, "exit": False, "adaptation": False},
        "economies": {"pull": {"pull_share": 1}},
        "sellers": [{"name": "Old", "strategy": "hard-sell", "quality": 0.0}],
        "events": [{"at": 1, "enter": NEW | {"opening_self_service": 0.0}}],
    }  # fmt: skip
    record = Market(Scenario(**words), "pull", replication).run()
    # entry is at tick 1; share after k ticks of life at k
    return np.concatenate([[0.0], record.shares["share"][1:, 1]])


def bass(t: float, p: float = P, q: float = Q) -> float:
    rise = math.exp(-(p + q) * t)
    return (1 - rise) / (1 + q / p * rise)


def test_adoption_follows_the_curve() -> None:
    """F at 5 and 10 periods and at the peak t* = 6.1926, where F = .460526."""
    paths = np.array([adoption(10, P, Q, replication) for replication in range(REPLICATIONS)])
    for period, expected in ((5.0, 0.3312), (math.log(Q / P) / (P + Q), 0.460526), (10.0, 0.8128)):
        assert bass(period) == pytest.approx(expected, abs=5e-5)
        found = np.array([np.interp(period * TICKS, np.arange(paths.shape[1]), path) for path in paths])
        error = found.std(ddof=1) / math.sqrt(REPLICATIONS)
        # ticks lag the curve by about half a tick
        lag = bass(period) - bass(period - 0.5 / TICKS)
        assert found.mean() == pytest.approx(expected - lag, abs=4 * error + 0.5 * lag)


def test_without_talk_adoption_is_exponential() -> None:
    """q = 0: F = 1 - (1 - p)^t, exactly, tick by tick."""
    path = adoption(3, P, 0.0, 0)
    expected = 1 - (1 - P / TICKS) ** np.arange(len(path))
    assert (np.abs(path - expected) <= 4 * np.sqrt(np.maximum(expected * (1 - expected), 1e-12) / COUNT)).all()


def test_without_discovery_nobody_begins() -> None:
    assert (adoption(2, 0.0, Q, 0) == 0).all()


def test_who_adopted_stays() -> None:
    assert (np.diff(adoption(4, P, Q, 1)) >= 0).all()


def test_a_network_is_slower_than_the_well_mixed_market() -> None:
    """On a ring a seller spreads from neighbour to neighbour: later than among random buyers (E8)."""
    shares = []
    for rule in ("bass", "simple"):
        words: dict[str, Any] = {
            "name": "spread", "horizon": 40, "seed": 3,
            "buyers": {"count": 4_000, "taste": {"kind": "normal", "sd": 0.0},
                       "network": {"degree": 4, "rewiring": 0.0}},
            "word_of_mouth": {"rule": rule, "rate": 0.12, "dissatisfied_ratio": 1.0},
            "behaviour": {"research_rate": 1.0, "discovery": 0.0, "switching_cost": 0.0, "quality_weight": 1.0},
            "research": {"rule": "all"},
            "mechanisms": {"learning": False, "contacts": False, "relationship": False, "adaptation": False},
            "economies": {"pull": {"pull_share": 1}},
            "sellers": [
                {"name": "Old", "strategy": "hard-sell", "quality": 0.0, "opening_share": 0.99},
                NEW | {"opening_share": 0.01},
            ],
        }  # fmt: skip
        market = Market(Scenario(**words), "pull")
        new = market.seller("New").place
        # all incumbents are known at the opening; here only their own customers know them
        market.state.buyers["known"] = np.uint64(1) << market.state.buyers["seller"].astype(np.uint64)
        steps(market, 40)
        assert (incumbents(market) == 1).mean() == pytest.approx((market.state.buyers["seller"] == new).mean())
        shares.append(market.share("New"))
    assert shares[0] > shares[1] + 0.2
