"""Each mechanism turned off gives its limiting case; and turned on it does something."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import ENTRY, incumbents, small, steps

from sim.agents import BuyerAgent
from sim.columns import CAUSES
from sim.market import Market
from sim.results.record import Record


def run(economy: str = "transition", **more: Any) -> tuple[Market, Record]:
    market = Market(small(**more), economy)
    return market, market.run()


def off(mechanism: str, economy: str = "transition", **more: Any) -> tuple[Market, Record]:
    return run(economy, mechanisms={mechanism: False}, **more)


@pytest.mark.parametrize("mechanism", ["learning", "contacts", "relationship", "aspiration", "patience", "skill"])
def test_every_switch_matters(mechanism: str) -> None:
    with_it = run(horizon=36)[1]
    without = off(mechanism, horizon=36)[1]
    assert not with_it.same(without)


def test_without_learning_beliefs_are_the_truth() -> None:
    told: list[float] = []

    class Knowing(BuyerAgent):
        def research(self) -> None:
            state = self.model.state
            row = int(self.pull_mode)
            for seller in self.model.sellers:
                truth = state.appeal[row, seller.place] + state.pairs["taste"][self.row, seller.place]
                told.append(self.belief_mean(seller) - truth)
                assert self.belief_variance(seller) == 0.0
            super().research()

    scenario = small(mechanisms={"learning": False}, events=[ENTRY], horizon=8, buyers={"count": 60})
    Market(scenario, "transition", engine="agents", buyer_class=Knowing).run()
    assert len(told) == 8 * 60 * 5
    assert np.abs(told).max() < 1e-6  # beliefs are kept in 32 bits

    # in a market whose service is settled, exactly
    still = Market(small(1, mechanisms={"learning": False}), "push")
    steps(still, 3)
    truth = still.state.appeal[0, 0] + still.state.pairs["taste"][:, 0]
    np.testing.assert_allclose(still.state.pairs["belief_mean"][:, 0], truth, rtol=1e-6)
    assert still.record().market["belief_error"] == pytest.approx(0.0, abs=1e-10)
    assert (still.record().buyers["belief_variance"] == 0).all()


def test_without_contacts_nobody_calls() -> None:
    _, record = off("contacts", "push", events=[ENTRY])
    for name in ("visits_to_customers", "visits_to_prospects", "messages", "relationship_from_visits"):
        assert (record.contacts[name] == 0).all(), name
    assert (record.buyers["visits"] == 0).all()
    assert (record.market["seller_initiated"] == 0).all()
    causes = set(record.switches["cause"].tolist())
    assert not causes & {CAUSES.index("push message"), CAUSES.index("visit")}
    # effort on contacts is still paid for
    assert record.contacts["effort_messages"].sum() > 0


def test_without_relationships_all_are_zero() -> None:
    market, record = off("relationship")
    assert not market.state.pairs["relationship"].any()
    held = record.shares["customers"] > 0
    assert (record.shares["relationship"][held] == 0).all()
    assert (record.contacts["relationship_from_visits"] == 0).all()
    assert (record.contacts["relationship_from_experience"] == 0).all()


def test_without_aspiration_it_stays_as_it_was() -> None:
    market = Market(small(mechanisms={"aspiration": False}), "pull")
    before = market.state.buyers["aspiration"].copy()
    market.run()
    np.testing.assert_array_equal(market.state.buyers["aspiration"], before)


def test_without_patience_it_stays_at_its_norm() -> None:
    market = Market(small(mechanisms={"patience": False}), "transition")
    for _ in range(14):
        market.step()
        pull = market.state.buyers["pull_threshold"] < market.pull_share
        np.testing.assert_array_equal(market.state.buyers["patience"], np.where(pull, 0.3, 0.9).astype(np.float32))


def test_without_skill_it_stays_as_it_was() -> None:
    _, record = off("skill", events=[ENTRY])
    np.testing.assert_array_equal(record.shares["sales_skill"][:, :4], [[0.5, 0.8, 0.6, 0.4]] * 14)
    np.testing.assert_array_equal(record.shares["sales_skill"][5:, 4], 0.6)
    assert len(np.unique(run()[1].shares["sales_skill"][:, 0])) == 14


def test_without_adaptation_the_opening_plan_stands() -> None:
    yielding = [
        {"name": "Heritage", "strategy": "relationship-reliant", "stubbornness": 0.0},
        {"name": "Allies", "strategy": "collaborative", "opening_self_service": 1.0},
    ]
    adapting = run("pull", sellers=yielding, horizon=60)[1]
    staying = off("adaptation", "pull", sellers=yielding, horizon=60)[1]
    visits = "effort_visits_to_customers"
    assert (staying.contacts[visits][:, 0] == 0.55).all()
    assert adapting.contacts[visits][-1, 0] < 0.55
    # a change of course is an event and takes place all the same
    change = [{"at": 5, "change": {"seller": "Heritage", "strategy": "collaborative"}}]
    changed = off("adaptation", "pull", sellers=yielding, events=change)[1]
    assert changed.contacts[visits][:, 0].tolist() == [0.55] * 5 + [0.20] * 9


def test_without_exit_nobody_gives_up() -> None:
    sellers = [
        {"name": "Heritage", "strategy": "relationship-reliant"},
        {"name": "Closers", "strategy": "hard-sell", "price": 0.5, "cash": 0.0},
    ]
    _, record = off("exit", sellers=sellers)
    assert record.shares["alive"].all()
    assert (record.shares["cash"][:, 1] < 0).all()
    assert not run(sellers=sellers)[1].shares["alive"].all()


def test_without_word_of_mouth_neighbours_do_not_matter() -> None:
    quiet = {"rule": "none"}
    one = run(word_of_mouth=quiet)[1]
    other = run(word_of_mouth=quiet, buyers={"network": {"degree": 4, "rewiring": 1.0}})[1]
    assert one.same(other)
    assert CAUSES.index("word of mouth") not in one.switches["cause"]
    loud = run(word_of_mouth={"rate": 0.5})[1]
    assert not loud.same(run(word_of_mouth={"rate": 0.5}, buyers={"network": {"degree": 4, "rewiring": 1.0}})[1])


@pytest.mark.parametrize("ways", [{"rate": 0.0}, {"rule": "threshold", "threshold": 0.0, "rate": 0.0}])
def test_who_never_talks_is_not_heard(ways: dict[str, Any]) -> None:
    assert run(word_of_mouth=ways)[1].same(run(word_of_mouth={"rule": "none"})[1])


def test_without_neighbours_nothing_is_heard() -> None:
    alone = run(buyers={"network": {"degree": 0}}, word_of_mouth={"rate": 0.5})[1]
    assert alone.same(run(buyers={"network": {"degree": 0}}, word_of_mouth={"rule": "none"})[1])


def test_threshold_zero_is_simple() -> None:
    """Rule `threshold`: with a threshold of 0 every talk counts; above 1 neighbour, less is heard."""
    simple = run(word_of_mouth={"rate": 0.3})[1]
    low = run(word_of_mouth={"rate": 0.3, "rule": "threshold", "threshold": 0.0})[1]
    high = run(word_of_mouth={"rate": 0.3, "rule": "threshold", "threshold": 1.0})[1]
    assert simple.same(low)
    assert not simple.same(high)
    assert high.buyers["belief_variance"][-1] > simple.buyers["belief_variance"][-1]


def test_without_research_buyers_wait_to_be_called() -> None:
    _, record = run("pull", research={"rule": "none"}, events=[ENTRY])
    for name in ("research_rate", "inspections", "buyer_initiated"):
        assert (record.market[name] == 0).all(), name
    causes = set(record.switches["cause"].tolist())
    assert causes <= {CAUSES.index("push message"), CAUSES.index("visit")}


def test_research_that_costs_too_much_is_not_done() -> None:
    """Weitzman with a search cost beyond any hope looks around and inspects nobody."""
    _, record = run("pull", behaviour={"search_cost": 1_000.0})
    assert record.market["research_rate"].sum() > 0
    assert (record.market["inspections"] == 0).all()


def test_free_research_inspects_while_the_unknown_is_promising() -> None:
    free = run("pull", behaviour={"search_cost": 0.0})[1]
    every = run("pull", behaviour={"search_cost": 0.0}, research={"rule": "all"})[1]
    assert 0 < free.market["inspections"][0] <= every.market["inspections"][0]
    # all four sellers are known: three rivals each
    np.testing.assert_allclose(every.market["inspections"][0], 3 * every.market["research_rate"][0])


def test_a_fixed_sample_counts_the_incumbent() -> None:
    """κ / σ̃ of a rival in the first tick decides how many are looked at: n* less the incumbent."""
    behaviour = {"research_variance": 0.5, "review_reading": 0.0, "research_rate": 1.0}
    sellers = [
        {"name": name, "strategy": "collaborative", "opening_self_service": 1.0}
        for name in ("A", "B", "C", "D", "E", "F", "G", "H")
    ]
    spread = np.sqrt(2.0 * 2.0 / (2.0 + 0.5))
    for ratio, sample in ((0.15, 4), (0.25, 3), (0.3, 2), (0.6, 1)):
        cost = {"search_cost": float(ratio * spread)}
        _, record = run(
            "pull", behaviour=behaviour | cost, sellers=sellers, research={"rule": "fixed-sample"},
            mechanisms={"contacts": False}, word_of_mouth={"rule": "none"}, horizon=1,
        )  # fmt: skip
        np.testing.assert_allclose(record.market["inspections"][0], sample - 1)


@pytest.mark.parametrize("kind", ["exponential", "mm1", "erlang-c"])
def test_service_congests(kind: str) -> None:
    """The same spending serves few better than many, in every kind of congestion."""
    shares = []
    for share in (0.1, 0.9):
        sellers = [
            {"name": "A", "strategy": "collaborative", "opening_share": share, "unit_cost": 0.6},
            {"name": "B", "strategy": "collaborative", "opening_share": 1 - share, "unit_cost": 0.6},
        ]
        market = Market(small(sellers=sellers, selling={"congestion": {"kind": kind}, "budget_rate": 0.0}), "push")
        market.step()
        market.state.sellers["budget"] = 12.0
        market.step()
        shares.append(float(market.seller("A").human_service))  # type: ignore[attr-defined]
        assert len(set(incumbents(market).tolist())) == 2
    assert 1 >= shares[0] > shares[1] >= 0


def test_the_groups_of_pull_turn_one_by_one() -> None:
    """An economy in which nothing turns is push, but for the reviews that belong to no group."""
    groups = ["search", "experience", "relationship", "persuasion", "switching", "aspiration"]
    economies: dict[str, Any] = {
        "push": {"pull_share": 0},
        "nothing": {"pull_share": 1, "groups": []},
        **{f"only {group}": {"pull_share": 1, "groups": [group]} for group in groups},
        **{
            f"all but {group}": {"pull_share": 1, "groups": [one for one in groups if one != group]} for group in groups
        },
        "pull": {"pull_share": 1},
    }
    scenario = small(economies=economies, behaviour={"review_reading": 0.0}, buyers={"count": 1_500})
    records = {name: Market(scenario, name).run() for name in economies}
    customers = {name: record.shares["customers"].tobytes() for name, record in records.items()}
    assert customers["push"] == customers["nothing"]
    for group in groups:
        assert customers[f"only {group}"] != customers["push"], group
        assert customers[f"all but {group}"] != customers["pull"], group
    assert (records["nothing"].market["pull_share"] == 1).all()
