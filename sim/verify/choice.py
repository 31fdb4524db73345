"""Choice: McFadden's logit, its log-sum, its elasticity."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.draws import PURPOSE, block, gumbel, key_of, seller_key
from sim.rules.choice import effective_price_sensitivity
from sim.scenario import Scenario
from sim.verify.laboratory import Market, incumbents, logit, mean_error, merged, share_error, steps
from sim.verify.row import Entries, close, exact, row

UTILITIES = {"A": 1.0, "B": 0.5, "C": 0.0}


@row(
    "V1",
    "Logit: shares",
    source="McFadden 1974",
    setting="three sellers, u = (1, 0.5, 0); every buyer knows the truth and looks at all",
)
def shares(quick: bool) -> Entries:
    """Market shares after one tick."""
    size = 100_000 if quick else 1_000_000
    found = np.bincount(incumbents(steps(Market(logit(UTILITIES, buyers=size, horizon=1)), 1))) / size
    for name, expected, got in zip(UTILITIES, (0.506480, 0.307196, 0.186324), found, strict=True):
        yield close(f"share of {name}", expected, got, share_error(expected, size))


@row(
    "V2",
    "Logit: expected maximum, and what a fifth seller is worth",
    source="Small & Rosen 1981",
    setting="as V1; and four sellers alike against five, α = 3",
)
def logsum(quick: bool) -> Entries:
    """The log-sum that the market records, and the mean of the best by its own Gumbel numbers."""
    recorded = Market(logit(UTILITIES, buyers=100, horizon=1)).run().buyers["logsum_surplus"][0]
    # recorded in money, without γ; the price of 1 costs α = 3 utils
    yield exact("E max by the record [utils]", 2.257485, 3.0 * recorded + 3.0 + np.euler_gamma)
    size = 4_000 if quick else 40_000
    best = [
        max(
            utility + gumbel(block(*key_of(7, 0), buyer, seller_key(name), 0, PURPOSE.CHOICE)[0])
            for name, utility in UTILITIES.items()
        )
        for buyer in range(size)
    ]
    yield close("E max by draws [utils]", 2.257485, *mean_error(best))
    four, five = (
        Market(logit(dict.fromkeys("ABCDE"[:count], 0.4), buyers=100, horizon=1)).run().buyers["logsum_surplus"][0]
        for count in (4, 5)
    )
    yield exact("surplus of a fifth seller, ln(5/4) / α [money]", 0.074381, five - four)


STEP = 0.05


def buyers_of_the_first(price: float, relationship: float, size: int) -> NDArray[np.bool_]:
    """Who buys from the first of four sellers alike at a price, all in that relationship with all."""
    words = logit(dict.fromkeys("ABCD", 0.0), buyers=size, horizon=1).tree
    words["sellers"][0]["price"] = price
    words = merged(words, {"mechanisms": {"relationship": True}, "behaviour": {"relationship_price_relief": 0.4}})
    market = Market(Scenario(**words))
    market.state.pairs["relationship"][...] = relationship
    return np.asarray(incumbents(steps(market, 1)) == 0)


@row(
    "V39",
    "Own price elasticity, and with a relationship",
    source="logit: -α p (1 - s); Palmatier, Scheer & Steenkamp 2007 for the relief",
    setting="α = 3, p = 1, share 0.25; γ = 0.4 and R = 0 or 1; prices of 0.95 and 1.05 on the same draws",
)
def elasticity(quick: bool) -> Entries:
    """By rule at a point, and in the market over a step of the price."""
    size = 100_000 if quick else 1_000_000
    for relationship, expected in ((0.0, -2.25), (1.0, -1.35)):
        sensitivity = effective_price_sensitivity(3.0, 0.4, relationship)
        yield exact(f"by rule, R = {relationship:g}", expected, -sensitivity * 1.0 * (1 - 0.25))
        cheap, dear = (buyers_of_the_first(1 + step, relationship, size) for step in (-STEP, STEP))
        # over a step, the arc elasticity of the logit is a little smaller than at a point
        arc = [1 / (1 + 3 * math.exp(sensitivity * step)) for step in (-STEP, STEP)]
        curvature = abs((arc[1] - arc[0]) / (2 * STEP) / 0.25 - expected)
        error = math.sqrt((cheap != dear).mean() / size) / (2 * STEP * 0.25)
        got = (dear.mean() - cheap.mean()) / (2 * STEP) / 0.25
        yield close(f"in the market, R = {relationship:g}", expected, got, error, allowance=curvature)
