"""What a market measures adds up, and can be read as Mesa's DataCollector is read."""

from __future__ import annotations

import numpy as np
import pytest
from markets import ENTRY, small

from sim.market import Market
from sim.results.record import BUYERS, CONTACTS, MARKET, SHARES, SWITCHES, Record


@pytest.fixture(scope="module")
def record() -> Record:
    return Market(small(events=[ENTRY, {"at": 9, "exit": "Value"}]), "transition").run()


def test_columns_and_dtypes(record: Record) -> None:
    groups = {
        "shares": SHARES,
        "contacts": CONTACTS,
        "market": MARKET,
        "buyers": BUYERS,
        "switches": SWITCHES,
    }
    for name_of_group, declared in groups.items():
        group = getattr(record, name_of_group)
        assert list(group) == list(declared)
        for name, dtype in declared.items():
            assert group[name].dtype == np.dtype(dtype), name


def test_shares_and_concentration(record: Record) -> None:
    np.testing.assert_array_equal(record.shares["share"], record.shares["customers"] / 120)
    np.testing.assert_allclose(record.market["hhi"], (record.shares["share"] ** 2).sum(axis=1))


def test_churn_is_the_ledger(record: Record) -> None:
    switched = np.bincount(record.switches["tick"], record.switches["buyers"], record.ticks)
    np.testing.assert_array_equal(record.market["churn"], switched / 120)
    assert (record.switches["buyers"] > 0).all()
    assert (record.switches["from_seller"] != record.switches["to_seller"]).all()
    initiated = record.market["buyer_initiated"] + record.market["seller_initiated"]
    assert (initiated <= switched).all()


def test_money(record: Record) -> None:
    """Revenue is price times orders; cash is the sum of profits; profit by its formula."""
    shares, contacts = record.shares, record.contacts
    np.testing.assert_allclose(shares["revenue"], contacts["price"] * shares["customers"])  # one order a buyer
    alive = shares["alive"]
    before = np.vstack([np.full(5, 0.5 * 120 / 4), shares["cash"][:-1]])
    incumbents = np.arange(5) < 4
    np.testing.assert_allclose(
        (before + shares["profit"])[:, incumbents], shares["cash"][:, incumbents], rtol=1e-12, atol=1e-9
    )
    assert (shares["profit"][~alive] == 0).all()
    np.testing.assert_allclose(record.buyers["producer_surplus"], shares["profit"].sum(axis=1) / 120)


def test_means_are_missing_where_there_is_nobody(record: Record) -> None:
    nobody = record.shares["customers"] == 0
    assert nobody.any()
    for name in ("satisfaction", "relationship"):
        np.testing.assert_array_equal(np.isnan(record.shares[name]), nobody)
    assert not record.shares["alive"][9:, 3].any()
    assert not record.shares["alive"][:5, 4].any()
    assert record.shares["alive"][5:, 4].all()


def test_what_a_stage_counts_is_within_its_bounds(record: Record) -> None:
    assert ((record.market["research_rate"] >= 0) & (record.market["research_rate"] <= 1)).all()
    inspections = record.contacts["inspections"].sum(axis=1)
    np.testing.assert_allclose(record.market["inspections"], inspections / 120)
    visits = record.contacts["visits_to_customers"] + record.contacts["visits_to_prospects"]
    np.testing.assert_allclose(record.buyers["visits"], visits.sum(axis=1) / 120)
    for name in ("homework_share", "decided_before_contact"):
        found = record.buyers[name][~np.isnan(record.buyers[name])]
        assert found.size
        assert ((found >= 0) & (found <= 1 + 1e-9)).all()


def test_satisfaction_is_the_mean_over_sellers(record: Record) -> None:
    customers = record.shares["customers"]
    by_seller = np.where(customers > 0, np.nan_to_num(record.shares["satisfaction"]), 0.0)
    np.testing.assert_allclose(
        record.buyers["satisfaction"], (by_seller * customers).sum(axis=1) / customers.sum(axis=1), atol=1e-6
    )


def test_frames_as_mesa_gives_them() -> None:
    market = Market(small(), "pull")
    record = market.run()
    model = market.datacollector.get_model_vars_dataframe()
    assert len(model) == 14
    np.testing.assert_array_equal(model["churn"], record.market["churn"])
    np.testing.assert_array_equal(model["buyers_patience"], record.buyers["patience"])
    np.testing.assert_array_equal(model["share Heritage"], record.shares["share"][:, 0])
    agents = market.datacollector.get_agent_vars_dataframe()
    assert agents.index.names == ["tick", "seller"]
    for position, name in enumerate(record.sellers):
        np.testing.assert_array_equal(
            agents.xs(name, level="seller")["customers"], record.shares["customers"][:, position]
        )


def test_an_empty_record() -> None:
    empty = Market(small()).record()
    assert empty.ticks == 0
    assert all(column.shape == (0, 4) for column in empty.shares.values())
    assert empty.opening_share.sum() == pytest.approx(1.0)
