"""Aspiration and patience: what is expected, and how long its lack is borne."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.aspiration import next_aspiration, next_patience, shortfall

levels = st.floats(-10, 10)
unit = st.floats(0, 1)


def test_by_hand() -> None:
    assert shortfall(3.0, 2.4) == pytest.approx(0.6)
    assert shortfall(3.0, 3.5) == 0.0
    # A + ρ [(1 - ω) x + ω max m - A]
    assert next_aspiration(3.0, 0.1, 0.5, 2.0, 5.0) == pytest.approx(3.05)
    assert next_aspiration(3.0, 0.1, 0.0, 2.0, 5.0) == pytest.approx(2.9)
    # Z + ρ (Z̄ - Z) - κ (A - x)+
    assert next_patience(0.5, 0.05, 0.9, 0.05, 0.6) == pytest.approx(0.49)


@given(levels, unit, unit, levels, levels)
def test_an_aspiration_stays_between_itself_and_what_it_follows(
    aspiration: float, rate: float, reach: float, felt: float, best: float
) -> None:
    after = next_aspiration(aspiration, rate, reach, felt, best)
    assert min(aspiration, felt, best) - 1e-9 <= after <= max(aspiration, felt, best) + 1e-9


@given(levels, levels, levels)
def test_limits_of_the_aspiration(aspiration: float, felt: float, best: float) -> None:
    assert next_aspiration(aspiration, 0.0, 0.5, felt, best) == aspiration
    assert next_aspiration(aspiration, 1.0, 0.0, felt, best) == pytest.approx(felt, abs=1e-12)
    assert next_aspiration(aspiration, 1.0, 1.0, felt, best) == pytest.approx(best, abs=1e-12)


@given(unit, unit, unit, st.floats(0, 2), st.floats(0, 20))
def test_patience_stays_in_its_range(patience: float, rate: float, norm: float, loss: float, short: float) -> None:
    assert 0.0 <= next_patience(patience, rate, norm, loss, short) <= 1.0


@given(unit, unit, unit, st.floats(0, 2), st.floats(0, 5), st.floats(0, 5))
def test_disappointment_wears_patience_out(
    patience: float, rate: float, norm: float, loss: float, one: float, other: float
) -> None:
    less, more = sorted((one, other))
    assert next_patience(patience, rate, norm, loss, more) <= next_patience(patience, rate, norm, loss, less)


def test_patience_returns_to_its_norm() -> None:
    patience = 0.1
    for tick in range(1, 200):
        patience = next_patience(patience, 0.05, 0.9, 0.05, 0.0)
        assert patience == pytest.approx(0.9 - 0.8 * 0.95**tick, rel=1e-12)
