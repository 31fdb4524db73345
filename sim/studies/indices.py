"""What matters: effects and indices of factors with their intervals, as functions of arrays.

Outcomes have the shape (points, replications); points share their draws. What is estimated is
estimated from the points' means over replications.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures import mean_interval

__all__ = ["Index", "elementary_effects", "factorial_indices", "morris_indices", "noise_share", "sobol_indices"]

Values = NDArray[np.float64]
LEVEL = (2.5, 97.5)


class Index(NamedTuple):
    """One figure about one factor, or about two together.

    Attributes
    ----------
    name : str
        ``mean_effect``, ``importance`` (mean size of the effect), ``spread`` (its standard
        deviation), ``first`` and ``total`` (parts of the variance between points), ``pair``
        (that of two factors together, beyond both), ``effect``, ``interaction``.
    factor, other : int
        Places of the factors; `other` is -1 if there is only one.
    value, low, high : float
        Estimate and 95 % interval, NaN where there is none.
    """

    name: str
    factor: int
    other: int
    value: float
    low: float
    high: float


def noise_share(outcomes: Values) -> float:
    """How much of the variance of the points' means is the chance of their replications [-].

    What a replication adds to all points alike does not make them differ; what remains of a
    replication after that, over the number of replications, is noise in the means.

    Parameters
    ----------
    outcomes : ndarray, shape (points, replications)

    Returns
    -------
    float
        NaN with one replication or one point, or if the means do not vary.
    """
    points, replications = outcomes.shape
    if points < 2 or replications < 2:
        return math.nan
    means = outcomes.mean(axis=1)
    between = float(means.var(ddof=1))
    if between <= 0:
        return math.nan
    rest = outcomes - means[:, None] - outcomes.mean(axis=0) + outcomes.mean()
    return float((rest**2).sum()) / ((points - 1) * (replications - 1)) / replications / between


def elementary_effects(places: Values, outcomes: Values) -> Values:
    """Elementary effects of trajectories in which one factor moves at a time (Morris 1991).

    Parameters
    ----------
    places : ndarray, shape (trajectories * (factors + 1), factors)
        In the unit cube, trajectory by trajectory.
    outcomes : ndarray, shape (trajectories * (factors + 1),)

    Returns
    -------
    ndarray, shape (trajectories, factors)
        Change of the outcome over the change of the factor's place: what a factor does that goes
        through its whole range, were it to go on like that.
    """
    factors = places.shape[1]
    paths = places.reshape(-1, factors + 1, factors)
    steps = np.diff(paths, axis=1)
    changes = np.diff(outcomes.reshape(-1, factors + 1), axis=1)
    which = np.abs(steps).argmax(axis=2)
    moved = np.take_along_axis(steps, which[:, :, None], axis=2)[:, :, 0]
    effects = np.empty((len(paths), factors))
    np.put_along_axis(effects, which, changes / moved, axis=1)
    return effects


def morris_indices(places: Values, outcomes: Values, *, resamples: int, seed: int) -> list[Index]:
    """Mean effect, importance and spread of every factor (Morris 1991; Campolongo et al. 2007).

    Intervals are percentiles of bootstrap samples of trajectories and replications.
    """
    factors = places.shape[1]
    trajectories = len(places) // (factors + 1)

    def estimate(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Values:
        effects = elementary_effects(places, outcomes[:, columns].mean(axis=1))[rows]
        spread = effects.std(axis=0, ddof=1) if len(rows) > 1 else np.full(factors, math.nan)
        return np.stack([effects.mean(axis=0), np.abs(effects).mean(axis=0), spread])

    found, low, high = _bootstrapped(estimate, trajectories, outcomes.shape[1], resamples, seed)
    return _listed(("mean_effect", "importance", "spread"), found, low, high)


def sobol_indices(outcomes: Values, factors: int, *, pairs: bool, resamples: int, seed: int) -> list[Index]:
    """First-order and total indices of every factor, and of pairs (Sobol' 2001; Saltelli et al. 2010).

    Parameters
    ----------
    outcomes : ndarray, shape (points, replications)
        In the order of SALib's sample.
    factors : int
    pairs : bool
        Whether the sample has the points that indices of pairs need.
    resamples, seed : int
        Of the bootstrap: samples of the design's rows and of replications.

    Raises
    ------
    ModuleNotFoundError
        If SALib is not installed.
    """
    from SALib.analyze.sobol import first_order, second_order, total_order

    size = (2 * factors if pairs else factors) + 2
    blocks = len(outcomes) // size

    def estimate(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Values:
        table = outcomes[:, columns].mean(axis=1).reshape(blocks, size)
        spread = table.std()
        if spread <= 0:
            return np.zeros((2 + (factors if pairs else 0), factors))
        table = ((table - table.mean()) / spread)[rows]  # the estimators are steadier around zero
        first, last = table[:, 0], table[:, -1]
        mixed = table[:, 1 : factors + 1]
        found = [
            [first_order(first, mixed[:, place], last) for place in range(factors)],
            [total_order(first, mixed[:, place], last) for place in range(factors)],
        ]
        if pairs:
            back = table[:, factors + 1 : 2 * factors + 1]
            for one in range(factors):
                row = [math.nan] * factors
                for other in range(one + 1, factors):
                    row[other] = second_order(first, mixed[:, one], mixed[:, other], back[:, one], last)
                found.append(row)
        return np.array(found, dtype=np.float64)

    found, low, high = _bootstrapped(estimate, blocks, outcomes.shape[1], resamples, seed)
    return _listed(("first", "total"), found, low, high)


def factorial_indices(signs: Values, outcomes: Values, *, resamples: int, seed: int) -> list[Index]:
    """Effects of factors and of pairs in a full factorial of two levels, and their parts of the variance.

    An effect is the mean outcome with the factor at its second level less that at its first, over
    all settings of the others; an interaction is half of what one factor does more when the other
    is at its second level (Box, Hunter & Hunter 2005). Both are taken in every replication, so
    that their Student-t intervals are paired. Parts of the variance have bootstrap intervals over
    replications.

    Parameters
    ----------
    signs : ndarray, shape (points, factors)
        -1 or +1: which level.
    outcomes : ndarray, shape (points, replications)
    resamples, seed : int
        Of the bootstrap.
    """
    points, factors = signs.shape
    found = [_contrast("effect", factor, -1, 2 * (signs[:, factor] @ outcomes) / points) for factor in range(factors)]
    found += [
        _contrast("interaction", one, other, 2 * ((signs[:, one] * signs[:, other]) @ outcomes) / points)
        for one in range(factors)
        for other in range(one + 1, factors)
    ]
    walsh, members = _walsh(signs)

    def estimate(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Values:
        parts = (walsh @ outcomes[:, columns].mean(axis=1) / points) ** 2
        whole = parts[members.any(axis=1)].sum()
        if whole <= 0:
            return np.zeros((2, factors))
        alone = members.sum(axis=1) == 1
        first = [parts[alone & members[:, factor]].sum() for factor in range(factors)]
        total = [parts[members[:, factor]].sum() for factor in range(factors)]
        return np.array([first, total]) / whole

    return found + _listed(("first", "total"), *_bootstrapped(estimate, 1, outcomes.shape[1], resamples, seed))


def _contrast(name: str, factor: int, other: int, contrasts: Values) -> Index:
    estimate = mean_interval(contrasts)
    return Index(name, factor, other, estimate.mean, estimate.low, estimate.high)


def _walsh(signs: Values) -> tuple[Values, NDArray[np.bool_]]:
    """All products of signs, and which factors each has, shapes (products, points) and (products, factors)."""
    factors = signs.shape[1]
    products, members = [np.ones(len(signs))], [np.zeros(factors, bool)]
    for factor in range(factors):
        products += [product * signs[:, factor] for product in products]
        members += [member | (np.arange(factors) == factor) for member in members]
    return np.array(products), np.array(members)


def _bootstrapped(
    estimate: Callable[[NDArray[np.intp], NDArray[np.intp]], Values],
    rows: int,
    replications: int,
    resamples: int,
    seed: int,
) -> tuple[Values, Values, Values]:
    """An estimate and its percentile interval over samples of rows and replications."""
    found = estimate(np.arange(rows), np.arange(replications))
    if rows * replications < 2:
        return found, np.full_like(found, math.nan), np.full_like(found, math.nan)
    rng = np.random.default_rng(seed)
    drawn = np.array(
        [
            estimate(rng.integers(rows, size=rows), rng.integers(replications, size=replications))
            for _ in range(resamples)
        ]
    )
    low, high = np.percentile(drawn, LEVEL, axis=0)
    return found, low, high


def _listed(names: tuple[str, ...], found: Values, low: Values, high: Values) -> list[Index]:
    """Rows of estimates as indices; rows beyond the names are those of pairs."""
    listed = [
        Index(name, factor, -1, *map(float, (found[row, factor], low[row, factor], high[row, factor])))
        for row, name in enumerate(names)
        for factor in range(found.shape[1])
    ]
    for one in range(len(found) - len(names)):
        row = one + len(names)
        listed += [
            Index("pair", one, other, *map(float, (found[row, other], low[row, other], high[row, other])))
            for other in range(one + 1, found.shape[1])
        ]
    return listed
