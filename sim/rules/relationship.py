"""Relationship capital: built by visits and by experience, lost by time and betrayal (model A8).

Sources: Dwyer, Schurr & Oh 1987; Morgan & Hunt 1994 (commitment and trust), from memory.
"""

from __future__ import annotations

from sim.compiled import compiled

__all__ = ["after_tick", "betrayed", "from_experience", "from_visit"]


@compiled
def from_visit(relationship: float, bonding: float) -> float:
    """Relationship that a visit adds: ``η_V (1 - R)`` [-]."""
    return bonding * (1.0 - relationship)


@compiled
def from_experience(relationship: float, bonding: float, experience: float, aspiration: float) -> float:
    """Relationship that an experience adds if it is at most half a util below the aspiration [-].

    ``η_X (1 - R)`` if x >= A - 1/2, else 0.
    """
    if experience >= aspiration - 0.5:
        return bonding * (1.0 - relationship)
    return 0.0


@compiled
def betrayed(relationship: float, betrayal: float, shortfall: float) -> float:
    """Relationship that a disappointing experience costs: ``χ R (A - x)+`` [-]."""
    return betrayal * relationship * shortfall


@compiled
def after_tick(relationship: float, decay: float, gain: float, loss: float) -> float:
    """Relationship after a tick, in [0, 1] [-]; decay, gains and losses all act on the old one."""
    return min(max((1.0 - decay) * relationship + gain - loss, 0.0), 1.0)
