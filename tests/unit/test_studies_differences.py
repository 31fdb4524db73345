"""Paired differences against figures worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.studies.differences import paired

DRAWS = np.random.default_rng(5)


def test_a_paired_difference_has_the_paired_interval_and_the_unpaired_one_beside_it() -> None:
    luck = DRAWS.normal(0, 3, 20)
    one, two = luck + DRAWS.normal(0, 0.5, 20), luck + 1 + DRAWS.normal(0, 0.5, 20)
    gap = paired(one, two)
    low, high = stats.ttest_rel(two, one).confidence_interval()
    assert (gap.mean, gap.low, gap.high) == pytest.approx(((two - one).mean(), low, high))
    low, high = stats.ttest_ind(two, one, equal_var=False).confidence_interval()
    assert (gap.unpaired_low, gap.unpaired_high) == pytest.approx((low, high))
    apart = one.var(ddof=1) + two.var(ddof=1)
    assert gap.variance_reduction == pytest.approx(1 - (two - one).var(ddof=1) / apart)
    assert gap.variance_reduction > 0.9


def test_a_replication_that_lacks_either_side_is_left_out() -> None:
    one, two = np.array([1.0, 2.0, math.nan, 4.0]), np.array([2.0, 4.0, 9.0, math.nan])
    gap = paired(one, two)
    kept = paired(one[:2], two[:2])
    assert [float(part) for part in gap] == pytest.approx([float(part) for part in kept])
    assert gap.mean == 1.5


def test_differences_go_along_the_first_axis() -> None:
    one, two = DRAWS.random((6, 4, 3)), DRAWS.random((6, 4, 3))
    gap = paired(one, two)
    alone = paired(one[:, 2, 1], two[:, 2, 1])
    assert gap.mean.shape == (4, 3)
    assert [float(part[2, 1]) for part in gap] == pytest.approx([float(part) for part in alone])


def test_the_same_on_both_sides_is_exactly_no_difference() -> None:
    one = DRAWS.random((5, 7))
    gap = paired(one, one.copy())
    for part in (gap.mean, gap.low, gap.high):
        assert (part == 0).all()
    assert (gap.variance_reduction == 1).all()
    assert math.isnan(paired(np.ones(4), np.ones(4)).variance_reduction)  # nothing varies


def test_one_pair_has_no_interval_and_none_has_no_mean() -> None:
    gap = paired(np.array([1.0]), np.array([3.0]))
    assert gap.mean == 2
    assert all(math.isnan(float(part)) for part in (gap.low, gap.high, gap.unpaired_low))
    assert math.isnan(paired(np.array([math.nan]), np.array([1.0])).mean)


def test_a_proportion_is_unsure_even_where_all_pairs_agree() -> None:
    gap = paired(np.ones(10), np.zeros(10), proportion=True)
    assert gap.mean == -1
    # Agresti & Min (2005): (b - c) / (n + 2) and its standard error with half a pair more in each cell
    middle, spread = -10 / 12, math.sqrt(11 - 100 / 12) / 12
    assert gap.high == pytest.approx(middle + 1.959964 * spread, abs=1e-6)
    assert gap.low == -1
    same = paired(np.ones(10), np.ones(10), proportion=True)
    assert same.low < 0 == same.mean < same.high


def test_proportions_are_covered_about_as_often_as_said() -> None:
    covered = 0
    for _ in range(400):
        luck = DRAWS.random(24)
        one, two = (luck < 0.5).astype(float), (luck + 0.1 * DRAWS.normal(size=24) < 0.65).astype(float)
        gap = paired(one, two, proportion=True)
        covered += bool(gap.low <= 0.15 <= gap.high)
    assert covered / 400 > 0.92
