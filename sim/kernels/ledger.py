"""The books of choices: customers, switches and their causes, episodes."""

from __future__ import annotations

import numpy as np

from sim.columns import (
    BUYER_INITIATED,
    DECIDED_BEFORE_CONTACT,
    DISAPPOINTMENT,
    HOMEWORK,
    HOMEWORKS,
    MET,
    PUSH_MESSAGE,
    SELLER_GONE,
    SELLER_INITIATED,
    SWITCHES,
    VISIT,
    State,
    Tally,
)
from sim.compiled import compiled
from sim.kernels.looking import NO_RESEARCH
from sim.kernels.row import bit, fixed, has

__all__ = ["settle"]


@compiled
def settle(
    buyer: int,
    chosen: int,
    contacted: np.uint64,
    inspected: np.uint64,
    cause: int,
    heard: float,
    researched: float,
    state: State,
    tally: Tally,
) -> None:
    """Enter the choice in the books: customers, the ledger of switches, the episode.

    An episode is a run of ticks in which the buyer considers a rival; it is set off by what
    came first: a contact, research, or the loss of the seller.

    Parameters
    ----------
    cause : int
        What started research, from `research`.
    heard, researched : float
        Precision gathered by listening and by research [1/utils²].
    """
    me = state.buyers[buyer]
    own = int(me.seller)
    rivals = contacted & ~bit(own)
    orphan = not state.sellers[own].trading
    episode = int(me.episode)
    if rivals == np.uint64(0) and cause == NO_RESEARCH and not orphan:
        episode = 0
    else:
        if episode == 0:
            episode = 1 + _opening_cause(rivals, cause, orphan, buyer, state)
            me.homework = 0.0
            me.gathered = 0.0
        if rivals != np.uint64(0):
            episode |= MET
        me.gathered += heard + researched
        if not episode & MET:
            me.homework += researched
    if chosen != own:
        set_off = (episode & ~MET) - 1
        if episode == 0:  # a stage was overridden and chose without a reason that the ledger knows
            set_off = DISAPPOINTMENT
        tally.switches[set_off, own, chosen] += 1
        tally.totals[SWITCHES] += 1
        if has(inspected, chosen):
            tally.totals[BUYER_INITIATED] += 1
        elif has(contacted, chosen):
            tally.totals[SELLER_INITIATED] += 1
        if me.gathered > 0.0:
            tally.totals[HOMEWORK] += fixed(np.float64(me.homework) / np.float64(me.gathered))
            tally.totals[HOMEWORKS] += 1
        if not episode & MET or me.favourite == chosen:
            tally.totals[DECIDED_BEFORE_CONTACT] += 1
        episode = 0
    me.episode = episode
    me.chosen = chosen
    me.known |= bit(chosen)
    tally.sellers[chosen].customers += 1


@compiled
def _opening_cause(rivals: np.uint64, cause: int, orphan: bool, buyer: int, state: State) -> int:
    if orphan:
        return SELLER_GONE
    if rivals & state.buyers[buyer].visited != np.uint64(0):
        return VISIT
    if rivals != np.uint64(0):
        return PUSH_MESSAGE
    return cause
