"""Loyalty seen in histories of purchases: what repeat owes to tastes, to order, and to the last purchase."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["excess_frequency", "repeat_by_chance", "two_step_repeat_of_chain"]


def repeat_by_chance(counts: ArrayLike) -> float:
    """Repeat rate to expect if the purchases of each buyer came in a random order.

    What the repeat rate has above it is inertia; what it has itself above the sum of squared
    shares is that buyers differ.

    Parameters
    ----------
    counts : array_like, shape (buyers, sellers)
        Purchases of each buyer by seller; buyers with fewer than two do not count [purchases].

    Returns
    -------
    float
        In [0, 1] [-].
    """
    held = np.asarray(counts, dtype=np.float64)
    size = held.sum(axis=1)
    held, size = held[size > 1], size[size > 1]
    same = (held * (held - 1)).sum(axis=1) / (size * (size - 1))
    return float((same * (size - 1)).sum() / (size - 1).sum())


def two_step_repeat_of_chain(probabilities: ArrayLike, shares: ArrayLike) -> float:
    """Two-step repeat to expect if only the last purchase mattered: ``Σ s_j (P²)_jj``.

    Parameters
    ----------
    probabilities : array_like, shape (sellers, sellers)
        Switching matrix; rows add up to 1 [-].
    shares : array_like, shape (sellers,)
        Of the purchases from which two steps are counted [-].

    Returns
    -------
    float
        In [0, 1] [-].
    """
    matrix = np.asarray(probabilities, dtype=np.float64)
    return float(np.asarray(shares, dtype=np.float64) @ np.diagonal(matrix @ matrix))


def excess_frequency(penetration: ArrayLike, frequency: ArrayLike) -> NDArray[np.float64]:
    """``w (1 - b)``: alike for all sellers where double jeopardy is all there is (Ehrenberg 1972).

    A seller with more than the others is a niche: few buyers, who buy it often.

    Parameters
    ----------
    penetration : array_like, shape (..., sellers)
        b, part of the buyers who buy the seller [-].
    frequency : array_like, shape (..., sellers)
        w, purchases a buyer of the seller [purchases].

    Returns
    -------
    ndarray, shape (..., sellers)
        [purchases]
    """
    return np.asarray(np.asarray(frequency, dtype=np.float64) * (1.0 - np.asarray(penetration, dtype=np.float64)))
