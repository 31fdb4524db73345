"""`pushpull compare` and `pushpull sweep`: what they print, what they leave, what they refuse."""

from __future__ import annotations

import gc
import importlib.util
import json
import re
import tempfile
from concurrent.futures import BrokenExecutor, Executor
from pathlib import Path

import pandas as pd
import pytest

from sim import Scenario, compare, sweep
from sim.cli import main
from sim.results import ResultsError
from sim.runner import Interrupted, RunBroken
from sim.studies import Study, load

ROOT = Path(__file__).parent.parent.parent
EXPERIMENTS = sorted((ROOT / "experiments").glob("*.yaml"))
SWEEP = """\
name: costs
kind: sweep
description: Which of the two keeps buyers where they are?
scenario: tiny.yaml
factors:
  behaviour.search_cost.pull: [0.02, 1.0]
  behaviour.switching_cost.pull: {low: 0, high: 4, levels: 3}
measures: [leader, final_share.Heritage, consumer_surplus]
"""
FILES = {"experiment.yaml", "scenario.yaml", "provenance.json", "points.parquet", "measures.parquet", "summary.csv"}
FILES |= {"failures.parquet", "figures", "report.html"}
PATHS = {"paths.parquet", "switches.parquet"}


def only(folder: str) -> Path:
    """The one study in a folder."""
    (found,) = [path for path in Path(folder).iterdir() if not path.name.startswith(".")]
    return found


@pytest.mark.parametrize("file", EXPERIMENTS, ids=lambda file: file.stem)
def test_every_shipped_experiment_is_right_and_asks_something(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(file)]) == 0, capsys.readouterr().out
    prepared = load(file)
    assert "?" in prepared.experiment.description
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# pushpull {prepared.experiment.kind} experiments/{file.name}"
    assert prepared.scenario_at(prepared.points - 1) != prepared.scenario_at(0)


def test_the_essays_questions_are_shipped() -> None:
    stems = {"entrant_or_not", "when_to_change_course", "visits_or_self_service", "search_by_switching"}
    assert stems <= {file.stem for file in EXPERIMENTS}


def test_a_sweep_leaves_what_it_says(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("costs.yaml").write_text(SWEEP)
    assert main(["sweep", "costs.yaml", "--jobs", "1"]) == 0
    captured = capsys.readouterr()
    folder = only("results/costs")
    assert captured.out.splitlines()[0] == f"report   {folder / 'report.html'}"
    assert "36 runs: 6 points, 2 economies, 3 replications of each on common draws" in captured.out
    assert "36/36" in captured.err
    assert {path.name for path in folder.iterdir()} == FILES
    points = pd.read_parquet(folder / "points.parquet")
    assert list(points.columns) == ["point", "behaviour.search_cost.pull", "behaviour.switching_cost.pull"]
    assert list(points["behaviour.switching_cost.pull"]) == [0, 2, 4] * 2
    measures = pd.read_parquet(folder / "measures.parquet")
    assert list(measures.columns) == ["point", "economy", "replication", "measure", "seller", "value", "censored"]
    assert len(measures) == 36 * 5  # leader of three sellers, and two more
    summary = pd.read_csv(folder / "summary.csv", keep_default_na=False)
    columns = ["point", "economy", "seller", "measure", "mean", "low", "high", "replications", "censored"]
    assert list(summary.columns) == columns
    means = measures.groupby(["point", "economy", "measure", "seller"], observed=True)["value"].mean()
    for row in summary.itertuples():
        assert float(row.mean) == pytest.approx(means[row.point, row.economy, row.measure, row.seller])
    failures = pd.read_parquet(folder / "failures.parquet")
    assert list(failures.columns) == ["point", "economy", "replication", "seed", "error", "command"]
    assert len(failures) == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "pushpull sweep costs.yaml --jobs" not in page  # jobs change nothing
    assert "<code>pushpull sweep costs.yaml</code>" in page
    assert "Which of the two keeps buyers where they are?" in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)  # nothing is fetched
    assert {path.name for path in (folder / "figures").iterdir()} >= {"who_leads.png", "who_leads.svg"}
    provenance = json.loads((folder / "provenance.json").read_text())
    assert list(provenance) == ["schema_version", "software", "parameters", "environment"]


def test_a_study_is_found_again_and_its_own_folder_leads_to_it(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("costs.yaml").write_text(SWEEP)
    assert main(["sweep", "costs.yaml", "-q", "-n", "1", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["reused"] is False
    assert first["replications"] == 1
    assert len(first["summary"]) == 6 * 2 * 5
    assert main(["sweep", f"{first['folder']}/experiment.yaml", "-q", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["reused"] is True
    assert again["folder"] == first["folder"]
    study = Study.read(first["folder"])
    assert study.prepared.points == 6
    (Path(first["folder"]) / "summary.csv").unlink()
    with pytest.raises(ResultsError, match=r"summary\.csv is missing; this is not the folder of a finished study"):
        Study.read(first["folder"])


def test_a_comparison_leaves_its_differences(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "tiny.yaml", "--without", "Newcomer", "--economy", "pull", "-q", "-n", "4"]) == 0
    out = capsys.readouterr().out
    assert "final share of Heritage" in out
    folder = only("results/tiny-compare")
    assert {path.name for path in folder.iterdir()} == {*FILES, *PATHS, "differences.parquet"}
    differences = pd.read_parquet(folder / "differences.parquet")
    columns = ["change", "economy", "tick", "seller", "measure", "mean", "low", "high", "variance_reduction"]
    assert list(differences.columns) == columns
    assert set(differences["change"]) == {"without Newcomer"}
    over_time = differences[differences["tick"].notna()]
    assert set(over_time["measure"]) == {"share", "profit", "cumulative_profit", "survival"}
    assert len(over_time) == 6 * 3 * 4
    assert {"half_life", "final_share"} <= set(differences[differences["tick"].isna()]["measure"])
    shares = over_time[over_time["measure"] == "share"].groupby("tick")["mean"].sum()
    assert shares.abs().max() < 1e-12  # what one gains the others lose
    paths = pd.read_parquet(folder / "paths.parquet")
    assert list(paths.columns) == ["point", "economy", "replication", "tick", "seller", "share", "profit", "alive"]
    assert len(paths) == 4 * 6 * (3 + 2)  # without the newcomer there are two
    last = paths[paths["tick"] == 5].groupby(["point", "seller"], observed=True)["share"].mean()
    gaps = over_time[(over_time["measure"] == "share") & (over_time["tick"] == 5)].set_index("seller")["mean"]
    assert gaps["Closers"] == pytest.approx(last[1, "Closers"] - last[0, "Closers"])
    assert gaps["Newcomer"] == pytest.approx(-last[0, "Newcomer"])
    switches = pd.read_parquet(folder / "switches.parquet")
    assert list(switches.columns) == [
        *("point", "economy", "replication", "from_seller", "to_seller", "cause", "buyers")
    ]
    assert (switches["buyers"] > 0).all()
    page = (folder / "report.html").read_text(encoding="utf-8")
    for words in ("By how much", "How sure", "Why customers moved", "variance reduction"):
        assert words in page
    assert "pushpull compare tiny.yaml --without Newcomer -n 4 --economy pull" in page


def test_a_change_stands_in_a_file_or_on_the_command_line(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("change.yaml").write_text("name: dearer\nsellers.Closers.price: 1.1\n")
    words = ["--set", "sellers.Heritage.stubbornness=0", "-q", "-n", "1", "--json", "--economy", "push"]
    assert main(["compare", "tiny.yaml", "--with", "change.yaml", *words]) == 0
    study = Study.read(json.loads(capsys.readouterr().out)["folder"])
    changed = study.prepared.scenario_at(1)
    assert changed.sellers[1].price == 1.1
    assert changed.sellers[0].stubbornness == 0
    assert study.prepared.columns["change"] == ["baseline", "dearer"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["compare", "tiny.yaml"], "a scenario needs a change: --without NAME"),
        (
            ["compare", "tiny.yaml", "--without", "Newcomr"],
            "--without: no seller and no event is named 'Newcomr'; did you",
        ),
        (["compare", "tiny.yaml", "--set", "horizn=3"], "horizn: no parameter 'horizn'; did you mean 'horizon'?"),
        (["compare", "tiny.yaml", "--without", "Newcomer", "--economy", "pul"], "'pul' is not an economy of tiny"),
        (["compare", "tiny.yaml", "--with", "none.yaml"], "none.yaml: there is no such file"),
        (["compare", "costs.yaml"], "costs.yaml:2:7: kind: this is a sweep; run it with: pushpull sweep"),
        (["compare", "costs.yaml", "--without", "Newcomer"], "costs.yaml is an experiment and names its own changes"),
        (["sweep", "tiny.yaml"], "tiny.yaml:1:1: this is a scenario, not an experiment"),
        (["sweep", "none.yaml"], "none.yaml: there is no such file"),
        (["sweep", "costs.yaml", "--set", "buyers.count=-1"], "--set buyers.count: must be a whole number"),
        (["sweep", "costs.yaml", "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1"], "give --jobs or --scheduler"),
    ],
)
def test_wrong_input_is_told_in_a_line_and_nothing_is_written(
    tiny: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    Path("costs.yaml").write_text(SWEEP)
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert expected in captured.err
    assert len(captured.err.splitlines()) == 1
    assert not Path("results").exists()


def test_a_scheduler_needs_dask_and_an_answer(
    tiny: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("costs.yaml").write_text(SWEEP)
    if importlib.util.find_spec("distributed") is not None:
        monkeypatch.setattr("sim.cli.studying.PATIENCE", 0.2)
        assert main(["sweep", "costs.yaml", "--scheduler", "tcp://127.0.0.1:1"]) == 2
        assert "no scheduler answers there" in capsys.readouterr().err
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    assert main(["sweep", "costs.yaml", "--scheduler", "tcp://127.0.0.1:1"]) == 2
    assert "--scheduler needs Dask: pip install 'pushpull[cluster]'" in capsys.readouterr().err


def test_wrong_experiments_are_checked_like_scenarios(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("costs.yaml").write_text(SWEEP.replace("switching_cost", "swiching_cost").replace("leader", "leeder"))
    assert main(["check", "tiny.yaml", "costs.yaml"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tiny.yaml: OK"
    assert [line.partition(": ")[0] for line in lines[1:]] == ["costs.yaml:7:3", "costs.yaml:8:12"]


def test_studies_are_three_lines_of_python(tiny: Path) -> None:
    scenario = Scenario.load("tiny.yaml")
    compared = compare(scenario, without="Newcomer", replications=2, progress=False)
    swept = sweep(scenario, {"behaviour.search_cost.pull": [0.02, 1.0]}, replications=2, progress=False)
    assert set(compared.summary["change"]) == {"without Newcomer"}
    assert set(swept.summary["point"]) == {0, 1}
    assert compared.path.parent == Path("results/tiny-compare")
    with pytest.raises(ValueError, match="must be given"):
        sweep(scenario)
    with pytest.raises(ValueError, match="an experiment has its own"):
        compare(compared.prepared, without="Heritage")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_study_that_is_not_kept_goes_when_it_is_not_used(tiny: Path, temporary: Path) -> None:
    scenario, factors = Scenario.load("tiny.yaml"), {"behaviour.search_cost.pull": [0.02, 1.0]}
    swept = sweep(scenario, factors, replications=2, progress=False, out=None)
    assert not Path("results").exists()
    assert temporary in swept.path.parents
    assert swept.summary.equals(sweep(scenario, factors, replications=2, progress=False).summary)
    assert set(swept.points["point"]) == {0, 1}
    del swept
    gc.collect()
    assert not list(temporary.iterdir())


@pytest.mark.parametrize(("what", "told"), [(BrokenExecutor, RunBroken), (KeyboardInterrupt, Interrupted)])
def test_a_study_that_is_not_kept_says_so_when_it_ends_early(
    what: type[BaseException], told: type[BaseException], tiny: Path, temporary: Path
) -> None:
    class Ending(Executor):
        def submit(self, *_, **__):  # type: ignore[no-untyped-def]
            raise what

    with pytest.raises(told, match=r"nothing is kept$"):
        compare(Scenario.load("tiny.yaml"), without="Newcomer", executor=Ending(), progress=False, out=None)
    assert not list(temporary.iterdir())


def test_a_sweep_of_one_and_of_three_factors_has_its_pictures(tiny: Path) -> None:
    scenario = Scenario.load("tiny.yaml")
    measures = ["final_share", "consumer_surplus", "half_life.Heritage"]
    factors = {"sellers.Heritage.stubbornness": [0, 0.5, 1]}
    one = sweep(scenario, factors, measures=measures, replications=2, progress=False)
    assert {path.stem for path in (one.path / "figures").iterdir()} >= {"final_share", "consumer_surplus"}
    factors |= {
        "horizon": {"low": 5, "high": 6, "whole": True},
        "sellers.Closers.strategy": ["hard-sell", "collaborative"],
    }
    three = sweep(
        scenario,
        factors,
        design={"kind": "latin-hypercube", "points": 5},
        measures=measures,
        replications=1,
        progress=False,
        name="three",
    )
    assert set(three.points["sellers.Closers.strategy"]) == {"hard-sell", "collaborative"}
    assert {path.stem for path in (three.path / "figures").iterdir()} >= {"final_share_Heritage", "consumer_surplus"}


def test_points_that_cannot_be_run_are_failures_of_their_own(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = SWEEP.replace("behaviour.search_cost.pull: [0.02, 1.0]", "events.Newcomer.at: [2, 5]")
    Path("costs.yaml").write_text(
        text.replace("behaviour.switching_cost.pull: {low: 0, high: 4, levels: 3}", "horizon: [4, 6]")
    )
    assert main(["sweep", "costs.yaml", "-q", "-n", "1"]) == 1
    captured = capsys.readouterr().err
    assert "2 of 8 replications failed" in captured
    assert "past the horizon" in captured
    failures = pd.read_parquet(only("results/costs") / "failures.parquet")
    assert list(failures["point"]) == [2, 2]
