"""One buyer's row and pairs, and lists of places in a block: what every stage uses."""

from __future__ import annotations

import numpy as np

from sim.columns import (
    FIXED,
    State,
)
from sim.compiled import compiled
from sim.draws import block, central_normal, is_central, normal
from sim.rules import beliefs, choice

__all__ = [
    "behaviour_row",
    "belief",
    "believe",
    "bit",
    "draw_normals",
    "draw_words",
    "fixed",
    "has",
    "pick",
    "pull_mode",
    "truth",
    "value",
    "worth",
]


@compiled
def bit(seller: int) -> np.uint64:
    """The bit of a seller in `known` and `visited`."""
    return np.uint64(1) << np.uint64(seller)


@compiled
def has(bits: np.uint64, seller: int) -> bool:
    """Whether the seller's bit is set."""
    return (bits >> np.uint64(seller)) & np.uint64(1) != np.uint64(0)


@compiled
def fixed(x: float) -> int:
    """A real number in integer parts of 1 / FIXED, so that sums do not depend on their order."""
    return int(x * FIXED)


@compiled
def pull_mode(buyer: int, pull_share: float, state: State) -> int:
    """1 if the buyer is in pull mode, else 0."""
    return 1 if state.buyers[buyer].pull_threshold < pull_share else 0


@compiled
def behaviour_row(buyer: int, mode: int, state: State) -> int:
    """Row of `State.behaviour` that the buyer acts on."""
    return 2 * int(state.buyers[buyer].segment) + mode


@compiled
def truth(buyer: int, seller: int, row: int, state: State) -> float:
    """Mean experience that the seller would give the buyer now [utils]."""
    return state.appeal[row, seller] + state.pairs[buyer, seller].taste


@compiled
def belief(buyer: int, seller: int, state: State) -> tuple[float, float]:
    """Belief mean [utils] and variance [utils²]; stored in 32 bits, reckoned in 64."""
    pair = state.pairs[buyer, seller]
    return np.float64(pair.belief_mean), np.float64(pair.belief_variance)


@compiled
def believe(buyer: int, seller: int, precision: float, signal: float, state: State) -> None:
    """Update a belief with signals of total `precision`, `signal` their precision-weighted sum."""
    mean, variance = belief(buyer, seller, state)
    state.pairs[buyer, seller].belief_mean = beliefs.posterior_mean(mean, variance, precision, signal)
    state.pairs[buyer, seller].belief_variance = beliefs.posterior_variance(variance, precision)


@compiled
def worth(buyer: int, seller: int, belief_variance: float, how: np.record, state: State) -> float:
    """Value of a seller if its belief variance were the given one, without switching cost [utils]."""
    pair = state.pairs[buyer, seller]
    return choice.value(
        np.float64(pair.belief_mean),
        belief_variance,
        how.risk_aversion,
        how.price_sensitivity,
        how.relationship_price_relief,
        state.sellers[seller].price,
        how.relationship_weight,
        np.float64(pair.relationship),
    )


@compiled
def value(buyer: int, seller: int, how: np.record, state: State) -> float:
    """Value of a seller under present beliefs, without switching cost, persuasion and shock [utils]."""
    return worth(buyer, seller, np.float64(state.pairs[buyer, seller].belief_variance), how, state)


@compiled
def pick(listed: np.ndarray, count: int, bits: np.ndarray, seller: int, among: np.ndarray) -> int:
    """List those of `count` listed places that have the seller's bit, in order. Returns how many.

    An entry is always written and counted only if it stays: a branch here would be guessed wrong.
    """
    found = 0
    for entry in range(count):
        among[found] = listed[entry]
        found += 1 if has(bits[listed[entry]], seller) else 0
    return found


@compiled
def draw_words(first: int, count: int, key: int, tick: int, purpose: int, state: State, at: np.record) -> None:
    """Words for the buyers at the first `count` places of `among`, in vector instructions."""
    terms = state.terms[0]
    for entry in range(count):
        words = block(terms.key0, terms.key1, first + at.among[entry], key, tick, purpose)
        at.words[0, entry] = words[0]
        at.words[1, entry] = words[1]


@compiled
def draw_normals(count: int, at: np.record) -> None:
    """Standard normal numbers into `shock` from the first `count` first words."""
    for entry in range(count):
        at.shock[entry] = central_normal(at.words[0, entry])
    for entry in range(count):  # the tails need a logarithm, which would keep the loop above from the vector units
        if not is_central(at.words[0, entry]):
            at.shock[entry] = normal(at.words[0, entry])
