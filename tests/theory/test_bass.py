"""What V14 does not say of the diffusion of a new seller: its parts alone, and what a network does to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import incumbents, steps

from sim.market import Market
from sim.scenario import Scenario
from sim.verify.diffusion import NEW, TICKS, P, Q, adoption

COUNT = 8_000


def test_without_talk_adoption_is_exponential() -> None:
    """q = 0: F = 1 - (1 - p)^t, exactly, tick by tick."""
    path = adoption(COUNT, 3, P, 0.0, 0)
    expected = 1 - (1 - P / TICKS) ** np.arange(len(path))
    assert (np.abs(path - expected) <= 4 * np.sqrt(np.maximum(expected * (1 - expected), 1e-12) / COUNT)).all()


def test_without_discovery_nobody_begins() -> None:
    assert (adoption(COUNT, 2, 0.0, Q, 0) == 0).all()


def test_who_adopted_stays() -> None:
    assert (np.diff(adoption(COUNT, 4, P, Q, 1)) >= 0).all()


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
