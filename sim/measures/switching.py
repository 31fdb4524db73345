"""Who leaves whom: churn, switching matrices over any window, retention, who initiated."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "churn",
    "initiation_index",
    "loss_rate",
    "retention_by_tenure",
    "second_eigenvalue",
    "stationary_shares",
    "switching_counts",
    "switching_probabilities",
]


def churn(switchers: ArrayLike, buyers: int) -> NDArray[np.float64]:
    """Part of all buyers who changed seller.

    Parameters
    ----------
    switchers : array_like, shape (ticks,)
        Buyers who changed seller in each tick [buyers].
    buyers : int
        All buyers of the market, at least 1 [buyers].

    Returns
    -------
    ndarray, shape (ticks,)
        Churn in [0, 1] [1/tick].
    """
    return np.asarray(switchers, dtype=np.float64) / buyers


def switching_counts(
    tick: ArrayLike,
    from_seller: ArrayLike,
    to_seller: ArrayLike,
    buyers: ArrayLike,
    customers: ArrayLike,
    opening: ArrayLike,
    window: tuple[int, int] | None = None,
) -> NDArray[np.int64]:
    """Customer-ticks by the seller before and the seller after, over any window of ticks.

    Movers come from the switch ledger; those who stayed are the customers of the tick before
    less those who left. Rows therefore add up to the customer-ticks that a seller went into
    the window's ticks with, columns to those it came out with.

    Parameters
    ----------
    tick, from_seller, to_seller, buyers : array_like, shape (entries,)
        The ledger: tick [ticks], sellers as positions, buyers who moved [buyers].
    customers : array_like, shape (ticks, sellers)
        Customers at the end of each tick [buyers].
    opening : array_like, shape (sellers,)
        Customers before the first tick [buyers].
    window : (int, int), optional
        First tick and the tick after the last [ticks]; all ticks if left out.

    Returns
    -------
    ndarray of int64, shape (sellers, sellers)
        Counts, row: seller before, column: seller after [buyer-ticks].

    Raises
    ------
    ValueError
        If the window is not within the run, or the ledger does not add up to the change in
        customers within it.
    """
    after = np.asarray(customers, dtype=np.int64)
    ticks, sellers = after.shape
    start, stop = window or (0, ticks)
    if not 0 <= start <= stop <= ticks:
        raise ValueError(f"a window lies between ticks 0 and {ticks}; this one is {start} to {stop}")
    before = np.vstack([np.asarray(opening, dtype=np.int64)[None], after[:-1]])[start:stop]
    when = np.asarray(tick)
    inside = (when >= start) & (when < stop)
    counts = np.zeros((sellers, sellers), np.int64)
    rows, columns = np.asarray(from_seller)[inside], np.asarray(to_seller)[inside]
    np.add.at(counts, (rows, columns), np.asarray(buyers, dtype=np.int64)[inside])
    np.fill_diagonal(counts, 0)
    np.fill_diagonal(counts, before.sum(axis=0) - counts.sum(axis=1))
    if (counts < 0).any() or (counts.sum(axis=0) != after[start:stop].sum(axis=0)).any():
        raise ValueError("the switch ledger does not add up to the change in customers")
    return counts


def switching_probabilities(counts: ArrayLike) -> NDArray[np.float64]:
    """Switching matrix: probability of each seller next tick, given the seller now.

    Parameters
    ----------
    counts : array_like, shape (sellers, sellers)
        As `switching_counts` gives them [buyer-ticks].

    Returns
    -------
    ndarray, shape (sellers, sellers)
        Rows that add up to 1 [-]; NaN in the row of a seller that had no customers.
    """
    moved = np.asarray(counts, dtype=np.float64)
    whole = moved.sum(axis=1, keepdims=True)
    return np.divide(moved, whole, out=np.full_like(moved, np.nan), where=whole > 0)


def second_eigenvalue(probabilities: ArrayLike) -> float:
    """Second largest eigenvalue of a switching matrix by modulus: how slowly shares settle.

    Parameters
    ----------
    probabilities : array_like, shape (sellers, sellers), sellers >= 2
        Switching matrix, rows add up to 1 [-].

    Returns
    -------
    float
        Modulus in [0, 1] [-], with the sign of the eigenvalue where it is real. See
        `gap_half_life`.
    """
    values = np.linalg.eigvals(np.asarray(probabilities, dtype=np.float64))
    second = values[np.argsort(-np.abs(values), kind="stable")][1]
    return float(second.real) if abs(second.imag) < 1e-12 else float(abs(second))


def stationary_shares(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Shares that a switching matrix leaves unchanged.

    Parameters
    ----------
    probabilities : array_like, shape (sellers, sellers)
        Switching matrix of one class, rows add up to 1 [-].

    Returns
    -------
    ndarray, shape (sellers,)
        Shares that add up to 1 [-].
    """
    matrix = np.asarray(probabilities, dtype=np.float64)
    sellers = len(matrix)
    system = np.vstack([matrix.T - np.eye(sellers), np.ones(sellers)])
    return np.asarray(np.linalg.lstsq(system, np.append(np.zeros(sellers), 1.0), rcond=None)[0])


def loss_rate(counts: ArrayLike) -> NDArray[np.float64]:
    """Part of a seller's customers who leave it in a tick.

    Parameters
    ----------
    counts : array_like, shape (sellers, sellers)
        As `switching_counts` gives them [buyer-ticks].

    Returns
    -------
    ndarray, shape (sellers,)
        Losses a customer [1/tick]; NaN for a seller that had no customers.
    """
    return np.asarray(1.0 - np.diagonal(switching_probabilities(counts)))


def retention_by_tenure(tenure: ArrayLike, stayed: ArrayLike, edges: ArrayLike) -> NDArray[np.float64]:
    """Part of the buyers who stayed, by how long they had been customers.

    Parameters
    ----------
    tenure : array_like, shape (observations,)
        Ticks with the seller before the tick observed [ticks].
    stayed : array_like of bool, shape (observations,)
        Whether the buyer stayed in that tick.
    edges : array_like, shape (classes + 1,)
        Increasing borders of the classes: class k holds tenures in [edges[k], edges[k+1]) [ticks].

    Returns
    -------
    ndarray, shape (classes,)
        Retention [1/tick]; NaN for a class without buyers.
    """
    borders = np.asarray(edges)
    klass = np.searchsorted(borders, np.asarray(tenure), side="right") - 1
    inside = (klass >= 0) & (klass < borders.size - 1)
    all_buyers = np.bincount(klass[inside], minlength=borders.size - 1).astype(np.float64)
    kept = np.bincount(klass[inside], weights=np.asarray(stayed, dtype=np.float64)[inside], minlength=borders.size - 1)
    return np.divide(kept, all_buyers, out=np.full_like(kept, np.nan), where=all_buyers > 0)


def initiation_index(buyer_initiated: ArrayLike, seller_initiated: ArrayLike) -> float:
    """Buyer-initiated part of the switches that somebody initiated.

    Parameters
    ----------
    buyer_initiated, seller_initiated : array_like
        Switches that followed research of the buyer's own, and contacts of sellers alone [buyers].

    Returns
    -------
    float
        In [0, 1] [-]; NaN if there were none.
    """
    own, theirs = float(np.sum(buyer_initiated)), float(np.sum(seller_initiated))
    return own / (own + theirs) if own + theirs > 0 else math.nan
