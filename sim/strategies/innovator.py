"""The unknown entrant who redefines how the product is serviced: self-service first."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sim.strategies.policy import Policy
from sim.strategies.strategy import Effort, Fraction

__all__ = ["Innovator"]


class Innovator(Policy):
    """Three quarters of the budget build self-service; it answers no calls."""

    source: ClassVar[str] = "model A11, innovator; seed 0 (the unknown competitor with a better experience)"

    strategy: Literal["innovator"] = "innovator"
    effort: Effort = Effort(visits_to_prospects=0.05, messages=0.15, self_service=0.75, training=0.05)
    price: Annotated[float, Field(ge=0)] = 0.95
    opening_skill: Fraction = 0.6
    opening_self_service: Fraction | None = 0.85
