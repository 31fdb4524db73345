"""Relationship capital: its two inflows, its losses, and where it settles (V32)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.relationship import after_tick, betrayed, from_experience, from_visit

unit = st.floats(0, 1)


def test_by_hand() -> None:
    assert from_visit(0.2, 0.25) == pytest.approx(0.2)
    assert from_experience(0.2, 0.1, 3.0, 3.4) == pytest.approx(0.08)
    assert betrayed(0.8, 0.1, 0.5) == pytest.approx(0.04)
    assert after_tick(0.8, 0.05, 0.1, 0.04) == pytest.approx(0.82)


def test_an_experience_counts_up_to_half_a_util_below_the_aspiration() -> None:
    assert from_experience(0.0, 0.1, 2.5, 3.0) == pytest.approx(0.1)
    assert from_experience(0.0, 0.1, 2.499, 3.0) == 0.0
    assert from_experience(0.0, 0.1, 9.0, 3.0) == pytest.approx(0.1)


@given(unit, unit, unit, st.floats(0, 2), st.floats(0, 10))
def test_it_stays_in_its_range(bond: float, decay: float, bonding: float, betrayal: float, shortfall: float) -> None:
    after = after_tick(bond, decay, from_visit(bond, bonding), betrayed(bond, betrayal, shortfall))
    assert 0.0 <= after <= 1.0


@given(unit, unit)
def test_a_full_relationship_gains_nothing_and_none_has_nothing_to_lose(bonding: float, betrayal: float) -> None:
    assert from_visit(1.0, bonding) == 0.0
    assert from_experience(1.0, bonding, 5.0, 3.0) == 0.0
    assert betrayed(0.0, betrayal, 4.0) == 0.0


@given(unit, st.floats(0, 1), st.floats(0, 5), st.floats(0, 5))
def test_a_deeper_disappointment_costs_more(bond: float, betrayal: float, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert betrayed(bond, betrayal, less) <= betrayed(bond, betrayal, more)


@pytest.mark.parametrize(("visits", "settled"), [(0.1, 0.1429), (0.5, 0.4545), (1.0, 0.6250)])
def test_where_visits_alone_settle(visits: float, settled: float) -> None:
    """V32: R* = ηv / (ηv + δ), exactly, as decay and visit both act on the old value (A17.11)."""
    bond = 0.0
    for _ in range(200):
        bond = after_tick(bond, 0.3, visits * from_visit(bond, 0.5), 0.0)
    assert bond == pytest.approx(settled, abs=1e-4)
    assert bond == pytest.approx(0.5 * visits / (0.5 * visits + 0.3), rel=1e-12)
