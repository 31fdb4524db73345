"""V17, V17b, V18, V20: the NBD-Dirichlet (Goodhardt, Ehrenberg & Chatfield 1984) as tastes and orders of the market.

Tastes ln Gamma(α) make the logit the Dirichlet-multinomial; gamma purchase rates make the orders
negative binomial. UK toothpaste, first quarter of 1973; what its eight brands leave is a ninth.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from markets import incumbents, logit, merged, places, steps

from sim import columns
from sim.columns import State, Tally
from sim.compiled import compiled
from sim.kernels import stages
from sim.market import Market
from sim.scenario import Scenario

COUNT = 200_000
M, K, S = 1.456, 0.7788, 1.2953
SHARES = (0.25, 0.19, 0.10, 0.10, 0.09, 0.08, 0.03, 0.02, 0.14)
PENETRATION = (0.1999, 0.1568, 0.0866, 0.0866, 0.0784, 0.0700, 0.0270, 0.0181)
FREQUENCY = (1.8205, 1.7642, 1.6815, 1.6815, 1.6725, 1.6634, 1.6188, 1.6099)


def dirichlet(shapes: dict[str, float], horizon: int, **buyers: Any) -> Market:
    """A market in which only tastes and shocks decide."""
    taste = {"kind": "loggamma", "shape": shapes}
    words = logit(dict.fromkeys(shapes, 0.0), buyers=COUNT, horizon=horizon).tree
    return Market(Scenario(**merged(words, {"buyers": {"taste": taste, **buyers}})))


@compiled
def count_orders(start: int, stop: int, considered: np.uint64, state: State, tally: Tally, counts: np.ndarray) -> None:
    """Orders of each buyer by seller, chosen one by one as in a tick; `counts` has the shape (buyers, sellers)."""
    for buyer in range(start, stop):
        for order in range(state.buyers[buyer].orders):
            counts[buyer, stages.choose(buyer, 0, order, 0.0, np.uint64(0), considered, state, tally)] += 1


@cache
def quarter() -> np.ndarray:
    """Orders of each buyer by brand in one quarter, shape (buyers, 9)."""
    names = [f"Brand {place}" for place in range(9)]
    shapes = {name: S * share for name, share in zip(names, SHARES, strict=True)}
    market = dirichlet(shapes, 1, incidence={"kind": "nbd", "mean": M, "shape": K})
    market.step()
    counts = np.zeros((COUNT, 9), np.int64)
    everyone = np.uint64(2**9 - 1)
    count_orders(0, COUNT, everyone, market.state, columns.allocate_tally(9), counts)
    return counts[:, places(market)]


def test_the_category() -> None:
    """V20: P0 = (1 + M / K)^-K = .440002 buy nothing in the quarter."""
    nobody = (quarter().sum(axis=1) == 0).mean()
    expected = (1 + M / K) ** -K
    assert expected == pytest.approx(0.440002, abs=1e-5)
    assert nobody == pytest.approx(expected, abs=4 * math.sqrt(0.44 * 0.56 / COUNT))
    total = quarter().sum(axis=1)
    assert total.mean() == pytest.approx(M, abs=4 * total.std() / math.sqrt(COUNT))


@pytest.mark.parametrize("brand", range(8))
def test_penetration_and_frequency(brand: int) -> None:
    """V17: how many buy a brand, and how often they do."""
    orders = quarter()[:, brand]
    share, frequency = PENETRATION[brand], FREQUENCY[brand]
    bought = orders > 0
    assert bought.mean() == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / COUNT) + 5e-5)
    error = orders[bought].std() / math.sqrt(bought.sum())
    assert orders[bought].mean() == pytest.approx(frequency, abs=4 * error + 5e-5)


def test_double_jeopardy() -> None:
    """E1: smaller brands have fewer buyers, who buy less often."""
    counts = quarter()[:, :8]
    penetration = (counts > 0).mean(axis=0)
    frequency = counts.sum(axis=0) / (counts > 0).sum(axis=0)
    assert np.corrcoef(penetration, frequency)[0, 1] > 0.9
    assert frequency[0] > frequency[-1] > 1


def test_duplication_of_purchase() -> None:
    """V18: of the buyers of one brand, those who also buy another are D times that one's penetration: D = 1.194."""
    bought = quarter()[:, :8] > 0
    penetration = bought.mean(axis=0)
    both = (bought.T.astype(float) @ bought.astype(float)) / COUNT
    off = ~np.eye(8, dtype=bool)
    expected = np.broadcast_to(penetration[None, :], (8, 8))[off]
    duplicated = (both / penetration[:, None])[off]
    slope = float((duplicated * expected).sum() / (expected**2).sum())
    assert slope == pytest.approx(1.194, abs=0.02)
    assert np.corrcoef(duplicated, expected)[0, 1] > 0.98


def test_repeat_buying() -> None:
    """V17b: shares α / S, and Σ π_j (α_j + 1) / (S + 1) = .652317 buy the same brand twice in a row."""
    shapes = {"A": 0.6033, "B": 0.2586, "C": 0.1599, "D": 0.1394}
    market = dirichlet(shapes, 2)
    first = incumbents(steps(market, 1))
    second = incumbents(steps(market, 1))
    total = sum(shapes.values())
    for place, alpha in enumerate(shapes.values()):
        share = alpha / total
        error = 4 * math.sqrt(share * (1 - share) / COUNT)
        assert (first == place).mean() == pytest.approx(share, abs=error)
        repeat = (alpha + 1) / (total + 1)
        mine = second[first == place]
        assert (mine == place).mean() == pytest.approx(repeat, abs=4 * math.sqrt(repeat * (1 - repeat) / len(mine)))
    assert (first == second).mean() == pytest.approx(0.652317, abs=4 * math.sqrt(0.6523 * 0.3477 / COUNT))
