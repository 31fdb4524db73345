"""The market as a Mesa model: what it takes, what it can be asked, one tick after the other."""

from __future__ import annotations

import mesa
import numpy as np
import pytest
from markets import small, steps

from sim.agents import BuyerAgent, SellerAgent
from sim.market import Market


def test_it_is_a_mesa_model() -> None:
    market = Market(small())
    assert isinstance(market, mesa.Model)
    assert market.running
    assert market.tick == 0


def test_it_runs_to_its_horizon_and_not_further() -> None:
    market = Market(small(horizon=3))
    seen = []
    while market.running:
        market.step()
        seen.append(market.tick)
    assert seen == [1, 2, 3]
    with pytest.raises(RuntimeError, match="horizon of 3 ticks"):
        market.step()
    assert market.tick == 3


def test_run_is_a_loop_of_steps() -> None:
    market = Market(small())
    while market.running:
        market.step()
    assert market.record().same(Market(small()).run())


def test_a_record_so_far_is_the_start_of_the_whole() -> None:
    part = steps(Market(small(), "pull"), 5).record()
    whole = Market(small(), "pull").run()
    assert part.ticks == 5
    np.testing.assert_array_equal(part.shares["customers"], whole.shares["customers"][:5])
    early = whole.switches["tick"] < 5
    for name in part.switches:
        np.testing.assert_array_equal(part.switches[name], whole.switches[name][early])


def test_the_first_economy_is_the_default() -> None:
    assert Market(small()).economy == "push"


def test_the_seed_is_the_scenarios_unless_given() -> None:
    scenario = small()
    assert Market(scenario, rng=11).run().same(Market(scenario).run())
    assert Market(scenario, rng=12).run().same(Market(small(seed=12)).run())
    assert not Market(scenario, rng=12).run().same(Market(scenario).run())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"economy": "shove"}, r"'shove' is not an economy of 'small' \(push, transition, pull\)"),
        ({"engine": "rows"}, r"'rows' is not an engine \(columns, agents\)"),
        ({"threads": 0}, "threads and chunk must be at least 1"),
        ({"chunk": 0}, "threads and chunk must be at least 1"),
        (
            {"buyer_class": type("Bargainer", (BuyerAgent,), {})},
            'Bargainer overrides stages in Python: use engine="agents"',
        ),
        ({"replication": -1}, "negative"),
    ],
)
def test_what_it_does_not_take(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Market(small(), **arguments)  # type: ignore[arg-type]


def test_sellers_stand_in_the_order_of_the_file_entrants_last() -> None:
    market = Market(small(events=[{"at": 5, "enter": {"name": "Newcomer", "strategy": "innovator"}}]))
    assert [seller.name for seller in market.sellers] == ["Heritage", "Closers", "Allies", "Value", "Newcomer"]
    assert market.record().sellers == ("Heritage", "Closers", "Allies", "Value", "Newcomer")
    for seller in market.sellers:
        assert market.seller(seller.name) is seller
        assert market.seller_at(seller.place) is seller
    with pytest.raises(KeyError, match=r"no seller 'Nobody' \(Heritage, Closers"):
        market.seller("Nobody")


@pytest.mark.parametrize("engine", ["columns", "agents"])
def test_buyers_are_a_sequence(engine: str) -> None:
    market = Market(small(), engine=engine)  # type: ignore[arg-type]
    assert len(market.buyers) == 120
    assert [buyer.row for buyer in market.buyers] == list(range(120))
    assert market.buyer(-1).row == 119
    assert isinstance(market.buyers[7], BuyerAgent)
    with pytest.raises(IndexError):
        market.buyer(120)


def test_who_is_a_registered_agent() -> None:
    columns, agents = Market(small()), Market(small(), engine="agents")
    assert {type(agent) for agent in columns.agents} == {SellerAgent}
    assert len(columns.agents) == 4
    assert len(agents.agents) == 4 + 120
    assert len(agents.agents_by_type[BuyerAgent]) == 120
    assert set(agents.agents_by_type[SellerAgent]) == set(agents.sellers)


def test_shares_can_be_asked_as_it_runs() -> None:
    market = steps(Market(small(), "pull"), 4)
    record = market.record()
    for position, seller in enumerate(market.sellers):
        assert market.share(seller.name) == seller.share == record.shares["share"][3, position]


def test_a_scenario_is_not_changed_by_running_it() -> None:
    scenario = small(events=[{"at": 3, "change": {"seller": "Heritage", "strategy": "collaborative"}}])
    before = scenario.to_yaml()
    Market(scenario, "pull").run()
    assert scenario.to_yaml() == before


def test_pull_share_follows_the_schedule() -> None:
    market = Market(small(economies={"x": {"pull_share": {"kind": "piecewise", "points": [[0, 0.2], [8, 1.0]]}}}), "x")
    seen = [market.pull_share]
    for _ in range(10):
        market.step()
        seen.append(market.pull_share)
    # what is in force in a tick is the schedule at that tick
    assert seen == pytest.approx([0.2, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.0])


def test_sixty_four_sellers_run() -> None:
    """A17.17."""
    sellers = [{"name": f"S{number}", "strategy": "collaborative"} for number in range(60)]
    entries = [{"at": 2 + n, "enter": {"name": f"E{n}", "strategy": "innovator"}} for n in range(4)]
    market = Market(small(sellers=sellers, events=entries, buyers={"count": 400}), "pull")
    record = market.run()
    assert len(record.sellers) == 64
    assert (record.shares["customers"].sum(axis=1) == 400).all()
    assert record.shares["customers"][-1, 60:].sum() > 0
    last = market.sellers[int(np.argmax([seller.place for seller in market.sellers]))]
    assert (market.state.buyers["known"] >> np.uint64(last.place) & np.uint64(1)).any()
    assert market.record().same(
        Market(small(sellers=sellers, events=entries, buyers={"count": 400}), "pull", threads=2).run()
    )
