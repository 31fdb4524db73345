"""Symmetric games between strategies: best responses, equilibria, and which way a population goes.

Pay-offs have the shape (strategies, strategies, replications): what the first earns against the
second in each replication.
"""

from __future__ import annotations

import math
import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures import Estimate, mean_interval

__all__ = ["Equilibrium", "Response", "basins", "best_responses", "equilibria", "payoffs_of", "populations"]

Values = NDArray[np.float64]
SHOWN = 0.005  # weights below this count as none
HORIZON = 300.0  # time of the replicator dynamics, where pay-offs differ by 1 at most
LEVEL = (2.5, 97.5)


class Response(NamedTuple):
    """The best answer to a strategy.

    Attributes
    ----------
    against, best, second : int
        Places of the strategy, of the best answer to it and of the next best.
    lead : Estimate
        How much more the best earns than the next best, paired by replication.
    """

    against: int
    best: int
    second: int
    lead: Estimate

    @property
    def clear(self) -> bool:
        """Whether the interval of the lead keeps clear of zero."""
        return self.lead.low > 0


class Equilibrium(NamedTuple):
    """A pair of (mixed) strategies that are best answers to each other.

    Attributes
    ----------
    weights : ndarray, shape (2, strategies)
        How often each player plays each strategy [-].
    payoffs : ndarray, shape (2,)
        What each player expects.
    found : float
        Part of bootstrap samples of replications that have an equilibrium with the same
        strategies [-]; NaN with one replication.
    """

    weights: Values
    payoffs: Values
    found: float

    @property
    def pure(self) -> bool:
        """Whether each player has one strategy."""
        return bool(((self.weights > 0).sum(axis=1) == 1).all())

    @property
    def symmetric(self) -> bool:
        """Whether both players do the same."""
        return bool(np.allclose(self.weights[0], self.weights[1], atol=1e-9))


def payoffs_of(first: Values, second: Values) -> Values:
    """Pay-offs of a game whose places are alike, from plays with the strategies in both places.

    Parameters
    ----------
    first, second : ndarray, shape (strategies, strategies, replications)
        What who plays first and who plays second earns when the first plays the strategy of the
        row and the second that of the column.

    Returns
    -------
    ndarray, shape (strategies, strategies, replications)
        What the strategy of the row earns against that of the column: the mean over both places.
    """
    return 0.5 * (first + second.swapaxes(0, 1))


def best_responses(payoffs: Values) -> list[Response]:
    """The best answer to each strategy; a tie goes to the first."""
    found = []
    for against in range(payoffs.shape[1]):
        order = np.argsort(-payoffs[:, against].mean(axis=1), kind="stable")
        best, second = int(order[0]), int(order[1])
        lead = mean_interval(payoffs[best, against] - payoffs[second, against])
        found.append(Response(against, best, second, lead))
    return found


def equilibria(payoffs: Values, *, resamples: int, seed: int) -> list[Equilibrium]:
    """All equilibria of the game of mean pay-offs, pure ones first; of two that mirror each other one.

    Mixed ones by enumeration of supports of equal size, which finds all unless the game is
    degenerate (nashpy); pure ones by comparison, ties included.

    Raises
    ------
    ModuleNotFoundError
        If nashpy is not installed.
    """
    import nashpy

    means = payoffs.mean(axis=2)
    pairs = [np.eye(len(means))[[row, column]] for row, column in _pure(means) if row <= column]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # about ties, which the pure ones already show
        for row, column in nashpy.Game(means, means.T).support_enumeration(non_degenerate=True):
            weights = np.array([row, column], dtype=np.float64)
            if not any(_same(weights, known) or _same(weights[::-1], known) for known in pairs):
                pairs.append(weights)
    samples = _samples(payoffs, resamples, seed)
    found = []
    for weights in pairs:
        earned = np.array([weights[0] @ means @ weights[1], weights[1] @ means @ weights[0]])
        part = float(np.mean([_holds(sample, weights > 0) for sample in samples])) if len(samples) else math.nan
        found.append(Equilibrium(weights, earned, part))
    return sorted(found, key=lambda one: (not one.pure, not one.symmetric, -float(one.payoffs.sum())))


def populations(payoffs: Values, times: Values, *, resamples: int, seed: int) -> Values:
    """Which way a population goes that starts with equal parts of all strategies.

    Replicator dynamics (Taylor & Jonker 1978).

    Parameters
    ----------
    payoffs : ndarray, shape (strategies, strategies, replications)
    times : ndarray
        In units in which the pay-offs differ by 1 at most.

    Returns
    -------
    ndarray, shape (3, times, strategies)
        Parts in the game of mean pay-offs, and the bounds of 95 % of bootstrap samples of
        replications; NaN bounds with one replication.

    Raises
    ------
    ModuleNotFoundError
        If nashpy is not installed.
    """
    start = np.full(len(payoffs), 1 / len(payoffs))
    path = _replicated(payoffs.mean(axis=2), start, times)
    samples = _samples(payoffs, resamples, seed)
    if not len(samples):
        return np.stack([path, np.full_like(path, math.nan), np.full_like(path, math.nan)])
    low, high = np.percentile([_replicated(sample, start, times) for sample in samples], LEVEL, axis=0)
    return np.stack([path, np.minimum(low, path), np.maximum(high, path)])


def basins(payoffs: Values, *, starts: int, seed: int) -> list[tuple[tuple[int, ...], float]]:
    """Where a population ends from starts all over the simplex.

    Returns
    -------
    list of (strategies, part)
        The strategies that are left, and the part of the starts that end so, the largest first [-].
    """
    means = payoffs.mean(axis=2)
    times = np.array([0.0, HORIZON])
    found: dict[tuple[int, ...], int] = {}
    for start in np.random.default_rng(seed).dirichlet(np.ones(len(means)), starts):
        left = _replicated(means, start, times)[-1]
        key = tuple(int(place) for place in np.flatnonzero(left > SHOWN))
        found[key] = found.get(key, 0) + 1
    return sorted(((key, number / starts) for key, number in found.items()), key=lambda one: -one[1])


def _replicated(means: Values, start: Values, times: Values) -> Values:
    import nashpy

    scale = float(np.ptp(means)) or 1.0
    scaled = (means - means.min()) / scale
    return np.asarray(nashpy.Game(scaled).replicator_dynamics(y0=start, timepoints=times), dtype=np.float64)


def _pure(means: Values) -> list[tuple[int, int]]:
    best = means >= means.max(axis=0)
    return [(int(row), int(column)) for row, column in np.argwhere(best & best.T)]


def _same(one: Values, other: Values) -> bool:
    return bool(np.allclose(one, other, atol=1e-6))


def _samples(payoffs: Values, resamples: int, seed: int) -> list[Values]:
    """Mean pay-offs of bootstrap samples of replications; none if there is one replication."""
    number = payoffs.shape[2]
    if number < 2:
        return []
    rng = np.random.default_rng(seed)
    return [payoffs[:, :, rng.integers(number, size=number)].mean(axis=2) for _ in range(resamples)]


def _holds(means: Values, played: NDArray[np.bool_]) -> bool:
    """Whether a game has an equilibrium in which just these strategies are played."""
    from nashpy.algorithms.support_enumeration import is_ne, solve_indifference

    supports = tuple(np.flatnonzero(part) for part in played)
    row = solve_indifference(means, supports[1], supports[0])
    column = solve_indifference(means, supports[0], supports[1])
    if row is False or column is False:
        return False
    return bool(is_ne((row, column), supports, (means, means.T)))
