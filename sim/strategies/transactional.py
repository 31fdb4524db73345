"""The seller who competes on price and convenience, and keeps its organisation thin."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sim.strategies.policy import Policy
from sim.strategies.strategy import Effort, Fraction

__all__ = ["Transactional"]


class Transactional(Policy):
    """A lower price, a plainer product, no visits; a third of the budget is not spent."""

    source: ClassVar[str] = "model A11, transactional; seed 3 (the best trade-off between price and convenience)"

    strategy: Literal["transactional"] = "transactional"
    effort: Effort = Effort(messages=0.20, human_service=0.20, self_service=0.25)
    quality: Annotated[float, Field(ge=0)] = 0.60
    price: Annotated[float, Field(ge=0)] = 0.80
    unit_cost: Annotated[float, Field(ge=0)] = 0.52
    opening_relationship: Fraction = 0.1
    opening_skill: Fraction = 0.4
    stubbornness: Fraction = 1.0
