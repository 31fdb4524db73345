"""Discovery: a box that is known, the experiment's mistakes, and a box tested on new settings."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sim import discovery
from sim.cli import main
from sim.plots.boxes import plot_box
from sim.studies import load, mistakes_in
from sim.studies.boxes import Limit, find_box
from sim.studies.discovery import Case
from sim.studies.wording import axes_in_words, factor_words

SCENARIO = """\
name: tiny
horizon: 8
replications: 2
buyers: {count: 60}
economies:
  push: {pull_share: 0}
sellers:
  - {name: Heritage, strategy: relationship-reliant}
  - {name: Closers, strategy: hard-sell}
"""
STUDY = """\
name: dear
kind: discovery
scenario: tiny.yaml
factors:
  sellers.Heritage.price: {low: 1, high: 3}
  behaviour.switching_cost.push: {low: 0, high: 1}
cases:
  - {name: Heritage loses, measure: final_share.Heritage, at_most: 0.25}
design: {kind: latin-hypercube, points: 24}
smallest: 0.2
retest_points: 6
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


# --- boxes ---


def test_a_known_box_is_found() -> None:
    rng = np.random.default_rng(1)
    columns = {name: list(rng.random(600)) for name in ("a.one", "a.two", "a.three")}
    hits = (np.array(columns["a.one"]) > 0.6) & (np.array(columns["a.two"]) < 0.5)
    box = find_box(columns, hits, density=0.99)
    limits = {limit.factor: limit for limit in box.limits}
    assert set(limits) == {"a.one", "a.two"}
    assert limits["a.one"].low == pytest.approx(0.6, abs=0.03)
    assert math.isnan(limits["a.one"].high)
    assert limits["a.two"].high == pytest.approx(0.5, abs=0.03)
    assert box.density >= 0.99
    assert box.coverage > 0.9
    assert box.base_rate == pytest.approx(0.2, abs=0.04)
    inside = limits["a.one"].holds(columns["a.one"]) & limits["a.two"].holds(columns["a.two"])
    assert (box.points, box.hits) == (inside.sum(), (inside & hits).sum())


def test_a_box_of_words() -> None:
    rng = np.random.default_rng(2)
    columns = {"rule": list(rng.choice(["all", "none", "weitzman"], 300)), "x": list(rng.random(300))}
    hits = np.array(columns["rule"]) != "none"
    box = find_box(columns, hits, density=0.99)
    assert [limit.factor for limit in box.limits] == ["rule"]
    assert set(box.limits[0].values) == {"all", "weitzman"}
    assert (box.density, box.coverage) == (1, 1)


def test_where_nothing_tells_there_is_no_box() -> None:
    rng = np.random.default_rng(3)
    columns = {"x": list(rng.random(100)), "y": list(rng.random(100))}
    for hits in (np.zeros(100, bool), np.ones(100, bool)):
        assert find_box(columns, hits, density=0.9).limits == ()
    most = rng.random(100) < 0.95
    assert find_box(columns, most, density=0.9).limits == ()  # dense enough as it is
    densest = find_box(columns, rng.random(100) < 0.3, density=0.999)
    assert densest.density < 0.999  # told as the densest, not as dense enough


def test_a_case_happens_between_its_bounds() -> None:
    values = np.array([0.1, 0.2, math.inf, math.nan])
    assert Case(name="x", measure="y", at_most=0.2).happens(values).tolist() == [True, True, False, False]
    assert Case(name="x", measure="y", at_least=0.2).happens(values).tolist() == [False, True, True, False]
    assert Limit("x", 0.2, math.nan).holds([0.1, 0.2, 0.3]).tolist() == [False, True, True]


def test_factors_have_names() -> None:
    assert factor_words("behaviour.switching_cost.pull") == "switching cost in pull"
    assert factor_words("events.Newcomer.enter.quality") == "Newcomer quality"
    assert factor_words("sellers.Heritage.stubbornness") == "Heritage stubbornness"
    assert factor_words("groups.search") == "search"
    assert factor_words("horizon") == "horizon"
    paths = ("behaviour.search_cost.pull", "events.new leaf.at", "sellers.Heritage.price")
    assert list(axes_in_words(paths).values()) == ["search cost in pull [utils]", "month of new leaf", "Heritage price"]
    same = ("sellers.Heritage.effort.messages", "sellers.Heritage.messages")
    assert list(axes_in_words(same).values()) == list(same)


# --- the experiment ---


def test_cases_are_what_is_measured(folder: Path) -> None:
    prepared = load("x.yaml")
    assert prepared.figures == [("Heritage", "final_share")]
    assert prepared.points == 24


def test_mistakes_have_their_lines(folder: Path) -> None:
    (one,) = told(STUDY.replace("final_share.Heritage", "final_share.Heritag"))
    assert one.startswith("x.yaml:8:37: cases[0].measure: 'final_share.Heritag' names no seller")
    (one,) = told(STUDY.replace("final_share.Heritage", "final_share"))
    assert one.endswith("'final_share' is a figure of every seller; name one, as in final_share.Heritage")
    (one,) = told(STUDY.replace(", at_most: 0.25", ""))
    assert "give at_least, at_most, or both" in one
    (one,) = told(STUDY.replace("latin-hypercube, points: 24", "sobol, points: 24"))
    assert one == "x.yaml:9:31: design.points: must be a power of 2, not 24"
    (one,) = told(STUDY.replace("sellers.Heritage.price", "sellers.Heritage.prise"))
    assert one.startswith("x.yaml:5:3: ")


# --- end to end ---


def test_a_box_is_told_and_tested(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discovery", "x.yaml", "--jobs", "1", "-q"]) == 0
    out = capsys.readouterr().out
    assert "box 1: In the push economy, Heritage loses in " in out
    assert "in which Heritage price is at least " in out
    found = discovery("x.yaml", jobs=1, progress=False)
    assert found.reused
    page = (found.path / "report.html").read_text()
    assert "pushpull discovery x.yaml --retest 1" in page
    cases = found.table("cases")
    values = found.measures.groupby("point")["value"].apply(lambda runs: (runs <= 0.25).mean())
    assert list(cases["part"]) == pytest.approx(list(values))
    assert list(cases["hit"]) == [part >= 0.5 for part in values]
    box = found.table("boxes").set_index("factor").loc["sellers.Heritage.price"]

    assert main(["discovery", "x.yaml", "--retest", "1", "--jobs", "1", "-q"]) == 0
    assert "out of sample: In the push economy, Heritage loses in " in capsys.readouterr().out
    test = discovery("x.yaml", retest=1, jobs=1, progress=False)
    assert test.reused
    assert test.prepared.base.seed != found.prepared.base.seed
    assert (test.points["sellers.Heritage.price"] >= box["low"]).all()
    (row,) = test.table("retest").to_dict("records")
    assert row["points"] == 6
    assert row["low"] <= row["density"] <= row["high"]
    assert row["density_found"] == box["density"]


def test_a_box_that_is_not_there_cannot_be_tested(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discovery", "x.yaml", "--retest", "2", "--jobs", "1", "-q"]) == 2
    assert "--retest 2: there is no such box; there is 1" in capsys.readouterr().err


def test_the_figure_shows_the_box() -> None:
    sides = (("price", [1.0, 2.0, 3.0], 1.5, math.nan), ("rule", ["all", "none", "all"], math.nan, math.nan))
    hits, others = np.array([False, True, True]), np.array([True, True, False])
    left, right = plot_box(sides, hits, others, np.array([[1.0, 0.5], [0.8, 0.9]]), (0.8, 0.9), title="x")
    assert left.patches[0].get_x() == 1.5
    assert [label.get_text() for label in left.get_yticklabels()] == ["all", "none"]
    assert [80.0] in [list(line.get_xdata()) for line in right.lines]
