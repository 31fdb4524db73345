"""Scenarios settled, resolved, written, pickled; and made in Python."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import yaml

from sim.scenario import Behaviour, Economy, Logistic, Pair, Scenario, ScenarioError, seller_model, starter
from sim.strategies import Innovator


def scenario_of(*sellers: dict[str, Any], **more: Any) -> Scenario:
    named = [{"name": f"S{number}", "strategy": "hard-sell", **one} for number, one in enumerate(sellers)]
    return Scenario(**{"name": "x", "sellers": named, **more})


def test_opening_shares_are_what_the_others_leave() -> None:
    shares = [seller.opening_share for seller in scenario_of({"opening_share": 0.4}, {}, {}).settled().sellers]
    assert shares == pytest.approx([0.4, 0.3, 0.3])
    assert [seller.opening_share for seller in scenario_of({}, {}).settled().sellers] == [0.5, 0.5]


def test_nothing_is_left_open_in_a_settled_scenario(five_sellers: Scenario) -> None:
    more = {"selling": {"opening_cash": 0.8, "entrant_cash": 3, "entrant_launch": 12, "budget_share": 0.5}}
    settled = Scenario(**{**five_sellers.tree, **more}).settled()
    for seller in settled.sellers:
        assert (seller.opening_share, seller.cash, seller.launch, seller.budget_share) == (0.25, 0.2, 0, 0.5)
        assert seller.opening_self_service is None  # the market's fixed point
    entrant = settled.events[0].enter
    assert entrant is not None
    assert (entrant.opening_share, entrant.cash, entrant.launch, entrant.budget_share) == (0, 3, 12, 0.5)
    assert entrant.opening_self_service == 0.85


def test_an_entrant_without_self_service_starts_at_none() -> None:
    entry = {"at": 3, "enter": {"name": "E", "strategy": "collaborative"}}
    settled = scenario_of({}, events=[entry]).settled()
    assert settled.all_sellers[1].opening_self_service == 0


def test_what_is_given_is_kept() -> None:
    given = {"opening_share": 1, "cash": -0.5, "launch": 7, "budget_share": 0.1, "opening_self_service": 0.3}
    seller = scenario_of(given).settled().sellers[0]
    assert {name: getattr(seller, name) for name in given} == given


def test_settling_twice_changes_nothing(five_sellers: Scenario) -> None:
    once = five_sellers.settled()
    assert once.settled().model_dump() == once.model_dump()
    assert once == five_sellers


def test_resolved_writes_every_default_out(five_sellers: Scenario) -> None:
    tree = five_sellers.resolved()
    assert set(tree) == set(Scenario.model_fields)
    assert set(tree["behaviour"]) == set(Behaviour.model_fields)
    assert tree["behaviour"]["switching_cost"] == {"push": 3.0, "pull": 0.75}
    assert tree["buyers"]["taste"] == {"kind": "normal", "sd": 0.5}
    assert tree["sellers"][0]["opening_self_service"] is None
    assert tree["events"][0]["enter"]["adaptation"]["every"] == 6
    assert set(tree["events"][0]) == {"at", "enter"}
    assert yaml.safe_load(yaml.safe_dump(tree)) == tree


def test_yaml_is_read_back_as_an_equal_scenario(five_sellers: Scenario) -> None:
    text = five_sellers.to_yaml()
    again = Scenario.from_text(text)
    assert again == five_sellers
    assert again.to_yaml() == text
    assert "  switching_cost: {push: 3.0, pull: 0.75}\n" in text
    assert "  - name: Heritage\n    strategy: relationship-reliant\n" in text
    assert "null" not in text
    assert [line.split(":")[0] for line in text.split("\n") if line[:1].isalpha()] == [
        key for key in Scenario.model_fields if key != "description"
    ]


def test_an_emptiness_that_means_something_is_written() -> None:
    scenario = scenario_of({"strategy": "innovator", "opening_self_service": None})
    assert Scenario.from_text(scenario.to_yaml()).sellers[0].opening_self_service is None
    assert scenario != scenario_of({"strategy": "innovator"})


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "1e3",
        "0x1f",
        "1_000",
        "012",
        "1:30",
        "null",
        "~",
        "2020-01-01",
        "a: b",
        "#",
        "*a",
        "- a",
        "é\n\u2028 x\x85\x07",
        " ",
    ],
)
def test_any_text_comes_back(text: str) -> None:
    scenario = scenario_of({}, description=text)
    assert Scenario.from_text(scenario.to_yaml()).description == text


def test_equality_is_of_the_market_not_of_the_words() -> None:
    assert scenario_of({}) == scenario_of({"price": 1.0, "opening_share": 1})
    assert scenario_of({}) != scenario_of({"price": 1.1})
    assert scenario_of({}) != "x"


def test_pickled_and_copied(five_sellers: Scenario) -> None:
    for again in (pickle.loads(pickle.dumps(five_sellers)), copy.deepcopy(five_sellers), copy.copy(five_sellers)):
        assert again == five_sellers
        assert again.tree == five_sellers.tree
    settled = five_sellers.settled()
    assert pickle.loads(pickle.dumps(settled)).model_dump() == settled.model_dump()
    for part in (settled.sellers[0], settled.events[0], settled.behaviour, settled.buyers):
        assert pickle.loads(pickle.dumps(part)) == part


class TestInPython:
    """A scenario made of Python values is held to the same."""

    def test_of_models_and_of_words(self) -> None:
        entrant = seller_model(Innovator)(name="S1", cash=2)
        scenario = scenario_of(
            {},
            behaviour=Behaviour(search_cost=Pair(push=1, pull=0.5)),
            economies={"turn": Economy(pull_share=Logistic(midpoint=10))},
            events=({"at": 3, "enter": entrant},),
        )
        assert scenario.behaviour.search_cost.pull == 0.5
        assert scenario.all_sellers[1].opening_skill == 0.6
        assert Scenario(**scenario.tree) == scenario

    def test_every_mistake_at_once(self) -> None:
        with pytest.raises(ValueError, match="sellers") as caught:
            scenario_of({}, {"name": "S0", "price": -1}, horizon=0, economies={"a": Economy(pull_share=Logistic())})
        assert isinstance(caught.value, ScenarioError)
        assert str(caught.value).split("\n") == [
            "horizon: must be a whole number between 1 and 100,000, not 0",
            "sellers[1].price: must be a number of at least 0, not -1",
            "sellers[1].name: another seller is named 'S0' already",
        ]
        first = caught.value.mistakes[0]
        assert (first.path, first.line, first.place) == ("", None, ("horizon",))

    def test_the_parts_must_fit_together(self) -> None:
        with pytest.raises(ScenarioError, match=r"^events\[0\].at: tick 120 is past the horizon"):
            scenario_of({}, events=[{"at": 120, "exit": "S0"}])

    def test_what_is_no_mapping(self) -> None:
        with pytest.raises(ScenarioError, match="a scenario is a mapping, not list"):
            Scenario.model_validate([])

    def test_any_key_is_only_a_key(self) -> None:
        with pytest.raises(ScenarioError, match="self: there is no such key here"):
            Scenario.from_text("name: x\nself: 3\nsellers: [{name: A, strategy: innovator}]\n")

    def test_a_change_with_fields_is_checked_no_more(self, duopoly: Scenario) -> None:
        longer = duopoly.model_copy(update={"horizon": 48})
        assert (longer.horizon, longer.tree["horizon"], duopoly.horizon) == (48, 48, 24)

    def test_the_error_can_be_pickled(self) -> None:
        with pytest.raises(ScenarioError) as caught:
            scenario_of({}, horizon=0)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_the_starter_is_a_scenario_of_that_name() -> None:
    scenario = Scenario.from_text(starter("my market-2.0"))
    assert scenario.name == "my market-2.0"
    assert [seller.name for seller in scenario.all_sellers] == ["Heritage", "Closers", "Allies", "Value", "Newcomer"]
    uncommented = starter("x").replace("  # - {at", "  - {at")
    assert [event.verb for event in Scenario.from_text(uncommented).events] == ["enter", "change", "shock"]


@pytest.mark.parametrize("name", ["", "../x", 'a"b', "x" * 81, "-x"])
def test_a_starter_needs_a_name_that_can_be_one(name: str) -> None:
    with pytest.raises(ScenarioError, match="must be a name of letters"):
        starter(name)
