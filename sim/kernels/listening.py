"""Contacts that sellers aim, word of mouth, and what they do to beliefs (steps 2 and 3).

What is told waits at the desk, by buyer and seller, until all of it is believed at once.
"""

from __future__ import annotations

import numpy as np

from sim.columns import (
    DISSATISFIED,
    MET,
    SILENT,
    TALK_BASS,
    TALK_NONE,
    TALK_THRESHOLD,
    Desk,
    State,
    Tally,
)
from sim.compiled import compiled, compiled_loop
from sim.draws import PURPOSE, block, normal, uniform
from sim.kernels.links import anybody, listened_to, small_world
from sim.kernels.row import behaviour_row, believe, bit, draw_normals, draw_words, has, pick, pull_mode, truth, value
from sim.rules import beliefs, contact, word_of_mouth

__all__ = ["listen", "listen_alone", "seat"]


@compiled
def seat(first: int, count: int, pull_share: float, state: State, desk: Desk) -> None:
    """Who sits at each place: incumbent and row of behaviour."""
    at = desk.places[0]
    for place in range(count):
        buyer = first + place
        at.own[place] = state.buyers[buyer].seller
        at.row[place] = behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)


@compiled_loop
def listen_alone(
    buyer: int, tick: int, pull_share: float, word: np.uint32, state: State, tally: Tally, desk: Desk
) -> tuple[np.uint64, float, float]:
    """`listen` for one buyer.

    Parameters
    ----------
    word : uint32
        Word for the first talking neighbour.

    Returns
    -------
    contacted : uint64
        Bits of the sellers whose contact was attended.
    heard : float
        Precision that was gathered [1/utils²].
    before : float
        Belief about the incumbent before word of mouth [utils].
    """
    at = desk.places[0]
    seat(buyer, 1, pull_share, state, desk)
    at.talk_word[0] = word
    listen(buyer, 1, tick, state, tally, desk)
    return at.visited[0] | at.messaged[0], at.heard[0], at.before[0]


@compiled
def listen(first: int, count: int, tick: int, state: State, tally: Tally, desk: Desk) -> None:
    """Contacts by sellers, word of mouth, and what they do to beliefs (steps 2 and 3).

    Leaves `visited`, `messaged`, `before` and `heard` at the desk.
    """
    at, terms = desk.places[0], state.terms[0]
    for place in range(count):
        buyer = first + place
        if not terms.learning:  # everything is known
            for seller in range(state.sellers.size):
                state.pairs[buyer, seller].belief_mean = truth(buyer, seller, at.row[place], state)
                state.pairs[buyer, seller].belief_variance = 0.0
        at.before[place] = state.pairs[buyer, at.own[place]].belief_mean
        at.visited[place] = np.uint64(0)
        at.messaged[place] = np.uint64(0)
        at.told[place] = np.uint64(0)
        at.heard[place] = 0.0
    if terms.contacts:
        _aim(first, count, tick, state, tally, desk)
        _attend(count, state, tally, desk)
        _meet(first, count, tick, state, desk)
    if terms.talk != TALK_NONE:
        _hear(first, count, tick, state, desk)
    _believe(first, count, state, desk)


@compiled
def _aim(first: int, count: int, tick: int, state: State, tally: Tally, desk: Desk) -> None:
    """Which sellers visit and message each buyer, and the attention it can give each of them."""
    at, terms = desk.places[0], state.terms[0]
    for place in range(count):
        at.visit_aimed[place] = np.uint64(0)
        at.message_aimed[place] = np.uint64(0)
        at.load[place] = 0
    for seller in range(state.sellers.size):
        if not state.sellers[seller].trading:
            continue
        policy, notes = state.sellers[seller], desk.notes[seller]
        mark = bit(seller)
        received = 0
        for place in range(count):
            words = block(terms.key0, terms.key1, first + place, policy.key, tick, PURPOSE.CONTACT)
            mine = at.own[place] == seller
            visit = uniform(words[0]) < (policy.visit_customers if mine else policy.visit_prospects)
            message = (uniform(words[1]) < policy.message) & (not mine)
            at.visited[place] |= mark if visit & mine else np.uint64(0)  # a customer always receives its seller
            at.visit_aimed[place] |= mark if visit & (not mine) else np.uint64(0)
            at.message_aimed[place] |= mark if message else np.uint64(0)
            at.load[place] += 1 if (visit & (not mine)) | message else 0
            received += 1 if visit & mine else 0
            notes.visit_word[place] = words[2]
            notes.message_word[place] = words[3]
        tally.sellers[seller].visits_to_customers += received
    for place in range(count):
        how = state.behaviour[at.row[place]]
        at.chance[place] = contact.attended(how.attention, how.attention_span, at.load[place])


@compiled
def _attend(count: int, state: State, tally: Tally, desk: Desk) -> None:
    """Which of the contacts find attention."""
    at = desk.places[0]
    for seller in range(state.sellers.size):
        if not state.sellers[seller].trading:
            continue
        notes = desk.notes[seller]
        mark = bit(seller)
        visits, messages = 0, 0
        for place in range(count):
            chance = at.chance[place]
            visit = has(at.visit_aimed[place], seller) & (uniform(notes.visit_word[place]) < chance)
            message = has(at.message_aimed[place], seller) & (uniform(notes.message_word[place]) < chance)
            at.visited[place] |= mark if visit else np.uint64(0)
            at.messaged[place] |= mark if message else np.uint64(0)
            visits += 1 if visit else 0
            messages += 1 if message else 0
        tally.sellers[seller].visits_to_prospects += visits
        tally.sellers[seller].messages += messages


@compiled
def _meet(first: int, count: int, tick: int, state: State, desk: Desk) -> None:
    """Rivals whose contact was attended become known and tell of themselves."""
    at = desk.places[0]
    met = 0
    for place in range(count):
        state.buyers[first + place].visited = at.visited[place]
        at.told[place] = (at.visited[place] | at.messaged[place]) & ~bit(at.own[place])
        at.listed[met] = place
        met += 1 if at.told[place] != np.uint64(0) else 0
    for entry in range(met):
        place = at.listed[entry]
        _note_favourite(first + place, at.row[place], state)
        state.buyers[first + place].known |= at.told[place]
    for seller in range(state.sellers.size):
        if not state.sellers[seller].trading:
            continue
        found = pick(at.listed, met, at.told, seller, at.among)
        draw_words(first, found, state.sellers[seller].key, tick, PURPOSE.TELLING, state, at)
        for entry in range(found):
            _tell(first, entry, seller, state, desk)


@compiled
def _note_favourite(buyer: int, row: int, state: State) -> None:
    """Remember the best known seller before the first contact of an episode."""
    me, how = state.buyers[buyer], state.behaviour[row]
    if me.episode & MET:
        return
    best = -np.inf
    favourite = int(me.favourite)
    for seller in range(state.sellers.size):
        total = value(buyer, seller, how, state) + (how.switching_cost if seller == me.seller else 0.0)
        better = state.sellers[seller].trading & has(me.known, seller) & (total > best)
        best = total if better else best
        favourite = seller if better else favourite
    me.favourite = favourite


@compiled
def _tell(first: int, entry: int, seller: int, state: State, desk: Desk) -> None:
    """What a rival's visit and message say about it, overclaim included."""
    at, notes, policy = desk.places[0], desk.notes[seller], state.sellers[seller]
    place = at.among[entry]
    row = at.row[place]
    how = state.behaviour[row]
    claim = truth(first + place, seller, row, state) + beliefs.bias(policy.overclaim, policy.sales_skill, how.naivety)
    if has(at.visited[place], seller):
        said = claim + np.sqrt(how.visit_variance) * normal(at.words[0, entry])
        notes.precision[place] += 1.0 / how.visit_variance
        notes.signal[place] += said / how.visit_variance
    if has(at.messaged[place], seller):
        said = claim + np.sqrt(how.message_variance) * normal(at.words[1, entry])
        notes.precision[place] += 1.0 / how.message_variance
        notes.signal[place] += said / how.message_variance


@compiled
def _hear(first: int, count: int, tick: int, state: State, desk: Desk) -> None:
    """Word of mouth from neighbours' last orders."""
    at, terms = desk.places[0], state.terms[0]
    degree, ceiling = int(terms.degree), terms.talk_ceiling
    talking = 0
    for place in range(count):
        at.among[talking] = place
        talking += 1 if uniform(at.talk_word[place]) >= terms.all_silent else 0
    for entry in range(talking):
        at.slot[entry] = word_of_mouth.silent_run(at.talk_word[at.among[entry]], ceiling, degree)
    while talking > 0:  # the first possible talker of each buyer, then the second, ...
        for entry in range(talking):
            buyer = first + at.among[entry]
            words = block(terms.key0, terms.key1, buyer, at.slot[entry], tick, PURPOSE.TALK)
            at.words[0, entry] = words[0]
            at.words[1, entry] = words[1]
            at.words[2, entry] = words[2]
            at.words[3, entry] = words[3]
        _hear_talkers(first, talking, state, desk)
        more = 0
        for entry in range(talking):
            slot = at.slot[entry] + 1 + word_of_mouth.silent_run(at.words[2, entry], ceiling, degree)
            at.among[more] = at.among[entry]
            at.slot[more] = slot
            more += 1 if slot < degree else 0
        talking = more


@compiled
def _hear_talkers(first: int, count: int, state: State, desk: Desk) -> None:
    """What the possible talkers of the buyers at the first `count` places of `among` say, if they do."""
    at, terms = desk.places[0], state.terms[0]
    if terms.talk == TALK_BASS:
        for entry in range(count):
            at.talker[entry] = anybody(first + at.among[entry], at.words[3, entry], state.buyers.size)
    elif state.neighbours.shape[0] > 0:
        for entry in range(count):
            at.talker[entry] = listened_to(first + at.among[entry], at.slot[entry], state)
    else:
        for entry in range(count):
            at.talker[entry] = small_world(first + at.among[entry], at.slot[entry], state)
    talkers = 0
    for entry in range(count):
        place = at.among[entry]
        them = state.buyers[at.talker[entry]]
        chance = word_of_mouth.talking_probability(terms.talk_rate, terms.talk_ratio, them.talk == DISSATISFIED)
        talks = (them.talk != SILENT) & (uniform(at.words[0, entry]) * terms.talk_ceiling < chance)
        if terms.talk == TALK_THRESHOLD:
            talks = talks and _believed(first + place, int(them.seller), state)
        at.listed[talkers] = place
        at.subject[talkers] = them.seller
        at.tale[talkers] = them.surprise
        at.words[0, talkers] = at.words[1, entry]
        talkers += 1 if talks else 0
    draw_normals(talkers, at)
    for entry in range(talkers):
        place, seller = at.listed[entry], at.subject[entry]
        row, notes = at.row[place], desk.notes[seller]
        variance = state.behaviour[row].word_of_mouth_variance
        tale = truth(first + place, seller, row, state) + at.tale[entry]
        tale += np.sqrt(variance) * at.shock[entry]
        notes.precision[place] += 1.0 / variance
        notes.signal[place] += tale / variance
        at.told[place] |= bit(seller)
        state.buyers[first + place].known |= bit(seller)


@compiled
def _believed(buyer: int, seller: int, state: State) -> bool:
    """Rule `threshold`: another seller is heard of only when enough neighbours use it."""
    if seller == state.buyers[buyer].seller:
        return True
    terms = state.terms[0]
    users = 0
    for slot in range(terms.degree):
        if state.buyers[listened_to(buyer, slot, state)].seller == seller:
            users += 1
    return users >= terms.talk_threshold * terms.degree


@compiled
def _believe(first: int, count: int, state: State, desk: Desk) -> None:
    """Update beliefs with what was told."""
    at, learning = desk.places[0], state.terms[0].learning
    telling = 0
    for place in range(count):
        at.listed[telling] = place
        telling += 1 if at.told[place] != np.uint64(0) else 0
    for seller in range(state.sellers.size):
        notes = desk.notes[seller]
        found = pick(at.listed, telling, at.told, seller, at.among)
        for entry in range(found):
            place = at.among[entry]
            at.heard[place] += notes.precision[place]
            if learning:
                believe(first + place, seller, notes.precision[place], notes.signal[place], state)
            notes.precision[place] = 0.0
            notes.signal[place] = 0.0
