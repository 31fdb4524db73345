"""Whether the order of rows tells time: rows sorted by seller are found out, true histories are not accused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from panels import simulated, write

from sim.calibrate.ordering import order_shown
from sim.calibrate.panel import Panel
from sim.cli import main

BASE = str(Path(__file__).parents[2] / "scenarios" / "quick.yaml")


def sorted_by_seller(panel: Panel, sequence: list[int]) -> Panel:
    rank = np.array([*sequence, 99])
    back = np.append(np.argsort(sequence), -1)
    ranked = np.sort(rank[panel.choices], axis=1)
    return replace(panel, choices=back[np.minimum(ranked, len(sequence))])


@pytest.mark.parametrize("inertia", [0.01, 0.5, 0.9])
def test_true_histories_are_not_accused(inertia: float) -> None:
    assert order_shown(simulated(150, 18, inertia=inertia)).fault == ""


@pytest.mark.parametrize("sequence", [[0, 1, 2], [2, 0, 1]])
def test_rows_sorted_by_seller(sequence: list[int]) -> None:
    shown = order_shown(sorted_by_seller(simulated(), sequence))
    assert "sorted by seller" in shown.fault
    assert shown.returned == 0
    assert shown.one_way == 1.0


def test_rows_grouped_by_seller_in_no_common_sequence() -> None:
    panel = simulated(200, 18)
    random = np.random.default_rng(1)
    rows = [
        np.concatenate([np.full((row == one).sum(), one) for one in random.permutation(3)]) for row in panel.choices
    ]
    assert "grouped by seller" in order_shown(replace(panel, choices=np.array(rows))).fault


def test_inertia_shows_against_shuffled_histories() -> None:
    panel = simulated(150, 18, inertia=0.5)
    assert order_shown(panel).p_value < 0.01
    assert order_shown(panel.shuffled(3)).p_value > 0.05


def test_few_purchases_prove_nothing() -> None:
    assert order_shown(sorted_by_seller(simulated(12, 3), [0, 1, 2])).fault == ""


def test_the_command_refuses_sorted_rows(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "sorted.csv", sorted_by_seller(simulated(), [0, 1, 2]))
    out = tmp_path / "results"
    assert main(["calibrate", BASE, str(path), "--out", str(out), "-q"]) == 2
    said = capfd.readouterr().err
    assert "sorted by seller, not by time" in said
    assert "--ignore-order" in said
    assert not out.exists()
