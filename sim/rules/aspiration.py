"""Aspiration and patience (model A9): what is expected, and how long its lack is borne.

Sources: Cyert & March 1963 and Levinthal & March 1981 for adaptive aspiration (from memory).
"""

from __future__ import annotations

from sim.compiled import compiled

__all__ = ["next_aspiration", "next_patience", "shortfall"]


@compiled
def shortfall(aspiration: float, experience: float) -> float:
    """How far an experience falls short of what was expected: ``(A - x)+`` [utils]."""
    return max(aspiration - experience, 0.0)


@compiled
def next_aspiration(aspiration: float, rate: float, reach: float, experience: float, best_known: float) -> float:
    """Aspiration one tick later [utils].

    ``A + ρ [(1 - ω) x + ω max m - A]``: own experience, and in pull partly the best seller known.
    """
    return aspiration + rate * ((1.0 - reach) * experience + reach * best_known - aspiration)


@compiled
def next_patience(patience: float, rate: float, norm: float, loss: float, shortfall: float) -> float:
    """Patience one tick later, in [0, 1]: back to its norm, less disappointment [-]."""
    return min(max(patience + rate * (norm - patience) - loss * shortfall, 0.0), 1.0)
