"""Values set by paths: `--set`, sweeps, comparisons."""

# ruff: noqa: E501  # one mistake, one line

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.scenario import Cohort, Logistic, Scenario, ScenarioError, SegmentedTaste, with_values

TEXT = """\
name: x
behaviour: {search_cost: 0.4, attention: {pull: 0.1}}
buyers:
  segments: [{name: St. Gallen, fraction: 0.5}, {name: rest, fraction: 0.5}]
sellers:
  - {name: Heritage, strategy: relationship-reliant}
  - {name: St. John's, strategy: hard-sell}
  - {name: "1", strategy: innovator}
events:
  - {at: 24, enter: {name: Newcomer, strategy: innovator}}
  - {at: 60, name: turn, change: {seller: Heritage, strategy: collaborative}}
  - {at: 72, shock: {seller: Heritage, quality: -0.2}}
"""


def load(**values: Any) -> Scenario:
    return Scenario.from_text(TEXT, "x.yaml", values)


def made(path: str, value: Any) -> Scenario:
    return Scenario.from_text(TEXT, "x.yaml", {path: value})


def wrong(path: str, value: Any = 1) -> str:
    with pytest.raises(ScenarioError) as caught:
        made(path, value)
    return str(caught.value)


def ends(pair: Any) -> tuple[float, float]:
    return pair.push, pair.pull


def test_a_number_sets_both_endpoints() -> None:
    assert ends(made("behaviour.search_cost", 0.2).behaviour.search_cost) == (0.2, 0.2)
    assert ends(made("behaviour.attention", "0.2").behaviour.attention) == (0.2, 0.2)


def test_an_endpoint_leaves_the_other_as_the_file_or_the_default_has_it() -> None:
    assert ends(made("behaviour.search_cost.pull", 0.2).behaviour.search_cost) == (0.4, 0.2)
    assert ends(made("behaviour.attention.push", 0.2).behaviour.attention) == (0.2, 0.1)
    assert ends(made("behaviour.switching_cost.pull", 2).behaviour.switching_cost) == (3.0, 2.0)


def test_both_endpoints_one_after_the_other() -> None:
    values = {"behaviour.switching_cost.pull": 2, "behaviour.switching_cost.push": 4}
    assert ends(Scenario.from_text(TEXT, values=values).behaviour.switching_cost) == (4, 2)


def test_an_override_of_a_segment_keeps_the_scenarios_other_endpoint() -> None:
    segment = made("buyers.segments.St. Gallen.search_cost.pull", 0.1).buyers.segments[0]
    assert ends(segment.search_cost) == (0.4, 0.1)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("sellers.Heritage.price", 0),
        ("sellers.St. John's.price", 1),
        ("sellers.1.price", 2),  # a name comes before a number
        ("sellers.0.price", 0),
        ("sellers[1].price", 1),
        ("sellers.Newcomer.price", 3),
        ("events.Newcomer.enter.price", 3),
        ("events[0].enter.price", 3),
    ],
)
def test_a_seller_by_name_or_number(path: str, place: int) -> None:
    prices = [seller.price for seller in made(path, 3.5).all_sellers]
    assert [at for at, price in enumerate(prices) if price == 3.5] == [place]


def test_an_event_by_its_name_or_its_entrants() -> None:
    scenario = Scenario.from_text(TEXT, values={"events.turn.at": 61, "events.Newcomer.at": "25", "events.2.at": 73})
    assert [event.at for event in scenario.events] == [25, 61, 73]


def test_what_the_file_leaves_to_its_default() -> None:
    scenario = Scenario.from_text(
        TEXT,
        values={
            "economies.transition.pull_share.midpoint": 60,
            "economies.push.pull_share.level": 0.1,
            "buyers.taste.sd": 0,
            "buyers.segments.rest.business.growth": 0.01,
            "sellers.Heritage.effort.training": 0.0,
            "sellers.Heritage.adaptation.toward": "nothing",
            "selling.fixed_cost": "0.01",
            "mechanisms.exit": "false",
            "knowledge.prior_mean": "auto",
        },
    )
    assert scenario.economies["transition"].pull_share == Logistic(midpoint=60)
    assert list(scenario.economies) == ["push", "transition", "pull"]
    assert scenario.economies["push"].pull_share.at(0) == 0.1
    assert scenario.buyers.taste.sd == 0
    assert scenario.buyers.segments[1].business.growth == 0.01
    assert scenario.sellers[0].adaptation.toward == "nothing"
    assert scenario.sellers[0].effort.visits_to_customers == 0.55
    assert (scenario.selling.fixed_cost, scenario.mechanisms.exit, scenario.knowledge.prior_mean) == (
        0.01,
        False,
        "auto",
    )


def test_another_kind_keeps_what_it_shares_with_the_one_before() -> None:
    base = made("economies", "{a: {pull_share: {kind: logistic, high: 0.7, width: 3}}}")
    turned = base.with_values({"economies.a.pull_share.kind": "up-and-back"}).economies["a"].pull_share
    assert (turned.high, turned.width, turned.back) == (0.7, 3, 108)
    assert base.with_values({"economies.a.pull_share.kind": "cohort"}).economies["a"].pull_share == Cohort()


def test_a_whole_part_as_yaml() -> None:
    taste = "{kind: segments, classes: [{weight: 1, utility: {Heritage: 1, St. John's: 0, '1': 0, Newcomer: 2}}]}"
    scenario = made("buyers.taste", taste)
    assert isinstance(scenario.buyers.taste, SegmentedTaste)
    again = scenario.with_values({"buyers.taste.classes[0].utility.St. John's": "-1"})
    assert again.buyers.taste.classes[0].utility["St. John's"] == -1


def test_text_stays_text() -> None:
    assert made("name", "12").name == "12"
    assert made("description", "What if: prices fall?").description == "What if: prices fall?"


def test_numbers_of_numpy() -> None:
    values = {
        "horizon": np.int64(90),
        "behaviour.search_cost.pull": np.float32(0.5),
        "mechanisms.exit": np.bool_(False),
    }
    scenario = Scenario.from_text(TEXT, values=values)
    assert (scenario.horizon, scenario.behaviour.search_cost.pull, scenario.mechanisms.exit) == (90, 0.5, False)


def test_what_follows_from_a_value_follows_it() -> None:
    """The strategy's template, and a segment's other endpoint, are those of the value that is set."""
    scenario = made("sellers.Heritage.strategy", "innovator")
    assert scenario.sellers[0].price == 0.95
    base = made("buyers.segments.rest.search_cost.pull", 0.1)
    assert ends(base.with_values({"behaviour.search_cost.push": 0.9}).buyers.segments[1].search_cost) == (0.9, 0.1)


def test_with_values_leaves_the_tree_alone() -> None:
    tree = load().tree
    before = load().tree
    changed = with_values(tree, {"sellers.Heritage.price": 2})
    assert tree == before
    assert changed["sellers"][0]["price"] == 2
    with pytest.raises(
        ScenarioError, match=r"^--set sellers.X.price: no seller 'X' \(Heritage, St. John's, 1, Newcomer\)$"
    ):
        with_values(tree, {"sellers.X.price": 2})


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("sellers.Heritge.price", 1, "sellers.Heritge.price: no seller 'Heritge'; did you mean 'Heritage'? (Heritage, St. John's, 1, Newcomer)"),
        ("sellers.9.price", 1, "sellers.9.price: no seller 9; there are 3, counted from 0"),
        ("sellers.Heritage.prize", 1, "sellers.Heritage.prize: no parameter 'prize'; did you mean 'price'?"),
        ("sellers.Heritage.price.pull", 1, "sellers.Heritage.price.pull: nothing stands below 'price'"),
        ("sellers.Heritage.price", "dear", "sellers.Heritage.price: must be a number of at least 0, not 'dear'"),
        ("sellers.Heritage.price", -1, "sellers.Heritage.price: must be a number of at least 0, not -1"),
        ("sellers.Heritage.price", float("nan"), "sellers.Heritage.price: must be a number of at least 0, not NaN"),
        ("sellers.Heritage", "{name: Heritage}", "sellers.Heritage: 'strategy' is missing (relationship-reliant, hard-sell, collaborative, transactional, innovator)"),
        ("sellers", "3", "sellers: must be a list, not 3"),
        ("events.Nobody.at", 1, "events.Nobody.at: no event 'Nobody' (turn, Newcomer)"),
        ("events.turn.shock.quality", 1, "events.turn.shock.quality: there is no 'shock' there"),
        ("events.turn.at", 120, "events.turn.at: tick 120 is past the horizon; with horizon 120 the last tick is 119"),
        ("economies.pul.pull_share", 1, "economies.pul.pull_share: no economy 'pul'; did you mean 'pull'? (push, transition, pull)"),
        ("economies.transition.pull_share.width", 0, "economies.transition.pull_share.width: must be a number above 0, not 0"),
        ("behaviour.serch_cost", 1, "behaviour.serch_cost: no parameter 'serch_cost'; did you mean 'search_cost'?"),
        ("behaviour.search_cost.pul", 1, "behaviour.search_cost.pul: no parameter 'pul'; did you mean 'pull'? (push, pull)"),
        ("behavior.search_cost", 1, "behavior.search_cost: no parameter 'behavior'; did you mean 'behaviour'?"),
        ("buyers.taste.classes", "[]", "buyers.taste.classes: no parameter 'classes' (kind, sd)"),
        ("buyers.taste.kind", "loggama", "buyers.taste.kind: 'loggama' is none of normal, segments, loggamma; did you mean 'loggamma'?"),
        ("buyers.segments.rest.fraction", 0.6, "buyers.segments.rest.fraction: the fractions of the segments add up to 1.1, not 1"),
        ("sellers.Heritage.effort.messages", 0.9, "sellers.Heritage.effort.messages: effort adds up to 1.85 of the budget; at most 1"),
        ("horizon", "[1", "horizon: '[1' cannot be read: a list in [ ] that is not closed, or lacks a comma"),
        ("horizon.", 1, "horizon.: nothing stands after the dot in 'horizon.'"),
        ("", 1, "the path is empty; one is, for example, behaviour.search_cost.pull"),
    ],
)  # fmt: skip
def test_a_wrong_path_or_value_is_one_clear_mistake(path: str, value: Any, line: str) -> None:
    assert wrong(path, value) == f"--set {line}"


def test_mistakes_of_the_file_and_of_the_values_are_told_together() -> None:
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_text(TEXT.replace("at: 72", "at: 172"), "x.yaml", {"sellers.X.price": 1, "horizon": 0})
    assert str(caught.value).split("\n") == [
        "--set sellers.X.price: no seller 'X' (Heritage, St. John's, 1, Newcomer)",
        "--set horizon: must be a whole number between 1 and 100,000, not 0",
    ]
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_text(TEXT.replace("at: 72", "at: 172"), "x.yaml", {"sellers.X.price": 1}, source="factors")
    assert str(caught.value).split("\n") == [
        "x.yaml:12:10: events[2].at: tick 172 is past the horizon; with horizon 120 the last tick is 119",
        "factors: sellers.X.price: no seller 'X' (Heritage, St. John's, 1, Newcomer)",
    ]
