"""Consideration and choice (step 5)."""

from __future__ import annotations

import numpy as np

from sim.columns import (
    CHOICES,
    CONSIDERED,
    LOGSUM,
    State,
    Tally,
)
from sim.compiled import compiled
from sim.draws import ORDER_STEP, PURPOSE, block, exponential, gumbel, logarithm
from sim.kernels.row import behaviour_row, bit, fixed, has, pull_mode, value
from sim.rules import choice

__all__ = ["choose", "consideration", "order_from", "utility"]


@compiled
def consideration(buyer: int, contacted: np.uint64, inspected: np.uint64, state: State) -> np.uint64:
    """Bits of the sellers considered: the incumbent, those contacted and attended, those inspected.

    A buyer whose seller is gone considers the sellers that it knows, or else all (A17.15).
    """
    me, sellers = state.buyers[buyer], state.sellers
    own = int(me.seller)
    considered = contacted | inspected
    if sellers[own].trading:
        considered |= bit(own)
    if considered == np.uint64(0):
        considered = state.terms[0].trading & me.known
    if considered == np.uint64(0):
        considered = state.terms[0].trading
    return considered


@compiled
def utility(buyer: int, seller: int, pull_share: float, contacted: np.uint64, state: State) -> float:
    """Utility at the moment of choice, without the taste shock [utils]."""
    how = state.behaviour[behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)]
    total = value(buyer, seller, how, state)
    if seller == state.buyers[buyer].seller and state.sellers[seller].trading:
        total += how.switching_cost
    if has(contacted, seller):
        total += choice.closing_effect(how.persuasion, state.sellers[seller].sales_skill)
    return total


@compiled
def choose(
    buyer: int,
    tick: int,
    order: int,
    pull_share: float,
    contacted: np.uint64,
    considered: np.uint64,
    state: State,
    tally: Tally,
) -> int:
    """Choose among the sellers considered: the argmax of utility plus a Gumbel shock (step 5).

    Parameters
    ----------
    order : int
        Number of the order in this tick, from 0.

    Returns
    -------
    int
        The chosen seller; the incumbent if nobody is left in the market.
    """
    sellers, terms = state.sellers, state.terms[0]
    chosen = int(state.buyers[buyer].seller)
    how = state.behaviour[behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)]
    if considered == bit(chosen):  # nobody to compare the incumbent with: no shock is needed
        tally.totals[LOGSUM] += fixed(utility(buyer, chosen, pull_share, contacted, state) / how.price_sensitivity)
        tally.totals[CONSIDERED] += 1
        tally.totals[CHOICES] += 1
        return chosen
    best = -np.inf
    top = -np.inf
    weights = 0.0
    size = 0
    for seller in range(sellers.size):
        if not has(considered, seller):
            continue
        size += 1
        total = utility(buyer, seller, pull_share, contacted, state)
        # log-sum of the utilities, kept from overflow by its largest term
        if total > top:
            weights = 1.0 if top == -np.inf else weights * exponential(top - total) + 1.0
            top = total
        else:
            weights += exponential(total - top)
        purpose = PURPOSE.CHOICE + ORDER_STEP * order
        total += gumbel(block(terms.key0, terms.key1, buyer, sellers[seller].key, tick, purpose)[0])
        if total > best:
            best = total
            chosen = seller
    if size > 0:
        tally.totals[LOGSUM] += fixed((top + logarithm(weights)) / how.price_sensitivity)
        tally.totals[CONSIDERED] += size
        tally.totals[CHOICES] += 1
    return chosen


@compiled
def order_from(buyer: int, seller: int, state: State, tally: Tally) -> None:
    """Place one order; an orphan in a market without sellers has nobody to place it with."""
    if state.sellers[seller].trading:
        tally.sellers[seller].volume += fixed(np.float64(state.buyers[buyer].order_size))
