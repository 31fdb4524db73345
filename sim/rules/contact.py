"""Contacts that sellers initiate, and the attention they find (model A5).

Source: Butters 1977 for messages that fall on buyers at random; scarce attention is a
modelling choice.
"""

from __future__ import annotations

from sim.compiled import compiled
from sim.draws import exponential

__all__ = ["attended", "message_probability", "visit_probability"]


@compiled
def visit_probability(spending: float, visit_cost: float, buyers: float) -> float:
    """Probability that one of `buyers` is visited this tick [-].

    Parameters
    ----------
    spending : float
        Spent on these visits [money/tick].
    visit_cost : float
        Cost of one visit [money].
    buyers : float
        Buyers among whom the visits are divided [buyers].
    """
    return min(1.0, spending / (visit_cost * max(buyers, 1.0)))


@compiled
def message_probability(spending: float, message_cost: float, buyers: float) -> float:
    """Probability that at least one message falls on a buyer: ``1 - exp(-A / N)`` [-]."""
    return 1.0 - exponential(-spending / (message_cost * buyers))


@compiled
def attended(attention: float, attention_span: float, load: int) -> float:
    """Probability that a contact is attended when `load` sellers aim at the buyer [-].

    Attention is divided, so that the share of voice counts and not the volume.
    """
    return attention * min(1.0, attention_span / max(load, 1))
