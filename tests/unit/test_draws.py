"""Random numbers: known answers, our own elementary functions, uniformity and independence."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim import draws
from sim.draws import PURPOSE, block, exponential, gumbel, key_of, logarithm, logistic, normal, seller_key, uniform

ONES = 0xFFFFFFFF
# Known answers of Random123 (Salmon, Moraes, Dror & Shaw 2011): counter, key, words
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
words = st.integers(0, ONES).map(np.uint32)


def both(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """The compiled function and the same text as plain Python."""
    return [function, function.py_func]  # type: ignore[attr-defined]


def bits(x: float) -> bytes:
    return np.float64(x).tobytes()


@pytest.mark.parametrize("philox", both(block), ids=["compiled", "interpreted"])
@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers_of_philox(
    philox: Callable[..., Any], counter: tuple[int, ...], key: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    with np.errstate(over="ignore"):
        assert tuple(int(word) for word in philox(*map(np.uint32, key), *map(np.uint32, counter))) == answer


@given(st.tuples(*[words] * 6))
def test_philox_interpreted_is_philox_compiled(arguments: tuple[np.uint32, ...]) -> None:
    with np.errstate(over="ignore"):
        assert tuple(map(int, block.py_func(*arguments))) == tuple(map(int, block(*arguments)))  # type: ignore[attr-defined]


@given(words)
def test_uniform_stays_inside(word: np.uint32) -> None:
    assert 0.0 < uniform(word) < 1.0
    assert uniform(word) == (int(word) + 0.5) / 2**32


def test_uniform_at_its_ends() -> None:
    assert uniform(np.uint32(0)) == 2.0**-33
    assert uniform(np.uint32(ONES)) == 1.0 - 2.0**-33
    assert uniform(np.uint32(0)) + uniform(np.uint32(ONES)) == 1.0


@given(st.floats(2.3e-308, 1.7e308))
def test_logarithm(x: float) -> None:
    assert logarithm(x) == pytest.approx(math.log(x), rel=1e-14, abs=1e-300)


def test_logarithm_over_the_whole_range() -> None:
    grid = np.concatenate([np.logspace(-307, 308, 4_001), 1.0 + np.linspace(-0.5, 1.0, 4_001)])
    found = np.array([logarithm(x) for x in grid])
    np.testing.assert_allclose(found, np.log(grid), rtol=1e-14, atol=1e-300)


@given(st.floats(-700, 700))
def test_exponential(x: float) -> None:
    assert exponential(x) == pytest.approx(math.exp(x), rel=1e-14)


def test_exponential_over_the_whole_range_and_beyond() -> None:
    grid = np.linspace(-700, 700, 8_001)
    np.testing.assert_allclose([exponential(x) for x in grid], np.exp(grid), rtol=1e-14)
    assert exponential(-1e308) == exponential(-700.0) > 0.0
    assert exponential(1e308) == exponential(700.0) < math.inf


@given(st.floats(-50, 50))
def test_logistic(x: float) -> None:
    assert logistic(x) == pytest.approx(1 / (1 + math.exp(-x)), rel=1e-13)
    assert logistic(x) + logistic(-x) == pytest.approx(1.0, abs=1e-14)


@given(words)
def test_gumbel_is_the_inverse_of_its_distribution(word: np.uint32) -> None:
    u = (int(word) + 0.5) / 2**32
    # near u = 1 the inner logarithm keeps the relative error of 1 - u
    assert gumbel(word) == pytest.approx(-math.log(-math.log(u)), rel=1e-12, abs=1e-12)


def test_gumbel_over_all_words() -> None:
    every = np.unique(np.concatenate([np.arange(0, 2**32, 1_000_003), np.arange(40), 2**32 - 1 - np.arange(40)]))
    found = np.array([gumbel(np.uint32(word)) for word in every])
    np.testing.assert_allclose(found, stats.gumbel_r.ppf((every + 0.5) / 2**32), rtol=1e-11, atol=1e-11)
    assert (np.diff(found) > 0).all()


def test_normal_over_all_words() -> None:
    every = np.unique(np.concatenate([np.arange(0, 2**32, 1_000_003), np.arange(40), 2**32 - 1 - np.arange(40)]))
    found = np.array([normal(np.uint32(word)) for word in every])
    np.testing.assert_allclose(found, stats.norm.ppf((every + 0.5) / 2**32), rtol=2e-6, atol=2e-7)
    assert (np.diff(found) > 0).all()


@given(words)
def test_normal_is_symmetric(word: np.uint32) -> None:
    assert normal(word) == pytest.approx(-normal(np.uint32(ONES - int(word))), abs=1e-12)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (logarithm, st.floats(1e-300, 1e300)),
        (exponential, st.floats(-800, 800)),
        (logistic, st.floats(-800, 800)),
        (uniform, words),
        (gumbel, words),
        (normal, words),
    ],
    ids=["logarithm", "exponential", "logistic", "uniform", "gumbel", "normal"],
)
def test_interpreted_gives_the_same_bits(function: Callable[..., Any], arguments: st.SearchStrategy[Any]) -> None:
    @given(arguments)
    @settings(max_examples=60)
    def check(argument: Any) -> None:
        with np.errstate(over="ignore"):
            assert bits(function.py_func(argument)) == bits(function(argument))  # type: ignore[attr-defined]

    check()


def test_a_key_derives_from_seed_and_replication() -> None:
    keys = {tuple(map(int, key_of(seed, replication))) for seed in range(30) for replication in range(30)}
    assert len(keys) == 900
    assert key_of(5, 3) == key_of(5, 3)
    with pytest.raises(ValueError, match="negative"):
        key_of(-1, 0)


def test_a_seller_is_keyed_by_its_name() -> None:
    names = [f"seller {number}" for number in range(500)] + ["", "Ä", "ß", "Heritage", "heritage", "Heritage "]
    keys = [int(seller_key(name)) for name in names]
    assert len(set(keys)) == len(keys)
    assert draws.NOBODY not in keys
    assert seller_key("Heritage").dtype == np.uint32
    assert int(seller_key("Heritage")) == 845959458  # results on disk depend on it


def test_purposes_differ_and_leave_room_for_orders() -> None:
    assert len(set(PURPOSE)) == len(PURPOSE)
    assert max(PURPOSE) < draws.ORDER_STEP
    # the shock of the last of 255 orders still fits the fourth word, and meets no other purpose
    assert PURPOSE.CHOICE + draws.ORDER_STEP * 254 < 2**32


# Where the counter varies: what is drawn, over which of its words
KEY = key_of(20181002, 0)
SIZE = 40_000
STREAMS: dict[str, Callable[[int], tuple[int, int, int, int]]] = {
    "buyers": lambda step: (step, 0, 3, PURPOSE.MONTH),
    "sellers": lambda step: (17, step, 3, PURPOSE.CHOICE),
    "ticks": lambda step: (17, 5, step, PURPOSE.CONTACT),
    "purposes": lambda step: (17, 5, 3, step),
    "a buyer and a seller": lambda step: (step % 200, step // 200, 3, PURPOSE.TELLING),
    "far buyers": lambda step: (step * 104_729, 5, 3, PURPOSE.TASTE),
}


def stream(counter: Callable[[int], tuple[int, int, int, int]], size: int = SIZE) -> np.ndarray:
    """Words in [0, 1), shape (size, 4)."""
    found = np.array([block(*KEY, *counter(step)) for step in range(size)])
    return (found + 0.5) / 2**32


@pytest.mark.parametrize("name", STREAMS)
def test_words_are_uniform_and_independent_of_each_other(name: str) -> None:
    """Chi-square tests at a level that 100 such tests would together miss once in 10 000 times."""
    level = 1e-6
    uniforms = stream(STREAMS[name])
    for word in uniforms.T:
        assert stats.chisquare(np.bincount((word * 256).astype(int), minlength=256)).pvalue > level
        # from one step of the counter to the next
        pairs = (word[:-1] * 16).astype(int) * 16 + (word[1:] * 16).astype(int)
        assert stats.chisquare(np.bincount(pairs, minlength=256)).pvalue > level
    for one, other in itertools.combinations(uniforms.T, 2):
        pairs = (one * 16).astype(int) * 16 + (other * 16).astype(int)
        assert stats.chisquare(np.bincount(pairs, minlength=256)).pvalue > level


def test_streams_of_purposes_sellers_ticks_and_keys_are_uncorrelated() -> None:
    """All pairs of streams over the same buyers; a correlation has a standard error of 1 / sqrt(n)."""
    size = 20_000
    purposes = [PURPOSE.MONTH, PURPOSE.CONTACT, PURPOSE.TALK, PURPOSE.CHOICE, PURPOSE.CHOICE + draws.ORDER_STEP]
    columns = []
    for key in (KEY, key_of(20181002, 1), key_of(20181003, 0)):
        for purpose, seller, tick in itertools.product(purposes[:3] if key is not KEY else purposes, (0, 1), (0, 1)):
            columns.append([block(*key, buyer, seller, tick, purpose)[0] for buyer in range(size)])
    together = np.corrcoef(np.array(columns, float))
    off = together[np.triu_indices(len(columns), 1)] * math.sqrt(size)
    assert np.abs(off).max() < stats.norm.isf(0.5e-5 / len(off))
    assert off.std() == pytest.approx(1.0, abs=4 / math.sqrt(2 * len(off)))


@pytest.mark.parametrize(
    ("function", "law"), [(uniform, stats.uniform), (gumbel, stats.gumbel_r), (normal, stats.norm)], ids=["u", "g", "n"]
)
def test_draws_follow_their_law(function: Callable[..., Any], law: Any) -> None:
    found = [function(block(*KEY, buyer, 9, 4, PURPOSE.CHOICE)[0]) for buyer in range(SIZE)]
    assert stats.kstest(found, law.cdf).pvalue > 1e-6
