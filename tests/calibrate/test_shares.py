"""Market shares over time, out of the market itself, and what made them found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.calibrate import share_fit
from sim.calibrate.share_table import shares_of
from sim.calibrate.table import open_table
from sim.cli import main
from sim.market import Market
from sim.scenario import Scenario, ScenarioError

WORDS = """\
name: duopoly
horizon: 30
seed: 3
buyers: {count: 300}
economies:
  push: {pull_share: 0}
  pull: {pull_share: 1}
sellers:
  - {name: Heritage, strategy: relationship-reliant}
  - {name: Closers, strategy: hard-sell}
"""
TRUE = 1.1  # quality of Heritage


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "duopoly.yaml"
    path.write_text(WORDS, encoding="utf-8")
    return path


def shares(scenario: Path, ticks: int = 20) -> np.ndarray:
    """What happened in a market with another quality, which opened with 40 % and 60 %; rows from the opening on."""
    values = {"sellers.Heritage.quality": TRUE, "sellers.Heritage.opening_share": 0.4, "horizon": ticks}
    record = Market(Scenario.load(scenario, values), "pull", replication=77).run()
    columns = [record.sellers.index(name) for name in ("Heritage", "Closers")]
    return np.vstack([[0.4, 0.6], record.shares["share"][:, columns]])


def write(path: Path, rows: np.ndarray, scale: float = 100.0) -> Path:
    lines = [
        "month,heritage,Closers",
        *(f"{at},{scale * one:.4f},{scale * two:.4f}" for at, (one, two) in enumerate(rows)),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_quality_is_found_again(
    tmp_path: Path, scenario: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("optuna")
    monkeypatch.setattr(share_fit, "HISTORIES", 8)
    table = write(tmp_path / "shares.csv", shares(scenario))
    out = tmp_path / "results"
    command = ["calibrate", str(scenario), str(table), "--economy", "pull", "--fit", "sellers.Heritage.quality=0:2"]
    assert main([*command, "--out", str(out), "-q"]) == 0
    said = capfd.readouterr().out
    assert "Held out: Fitted to the first 15 rows" in said
    folder = next(one for one in (out / "duopoly-calibrated").iterdir() if not one.name.startswith("."))
    (found,) = pd.read_csv(folder / "estimates.csv").to_dict("records")
    assert found["parameter"] == "sellers.Heritage.quality"
    assert abs(found["value"] - TRUE) < 3 * found["standard_error"]
    assert found["standard_error"] < 0.3
    fitted = Scenario.load(folder / "scenario.yaml")
    assert fitted.sellers[0].quality == pytest.approx(found["value"], abs=1e-5)
    assert fitted.sellers[0].opening_share == pytest.approx(0.4)
    fit = pd.read_csv(folder / "fit.csv")
    assert len(fit) == 2 * 20
    assert (fit["observed"] - fit["simulated"]).abs().max() < 0.15
    assert (folder / "figures" / "heldout.png").is_file()


def test_wide_and_long_tables_are_the_same(tmp_path: Path, scenario: Path) -> None:
    rows = shares(scenario, 4)
    wide = shares_of(open_table(write(tmp_path / "wide.csv", rows)), ("Heritage", "Closers"))
    lines = ["date,brand,share"]
    for at, row in enumerate(rows):
        lines += [
            f"2024-0{at + 1}-28,{name},{share:.6f}" for name, share in zip(("Heritage", "closers"), row, strict=True)
        ]
    (tmp_path / "long.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    long = shares_of(open_table(tmp_path / "long.csv"), ("Heritage", "Closers"))
    assert wide.shares == pytest.approx(long.shares, abs=1e-6)
    assert wide.ticks.tolist() == long.ticks.tolist() == [0, 1, 2, 3, 4]


def test_mistakes_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "shares.csv"
    path.write_text("month,Heritage,Closers\n0,0.5,0.5\n1,0.5,0.9\n2,half,0.5\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        shares_of(open_table(path), ("Heritage", "Closers"))
    assert [(one.line, one.column) for one in caught.value.mistakes] == [(4, 2)]
    path.write_text("month,Heritage,Closers\n0,0.5,0.5\n1,0.5,0.9\n2,0.5,0.5\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="the shares add up to 1"):
        shares_of(open_table(path), ("Heritage", "Closers"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--fit", "sellers.Heritage.quality"], "write PATH=LOW:HIGH"),
        (["--fit", "sellers.Heritage.qualty=0:1"], "qualty"),
        (["--economy", "both"], "push, pull"),
        (["--segments", "3"], "market shares"),
    ],
)
def test_wrong_options(
    tmp_path: Path, scenario: Path, capfd: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    pytest.importorskip("optuna")
    table = write(tmp_path / "shares.csv", np.full((4, 2), 0.5))
    out = tmp_path / "results"
    assert main(["calibrate", str(scenario), str(table), *options, "--out", str(out)]) == 2
    assert said in capfd.readouterr().err
    assert not out.exists()
