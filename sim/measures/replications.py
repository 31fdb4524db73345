"""What replications say together: means, medians and proportions, each with its interval.

Durations are right-censored at the horizon. A mean over those observed alone would be too
short, so durations are summarised by their median. All are censored at the same tick, so
that the Kaplan-Meier curve is the empirical one and its median an order statistic.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Estimate", "half_width", "mean_interval", "median_interval", "proportion_interval", "t_interval"]

LEVEL = 0.95


class Estimate(NamedTuple):
    """A figure over replications.

    Attributes
    ----------
    mean : float
        Mean; for durations the median (inf: beyond the horizon), for yes-or-no the fraction.
    low, high : float
        Interval at the level asked for; NaN if there are too few replications for one; inf
        where it reaches beyond the horizon.
    replications : int
        Replications in which the figure is defined.
    censored : int
        Those of them in which the duration was still running at the horizon.
    """

    mean: float
    low: float
    high: float
    replications: int
    censored: int


def half_width(values: ArrayLike, *, level: float = LEVEL, axis: int = 0) -> NDArray[np.float64]:
    """Half the width of the Student-t interval of a mean (Gosset 1908).

    Parameters
    ----------
    values : array_like
        Replications along `axis`; NaN where not defined.
    level : float
        Coverage in (0, 1) [-].
    axis : int
        Axis of the replications.

    Returns
    -------
    ndarray
        Half-width in the unit of the values; NaN with fewer than two replications.
    """
    from scipy.special import stdtrit  # 0.1 s to import, and only a summary needs it

    figures = np.asarray(values, dtype=np.float64)
    defined = ~np.isnan(figures)
    count = defined.sum(axis=axis)
    known = np.maximum(count, 2)  # the rest is NaN below
    mean = np.where(defined, figures, 0.0).sum(axis=axis, keepdims=True) / np.expand_dims(np.maximum(count, 1), axis)
    spread = np.where(defined, figures - mean, 0.0)
    variance = (spread * spread).sum(axis=axis) / (known - 1)
    width = stdtrit(known - 1.0, 0.5 + 0.5 * level) * np.sqrt(variance / known)
    return np.where(count < 2, math.nan, width)


def t_interval(
    values: ArrayLike, *, level: float = LEVEL, axis: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean and Student-t interval along an axis, for bands around a path.

    Parameters
    ----------
    values : array_like
        Replications along `axis`; NaN where not defined.
    level : float
        Coverage in (0, 1) [-].
    axis : int
        Axis of the replications.

    Returns
    -------
    mean, low, high : ndarray
        In the unit of the values; `low` and `high` NaN with fewer than two replications, all
        NaN without any.
    """
    figures = np.asarray(values, dtype=np.float64)
    defined = ~np.isnan(figures)
    count = defined.sum(axis=axis)
    total = np.where(defined, figures, 0.0).sum(axis=axis)
    mean = np.divide(total, count, out=np.full(np.shape(total), math.nan), where=count > 0)
    half = half_width(figures, level=level, axis=axis)
    return mean, mean - half, mean + half


def mean_interval(values: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """Mean with its Student-t interval.

    Parameters
    ----------
    values : array_like, shape (replications,)
        Finite figures; NaN where not defined.
    level : float
        Coverage in (0, 1) [-].

    Returns
    -------
    Estimate
        Over the replications in which the figure is defined.
    """
    figures = _defined(values)
    if np.isinf(figures).any():
        raise ValueError("a censored duration has no mean: take median_interval")
    mean, low, high = t_interval(figures, level=level)
    return Estimate(float(mean), float(low), float(high), figures.size, 0)


def median_interval(values: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """Median of durations with its order-statistic interval, right-censored ones counted as such.

    The median is the first tick by which at least half have ended (the Kaplan-Meier median).
    The interval [x(k), x(n+1-k)] has the largest k with P(Bin(n, ½) < k) <= (1 - level) / 2
    (David & Nagaraja 2003, section 7.1), so that it covers at least `level`; below 6
    replications there is none at 95 %.

    Parameters
    ----------
    values : array_like, shape (replications,)
        Durations [ticks]; inf where censored, NaN where not defined.
    level : float
        Coverage in (0, 1) [-].

    Returns
    -------
    Estimate
        `mean` holds the median; inf if fewer than half have ended.
    """
    durations = np.sort(_defined(values))
    count = durations.size
    censored = int(np.isinf(durations).sum())
    if count == 0:
        return Estimate(math.nan, math.nan, math.nan, 0, 0)
    median = float(durations[(count + 1) // 2 - 1])
    rank = _lowest_rank(count, level)
    if rank == 0:
        return Estimate(median, math.nan, math.nan, count, censored)
    return Estimate(median, float(durations[rank - 1]), float(durations[count - rank]), count, censored)


def _lowest_rank(count: int, level: float) -> int:
    """Largest k with P(Bin(count, ½) < k) <= (1 - level) / 2; 0 if there is none."""
    from scipy.special import bdtr

    ranks = np.arange(1, count // 2 + 1)
    return int((bdtr(ranks - 1, count, 0.5) <= 0.5 * (1.0 - level)).sum())


def proportion_interval(values: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """Fraction of replications in which something is so, with Wilson's interval (Wilson 1927).

    A Student-t interval has no width when all replications agree; this one has.

    Parameters
    ----------
    values : array_like, shape (replications,)
        0 or 1; NaN where not defined.
    level : float
        Coverage in (0, 1) [-].

    Returns
    -------
    Estimate
        Fraction in [0, 1] with its interval.
    """
    from scipy.special import ndtri

    figures = _defined(values)
    count = figures.size
    if count == 0:
        return Estimate(math.nan, math.nan, math.nan, 0, 0)
    part, score = float(figures.mean()), float(ndtri(0.5 + 0.5 * level))
    centre = (part + score**2 / (2 * count)) / (1 + score**2 / count)
    half = score / (1 + score**2 / count) * math.sqrt(part * (1 - part) / count + score**2 / (4 * count**2))
    # at a fraction of 0 or 1 the limit is that fraction, which rounding can miss
    return Estimate(part, min(centre - half, part), max(centre + half, part), count, 0)


def _defined(values: ArrayLike) -> NDArray[Any]:
    figures = np.asarray(values, dtype=np.float64).ravel()
    return figures[~np.isnan(figures)]
