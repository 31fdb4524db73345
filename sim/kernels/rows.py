"""The stages looped over rows: what the columns engine runs, in as many threads as there are chunks."""

from __future__ import annotations

import numpy as np

from sim.columns import State, Tally
from sim.compiled import compiled
from sim.kernels import stages

__all__ = ["decide", "deliver"]


@compiled
def decide(start: int, stop: int, tick: int, pull_share: float, state: State, tally: Tally, scratch: np.ndarray) -> None:
    """Steps 2 to 5 for the buyers in [start, stop): from contacts to choice."""
    for buyer in range(start, stop):
        me = state.buyers[buyer]
        words = stages.month_words(buyer, tick, state)
        stages.begin(buyer, tick, pull_share, words[1], state, tally)
        contacted, heard, before = stages.listen(buyer, tick, pull_share, words[3], state, tally, scratch)
        cause, inspected, researched = stages.research(
            buyer, tick, pull_share, words[0], before, state, tally, scratch
        )
        chosen = int(me.seller)
        if me.orders > 0:
            considered = stages.consideration(buyer, contacted, inspected, state)
            for order in range(me.orders):
                chosen = stages.choose(buyer, tick, order, pull_share, contacted, considered, state, tally)
                stages.order_from(buyer, chosen, state, tally)
        stages.settle(buyer, chosen, contacted, inspected, cause, heard, researched, state, tally)


@compiled
def deliver(start: int, stop: int, tick: int, pull_share: float, state: State, tally: Tally) -> None:
    """Steps 6 and 7 for the buyers in [start, stop): delivery and what it leaves."""
    for buyer in range(start, stop):
        stages.experience(buyer, pull_share, stages.month_words(buyer, tick, state)[2], state, tally)
