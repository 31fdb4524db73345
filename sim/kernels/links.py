"""Whom a buyer listens to."""

from __future__ import annotations

import numpy as np

from sim.columns import State
from sim.compiled import compiled, compiled_loop
from sim.draws import PURPOSE, block, uniform

__all__ = ["anybody", "draw_links", "listened_to", "small_world"]


@compiled
def listened_to(buyer: int, slot: int, state: State) -> int:
    """The neighbour in a slot of a buyer."""
    if state.neighbours.shape[0] > 0:
        return int(state.neighbours[buyer, slot])
    return small_world(buyer, slot, state)


@compiled
def small_world(buyer: int, slot: int, state: State) -> int:
    """The neighbour in a slot of a directed small world (Watts & Strogatz 1998).

    Half the degree on either side of a ring, each link rewired with some probability to anybody.
    A link is drawn again whenever it is wanted, and takes no room.
    """
    terms, buyers = state.terms[0], state.buyers.size
    words = block(terms.key0, terms.key1, buyer, slot, 0, PURPOSE.LINK)
    offset = slot // 2 + 1
    other = buyer + offset if slot % 2 == 0 else buyer - offset
    other = other - buyers if other >= buyers else other
    other = other + buyers if other < 0 else other
    return anybody(buyer, words[1], buyers) if uniform(words[0]) < terms.rewiring else other


@compiled
def anybody(buyer: int, word: np.uint32, buyers: int) -> int:
    """Another buyer, each with the same probability."""
    other = int(uniform(word) * (buyers - 1))
    return other + 1 if other >= buyer else other


@compiled_loop
def draw_links(state: State, table: np.ndarray) -> None:
    """Write down whom each buyer listens to: a table of shape (buyers, degree)."""
    for buyer in range(table.shape[0]):
        for slot in range(table.shape[1]):
            table[buyer, slot] = listened_to(buyer, slot, state)
