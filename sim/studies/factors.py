"""Factors: the values of a scenario that a sweep varies."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import Field, ValidationError, model_validator

from sim.scenario import Scenario, ScenarioError
from sim.scenario.mistakes import Finding, Where
from sim.scenario.terms import Meant
from sim.scenario.wording import findings
from sim.strategies.strategy import Strict

__all__ = ["Factor", "Span", "Varied", "factors_of", "leads_nowhere", "wrong_factors"]

MOST_LEVELS = 10_000


class Span(Strict):
    """A range of values."""

    low: float = Field(description="lowest value")
    high: float = Field(description="highest value")
    levels: Annotated[int, Field(ge=2, le=MOST_LEVELS)] | None = Field(
        None, description="values in a grid, evenly spaced from low to high [-]"
    )
    scale: Literal["linear", "log"] = Field("linear", description="what is evenly spaced: values, or their logarithms")
    whole: bool = Field(False, description="only whole numbers")

    @model_validator(mode="after")
    def _rises(self) -> Span:
        if not self.low < self.high:
            raise ValueError(f"low must be below high, not {self.low:g} and {self.high:g}")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"a log scale needs a low above 0, not {self.low:g}")
        return self


Varied = Annotated[Any, Meant(list[Any] | Span)]
"""The values of a factor as an experiment words them: `wrong_factors` finds what is wrong with them."""


class Factor(NamedTuple):
    """One value that varies.

    Attributes
    ----------
    path : str
        Where it stands in a scenario.
    values : tuple
        The values, if they are listed; empty for a range.
    span : Span or None
        The range.
    """

    path: str
    values: tuple[Any, ...]
    span: Span | None

    def levels(self) -> list[Any]:
        """All values in a grid, in order."""
        if self.span is None:
            return list(self.values)
        count = self.span.levels or 2
        found = [self.at(step / (count - 1)) for step in range(count)]
        return list(dict.fromkeys(found))  # whole numbers may fall together

    def at(self, place: float) -> Any:
        """The value at a place in [0, 1]: listed values share it equally, a range is gone through from low to high."""
        if self.span is None:
            return self.values[min(int(place * len(self.values)), len(self.values) - 1)]
        low, high = self.span.low, self.span.high
        if self.span.scale == "log":
            value = math.exp(math.log(low) + place * (math.log(high) - math.log(low)))
        else:
            value = low + place * (high - low)
        value = min(max(float(f"{value:.12g}"), low), high)  # 0.1 steps are 0.3, not 0.30000000000000004
        if self.span.whole:
            return math.floor(value + 0.5)
        return int(value) if value.is_integer() and abs(value) < 1e15 else value

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.span is not None or all(_is_number(value) for value in self.values)

    def extremes(self) -> list[Any]:
        """Values to try alone before a study runs: the listed ones, or both ends."""
        return list(self.values) if self.span is None else [self.at(0.0), self.at(1.0)]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def factors_of(words: Mapping[str, Any]) -> list[Factor]:
    """Factors as an experiment names them: a path, and a list of values or a range."""
    return [
        Factor(path, (), Span.model_validate(given)) if isinstance(given, Mapping) else Factor(path, tuple(given), None)
        for path, given in words.items()
    ]


def wrong_factors(given: Any, scenario: Scenario | None, at: Where, *, grid: bool) -> Iterator[Finding]:
    """Find what is wrong with the factors of an experiment.

    Parameters
    ----------
    given : object
        What stands under ``factors``, right or not.
    scenario : Scenario or None
        Where the paths lead; None if it has mistakes of its own.
    at : tuple
        Place of the factors in the file.
    grid : bool
        Whether every range needs levels.
    """
    if not isinstance(given, dict):
        return  # told by the schema
    for path, values in given.items():
        place = (*at, path)
        wrong = list(_wrong_values(values, place, grid=grid))
        yield from wrong
        if wrong or scenario is None:
            continue
        (factor,) = factors_of({path: values})
        places = [(*place, number) for number in range(len(values))] if isinstance(values, list) else [place, place]
        for value, where in zip(factor.extremes(), places, strict=True):
            try:
                scenario.with_values({path: value}, source="")
            except ScenarioError as error:
                told = _told(error, path)
                nowhere = leads_nowhere(told)
                yield Finding(place if nowhere else where, told, at_key=nowhere)
                break


def leads_nowhere(message: str) -> bool:
    """Whether a mistake is one of the path, not of the value that it leads to."""
    return message.startswith(("no ", "nothing", "there is no", "the path"))


def _wrong_values(values: Any, place: Where, *, grid: bool) -> Iterator[Finding]:
    """What is wrong with the values alone."""
    if isinstance(values, list):
        if not values:
            yield Finding(place, "must have at least 1 value")
        seen: list[str] = []
        for number, value in enumerate(values):
            if repr(value) in seen:
                yield Finding((*place, number), f"{value!r} is there twice")
            seen.append(repr(value))
    elif isinstance(values, dict):
        try:
            span = Span.model_validate(values)
        except ValidationError as error:
            for one in findings(error, Span, values):
                yield Finding((*place, *one.place), one.message, one.at_key)
            return
        if grid and span.levels is None:
            yield Finding(place, "'levels' is missing: a grid needs the number of values")
    else:
        yield Finding(place, "must be a list of values, or a range {low: ..., high: ...}")


def _told(error: ScenarioError, path: str) -> str:
    """A scenario's mistake as one of the factor that led to it."""
    first = error.mistakes[0]
    rest = first.where.removeprefix(path).lstrip(".")
    hint = "; with `whole: true` a range keeps to whole numbers" if "whole number" in first.message else ""
    return (f"{rest}: " if rest and rest != first.where else "") + first.message + hint
