"""Events that happen in some economies alone: in the scenario, in figures, and where fewer economies are run."""

from __future__ import annotations

from typing import Any

import pytest
from markets import small

from sim.plots.market_share import plot_market_share
from sim.plots.milestones import MOST_LABELS, labelled, milestones_of
from sim.plots.series import entry_of
from sim.report import render
from sim.runner import resolve, run
from sim.scenario import Scenario, ScenarioError
from sim.studies.changes import Change

ENTRY: dict[str, Any] = {"at": 5, "enter": {"name": "Newcomer", "strategy": "innovator"}, "economies": ["pull"]}
PRICE: dict[str, Any] = {"at": 7, "adjust": {"seller": "Heritage", "price": 0.9}}
TALK: dict[str, Any] = {"at": 8, "name": "talk", "set": {"word_of_mouth": {"rate": 0.3}}, "economies": ["push"]}
EVENTS = [ENTRY, PRICE, TALK]


def test_figures_and_report_show_each_economy_its_own() -> None:
    done = run(small(events=EVENTS, replications=2), out=None, jobs=1, progress=False)
    assert [one.text for one in milestones_of(done, "push")] == ["Heritage: price 0.9", "talk"]
    assert [one.text for one in milestones_of(done, "pull")] == ["Newcomer enters", "Heritage: price 0.9"]
    assert [one.text for one in milestones_of(done)] == [
        "Newcomer enters (pull)",
        "Heritage: price 0.9",
        "talk (push)",
    ]
    assert entry_of(done, "pull") == {"Newcomer": 5}
    assert entry_of(done, "push") == {"Newcomer": 14}
    panels = dict(zip(("push", "transition", "pull"), plot_market_share(done), strict=True))
    texts = {name: [text.get_text() for text in panel.texts] for name, panel in panels.items()}
    assert not any("Newcomer" in text for text in texts["push"])
    assert any("Newcomer" in text for text in texts["pull"])
    assert "Newcomer enters (pull) (month 5)" in render(done)


def test_of_very_many_events_those_set_by_hand_have_no_label() -> None:
    many = [{"at": tick, "adjust": {"seller": "Heritage", "price": 0.9 + tick / 100}} for tick in range(MOST_LABELS)]
    done = run(small(events=[ENTRY, *many], replications=1), economies=["pull"], out=None, jobs=1, progress=False)
    marks = milestones_of(done, "pull")
    assert len(marks) == MOST_LABELS + 1
    assert [one.text for one in labelled(marks)] == ["Newcomer enters"]
    assert len(labelled(marks[:3])) == 3


def test_fewer_economies_take_along_only_what_happens_in_them() -> None:
    scenario = small(events=EVENTS)
    assert [event.verb for event in resolve(scenario, economies=["push"]).events] == ["adjust", "set"]
    both = resolve(scenario, economies=["push", "pull"])
    assert [event.economies for event in both.events] == [["pull"], None, ["push"]]
    assert Scenario.from_text(both.to_yaml()) == both
    twice = scenario.with_economies({"one": "pull", "two": "pull"})
    assert [event.economies for event in twice.events] == [["one", "two"], None]


def test_who_enters_in_none_of_them_needs_no_taste() -> None:
    names = ("Heritage", "Closers", "Allies", "Value", "Newcomer")
    taste = {"kind": "loggamma", "shape": dict.fromkeys(names, 1.0)}
    scenario = small(events=[ENTRY], buyers={"taste": taste})
    assert "Newcomer" not in scenario.with_economies({"push": "push"}).buyers.taste.shape  # type: ignore[union-attr]


def test_economies_that_are_not_there() -> None:
    with pytest.raises(ScenarioError, match="'pul' is not an economy of 'small'"):
        small().with_economies({"x": "pul"})
    with pytest.raises(ScenarioError, match="name an economy"):
        small().with_economies({})


def test_a_seller_that_is_taken_out_takes_its_adjustments_along() -> None:
    changed = Change("without", {}, without=("Heritage",)).of(small(events=EVENTS))
    assert [event.verb for event in changed.events] == ["enter", "set"]
