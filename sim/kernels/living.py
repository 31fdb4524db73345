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
    me, sellers, terms = state.buyers[buyer], state.sellers, state.terms[0]
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
    bond = _bond(buyer, chosen, felt, expected, short, served, how, state, tally)
    best = _age(buyer, row, chosen, bond, state, tally)
    _reflect(buyer, felt, best, short, served, how, state)
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
) -> float:
    """Relationship with the chosen seller after the tick [-]."""
    bond = float(state.pairs[buyer, chosen].relationship)
    if not state.terms[0].relationship:
        return bond
    gain, loss = 0.0, 0.0
    if has(state.buyers[buyer].visited, chosen):
        gain = relationship.from_visit(bond, how.visit_bonding)
        tally.sellers[chosen].relationship_from_visits += fixed(gain)
    if served:
        trust = relationship.from_experience(bond, how.experience_bonding, felt, expected)
        tally.sellers[chosen].relationship_from_experience += fixed(trust)
        gain += trust
        loss = relationship.betrayed(bond, how.betrayal, short)
    kept = relationship.after_tick(bond, how.relationship_decay, gain, loss)
    tally.sellers[chosen].relationship += fixed(kept)
    return kept


@compiled
def _age(buyer: int, row: int, chosen: int, bond: float, state: State, tally: Tally) -> float:
    """A tick passes over what the buyer knows of and shares with each seller.

    Returns the belief mean of the best known seller [utils]. `bond` is the relationship with
    the chosen one.
    """
    me, terms = state.buyers[buyer], state.terms[0]
    how = state.behaviour[row]
    market = me.known & terms.trading
    visitors = me.visited & ~bit(chosen)
    learning, bonding = terms.learning, terms.relationship
    drift, most = how.belief_drift, terms.prior_variance
    decay, visit_bonding = how.relationship_decay, how.visit_bonding
    best = -np.inf
    errors, variances, known = 0, 0, 0
    for seller in range(state.sellers.size):
        pair = state.pairs[buyer, seller]
        mean, variance = belief(buyer, seller, state)
        if learning:
            variance = beliefs.drifted(variance, drift, most)
            pair.belief_variance = variance
        if has(market, seller):
            best = max(best, mean)
            error = mean - truth(buyer, seller, row, state)
            errors += fixed(error * error)
            variances += fixed(variance)
            known += 1
        if bonding:
            old = np.float64(pair.relationship)
            gain = 0.0
            if has(visitors, seller):
                gain = relationship.from_visit(old, visit_bonding)
                tally.sellers[seller].relationship_from_visits += fixed(gain)
            pair.relationship = relationship.after_tick(old, decay, gain, 0.0)
    state.pairs[buyer, chosen].relationship = bond
    tally.totals[BELIEF_ERROR] += errors
    tally.totals[BELIEF_VARIANCE] += variances
    tally.totals[BELIEFS] += known
    return best


@compiled
def _reflect(buyer: int, felt: float, best: float, short: float, served: bool, how: np.record, state: State) -> None:
    """Aspiration and patience after the tick."""
    me, terms = state.buyers[buyer], state.terms[0]
    if terms.aspiration and served:
        me.aspiration = aspirations.next_aspiration(
            np.float64(me.aspiration), how.aspiration_rate, how.aspiration_reach, felt, best
        )
    if terms.patience:
        me.patience = aspirations.next_patience(
            np.float64(me.patience), how.patience_rate, how.patience_norm, how.patience_loss, short
        )
    else:
        me.patience = how.patience_norm
