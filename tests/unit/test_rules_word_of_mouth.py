"""Word of mouth: who talks, drawn as silent runs and thinned."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.draws import PURPOSE, block, key_of
from sim.rules.word_of_mouth import all_silent, ceiling, silent_run, talking_probability

unit = st.floats(0, 1)


def test_by_hand() -> None:
    assert talking_probability(0.05, 1.5, False) == 0.05
    assert talking_probability(0.05, 1.5, True) == pytest.approx(0.075)
    assert talking_probability(0.5, 3.0, True) == 1.0


@given(unit, st.floats(0, 5))
def test_nobody_talks_above_the_ceiling(rate: float, ratio: float) -> None:
    highest = ceiling(rate, ratio)
    assert 0.0 <= highest <= 1.0
    assert max(talking_probability(rate, ratio, False), talking_probability(rate, ratio, True)) == highest


@pytest.mark.parametrize("probability", [0.05, 0.3, 0.8])
def test_runs_are_geometric(probability: float) -> None:
    size, length = 20_000, 64
    key = key_of(8, 0)
    runs = [silent_run(block(*key, buyer, 0, 0, PURPOSE.TALK)[0], probability, length) for buyer in range(size)]
    longest = min(int(math.log(50 / size) / math.log(1 - probability)), length)
    expected = stats.geom.pmf(np.arange(1, longest + 1), probability)
    found = np.bincount(np.minimum(runs, longest), minlength=longest + 1)
    expected = size * np.append(expected, 1 - expected.sum())
    assert stats.chisquare(found, expected).pvalue > 1e-6


@given(st.integers(0, 2**32 - 1).map(np.uint32), st.floats(0.001, 0.999), st.integers(0, 64))
def test_a_run_ends_with_the_list(word: np.uint32, probability: float, length: int) -> None:
    assert 0 <= silent_run(word, probability, length) <= length


def test_who_never_talks_and_who_always_does() -> None:
    for word in (0, 2**31, 2**32 - 1):
        assert silent_run(np.uint32(word), 0.0, 8) == 8
        assert silent_run(np.uint32(word), 1.0, 8) == 0


@given(st.floats(0, 1), st.integers(0, 64))
def test_all_are_silent_where_the_run_is_whole(probability: float, length: int) -> None:
    """`all_silent` is the threshold of the word at which a run first reaches the end."""
    chance = all_silent(probability, length)
    assert chance == pytest.approx((1.0 - probability) ** length, rel=1e-12, abs=1e-300)
    for shift in (-(2.0**-31), 2.0**-31):
        word = np.uint32(min(max((chance + shift) * 2**32, 0), 2**32 - 1))
        u = (int(word) + 0.5) / 2**32
        assert (silent_run(word, probability, length) == length) == (u < chance or length == 0)
