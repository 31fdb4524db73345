"""Purchase incidence: Poisson by inversion, and the buyers' own business."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.draws import PURPOSE, block, key_of
from sim.rules.incidence import next_order_size, poisson_orders

words = st.integers(0, 2**32 - 1).map(np.uint32)


@given(words, st.floats(0, 30))
def test_orders_are_the_inverse_of_the_poisson_distribution(word: np.uint32, rate: float) -> None:
    u = (int(word) + 0.5) / 2**32
    orders = poisson_orders(word, rate)
    # in the neighbourhood of a step of the distribution rounding may decide
    assert stats.poisson.cdf(orders, rate) >= u - 1e-12
    assert orders == 0 or stats.poisson.cdf(orders - 1, rate) < u + 1e-12


@given(words, st.floats(0, 200), st.floats(0, 200))
def test_a_higher_rate_never_orders_less(word: np.uint32, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert 0 <= poisson_orders(word, less) <= poisson_orders(word, more) <= 255


def test_no_rate_no_orders() -> None:
    assert poisson_orders(np.uint32(2**32 - 1), 0.0) == 0


@pytest.mark.parametrize("rate", [0.3, 2.0, 40.0, 200.0])
def test_mean_and_variance(rate: float) -> None:
    size = 20_000
    key = key_of(3, 0)
    orders = np.array([poisson_orders(block(*key, buyer, 0, 0, PURPOSE.ORDERS)[0], rate) for buyer in range(size)])
    assert orders.mean() == pytest.approx(rate, abs=4 * np.sqrt(rate / size))
    # variance of a sample variance: (kurtosis term λ + 2 λ²) / n
    assert orders.var() == pytest.approx(rate, abs=4 * np.sqrt((rate + 2 * rate**2) / size))


def test_order_size_by_hand() -> None:
    assert next_order_size(2.0, 0.01, 0.0, 0.0) == pytest.approx(2.02)
    assert next_order_size(2.0, 0.01, -0.001, 30.0) == pytest.approx(2.0 * 0.98)
    assert next_order_size(2.0, 0.0, 0.0, 50.0) == 2.0
    assert next_order_size(2.0, -2.0, 0.0, 0.0) == 0.0


@given(st.floats(0, 10), st.floats(-5, 5), st.floats(-1, 1), st.floats(0, 100))
def test_order_size_is_never_negative(size: float, growth: float, effect: float, tenure: float) -> None:
    assert next_order_size(size, growth, effect, tenure) >= 0.0
