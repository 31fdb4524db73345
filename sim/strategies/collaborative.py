"""The seller who works with the buyer: service by people and self-service, true claims."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.strategies.adaptation import COLLABORATION
from sim.strategies.policy import Policy
from sim.strategies.strategy import Effort, Fraction

__all__ = ["Collaborative"]


class Collaborative(Policy):
    """Two thirds of the budget serve the customer, by people and by self-service."""

    source: ClassVar[str] = "model A11, collaborative; seeds 2 and 3 (the ally)"

    strategy: Literal["collaborative"] = "collaborative"
    effort: Effort = COLLABORATION
    opening_relationship: Fraction = 0.4
    opening_skill: Fraction = 0.6
