"""Discovery: under which conditions something happens, told as ranges of a scenario's values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from sim.scenario import Scenario
from sim.scenario.mistakes import Finding
from sim.scenario.names import Label
from sim.strategies.strategy import Strict
from sim.studies.boxes import Box
from sim.studies.designs import LatinHypercube, Sobol, points_of
from sim.studies.experiment import Experiment, Prepared, of_words
from sim.studies.factors import Factor, Varied, factors_of, wrong_factors
from sim.studies.measuring import known_measures, wrong_measure

__all__ = ["Case", "Discovery", "Found", "inside"]

Part = Annotated[float, Field(gt=0, le=1)]
Design = Annotated[LatinHypercube | Sobol, Field(discriminator="kind")]


class Case(Strict):
    """Something that happens in a run or does not; a setting is a hit if it happens in enough of its runs."""

    name: Label = Field(description="what happens, as a clause: Heritage keeps half its share")
    measure: Annotated[str, Field(min_length=1)] = Field(description="one figure, such as final_share.Heritage")
    at_least: float | None = Field(None, description="happens if the figure is this or more")
    at_most: float | None = Field(None, description="happens if the figure is this or less")
    in_runs: Part = Field(0.5, description="part of a setting's runs in which it must happen [-]")

    @model_validator(mode="after")
    def _bounded(self) -> Case:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at_least, at_most, or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least:g} is above at_most {self.at_most:g}")
        return self

    def happens(self, values: Any) -> Any:
        """In which runs it happens; not where the figure is not defined."""
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return (values >= low) & (values <= high)


class Found(Strict):
    """The box that a study tests on new settings and new draws."""

    study: str = Field(description="name of the study that found it")
    density: float = Field(description="part of the settings inside that were hits there [-]")
    points: int = Field(description="settings inside it there")
    base_rate: float = Field(description="part of all settings that were hits there [-]")


class Discovery(Experiment):
    """One scenario at points all over a space, and the boxes in which a case mostly happens."""

    kind: Literal["discovery"] = Field("discovery", description="kind of study")
    factors: dict[str, Varied] = Field(min_length=1, description="what varies: a list of values or a range, by path")
    cases: Annotated[list[Case], Field(min_length=1)] = Field(description="what may happen, a box for each")
    design: Design = Field(description="which points are visited: latin-hypercube or sobol")
    density: Part = Field(0.8, description="part of the settings in a box that must be hits [-]")
    smallest: Annotated[float, Field(gt=0, lt=1)] = Field(0.05, description="part of all settings that a box has [-]")
    retest_points: Annotated[int, Field(ge=2, le=1_000_000)] = Field(
        50, description="settings on which a box is tested out of sample"
    )
    found: Found | None = Field(None, description="the box whose test this is; left out: boxes are looked for")

    @model_validator(mode="before")
    @classmethod
    def _measured(cls, tree: Any) -> Any:
        if isinstance(tree, dict) and tree.get("measures") is None and isinstance(tree.get("cases"), list):
            named = [case.get("measure") for case in tree["cases"] if isinstance(case, dict)]
            named = list(dict.fromkeys(name for name in named if isinstance(name, str)))
            return {**tree, "measures": named} if named else tree
        return tree

    @classmethod
    def inconsistencies(cls, tree: Mapping[str, Any], base: Scenario | None) -> Iterator[Finding]:
        """Find factors that lead nowhere, cases that are no figures, and designs that do not fit."""
        yield from wrong_factors(tree.get("factors"), base, ("factors",), grid=False)
        cases = tree.get("cases")
        known = known_measures([base]) if base is not None else None
        names: list[Any] = []
        for number, case in enumerate(cases if isinstance(cases, list) else ()):
            if not isinstance(case, dict):
                continue  # told by the schema
            measure, name = case.get("measure"), case.get("name")
            if name in names:
                yield Finding(("cases", number, "name"), f"another case is named {name!r}")
            names.append(name)
            if known is None or not isinstance(measure, str):
                continue
            for message in wrong_measure(measure, known):
                yield Finding(("cases", number, "measure"), f"{measure!r} {message}")
            figures = known.get(measure) or []
            if len(figures) > 1:
                message = f"{measure!r} is a figure of every seller; name one, as in {measure}.{figures[0][0]}"
                yield Finding(("cases", number, "measure"), message)
        try:
            design: Any = TypeAdapter(Design).validate_python(tree.get("design"))
        except ValidationError:
            return  # told by the schema
        if isinstance(design, Sobol) and design.points & (design.points - 1):
            yield Finding(("design", "points"), f"must be a power of 2, not {design.points}")

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
        """Write ``cases.parquet``, ``boxes.parquet`` or ``retest.parquet``, figures and report."""
        from sim.studies.discovery_page import write_pages
        from sim.studies.discovery_tables import write_tables

        write_pages(study, write_tables(study))


def inside(prepared: Prepared, economy: str, case: Case, box: Box, number: int) -> Prepared:
    """The study that tests a box: other settings inside it, on other draws.

    Parameters
    ----------
    prepared : Prepared
        The study that found it.
    economy : str
    case : Case
    box : Box
    number : int
        Of the box, for the name.
    """
    experiment: Any = prepared.experiment
    limits = {limit.factor: limit for limit in box.limits}
    factors: dict[str, Any] = {}
    for factor in experiment.parts:
        limit = limits.get(factor.path)
        if limit is None:
            factors[factor.path] = experiment.factors[factor.path]
        elif factor.span is None:
            kept = limit.holds(factor.values)
            factors[factor.path] = [value for value, here in zip(factor.values, kept, strict=True) if here]
        else:
            low = factor.span.low if math.isnan(limit.low) else limit.low
            high = factor.span.high if math.isnan(limit.high) else limit.high
            factors[factor.path] = {**factor.span.model_dump(), "low": low, "high": high}
    words = {
        "name": f"{experiment.name}-box-{number}",
        "kind": "discovery",
        "description": f"{case.name}: does the box that was found hold on new settings and new draws?",
        "factors": factors,
        "cases": [case.model_dump()],
        "economies": [economy],
        "design": {"kind": "latin-hypercube", "points": experiment.retest_points, "seed": experiment.design.seed + 1},
        "density": experiment.density,
        "replications": prepared.replications,
        "found": {
            "study": experiment.name,
            "density": box.density,
            "points": box.points,
            "base_rate": box.base_rate,
        },
    }
    return of_words(words, prepared.base.with_values({"seed": prepared.base.seed + 1}, source=""))
