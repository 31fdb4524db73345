"""Beliefs against the normal model in closed form."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.beliefs import bias, drifted, posterior_mean, posterior_variance

means = st.floats(-10, 10)
variances = st.floats(1e-6, 10)
precisions = st.floats(0, 100)


def test_by_hand() -> None:
    # prior N(2, 4); one signal 5 of variance 4: half way, half the variance
    assert posterior_mean(2.0, 4.0, 0.25, 5.0 * 0.25) == pytest.approx(3.5)
    assert posterior_variance(4.0, 0.25) == pytest.approx(2.0)


@given(means, variances, st.lists(st.tuples(means, variances), min_size=1, max_size=6))
def test_many_signals_at_once_or_one_by_one(mean: float, variance: float, signals: list[tuple[float, float]]) -> None:
    precision = sum(1.0 / noise for _, noise in signals)
    weighted = sum(heard / noise for heard, noise in signals)
    m, v = mean, variance
    for heard, noise in signals:
        m, v = posterior_mean(m, v, 1.0 / noise, heard / noise), posterior_variance(v, 1.0 / noise)
    assert posterior_variance(variance, precision) == pytest.approx(v, rel=1e-9)
    assert posterior_mean(mean, variance, precision, weighted) == pytest.approx(m, rel=1e-7, abs=1e-7)
    assert v == pytest.approx(1.0 / (1.0 / variance + precision), rel=1e-9)


@given(means, variances, means, precisions)
def test_a_belief_moves_towards_the_signal_and_never_past_it(
    mean: float, variance: float, heard: float, precision: float
) -> None:
    after = posterior_mean(mean, variance, precision, heard * precision)
    assert min(mean, heard) - 1e-9 <= after <= max(mean, heard) + 1e-9


@given(variances, precisions, precisions)
def test_more_precision_leaves_less_variance(variance: float, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert 0.0 < posterior_variance(variance, more) <= posterior_variance(variance, less) <= variance


def test_limits() -> None:
    assert posterior_variance(2.0, 0.0) == 2.0
    assert posterior_mean(1.5, 2.0, 0.0, 0.0) == 1.5
    assert posterior_variance(0.0, 5.0) == 0.0
    assert posterior_mean(1.5, 0.0, 5.0, 50.0) == 1.5  # certainty learns nothing
    assert posterior_variance(2.0, 1e12) == pytest.approx(0.0, abs=1e-11)


@given(variances, st.floats(0, 1), variances)
def test_knowledge_ages_at_most_to_the_prior(variance: float, drift: float, prior: float) -> None:
    after = drifted(variance, drift, prior)
    assert after == min(variance + drift, prior)
    assert drifted(prior, drift, prior) == prior


def test_the_kalman_filter_settles_where_its_equation_says() -> None:
    """V6b in variances: P = (q + sqrt(q² + 4 q σ²)) / 2 before a signal."""
    drift, noise = 0.01, 1.0
    variance = 2.0
    for _ in range(400):
        variance = drifted(posterior_variance(variance, 1.0 / noise), drift, 2.0)
    steady = (drift + math.sqrt(drift**2 + 4 * drift * noise)) / 2
    assert steady == pytest.approx(0.105125, abs=1e-6)
    assert variance == pytest.approx(steady, rel=1e-9)
    assert posterior_variance(variance, 1.0 / noise) == pytest.approx(0.095125, abs=1e-6)


def test_bias_by_hand() -> None:
    assert bias(0.8, 0.8, 1.0) == pytest.approx(0.8 * 1.3)
    assert bias(0.8, 0.5, 0.3) == pytest.approx(0.24)


@given(st.floats(0, 3), st.floats(0, 1), st.floats(0, 1))
def test_bias_limits(overclaim: float, skill: float, naivety: float) -> None:
    assert bias(overclaim, skill, 0.0) == 0.0  # discounts it all
    assert bias(0.0, skill, naivety) == 0.0  # nothing to discount
    assert 0.0 <= bias(overclaim, skill, naivety) <= 1.5 * overclaim
    assert bias(overclaim, 1.0, naivety) >= bias(overclaim, skill, naivety)
