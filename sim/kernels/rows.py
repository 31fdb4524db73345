"""The stages looped over rows: what the columns engine runs, over all of them or, in several threads, over parts.

Buyers are taken a block at a time. What many of them need at once, random words, the aim of the
sellers and what is told, is worked out in loops over the block or over a list of places in it,
which the compiler turns into vector instructions or at least guesses right; the other stages
follow buyer by buyer.
"""

from __future__ import annotations

import numpy as np

from sim.columns import BLOCK, Desk, State, Tally
from sim.compiled import compiled, compiled_loop
from sim.kernels import sellers, stages

__all__ = ["clear", "decide", "decide_alone", "deliver", "whole_tick"]


@compiled_loop
def whole_tick(
    tick: int,
    pull_share: float,
    state: State,
    selling_terms: np.ndarray,
    tally: Tally,
    desk: Desk,
) -> None:
    """Steps 1 to 8 in one call and one thread."""
    buyers = state.buyers.size
    clear(tally)
    sellers.open_tick(state, selling_terms, tick, buyers)
    decide(0, buyers, tick, pull_share, state, tally, desk)
    sellers.serve_customers(state, selling_terms, tally)
    deliver(0, buyers, tick, pull_share, state, tally, desk)
    sellers.end_tick(state, selling_terms, buyers)


@compiled
def clear(tally: Tally) -> None:
    """Set all counts to zero."""
    for seller in range(tally.sellers.size):
        row = tally.sellers[seller]
        row.customers = 0
        row.volume = 0
        row.visits_to_customers = 0
        row.visits_to_prospects = 0
        row.messages = 0
        row.inspections = 0
        row.satisfaction = 0
        row.served = 0
        row.relationship = 0
        row.relationship_from_visits = 0
        row.relationship_from_experience = 0
    tally.switches[:] = 0
    tally.totals[:] = 0


@compiled_loop
def decide(
    start: int, stop: int, tick: int, pull_share: float, state: State, tally: Tally, desk: Desk
) -> None:
    """Steps 2 to 5 for the buyers in [start, stop): from contacts to choice."""
    at = desk.places[0]
    for first in range(start, stop, BLOCK):
        if first < 0:  # tells the compiler that no row is counted from the end
            break
        count = min(BLOCK, stop - first)
        _draw_words(first, count, tick, state, desk)
        for place in range(count):  # before they listen: a successor attends as a buyer of its own generation
            stages.begin(first + place, tick, pull_share, at.orders_word[place], state, tally)
        stages.seat(first, count, pull_share, state, desk)
        stages.listen(first, count, tick, state, tally, desk)
        most = 0
        for place in range(count):
            buyer = first + place
            at.contacted[place] = at.visited[place] | at.messaged[place]
            at.cause[place], at.inspected[place], at.researched[place] = stages.research(
                buyer, tick, pull_share, at.research_word[place], at.before[place], state, tally, desk.notes
            )
            at.considered[place] = stages.consideration(buyer, at.contacted[place], at.inspected[place], state)
            at.chosen[place] = at.own[place]
            most = max(most, int(state.buyers[buyer].orders))
        for order in range(most):
            stages.choose(first, count, tick, order, state, tally, desk)
            for place in range(count):
                if state.buyers[first + place].orders > order:
                    stages.order_from(first + place, at.chosen[place], state, tally)
        for place in range(count):
            stages.settle(
                first + place,
                at.chosen[place],
                at.contacted[place],
                at.inspected[place],
                at.cause[place],
                at.heard[place],
                at.researched[place],
                state,
                tally,
            )


@compiled_loop
def decide_alone(
    buyer: int, tick: int, pull_share: float, state: State, tally: Tally, desk: Desk
) -> tuple[np.uint64, np.uint64]:
    """`decide` for one buyer; returns the bits of the sellers that contacted it and that it inspected."""
    at = desk.places[0]
    decide(buyer, buyer + 1, tick, pull_share, state, tally, desk)
    return at.contacted[0], at.inspected[0]


@compiled_loop
def deliver(start: int, stop: int, tick: int, pull_share: float, state: State, tally: Tally, desk: Desk) -> None:
    """Steps 6 and 7 for the buyers in [start, stop): delivery and what it leaves."""
    at = desk.places[0]
    for first in range(start, stop, BLOCK):
        if first < 0:  # tells the compiler that no row is counted from the end
            break
        count = min(BLOCK, stop - first)
        for place in range(count):
            at.words[0, place] = stages.month_words(first + place, tick, state)[2]
        stages.draw_normals(count, at)
        for place in range(count):
            stages.experience(first + place, pull_share, at.shock[place], state, tally)


@compiled
def _draw_words(first: int, count: int, tick: int, state: State, desk: Desk) -> None:
    at = desk.places[0]
    for place in range(count):
        words = stages.month_words(first + place, tick, state)
        at.research_word[place] = words[0]
        at.orders_word[place] = words[1]
        at.talk_word[place] = words[3]
