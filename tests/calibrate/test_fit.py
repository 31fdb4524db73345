"""A panel out of the market itself, and its parameters found again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import INERTIA, SELLERS, SHARES, WEIGHTS, simulated, write

from sim.calibrate import calibration, fitting, uncertainty
from sim.calibrate.calibration import Options, calibrated
from sim.calibrate.classes import best_classes
from sim.calibrate.holdout import score_laws
from sim.calibrate.laws import Segments
from sim.calibrate.leaving import calibrate_panel
from sim.calibrate.prices import price_effect
from sim.calibrate.store import Memory
from sim.cli import main
from sim.scenario import Scenario

BASE = str(Path(__file__).parents[2] / "scenarios" / "quick.yaml")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulations large enough for a test."""
    monkeypatch.setattr(fitting, "POOL", 600)
    monkeypatch.setattr(fitting, "PANELS", 80)
    monkeypatch.setattr(fitting, "LEAST", 1000)
    monkeypatch.setattr(fitting, "WIDE", 3000)
    monkeypatch.setattr(calibration, "TEST_PANELS", 150)
    monkeypatch.setattr(calibration, "DRAWS", 3)
    monkeypatch.setattr(uncertainty, "SAMPLES", 80)


def test_classes_are_found_again() -> None:
    panel = simulated(400, 25)
    by_bic, bic = fitting.choose_classes(panel, None, 0)
    assert len(by_bic.weights) == 2
    assert bic[2] < bic[1]
    assert by_bic.inertia == pytest.approx(INERTIA, abs=0.04)
    assert by_bic.weights == pytest.approx(WEIGHTS, abs=4 * np.sqrt(0.24 / 400))
    assert by_bic.shares == pytest.approx(SHARES, abs=0.05)


def test_parameters_lie_in_their_intervals(tmp_path: Path) -> None:
    panel = simulated(120, list(range(12, 24)) * 10)
    left = calibrate_panel(Scenario.load(BASE), panel, Options(quick=True), path=BASE, out=tmp_path, progress=False)
    table = pd.read_csv(left.path / "estimates.csv").set_index("parameter")
    known = {"inertia": INERTIA, "segment 1 size": WEIGHTS[0]}
    known |= {f"segment {row + 1}: {name}": SHARES[row, place] for row in (0, 1) for place, name in enumerate(SELLERS)}
    inside = [table.loc[name, "low"] <= value <= table.loc[name, "high"] for name, value in known.items()]
    assert sum(inside) >= len(known) - 1  # 95 % each
    assert (table["standard_error"] > 0).all()
    fit = pd.read_csv(left.path / "fit.csv")
    assert fit["used"].any()
    assert (fit.loc[fit["used"], "z"].abs() > 2).mean() <= 0.08
    # the scenario is one: it loads, it says what was fitted, it runs as the fit says
    scenario = Scenario.load(left.path / "scenario.yaml")
    assert [seller.name for seller in scenario.sellers] == list(SELLERS)
    assert 1 - scenario.behaviour.research_rate.push == pytest.approx(table.loc["inertia", "value"], abs=1e-5)
    assert scenario.behaviour.switching_cost.push == 0
    for name in ("report.html", "fit.parquet", "identification.csv", "figures/distances.svg"):
        assert (left.path / name).is_file()
    assert calibrate_panel(
        Scenario.load(BASE), panel, Options(quick=True), path=BASE, out=tmp_path, progress=False
    ).reused


def test_a_stopped_calibration_goes_on_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    panel, base, options = simulated(60, 12), Scenario.load(BASE), Options(quick=True, segments=2)

    def calibrate(out: Path) -> Path:
        return calibrate_panel(base, panel, options, path=BASE, out=out, progress=False).path

    whole = calibrate(tmp_path / "whole")
    real, done = Memory.answer, 0

    def stops(self: Memory, *given: Any) -> Any:
        nonlocal done
        done += 1
        if done == 6:
            raise KeyboardInterrupt
        return real(self, *given)

    monkeypatch.setattr(Memory, "answer", stops)
    with pytest.raises(KeyboardInterrupt):
        calibrate(tmp_path / "stopped")
    monkeypatch.setattr(Memory, "answer", real)
    kept = list((tmp_path / "stopped" / ".store").rglob("*.npy"))
    assert 0 < len(kept) <= 5
    ages = {path: path.stat().st_mtime_ns for path in kept}
    resumed = calibrate(tmp_path / "stopped")
    assert {path: path.stat().st_mtime_ns for path in kept} == ages  # none was computed again
    for path in sorted(one for one in whole.rglob("*") if one.is_file()):
        assert (resumed / path.relative_to(whole)).read_bytes() == path.read_bytes(), path.name


def test_other_laws_and_the_held_out_part() -> None:
    panel = simulated(80, 14, weights=np.array([0.5, 0.5]), shares=np.array([[0.9, 0.05, 0.05], [0.05, 0.05, 0.9]]))
    found = calibrated(Scenario.load(BASE), panel, Options(segments=2), Memory(), path=BASE, told=lambda stage: None)
    assert found.heldout is not None
    off, of = found.heldout.beyond
    assert of >= 15
    assert off / of <= 0.2  # the market that made the panel stands still: what is off is chance
    assert found.heldout.scores[0].bits == min(one.bits for one in found.heldout.scores)
    by_law = {one.words: one.beyond for one in found.rivals}
    assert by_law.keys() == {"segments, behavioural trigger", "one Dirichlet, inertia", "normal tastes, inertia"}
    assert max(by_law["one Dirichlet, inertia"], by_law["normal tastes, inertia"]) > found.beyond[0]


def test_a_score_is_what_the_law_gave_to_the_purchase() -> None:
    panel = simulated(40, 8)
    law = Segments(SELLERS, 1)
    free = np.array([-9.0, 0.0, 0.0])  # no inertia, all sellers alike
    scores = score_laws(panel, panel.first_part(0.5), law, free, 0.0, 1)
    assert scores[0].bits == pytest.approx(np.log2(3))


def test_without_order_there_is_no_inertia() -> None:
    panel = simulated(60, 12).shuffled(1)
    found = calibrated(
        Scenario.load(BASE),
        panel,
        Options(order="ignore", quick=True, segments=2),
        Memory(),
        path=BASE,
        told=lambda stage: None,
    )
    assert found.composed.scenario.behaviour.research_rate.push > 0.999
    fit = found.fitted.setting.used
    assert fit[:3].all()
    assert not fit[3:8].any()  # repeat rates
    assert {one.verdict for one in found.told if one.what.startswith("inertia")} == {"no"}


@pytest.mark.parametrize(("sellers", "lengths"), [(2, 6), (9, 10)])
def test_other_numbers_of_sellers_and_few_purchases(tmp_path: Path, sellers: int, lengths: int) -> None:
    names = tuple(f"s{place}" for place in range(sellers))
    random = np.random.default_rng(sellers)
    shares = random.dirichlet(np.full(sellers, 0.4), 2) * 0.95 + 0.05 / sellers
    panel = simulated(30, [1, 2, lengths] * 10, shares=shares, sellers=names)
    path = write(tmp_path / "panel.csv", panel)
    out = tmp_path / "results"
    assert main(["calibrate", BASE, str(path), "--quick", "-q", "--out", str(out)]) == 0
    assert main(["check", str(next(out.glob("*/*/scenario.yaml")))]) == 0


def test_sellers_are_matched_by_name(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "panel.csv", simulated(40, 8, sellers=("heritage", "Closers", "Unheard")))
    out = tmp_path / "results"
    assert main(["calibrate", BASE, str(path), "--quick", "-q", "--out", str(out)]) == 2
    assert "sellers.Allies: the panel has no purchase from it" in capfd.readouterr().err
    assert not out.exists()
    path = write(tmp_path / "panel.csv", simulated(40, 8, sellers=("heritage", "Closers", "ALLIES")))
    assert main(["calibrate", BASE, str(path), "--quick", "-q", "--json", "--out", str(out)]) == 0
    told = json.loads(capfd.readouterr().out)
    scenario = Scenario.load(Path(told["folder"]) / "scenario.yaml")
    assert {seller.name: seller.strategy for seller in scenario.sellers} == {
        "Heritage": "relationship-reliant",
        "Closers": "hard-sell",
        "Allies": "collaborative",
    }
    assert scenario.events[0].seller == "Newcomer"  # entrants stay; how they are liked is assumed
    assert told["beyond"] <= told["targets"]


def test_price_sensitivity_is_found_again() -> None:
    """Choices drawn from the law itself, with prices that vary from one purchase to the next."""
    random = np.random.default_rng(8)
    panel = simulated(200, 20)
    prices = random.uniform(0.5, 1.5, (200, 20, 3))
    members = random.random(200) < WEIGHTS[0]
    taste = np.log(SHARES[np.where(members, 0, 1)])
    choices = np.empty((200, 20), np.int64)
    for slot in range(20):
        value = taste - 2.5 * prices[:, slot] + random.gumbel(size=(200, 3))
        fresh = value.argmax(axis=1)
        stays = random.random(200) < INERTIA
        choices[:, slot] = np.where(stays & (slot > 0), choices[:, slot - 1], fresh)
    priced = type(panel)(SELLERS, choices, panel.lengths, prices)
    found = price_effect(priced, best_classes(priced.histories, 2))
    assert found is not None
    assert found.low <= 2.5 * found.unit <= found.high
    constant = type(panel)(SELLERS, choices, panel.lengths, np.ones_like(prices))
    assert price_effect(constant, best_classes(priced.histories, 2)) is None
