"""How long customers stay: survival curves, and the shifted-beta-geometric law behind them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ShiftedBetaGeometric", "shifted_beta_geometric", "survivors"]


class ShiftedBetaGeometric(NamedTuple):
    """Customers who leave each period with a probability of their own, which is beta distributed.

    Attributes
    ----------
    alpha, beta : float
        Of the beta distribution of the probability of leaving, above 0 [-].
    log_likelihood : float
        Of the survivors that it was fitted to.
    """

    alpha: float
    beta: float
    log_likelihood: float

    def retention(self, periods: int) -> NDArray[np.float64]:
        """Part of the customers left who stay another period: ``(β + t - 1) / (α + β + t - 1)``, t = 1, 2, ...

        It rises although no customer's own probability does: those who leave easily leave first.

        Parameters
        ----------
        periods : int

        Returns
        -------
        ndarray, shape (periods,)
            [1/period]
        """
        before = np.arange(periods)
        return np.asarray((self.beta + before) / (self.alpha + self.beta + before))

    def survival(self, periods: int) -> NDArray[np.float64]:
        """Part of the customers who are left after 0, 1, ..., `periods` [-]; shape (periods + 1,)."""
        return np.append(1.0, np.cumprod(self.retention(periods)))


def shifted_beta_geometric(left: ArrayLike) -> ShiftedBetaGeometric:
    """Fit the shifted-beta-geometric law to the customers left, by maximum likelihood (Fader & Hardie 2007).

    Parameters
    ----------
    left : array_like, shape (periods + 1,), periods >= 2
        Customers, or parts of them, who are left at the beginning and after each period; never rising.

    Returns
    -------
    ShiftedBetaGeometric

    Raises
    ------
    ValueError
        If the path is too short, rises, or nobody leaves.
    """
    from scipy.optimize import minimize  # 0.2 s to import

    path = np.asarray(left, dtype=np.float64)
    if path.ndim != 1 or path.size < 3:
        raise ValueError("customers left at the beginning and after at least two periods are needed")
    lost = -np.diff(path)
    if (lost < 0).any() or not path[-1] >= 0 or not lost.sum() > 0:
        raise ValueError("customers left never rise, are not negative, and somebody leaves")
    periods = lost.size

    def against(logarithms: NDArray[np.float64]) -> float:
        law = ShiftedBetaGeometric(np.exp(logarithms[0]), np.exp(logarithms[1]), 0.0).survival(periods)
        # a likelihood of 0 has no logarithm; the search turns back from there
        parts = np.log(np.maximum(np.append(law[:-1] - law[1:], law[-1]), 1e-300))
        return -float(np.append(lost, path[-1]) @ parts)

    found = minimize(
        against, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 5000}
    )
    alpha, beta = np.exp(found.x).tolist()
    return ShiftedBetaGeometric(alpha, beta, -float(found.fun))


def survivors(choices: ArrayLike, seller: int) -> NDArray[np.int64]:
    """Buyers who have bought from one seller and from nobody else, after each of their orders.

    Parameters
    ----------
    choices : array_like of int, shape (buyers, orders)
        Seller of each order.
    seller : int
        The seller meant.

    Returns
    -------
    ndarray of int64, shape (orders + 1,)
        All buyers, and those left after each order [buyers].
    """
    bought = np.asarray(choices) == seller
    return np.append(len(bought), np.logical_and.accumulate(bought, axis=1).sum(axis=0))
