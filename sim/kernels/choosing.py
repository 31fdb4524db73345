"""Consideration and choice (step 5)."""

from __future__ import annotations

import numpy as np

from sim.columns import (
    CHOICES,
    CONSIDERED,
    LOGSUM,
    Desk,
    State,
    Tally,
)
from sim.compiled import compiled, compiled_loop
from sim.draws import ORDER_STEP, PURPOSE, exponential, gumbel, logarithm
from sim.kernels.row import behaviour_row, bit, draw_words, fixed, has, pick, pull_mode, value
from sim.rules import choice

__all__ = ["choose", "choose_alone", "consideration", "order_from", "utility"]


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
def utility(buyer: int, seller: int, row: int, contacted: bool, state: State) -> float:
    """Utility at the moment of choice, without the taste shock [utils].

    Parameters
    ----------
    row : int
        Row of `State.behaviour` that the buyer acts on.
    contacted : bool
        Whether a contact of the seller was attended.
    """
    how = state.behaviour[row]
    total = value(buyer, seller, how, state)
    if seller == state.buyers[buyer].seller and state.sellers[seller].trading:
        total += how.switching_cost
    if contacted:
        total += choice.closing_effect(how.persuasion, state.sellers[seller].sales_skill)
    return total


@compiled_loop
def choose_alone(
    buyer: int,
    tick: int,
    order: int,
    pull_share: float,
    contacted: np.uint64,
    considered: np.uint64,
    state: State,
    tally: Tally,
    desk: Desk,
) -> int:
    """`choose` for one buyer; returns the chosen seller, the incumbent without an order or if nobody is left."""
    at = desk.places[0]
    at.chosen[0] = state.buyers[buyer].seller
    at.own[0] = state.buyers[buyer].seller
    at.row[0] = behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)
    at.contacted[0] = contacted
    at.considered[0] = considered
    choose(buyer, 1, tick, order, state, tally, desk)
    return int(at.chosen[0])


@compiled
def choose(first: int, count: int, tick: int, order: int, state: State, tally: Tally, desk: Desk) -> None:
    """Choose among the sellers considered: the argmax of utility plus a Gumbel shock (step 5).

    Leaves `chosen` at the desk: the incumbent if nobody is left in the market.

    Parameters
    ----------
    order : int
        Number of the order in this tick, from 0; buyers with fewer orders do not choose.
    """
    at = desk.places[0]
    torn = 0
    for place in range(count):
        buyer, own = first + place, at.own[place]
        if state.buyers[buyer].orders <= order:
            continue
        at.chosen[place] = own
        if at.considered[place] == bit(own):  # nobody to compare the incumbent with: no shock is needed
            worth = utility(buyer, own, at.row[place], has(at.contacted[place], own), state)
            tally.totals[LOGSUM] += fixed(worth / state.behaviour[at.row[place]].price_sensitivity)
            tally.totals[CONSIDERED] += 1
            tally.totals[CHOICES] += 1
        elif at.considered[place] != np.uint64(0):
            at.best[place] = -np.inf
            at.top[place] = -np.inf
            at.weights[place] = 0.0
            at.listed[torn] = place
            torn += 1
    for seller in range(state.sellers.size):
        found = pick(at.listed, torn, at.considered, seller, at.among)
        draw_words(first, found, state.sellers[seller].key, tick, PURPOSE.CHOICE + ORDER_STEP * order, state, at)
        for entry in range(found):
            at.shock[entry] = gumbel(at.words[0, entry])
        for entry in range(found):
            _weigh(first, entry, seller, state, desk)
        tally.totals[CONSIDERED] += found
    for entry in range(torn):
        place = at.listed[entry]
        total = at.top[place] + logarithm(at.weights[place])
        tally.totals[LOGSUM] += fixed(total / state.behaviour[at.row[place]].price_sensitivity)
    tally.totals[CHOICES] += torn


@compiled
def _weigh(first: int, entry: int, seller: int, state: State, desk: Desk) -> None:
    """Compare a seller with those that were weighed before."""
    at = desk.places[0]
    place = at.among[entry]
    total = utility(first + place, seller, at.row[place], has(at.contacted[place], seller), state)
    # log-sum of the utilities, kept from overflow by its largest term
    if total > at.top[place]:
        at.weights[place] = at.weights[place] * exponential(at.top[place] - total) + 1.0
        at.top[place] = total
    else:
        at.weights[place] += exponential(total - at.top[place])
    total += at.shock[entry]
    if total > at.best[place]:
        at.best[place] = total
        at.chosen[place] = seller


@compiled
def order_from(buyer: int, seller: int, state: State, tally: Tally) -> None:
    """Place one order; an orphan in a market without sellers has nobody to place it with."""
    if state.sellers[seller].trading:
        tally.sellers[seller].volume += fixed(np.float64(state.buyers[buyer].order_size))
