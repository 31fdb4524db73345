"""Sweeps: one scenario over a space of factors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from sim.scenario import Scenario
from sim.scenario.mistakes import Finding
from sim.studies.designs import Design, Grid, Sobol, needed_extra, points_of
from sim.studies.experiment import Experiment
from sim.studies.factors import Factor, Varied, factors_of, wrong_factors

__all__ = ["MOST_GRID_POINTS", "Sweep"]

MOST_GRID_POINTS = 1_000_000


class Sweep(Experiment):
    """One scenario at every point of a design over factors."""

    kind: Literal["sweep"] = Field("sweep", description="kind of study")
    factors: dict[str, Varied] = Field(min_length=1, description="what varies: a list of values or a range, by path")
    design: Design = Field(default_factory=Grid, description="which points are visited")

    @classmethod
    def inconsistencies(cls, tree: Mapping[str, Any], base: Scenario | None) -> Iterator[Finding]:
        """Find factors that lead nowhere, values that are wrong, and designs that do not fit."""
        words = tree.get("design", {"kind": "grid"})
        kind = words.get("kind") if isinstance(words, dict) else None
        yield from wrong_factors(tree.get("factors"), base, ("factors",), grid=kind == "grid")
        try:
            design: Any = TypeAdapter(Design).validate_python(words)
        except ValidationError:
            return  # told by the schema
        if (missing := needed_extra(design)) is not None:
            yield Finding(("design", "kind"), missing)
        if isinstance(design, Sobol) and (points := design.points) & (points - 1):
            near = 1 << max(points.bit_length() - 1, 0)
            yield Finding(("design", "points"), f"must be a power of 2, not {points}; {near} and {2 * near} are near")
        factors = tree.get("factors")
        if design.kind == "grid" and isinstance(factors, dict):
            total = 1
            for values in factors.values():
                levels = values.get("levels") if isinstance(values, dict) else None
                total *= len(values) if isinstance(values, list) else levels if isinstance(levels, int) else 1
            if total > MOST_GRID_POINTS:
                yield Finding(("factors",), f"a grid of {total:,} points; at most {MOST_GRID_POINTS:,}")

    @cached_property
    def parts(self) -> list[Factor]:
        """The factors."""
        return factors_of(self.factors)

    @cached_property
    def rows(self) -> list[tuple[Any, ...]]:
        """The points, one value a factor."""
        return points_of(self.design, self.parts)

    def columns(self) -> dict[str, list[Any]]:
        """One column a factor."""
        return {factor.path: [row[place] for row in self.rows] for place, factor in enumerate(self.parts)}

    def scenario_at(self, base: Scenario, point: int) -> Scenario:
        """The scenario with the factors' values of one point."""
        values = {factor.path: value for factor, value in zip(self.parts, self.rows[point], strict=True)}
        return base.with_values(values, source="")

    def pages(self, study: Any) -> None:
        """Figures and report."""
        from sim.studies.sweep_page import write_pages

        write_pages(study)
