"""V1 and V2: McFadden's logit (1974) and its logsum (Small & Rosen 1981)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from markets import incumbents, logit, steps

from sim.draws import PURPOSE, block, gumbel, key_of, seller_key
from sim.market import Market

COUNT = 200_000
UTILITIES = {"A": 1.0, "B": 0.5, "C": 0.0}


def test_shares_are_the_logit() -> None:
    """V1: u = (1, 0.5, 0) gives .506480 .307196 .186324."""
    market = steps(Market(logit(UTILITIES, buyers=COUNT, horizon=1)), 1)
    found = np.bincount(incumbents(market)) / COUNT
    expected = np.array([0.506480, 0.307196, 0.186324])
    assert (np.abs(found - expected) <= 4 * np.sqrt(expected * (1 - expected) / COUNT)).all()


def test_choices_of_two_ticks_are_independent() -> None:
    market = Market(logit(UTILITIES, buyers=COUNT, horizon=2))
    first = incumbents(steps(market, 1))
    second = incumbents(steps(market, 1))
    expected = np.array([0.506480, 0.307196, 0.186324])
    joint = np.bincount(3 * first + second, minlength=9).reshape(3, 3) / COUNT
    product = np.outer(expected, expected)
    assert (np.abs(joint - product) <= 4 * np.sqrt(product * (1 - product) / COUNT)).all()


def test_the_logsum_is_the_expected_maximum() -> None:
    """V2: ln Σ e^u + γ = 2.257485, here less γ and less the price's α, in money."""
    record = Market(logit(UTILITIES, buyers=2_000, horizon=1)).run()
    gamma = 0.5772156649015329
    expected = (2.257485 - gamma - 3.0) / 3.0
    assert record.buyers["logsum_surplus"][0] == pytest.approx(expected, abs=1e-6)


def test_the_expected_maximum_by_draws() -> None:
    """V2 by Monte Carlo: the mean utility of what is chosen, its shock included, by the product's own Gumbels."""
    size = 20_000
    best = np.array(
        [
            max(
                utility + gumbel(block(*key_of(7, 0), buyer, seller_key(name), 0, PURPOSE.CHOICE)[0])
                for name, utility in UTILITIES.items()
            )
            for buyer in range(size)
        ]
    )
    assert best.mean() == pytest.approx(2.257485, abs=4 * math.pi / math.sqrt(6 * size))


def test_a_fifth_seller_like_the_four() -> None:
    """V2: consumer surplus rises by ln(5/4) / α = .074381."""
    four, five = (
        Market(logit(dict.fromkeys("ABCDE"[:count], 0.4), buyers=1_000, horizon=1)).run().buyers["logsum_surplus"][0]
        for count in (4, 5)
    )
    assert five - four == pytest.approx(0.074381, abs=1e-6)
