"""The seller who lives off relationships: visits to customers, little else."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.strategies.policy import Policy
from sim.strategies.strategy import Effort, Fraction

__all__ = ["RelationshipReliant"]


class RelationshipReliant(Policy):
    """More than half the budget goes into visits to its own customers; it holds to that."""

    source: ClassVar[str] = "model A11, relationship-reliant; seeds 0 and 4 (the rep with the greatest relationships)"

    strategy: Literal["relationship-reliant"] = "relationship-reliant"
    effort: Effort = Effort(
        visits_to_customers=0.55, visits_to_prospects=0.05, messages=0.05, human_service=0.30, self_service=0.05
    )
    opening_relationship: Fraction = 0.8
    opening_skill: Fraction = 0.5
    stubbornness: Fraction = 1.0
