"""How the share of buyers in pull mode moves over time (model A1)."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from sim.scenario.behaviour import NonNegative, Positive, Probability
from sim.strategies.strategy import Strict

__all__ = ["Cohort", "Constant", "Logistic", "Piecewise", "PullSchedule", "Range", "Step", "UpAndBack"]


class Range(Strict):
    """A uniform range inside [0, 1]."""

    min: Probability = Field(0.0, description="lower end [-]")
    max: Probability = Field(1.0, description="upper end [-]")

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        return self


class Constant(Strict):
    """The same pull share at all times: 0 is the push economy, 1 the pull economy."""

    shorthand: ClassVar[str] = "level"  # a bare number stands for this

    kind: Literal["constant"] = "constant"
    level: Probability = Field(description="pull share [-]")

    def at(self, tick: int) -> float:
        """Pull share at `tick` [-]."""
        return self.level


class Logistic(Strict):
    """An S-shaped turn from low to high."""

    kind: Literal["logistic"] = "logistic"
    low: Probability = Field(0.0, description="pull share long before the turn [-]")
    high: Probability = Field(1.0, description="pull share long after the turn [-]")
    midpoint: float = Field(48.0, description="tick of the half-way point, usually 12 to 96 [ticks]")
    width: Positive = Field(8.0, description="time scale of the turn, usually 2 to 24 [ticks]")

    def at(self, tick: int) -> float:
        """Pull share at `tick` [-]."""
        return self.low + (self.high - self.low) * _sigmoid((tick - self.midpoint) / self.width)


class Step(Strict):
    """A turn from one tick to the next."""

    kind: Literal["step"] = "step"
    at_tick: NonNegative = Field(description="first tick of the new level [ticks]")
    low: Probability = Field(0.0, description="pull share before [-]")
    high: Probability = Field(1.0, description="pull share from then on [-]")

    def at(self, tick: int) -> float:
        """Pull share at `tick` [-]."""
        return self.high if tick >= self.at_tick else self.low


class Piecewise(Strict):
    """Straight lines between given points; constant before the first and after the last."""

    kind: Literal["piecewise"] = "piecewise"
    points: Annotated[list[Annotated[list[NonNegative], Field(min_length=2, max_length=2)]], Field(min_length=1)] = (
        Field(description="pairs of [tick, pull share], ticks rising")
    )

    @model_validator(mode="after")
    def _rising(self) -> Piecewise:
        ticks = [point[0] for point in self.points]
        if any(later <= earlier for earlier, later in pairwise(ticks)):
            raise ValueError("the ticks of the points must rise")
        if any(point[1] > 1 for point in self.points):
            raise ValueError("a pull share lies between 0 and 1")
        return self

    def at(self, tick: int) -> float:
        """Pull share at `tick` [-]."""
        before = [point for point in self.points if point[0] <= tick]
        after = [point for point in self.points if point[0] > tick]
        if not before:
            return after[0][1]
        if not after:
            return before[-1][1]
        (start, low), (end, high) = before[-1], after[0]
        return low + (high - low) * (tick - start) / (end - start)


class UpAndBack(Strict):
    """A turn to pull and later back again, to see whether the old order returns."""

    kind: Literal["up-and-back"] = "up-and-back"
    low: Probability = Field(0.0, description="pull share before and long after [-]")
    high: Probability = Field(1.0, description="pull share in between [-]")
    midpoint: float = Field(48.0, description="half-way point of the turn to pull [ticks]")
    back: float = Field(108.0, description="half-way point of the turn back [ticks]")
    width: Positive = Field(8.0, description="time scale of both turns [ticks]")

    @model_validator(mode="after")
    def _in_order(self) -> UpAndBack:
        if self.back <= self.midpoint:
            raise ValueError(f"back {self.back:g} must come after midpoint {self.midpoint:g}")
        return self

    def at(self, tick: int) -> float:
        """Pull share at `tick` [-]."""
        up = _sigmoid((tick - self.midpoint) / self.width)
        down = _sigmoid((self.back - tick) / self.width)
        return self.low + (self.high - self.low) * up * down


class Cohort(Strict):
    """Generations turn over: each year a fraction of the buyers is replaced by newcomers.

    A buyer is in pull mode while its threshold is below `level`; newcomers draw theirs from
    `newcomers`, so pull rises as they come in.
    """

    kind: Literal["cohort"] = "cohort"
    level: Probability = Field(0.3, description="threshold below which a buyer is in pull mode [-]")
    turnover: Probability = Field(0.08, description="fraction of buyers replaced in 12 ticks [1/year]")
    newcomers: Range = Field(
        default_factory=lambda: Range(min=0.0, max=0.3), description="range of a newcomer's pull threshold [-]"
    )

    def at(self, tick: int) -> float:
        """Threshold level at `tick` [-]."""
        return self.level

    @property
    def turnover_per_tick(self) -> float:
        """Probability that a buyer is replaced in one tick [1/tick]."""
        return 1 - (1 - self.turnover) ** (1 / 12)


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-max(-700.0, min(700.0, x))))


def _constant(raw: Any) -> Any:
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return {"kind": "constant", Constant.shorthand: raw}
    return raw


PullSchedule = Annotated[
    Annotated[Constant | Logistic | Step | Piecewise | UpAndBack | Cohort, Field(discriminator="kind")],
    BeforeValidator(_constant),
]
