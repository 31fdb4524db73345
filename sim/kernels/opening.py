"""The columns at the opening: thresholds, tastes, network, incumbents, beliefs (model A17)."""

from __future__ import annotations

import numpy as np

from sim.columns import State
from sim.compiled import compiled
from sim.draws import NOBODY, PURPOSE, block, normal, uniform
from sim.kernels.row import behaviour_row, bit, pull_mode

__all__ = ["draw_buyers", "draw_uniforms", "open_books", "set_taste"]


@compiled
def draw_buyers(
    state: State,
    start: int,
    stop: int,
    cumulative_segments: np.ndarray,
    threshold_low: np.ndarray,
    threshold_high: np.ndarray,
    cumulative_shares: np.ndarray,
) -> None:
    """Segment, pull threshold and incumbent of the buyers in [start, stop).

    Parameters
    ----------
    state : State
        Buyers to fill.
    start, stop : int
        Rows.
    cumulative_segments, threshold_low, threshold_high : ndarray, shape (segments,)
        Cumulative fractions [-]; range of the pull threshold [-].
    cumulative_shares : ndarray, shape (sellers,)
        Cumulative market shares at the opening [-].
    """
    terms = state.terms[0]
    for buyer in range(start, stop):
        words = block(terms.key0, terms.key1, buyer, NOBODY, 0, PURPOSE.OPENING)
        segment = _place(cumulative_segments, uniform(words[1]))
        low = threshold_low[segment]
        state.buyers[buyer].segment = segment
        state.buyers[buyer].pull_threshold = low + (threshold_high[segment] - low) * uniform(words[0])
        state.buyers[buyer].seller = _place(cumulative_shares, uniform(words[2]))


@compiled
def _place(cumulative: np.ndarray, u: float) -> int:
    """First entry whose cumulative fraction exceeds `u`."""
    for place in range(cumulative.size - 1):
        if u < cumulative[place]:
            return place
    last = cumulative.size - 1
    while last > 0 and cumulative[last] == cumulative[last - 1]:
        last -= 1
    return last


@compiled
def draw_uniforms(
    state: State, start: int, stop: int, purpose: int, seller_key: int, word: int, out: np.ndarray
) -> None:
    """Uniform numbers for the buyers in [start, stop), one word of a block each, into `out` [-]."""
    for buyer in range(start, stop):
        words = block(state.terms[0].key0, state.terms[0].key1, buyer, seller_key, 0, purpose)
        out[buyer - start] = uniform(words[word])


@compiled
def set_taste(
    state: State, start: int, stop: int, seller: int, sd: float, class_utility: np.ndarray, classes: np.ndarray
) -> None:
    """Taste for one seller: a class's utility plus a normal number [utils].

    Parameters
    ----------
    state : State
    start, stop, seller : int
        Rows and column.
    sd : float
        Standard deviation of the normal part [utils].
    class_utility : ndarray, shape (classes,)
        Utility of the seller in each class [utils].
    classes : ndarray of float, shape (classes,)
        Cumulative weights of the classes [-].
    """
    terms = state.terms[0]
    key = state.sellers[seller].key
    for buyer in range(start, stop):
        taste = 0.0
        if sd > 0.0:
            taste = sd * normal(block(terms.key0, terms.key1, buyer, key, 0, PURPOSE.TASTE)[0])
        words = block(terms.key0, terms.key1, buyer, NOBODY, 0, PURPOSE.OPENING)
        state.pairs[buyer, seller].taste = taste + class_utility[_place(classes, uniform(words[3]))]


@compiled
def open_books(
    state: State,
    start: int,
    stop: int,
    pull_share: float,
    prior_mean: float,
    prior_variance: float,
    opening_variance: float,
    opening_relationship: np.ndarray,
    incumbents: np.ndarray,
) -> None:
    """Beliefs, relationships, aspiration and patience at the opening.

    The own seller is known well (m = X), the others by the prior; all incumbents are known.

    Parameters
    ----------
    state : State
    start, stop : int
        Rows.
    pull_share : float
        At tick 0 [-].
    prior_mean, prior_variance, opening_variance : float
        [utils], [utils²], [utils²].
    opening_relationship : ndarray, shape (sellers,)
        With one's own seller [-].
    incumbents : ndarray of bool, shape (sellers,)
    """
    pairs, sellers = state.pairs, state.sellers
    known = np.uint64(0)
    for seller in range(sellers.size):
        if incumbents[seller]:
            known |= bit(seller)
    for buyer in range(start, stop):
        me = state.buyers[buyer]
        row = behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)
        own = int(me.seller)
        for seller in range(sellers.size):
            pairs[buyer, seller].belief_mean = prior_mean
            pairs[buyer, seller].belief_variance = prior_variance
            pairs[buyer, seller].relationship = 0.0
        truth = state.appeal[row, own] + pairs[buyer, own].taste
        pairs[buyer, own].belief_mean = truth
        pairs[buyer, own].belief_variance = min(opening_variance, prior_variance)
        if state.terms[0].relationship:
            pairs[buyer, own].relationship = opening_relationship[own]
        me.known = known
        me.aspiration = truth
        me.experience = truth
        me.patience = state.behaviour[row].patience_norm
        me.order_size = 1.0
