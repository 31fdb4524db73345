"""How fast a position erodes, and when one seller passes another."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "gap_half_life",
    "half_life",
    "half_life_of_hazard",
    "hazard",
    "leading_rival",
    "rebound",
    "time_to_exit",
    "time_to_overtake",
]

YEAR = 12  # ticks in the window that a half-life starts from (model A12)


def half_life(share: ArrayLike, *, window: int = YEAR) -> float:
    """Erosion half-life: first tick at which the share has fallen to half of where it began.

    Where it began is the mean of the first `window` ticks (of all, if the path is shorter).
    The share must have been above half of that before: a seller that only grows into its
    first year has not eroded. One that entered later builds its first year up from nothing,
    so that half of that year says nothing about erosion; for entrants, see `time_to_exit` and
    `time_to_overtake`, which `sim.results.summary` gives in the place of a half-life.

    Parameters
    ----------
    share : array_like, shape (ticks,)
        Market share from the opening on [-].
    window : int
        Length of the beginning, at least 1 [ticks]; 1 takes the first tick alone.

    Returns
    -------
    float
        Ticks since the beginning of the path [ticks]; inf if the share did not halve within
        it (right-censored); NaN if the share was 0 all through the window, or the path empty.
    """
    path = _path(share)
    if window < 1:
        raise ValueError(f"a window has at least 1 tick; this one has {window}")
    if path.size == 0 or not path[:window].mean() > 0:
        return math.nan
    half = 0.5 * path[:window].mean()
    start = int(np.argmax(path > half))  # there is one: the largest of the window is above half its mean
    below = np.flatnonzero(path[start:] <= half)
    return float(start + below[0]) if below.size else math.inf


def hazard(share: ArrayLike) -> float:
    """Hazard of erosion: the negative of the least-squares slope of the log share over time.

    Parameters
    ----------
    share : array_like, shape (ticks,)
        Market share [-]. A path that reaches 0 is used up to the tick before.

    Returns
    -------
    float
        Loss of log share a tick [1/tick], below 0 for a seller that grows; NaN if fewer than
        two ticks are left. A constant loss h a tick gives -ln(1 - h).
    """
    path = _path(share)
    gone = np.flatnonzero(~(path > 0))
    path = path[: gone[0]] if gone.size else path
    if path.size < 2:
        return math.nan
    time = np.arange(path.size) - 0.5 * (path.size - 1)
    logarithm = np.log(path)
    return float(-(time @ (logarithm - logarithm.mean())) / (time @ time))


def half_life_of_hazard(rate: float) -> float:
    """Half-life under a constant hazard, ln 2 / rate.

    Parameters
    ----------
    rate : float
        Hazard as `hazard` gives it [1/tick].

    Returns
    -------
    float
        Ticks until half is left [ticks]; inf if nothing erodes.
    """
    if math.isnan(rate):
        return math.nan
    return math.log(2.0) / rate if rate > 0 else math.inf


def gap_half_life(eigenvalue: float) -> float:
    """Ticks after which half of the distance to the stationary shares is left.

    Parameters
    ----------
    eigenvalue : float
        Second eigenvalue of a switching matrix in (-1, 1), see `second_eigenvalue` [-].

    Returns
    -------
    float
        ln ½ / ln |eigenvalue| [ticks]; 0 for an eigenvalue of 0.
    """
    if not abs(eigenvalue) < 1:
        raise ValueError(f"an eigenvalue of {eigenvalue:.6g} never closes the gap")
    return math.log(0.5) / math.log(abs(eigenvalue)) if eigenvalue else 0.0


def leading_rival(share: ArrayLike, seller: int) -> NDArray[np.float64]:
    """Share of the largest of the other sellers, tick by tick.

    Parameters
    ----------
    share : array_like, shape (ticks, sellers)
        Market shares [-].
    seller : int
        The seller whose rivals are meant.

    Returns
    -------
    ndarray, shape (ticks,)
        Share of the largest rival [-]; 0 where there is none.
    """
    rivals = np.delete(np.asarray(share, dtype=np.float64), seller, axis=1)
    return np.asarray(rivals.max(axis=1, initial=0.0))


def rebound(share: ArrayLike) -> float:
    """How far the share has come back from its lowest point.

    Parameters
    ----------
    share : array_like, shape (ticks,)
        Market share [-].

    Returns
    -------
    float
        Last share less the smallest, at least 0 [-]; NaN for an empty path.
    """
    path = _path(share)
    return float(path[-1] - path.min()) if path.size else math.nan


def time_to_overtake(challenger: ArrayLike, other: ArrayLike) -> float:
    """First tick at which the challenger's share is above the other's.

    Parameters
    ----------
    challenger, other : array_like, shape (ticks,)
        Market shares from the challenger's entry on [-]; `other` may be a seller or the
        `leading_rival`.

    Returns
    -------
    float
        Ticks since the challenger's entry [ticks]; 0 if it is ahead from the start; inf if it
        never is within the path (right-censored); NaN for an empty path.
    """
    mine, theirs = _path(challenger), _path(other)
    if mine.shape != theirs.shape:
        raise ValueError(f"two paths over the same ticks are needed, not {mine.size} and {theirs.size} ticks")
    if mine.size == 0:
        return math.nan
    ahead = np.flatnonzero(mine > theirs)
    return float(ahead[0]) if ahead.size else math.inf


def time_to_exit(alive: ArrayLike) -> float:
    """First tick at which a seller that was in the market no longer is.

    Parameters
    ----------
    alive : array_like of bool, shape (ticks,)
        Whether the seller is in the market, from the opening of the market on.

    Returns
    -------
    float
        Ticks since the beginning of the path [ticks]; inf if it stays to the end
        (right-censored); NaN if it never was in the market.
    """
    path = np.asarray(alive, dtype=bool)
    if not path.any():
        return math.nan
    entry = int(np.argmax(path))
    gone = np.flatnonzero(~path[entry:])
    return float(entry + gone[0]) if gone.size else math.inf


def _path(values: ArrayLike) -> NDArray[np.float64]:
    path = np.asarray(values, dtype=np.float64)
    if path.ndim != 1:
        raise ValueError(f"one path is needed, shape (ticks,), not {path.shape}")
    return path
