"""Price sensitivity from purchases whose prices are known, by maximum likelihood of the same law.

With prices, a class chooses anew by a logit of its utilities less price times the sensitivity
(McFadden 1974; latent classes: Kamakura & Russell 1989). Weights, utilities, inertia and the one
sensitivity are fitted together; standard errors come from the outer product of the scores, buyer
by buyer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from sim.calibrate.classes import Classes
from sim.calibrate.laws import expanded, logit
from sim.calibrate.panel import Panel

__all__ = ["PriceEffect", "price_effect"]

Array = NDArray[np.float64]
FEWEST = 50  # purchases with all prices


class PriceEffect(NamedTuple):
    """How choice follows price.

    Attributes
    ----------
    sensitivity, low, high : float
        Loss of utility a unit of price, when the mean price paid is 1, with its 95 % interval
        [utils/money].
    prices : ndarray, shape (sellers,)
        Mean price of each seller, when the mean price paid is 1 [money/order].
    unit : float
        The mean price paid, in the money of the file.
    purchases : int
        Purchases with all prices.
    gain : float
        Log-likelihood won by the sensitivity; 1.92 is the border of significance at 5 %.
    """

    sensitivity: float
    low: float
    high: float
    prices: Array
    unit: float
    purchases: int
    gain: float


def price_effect(panel: Panel, classes: Classes) -> PriceEffect | None:
    """Fit the sensitivity; None if prices are not known, or do not vary within a seller.

    Parameters
    ----------
    panel : Panel
    classes : Classes
        Fitted without prices: where the climb starts.
    """
    if panel.prices is None:
        return None
    there = np.arange(panel.choices.shape[1]) < panel.lengths[:, None]
    known = there & np.isfinite(panel.prices).all(axis=2)
    if known.sum() < FEWEST:
        return None
    rows, slots = np.nonzero(known)
    paid = panel.prices[rows, slots, panel.choices[rows, slots]]
    unit = float(paid.mean())
    if unit <= 0:
        return None
    prices = panel.prices[rows, slots] / unit
    if (prices.std(axis=0) < 1e-6).all():
        return None
    case = _Case(panel, rows, slots, prices, classes)
    start = case.start()
    plain = minimize(case.loss, start, jac=True, method="L-BFGS-B", bounds=case.bounds(price=False))
    found = minimize(case.loss, plain.x, jac=True, method="L-BFGS-B", bounds=case.bounds(price=True))
    scores = case.scores(found.x)
    spread = np.sqrt(np.linalg.pinv(scores.T @ scores)[0, 0])
    value = float(found.x[0])
    return PriceEffect(
        value,
        value - 1.96 * spread,
        value + 1.96 * spread,
        prices.mean(axis=0),
        unit,
        int(known.sum()),
        float(plain.fun - found.fun),
    )


class _Case:
    """The likelihood of purchases with prices, and its slopes."""

    def __init__(
        self, panel: Panel, rows: NDArray[np.int64], slots: NDArray[np.int64], prices: Array, classes: Classes
    ) -> None:
        self.rows, self.prices, self.buyers = rows, prices, panel.buyers
        self.chosen = panel.choices[rows, slots]
        before = np.where(slots > 0, panel.choices[rows, np.maximum(slots - 1, 0)], -1)
        self.first, self.same = slots == 0, before == self.chosen
        self.classes, self.sellers = classes.shares.shape
        self.found = classes

    def start(self) -> Array:
        """Sensitivity, inertia, weights, utilities."""
        logs = np.log(self.found.shares)
        weights = np.maximum(self.found.weights, 1e-6)
        return np.concatenate(
            [
                [0.0, logit(self.found.inertia)],
                np.log(weights[:-1] / weights[-1]),
                (logs[:, :-1] - logs[:, -1:]).ravel(),
            ]
        )

    def bounds(self, *, price: bool) -> list[tuple[float, float]]:
        """Limits of the climb; without `price` the sensitivity is 0."""
        return [(-50.0, 50.0) if price else (0.0, 0.0)] + [(-12.0, 12.0)] * (len(self.start()) - 1)

    def loss(self, free: Array) -> tuple[float, Array]:
        """Minus the log-likelihood and its slope."""
        value, scores = self._reckoned(free)
        return -value, -scores.sum(axis=0)

    def scores(self, free: Array) -> Array:
        """Slope of each buyer's log-likelihood, shape (buyers, free)."""
        return self._reckoned(free)[1]

    def _reckoned(self, free: Array) -> tuple[float, Array]:
        alpha, phi = free[0], float(expanded(free[1:2])[0])
        cut = 2 + self.classes - 1
        odds = np.append(free[2:cut], 0.0)
        weights = np.exp(odds - odds.max())
        weights /= weights.sum()
        utility = np.concatenate([free[cut:].reshape(self.classes, -1), np.zeros((self.classes, 1))], axis=1)
        stay = np.where(self.first, 0.0, phi)
        value = np.log(weights)[None].repeat(self.buyers, axis=0)
        slopes: list[tuple[Array, Array, Array]] = []
        for one in utility:
            logs = one - alpha * self.prices
            logs -= logs.max(axis=1, keepdims=True)
            chance = np.exp(logs)
            chance /= chance.sum(axis=1, keepdims=True)
            own = chance[np.arange(len(chance)), self.chosen]
            likely = np.maximum(stay * self.same + (1 - stay) * own, 1e-300)
            value[:, len(slopes)] += np.bincount(self.rows, np.log(likely), self.buyers)
            pull = -chance * ((1 - stay) * own / likely)[:, None]
            pull[np.arange(len(chance)), self.chosen] += (1 - stay) * own / likely
            drift = np.where(self.first, 0.0, (self.same - own) / likely) * phi * (1 - phi)
            slopes.append((-(pull * self.prices).sum(axis=1), drift, pull))
        top = value.max(axis=1, keepdims=True)
        total = top[:, 0] + np.log(np.exp(value - top).sum(axis=1))
        member = np.exp(value - total[:, None])
        scores = np.zeros((self.buyers, len(free)))
        scores[:, 2:cut] = (member - weights)[:, :-1]
        for number, (price, drift, pull) in enumerate(slopes):
            held = member[self.rows, number]
            scores[:, 0] += np.bincount(self.rows, held * price, self.buyers)
            scores[:, 1] += np.bincount(self.rows, held * drift, self.buyers)
            for seller in range(self.sellers - 1):
                place = cut + number * (self.sellers - 1) + seller
                scores[:, place] = np.bincount(self.rows, held * pull[:, seller], self.buyers)
        return float(total.sum()), scores
