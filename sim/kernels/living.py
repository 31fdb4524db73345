"""Delivery and what it leaves (steps 6 and 7)."""

from __future__ import annotations

import numpy as np

from sim.columns import (
    ASPIRATION,
    BELIEF_ERROR,
    BELIEF_VARIANCE,
    BELIEFS,
    DISSATISFIED,
    ORDERED,
    PATIENCE,
    SATISFIED,
    SILENT,
    SURPLUS,
    State,
    Tally,
)
from sim.compiled import compiled
from sim.kernels.row import behaviour_row, belief, believe, bit, fixed, has, pull_mode, truth
from sim.rules import aspiration as aspirations
from sim.rules import beliefs, relationship

__all__ = ["experience"]


@compiled
def experience(buyer: int, pull_share: float, noise: float, state: State, tally: Tally) -> None:
    """Delivery and what it leaves: beliefs, aspiration, patience, relationships (steps 6 and 7).

    `noise` is a standard normal number [-].
    """
    me, pairs, sellers, terms = state.buyers[buyer], state.pairs, state.sellers, state.terms[0]
    row = behaviour_row(buyer, pull_mode(buyer, pull_share, state), state)
    how = state.behaviour[row]
    chosen = int(me.chosen)
    expected = np.float64(me.aspiration)
    served = me.orders > 0 and sellers[chosen].trading
    felt, short = expected, 0.0
    if served:
        promised = truth(buyer, chosen, row, state)
        felt = promised + how.experience_noise * noise
        short = aspirations.shortfall(expected, felt)
        me.experience = felt
        me.surprise = felt - promised
        if terms.learning:
            _learn(buyer, chosen, felt, how, state)
        tally.totals[SURPLUS] += fixed(promised / how.price_sensitivity - sellers[chosen].price)
        tally.totals[ORDERED] += 1
    _reflect(buyer, felt, short, served, how, state)
    _bond(buyer, chosen, felt, expected, short, served, how, state, tally)
    market = me.known & terms.trading
    for seller in range(sellers.size):
        mean, variance = belief(buyer, seller, state)
        if terms.learning:
            variance = beliefs.drifted(variance, how.belief_drift, terms.prior_variance)
            pairs[buyer, seller].belief_variance = variance
        if has(market, seller):
            error = mean - truth(buyer, seller, row, state)
            tally.totals[BELIEF_ERROR] += fixed(error * error)
            tally.totals[BELIEF_VARIANCE] += fixed(variance)
            tally.totals[BELIEFS] += 1
    aspired = np.float64(me.aspiration)
    me.talk = SILENT
    if served:
        me.talk = DISSATISFIED if felt < aspired else SATISFIED
        tally.sellers[chosen].satisfaction += fixed(felt - aspired)
        tally.sellers[chosen].served += 1
    tally.totals[ASPIRATION] += fixed(aspired)
    tally.totals[PATIENCE] += fixed(np.float64(me.patience))
    if chosen != me.seller:
        me.tenure = 0
    elif me.tenure < 65535:
        me.tenure += 1
    me.seller = chosen


@compiled
def _learn(buyer: int, seller: int, felt: float, how: np.record, state: State) -> None:
    """Own experience as a signal about the seller."""
    pairs = state.pairs
    if how.experience_noise <= 0.0:  # an experience without noise tells all
        pairs[buyer, seller].belief_mean = felt
        pairs[buyer, seller].belief_variance = 0.0
        return
    precision = 1.0 / (how.experience_noise * how.experience_noise)
    believe(buyer, seller, precision, felt * precision, state)


@compiled
def _reflect(buyer: int, felt: float, short: float, served: bool, how: np.record, state: State) -> None:
    """Aspiration and patience after the tick."""
    me, terms = state.buyers[buyer], state.terms[0]
    if terms.aspiration and served:
        best = -np.inf
        market = me.known & terms.trading
        for seller in range(state.sellers.size):
            if has(market, seller):
                best = max(best, belief(buyer, seller, state)[0])
        me.aspiration = aspirations.next_aspiration(
            np.float64(me.aspiration), how.aspiration_rate, how.aspiration_reach, felt, best
        )
    if terms.patience:
        me.patience = aspirations.next_patience(
            np.float64(me.patience), how.patience_rate, how.patience_norm, how.patience_loss, short
        )
    else:
        me.patience = how.patience_norm


@compiled
def _bond(
    buyer: int,
    chosen: int,
    felt: float,
    expected: float,
    short: float,
    served: bool,
    how: np.record,
    state: State,
    tally: Tally,
) -> None:
    """Relationships with all sellers after the tick."""
    if not state.terms[0].relationship:
        return
    visited = state.buyers[buyer].visited
    bonds = state.pairs[buyer]
    bond = np.float64(bonds[chosen].relationship)
    gain, loss = 0.0, 0.0
    if has(visited, chosen):
        gain = relationship.from_visit(bond, how.visit_bonding)
        tally.sellers[chosen].relationship_from_visits += fixed(gain)
    if served:
        trust = relationship.from_experience(bond, how.experience_bonding, felt, expected)
        tally.sellers[chosen].relationship_from_experience += fixed(trust)
        gain += trust
        loss = relationship.betrayed(bond, how.betrayal, short)
    kept = relationship.after_tick(bond, how.relationship_decay, gain, loss)
    tally.sellers[chosen].relationship += fixed(kept)
    others = visited & ~bit(chosen)
    for seller in range(state.sellers.size):
        bond = np.float64(bonds[seller].relationship)
        gain = 0.0
        if others != np.uint64(0) and has(others, seller):
            gain = relationship.from_visit(bond, how.visit_bonding)
            tally.sellers[seller].relationship_from_visits += fixed(gain)
        bonds[seller].relationship = relationship.after_tick(bond, how.relationship_decay, gain, 0.0)
    bonds[chosen].relationship = kept
