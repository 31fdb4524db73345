"""Choice among the sellers considered (model A7): McFadden's logit with a switching cost."""

from __future__ import annotations

from sim.compiled import compiled

__all__ = ["closing_effect", "effective_price_sensitivity", "value"]


@compiled
def effective_price_sensitivity(price_sensitivity: float, relief: float, relationship: float) -> float:
    """Loss of utility a unit of price, less with a relationship: ``α (1 - γ R)`` [utils/money]."""
    return price_sensitivity * (1.0 - relief * relationship)


@compiled
def value(
    belief_mean: float,
    belief_variance: float,
    risk_aversion: float,
    price_sensitivity: float,
    relief: float,
    price: float,
    relationship_weight: float,
    relationship: float,
) -> float:
    """Value of a seller without switching cost, persuasion and taste shock [utils].

    ``m - (r / 2) v - α (1 - γ R) p + λ R``.

    Parameters
    ----------
    belief_mean, belief_variance : float
        m [utils], v [utils²].
    risk_aversion : float
        r [1/utils].
    price_sensitivity, relief, price : float
        α [utils/money], γ in [0, 1] [-], p [money/order].
    relationship_weight, relationship : float
        λ [utils], R in [0, 1] [-].
    """
    cost = effective_price_sensitivity(price_sensitivity, relief, relationship) * price
    return belief_mean - 0.5 * risk_aversion * belief_variance - cost + relationship_weight * relationship


@compiled
def closing_effect(persuasion: float, sales_skill: float) -> float:
    """What a contact by a skilled seller adds at the moment of choice: ``ω K`` [utils]."""
    return persuasion * sales_skill
