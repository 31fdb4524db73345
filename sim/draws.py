"""Random numbers that are a function of their key and of nothing else.

Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011): a block cipher on counters. The counter is
(buyer, seller, tick, purpose), the key comes from (seed, replication). Order of evaluation,
threads, chunks and the presence of other sellers cannot change a draw.

`logarithm`, `exponential` and `normal` are our own short forms, so that every engine,
machine and loop gives the same bits (a vectorised loop may call another libm).
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np

from sim.compiled import compiled

__all__ = [
    "Purpose",
    "block",
    "central_normal",
    "exponential",
    "gumbel",
    "is_central",
    "key_of",
    "logarithm",
    "logistic",
    "normal",
    "seller_key",
    "uniform",
]


class Purpose(NamedTuple):
    """What a block of four words is drawn for: the fourth word of the counter."""

    MONTH: int = 1  # research, order, experience, first talking neighbour
    CONTACT: int = 2  # visit aimed, message aimed, visit attended, message attended
    TELLING: int = 3  # noise of a visit's and of a message's content
    TALK: int = 4  # a neighbour: talks, noise, next talking neighbour
    RESEARCH: int = 5  # discovery, noise of an inspection
    CHOICE: int = 6  # taste shock; further orders of a tick add ORDER_STEP
    COHORT: int = 7  # replaced, new threshold
    OPENING: int = 8  # pull threshold, segment, opening seller, taste class
    TASTE: int = 9  # taste for a seller
    LINK: int = 10  # rewired, to whom
    BUSINESS: int = 11  # purchase rate, growth
    ORDERS: int = 12  # further words for Poisson counts


PURPOSE = Purpose()
ORDER_STEP = 256
NOBODY = 0  # the seller word of draws that concern no seller

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint32(0x9E3779B9)
_W1 = np.uint32(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def key_of(seed: int, replication: int) -> tuple[np.uint32, np.uint32]:
    """Key of one replication.

    Parameters
    ----------
    seed : int
        Seed of the scenario, not negative.
    replication : int
        Number of the replication, not negative.

    Returns
    -------
    tuple of two uint32
    """
    first, second = np.random.SeedSequence(seed, spawn_key=(replication,)).generate_state(2, np.uint32)
    return first, second


def seller_key(name: str) -> np.uint32:
    """Identity of a seller in the counter: a hash of its name, never 0 (`NOBODY`)."""
    digest = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little")
    return np.uint32(digest or 1)


@compiled
def block(key0, key1, buyer, seller, tick, purpose):  # type: ignore[no-untyped-def]
    """Four random words for a key and a counter: Philox4x32-10.

    Parameters
    ----------
    key0, key1 : uint32
        Key of the replication (`key_of`).
    buyer, seller, tick, purpose : int in [0, 2**32)
        The counter; `seller` is a `seller_key` or `NOBODY`.

    Returns
    -------
    tuple of four uint32
    """
    k0 = np.uint32(key0)
    k1 = np.uint32(key1)
    c0 = np.uint32(buyer)
    c1 = np.uint32(seller)
    c2 = np.uint32(tick)
    c3 = np.uint32(purpose)
    for _ in range(10):
        first = _M0 * np.uint64(c0)
        second = _M1 * np.uint64(c2)
        c0 = np.uint32(second >> _HALF) ^ c1 ^ k0
        c1 = np.uint32(second & _LOW)
        c2 = np.uint32(first >> _HALF) ^ c3 ^ k1
        c3 = np.uint32(first & _LOW)
        k0 = np.uint32(k0 + _W0)
        k1 = np.uint32(k1 + _W1)
    return np.uint32(c0), c1, np.uint32(c2), c3  # compiled, ^ has widened two of them; one type can be indexed


@compiled
def uniform(word):  # type: ignore[no-untyped-def]
    """A uniform number in (0, 1) from a word, never 0 nor 1 [-]."""
    return (np.float64(word) + 0.5) * 2.3283064365386963e-10


@compiled
def logarithm(x):  # type: ignore[no-untyped-def]
    """Natural logarithm of a positive normal float64; relative error below 1e-14."""
    bits = np.float64(x).view(np.int64)
    exponent = (bits >> np.int64(52)) - np.int64(1023)
    mantissa = np.int64((bits & np.int64(0x000FFFFFFFFFFFFF)) | np.int64(0x3FF0000000000000)).view(np.float64)
    if mantissa > 1.4142135623730951:
        mantissa *= 0.5
        exponent += 1
    # ln m = 2 artanh((m - 1) / (m + 1)), |ratio| <= 0.1716
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    series = 1.0 / 17.0
    series = series * square + 1.0 / 15.0
    series = series * square + 1.0 / 13.0
    series = series * square + 1.0 / 11.0
    series = series * square + 1.0 / 9.0
    series = series * square + 1.0 / 7.0
    series = series * square + 1.0 / 5.0
    series = series * square + 1.0 / 3.0
    series = series * square + 1.0
    return np.float64(exponent) * 0.6931471805599453 + 2.0 * ratio * series


@compiled
def exponential(x):  # type: ignore[no-untyped-def]
    """e**x for a float64, clamped to [-700, 700]; relative error below 1e-14."""
    x = min(max(x, -700.0), 700.0)
    whole = np.floor(x * 1.4426950408889634 + 0.5)
    # ln 2 in two parts keeps the rest exact
    rest = (x - whole * 0.6931471803691238) - whole * 1.9082149292705877e-10
    series = 1.0 / 39916800.0
    series = series * rest + 1.0 / 3628800.0
    series = series * rest + 1.0 / 362880.0
    series = series * rest + 1.0 / 40320.0
    series = series * rest + 1.0 / 5040.0
    series = series * rest + 1.0 / 720.0
    series = series * rest + 1.0 / 120.0
    series = series * rest + 1.0 / 24.0
    series = series * rest + 1.0 / 6.0
    series = series * rest + 0.5
    series = series * rest + 1.0
    series = series * rest + 1.0
    scale = np.int64((np.int64(whole) + np.int64(1023)) << np.int64(52)).view(np.float64)
    return series * scale


@compiled
def logistic(x):  # type: ignore[no-untyped-def]
    """1 / (1 + e**-x) [-]."""
    return 1.0 / (1.0 + exponential(-x))


@compiled
def gumbel(word):  # type: ignore[no-untyped-def]
    """A standard Gumbel number from a word [utils]: mean 0.5772, variance pi**2 / 6."""
    return -logarithm(-logarithm(uniform(word)))


@compiled
def is_central(word):  # type: ignore[no-untyped-def]
    """Whether a normal number comes from the centre of the distribution (85 % of the words)."""
    return abs(uniform(word) - 0.5) <= 0.425


@compiled
def central_normal(word):  # type: ignore[no-untyped-def]
    """`normal` for a word that is central."""
    q = uniform(word) - 0.5
    r = 0.180625 - q * q
    top = ((5.9109374720e01 * r + 1.5929113202e02) * r + 5.0434271938e01) * r + 3.3871327179e00
    bottom = ((6.7187563600e01 * r + 7.8757757664e01) * r + 1.7895169469e01) * r + 1.0
    return q * top / bottom


@compiled
def normal(word):  # type: ignore[no-untyped-def]
    """A standard normal number from a word: inverse distribution function.

    Algorithm AS 241 (PPND7), Wichura 1988, Applied Statistics 37:477; accuracy about 1e-7.
    """
    if is_central(word):
        return central_normal(word)
    p = uniform(word)
    r = np.sqrt(-logarithm(min(p, 1.0 - p)))
    if r <= 5.0:
        r -= 1.6
        top = ((1.7023821103e-01 * r + 1.3067284816e00) * r + 2.7568153900e00) * r + 1.4234372777e00
        bottom = (1.2021132975e-01 * r + 7.3700164250e-01) * r + 1.0
    else:
        r -= 5.0
        top = ((1.7337203997e-02 * r + 4.2868294337e-01) * r + 3.0812263860e00) * r + 6.6579051150e00
        bottom = (1.2258202635e-02 * r + 2.4197894225e-01) * r + 1.0
    return top / bottom if p >= 0.5 else -(top / bottom)
