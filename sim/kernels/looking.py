"""Research that the buyer initiates (step 4)."""

from __future__ import annotations

import numpy as np

from sim.columns import (
    DISAPPOINTMENT,
    RESEARCH_FIXED_SAMPLE,
    RESEARCH_NONE,
    RESEARCH_WEITZMAN,
    RESEARCHED,
    ROUTINE_RESEARCH,
    SELLER_GONE,
    SURPLUS,
    WORD_OF_MOUTH,
    State,
    Tally,
)
from sim.compiled import compiled
from sim.draws import PURPOSE, block, normal, uniform
from sim.kernels.row import behaviour_row, belief, believe, bit, fixed, has, pull_mode, truth, value, worth
from sim.rules import beliefs
from sim.rules import research as researching

__all__ = ["NO_RESEARCH", "research"]

# What `research` was started by: this, or a cause of CAUSES
NO_RESEARCH = -1


@compiled
def research(
    buyer: int,
    tick: int,
    pull_share: float,
    word: np.uint32,
    before: float,
    state: State,
    tally: Tally,
    notes: np.ndarray,
) -> tuple[int, np.uint64, float]:
    """Buyer-initiated research: trigger, discovery, inspection, beliefs (step 4).

    Parameters
    ----------
    word : uint32
        Word for the start of research.
    before : float
        Belief about the incumbent before word of mouth, from `listen` [utils].
    notes : ndarray
        `Desk.notes`.

    Returns
    -------
    cause : int
        What started it, a code of CAUSES; `NO_RESEARCH` if there was none.
    inspected : uint64
        Bits of the inspected sellers.
    gathered : float
        Precision that was gathered [1/utils²].
    """
    me, sellers, terms = state.buyers[buyer], state.sellers, state.terms[0]
    inspected = np.uint64(0)
    if terms.research == RESEARCH_NONE or me.orders == 0:
        return NO_RESEARCH, inspected, 0.0
    row = behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)
    how = state.behaviour[row]
    cause = _trigger(buyer, word, how, before, state)
    if cause == NO_RESEARCH:
        return NO_RESEARCH, inspected, 0.0
    tally.totals[RESEARCHED] += 1
    own = int(me.seller)
    known = me.known
    candidates = 0
    widest = 0.0
    for seller in range(sellers.size):
        if not sellers[seller].trading or seller == own:
            continue
        if not has(known, seller):
            words = block(terms.key0, terms.key1, buyer, sellers[seller].key, tick, PURPOSE.RESEARCH)
            if uniform(words[0]) >= researching.discovery_probability(
                how.discovery, sellers[seller].self_service, terms.discovery_floor
            ):
                continue
            known |= bit(seller)
        precision = _inspection_precision(seller, how, state)
        variance = belief(buyer, seller, state)[1]
        spread = researching.spread(variance, precision)
        widest = max(widest, spread)
        # the variance that the inspection would leave (A17.12)
        base = worth(buyer, seller, beliefs.posterior_variance(variance, precision), how, state)
        notes[seller].value = researching.reservation_value(base, spread, how.search_cost)
        # insertion keeps the candidates in falling order; ties stay in the order of the columns
        place = candidates
        while place > 0 and notes[notes[place - 1].order].value < notes[seller].value:
            notes[place].order = notes[place - 1].order
            place -= 1
        notes[place].order = seller
        candidates += 1
    me.known = known
    best = -np.inf
    if sellers[own].trading:
        best = value(buyer, own, how, state) + how.switching_cost
    most = candidates
    if terms.research == RESEARCH_FIXED_SAMPLE and widest > 0.0:
        most = researching.fixed_sample_size(how.search_cost / widest)
        if sellers[own].trading:  # the incumbent is one of the sample
            most -= 1
    gathered = 0.0
    for place in range(min(most, candidates)):
        seller = notes[place].order
        if terms.research == RESEARCH_WEITZMAN and notes[seller].value <= best:
            break
        inspected |= bit(seller)
        tally.sellers[seller].inspections += 1
        tally.totals[SURPLUS] -= fixed(how.search_cost / how.price_sensitivity)
        gathered += _inspect(buyer, seller, tick, row, state)
        best = max(best, value(buyer, seller, how, state))
    return cause, inspected, gathered


@compiled
def _trigger(buyer: int, word: np.uint32, how: np.record, before: float, state: State) -> int:
    """Whether research starts, and why."""
    me, pairs = state.buyers[buyer], state.pairs
    own = int(me.seller)
    if not state.sellers[own].trading:
        return SELLER_GONE
    u = uniform(word)
    if u < how.research_rate:
        return ROUTINE_RESEARCH
    mean = np.float64(pairs[buyer, own].belief_mean)
    gap = _research_gap(buyer, mean, how, state)
    if researching.surely_not(u, how.research_rate, gap):
        return NO_RESEARCH
    if u >= researching.research_probability(how.research_rate, gap):
        return NO_RESEARCH
    if mean != before:  # would it have started without what neighbours said about the incumbent this tick?
        gap = _research_gap(buyer, before, how, state)
        if u >= researching.research_probability(how.research_rate, gap):
            return WORD_OF_MOUTH
    return DISAPPOINTMENT


@compiled
def _research_gap(buyer: int, belief_mean: float, how: np.record, state: State) -> float:
    me = state.buyers[buyer]
    return researching.research_gap(
        np.float64(me.aspiration),
        belief_mean,
        how.relationship_shield,
        np.float64(me.patience),
        np.float64(state.pairs[buyer, me.seller].relationship),
        how.indifference,
        how.research_temperature,
    )


@compiled
def _inspection_precision(seller: int, how: np.record, state: State) -> float:
    return researching.research_precision(
        state.sellers[seller].self_service,
        state.terms[0].discovery_floor,
        how.research_variance,
        how.review_variance,
        how.review_reading,
    )


@compiled
def _inspect(buyer: int, seller: int, tick: int, row: int, state: State) -> float:
    """Inspect a seller: an unbiased signal. Returns its precision [1/utils²]."""
    terms = state.terms[0]
    precision = _inspection_precision(seller, state.behaviour[row], state)
    if terms.learning and precision > 0.0:  # a seller that shows nothing teaches nothing
        word = block(terms.key0, terms.key1, buyer, state.sellers[seller].key, tick, PURPOSE.RESEARCH)[1]
        seen = truth(buyer, seller, row, state) + normal(word) / np.sqrt(precision)
        believe(buyer, seller, precision, seen * precision, state)
    return precision
