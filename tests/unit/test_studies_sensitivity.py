"""Sensitivity: indices against theory and SALib, the experiment's mistakes, and a study from end to end."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sim import sensitivity
from sim.cli import main
from sim.plots.tornado import plot_ladder, plot_tornado
from sim.scenario import Scenario
from sim.scenario.behaviour import GROUPS
from sim.studies import load, mistakes_in
from sim.studies.designs import Morris
from sim.studies.indices import (
    Index,
    elementary_effects,
    factorial_indices,
    morris_indices,
    noise_share,
    sobol_indices,
)
from sim.studies.sensitivity import Factorial, Saltelli

SCENARIO = """\
name: tiny
horizon: 8
replications: 2
buyers: {count: 60}
economies:
  turn: {pull_share: 0.5}
sellers:
  - {name: Heritage, strategy: relationship-reliant}
  - {name: Closers, strategy: hard-sell}
"""
STUDY = """\
name: parts
kind: sensitivity
scenario: tiny.yaml
groups: [search, switching]
factors:
  behaviour.price_sensitivity: [2.0, 4.0]
design: {kind: factorial}
measures: [final_share.Heritage, half_life.Heritage]
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


def by(found: list[Index], name: str) -> list[Index]:
    return [one for one in found if one.name == name]


def ishigami(places: np.ndarray) -> np.ndarray:
    """Ishigami & Homma (1990) over [-pi, pi] in three factors, a = 7 and b = 0.1."""
    one, two, three = (math.pi * (2 * places - 1)).T
    return np.sin(one) + 7 * np.sin(two) ** 2 + 0.1 * three**4 * np.sin(one)


# --- theory ---


def test_sobol_indices_of_the_ishigami_function() -> None:
    places = Saltelli(samples=2048, pairs=True).places(3)
    found = sobol_indices(ishigami(places)[:, None], 3, pairs=True, resamples=100, seed=1)
    for one, expected in zip(by(found, "first"), (0.3139, 0.4424, 0.0), strict=True):
        assert one.value == pytest.approx(expected, abs=0.02)
        assert one.low - 0.01 <= expected <= one.high + 0.01
    for one, expected in zip(by(found, "total"), (0.5576, 0.4424, 0.2437), strict=True):
        assert one.value == pytest.approx(expected, abs=0.02)
    pairs = {(one.factor, one.other): one.value for one in by(found, "pair")}
    assert pairs[0, 2] == pytest.approx(0.2437, abs=0.04)
    assert pairs[0, 1] == pytest.approx(0, abs=0.04)


def test_sobol_indices_are_those_of_salib() -> None:
    from SALib.analyze import sobol

    places = Saltelli(samples=64).places(3)
    outcomes = ishigami(places)
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    theirs = sobol.analyze(problem, outcomes, calc_second_order=False, seed=1)
    ours = sobol_indices(outcomes[:, None], 3, pairs=False, resamples=100, seed=1)
    assert [one.value for one in by(ours, "first")] == pytest.approx(theirs["S1"])
    assert [one.value for one in by(ours, "total")] == pytest.approx(theirs["ST"])


def test_morris_indices_are_those_of_salib() -> None:
    from SALib.analyze import morris

    places = Morris(trajectories=20, levels=4).places(3)
    outcomes = ishigami(places)
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    theirs = morris.analyze(problem, places, outcomes, num_levels=4, seed=1)
    ours = morris_indices(places, outcomes[:, None], resamples=200, seed=1)
    for name, word in (("mean_effect", "mu"), ("importance", "mu_star"), ("spread", "sigma")):
        assert [one.value for one in by(ours, name)] == pytest.approx([float(figure) for figure in theirs[word]])
    assert all(one.low <= one.value <= one.high for one in by(ours, "importance"))


def test_elementary_effects_of_a_line_are_its_slopes() -> None:
    places = Morris(trajectories=5, levels=6, seed=3).places(4)
    slopes = np.array([3.0, -2.0, 0.0, 0.5])
    assert elementary_effects(places, places @ slopes) == pytest.approx(np.tile(slopes, (5, 1)))


def test_a_factorial_has_the_effects_it_was_made_of() -> None:
    signs = 2 * Factorial().places(3) - 1
    shifts = np.array([0.0, 5.0, -1.0, 2.0])  # what a replication adds to all points
    means = 10 + 2 * signs[:, 0] - 1 * signs[:, 1] + 0.5 * signs[:, 0] * signs[:, 2]
    found = factorial_indices(signs, means[:, None] + shifts, resamples=100, seed=1)
    effects = {one.factor: one for one in by(found, "effect")}
    assert [effects[factor].value for factor in range(3)] == pytest.approx([4, -2, 0])
    assert effects[0].high - effects[0].low == pytest.approx(0, abs=1e-9)  # common to all points: no noise
    interactions = {(one.factor, one.other): one.value for one in by(found, "interaction")}
    assert interactions == pytest.approx({(0, 1): 0, (0, 2): 1, (1, 2): 0})
    whole = 4 + 1 + 0.25
    assert [one.value for one in by(found, "first")] == pytest.approx([4 / whole, 1 / whole, 0])
    assert [one.value for one in by(found, "total")] == pytest.approx([4.25 / whole, 1 / whole, 0.25 / whole])


def test_the_interval_of_an_effect_covers_the_truth_as_often_as_it_says() -> None:
    signs = 2 * Factorial().places(2) - 1
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(400):
        outcomes = (1.5 * signs[:, 0])[:, None] + rng.normal(size=(4, 6)) + rng.normal(size=6)
        one = by(factorial_indices(signs, outcomes, resamples=1, seed=1), "effect")[0]
        covered += one.low <= 3 <= one.high
    assert 0.915 < covered / 400 < 0.98


def test_noise_is_told_from_what_all_points_share() -> None:
    rng = np.random.default_rng(1)
    means, shared = rng.normal(size=400), 10 * rng.normal(size=5)
    outcomes = means[:, None] + shared + 2 * rng.normal(size=(400, 5))
    expected = (4 / 5) / (1 + 4 / 5)
    assert noise_share(outcomes) == pytest.approx(expected, abs=0.05)
    assert noise_share(means[:, None] + shared) == pytest.approx(0, abs=1e-12)
    assert math.isnan(noise_share(means[:, None]))


# --- the experiment ---


def test_groups_are_turned_at_every_point(folder: Path) -> None:
    prepared = load("x.yaml")
    assert prepared.points == 8
    assert list(prepared.columns) == ["behaviour.price_sensitivity", "groups.search", "groups.switching"]
    full, none = prepared.scenario_at(7), prepared.scenario_at(0)
    assert full.economies["turn"].groups == list(GROUPS)
    assert none.economies["turn"].groups == ["experience", "relationship", "persuasion", "aspiration"]
    assert full.behaviour.price_sensitivity.pull == 4


def test_mistakes_have_their_lines(folder: Path) -> None:
    wrong = STUDY.replace("switching]", "swiching]").replace("[2.0, 4.0]", "[1.0, 2.0, 4.0]")
    first, second = told(wrong)
    assert first.startswith("x.yaml:4:18: groups[1]: ")
    assert second == (
        "x.yaml:6:32: factors.behaviour.price_sensitivity: a factorial has two levels: give two values, or a range"
    )
    (one,) = told(STUDY.replace("{kind: factorial}", "{kind: sobol, samples: 100}"))
    assert one == "x.yaml:7:32: design.samples: must be a power of 2, not 100; 64 and 128 are near"
    (one,) = told("name: x\nkind: sensitivity\nscenario: tiny.yaml\ngroups: [search]\ndesign: {kind: factorial}\n")
    assert "at least 2 factors must vary" in one


def test_without_the_library_there_is_one_clear_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (one,) = told(STUDY.replace("{kind: factorial}", "{kind: morris}"))
    assert one.endswith("a sensitivity by morris needs SALib: pip install 'pushpull[studies]'")
    assert told(STUDY) == []  # a factorial needs nothing


# --- end to end ---


def test_a_study_leaves_indices_and_a_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensitivity", "x.yaml", "--jobs", "1", "-q"]) == 0
    out = capsys.readouterr().out
    assert "16 runs: 8 points, 1 economy, 2 replications" in out
    assert "final share of Heritage" in out
    (place,) = (folder / "results" / "parts").glob("[!.]*")
    page = (place / "report.html").read_text()
    assert "pushpull sensitivity x.yaml" in page
    assert "One at a time" in page
    again = sensitivity("x.yaml", jobs=1, progress=False)
    assert again.reused
    table = again.table("indices")
    share = table[(table["measure"] == "final_share")]
    assert set(share["index"]) == {"effect", "interaction", "first", "total"}
    means = again.summary.query("measure == 'final_share'").sort_values("point")["mean"].to_numpy()
    effect = share[(share["index"] == "effect") & (share["factor"] == "groups.search")]["value"].item()
    on = np.array([point for point in range(8) if point & 2])
    assert effect == pytest.approx(means[on].mean() - np.delete(means, on).mean())


@pytest.mark.parametrize("design", [{"kind": "morris", "trajectories": 2}, {"kind": "sobol", "samples": 4}])
def test_screening_and_indices_run_from_python(folder: Path, design: dict[str, object]) -> None:
    scenario = Scenario.load("tiny.yaml")
    study = sensitivity(
        scenario,
        {"behaviour.search_cost.pull": {"low": 0.01, "high": 1, "scale": "log"}},
        groups=["search"],
        design=design,
        measures=["final_share"],
        jobs=1,
        progress=False,
    )
    assert {*study.table("indices")["factor"]} == {"behaviour.search_cost.pull", "groups.search"}
    assert list((study.path / "figures").glob("tornado_final_share_Heritage.*"))
    with pytest.raises(ValueError, match="factors or groups must be given"):
        sensitivity(scenario)


def test_figures_draw_every_factor() -> None:
    bars = {name: {"a": np.array([1.0, 0.5, 1.5]), "b": np.array([-2.0, -2.5, -1.5])} for name in ("push", "pull")}
    axes = plot_tornado(bars, title="x", unit="points", behind=bars)
    assert len(axes) == 2
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["a", "b"]
    assert sorted(patch.get_width() for patch in axes[0].patches) == [-2, -2, 1, 1]
    rungs = {"pull": {"a": (np.array([0.2, 0.1, 0.3]), np.array([0.1, 0.0, 0.2]))}}
    (panel,) = plot_ladder(rungs, {"pull": (0.3, 0.05)}, title="x", unit="share", scale=100)
    assert {text.get_text() for text in panel.texts} >= {"none", "all"}
    assert 20.0 in [line.get_xdata()[0] for line in panel.lines if line.get_marker() == "o"]
