"""What the market is worth: to buyers, to sellers, and a customer to a seller."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "belief_error",
    "consumer_surplus",
    "customer_equity",
    "expected_maximum",
    "expected_orders",
    "homework_share",
    "logsum_surplus",
    "margin_multiple",
    "producer_surplus",
    "satisfaction",
]


def satisfaction(experience: ArrayLike, aspiration: ArrayLike) -> NDArray[np.float64]:
    """Experience less what was aspired to.

    Parameters
    ----------
    experience, aspiration : array_like, shape (buyers,)
        What the buyers got, and what they had come to expect [utils].

    Returns
    -------
    ndarray, shape (buyers,)
        Satisfaction, below 0 when disappointed [utils].
    """
    return np.asarray(np.asarray(experience, dtype=np.float64) - np.asarray(aspiration, dtype=np.float64))


def belief_error(belief_mean: ArrayLike, truth: ArrayLike) -> float:
    """Mean squared error of what buyers believe.

    Parameters
    ----------
    belief_mean, truth : array_like, shape (beliefs,)
        Expected and true mean experience [utils].

    Returns
    -------
    float
        At least 0 [utils²]; NaN if there are no beliefs.
    """
    error = np.asarray(belief_mean, dtype=np.float64) - np.asarray(truth, dtype=np.float64)
    return float(np.mean(error * error)) if error.size else math.nan


def homework_share(own_precision: ArrayLike, precision: ArrayLike) -> float:
    """Part of what was learned that buyers found out themselves before a seller reached them.

    Parameters
    ----------
    own_precision : array_like, shape (episodes,)
        Precision from the buyer's own research before the first contact of a seller [1/utils²].
    precision : array_like, shape (episodes,)
        Precision gathered in the whole episode [1/utils²].

    Returns
    -------
    float
        Mean over the episodes in which anything was learned, in [0, 1] [-]; NaN without any.
    """
    own, whole = np.asarray(own_precision, dtype=np.float64), np.asarray(precision, dtype=np.float64)
    learned = whole > 0
    return float(np.mean(own[learned] / whole[learned])) if learned.any() else math.nan


def consumer_surplus(
    experience: ArrayLike,
    price: ArrayLike,
    price_sensitivity: ArrayLike,
    search_cost: ArrayLike = 0.0,
    inspections: ArrayLike = 0.0,
) -> float:
    """Mean over buyers of (experience - α price - search costs) / α.

    Parameters
    ----------
    experience : array_like, shape (buyers,)
        Mean experience with the seller chosen [utils].
    price : array_like, shape (buyers,)
        Price paid [money/order].
    price_sensitivity : array_like, shape (buyers,) or scalar
        α, above 0 [utils/money].
    search_cost : array_like, shape (buyers,) or scalar
        Cost of an inspection, at least 0 [utils].
    inspections : array_like, shape (buyers,) or scalar
        Inspections made, at least 0 [-].

    Returns
    -------
    float
        Surplus a buyer [money/tick].
    """
    sensitivity = np.asarray(price_sensitivity, dtype=np.float64)
    spent = np.asarray(search_cost, dtype=np.float64) * np.asarray(inspections, dtype=np.float64)
    value = np.asarray(experience, dtype=np.float64) - sensitivity * np.asarray(price, dtype=np.float64) - spent
    return float(np.mean(value / sensitivity))


def expected_maximum(utility: ArrayLike) -> NDArray[np.float64]:
    """Expected utility of the best option under Gumbel(0, 1) taste shocks: γ + ln Σ exp u.

    Williams 1977; Small & Rosen 1981.

    Parameters
    ----------
    utility : array_like, shape (..., options)
        Utility without the taste shock [utils]; -inf for an option that is not there.

    Returns
    -------
    ndarray, shape (...)
        Expected maximum [utils].
    """
    values = np.asarray(utility, dtype=np.float64)
    top = values.max(axis=-1, keepdims=True)
    return np.asarray(np.euler_gamma + top[..., 0] + np.log(np.exp(values - top).sum(axis=-1)))


def logsum_surplus(utility: ArrayLike, price_sensitivity: ArrayLike) -> NDArray[np.float64]:
    """Surplus that a buyer can expect before the taste shocks are known: `expected_maximum` / α.

    Parameters
    ----------
    utility : array_like, shape (..., options)
        Utility without the taste shock [utils].
    price_sensitivity : array_like, shape (...) or scalar
        α, above 0 [utils/money].

    Returns
    -------
    ndarray, shape (...)
        Expected surplus [money/tick].
    """
    return np.asarray(expected_maximum(utility) / np.asarray(price_sensitivity, dtype=np.float64))


def producer_surplus(profit: ArrayLike, buyers: int) -> NDArray[np.float64]:
    """Profit of all sellers together, a buyer: what selling and service cost is taken off.

    Parameters
    ----------
    profit : array_like, shape (..., sellers)
        Profit of each seller [money/tick].
    buyers : int
        All buyers of the market, at least 1 [buyers].

    Returns
    -------
    ndarray, shape (...)
        Surplus a buyer [money/tick], to be set against `consumer_surplus`.
    """
    return np.asarray(np.asarray(profit, dtype=np.float64).sum(axis=-1) / buyers)


def margin_multiple(retention: ArrayLike, discount: ArrayLike) -> NDArray[np.float64]:
    """Value of a customer as a multiple of its margin, r / (1 + i - r) (Gupta & Lehmann 2003).

    Parameters
    ----------
    retention : array_like
        Probability of staying a period, in [0, 1] [-].
    discount : array_like
        Discount rate a period, above 0 [-].

    Returns
    -------
    ndarray
        Multiple of the margin of a period [-].
    """
    kept, rate = np.asarray(retention, dtype=np.float64), np.asarray(discount, dtype=np.float64)
    return np.asarray(kept / (1.0 + rate - kept))


def expected_orders(probabilities: ArrayLike, discount: float) -> NDArray[np.float64]:
    """Discounted orders with each seller, now and ever after, of a customer of each: (I - P/(1+d))⁻¹.

    Parameters
    ----------
    probabilities : array_like, shape (sellers, sellers)
        Switching matrix [-]. A row of NaN, of a seller without customers, counts as one from
        which nobody moves: it has no customers to be valued, and nobody moves to it either.
    discount : float
        Discount rate a tick, above 0 [1/tick].

    Returns
    -------
    ndarray, shape (sellers, sellers)
        Row: the seller now; column: the seller whose orders are counted [orders]. Rows add up
        to (1 + d) / d.

    Raises
    ------
    ValueError
        If the discount rate is not above 0.
    """
    if not discount > 0:
        raise ValueError(f"a discount rate is above 0, not {discount:.6g}")
    matrix = np.array(probabilities, dtype=np.float64)
    empty = np.isnan(matrix).any(axis=1)
    matrix[empty] = np.eye(len(matrix))[empty]
    return np.asarray(np.linalg.inv(np.eye(len(matrix)) - matrix / (1.0 + discount)))


def customer_equity(
    probabilities: ArrayLike, customers: ArrayLike, margin: ArrayLike, discount: float
) -> NDArray[np.float64]:
    """Customer equity: CE_k = m_k Σ over buyers of discounted orders with k (Rust, Lemon & Zeithaml 2004).

    Counts the rivals' customers too, by what they may be expected to bring when they come.

    Parameters
    ----------
    probabilities : array_like, shape (sellers, sellers)
        Switching matrix a tick [-], as for `expected_orders`.
    customers : array_like, shape (sellers,)
        Customers now [buyers].
    margin : array_like, shape (sellers,)
        Margin of a customer [money/tick].
    discount : float
        Discount rate a tick, above 0 [1/tick].

    Returns
    -------
    ndarray, shape (sellers,)
        Customer equity of each seller [money].
    """
    orders = np.asarray(customers, dtype=np.float64) @ expected_orders(probabilities, discount)
    return np.asarray(np.asarray(margin, dtype=np.float64) * orders)
