"""What V9 to V10 do not say of search: who stops where, in which order, and that no other rule pays as well."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.rules.research import reservation_value
from sim.verify.search import Search, boxes

COUNT = 50_000


def test_three_normal_boxes() -> None:
    """V9d: N(0, 1), κ = .1: z = .902346, payoff .617135, inspections Σ Φ(z)^k = 2.483340."""
    search = Search(boxes((0.0, 0.0, 0.0), 0.1, COUNT))
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
    found = Search(boxes(means, cost, COUNT))
    every = Search(boxes(means, cost, COUNT, rule="all"))
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
        search = Search(boxes(means, cost, COUNT, rule=rule))
        payoffs[rule] = (search.best - cost * search.inspected.sum(axis=1)).mean()
    best = payoffs.pop("weitzman")
    assert all(best > other + 0.02 for other in payoffs.values()), payoffs
