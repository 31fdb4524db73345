"""Mesa agents: handles over rows, and what a strategy or a stage of the user's may return."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import small, steps

from sim.agents import BuyerAgent, SellerAgent
from sim.columns import Buyers, Sellers, columns_of
from sim.market import Market
from sim.strategies import Effort, Plan, View


@pytest.fixture
def market() -> Market:
    return steps(Market(small(), "pull"), 3)


def test_a_buyer_is_a_handle_over_its_row(market: Market) -> None:
    buyer = market.buyer(17)
    row = market.state.buyers[17]
    for name in columns_of(Buyers):
        if name not in ("seller", "experience"):
            assert getattr(buyer, name) == row[name].item()
    assert buyer.last_experience == row["experience"]
    assert isinstance(buyer.seller, SellerAgent)
    assert buyer.seller.place == row["seller"]
    buyer.patience = 0.25
    assert market.state.buyers["patience"][17] == 0.25
    assert repr(buyer) == "BuyerAgent(17)"


def test_a_seller_is_a_handle_over_its_column(market: Market) -> None:
    seller = market.seller("Closers")
    column = market.state.sellers[seller.place]
    for name in columns_of(Sellers):
        if name != "effort":
            assert getattr(seller, name) == column[name].item()
    assert seller.effort.tolist() == column["effort"].tolist()  # type: ignore[attr-defined]
    seller.price = 0.8
    assert market.state.sellers["price"][seller.place] == 0.8
    assert seller.strategy == "hard-sell"
    assert repr(seller) == "SellerAgent('Closers', hard-sell)"


def test_a_column_explains_itself() -> None:
    assert BuyerAgent.patience.__doc__ == "patience in [0, 1] [-]"  # type: ignore[attr-defined]
    assert SellerAgent.cash.__doc__ == "cash [money]"  # type: ignore[attr-defined]


def test_what_a_buyer_believes(market: Market) -> None:
    buyer, allies = market.buyer(5), market.seller("Allies")
    pair = market.state.pairs[5, allies.place]
    assert buyer.belief_mean(allies) == pair["belief_mean"]
    assert buyer.belief_variance(allies) == pair["belief_variance"]
    assert buyer.relationship(allies) == pair["relationship"]


def test_utility_by_hand(market: Market) -> None:
    """u = m - (r / 2) v - α (1 - γ R) p + λ R + s for the incumbent, in pull."""
    buyer = market.buyer(5)
    for seller in market.sellers:
        m, v = buyer.belief_mean(seller), buyer.belief_variance(seller)
        bond, price = buyer.relationship(seller), seller.price  # type: ignore[attr-defined]
        expected = m - 0.25 * v - 3.0 * (1 - 0.4 * bond) * price + 0.5 * bond + 0.75 * (seller is buyer.seller)
        assert buyer.utility(seller) == pytest.approx(expected)


def test_without_contact_or_research_only_the_incumbent_is_considered(market: Market) -> None:
    buyer = market.buyer(5)
    assert buyer.considered == [buyer.seller]


def test_pull_mode() -> None:
    market = Market(small(economies={"half": {"pull_share": 0.5}}), "half")
    for row in range(40):
        assert market.buyer(row).pull_mode == (market.state.buyers["pull_threshold"][row] < 0.5)


@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        (
            None,
            TypeError,
            r"strategy 'collaborative' of 'Heritage': plan\(\) must return a Plan with an Effort, not NoneType",
        ),
        ((Effort(), 1.0, 0.0), TypeError, "must return a Plan with an Effort, not tuple"),
        (Plan((0.1,) * 6, 1.0), TypeError, "must return a Plan with an Effort"),  # type: ignore[arg-type]
        (Plan(Effort(), float("nan")), ValueError, "price nan and overclaim 0.0 must be finite and not negative"),
        (Plan(Effort(), -1.0), ValueError, "must be finite and not negative"),
        (Plan(Effort(), 1.0, float("inf")), ValueError, "must be finite and not negative"),
    ],
)
def test_a_plan_that_is_none_is_refused(returned: Any, error: type[Exception], message: str) -> None:
    class Broken:
        strategy = "collaborative"

        def plan(self, view: View) -> Plan:
            return returned  # type: ignore[no-any-return]

    market = Market(small(1))
    market.sellers[0].policy = Broken()  # type: ignore[assignment]
    with pytest.raises(error, match=message):
        market.step()


def test_any_object_with_a_plan_is_a_strategy() -> None:
    class Cutter:
        strategy = "cutter"

        def plan(self, view: View) -> Plan:
            return Plan(Effort(human_service=0.5), 1.0 - 0.01 * view.tick, 0.1)

    market = Market(small(2))
    market.sellers[0].policy = Cutter()  # type: ignore[assignment]
    record = steps(market, 5).record()
    assert record.contacts["price"][:, 0] == pytest.approx([1.0, 0.99, 0.98, 0.97, 0.96])
    assert record.contacts["effort_human_service"][:, 0] == pytest.approx(0.5)
    assert record.contacts["overclaim"][:, 0] == pytest.approx(0.1)


def test_a_choice_that_is_no_seller_is_refused() -> None:
    class Lost(BuyerAgent):
        def choose(self) -> SellerAgent:
            return 2  # type: ignore[return-value]

    with pytest.raises(TypeError, match=r"Lost.choose\(\) must return a SellerAgent, not int"):
        Market(small(), engine="agents", buyer_class=Lost).step()


def test_what_a_seller_sees() -> None:
    """Its own books and what is public, of the tick before; never the buyers' columns."""
    scenario = small(
        events=[{"at": 2, "enter": {"name": "Newcomer", "strategy": "innovator"}}, {"at": 3, "exit": "Value"}]
    )
    market = Market(scenario, "pull")
    first = market.sellers[0].view()
    assert first.tick == 0
    assert first.plan is None
    assert first.shares.shape == (1, 5)
    assert (first.profit, first.revenue, first.leads, first.lost, first.gained) == (0.0, 0.0, 0, 0, 0)
    steps(market, 4)
    record = market.record()
    switches = record.switches
    for position, seller in enumerate(market.sellers):
        view = seller.view()
        assert view.tick == 4
        assert view.name == view.sellers[view.own] == seller.name
        assert view.shares.shape == (5, 5)
        np.testing.assert_array_equal(view.shares[1:, view.own], record.shares["share"][:, position])
        assert view.share == record.shares["share"][3, position]
        assert view.customers == record.shares["customers"][3, position]
        assert view.profit == record.shares["profit"][3, position]
        assert view.cash == record.shares["cash"][3, position]
        assert view.revenue == pytest.approx(record.shares["revenue"][3, position])
        assert view.leads == record.contacts["inspections"][3, position]
        last = switches["tick"] == 3
        assert view.lost == switches["buyers"][last & (switches["from_seller"] == position)].sum()
        assert view.gained == switches["buyers"][last & (switches["to_seller"] == position)].sum()
        assert view.alive.sum() == 4
        known = {name for name, known in zip(view.sellers, view.known_rivals, strict=True) if known}
        # who was there when this seller opened
        assert known == {"Heritage", "Closers", "Allies", "Value"} | ({"Newcomer"} if position == 4 else set())
        with pytest.raises(ValueError, match="read-only"):
            view.shares[0, 0] = 1.0
    prices = dict(zip(view.sellers, view.prices, strict=True))
    assert np.isnan(prices["Value"])
    assert prices["Newcomer"] == 0.95


def test_writing_into_a_view_changes_no_market() -> None:
    market = Market(small())
    view = market.sellers[0].view()
    before = market.state.sellers.copy()
    view.prices[:] = 9.0
    view.efforts[:] = 9.0
    view.alive[:] = False
    assert (market.state.sellers == before).all()
