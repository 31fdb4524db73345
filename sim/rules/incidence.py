"""Purchase incidence: how many orders a buyer places in a tick (model A7)."""

from __future__ import annotations

import numpy as np

from sim.compiled import compiled
from sim.draws import exponential, uniform

__all__ = ["next_order_size", "poisson_orders"]


@compiled
def poisson_orders(word: np.uint32, rate: float) -> int:
    """Poisson number of orders by inversion [orders]; with gamma rates the NBD (Ehrenberg 1959).

    Parameters
    ----------
    word : uint32
        Random word.
    rate : float
        Mean [orders/tick], in [0, 200].
    """
    u = uniform(word)
    term = exponential(-rate)
    total = term
    orders = 0
    # 255 is what the column of orders holds; a mean of 200 passes it once in 20 000 ticks
    while u > total and orders < 255:
        orders += 1
        term *= rate / orders
        total += term
    return orders


@compiled
def next_order_size(size: float, growth: float, tenure_effect: float, tenure: float) -> float:
    """Size of an order one tick later, never negative: the buyer's own business grows or declines [-].

    Parameters
    ----------
    size : float
        Size of an order so far, 1 at the opening [-].
    growth : float
        Growth of this buyer [1/tick].
    tenure_effect : float
        Growth added for each tick with the same seller [1/tick²].
    tenure : float
        [ticks]
    """
    return max(size * (1.0 + growth + tenure_effect * tenure), 0.0)
