"""The tools of the verification."""

from __future__ import annotations

import gc
import math
import weakref

import numpy as np
import pytest

from sim.scenario import Scenario
from sim.verify.laboratory import OPEN, Market, batches, jackknife, logit, purchases, release_markets


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(1).normal(2.0, 3.0, 50_000)
    mine = batches(values.size)
    parts = np.array([[values[mine == batch].sum(), (mine == batch).sum()] for batch in range(mine[-1] + 1)])
    mean, error = jackknife(parts, lambda sums: float(sums[0] / sums[1]))
    assert mean == pytest.approx(values.mean())
    # 24 degrees of freedom
    assert error == pytest.approx(3.0 / math.sqrt(values.size), rel=4 / math.sqrt(2 * 24))


def test_purchases_are_choices_tick_by_tick() -> None:
    scenario = logit({"A": 1.0, "B": 0.0}, buyers=200, horizon=6)
    held = purchases(Market(scenario), 6)
    assert held.shape == (200, 6)
    np.testing.assert_array_equal((held == 0).mean(axis=0), Market(scenario).run().shares["share"][:, 0])


def test_without_an_order_there_is_no_purchase() -> None:
    scenario = logit({"A": 1.0, "B": 0.0}, buyers=2_000, horizon=3).tree
    scenario["buyers"]["incidence"] = {"kind": "bernoulli", "rate": 0.4}
    held = purchases(Market(Scenario(**scenario)), 3)
    assert (held == -1).mean() == pytest.approx(0.6, abs=4 * math.sqrt(0.24 / 6_000))


def test_markets_do_not_pile_up() -> None:
    scenario = logit({"A": 1.0, "B": 0.0}, buyers=10, horizon=2)
    release_markets()
    made = [weakref.ref(Market(scenario)) for _ in range(3 * OPEN)]
    gc.collect()
    assert sum(market() is not None for market in made) == OPEN
    release_markets()
    gc.collect()
    assert not any(market() is not None for market in made)
