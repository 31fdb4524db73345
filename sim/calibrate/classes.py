"""Latent classes of buyers with inertia, by maximum likelihood: where the fit by simulation starts.

A buyer of class k first buys seller j with probability π_kj. At each later purchase it stays with
its seller without looking around with probability φ, and otherwise chooses anew from π_k. Fitted
by expectation-maximisation (Dempster, Laird & Rubin 1977) on what the likelihood needs of each
history: the first seller, the stays and the arrivals by seller.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Classes", "Histories", "best_classes", "fit_classes", "histories_of", "log_likelihoods", "refit"]

Array = NDArray[np.float64]
PRIOR = 0.05  # purchases of each seller added to a class, so that no probability becomes 0
ROUNDS, ENOUGH = 2000, 1e-9
STARTS, CLIMBS = 24, 6


class Histories(NamedTuple):
    """What the likelihood needs of each buyer's history; shape (buyers, sellers) each.

    Attributes
    ----------
    fresh : ndarray
        Purchases that were certainly chosen anew: the first, and all that changed seller.
    stays : ndarray
        Purchases from the seller of the purchase before.
    """

    fresh: Array
    stays: Array


class Classes(NamedTuple):
    """Classes of tastes and one inertia.

    Attributes
    ----------
    weights : ndarray, shape (classes,)
        Part of the buyers in each class, falling [-].
    shares : ndarray, shape (classes, sellers)
        Probability of each seller when a buyer chooses anew [-].
    inertia : float
        φ, probability of staying without looking around [-].
    log_likelihood : float
    membership : ndarray, shape (buyers, classes)
        Posterior probability of each class for each buyer [-].
    """

    weights: Array
    shares: Array
    inertia: float
    log_likelihood: float
    membership: Array

    @property
    def free(self) -> int:
        """Number of free parameters."""
        classes, sellers = self.shares.shape
        return classes - 1 + classes * (sellers - 1) + 1

    def bic(self, buyers: int) -> float:
        """Bayesian information criterion over buyers (Schwarz 1978); the smaller the better."""
        return -2 * self.log_likelihood + self.free * math.log(buyers)


def histories_of(choices: NDArray[np.int64], lengths: NDArray[np.int64], sellers: int) -> Histories:
    """Reduce choices to what the likelihood needs.

    Parameters
    ----------
    choices : ndarray, shape (buyers, purchases)
        Sellers as positions; read up to each buyer's length.
    lengths : ndarray, shape (buyers,)
        [purchases]
    """
    buyers, longest = choices.shape
    there = np.arange(longest) < lengths[:, None]
    same = np.zeros_like(there)
    same[:, 1:] = choices[:, 1:] == choices[:, :-1]
    cells = np.arange(buyers)[:, None] * sellers + choices

    def counted(which: NDArray[np.bool_]) -> Array:
        return np.bincount(cells[which], minlength=buyers * sellers).reshape(buyers, sellers).astype(np.float64)

    return Histories(counted(there & ~same), counted(there & same))


def log_likelihoods(histories: Histories, shares: Array, inertia: float) -> Array:
    """Log-likelihood of each history in each class, shape (buyers, classes)."""
    anew = np.log(shares)
    stay = np.log(inertia + (1 - inertia) * shares)
    arrivals = histories.fresh.sum(axis=1) - 1
    return histories.fresh @ anew.T + histories.stays @ stay.T + (arrivals * np.log1p(-inertia))[:, None]


def fit_classes(
    histories: Histories,
    weights: Array,
    shares: Array,
    inertia: float,
    *,
    ordered: bool = True,
    counts: Array | None = None,
    rounds: int = ROUNDS,
) -> Classes:
    """Climb from a start to a maximum of the likelihood.

    Parameters
    ----------
    histories : Histories
    weights, shares, inertia
        Start; see `Classes`.
    ordered : bool
        False leaves the inertia at its start: without an order of purchases nothing tells it.
    counts : ndarray, shape (buyers,), optional
        How often each buyer counts, for a bootstrap.
    rounds : int
        Most iterations.
    """
    buyers, sellers = histories.fresh.shape
    times = np.ones(buyers) if counts is None else counts
    moves = histories.fresh.sum(axis=1) - 1 + histories.stays.sum(axis=1)
    before = -math.inf
    for _ in range(rounds):
        joint = log_likelihoods(histories, shares, inertia) + np.log(weights)
        top = joint.max(axis=1, keepdims=True)
        total = top[:, 0] + np.log(np.exp(joint - top).sum(axis=1))
        membership = np.exp(joint - total[:, None])
        now = float(times @ total)
        if now - before < ENOUGH * abs(now):
            break
        before = now
        held = membership * times[:, None]
        # of the stays in each class, those that were chosen anew
        anew = (1 - inertia) * shares / (inertia + (1 - inertia) * shares)
        stays = held.T @ histories.stays
        chosen = held.T @ histories.fresh + stays * anew + PRIOR / sellers
        shares = chosen / chosen.sum(axis=1, keepdims=True)
        weights = np.maximum(held.sum(axis=0), 1e-9) / times.sum()
        weights /= weights.sum()
        if ordered and times @ moves > 0:
            inertia = float((stays * (1 - anew)).sum() / (times @ moves))
            inertia = min(max(inertia, 1e-6), 1 - 1e-6)
    order = np.argsort(-weights, kind="stable") if counts is None else np.arange(len(weights))
    return Classes(weights[order], shares[order], inertia, now, membership[:, order])


def refit(histories: Histories, classes: Classes, counts: Array, *, ordered: bool = True) -> Classes:
    """Fit again with other counts of the buyers, from the fitted classes, which keep their order."""
    return fit_classes(
        histories, classes.weights, classes.shares, classes.inertia, ordered=ordered, counts=counts, rounds=200
    )


def best_classes(
    histories: Histories, classes: int, *, ordered: bool = True, seed: int = 0, starts: int = STARTS
) -> Classes:
    """The best of several climbs with so many classes.

    Starts are shares of buyers drawn at random, spread out as in k-means++ (Arthur &
    Vassilvitskii 2007).

    Parameters
    ----------
    histories : Histories
    classes : int
        At least 1.
    ordered : bool
        Whether the order of purchases is known; else the inertia is 0.
    seed : int
    starts : int
        Climbs; short ones first, and the best few to the top.
    """
    random = np.random.default_rng([seed, classes])
    own = histories.fresh + histories.stays
    own = (own + 0.5) / (own + 0.5).sum(axis=1, keepdims=True)
    tried: list[Classes] = []
    for _ in range(1 if classes == 1 else starts):
        shares = own[_spread(own, classes, random)]
        start = fit_classes(
            histories,
            np.full(classes, 1 / classes),
            0.8 * shares + 0.2 * own.mean(axis=0),
            0.3 if ordered else 0.0,
            ordered=ordered,
            rounds=40,
        )
        tried.append(start)
    tried.sort(key=lambda one: -one.log_likelihood)
    climbed = [fit_classes(histories, one.weights, one.shares, one.inertia, ordered=ordered) for one in tried[:CLIMBS]]
    return max(climbed, key=lambda one: one.log_likelihood)


def _spread(points: Array, count: int, random: np.random.Generator) -> list[int]:
    """Rows far from one another, drawn with chances that grow with the squared distance."""
    picked = [int(random.integers(len(points)))]
    while len(picked) < count:
        distance = ((points[:, None] - points[picked]) ** 2).sum(axis=2).min(axis=1)
        whole = distance.sum()
        chance = distance / whole if whole > 0 else np.full(len(points), 1 / len(points))
        picked.append(int(random.choice(len(points), p=chance)))
    return picked
