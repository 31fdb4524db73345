"""Every row of the verification: it passes, or fails for the reason that it gives."""

from __future__ import annotations

import math

import pytest

from sim.verify import rows
from sim.verify.row import Check, above, below, between, close, exact, missing

WANTED = (
    [f"V{number}" for number in (*range(1, 13), 14, *range(16, 18), 18, *range(20, 29), *range(31, 34), 39, 40)]
    + ["V3b", "V3c", "V6b", "V8d", "V9c", "V9d", "V9e", "V14b", "V17b", "V24b", "V25b"]
    + [f"E{number}" for number in range(1, 15)]
)


def test_no_row_is_left_out() -> None:
    assert sorted(rows()) == sorted(WANTED)
    assert list(rows())[:4] == ["V1", "V2", "V3", "V3b"]
    assert list(rows())[-1] == "E14"


@pytest.mark.parametrize("name", list(rows()))
def test_a_row_passes_or_is_known_not_to(name: str) -> None:
    row = rows()[name]
    assert row.title
    assert row.source
    assert row.setting
    outcome = row.run(quick=True)
    assert outcome.checks
    failed = [
        f"{check.what}: {check.got:.6g} ± {check.standard_error:.2g}" for check in outcome.checks if not check.passed
    ]
    assert bool(failed) == bool(row.known), failed


def test_a_check_can_fail() -> None:
    assert close("a", 1.0, 1.3, 0.1).passed
    assert not close("a", 1.0, 1.5, 0.1).passed
    assert not close("a", 1.0, 1.3, 0.1, tolerance=2.0).passed
    assert close("a", 1.0, 1.5, 0.1, allowance=0.11).passed
    assert exact("a", 1.0, 1.0 + 1e-7).passed
    assert not exact("a", 1.0, 1.0 + 1e-5).passed
    assert above("a", 0.0, 0.21, 0.1).passed
    assert not above("a", 0.0, 0.19, 0.1).passed  # not beyond two errors
    assert below("a", 0.0, -0.21, 0.1).passed
    assert not below("a", 0.0, 0.0, 0.1).passed
    assert between("a", 0.0, 1.0, 1.0).passed
    assert not between("a", 0.0, 1.0, 1.1, 0.1).passed
    assert not missing("a", 1.0, "no such thing").passed


def test_how_far_off_a_number_is() -> None:
    assert close("a", 1.0, 1.3, 0.1).off == pytest.approx(3.0)
    assert close("a", 1.0, 0.7, 0.1, allowance=0.1).off == pytest.approx(2.0)
    assert between("a", 0.0, 1.0, 0.5, 0.1).off == 0
    assert math.isnan(exact("a", 1.0, 2.0).off)
    assert math.isnan(Check("a", 0.0, 1.0, math.nan).off)
