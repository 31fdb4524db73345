"""What V1 does not say of the logit: a buyer's choices of two ticks are independent."""

from __future__ import annotations

import numpy as np
from markets import incumbents, logit, steps

from sim.market import Market

COUNT = 100_000
UTILITIES = {"A": 1.0, "B": 0.5, "C": 0.0}


def test_choices_of_two_ticks_are_independent() -> None:
    market = Market(logit(UTILITIES, buyers=COUNT, horizon=2))
    first = incumbents(steps(market, 1))
    second = incumbents(steps(market, 1))
    expected = np.array([0.506480, 0.307196, 0.186324])
    joint = np.bincount(3 * first + second, minlength=9).reshape(3, 3) / COUNT
    product = np.outer(expected, expected)
    assert (np.abs(joint - product) <= 4 * np.sqrt(product * (1 - product) / COUNT)).all()
