"""`pushpull run`: what it prints, what it leaves, what it refuses."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.cli import main
from sim.results import COLUMNS, Run
from sim.scenario import Scenario

Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the figures out, which take most of the time of a tiny run."""
    monkeypatch.setattr("sim.report.write_report", lambda made: made.path / "report.html")


def only_run(folder: Path = Path("results/tiny")) -> Path:
    """The one run in a folder of runs."""
    (found,) = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return found


def test_results_on_stdout_and_progress_on_stderr(tiny: Path, shell: Shell) -> None:
    done = shell("run", "tiny.yaml")
    assert done.returncode == 0, done.stderr
    folder = only_run()
    lines = done.stdout.splitlines()
    assert lines[0] == f"report   {folder / 'report.html'}"
    assert "60 buyers, 6 ticks, seed 7, 3 replications of each economy" in lines[2]
    assert "6/6" in done.stderr
    assert "replications" in done.stderr
    rows = [line for line in lines if re.search(r"Heritage|Closers|Newcomer", line)]
    assert len(rows) == 6
    assert [line.split()[0] for line in rows[::3]] == ["push", "pull"]


@pytest.mark.usefixtures("plain")
def test_the_table_is_the_summary(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tiny.yaml", "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    summary = Run.read(only_run()).summary
    line = summary[
        (summary["economy"] == "pull") & (summary["seller"] == "Heritage") & (summary["measure"] == "final_share")
    ].iloc[0]
    row = next(row for row in captured.out.split("\npull ")[1].splitlines() if "Heritage" in row)
    assert f"{100 * line['mean']:.0f} % [{100 * line['low']:.0f}, {100 * line['high']:.0f}]" in row
    assert row.endswith("all 3 runs")
    assert captured.out.count("enters in month 2") == 2


def test_the_folder_holds_what_the_design_says(tiny: Path) -> None:
    assert main(["run", "tiny.yaml", "--quiet"]) == 0
    folder = only_run()
    held = {path.name for path in folder.iterdir()}
    tables = {f"{name}.parquet" for name in COLUMNS}
    assert held == {"scenario.yaml", "provenance.json", "summary.csv", "figures", "report.html", *tables}
    assert {"shares.parquet", "market.parquet", "switches.parquet"} <= tables
    assert {path.suffix for path in (folder / "figures").iterdir()} == {".png", ".svg"}
    assert [path for path in folder.parent.iterdir() if path != folder] == []
    assert Scenario.load(folder / "scenario.yaml").seed == 7
    parameters = json.loads((folder / "provenance.json").read_text())["parameters"]
    assert parameters["command"] == "pushpull run tiny.yaml"


@pytest.mark.usefixtures("plain")
def test_options_reach_the_run(tiny: Path, plugin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["-n", "2", "--seed", "11", "--economy", "pull", "--set", "horizon=4", "--set", "buyers.network.degree=4"]
    words += ["--set", "sellers.Closers.strategy=discounter", "--plugin", "discounter.py", "--jobs", "1"]
    assert main(["run", "tiny.yaml", *words, "--out", "there/deep", "--json", "--quiet"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["replications"] == 2
    assert document["seed"] == 11
    run = Run.read(document["folder"])
    assert Path(document["folder"]).parent == Path("there/deep/tiny")
    assert run.economies == ["pull"]
    assert run.scenario.horizon == 4
    assert run.scenario.buyers.network.degree == 4
    assert run.scenario.sellers[1].strategy == "discounter"
    assert run.provenance["parameters"]["command"] == (
        "pushpull run tiny.yaml -n 2 --seed 11 --set horizon=4 --set buyers.network.degree=4 "
        "--set sellers.Closers.strategy=discounter --economy pull --plugin discounter.py"
    )


@pytest.mark.usefixtures("plain")
def test_json_is_one_document_and_whole(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tiny.yaml", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {
        "report", "folder", "scenario", "seed", "replications", "precision", "reused", "summary"
    }  # fmt: skip
    frame = Run.read(document["folder"]).summary
    told = pd.DataFrame(document["summary"])
    assert list(told.columns) == list(frame.columns)
    assert len(told) == len(frame)
    finite = np.isfinite(frame["mean"])
    np.testing.assert_array_equal(told["mean"].astype(float)[finite], frame["mean"][finite])
    assert told["mean"][~finite].isna().all()


@pytest.mark.usefixtures("plain")
def test_both_engines_leave_the_same_tables(tiny: Path) -> None:
    for engine in ("columns", "agents"):
        assert main(["run", "tiny.yaml", "--engine", engine, "--out", engine, "--quiet"]) == 0
    one, other = only_run(Path("columns/tiny")), only_run(Path("agents/tiny"))
    assert one.name == other.name
    for name in (*(f"{table}.parquet" for table in COLUMNS), "summary.csv", "scenario.yaml"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


@pytest.mark.usefixtures("plain")
def test_the_same_run_is_found_and_not_run_again(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tiny.yaml"]) == 0
    first = capsys.readouterr().out
    before = (only_run() / "shares.parquet").stat().st_mtime_ns
    assert main(["run", "tiny.yaml"]) == 0
    again = capsys.readouterr()
    assert again.out == first
    assert "--fresh" in again.err
    assert (only_run() / "shares.parquet").stat().st_mtime_ns == before
    assert main(["run", "tiny.yaml", "--fresh"]) == 0
    assert (only_run() / "shares.parquet").stat().st_mtime_ns > before


@pytest.mark.usefixtures("plain")
def test_precision_says_what_it_cost(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tiny.yaml", "--precision", "0.5", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"precision reached: .* after \d+ replications of each economy, \d+ in all", out)
    assert main(["run", "tiny.yaml", "--precision", "0.0001", "--max-replications", "9", "--quiet"]) == 0
    captured = capsys.readouterr()
    assert "precision NOT reached" in captured.out
    assert "after 9 replications" in captured.out
    assert captured.err == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--precision", "nan"], "--precision nan"),
        (["--precision", "0"], "--precision 0"),
        (["--precision", "0.1", "-n", "3"], "not both"),
        (["--max-replications", "9"], "goes with --precision"),
        (["--precision", "0.1", "--max-replications", "1"], "--max-replications 1"),
        (["-n", "0"], "replications"),
        (["--seed", "-1"], "seed"),
        (["--seed", str(2**63)], "seed"),
        (["--jobs", "0"], "--jobs"),
        (["--economy", "pul"], "'pul' is not an economy"),
        (["--engine", "rows"], "--engine"),
        (["--set", "horizon"], "PATH=VALUE"),
        (["--set", "=3"], "PATH=VALUE"),
        (["--set", "horizon=3", "--set", "horizon=4"], "twice"),
        (["--set", "horizon=[1"], "--set horizon=[1"),
        (["--set", "horizn=3"], "horizn"),
        (["--set", "horizon=many"], "--set horizon"),
        (["--set", "sellers.Nobody.price=1"], "Nobody"),
        (["--plugin", "missing.py"], "no such file"),
        (["--out", "tiny.yaml/x"], "--out tiny.yaml/x: cannot be written"),
        (["--bogus"], "--bogus"),
        (["other.yaml"], "other.yaml"),
    ],
)
def test_wrong_input_is_one_line_and_nothing_written(
    tiny: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main(["run", "tiny.yaml", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert told in captured.err
    assert [path.name for path in tiny.iterdir()] == ["tiny.yaml"]


def test_every_mistake_of_a_scenario_is_told(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path("tiny.yaml").read_text().replace("hard-sell", "hardsell").replace("seed: 7", "seed: -7")
    Path("tiny.yaml").write_text(text)
    assert main(["run", "tiny.yaml"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(re.match(r"tiny\.yaml:\d+:\d+: ", line) for line in lines)
    assert not Path("results").exists()


def test_a_strategy_that_fails_fails_the_run(tiny: Path, plugin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = plugin.read_text().replace("discounter", "clumsy").replace("Discounter", "Clumsy")
    Path("clumsy.py").write_text(code + "\n    def plan(self, view):\n        return 1 / 0\n")
    words = ["--plugin", "clumsy.py", "--set", "sellers.Closers.strategy=clumsy", "--quiet"]
    assert main(["run", "tiny.yaml", *words]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("pushpull: 6 of 6 replications failed")
    assert "ZeroDivisionError" in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.usefixtures("plain")
def test_a_full_disk_is_told_in_one_line(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert main(["run", "tiny.yaml", "--quiet"]) == 1
    captured = capsys.readouterr()
    assert captured.err == "pushpull: the disk is full\n"
    assert main(["run", "tiny.yaml", "--quiet"]) == 0


def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(tiny: Path, shell: Shell) -> None:
    words = ["run", "tiny.yaml", "-n", "300", "--jobs", "1", "--economy", "pull", "--quiet"]
    # a process group of its own, so that only it hears the signal
    process = subprocess.Popen(
        [sys.executable, "-m", "sim.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not list(Path("results").glob("tiny/.parts-*/*.part")) and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    kept = re.search(r"interrupted: (\d+) of 300 replications are kept", err)
    assert kept, err
    assert int(kept[1]) > 0
    assert "Traceback" not in err
    done = shell(*words)
    assert done.returncode == 0, done.stderr
    assert "300 replications of one economy" in done.stdout


def test_the_first_run_says_that_it_compiles(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sim.compiled  # with this session's cache, so that nothing is compiled for this test

    assert sim.compiled.cache_folder().is_dir()
    monkeypatch.setattr("sim.report.write_report", lambda made: None)
    monkeypatch.setenv("PUSHPULL_CACHE", str(tiny / "cold"))
    assert main(["run", "tiny.yaml"]) == 0
    assert "compiling, once" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.chdir(tiny)
    assert main(["run", "tiny.yaml"]) == 0
    assert "compiling" not in capsys.readouterr().err


def test_debug_shows_the_traceback(tiny: Path, shell: Shell) -> None:
    Path("broken.py").write_text("1 / 0")
    quiet = shell("strategies", "--plugin", "broken.py")
    loud = shell("strategies", "--plugin", "broken.py", PUSHPULL_DEBUG="1")
    assert quiet.returncode == 2
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr
    assert "ZeroDivisionError" in loud.stderr
