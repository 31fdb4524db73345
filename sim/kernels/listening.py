"""Contacts that sellers aim, word of mouth, and what they do to beliefs (steps 2 and 3)."""

from __future__ import annotations

import numpy as np

from sim.columns import (
    DISSATISFIED,
    MET,
    SILENT,
    TALK_BASS,
    TALK_NONE,
    TALK_THRESHOLD,
    State,
    Tally,
)
from sim.compiled import compiled
from sim.draws import PURPOSE, block, normal, uniform
from sim.kernels.row import behaviour_row, believe, bit, has, pull_mode, truth, value
from sim.rules import beliefs, contact, word_of_mouth

__all__ = ["aim", "aimed_by", "contact_words", "listen"]


@compiled
def contact_words(
    buyer: int, seller: int, tick: int, state: State
) -> tuple[np.uint32, np.uint32, np.uint32, np.uint32]:
    """Words of a seller's contacts: visit aimed, message aimed, visit attended, message attended."""
    terms = state.terms[0]
    return block(terms.key0, terms.key1, buyer, state.sellers[seller].key, tick, PURPOSE.CONTACT)


@compiled
def aim(buyer: int, tick: int, pull_share: float, state: State) -> tuple[np.uint64, int, np.uint64]:
    """Which sellers visit and message the buyer (step 2).

    Returns
    -------
    visited : uint64
        Bit of the incumbent if it visits: its customer always receives it.
    load : int
        Other sellers that aim at the buyer.
    likely : uint64
        Bits of those whose contact would be attended if it were the only one.
    """
    own = int(state.buyers[buyer].seller)
    attention = state.behaviour[behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)].attention
    visited, likely = np.uint64(0), np.uint64(0)
    load = 0
    for seller in range(state.sellers.size):
        words = contact_words(buyer, seller, tick, state)
        visits, aims, attends = aimed_by(words, seller, seller == own, attention, state)
        visited |= bit(seller) if visits else np.uint64(0)
        load += 1 if aims else 0
        likely |= bit(seller) if attends else np.uint64(0)
    return visited, load, likely


@compiled
def aimed_by(
    words: tuple[np.uint32, np.uint32, np.uint32, np.uint32], seller: int, mine: bool, attention: float, state: State
) -> tuple[bool, bool, bool]:
    """Whether a seller visits its customer, aims at another's, and would find attention if alone."""
    policy = state.sellers[seller]
    visit = uniform(words[0]) < (policy.visit_customers if mine else policy.visit_prospects)
    message = (uniform(words[1]) < policy.message) & (not mine)
    attends = (visit & (uniform(words[2]) < attention)) | (message & (uniform(words[3]) < attention))
    return visit & mine, (visit | message) & (not mine), attends & (not mine)


@compiled
def listen(
    buyer: int,
    tick: int,
    pull_share: float,
    word: np.uint32,
    visited: np.uint64,
    load: int,
    likely: np.uint64,
    state: State,
    tally: Tally,
    scratch: np.ndarray,
) -> tuple[np.uint64, float, float]:
    """Contacts by sellers, word of mouth, and what they do to beliefs (steps 2 and 3).

    Parameters
    ----------
    word : uint32
        Word for the first talking neighbour.
    visited, load, likely
        From `aim`.

    Returns
    -------
    contacted : uint64
        Bits of the sellers whose contact was attended.
    gathered : float
        Precision that was gathered [1/utils²].
    before : float
        Belief about the incumbent before word of mouth [utils].
    """
    me, pairs, sellers, terms = state.buyers[buyer], state.pairs, state.sellers, state.terms[0]
    row = behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)
    own = int(me.seller)
    count = sellers.size
    if not terms.learning:
        for seller in range(count):
            pairs[buyer, seller].belief_mean = truth(buyer, seller, row, state)
            pairs[buyer, seller].belief_variance = 0.0
    before = np.float64(pairs[buyer, own].belief_mean)
    contacted, told = _attend(buyer, tick, row, visited, load, likely, state, tally, scratch)
    if terms.talk != TALK_NONE and uniform(word) >= terms.all_silent:
        told = _hear(buyer, tick, row, word, told, state, scratch)
    gathered = 0.0
    if told:
        for seller in range(count):
            precision = scratch[seller].precision
            if precision > 0.0:
                gathered += precision
                if terms.learning:
                    believe(buyer, seller, precision, scratch[seller].signal, state)
    return contacted, gathered, before


@compiled
def _clear(scratch: np.ndarray) -> None:
    for seller in range(scratch.size):
        scratch[seller].precision = 0.0
        scratch[seller].signal = 0.0


@compiled
def _attend(
    buyer: int,
    tick: int,
    row: int,
    visited: np.uint64,
    load: int,
    likely: np.uint64,
    state: State,
    tally: Tally,
    scratch: np.ndarray,
) -> tuple[np.uint64, bool]:
    """Attend to contacts and hear what they tell. Returns attended bits and whether signals were told."""
    me, sellers = state.buyers[buyer], state.sellers
    if visited != np.uint64(0):
        tally.sellers[int(me.seller)].visits_to_customers += 1
    contacted = visited
    told = False
    if likely != np.uint64(0):
        how = state.behaviour[row]
        # attention is divided among the sellers that aim, so it is at most what `likely` assumed
        chance = contact.attended(how.attention, how.attention_span, load)
        for seller in range(sellers.size):
            if not has(likely, seller):
                continue
            words = contact_words(buyer, seller, tick, state)
            visit = uniform(words[0]) < sellers[seller].visit_prospects and uniform(words[2]) < chance
            message = uniform(words[1]) < sellers[seller].message and uniform(words[3]) < chance
            if visit or message:
                if not told:
                    told = True
                    _clear(scratch)
                    _note_favourite(buyer, how, state)
                contacted |= bit(seller)
                if visit:
                    visited |= bit(seller)
                    tally.sellers[seller].visits_to_prospects += 1
                if message:
                    tally.sellers[seller].messages += 1
                _tell(buyer, seller, tick, row, visit, message, state, scratch)
        me.known |= contacted
    me.visited = visited
    return contacted, told


@compiled
def _note_favourite(buyer: int, how: np.record, state: State) -> None:
    """Remember the best known seller before the first contact of an episode."""
    me = state.buyers[buyer]
    if me.episode & MET:
        return
    best = -np.inf
    for seller in range(state.sellers.size):
        if state.sellers[seller].trading and has(me.known, seller):
            total = value(buyer, seller, how, state)
            if seller == me.seller:
                total += how.switching_cost
            if total > best:
                best = total
                me.favourite = seller


@compiled
def _tell(
    buyer: int, seller: int, tick: int, row: int, visit: bool, message: bool, state: State, scratch: np.ndarray
) -> None:
    """What a rival's visit and message say about it, overclaim included."""
    sellers, terms = state.sellers, state.terms[0]
    how = state.behaviour[row]
    words = block(terms.key0, terms.key1, buyer, sellers[seller].key, tick, PURPOSE.TELLING)
    claim = truth(buyer, seller, row, state) + beliefs.bias(
        sellers[seller].overclaim, sellers[seller].sales_skill, how.naivety
    )
    if visit:
        scratch[seller].precision += 1.0 / how.visit_variance
        scratch[seller].signal += (claim + np.sqrt(how.visit_variance) * normal(words[0])) / how.visit_variance
    if message:
        scratch[seller].precision += 1.0 / how.message_variance
        scratch[seller].signal += (claim + np.sqrt(how.message_variance) * normal(words[1])) / how.message_variance


@compiled
def _hear(buyer: int, tick: int, row: int, word: np.uint32, told: bool, state: State, scratch: np.ndarray) -> bool:
    """Word of mouth from neighbours' last orders. Returns whether any signal was told so far."""
    me, terms = state.buyers[buyer], state.terms[0]
    how = state.behaviour[row]
    degree = state.neighbours.shape[1]
    ceiling = terms.talk_ceiling
    slot = word_of_mouth.silent_run(word, ceiling, degree)
    while slot < degree:
        words = block(terms.key0, terms.key1, buyer, slot, tick, PURPOSE.TALK)
        neighbour = state.neighbours[buyer, slot]
        if terms.talk == TALK_BASS:
            count = state.neighbours.shape[0]
            neighbour = int(uniform(words[3]) * (count - 1))
            if neighbour >= buyer:
                neighbour += 1
        mood = state.buyers[neighbour].talk
        if mood != SILENT:
            chance = word_of_mouth.talking_probability(terms.talk_rate, terms.talk_ratio, mood == DISSATISFIED)
            seller = int(state.buyers[neighbour].seller)
            if uniform(words[0]) * ceiling < chance and _believed(buyer, seller, state):
                if not told:
                    told = True
                    _clear(scratch)
                tale = truth(buyer, seller, row, state) + state.buyers[neighbour].surprise
                tale += np.sqrt(how.word_of_mouth_variance) * normal(words[1])
                scratch[seller].precision += 1.0 / how.word_of_mouth_variance
                scratch[seller].signal += tale / how.word_of_mouth_variance
                me.known |= bit(seller)
        slot += 1 + word_of_mouth.silent_run(words[2], ceiling, degree - slot - 1)
    return told


@compiled
def _believed(buyer: int, seller: int, state: State) -> bool:
    """Rule `threshold`: another seller is heard of only when enough neighbours use it."""
    me, terms = state.buyers[buyer], state.terms[0]
    if terms.talk != TALK_THRESHOLD or seller == me.seller:
        return True
    degree = state.neighbours.shape[1]
    users = 0
    for slot in range(degree):
        if state.buyers[state.neighbours[buyer, slot]].seller == seller:
            users += 1
    return users >= terms.talk_threshold * degree
