"""The seller who presses: visits and messages to other sellers' customers, claims beyond the truth."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sim.strategies.policy import Policy
from sim.strategies.strategy import Effort, Fraction

__all__ = ["HardSell"]


class HardSell(Policy):
    """Hunts new customers with trained sales people and overclaims."""

    source: ClassVar[str] = "model A11, hard-sell; seed 2 (the hard sell that could very much sell)"

    strategy: Literal["hard-sell"] = "hard-sell"
    effort: Effort = Effort(
        visits_to_customers=0.10, visits_to_prospects=0.30, messages=0.30, human_service=0.20, training=0.10
    )
    overclaim: Annotated[float, Field(ge=0)] = 0.8
    opening_relationship: Fraction = 0.2
    opening_skill: Fraction = 0.8
    stubbornness: Fraction = 1.0
