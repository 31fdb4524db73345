"""Who has how much of the market, and how concentrated it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["effective_sellers", "hhi", "met_by_buyers", "revenue_share", "unit_share"]


def unit_share(customers: ArrayLike) -> NDArray[np.float64]:
    """Market share by customers.

    Parameters
    ----------
    customers : array_like, shape (..., sellers)
        Customers of each seller [buyers], at least 0.

    Returns
    -------
    ndarray, shape (..., sellers)
        Share of each seller [-]; NaN where nobody has a customer.
    """
    return _part(customers)


def revenue_share(revenue: ArrayLike) -> NDArray[np.float64]:
    """Market share by revenue.

    Parameters
    ----------
    revenue : array_like, shape (..., sellers)
        Revenue of each seller [money/tick], at least 0.

    Returns
    -------
    ndarray, shape (..., sellers)
        Share of each seller [-]; NaN where nobody has revenue.
    """
    return _part(revenue)


def _part(amounts: ArrayLike) -> NDArray[np.float64]:
    held = np.asarray(amounts, dtype=np.float64)
    whole = held.sum(axis=-1, keepdims=True)
    return np.divide(held, whole, out=np.full_like(held, np.nan), where=whole > 0)


def hhi(share: ArrayLike) -> NDArray[np.float64]:
    """Herfindahl-Hirschman index, the sum of squared shares (Hirschman 1945; Herfindahl 1950).

    Parameters
    ----------
    share : array_like, shape (..., sellers)
        Market shares that add up to 1 [-].

    Returns
    -------
    ndarray, shape (...)
        Index in [1 / sellers, 1] [-].
    """
    held = np.asarray(share, dtype=np.float64)
    return np.asarray((held * held).sum(axis=-1))


def effective_sellers(share: ArrayLike) -> NDArray[np.float64]:
    """Number of equal sellers that would give the same concentration, 1 / HHI.

    Parameters
    ----------
    share : array_like, shape (..., sellers)
        Market shares that add up to 1 [-].

    Returns
    -------
    ndarray, shape (...)
        Equivalent number of sellers in [1, sellers] [sellers].
    """
    return np.asarray(1.0 / hhi(share))


def met_by_buyers(share: ArrayLike, figure: ArrayLike) -> NDArray[np.float64]:
    """What the average buyer meets at its seller: a figure of the sellers weighted by market share.

    Parameters
    ----------
    share : array_like, shape (..., sellers)
        Market shares that add up to 1 [-].
    figure : array_like, shape (..., sellers)
        Price, self-service or another figure of each seller; what a seller without customers
        has does not count, and may be NaN.

    Returns
    -------
    ndarray, shape (...)
        In the unit of the figure.
    """
    held, values = np.asarray(share, dtype=np.float64), np.asarray(figure, dtype=np.float64)
    return np.asarray(np.where(held > 0, held * values, 0.0).sum(axis=-1))
