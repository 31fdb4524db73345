"""Research: when it starts, what an inspection tells, reservation values, the fixed sample."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from sim.rules.research import (
    discovery_probability,
    fixed_sample_size,
    research_gap,
    research_precision,
    research_probability,
    reservation_index,
    reservation_value,
    spread,
    surely_not,
)

unit = st.floats(0, 1)
levels = st.floats(-8, 8)


def loss(z: float) -> float:
    """Expected gain over z of a standard normal."""
    return float(stats.norm.pdf(z) - z * stats.norm.sf(z))


def probability(routine: float, aspiration: float, mean: float, patience: float, bond: float) -> float:
    return research_probability(routine, research_gap(aspiration, mean, 1.5, patience, bond, 1.0, 0.4))


def test_when_research_starts_by_hand() -> None:
    # at A - m = ζ Z R + z0 the odds are even
    assert probability(0.05, 3.3, 2.0, 0.5, 0.4) == pytest.approx(0.05 + 0.95 * 0.5)
    assert probability(0.0, 3.0, 3.0, 0.9, 0.8) == pytest.approx(1 / (1 + math.exp((1.5 * 0.72 + 1.0) / 0.4)))
    assert research_gap(5.0, 2.0, 1.5, 0.5, 0.4, 1.0, 0.5) == pytest.approx((3.0 - 0.3 - 1.0) / 0.5)


@given(unit, levels, levels, unit, unit, unit)
def test_patience_and_a_relationship_hold_research_back(
    routine: float, aspiration: float, mean: float, patience: float, one: float, other: float
) -> None:
    less, more = sorted((one, other))
    close = probability(routine, aspiration, mean, patience, more)
    loose = probability(routine, aspiration, mean, patience, less)
    assert routine <= close <= loose <= 1.0
    assert probability(routine, aspiration, mean, less, 0.5) >= probability(routine, aspiration, mean, more, 0.5)


@given(unit, levels, levels, levels)
def test_the_more_is_expected_the_sooner_one_looks(routine: float, one: float, other: float, mean: float) -> None:
    low, high = sorted((one, other))
    assert probability(routine, low, mean, 0.9, 0.5) <= probability(routine, high, mean, 0.9, 0.5)
    assert probability(1.0, low, mean, 0.9, 0.5) == 1.0


@given(st.floats(0, 1, exclude_min=True, exclude_max=True), unit, st.floats(-800, 800))
def test_the_shortcut_never_lies(u: float, routine: float, gap: float) -> None:
    """It may say no when research would not start, and only then."""
    if surely_not(u, routine, gap):
        assert u >= research_probability(routine, gap)


def test_the_shortcut_is_worth_having() -> None:
    """A buyer with no reason to look is told so nearly always."""
    gap = research_gap(3.0, 3.0, 1.5, 0.9, 0.8, 1.0, 0.4)
    told = [surely_not(step / 1_000, 0.01, gap) for step in range(1_000)]
    assert sum(told) > 900


def test_discovery_by_hand() -> None:
    assert discovery_probability(0.25, 0.85, 0.1) == pytest.approx(0.2125)
    assert discovery_probability(0.25, 0.0, 0.1) == pytest.approx(0.025)


def test_precision_by_hand() -> None:
    """A17.12: max(T, 0.1) / σ²_res + θ / σ²_rev."""
    assert research_precision(0.85, 0.1, 0.5, 1.0, 1.0) == pytest.approx(2.7)
    assert research_precision(0.85, 0.1, 0.5, 1.0, 0.0) == pytest.approx(1.7)
    assert research_precision(0.0, 0.1, 0.5, 1.0, 0.0) == pytest.approx(0.2)


@given(st.floats(0, 10), st.floats(0, 100))
def test_spread_is_the_fall_of_the_variance(variance: float, precision: float) -> None:
    fall = variance - variance / (1 + variance * precision)
    assert spread(variance, precision) ** 2 == pytest.approx(fall, rel=1e-9, abs=1e-9)
    assert spread(variance, precision) <= math.sqrt(variance) * (1 + 1e-12)


@pytest.mark.parametrize(("ratio", "index"), [(0.05, 1.2556), (0.1, 0.9023), (0.2, 0.4929)])
def test_index_as_tabulated(ratio: float, index: float) -> None:
    assert reservation_index(ratio) == pytest.approx(index, abs=1e-4)


@given(st.floats(-12, 6.4))
def test_index_solves_its_equation(h: float) -> None:
    assert reservation_index(loss(h)) == pytest.approx(h, abs=1e-5)


def test_index_is_accurate_over_the_whole_table() -> None:
    for ratio in np.exp(np.linspace(math.log(loss(6.49)), math.log(11.0), 700)):
        root = optimize.brentq(lambda h, ratio=ratio: loss(h) - ratio, -13, 8, xtol=1e-12)
        assert reservation_index(float(ratio)) == pytest.approx(root, abs=1e-5)


@given(st.floats(1e-280, 1e6), st.floats(1e-280, 1e6))
def test_index_falls_with_the_cost(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert reservation_index(more) <= reservation_index(less) + 1e-12


def test_index_beyond_the_table() -> None:
    assert reservation_index(0.0) == 6.5
    assert reservation_index(50.0) == pytest.approx(-50.0)


def test_a_noisy_inspection() -> None:
    """V9e: v = 2, σ² = 1, κ = 0.05."""
    sd = spread(2.0, 1.0)
    assert sd == pytest.approx(1.154701, abs=1e-6)
    assert reservation_value(0.0, sd, 0.05) == pytest.approx(1.528230, abs=1e-5)
    assert reservation_value(2.8, sd, 0.05) - 2.8 == pytest.approx(1.528230, abs=1e-5)


def test_nothing_to_learn_is_worth_no_inspection() -> None:
    assert reservation_value(2.8, 0.0, 0.05) == pytest.approx(2.75)
    # and the value falls to that as the spread falls
    assert reservation_value(2.8, 1e-6, 0.05) == pytest.approx(2.75, abs=1e-6)


@given(levels, st.floats(0.01, 3), st.floats(0.001, 2), st.floats(0.001, 2))
def test_a_reservation_value_falls_with_the_cost(base: float, sd: float, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert reservation_value(base, sd, more) <= reservation_value(base, sd, less) + 1e-9
    # the unknown is worth a look: value rises with the spread
    assert reservation_value(base, 1.1 * sd, less) >= reservation_value(base, sd, less) - 1e-4


def test_increments_of_the_expected_maximum() -> None:
    """The steps in the expected maximum of n normals, read off the rule by bisection."""

    def step(n: int) -> float:
        low, high = 1e-6, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if fixed_sample_size(middle) >= n else (low, middle)
        return low

    def expected_maximum(n: int) -> float:
        return float(integrate.quad(lambda z: z * n * stats.norm.pdf(z) * stats.norm.cdf(z) ** (n - 1), -9, 9)[0])

    known = [0.5642, 0.2821, 0.1831, 0.1336, 0.1042, 0.0850]
    for n, printed in enumerate(known, start=2):
        assert step(n) == pytest.approx(printed, abs=1e-4)
        assert step(n) == pytest.approx(expected_maximum(n) - expected_maximum(n - 1), abs=1e-6)


@pytest.mark.parametrize(("ratio", "size"), [(0.3, 2), (0.25, 3), (0.2, 3), (0.15, 4), (0.12, 5), (0.1, 6)])
def test_how_many_to_consider(ratio: float, size: int) -> None:
    """V10: Hauser & Wernerfelt's rule for iid normals."""
    assert fixed_sample_size(ratio) == size


def test_sample_sizes_at_their_ends() -> None:
    assert fixed_sample_size(0.6) == 1
    assert fixed_sample_size(0.0) == 64


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_dearer_search_is_a_smaller_sample(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert 1 <= fixed_sample_size(more) <= fixed_sample_size(less) <= 64
