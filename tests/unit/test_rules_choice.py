"""Value of a seller: by hand, its slopes, and the elasticity that it implies (V39)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.choice import closing_effect, effective_price_sensitivity, value

unit = st.floats(0, 1)


def test_by_hand() -> None:
    # m - (r / 2) v - α (1 - γ R) p + λ R
    assert value(2.8, 2.0, 0.5, 3.0, 0.4, 0.95, 1.5, 0.5) == pytest.approx(2.8 - 0.5 - 3.0 * 0.8 * 0.95 + 0.75)


def test_closing_by_hand() -> None:
    assert closing_effect(1.0, 0.8) == pytest.approx(0.8)
    assert closing_effect(0.0, 1.0) == 0.0


@given(st.floats(0.1, 10), st.floats(0, 0.99), unit, st.floats(0, 5), st.floats(0, 5))
def test_a_dearer_seller_is_worth_less(
    sensitivity: float, relief: float, bond: float, one: float, other: float
) -> None:
    cheap, dear = sorted((one, other))
    low = value(0.0, 0.0, 0.0, sensitivity, relief, dear, 0.0, bond)
    high = value(0.0, 0.0, 0.0, sensitivity, relief, cheap, 0.0, bond)
    assert low <= high
    assert high - low == pytest.approx(
        effective_price_sensitivity(sensitivity, relief, bond) * (dear - cheap), abs=1e-9
    )


@given(st.floats(-5, 5), st.floats(0, 4), st.floats(0, 2), unit, unit, st.floats(0, 3))
def test_risk_is_disliked_and_a_relationship_is_liked(
    mean: float, variance: float, aversion: float, one: float, other: float, weight: float
) -> None:
    less, more = sorted((one, other))
    certain = value(mean, 0.0, aversion, 3.0, 0.4, 1.0, weight, less)
    assert value(mean, variance, aversion, 3.0, 0.4, 1.0, weight, less) == pytest.approx(
        certain - aversion * variance / 2, abs=1e-9
    )
    assert value(mean, variance, aversion, 3.0, 0.4, 1.0, weight, more) >= certain - aversion * variance / 2 - 1e-9


def test_limits_of_the_relief() -> None:
    assert effective_price_sensitivity(3.0, 0.4, 0.0) == 3.0
    assert effective_price_sensitivity(3.0, 0.0, 1.0) == 3.0
    assert effective_price_sensitivity(3.0, 1.0, 1.0) == 0.0


@pytest.mark.parametrize(("bond", "elasticity"), [(0.0, -2.25), (1.0, -1.35)])
def test_elasticity(bond: float, elasticity: float) -> None:
    """V39: α = 3, p = 1, a share of one quarter; with R = 1 and γ = 0.4 less elastic."""

    def share(price: float) -> float:
        own = value(0.0, 0.0, 0.0, 3.0, 0.4, price, 0.0, bond)
        rivals = math.log(3.0) + value(0.0, 0.0, 0.0, 3.0, 0.4, 1.0, 0.0, bond)
        return 1.0 / (1.0 + math.exp(rivals - own))

    step = 1e-6
    slope = (share(1.0 + step) - share(1.0 - step)) / (2 * step)
    assert share(1.0) == pytest.approx(0.25)
    assert slope / share(1.0) == pytest.approx(elasticity, abs=1e-6)
