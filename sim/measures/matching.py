"""Who buys from whom on the merits, and who stays because of a relationship."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["best_match", "better_elsewhere", "kept_by_liking", "retention_by_bond"]


def better_elsewhere(merit: ArrayLike, seller: ArrayLike) -> NDArray[np.bool_]:
    """Buyers for whom another seller is better on the merits than their own.

    Parameters
    ----------
    merit : array_like, shape (buyers, sellers)
        True value of each seller to each buyer, price taken off [utils]; -inf for a seller that
        is not in the market.
    seller : array_like of int, shape (buyers,)
        Whose customer each buyer is.

    Returns
    -------
    ndarray of bool, shape (buyers,)
    """
    values, own = np.asarray(merit, dtype=np.float64), np.asarray(seller)
    return np.asarray(values.max(axis=1) > values[np.arange(len(own)), own])


def best_match(merit: ArrayLike, seller: ArrayLike) -> float:
    """Part of the buyers who buy from the seller that is best for them.

    Parameters
    ----------
    merit, seller
        As for `better_elsewhere`.

    Returns
    -------
    float
        In [0, 1] [-]; NaN without buyers.
    """
    elsewhere = better_elsewhere(merit, seller)
    return float(1.0 - elsewhere.mean()) if elsewhere.size else math.nan


def kept_by_liking(merit: ArrayLike, liking: ArrayLike, seller: ArrayLike) -> NDArray[np.bool_]:
    """Buyers whose seller is not the best on the merits, but is once liking counts.

    Parameters
    ----------
    merit : array_like, shape (buyers, sellers)
        As for `better_elsewhere` [utils].
    liking : array_like, shape (buyers, sellers)
        What the relationship with each seller adds, the relief in price sensitivity
        included [utils].
    seller : array_like of int, shape (buyers,)
        Whose customer each buyer is.

    Returns
    -------
    ndarray of bool, shape (buyers,)
    """
    liked = np.asarray(merit, dtype=np.float64) + np.asarray(liking, dtype=np.float64)
    return np.asarray(better_elsewhere(merit, seller) & ~better_elsewhere(liked, seller))


def retention_by_bond(relationship: ArrayLike, stayed: ArrayLike, parts: int = 3) -> NDArray[np.float64]:
    """Part of the buyers who stayed, by the strength of the relationship that they had.

    Parameters
    ----------
    relationship : array_like, shape (buyers,)
        Relationship with the seller at the beginning, in [0, 1] [-].
    stayed : array_like of bool, shape (buyers,)
        Whether the buyer is with that seller at the end.
    parts : int
        Equal parts that buyers are divided into, weakest relationships first.

    Returns
    -------
    ndarray, shape (parts,)
        Retention [-]; NaN in all parts with fewer buyers than parts. Equal relationships fall
        into parts by their place, so that parts differ by at most one buyer.
    """
    if parts < 1:
        raise ValueError(f"buyers are divided into at least 1 part, not {parts}")
    bonds, kept = np.asarray(relationship, dtype=np.float64), np.asarray(stayed, dtype=np.float64)
    if bonds.size < parts:
        return np.full(parts, math.nan)
    order = np.argsort(bonds, kind="stable")
    return np.array([kept[part].mean() for part in np.array_split(order, parts)])
