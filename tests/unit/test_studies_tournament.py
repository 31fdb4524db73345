"""Tournaments: games whose answers are known, the experiment's mistakes, and a study from end to end."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sim import tournament
from sim.cli import main
from sim.plots.payoffs import plot_payoffs
from sim.scenario import Scenario
from sim.studies import load, mistakes_in
from sim.studies.games import basins, best_responses, equilibria, payoffs_of, populations
from sim.studies.tournament_tables import Game

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
  - {at: 5, shock: {seller: Heritage, quality: -0.2}}
"""
STUDY = """\
name: duel
kind: tournament
scenario: tiny.yaml
strategies:
  - hard-sell
  - {strategy: hard-sell, price: 0.9, name: cheap}
resamples: 20
starts: 5
"""
PLUGIN = """\
from typing import Literal
from sim.strategies import Effort, Policy, register

@register
class Sleeper(Policy):
    '''Spends on service alone.'''
    strategy: Literal["sleeper"] = "sleeper"
    effort: Effort = Effort(human_service=1.0)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(SCENARIO)
    (tmp_path / "x.yaml").write_text(STUDY)
    return tmp_path


def told(text: str) -> list[str]:
    Path("x.yaml").write_text(text)
    return [str(mistake) for mistake in mistakes_in("x.yaml")]


def noisy(means: list[list[float]], sd: float = 0.0, replications: int = 6) -> np.ndarray:
    table = np.array(means, dtype=float)
    return table[:, :, None] + sd * np.random.default_rng(1).normal(size=(*table.shape, replications))


# --- theory ---


def test_the_prisoners_dilemma_has_one_equilibrium() -> None:
    payoffs = noisy([[3, 0], [5, 1]], 0.1)
    (one,) = equilibria(payoffs, resamples=50, seed=1)
    assert one.pure
    assert one.symmetric
    assert one.weights.tolist() == [[0, 1], [0, 1]]
    assert one.payoffs == pytest.approx([payoffs[1, 1].mean()] * 2)
    assert one.found == 1
    assert [(answer.best, answer.clear) for answer in best_responses(payoffs)] == [(1, True), (1, True)]
    path = populations(payoffs, np.linspace(0, 60, 5), resamples=10, seed=1)
    assert path[0, -1] == pytest.approx([0, 1], abs=1e-3)
    assert basins(payoffs, starts=20, seed=1) == [((1,), 1.0)]


def test_hawk_and_dove_mix() -> None:
    value, cost = 2.0, 6.0
    payoffs = noisy([[(value - cost) / 2, value], [0, value / 2]])
    found = equilibria(payoffs, resamples=20, seed=1)
    assert [one.pure for one in found] == [True, False]  # hawk against dove, told once, and the mixture
    assert not found[0].symmetric
    assert found[1].symmetric
    assert found[1].weights[0] == pytest.approx([value / cost, 1 - value / cost])
    assert found[1].payoffs == pytest.approx([value / 2 * (1 - value / cost)] * 2)
    path = populations(payoffs, np.linspace(0, 60, 5), resamples=5, seed=1)
    assert path[0, -1] == pytest.approx([1 / 3, 2 / 3], abs=1e-3)
    assert basins(payoffs, starts=10, seed=1) == [((0, 1), 1.0)]


def test_rock_paper_scissors_has_only_the_even_mixture() -> None:
    (one,) = equilibria(noisy([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]), resamples=10, seed=1)
    assert one.weights == pytest.approx(np.full((2, 3), 1 / 3))


def test_coordination_has_two_basins() -> None:
    payoffs = noisy([[2, 0], [0, 1]])
    found = equilibria(payoffs, resamples=10, seed=1)
    assert [one.pure for one in found] == [True, True, False]
    assert found[0].payoffs.tolist() == [2, 2]
    ends = dict(basins(payoffs, starts=400, seed=1))
    assert ends[0,] == pytest.approx(2 / 3, abs=0.08)  # the mixture of 1/3 and 2/3 is the border
    assert sum(ends.values()) == pytest.approx(1)


def test_what_chance_may_have_made_is_not_clear() -> None:
    payoffs = noisy([[1.0, 1.0], [1.001, 1.0]], 0.5, 5)
    assert not any(answer.clear for answer in best_responses(payoffs))
    assert min(one.found for one in equilibria(payoffs, resamples=200, seed=1)) < 0.95
    alone = noisy([[3, 0], [5, 1]], replications=1)
    assert not best_responses(alone)[0].clear
    assert math.isnan(equilibria(alone, resamples=10, seed=1)[0].found)


def test_places_are_swapped() -> None:
    first = np.arange(4.0).reshape(2, 2, 1)
    second = 10 * np.arange(4.0).reshape(2, 2, 1)
    assert payoffs_of(first, second)[:, :, 0].tolist() == [[0, 0.5 * (1 + 20)], [0.5 * (2 + 10), 0.5 * (3 + 30)]]


# --- the experiment ---


def test_the_two_differ_in_nothing_but_their_strategies(folder: Path) -> None:
    prepared = load("x.yaml")
    assert prepared.columns == {
        "first": ["hard-sell", "hard-sell", "cheap", "cheap"],
        "second": ["hard-sell", "cheap", "hard-sell", "cheap"],
    }
    scenario = prepared.scenario_at(2)
    assert [seller.name for seller in scenario.all_sellers] == ["First", "Second"]
    assert [seller.price for seller in scenario.sellers] == [0.9, 1.0]
    assert scenario.events == []
    assert prepared.figures[0] == ("First", "cumulative_profit")


def test_a_background_keeps_what_happens_to_it(folder: Path) -> None:
    Path("x.yaml").write_text(STUDY + "background: [Heritage, Newcomer]\nsame: {quality: 0.65}\n")
    scenario = load("x.yaml").scenario_at(0)
    assert [seller.name for seller in scenario.all_sellers] == ["First", "Second", "Heritage", "Newcomer"]
    assert [seller.quality for seller in scenario.sellers[:2]] == [0.65, 0.65]
    assert [event.verb for event in scenario.events] == ["enter", "shock"]


def test_mistakes_have_their_lines(folder: Path) -> None:
    (one,) = told(STUDY.replace("- hard-sell", "- hardsell"))
    assert one.startswith("x.yaml:5:5: strategies[0]: 'hardsell' is not a strategy; did you mean 'hard-sell'?")
    (one,) = told(STUDY.replace("price: 0.9", "price: -1"))
    assert one.startswith("x.yaml:6:34: strategies[1].price: ")
    (one,) = told(STUDY.replace(", name: cheap", ""))
    assert "another one is named 'hard-sell'" in one
    (one,) = told(STUDY + "background: [Heritag]\n")
    assert one.startswith("x.yaml:9:14: background[0]: no seller is named 'Heritag'; did you mean 'Heritage'?")
    (one,) = told(STUDY + "measures: [half_life]\n")
    assert one.startswith("x.yaml:9:12: measures[0]: 'half_life' is no pay-off of every seller")
    (one,) = told(STUDY + "same: {qualty: 1}\n")
    assert one.startswith("x.yaml:9:8: same.qualty: ")
    (one,) = told("name: x\nkind: tournament\nscenario: tiny.yaml\n")
    assert "strategies" in one


def test_without_the_library_there_is_one_clear_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (one,) = told(STUDY)
    assert one.endswith("a tournament needs nashpy: pip install 'pushpull[studies]'")


# --- end to end ---


def test_a_tournament_with_a_strategy_of_ones_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.py").write_text(PLUGIN)
    Path("x.yaml").write_text(STUDY.replace("- hard-sell", "- sleeper"))
    assert main(["tournament", "x.yaml", "--plugin", "mine.py", "--jobs", "1", "-q"]) == 0
    out = capsys.readouterr().out
    assert "16 runs: 4 plays, 2 economies, 2 replications" in out
    assert "equilibrium: " in out
    again = tournament("x.yaml", jobs=1, progress=False)
    assert again.reused
    assert "--plugin mine.py" in (again.path / "report.html").read_text()
    payoffs = again.table("payoffs").set_index(["economy", "measure", "strategy", "against"])
    assert len(payoffs) == 2 * 2 * 4
    shares = payoffs["mean"].xs("final_share", level="measure").xs("pull", level="economy")
    assert shares["sleeper", "cheap"] + shares["cheap", "sleeper"] == pytest.approx(1)
    assert shares["cheap", "cheap"] == pytest.approx(0.5)
    dynamics = again.table("dynamics").groupby(["economy", "measure", "time"])["part"].sum()
    assert dynamics.to_numpy() == pytest.approx(1)


def test_from_python(folder: Path) -> None:
    scenario = Scenario.load("tiny.yaml")
    played = tournament(
        scenario,
        ["collaborative", {"strategy": "transactional", "price": 0.85}],
        measures=["final_share"],
        economies=["pull"],
        replications=1,
        jobs=1,
        progress=False,
    )
    assert set(played.table("equilibria")["measure"]) == {"final_share"}
    assert played.table("payoffs")["low"].isna().all()
    with pytest.raises(ValueError, match="strategies must be given"):
        tournament(scenario)


def test_the_figure_frames_the_best_answers() -> None:
    table = np.array([[[3.0, 0.0], [5.0, 1.0]], [[0.1, 0.1], [0.1, np.nan]]])
    (panel,) = plot_payoffs({"push": table}, ["stay", "go"], {"push": {0: (1, True), 1: (1, False)}}, title="x")
    frames = [patch for patch in panel.patches if not patch.get_fill()]
    assert [frame.get_y() for frame in frames] == [0.55, 0.55]
    assert {text.get_text() for text in panel.texts} >= {"3.00", "5.00", "±0.10"}


def test_the_interval_of_a_share_stays_within_all_and_nothing() -> None:
    runs = np.array([[[1.0, 0.9, 0.99, 0.6]]])
    share, profit = (Game("push", name, runs, [], [], np.empty(0), []).payoff(0, 0) for name in ("final_share", "cash"))
    assert share.low == profit.low
    assert share.high == 1 < profit.high
