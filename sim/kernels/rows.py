"""The stages looped over rows: what the columns engine runs, in as many threads as there are chunks.

Buyers are taken a block at a time. What every buyer needs in every tick, its random words and
the aim of the sellers, is drawn in plain loops over the block, which the compiler turns into
vector instructions; the stages then follow buyer by buyer.
"""

from __future__ import annotations

import numpy as np

from sim.columns import BLOCK, Desk, State, Tally
from sim.compiled import compiled, compiled_loop
from sim.draws import central_normal, is_central, normal
from sim.kernels import sellers, stages

__all__ = ["clear", "decide", "decide_alone", "deliver", "whole_tick"]


@compiled_loop
def whole_tick(
    tick: int,
    pull_share: float,
    state: State,
    selling_terms: np.ndarray,
    tally: Tally,
    scratch: np.ndarray,
    desk: Desk,
) -> None:
    """Steps 1 to 8 in one call and one thread."""
    buyers = state.buyers.size
    clear(tally)
    sellers.open_tick(state, selling_terms, tick, buyers)
    decide(0, buyers, tick, pull_share, state, tally, scratch, desk)
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
    start: int, stop: int, tick: int, pull_share: float, state: State, tally: Tally, scratch: np.ndarray, desk: Desk
) -> None:
    """Steps 2 to 5 for the buyers in [start, stop): from contacts to choice."""
    for first in range(start, stop, BLOCK):
        count = min(BLOCK, stop - first)
        _draw_words(first, count, tick, state, desk)
        for place in range(count):  # before the aim: a successor attends as a buyer of its own generation
            stages.begin(first + place, tick, pull_share, desk.orders[place], state, tally)
        _aim(first, count, tick, pull_share, state, desk)
        for place in range(count):
            buyer = first + place
            me = state.buyers[buyer]
            contacted, heard, before = stages.listen(
                buyer,
                tick,
                pull_share,
                desk.talk[place],
                desk.visited[place],
                desk.load[place],
                desk.likely[place],
                state,
                tally,
                scratch,
            )
            cause, inspected, researched = stages.research(
                buyer, tick, pull_share, desk.research[place], before, state, tally, scratch
            )
            chosen = int(me.seller)
            if me.orders > 0:
                considered = stages.consideration(buyer, contacted, inspected, state)
                for order in range(me.orders):
                    chosen = stages.choose(buyer, tick, order, pull_share, contacted, considered, state, tally)
                    stages.order_from(buyer, chosen, state, tally)
            stages.settle(buyer, chosen, contacted, inspected, cause, heard, researched, state, tally)
            desk.contacted[place] = contacted
            desk.inspected[place] = inspected


@compiled_loop
def decide_alone(
    buyer: int, tick: int, pull_share: float, state: State, tally: Tally, scratch: np.ndarray, desk: Desk
) -> tuple[np.uint64, np.uint64]:
    """`decide` for one buyer; returns the bits of the sellers that contacted it and that it inspected."""
    decide(buyer, buyer + 1, tick, pull_share, state, tally, scratch, desk)
    return desk.contacted[0], desk.inspected[0]


@compiled_loop
def deliver(start: int, stop: int, tick: int, pull_share: float, state: State, tally: Tally, desk: Desk) -> None:
    """Steps 6 and 7 for the buyers in [start, stop): delivery and what it leaves."""
    for first in range(start, stop, BLOCK):
        count = min(BLOCK, stop - first)
        _draw_noise(first, count, tick, state, desk)
        for place in range(count):
            stages.experience(first + place, pull_share, desk.noise[place], state, tally)


@compiled
def _draw_words(first: int, count: int, tick: int, state: State, desk: Desk) -> None:
    for place in range(count):
        words = stages.month_words(first + place, tick, state)
        desk.research[place] = words[0]
        desk.orders[place] = words[1]
        desk.talk[place] = words[3]


@compiled
def _draw_noise(first: int, count: int, tick: int, state: State, desk: Desk) -> None:
    for place in range(count):
        desk.research[place] = stages.month_words(first + place, tick, state)[2]
    for place in range(count):
        desk.noise[place] = central_normal(desk.research[place])
    for place in range(count):  # the tails need a logarithm, which would keep the loop above from the vector units
        if not is_central(desk.research[place]):
            desk.noise[place] = normal(desk.research[place])


@compiled
def _aim(first: int, count: int, tick: int, pull_share: float, state: State, desk: Desk) -> None:
    """`stages.aim` for a block, seller by seller."""
    for place in range(count):
        buyer = first + place
        row = stages.behaviour_row(buyer, stages.pull_mode(buyer, pull_share, state), state)
        desk.own[place] = state.buyers[buyer].seller
        desk.attention[place] = state.behaviour[row].attention
        desk.visited[place] = np.uint64(0)
        desk.load[place] = 0
        desk.likely[place] = np.uint64(0)
    if not state.terms[0].contacts:
        return
    for seller in range(state.sellers.size):
        if not state.sellers[seller].trading:
            continue
        mark = stages.bit(seller)
        for place in range(count):
            words = stages.contact_words(first + place, seller, tick, state)
            visits, aims, attends = stages.aimed_by(
                words, seller, desk.own[place] == seller, desk.attention[place], state
            )
            desk.visited[place] |= mark if visits else np.uint64(0)
            desk.load[place] += 1 if aims else 0
            desk.likely[place] |= mark if attends else np.uint64(0)
