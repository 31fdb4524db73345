"""A stage overridden in Python runs, changes what it should, and only that."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import ENTRY, incumbents, small, steps

from sim.agents import BuyerAgent, SellerAgent
from sim.market import Market
from sim.results.record import Record


def run(buyer_class: type[BuyerAgent] = BuyerAgent, economy: str = "pull", **more: Any) -> tuple[Market, Record]:
    scenario = small(**{"events": [ENTRY], "buyers": {"count": 100}, "horizon": 10, **more})
    market = Market(scenario, economy, engine="agents", buyer_class=buyer_class)
    return market, market.run()


class Same(BuyerAgent):
    """Overrides every stage and does what was done before."""

    def listen(self) -> None:
        super().listen()

    def research(self) -> None:
        super().research()

    def choose(self) -> SellerAgent:
        return super().choose()

    def experience(self) -> None:
        super().experience()


def test_a_stage_of_one_buyer_alone() -> None:
    scenario = small(events=[ENTRY], buyers={"count": 100}, horizon=10)
    market = Market(scenario, "pull", engine="agents")
    home = market.buyer(7).seller
    market.buyer(7).choose = lambda: home  # type: ignore[method-assign]
    market.run()
    assert market.buyer(7).tenure == 10
    assert market.buyer(7).seller is home


class Impatient(BuyerAgent):
    """Asks itself whom it would choose, order or not."""

    def research(self) -> None:
        super().research()
        self._order = 0
        wanted = self.choose()
        if not self.orders:
            assert wanted is self.seller


def test_without_an_order_the_choice_is_the_incumbent() -> None:
    seldom = {"count": 60, "incidence": {"kind": "bernoulli", "rate": 0.5}}
    market = Market(small(events=[], buyers=seldom, horizon=6), "push", engine="agents", buyer_class=Impatient)
    market.run()
    assert {0, 1} == set(market.state.buyers["orders"].tolist())


class Bargainer(BuyerAgent):
    """Buys from the cheapest of those considered."""

    def choose(self) -> SellerAgent:
        return min(self.considered, key=lambda seller: seller.price)  # type: ignore[attr-defined,no-any-return]


class Deaf(BuyerAgent):
    """Listens to nobody."""

    def listen(self) -> None:
        pass


class Idle(BuyerAgent):
    """Never looks around."""

    def research(self) -> None:
        pass


class Stoic(BuyerAgent):
    """Expects no more and no less than at the opening."""

    def experience(self) -> None:
        before = self.aspiration
        super().experience()
        self.aspiration = before


def test_overriding_nothing_changes_nothing() -> None:
    market, record = run(Same)
    assert record.same(run()[1])
    assert record.same(Market(market.scenario, "pull").run())
    assert all(type(buyer) is Same for buyer in market.buyers)


def test_choose() -> None:
    """Bargainers end with the cheapest seller that they have met; what precedes the first choice is untouched."""
    scenario = small(events=[ENTRY], buyers={"count": 100}, horizon=30)
    market = Market(scenario, "pull", engine="agents", buyer_class=Bargainer)
    plain = Market(scenario, "pull", engine="agents")
    market.step()
    plain.step()
    one, other = market.record(), plain.record()
    for name in ("visits_to_customers", "visits_to_prospects", "messages", "inspections"):
        np.testing.assert_array_equal(one.contacts[name], other.contacts[name])
    np.testing.assert_array_equal(one.market["research_rate"], other.market["research_rate"])
    assert one.market["churn"][0] != other.market["churn"][0]
    record = market.run()
    cheapest = record.sellers.index("Value")
    while plain.running:
        plain.step()
    assert record.shares["share"][-1, cheapest] > 0.7 > plain.record().shares["share"][-1, cheapest]
    # nobody ever moves to a dearer seller
    price = record.contacts["price"]
    when, origin, target = (record.switches[name] for name in ("tick", "from_seller", "to_seller"))
    assert (price[when, target] <= price[when, origin]).all()


def test_listen() -> None:
    _, record = run(Deaf, "push")
    for name in ("visits_to_customers", "visits_to_prospects", "messages", "relationship_from_visits"):
        assert (record.contacts[name] == 0).all(), name
    assert record.contacts["relationship_from_experience"].sum() > 0
    assert record.market["research_rate"].sum() > 0
    # the same as a market in which nobody calls and nobody talks
    quiet = run(economy="push", mechanisms={"contacts": False}, word_of_mouth={"rule": "none"})[1]
    np.testing.assert_array_equal(record.shares["customers"], quiet.shares["customers"])
    np.testing.assert_array_equal(record.shares["satisfaction"], quiet.shares["satisfaction"])


def test_research() -> None:
    _, record = run(Idle)
    assert (record.market["research_rate"] == 0).all()
    assert (record.market["inspections"] == 0).all()
    assert record.contacts["messages"].sum() > 0
    none = run(research={"rule": "none"})[1]
    np.testing.assert_array_equal(record.shares["customers"], none.shares["customers"])
    assert record.buyers["belief_variance"].tobytes() == none.buyers["belief_variance"].tobytes()


def test_experience() -> None:
    market = Market(small(), "pull", engine="agents", buyer_class=Stoic)
    before = market.state.buyers["aspiration"].copy()
    steps(market, 4)
    np.testing.assert_array_equal(market.state.buyers["aspiration"], before)
    plain = steps(Market(small(), "pull", engine="agents"), 4)
    assert not np.array_equal(plain.state.buyers["aspiration"], before)
    # the first tick's choices are the same: experience comes after them
    np.testing.assert_array_equal(market.record().shares["customers"][0], plain.record().shares["customers"][0])


def test_a_stage_may_be_overridden_for_some_buyers() -> None:
    """One loyal buyer in a hundred: only its own path changes in the first tick."""

    class OneLoyal(BuyerAgent):
        def choose(self) -> SellerAgent:
            chosen = super().choose()
            return self.seller if self.row == 7 else chosen

    words: dict[str, Any] = {"behaviour": {"switching_cost": 0.0, "research_rate": 1.0}, "research": {"rule": "all"}}
    plain = Market(small(**words), "pull", engine="agents")
    market = Market(small(**words), "pull", engine="agents", buyer_class=OneLoyal)
    before = incumbents(market)
    market.step()
    plain.step()
    after, usual = incumbents(market), incumbents(plain)
    assert after[7] == before[7]
    others = np.arange(120) != 7
    np.testing.assert_array_equal(after[others], usual[others])
    while market.running:
        market.step()
        assert incumbents(market)[7] == before[7]


def test_an_override_can_ask_what_a_buyer_knows() -> None:
    """A stage sees the considered set, utilities and beliefs of this tick."""
    seen: list[tuple[int, float]] = []

    class Curious(BuyerAgent):
        def choose(self) -> SellerAgent:
            considered = self.considered
            seen.append((len(considered), max(self.utility(seller) for seller in considered)))
            assert self.seller in considered
            return super().choose()

    _, record = run(Curious)
    assert record.same(run()[1])
    assert len(seen) == 100 * 10
    assert max(size for size, _ in seen) >= 3
    assert np.isfinite([best for _, best in seen]).all()


def test_without_a_noise_of_taste_the_best_is_chosen() -> None:
    class Rational(BuyerAgent):
        def choose(self) -> SellerAgent:
            return max(self.considered, key=self.utility)

    _, record = run(Rational)
    assert record.market["churn"].sum() < run()[1].market["churn"].sum()


@pytest.mark.parametrize("engine", ["columns", "agents"])
def test_a_handle_may_write(engine: str) -> None:
    """What is written to a buyer is what the law reads next: nobody is patient, so more look around."""
    rates = []
    for patience in (0.0, 1.0):
        market = Market(small(mechanisms={"patience": True}), "push", engine=engine)  # type: ignore[arg-type]
        for buyer in market.buyers:
            buyer.patience = patience  # type: ignore[attr-defined]
            buyer.aspiration = buyer.aspiration + 1.5  # type: ignore[attr-defined]
        market.step()
        rates.append(market.record().market["research_rate"][0])
    assert rates[0] > rates[1]
