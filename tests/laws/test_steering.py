"""What is set by hand on the way acts from its tick on, sets what it names, and leaves the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import small

from sim.market import Market
from sim.results.record import MARKET, SHARES, Record
from sim.scenario import Behaviour, ScenarioError

AT = 6
SETS: dict[str, dict[str, Any]] = {
    "price": {"adjust": {"seller": "Closers", "price": 1.2}},
    "effort": {"adjust": {"seller": "Allies", "effort": {"messages": 0.9}}},
    "budget": {"adjust": {"seller": "Allies", "budget_share": 0.0}},
    "pull share": {"set": {"pull_share": 0.1}},
    "schedule": {"set": {"pull_share": {"kind": "step", "at_tick": 8}}},
    "generations": {"set": {"pull_share": {"kind": "cohort", "turnover": 0.9}}},
    "search": {"set": {"behaviour": {"search_cost": {"pull": 3.0}, "research_rate": 0.5}}},
    "talk": {"set": {"word_of_mouth": {"rate": 0.6}}},
}


def run(*events: dict[str, Any], economy: str = "pull", engine: Any = "columns", **more: Any) -> Record:
    return Market(small(events=list(events), **more), economy, engine=engine).run()


@pytest.mark.parametrize("name", SETS)
def test_nothing_happens_before_its_tick_and_something_after(name: str) -> None:
    base, hit = run(buyers={"count": 400}), run({"at": AT, **SETS[name]}, buyers={"count": 400})
    for column in MARKET:
        assert base.market[column][:AT].tobytes() == hit.market[column][:AT].tobytes(), column
    assert any(not np.array_equal(base.shares[one], hit.shares[one], equal_nan=one != "alive") for one in SHARES)


@pytest.mark.parametrize("name", SETS)
def test_both_engines_and_any_threads_give_the_same_bytes(name: str) -> None:
    event = {"at": AT, **SETS[name]}
    one = run(event)
    assert one.same(run(event, engine="agents"))
    assert one.same(Market(small(events=[event]), "pull", threads=2, chunk=50).run())


def test_only_in_the_economies_that_are_named() -> None:
    for verb, content in {"exit": "Allies", **SETS["talk"], **SETS["price"]}.items():
        event = {"at": AT, verb: content, "economies": ["pull"]}
        assert run(event, economy="push").same(run(economy="push"))
        assert run(event).same(run({"at": AT, verb: content}))
        assert not run(event).same(run())


def test_an_entrant_of_one_economy_is_silent_in_the_other() -> None:
    entry = {"at": AT, "enter": {"name": "Newcomer", "strategy": "innovator"}, "economies": ["pull"]}
    push, base = run(entry, economy="push"), run(economy="push")
    assert not push.shares["alive"][:, 4].any()
    assert push.shares["share"][:, :4].tobytes() == base.shares["share"].tobytes()
    assert run(entry).shares["share"][-1, 4] > 0


def test_behaviour_that_is_set_is_what_a_scenario_would_say() -> None:
    """Persuasion plays no part in the opening: setting it at once is having had it all along."""
    for pair in ({"push": 0.3, "pull": 0.9}, 0.4):
        set_at_once = run({"at": 0, "set": {"behaviour": {"persuasion": pair}}})
        assert set_at_once.same(run(behaviour={"persuasion": pair}))
    left_out = run({"at": 0, "set": {"behaviour": {"persuasion": {"pull": 0.9}}}})
    assert left_out.same(run(behaviour={"persuasion": {"push": Behaviour().persuasion.push, "pull": 0.9}}))


def test_word_of_mouth_and_pull_share_that_are_set_are_what_a_scenario_would_say() -> None:
    assert run({"at": 0, "set": {"word_of_mouth": {"rate": 0.3}}}).same(run(word_of_mouth={"rate": 0.3}))
    schedule = {"kind": "logistic", "midpoint": 9, "width": 1}
    base = run({"at": 3, "set": {"pull_share": schedule}}, economy="push")
    assert base.market["pull_share"][:3].max() == 0
    assert base.market["pull_share"][-1] > 0.9  # the schedule counts ticks since the opening
    assert run({"at": 5, "set": {"pull_share": 0}}).market["pull_share"].tolist() == [1.0] * 5 + [0.0] * 9


def test_what_is_set_twice_keeps_what_was_set_before() -> None:
    first = {"at": 0, "set": {"behaviour": {"persuasion": 0.4}, "word_of_mouth": {"rate": 0.2}}}
    second = {"at": 0, "set": {"behaviour": {"naivety": 0.9}, "word_of_mouth": {"dissatisfied_ratio": 3.0}}}
    both = run(behaviour={"persuasion": 0.4, "naivety": 0.9}, word_of_mouth={"rate": 0.2, "dissatisfied_ratio": 3.0})
    assert run(first, second).same(both)


def test_groups_that_do_not_turn_stay_at_push() -> None:
    still = {"economies": {"pull": {"pull_share": 1, "groups": ["search"]}}}
    event = {"at": 2, "set": {"behaviour": {"persuasion": {"pull": 1.9}}}}
    assert run(event, **still).same(run(**still))


def test_a_segment_keeps_its_own_value() -> None:
    segments = {
        "segments": [
            {"name": "own", "fraction": 0.5, "persuasion": 0.2},
            {"name": "as all", "fraction": 0.5},
        ]
    }
    event = {"at": 0, "set": {"behaviour": {"persuasion": 1.7}}}
    assert run(event, buyers=segments).same(run(behaviour={"persuasion": 1.7}, buyers=segments))


def test_an_adjustment_sets_what_it_names_and_leaves_the_rest() -> None:
    shock = {"at": 3, "shock": {"seller": "Heritage", "price": 0.2}}
    record = run(shock, {"at": AT, "adjust": {"seller": "Heritage", "price": 0.9, "effort": {"messages": 0.5}}})
    price = record.contacts["price"][:, 0]
    assert price.tolist() == [1.0] * 3 + [1.2] * 3 + [0.9] * 8
    before = {one: record.contacts[f"effort_{one}"][0, 0] for one in ("visits_to_customers", "human_service")}
    after = {one: record.contacts[f"effort_{one}"][-1, 0] for one in before}
    assert record.contacts["effort_messages"][-1, 0] == 0.5
    total = sum(record.contacts[f"effort_{one}"][-1, 0] for one in ("messages", *before, "training"))
    assert total <= 1 + 1e-12
    # what is left out shrinks in proportion
    assert after["visits_to_customers"] / before["visits_to_customers"] == pytest.approx(
        after["human_service"] / before["human_service"]
    )
    assert after["human_service"] < before["human_service"]


def test_effort_that_fits_shrinks_nothing() -> None:
    event = {"at": AT, "adjust": {"seller": "Heritage", "effort": {"visits_to_customers": 0.1}}}
    record = run(event)
    for one in ("visits_to_prospects", "messages", "human_service", "self_service", "training"):
        assert len(set(record.contacts[f"effort_{one}"][:, 0].tolist())) == 1, one
    assert record.contacts["effort_visits_to_customers"][-1, 0] == 0.1


def test_before_the_first_plan_an_adjustment_changes_the_opening() -> None:
    event = {"at": 0, "adjust": {"seller": "Heritage", "price": 0.8}}
    assert run(event).contacts["price"][:, 0].tolist() == [0.8] * 14
    entry = {"at": 4, "enter": {"name": "Newcomer", "strategy": "innovator"}}
    at_once = {"at": 4, "adjust": {"seller": "Newcomer", "price": 0.7}}
    assert run(entry, at_once).same(
        run({"at": 4, "enter": {"name": "Newcomer", "strategy": "innovator", "price": 0.7}})
    )


def test_stubbornness_that_is_set_begins_and_ends_adaptation() -> None:
    sellers = [
        {"name": "Heritage", "strategy": "relationship-reliant", "stubbornness": 0.0, "quality": 0.1},
        {"name": "Oak", "strategy": "relationship-reliant", "stubbornness": 1.0, "quality": 0.1},
        {"name": "Allies", "strategy": "collaborative"},
    ]
    stop = {"at": 20, "adjust": {"seller": "Heritage", "stubbornness": 1.0}}
    begin = {"at": 20, "adjust": {"seller": "Oak", "stubbornness": 0.0}}
    record = run(stop, begin, sellers=sellers, horizon=60)
    moved = np.diff(record.contacts["effort_self_service"], axis=0) != 0
    assert moved[:19, 0].any()
    assert not moved[19:, 0].any()
    assert not moved[:19, 1].any()
    assert moved[19:, 1].any()


def test_a_market_that_goes_on_as_another_scenario_is_that_scenarios() -> None:
    events = [{"at": 2, "shock": {"seller": "Closers", "quality": -0.1}}]
    later = [{"at": 5, **SETS["search"]}, {"at": 5, **SETS["price"]}, {"at": 9, "exit": "Allies"}]
    market = Market(small(events=events), "transition")
    for _ in range(5):
        market.step()
    market.go_on_as(small(events=[*events, *later]))
    assert market.run().same(run(*events, *later, economy="transition"))


def test_the_past_cannot_be_another() -> None:
    market = Market(small(), "pull")
    for _ in range(5):
        market.step()
    for other in (
        small(events=[{"at": 4, **SETS["price"]}]),
        small(seed=12),
        small(events=[{"at": 7, "enter": {"name": "Newcomer", "strategy": "innovator"}}]),
    ):
        with pytest.raises(ValueError, match="up to tick 5"):
            market.go_on_as(other)
    market.go_on_as(small(events=[{"at": 4, **SETS["price"], "economies": ["push"]}]))  # elsewhere


def test_the_last_ticks_are_those_of_the_record() -> None:
    market = Market(small(horizon=70, events=[{"at": 5, "enter": {"name": "New", "strategy": "innovator"}}]), "pull")
    while market.running:
        market.step()
        if market.tick in (1, 63, 64, 65, 70):
            ticks = min(market.tick, 7)
            recent, record = market.recent(ticks), market.record()
            for name, column in recent.shares.items():
                assert np.array_equal(column, record.shares[name][-ticks:], equal_nan=name != "alive")
            assert np.array_equal(recent.pull_share, record.market["pull_share"][-ticks:])
            ledger = np.zeros_like(recent.switches)
            late = record.switches["tick"] >= market.tick - ticks
            place = (record.switches["tick"] - market.tick + ticks, record.switches["cause"])
            place = (*place, record.switches["from_seller"], record.switches["to_seller"])
            ledger[tuple(one[late] for one in place)] = record.switches["buyers"][late]
            assert np.array_equal(ledger, recent.switches)
    with pytest.raises(ValueError, match="are not at hand"):
        market.recent(65)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"set": {}}, "sets nothing: give at least one of pull_share, behaviour, word_of_mouth"),
        ({"set": {"behaviour": {"search_cost": {"pull": -1}}}}, "must be a number of at least 0, not -1"),
        ({"adjust": {"seller": "Allies"}}, "adjusts nothing: give at least one of price, effort"),
        ({"adjust": {"seller": "Nobody", "price": 1.0}}, "there is no seller 'Nobody'"),
        (
            {"adjust": {"seller": "Allies", "effort": {"messages": 0.8, "training": 0.4}}},
            "adds up to 1.2 of the budget",
        ),
        ({"exit": "Allies", "economies": ["pul"]}, "there is no economy 'pul'; did you mean 'pull'?"),
        ({"exit": "Allies", "economies": ["pull", "pull"]}, "'pull' is there twice"),
        ({"exit": "Allies", "economies": []}, "must have at least 1 entry, not 0"),
    ],
)
def test_mistakes(event: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        small(events=[{"at": AT, **event}])
    assert message in str(caught.value)
    assert len(caught.value.mistakes) == 1


def test_presence_is_followed_in_each_economy() -> None:
    leaves = {"at": 3, "exit": "Allies", "economies": ["push"]}
    price = {"at": 5, "adjust": {"seller": "Allies", "price": 1.0}}
    with pytest.raises(ScenarioError, match="'Allies' is not there at tick 5: it left at tick 3"):
        small(events=[leaves, price])
    small(events=[leaves, {**price, "economies": ["pull"]}])
    entry = {"at": 3, "enter": {"name": "New", "strategy": "innovator"}, "economies": ["push"]}
    with pytest.raises(ScenarioError, match="'New' is not there in economy 'transition': it enters in others only"):
        small(events=[entry, {"at": 5, "exit": "New"}])
    small(events=[entry, {"at": 5, "exit": "New", "economies": ["push"]}])
