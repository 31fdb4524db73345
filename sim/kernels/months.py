"""Who the buyer is this tick: generation, size of its business, orders (step 0)."""

from __future__ import annotations

import numpy as np

from sim.columns import (
    ORDERS_BERNOULLI,
    ORDERS_EACH_TICK,
    PULL_BUYERS,
    State,
    Tally,
)
from sim.compiled import compiled
from sim.draws import NOBODY, PURPOSE, block, normal, uniform
from sim.kernels.row import behaviour_row, pull_mode
from sim.rules import incidence

__all__ = ["begin", "month_words"]


@compiled
def month_words(buyer: int, tick: int, state: State) -> tuple[np.uint32, np.uint32, np.uint32, np.uint32]:
    """The words of a buyer's tick: research, orders, experience, first talking neighbour."""
    terms = state.terms[0]
    return block(terms.key0, terms.key1, buyer, NOBODY, tick, PURPOSE.MONTH)


@compiled
def begin(buyer: int, tick: int, pull_share: float, word: np.uint32, state: State, tally: Tally) -> None:
    """Who the buyer is this tick: generation, orders (step 0); `word` is for the orders."""
    me, terms = state.buyers[buyer], state.terms[0]
    if terms.turnover > 0.0:
        words = block(terms.key0, terms.key1, buyer, NOBODY, tick, PURPOSE.COHORT)
        if uniform(words[0]) < terms.turnover:
            span = terms.newcomer_high - terms.newcomer_low
            me.pull_threshold = terms.newcomer_low + span * uniform(words[1])
    if terms.orders == ORDERS_EACH_TICK:
        me.orders = 1
    else:
        rate = np.float64(me.purchase_rate)
        if terms.orders == ORDERS_BERNOULLI:
            me.orders = 1 if uniform(word) < rate else 0
        else:
            me.orders = incidence.poisson_orders(word, rate)
    mode = pull_mode(buyer, pull_share, state)
    if terms.growing:
        how = state.behaviour[behaviour_row(buyer, mode, state)]
        growth = how.growth
        if how.growth_sd > 0.0:
            words = block(terms.key0, terms.key1, buyer, NOBODY, 0, PURPOSE.BUSINESS)
            growth += how.growth_sd * normal(words[1])
        me.order_size = incidence.next_order_size(
            np.float64(me.order_size), growth, how.tenure_effect, np.float64(me.tenure)
        )
    tally.totals[PULL_BUYERS] += mode
    me.visited = np.uint64(0)
