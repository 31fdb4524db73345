"""How buyers answer prices and what keeps them: elasticities and switching costs of default buyers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.verify.defaults import default_market
from sim.verify.laboratory import (
    Market,
    batches,
    jackknife,
    logit,
    moves,
    steps,
)
from sim.verify.row import Entries, above, between, missing, row


@row(
    "E11",
    "Size of switching costs",
    source="Chen & Hitt 2002, table 2, for brokers, and E*Trade's figures; own fits for groceries",
    read=False,
    setting="default switching costs, push 3.0 and pull 0.75, found again from what old and new buyers choose",
    known=(
        "E*Trade's 10.6 % who left and 55.7 % who stayed depend on the shares of all brokers among new accounts, "
        "which are not at hand"
    ),
)
def switching_costs(quick: bool) -> Entries:
    """Switching costs as Chen and Hitt estimate them, against the ranges found."""
    size = 200_000 if quick else 1_000_000
    utilities = {"A": 0.8, "B": 0.3, "C": 0.0}
    new = by_seller_after(logit(utilities, buyers=size, horizon=1))[1]
    for economy, (low, high) in {"push": (2.7, 8.8), "pull": (0.5, 1.7)}.items():
        cost = getattr(default_market(economy, 100, 1).scenario.behaviour.switching_cost, economy)
        before, after = by_seller_after(logit(utilities, buyers=size, horizon=1, behaviour={"switching_cost": cost}))
        mine = after[before == 0]
        cells = np.array([(mine == 0).sum(), (mine == 1).sum(), (new == 0).sum(), (new == 1).sum()])
        found = math.log(cells[0] / cells[1]) - math.log(cells[2] / cells[3])
        words = "brokers" if economy == "push" else "groceries"
        yield between(f"{economy} default, range of {words} [utils]", low, high, found, math.sqrt((1 / cells).sum()))
    yield missing(
        "part of E*Trade's customers who left in the year",
        0.106,
        "shares of all brokers among new accounts are not at hand",
    )


def by_seller_after(scenario: Scenario) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Seller of each buyer before and after the first tick."""
    return moves(Market(scenario))


@row(
    "E12",
    "Price elasticity",
    source="Bijmolt, van Heerde & Pieters 2005: mean -2.62; two panels: -1.7 to -3.6",
    setting=(
        "default buyers of the pull market who look at all of four sellers alike, after a year; one price 5 % lower "
        "or higher for one month, on the same draws"
    ),
    known=(
        "the default buyers are less elastic than most in the data: after a year tastes, relationships and the cost "
        "of switching hold them; without these it is -2.25 (V39)"
    ),
)
def price_elasticity(quick: bool) -> Entries:
    """Elasticity of a seller's customers, and of those with a weak and a strong relationship with it."""
    size = 40_000 if quick else 300_000
    cheap, dear = (_bought_at(price, size) for price in (0.95, 1.05))
    bond = cheap[1]
    span = math.log(1.05 / 0.95)

    def elasticity(who: NDArray[np.bool_]) -> tuple[float, float]:
        before, after = cheap[0][who], dear[0][who]
        both = np.stack([before, after], axis=1).astype(float)
        mine = batches(len(both))
        parts = np.array([both[mine == batch].sum(axis=0) for batch in range(mine[-1] + 1)])
        return jackknife(parts, lambda sums: math.log(sums[1] / sums[0]) / span)

    yield between("own price elasticity", -3.6, -1.7, *elasticity(np.ones(size, bool)))
    own = cheap[2]
    low, high = np.quantile(bond[own], (1 / 3, 2 / 3))
    weak, strong = elasticity(own & (bond < low)), elasticity(own & (bond >= high))
    yield above(
        "own customers: strongest third of relationships less weakest (loyal buyers care less)",
        0.0, strong[0] - weak[0], math.hypot(strong[1], weak[1]),
    )  # fmt: skip


def _bought_at(price: float, size: int) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]]:
    """Who buys from the first seller at a price of one month; relationships with it, and whose customer was whose."""
    words: dict[str, Any] = {
        "name": "prices", "horizon": 14, "seed": 5, "buyers": {"count": size},
        "behaviour": {"research_rate": 1.0}, "research": {"rule": "all"},
        "mechanisms": {"adaptation": False, "exit": False},
        "economies": {"pull": {"pull_share": 1}},
        "sellers": [{"name": f"Seller {place}", "strategy": "collaborative"} for place in range(4)],
        "events": [{"at": 12, "shock": {"seller": "Seller 0", "price": round(price - 1.0, 3)}}],
    }  # fmt: skip
    market = steps(Market(Scenario(**words)), 12)
    place = market.seller("Seller 0").place
    bond = market.state.pairs["relationship"][:, place].astype(float)
    own = market.state.buyers["seller"] == place
    market.step()
    return np.asarray(market.state.buyers["seller"] == place), bond, np.asarray(own)
