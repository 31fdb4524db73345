"""Measures of loyalty and retention, on histories small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.measures import (
    excess_frequency,
    repeat_by_chance,
    shifted_beta_geometric,
    survivors,
    two_step_repeat_of_chain,
)


def test_repeat_by_chance() -> None:
    # AAB in a random order repeats in 1/3 of its 2 steps; BB in its 1 step; one purchase says nothing
    assert repeat_by_chance([[2, 1], [0, 2], [1, 0]]) == pytest.approx((2 / 3 + 1) / 3)
    assert repeat_by_chance([[3, 0], [0, 5]]) == 1.0


def test_repeat_by_chance_is_the_mean_over_orders() -> None:
    draws = np.random.default_rng(4)
    choices = np.array([0, 0, 0, 1, 1, 2])
    shuffled = np.array([draws.permutation(choices) for _ in range(20_000)])
    found = (shuffled[:, 1:] == shuffled[:, :-1]).mean()
    assert repeat_by_chance([[3, 2, 1]]) == pytest.approx(found, abs=4 * 0.2 / np.sqrt(20_000))


def test_two_steps_of_a_chain() -> None:
    # from A back to A: stay twice, or leave and come back
    assert two_step_repeat_of_chain([[0.9, 0.1], [0.5, 0.5]], [1.0, 0.0]) == pytest.approx(0.81 + 0.05)
    assert two_step_repeat_of_chain(np.eye(2), [0.3, 0.7]) == 1.0


def test_excess_frequency() -> None:
    np.testing.assert_allclose(excess_frequency([0.5, 0.2], [4.0, 2.5]), [2.0, 2.0])


def test_survivors_leave_once() -> None:
    np.testing.assert_array_equal(survivors([[0, 0, 0], [0, 1, 0], [1, 0, 0]], 0), [3, 2, 1, 1])


def test_a_law_of_retention_is_found_again() -> None:
    law = shifted_beta_geometric([100.0, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1])
    assert (law.alpha, law.beta) == pytest.approx((0.668, 3.806), abs=1e-3)
    again = shifted_beta_geometric(1e6 * law.survival(20))
    assert (again.alpha, again.beta) == pytest.approx((law.alpha, law.beta), rel=1e-4)
    assert law.survival(3)[0] == 1.0
    np.testing.assert_allclose(law.survival(3)[1:] / law.survival(3)[:-1], law.retention(3))
    assert (np.diff(law.retention(9)) > 0).all()


@pytest.mark.parametrize("left", [[100.0, 90.0], [100.0, 90.0, 95.0], [100.0, 100.0, 100.0], [100.0, 50.0, -1.0]])
def test_what_is_no_survival_is_refused(left: list[float]) -> None:
    with pytest.raises(ValueError, match="customers left"):
        shifted_beta_geometric(left)
