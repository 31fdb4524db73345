"""A seller's books: budgets that stick, skills that atrophy, profit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.selling import budget_target, launch_budget, next_budget, next_skill, practice, profit

unit = st.floats(0, 1)
money = st.floats(0, 1e6)


def test_by_hand() -> None:
    assert budget_target(0.6, 1.0, 0.6, 250.0) == pytest.approx(60.0)
    assert launch_budget(0.6, 0.95, 0.6, 0.2, 1_000.0) == pytest.approx(42.0)
    assert next_budget(100.0, 0.03, 60.0, 0.0) == pytest.approx(98.8)
    assert practice(0.1, 0.3, 0.3) == pytest.approx(6 / 7)
    assert profit(1.0, 0.6, 250.0, 60.0, 5.0) == pytest.approx(35.0)
    # K + η (prac / 2 + 5 e_t) (1 - K) - δ (1 - prac) K
    assert next_skill(0.5, 0.15, 0.08, 0.4, 0.1, 5.0) == pytest.approx(0.5 + 0.15 * 0.7 * 0.5 - 0.08 * 0.6 * 0.5)


def test_a_loss_maker_has_no_budget() -> None:
    assert budget_target(0.6, 0.5, 0.6, 250.0) == 0.0


@given(money, unit, money, money)
def test_a_budget_goes_towards_its_target_and_never_below_the_floor(
    budget: float, rate: float, target: float, floor: float
) -> None:
    after = next_budget(budget, rate, target, floor)
    assert after >= floor
    slack = 1e-9 * max(budget, target, floor, 1.0)
    assert min(budget, max(target, floor)) - slack <= after <= max(budget, target, floor) + slack


def test_after_the_launch_a_budget_fades_and_does_not_fall() -> None:
    """A17.3: the floor is inside the adjustment; without it the budget fades by ρ a tick."""
    budget = next_budget(0.0, 0.03, 10.0, 42.0)
    assert budget == 42.0
    for tick in range(1, 50):
        budget = next_budget(budget, 0.03, 10.0, 0.0)
        assert budget == pytest.approx(10 + 32 * 0.97**tick)


@given(unit, unit, unit)
def test_practice_is_a_share(own: float, new: float, messages: float) -> None:
    assert 0.0 <= practice(own, new, messages) <= 1.0


def test_practice_limits() -> None:
    assert practice(0.0, 0.0, 0.0) == 0.0  # who does not sell does not practise
    assert practice(0.5, 0.0, 0.0) == 0.0
    assert practice(0.0, 0.1, 0.2) == pytest.approx(1.0)


@given(unit, unit, unit, unit, unit)
def test_skill_stays_in_its_range(skill: float, gain: float, decay: float, prac: float, training: float) -> None:
    assert 0.0 <= next_skill(skill, gain, decay, prac, training, 5.0) <= 1.0


@given(unit, unit, unit)
def test_practice_and_training_never_harm(skill: float, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert next_skill(skill, 0.15, 0.08, less, 0.1, 5.0) <= next_skill(skill, 0.15, 0.08, more, 0.1, 5.0) + 1e-15
    assert next_skill(skill, 0.15, 0.08, 0.5, less, 5.0) <= next_skill(skill, 0.15, 0.08, 0.5, more, 5.0) + 1e-15


@pytest.mark.parametrize(("decay", "half_life"), [(0.05, 13.5), (0.08, 8.3), (0.101, 6.5)])
def test_half_of_an_unused_skill_is_lost(decay: float, half_life: float) -> None:
    """V33: ln 2 over -ln(1 - δ) ticks."""
    skill, ticks = 1.0, 0
    while skill > 0.5:
        skill, before = next_skill(skill, 0.15, decay, 0.0, 0.0, 5.0), skill
        ticks += 1
    crossed = ticks - 1 + math.log(before / 0.5) / math.log(before / skill)
    assert crossed == pytest.approx(half_life, abs=0.05)
