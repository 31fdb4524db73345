"""V8 to V10: search in an order, after Weitzman 1979, and with a sample fixed beforehand, through the market.

A box is a rival. Its belief is N(0, v) before inspection and its worth, a taste, is drawn from
that belief; an inspection of precision 1 / v moves the belief's mean by a normal number of
standard deviation σ̃ = sqrt(v / 2). What a box holds is that mean. The incumbent is worth 0: the outside
option.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from markets import incumbents, merged, places, steps
from scipy import stats

from sim.market import Market
from sim.rules.research import reservation_value
from sim.scenario import Scenario

COUNT = 100_000


def boxes(
    means: tuple[float, ...], cost: float, *, rule: str = "weitzman", variance: float = 2.0, **more: Any
) -> Market:
    """After one tick: buyers of seller `Outside` have searched among as many boxes as there are means."""
    names = [f"Box {place}" for place in range(len(means))]
    # precision of an inspection T / σ²_res, with T = 1
    words: dict[str, Any] = {
        "name": "boxes",
        "horizon": 1,
        "seed": 1979,
        "buyers": {"count": COUNT, "taste": {"kind": "normal", "sd": math.sqrt(variance)}, "network": {"degree": 0}},
        "behaviour": {
            "quality_weight": 1.0, "service_weight": 0.0, "switching_cost": 0.0, "risk_aversion": 0.0,
            "relationship_weight": 0.0, "research_rate": 1.0, "search_cost": cost, "research_variance": variance,
            "review_reading": 0.0, "price_sensitivity": 1.0, "belief_drift": 0.0,
            "experience_noise": 1e6,  # what follows the choice leaves no trace
        },
        "knowledge": {"prior_mean": 0.0, "prior_variance": variance, "opening_variance": 1e-9},
        "research": {"rule": rule},
        "word_of_mouth": {"rule": "none"},
        "mechanisms": {"contacts": False, "relationship": False},
        "economies": {"push": {"pull_share": 0}},
        "sellers": [
            {"name": name, "strategy": "collaborative", "quality": 1.0, "price": 1.0, "opening_share": share,
             "opening_self_service": 1.0}
            for name, share in [("Outside", 1.0 - 1e-3 * len(means)), *((name, 1e-3) for name in names)]
        ],
    }  # fmt: skip
    market = Market(Scenario(**merged(words, more)))
    outside, *rivals = places(market)
    pairs = market.state.pairs
    pairs["belief_mean"][:, outside] = 0.0
    for place, mean in zip(rivals, means, strict=True):
        # the belief is right on average: what is true is drawn from it
        pairs["belief_mean"][:, place] = mean
        pairs["taste"][:, place] += mean - 1.0
    return market


class Search:
    """What the buyers of `Outside` did."""

    def __init__(self, market: Market) -> None:
        opening = incumbents(market)
        self.buyers = opening == 0
        columns = places(market)[1:]
        before = market.state.pairs["belief_variance"][self.buyers][:, columns].copy()
        steps(market, 1)
        self.values = market.state.pairs["belief_mean"][self.buyers][:, columns].astype(float)
        self.inspected = market.state.pairs["belief_variance"][self.buyers][:, columns] < before
        self.size = int(self.buyers.sum())

    @property
    def best(self) -> np.ndarray:
        """Best value found, the outside option's 0 included."""
        return np.maximum(np.where(self.inspected, self.values, -np.inf).max(axis=1), 0.0)


def test_three_normal_boxes() -> None:
    """V9d: N(0, 1), κ = .1: z = .902346, payoff .617135, inspections Σ Φ(z)^k = 2.483340."""
    search = Search(boxes((0.0, 0.0, 0.0), 0.1))
    # an inspection moves a belief by N(0, 1)
    held = search.values[search.inspected]
    assert stats.kstest(held[:20_000], "norm").pvalue > 1e-6
    inspections = search.inspected.sum(axis=1)
    assert inspections.mean() == pytest.approx(2.483340, abs=4 * inspections.std() / math.sqrt(search.size))
    payoff = search.best - 0.1 * inspections
    assert payoff.mean() == pytest.approx(0.617135, abs=4 * payoff.std() / math.sqrt(search.size))
    # the stop: whoever went on had nothing above z, whoever stopped had
    z = 0.902346
    going_on = inspections > 1
    assert (search.best[~going_on] >= z - 1e-4).all()
    by_count = np.bincount(inspections, minlength=4)[1:] / search.size
    p = stats.norm.cdf(z)
    expected = np.array([1 - p, p * (1 - p), p * p])
    assert (np.abs(by_count - expected) <= 4 * np.sqrt(expected * (1 - expected) / search.size)).all()


@pytest.mark.parametrize("cost", [0.02, 0.1, 0.4])
def test_eventual_purchase(cost: float) -> None:
    """V9c: Armstrong 2017, Choi, Dai & Kim 2018: what is chosen has the largest min(value, reservation value).

    Values of boxes that a buyer left closed come from a market of the same draws in which all are opened.
    """
    means = (0.5, 0.0, -0.4, 0.2)
    found = Search(boxes(means, cost))
    every = Search(boxes(means, cost, rule="all"))
    assert every.inspected.all()
    opened = found.inspected
    np.testing.assert_allclose(found.values[opened], every.values[opened], atol=1e-5)
    values = np.where(opened, found.values, every.values)
    z = np.array([reservation_value(mean, 1.0, cost) for mean in means])
    effective = np.column_stack([np.zeros(found.size), np.minimum(values, z)])
    held = np.column_stack([np.zeros(found.size), np.where(opened, found.values, -np.inf)])
    np.testing.assert_array_equal(held.argmax(axis=1), effective.argmax(axis=1))
    assert len(np.unique(effective.argmax(axis=1))) == 1 + (z > 0).sum()  # each that is worth a look is somebody's best
    # boxes are opened in falling order of z: a prefix
    order = np.argsort(-z)
    assert (np.diff(opened[:, order].astype(int), axis=1) <= 0).all()


def test_the_order_beats_any_other_rule() -> None:
    """Weitzman's payoff is not below that of a fixed sample or of looking at all, at the same cost."""
    means, cost = (0.3, 0.0, -0.3, 0.0), 0.25
    payoffs = {}
    for rule in ("weitzman", "fixed-sample", "all", "none"):
        search = Search(boxes(means, cost, rule=rule))
        payoffs[rule] = (search.best - cost * search.inspected.sum(axis=1)).mean()
    best = payoffs.pop("weitzman")
    assert all(best > other + 0.02 for other in payoffs.values()), payoffs


def test_a_noisy_inspection() -> None:
    """V9e: v = 2, σ² = 1, κ = .05: σ̃ = 1.154701, z - m = 1.528230: the outside option at the edge of it."""
    opened = []
    for edge in (-1e-3, 1e-3):
        market = boxes((0.0,), 0.05, behaviour={"research_variance": 1.0})
        outside = places(market)[0]
        market.state.pairs["belief_mean"][:, outside] = 1.528230 + edge
        search = Search(market)
        opened.append(search.inspected.mean())
        if edge < 0:
            assert search.values[search.inspected].std() == pytest.approx(
                1.154701, abs=4 * 1.154701 / math.sqrt(2 * search.size)
            )
    assert opened == [1.0, 0.0]


# Expected maximum of n standard normals (Harter 1961): the sum of its steps
MAXIMA = (0.0, 0.0, 0.5642, 0.8463, 1.0294, 1.1630, 1.2672)


@pytest.mark.parametrize(("ratio", "sample"), [(0.3, 2), (0.25, 3), (0.2, 3), (0.15, 4), (0.12, 5), (0.1, 6)])
def test_a_sample_fixed_beforehand(ratio: float, sample: int) -> None:
    """V10 and, for normal boxes, V8: n* sellers are considered, the incumbent and n* - 1 boxes."""
    search = Search(boxes((0.0,) * 7, ratio, rule="fixed-sample"))
    assert (search.inspected.sum(axis=1) == sample - 1).all()
    values = np.where(search.inspected, search.values, -np.inf).max(axis=1)
    assert values.mean() == pytest.approx(MAXIMA[sample - 1], abs=4 * values.std() / math.sqrt(search.size) + 5e-5)
