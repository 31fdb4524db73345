"""Experiments: every mistake in its place, and the experiment as it was meant."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from sim.scenario import Scenario, ScenarioError
from sim.studies import is_experiment, load, mistakes_in, of_words

SCENARIO = """\
name: tiny
horizon: 8
replications: 2
buyers: {count: 60}
economies:
  push: {pull_share: 0}
  pull: {pull_share: 1}
sellers:
  - {name: Heritage, strategy: relationship-reliant}
  - {name: Closers, strategy: hard-sell}
events:
  - {at: 2, enter: {name: Newcomer, strategy: innovator}}
  - {at: 5, name: turn, change: {seller: Heritage, strategy: collaborative}}
"""
SWEEP = """\
name: costs
kind: sweep
scenario: tiny.yaml
factors:
  behaviour.search_cost.pull: [0.02, 0.2]
  sellers.Heritage.stubbornness: {low: 0, high: 1, levels: 3}
measures: [final_share.Heritage, leader]
"""
COMPARE = """\
name: without
kind: compare
scenario: tiny.yaml
change: {without: [Newcomer]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(SCENARIO)
    return tmp_path


def told(text: str) -> list[str]:
    """All mistakes in an experiment's text."""
    Path("x.yaml").write_text(text)
    return [str(mistake) for mistake in mistakes_in("x.yaml")]


def test_a_sound_sweep_has_its_points(folder: Path) -> None:
    Path("x.yaml").write_text(SWEEP)
    prepared = load("x.yaml")
    assert prepared.points == 6
    assert prepared.economies == ["push", "pull"]
    assert prepared.replications == 2
    assert prepared.runs == 24
    assert prepared.columns == {
        "behaviour.search_cost.pull": [0.02] * 3 + [0.2] * 3,
        "sellers.Heritage.stubbornness": [0, 0.5, 1] * 2,
    }
    scenario = prepared.scenario_at(4)
    assert scenario.behaviour.search_cost.pull == 0.2
    assert scenario.sellers[0].stubbornness == 0.5
    assert prepared.figures == [
        ("Heritage", "final_share"),
        ("Heritage", "leader"),
        ("Closers", "leader"),
        ("Newcomer", "leader"),
    ]


def test_what_is_set_holds_at_every_point(folder: Path) -> None:
    Path("x.yaml").write_text(SWEEP + "set: {buyers.count: 40, horizon: 6}\nreplications: 5\n")
    prepared = load("x.yaml", values={"horizon": 7})
    assert prepared.scenario_at(0).buyers.count == 40
    assert prepared.scenario_at(5).horizon == 7
    assert prepared.replications == 5
    assert load("x.yaml", replications=3).replications == 3


def test_the_resolved_experiment_is_the_same_experiment(folder: Path) -> None:
    for text in (SWEEP, COMPARE):
        Path("x.yaml").write_text(text + "set: {buyers.count: 40}\n")
        prepared = load("x.yaml")
        (folder / "again").mkdir(exist_ok=True)
        Path("again/experiment.yaml").write_text(prepared.to_yaml())
        Path("again/scenario.yaml").write_text(prepared.base.to_yaml())
        again = load("again/experiment.yaml")
        assert again.resolved() == prepared.resolved()
        assert again.columns == prepared.columns
        assert again.figures == prepared.figures
        assert again.scenario_at(1) == prepared.scenario_at(1)


@pytest.mark.parametrize(
    ("was", "is_now", "expected"),
    [
        ("kind: sweep", "kind: sweeep", "x.yaml:2:7: kind: 'sweeep' is not a kind of study; did you mean 'sweep'?"),
        ("kind: sweep\n", "", "x.yaml:1:1: 'kind' is missing (sweep, compare"),
        (
            "tiny.yaml",
            "tinny.yaml",
            "x.yaml:3:11: scenario: there is no scenario 'tinny.yaml'; did you mean 'tiny.yaml'?",
        ),
        ("search_cost", "serch_cost", "x.yaml:5:3: factors.behaviour.serch_cost.pull: no parameter 'serch_cost'"),
        ("[0.02, 0.2]", "[0.02, low]", "x.yaml:5:38: factors.behaviour.search_cost.pull[1]: must be a number"),
        ("[0.02, 0.2]", "[]", "x.yaml:5:31: factors.behaviour.search_cost.pull: must have at least 1 value"),
        ("[0.02, 0.2]", "[0.2, 0.2]", "factors.behaviour.search_cost.pull[1]: 0.2 is there twice"),
        ("[0.02, 0.2]", "0.2", "must be a list of values, or a range"),
        (
            "high: 1,",
            "high: 2,",
            "x.yaml:6:34: factors.sellers.Heritage.stubbornness: must be a number between 0 and 1",
        ),
        (", levels: 3", "", "'levels' is missing: a grid needs the number of values"),
        ("levels: 3", "levls: 3", "did you mean 'levels'?"),
        ("low: 0,", "low: 2,", "low must be below high, not 2 and 1"),
        ("Heritage.stub", "Heritige.stub", "no seller 'Heritige'; did you mean 'Heritage'?"),
        (
            "final_share.Heritage",
            "finel_share.Heritage",
            "x.yaml:7:12: measures[0]: 'finel_share.Heritage' is not a measure; did",
        ),
        (
            "final_share.Heritage",
            "final_share.Heritige",
            "names no seller that has final_share; did you mean 'Heritage'?",
        ),
        ("leader]", "3]", "measures[1]"),
        ("measures:", "measurs:", "measurs: there is no such key here; did you mean 'measures'?"),
        (
            "measures:",
            "economies: [pul]\nmeasures:",
            "economies[0]: 'pul' is not an economy of tiny; did you mean 'pull'?",
        ),
        ("measures:", "design: {kind: sobol, points: 6}\nmeasures:", "must be a power of 2, not 6; 4 and 8 are near"),
        (
            "measures:",
            "design: {kind: grit}\nmeasures:",
            "design.kind: 'grit' is none of grid, latin-hypercube, sobol, morris",
        ),
        ("measures:", "set: {buyers.cuont: 3}\nmeasures:", "x.yaml:7:7: set.buyers.cuont: no parameter 'cuont'"),
        ("measures:", "set: {buyers.count: -3}\nmeasures:", "x.yaml:7:21: set.buyers.count: must be"),
        ("measures:", "replications: 0\nmeasures:", "x.yaml:7:15: replications: must be a whole number"),
        ("name: costs", "name: ../costs", "x.yaml:1:7: name: must be a name"),
    ],
)
def test_a_mistake_is_told_in_its_place(folder: Path, was: str, is_now: str, expected: str) -> None:
    assert was in SWEEP
    mistakes = told(SWEEP.replace(was, is_now))
    assert any(expected in mistake for mistake in mistakes), mistakes
    assert len(mistakes) == 1, mistakes


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            "{without: [Newcomr]}",
            "x.yaml:4:19: change.without: no seller and no event is named 'Newcomr'; did you mean 'Newcomer'?",
        ),
        ("{without: Newcomer}", "x.yaml:4:19: change.without: must be a list of names"),
        ("{sellers.Closers.prise: 1}", "change.sellers.Closers.prise: no parameter 'prise'; did you mean 'price'?"),
        ("{sellers.Closers.price: dear}", "x.yaml:4:33: change.sellers.Closers.price: must be a number"),
        ("{name: nothing}", "changes nothing"),
        ("[{without: [Newcomer]}]", "'name' is missing"),
        ("[{name: a, horizon: 5}, {name: a, horizon: 6}]", "another change is named 'a'"),
        ("{add_events: [{at: 99, exit: Closers}]}", "99"),
        ("3", "must be a mapping of paths to values"),
        ("[]", "must have at least 1 change"),
        ("{horizon: 9}", "x.yaml:4:10: change.horizon: both sides of a comparison run for the same time"),
        ("{name: baseline, horizon: 5}", "named 'baseline'"),
    ],
)
def test_a_change_that_cannot_be_made_is_told(folder: Path, change: str, expected: str) -> None:
    mistakes = told(COMPARE.replace("{without: [Newcomer]}", change))
    assert any(expected in mistake for mistake in mistakes), mistakes


def test_a_comparison_needs_a_change_and_a_series_one_path(folder: Path) -> None:
    assert "'change' is missing" in told(COMPARE.replace("change: {without: [Newcomer]}\n", ""))[0]
    text = COMPARE.replace("change: {without: [Newcomer]}", "series: {events.turn.at: [3, 99], horizon: [4]}")
    assert any("exactly one path" in mistake for mistake in told(text))
    text = COMPARE.replace("change: {without: [Newcomer]}", "series: {events.turn.at: [3, 99]}")
    (mistake,) = told(text)
    assert mistake.startswith("x.yaml:4:30: series.events.turn.at[1]: ")


def test_all_mistakes_of_both_files_are_told_at_once(folder: Path) -> None:
    Path("tiny.yaml").write_text(SCENARIO.replace("hard-sell", "hardsell"))
    mistakes = told(SWEEP.replace("levels: 3", "levls: 3") + "replications: many\n")
    assert any(mistake.startswith("tiny.yaml:10:31: sellers[1].strategy: 'hardsell'") for mistake in mistakes)
    assert any("did you mean 'levels'" in mistake for mistake in mistakes)
    assert any(mistake.startswith("x.yaml:8:15: replications") for mistake in mistakes)


def test_a_morris_design_says_what_it_lacks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "SALib" else found(name))
    (mistake,) = told(SWEEP + "design: {kind: morris}\n")
    assert mistake == "x.yaml:8:16: design.kind: a morris design needs SALib: pip install 'pushpull[studies]'"


def test_a_kind_is_told_from_a_scenario_and_from_another_kind(folder: Path) -> None:
    Path("x.yaml").write_text(SWEEP)
    with pytest.raises(ScenarioError, match="this is a sweep; run it with: pushpull sweep"):
        load("x.yaml", kind="compare")
    with pytest.raises(ScenarioError, match="this is a scenario, not an experiment"):
        load("tiny.yaml")
    assert is_experiment({"kind": "sweep"})
    assert not is_experiment({"name": "x", "sellers": []})


def test_mistakes_of_an_experiment_made_in_python_have_no_place_in_a_file(folder: Path) -> None:
    scenario = Scenario.load("tiny.yaml")
    with pytest.raises(ScenarioError) as caught:
        of_words({"name": "x", "kind": "sweep", "factors": {"horizn": [3]}}, scenario)
    assert str(caught.value).startswith("factors.horizn: no parameter 'horizn'; did you mean 'horizon'?")


def test_changes_make_the_scenarios_that_they_say(folder: Path) -> None:
    words = """
baseline: {without: [turn]}
change:
  - {name: alone, without: [Newcomer, Heritage], sellers.Closers.price: 0.9}
  - {name: rival, add_events: [{at: 4, enter: {name: Latecomer, strategy: innovator}}]}
series: {events.turn.at: [3, 6]}
"""
    Path("x.yaml").write_text(COMPARE.replace("change: {without: [Newcomer]}", "") + words)
    prepared = load("x.yaml")
    assert prepared.columns["change"] == ["baseline", "alone", "rival", "turn at 3", "turn at 6"]
    assert prepared.columns["events.turn.at"] == [None, None, None, 3, 6]
    still, alone, rival, early, late = map(prepared.scenario_at, range(5))
    assert [event.verb for event in still.events] == ["enter"]
    assert [seller.name for seller in alone.all_sellers] == ["Closers"]
    assert alone.events == []  # what was to happen to those who are gone goes too
    assert alone.sellers[0].price == 0.9
    assert [seller.name for seller in rival.all_sellers] == ["Heritage", "Closers", "Newcomer", "Latecomer"]
    assert [one.events[1].at for one in (early, late)] == [3, 6]
    assert prepared.sellers == ["Heritage", "Closers", "Newcomer", "Latecomer"]
