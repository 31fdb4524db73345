"""Nothing is lost and nothing leaves its range, in any market that a scenario can describe."""

from __future__ import annotations

from typing import Any

import numpy as np
from generators import scenario_trees
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markets import sane

from sim.market import Market
from sim.results.record import Record
from sim.scenario import Scenario

FEW = 70


def shrunk(tree: dict[str, Any]) -> dict[str, Any]:
    """The same market with few buyers."""
    return {**sane(tree), "buyers": {**sane(tree.get("buyers", {})), "count": FEW}}


def check_ledger(record: Record) -> None:
    """Buyers who come and go explain every change in customers."""
    held = np.vstack([np.rint(record.opening_share * FEW).astype(int), record.shares["customers"]])
    assert (held.sum(axis=1) == FEW).all()
    assert (held >= 0).all()
    np.testing.assert_allclose(record.shares["share"].sum(axis=1), 1.0)
    change = np.zeros((record.ticks, len(record.sellers)), int)
    switches = record.switches
    np.add.at(change, (switches["tick"], switches["to_seller"]), switches["buyers"])
    np.subtract.at(change, (switches["tick"], switches["from_seller"]), switches["buyers"])
    np.testing.assert_array_equal(np.diff(held, axis=0), change)


def check_ranges(market: Market) -> None:
    """State variables are where the model says they live."""
    buyers, pairs, sellers = market.state.buyers, market.state.pairs, market.state.sellers
    prior = market.scenario.knowledge.prior_variance
    assert ((buyers["patience"] >= 0) & (buyers["patience"] <= 1)).all()
    assert ((pairs["relationship"] >= 0) & (pairs["relationship"] <= 1)).all()
    assert ((pairs["belief_variance"] >= 0) & (pairs["belief_variance"] <= np.float32(prior))).all()
    assert np.isfinite(pairs["belief_mean"]).all()
    assert np.isfinite(buyers["aspiration"]).all()
    assert (buyers["order_size"] >= 0).all()
    assert ((buyers["seller"] >= 0) & (buyers["seller"] < len(sellers))).all()
    for stock in ("self_service", "human_service", "sales_skill"):
        assert ((sellers[stock] >= 0) & (sellers[stock] <= 1)).all(), stock
    for amount in ("price", "unit_cost", "quality", "budget"):
        assert (sellers[amount] >= 0).all(), amount


@given(scenario_trees(), st.integers(0, 1_000))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_any_market_keeps_its_books(tree: dict[str, Any], pick: int) -> None:
    scenario = Scenario(**shrunk(tree))
    economies = list(scenario.economies)
    try:
        market = Market(scenario, economies[pick % len(economies)], replication=pick)
    except ValueError as error:
        assert "orders a tick" in str(error)  # noqa: PT017
        return
    while market.running:
        market.step()
        if market.tick % 10 == 1:
            check_ranges(market)
    check_ranges(market)
    record = market.record()
    check_ledger(record)
    for name, column in record.market.items():
        if name != "belief_error":  # of nobody, when no seller is left
            assert np.isfinite(column).all(), name
    for name in ("revenue", "profit", "cash"):
        assert np.isfinite(record.shares[name]).all(), name
    gone = ~record.shares["alive"] & np.vstack(
        [np.zeros_like(record.shares["alive"][:1]), ~record.shares["alive"][:-1]]
    )
    assert (record.shares["revenue"][gone] == 0).all()  # in the tick of its exit a seller still sells
