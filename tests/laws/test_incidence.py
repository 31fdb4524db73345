"""When buyers order and how much: mean and variance of orders, and the growth of their business."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from markets import small

from sim.market import Market
from sim.results.record import Record

COUNT = 20_000
QUIET: dict[str, Any] = {
    "word_of_mouth": {"rule": "none"},
    "research": {"rule": "none"},
    "mechanisms": {"contacts": False},
    "horizon": 3,
}


def ordering(incidence: dict[str, Any], **buyers: Any) -> tuple[np.ndarray, Record]:
    """Orders of each buyer in each tick, shape (ticks, buyers), and the record."""
    terms = {"count": COUNT, "network": {"degree": 0}, "incidence": incidence} | buyers
    market = Market(small(1, **QUIET, buyers=terms), "push")
    orders = []
    while market.running:
        market.step()
        orders.append(market.state.buyers["orders"].astype(float))
    return np.array(orders), market.record()


def test_each_tick() -> None:
    orders, record = ordering({"kind": "each-tick"})
    assert (orders == 1).all()
    np.testing.assert_array_equal(record.shares["revenue"][:, 0], COUNT)


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_bernoulli(rate: float) -> None:
    orders, record = ordering({"kind": "bernoulli", "rate": rate})
    assert set(np.unique(orders)) <= {0.0, 1.0}
    assert orders.mean() == pytest.approx(rate, abs=4 * math.sqrt(rate * (1 - rate) / orders.size))
    # from tick to tick independent
    together = np.mean((orders[0] - rate) * (orders[1] - rate))
    assert together == pytest.approx(0.0, abs=4 * rate * (1 - rate) / math.sqrt(COUNT))
    np.testing.assert_array_equal(record.shares["revenue"][:, 0], orders.sum(axis=1))


def test_nbd() -> None:
    """Gamma rates and Poisson orders: mean M, variance M (1 + M / K), and the same buyers order much."""
    mean, shape = 1.456, 0.7788
    orders, record = ordering({"kind": "nbd", "mean": mean, "shape": shape})
    variance = mean * (1 + mean / shape)
    tick = orders[0]
    assert tick.mean() == pytest.approx(mean, abs=4 * math.sqrt(variance / COUNT))
    fourth = np.mean((tick - tick.mean()) ** 4)
    assert tick.var() == pytest.approx(variance, abs=4 * math.sqrt((fourth - variance**2) / COUNT))
    # covariance over ticks is the variance of the rates, M² / K
    products = (orders[0] - mean) * (orders[1] - mean)
    assert products.mean() == pytest.approx(mean**2 / shape, abs=4 * products.std() / math.sqrt(COUNT))
    np.testing.assert_array_equal(record.shares["revenue"][:, 0], orders.sum(axis=1))


def test_who_does_not_order_neither_searches_nor_experiences() -> None:
    terms = {"count": 500, "incidence": {"kind": "bernoulli", "rate": 0.0}}
    market = Market(small(buyers=terms), "pull")
    before = market.state.buyers.copy()
    record = market.run()
    assert (record.market["research_rate"] == 0).all()
    assert (record.market["churn"] == 0).all()
    assert (record.shares["revenue"] == 0).all()
    assert np.isnan(record.shares["satisfaction"]).all()
    np.testing.assert_array_equal(market.state.buyers["aspiration"], before["aspiration"])
    np.testing.assert_array_equal(market.state.buyers["experience"], before["experience"])


def test_several_orders_of_a_tick_are_chosen_one_by_one() -> None:
    """With nothing to tell the sellers apart each order falls on each with the same chance."""
    names = ("A", "B", "C", "D")
    taste = {"kind": "segments", "classes": [{"weight": 1.0, "utility": dict.fromkeys(names, 0.0)}]}
    terms = {"count": 5_000, "incidence": {"kind": "nbd", "mean": 8.0, "shape": 50.0}, "taste": taste}
    scenario = small(
        sellers=[{"name": name, "strategy": "collaborative", "opening_relationship": 0.0} for name in names],
        buyers=terms,
        horizon=1,
        behaviour={"switching_cost": 0.0, "research_rate": 1.0},
        research={"rule": "all"},
        word_of_mouth={"rule": "none"},
        mechanisms={"learning": False, "contacts": False, "relationship": False},
    )
    market = Market(scenario, "push")
    record = market.run()
    orders = market.state.buyers["orders"].sum()
    volume = record.shares["revenue"][0]
    assert volume.sum() == orders
    assert volume / orders == pytest.approx(0.25, abs=4 * math.sqrt(0.25 * 0.75 / orders))
    assert orders > 30_000


def test_business_grows_and_declines() -> None:
    growing = ordering({"kind": "each-tick"}, business={"growth": 0.02})[1]
    np.testing.assert_allclose(growing.shares["revenue"][:, 0], COUNT * 1.02 ** np.arange(1, 4), rtol=1e-6)
    declining = ordering({"kind": "each-tick"}, business={"growth": -0.1})[1]
    np.testing.assert_allclose(declining.shares["revenue"][:, 0], COUNT * 0.9 ** np.arange(1, 4), rtol=1e-6)
    # heads are counted in `customers`, orders in `revenue`
    assert (declining.shares["customers"][:, 0] == COUNT).all()


def test_growth_differs_from_buyer_to_buyer_and_stays() -> None:
    terms = {"count": COUNT, "business": {"growth": 0.01, "sd": 0.05}}
    market = Market(small(1, **QUIET, buyers=terms), "push")
    sizes = []
    while market.running:
        market.step()
        sizes.append(market.state.buyers["order_size"].astype(float))
    growth = sizes[0] - 1
    assert growth.mean() == pytest.approx(0.01, abs=4 * 0.05 / math.sqrt(COUNT))
    assert growth.std() == pytest.approx(0.05, abs=4 * 0.05 / math.sqrt(2 * COUNT))
    np.testing.assert_allclose(sizes[2], (1 + growth) ** 3, rtol=1e-5)


def test_growth_with_tenure() -> None:
    """Seed 4: the customers of long standing are those whose business declines."""
    terms = {"count": 100, "business": {"tenure_effect": -0.01}}
    market = Market(small(1, **QUIET | {"horizon": 10}, buyers=terms), "push")
    record = market.run()
    tenure = np.arange(10)
    np.testing.assert_allclose(record.shares["revenue"][:, 0], 100 * np.cumprod(1 - 0.01 * tenure), rtol=1e-5)
    assert (market.state.buyers["tenure"] == 10).all()


def test_a_segment_may_have_a_business_of_its_own() -> None:
    segments = [
        {"name": "a", "fraction": 0.5, "business": {"growth": 0.1}},
        {"name": "b", "fraction": 0.5},
    ]
    terms = {"count": 1_000, "segments": segments, "business": {"growth": -0.1}}
    market = Market(small(1, **QUIET, buyers=terms), "push")
    market.run()
    buyers = market.state.buyers
    for segment, growth in ((0, 0.1), (1, -0.1)):
        np.testing.assert_allclose(buyers["order_size"][buyers["segment"] == segment], (1 + growth) ** 3, rtol=1e-6)
