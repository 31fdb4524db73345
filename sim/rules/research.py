"""Research that the buyer initiates: when, and on whom (model A6).

Sources: problemistic search after Simon 1955 and March & Simon 1958 (from memory); Weitzman
1979 for the order and the stop; Stigler 1961 and Hauser & Wernerfelt 1990 for the fixed sample.
"""

from __future__ import annotations

import math

import numpy as np

from sim.compiled import compiled
from sim.draws import logarithm, logistic

__all__ = [
    "discovery_probability",
    "fixed_sample_size",
    "research_gap",
    "research_precision",
    "research_probability",
    "reservation_index",
    "reservation_value",
    "spread",
    "surely_not",
]


@compiled
def research_gap(
    aspiration: float,
    belief_mean: float,
    shield: float,
    patience: float,
    relationship: float,
    indifference: float,
    temperature: float,
) -> float:
    """How strong the reason to look around is: ``(A - m - ζ Z R - z0) / τ`` [-].

    Disappointment starts the search, patience with a relationship holds it back.

    Parameters
    ----------
    aspiration, belief_mean : float
        What is expected, and what is believed of the incumbent [utils].
    shield, patience, relationship : float
        ζ [utils], Z and R in [0, 1] [-].
    indifference, temperature : float
        z0 and τ [utils].
    """
    return (aspiration - belief_mean - shield * patience * relationship - indifference) / temperature


@compiled
def research_probability(routine: float, gap: float) -> float:
    """Probability that a buyer looks around this tick: ``p0 + (1 - p0) logistic(gap)`` [-].

    Parameters
    ----------
    routine : float
        p0, research without a reason [1/tick].
    gap : float
        From `research_gap` [-].
    """
    return routine + (1.0 - routine) * logistic(gap)


@compiled
def surely_not(u: float, routine: float, gap: float) -> bool:
    """Whether a uniform number is beyond `research_probability`, told without an exponential.

    With ``exp(x) >= 1 + x + x² / 2`` for x >= 0, logistic(-x) is at most ``1 / (2 + x + x² / 2)``.

    Parameters
    ----------
    u : float
        Uniform number [-].
    routine : float
        p0 [1/tick].
    gap : float
        Argument of the logistic [-].
    """
    return gap < 0.0 and (u - routine) * (2.0 - gap + 0.5 * gap * gap) > 1.0 - routine


@compiled
def discovery_probability(discovery: float, self_service: float, floor: float) -> float:
    """Probability that research finds a seller that was unknown [-]."""
    return discovery * max(self_service, floor)


@compiled
def research_precision(
    self_service: float, floor: float, research_variance: float, review_variance: float, review_reading: float
) -> float:
    """Precision of one inspection: own research on a transparent seller, and reviews [1/utils²]."""
    return max(self_service, floor) / research_variance + review_reading / review_variance


@compiled
def spread(variance: float, precision: float) -> float:
    """Standard deviation of the belief's move in one inspection [utils].

    ``σ̃ = sqrt(v² / (v + σ²))`` with σ² = 1 / precision, which is the fall of the variance.
    """
    return np.sqrt(variance * variance * precision / (1.0 + variance * precision))


def _loss(z: float) -> float:
    """Expected gain over z of a standard normal: φ(z) - z (1 - Φ(z))."""
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi) - z * math.erfc(z / math.sqrt(2)) / 2


_STEP = 1.0 / 256.0
_LOWEST = math.log(_loss(6.5))
_HIGHEST = math.log(_loss(-5.0))  # beyond, h is -ratio within 1e-7


def _index_table() -> np.ndarray:
    """Table of h at equal steps of log(κ / σ̃), from dense values of the inverse function."""
    grid = np.linspace(-5.5, 6.5, 24001)
    logs = np.log([_loss(float(z)) for z in grid])
    wanted = np.arange(_LOWEST, _HIGHEST + _STEP, _STEP)
    return np.interp(wanted, logs[::-1], grid[::-1])


_TABLE = _index_table()


@compiled
def reservation_index(ratio: float) -> float:
    """The h that solves ``φ(h) - h (1 - Φ(h)) = ratio``, ratio = κ / σ̃ > 0 [-].

    By table, within 1e-5; beyond the table's ends 6.5 from above, and -ratio from below, which
    the true function approaches.
    """
    place = (logarithm(max(ratio, 1e-300)) - _LOWEST) / _STEP
    if place <= 0.0:
        return 6.5
    if place >= _TABLE.size - 1:
        return -ratio
    step = int(place)
    part = place - step
    return _TABLE[step] * (1.0 - part) + _TABLE[step + 1] * part


@compiled
def reservation_value(base: float, spread: float, search_cost: float) -> float:
    """Value at which inspecting a seller just pays: ``base + σ̃ h(κ / σ̃)`` [utils].

    Parameters
    ----------
    base : float
        Value of the seller if the inspection told nothing new [utils].
    spread : float
        σ̃ [utils]; 0 leaves nothing to learn and the value is base - κ.
    search_cost : float
        κ [utils].
    """
    if spread < 1e-9:
        return base - search_cost
    return base + spread * reservation_index(search_cost / spread)


# Expected maximum of n standard normals less that of n - 1, for n = 2, 3, ... (Harter 1961 tabulates them).
def _increments() -> np.ndarray:
    grid = np.linspace(-9.0, 9.0, 36001)
    below = 0.5 * np.array([math.erfc(-float(z) / math.sqrt(2)) for z in grid])
    width = grid[1] - grid[0]
    # E max of n = integral of 1 - Φ^n over z > 0, less that of Φ^n over z < 0; only differences are kept
    return np.array([float((below ** (n - 1) - below**n).sum() * width) for n in range(2, 65)])


_INCREMENTS = _increments()


@compiled
def fixed_sample_size(ratio: float) -> int:
    """How many sellers to consider when the number is fixed beforehand [-].

    The largest n whose last step in the expected maximum of n normals is worth the cost,
    κ / σ = `ratio`; at most 64.
    """
    size = 1
    for increment in _INCREMENTS:
        if increment < ratio:
            break
        size += 1
    return size
