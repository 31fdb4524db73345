"""V39 in the market: own price elasticity, and how a relationship blunts it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from markets import incumbents, logit, merged, steps

from sim.market import Market
from sim.scenario import Scenario

COUNT = 200_000
STEP = 0.05


def buyers_of_the_first(price: float, bond: float) -> np.ndarray:
    words = logit(dict.fromkeys("ABCD", 0.0), buyers=COUNT, horizon=1).tree
    words["sellers"][0]["price"] = price
    # a relationship of R with all four sellers, which lasts through the choice; liking itself is equal
    words = merged(words, {"mechanisms": {"relationship": True}, "behaviour": {"relationship_price_relief": 0.4}})
    market = Market(Scenario(**words))
    market.state.pairs["relationship"] = bond
    return incumbents(steps(market, 1)) == 0


@pytest.mark.parametrize(("bond", "elasticity"), [(0.0, -2.25), (1.0, -1.35)])
def test_elasticity(bond: float, elasticity: float) -> None:
    """α = 3, p = 1, a share of .25: -2.25; with R = 1 and γ = .4: -1.35."""
    cheap, dear = buyers_of_the_first(1 - STEP, bond), buyers_of_the_first(1 + STEP, bond)
    # the log-odds of the logit are linear in the price; that of the share is what the elasticity says
    moved = cheap.mean() - dear.mean()
    error = math.sqrt((cheap != dear).mean() / COUNT)
    sensitivity = -elasticity / 0.75
    share = [1 / (1 + 3 * math.exp(sensitivity * step)) for step in (-STEP, STEP)]
    assert moved == pytest.approx(share[0] - share[1], abs=4 * error)
    found = -moved / (2 * STEP) / 0.25
    curvature = abs(-(share[0] - share[1]) / (2 * STEP) / 0.25 - elasticity)
    assert found == pytest.approx(elasticity, abs=4 * error / (2 * STEP * 0.25) + curvature)
    assert not (dear & ~cheap).any()
