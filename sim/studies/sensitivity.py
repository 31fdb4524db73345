"""Sensitivity: which of a scenario's values matter for what comes out."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter, ValidationError

from sim.scenario import Scenario
from sim.scenario.behaviour import GROUPS, Group
from sim.scenario.mistakes import Finding
from sim.strategies.strategy import Strict
from sim.studies.designs import Morris
from sim.studies.experiment import Experiment
from sim.studies.factors import Factor, Varied, factors_of, wrong_factors

__all__ = ["GROUP", "Factorial", "Saltelli", "Sensitivity"]

GROUP = "groups."  # before the name of a group of behaviour, where paths stand
MOST_FACTORS = 14  # of a factorial: 16 384 points
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Saltelli(Strict):
    """Points for Sobol' indices (Saltelli 2002; Saltelli et al. 2010)."""

    kind: Literal["sobol"] = "sobol"
    samples: Annotated[int, Field(ge=2, le=2**20)] = Field(
        description="samples, a power of 2; each has two points more than there are factors"
    )
    pairs: bool = Field(False, description="also indices of pairs: each sample has twice as many points")
    seed: Seed = Field(1, description="seed of the scrambling")

    def places(self, factors: int) -> NDArray[np.float64]:
        """Points in the unit cube, shape (points, factors).

        Raises
        ------
        ModuleNotFoundError
            If SALib is not installed.
        """
        if (missing := _needed(self)) is not None:
            raise ModuleNotFoundError(missing)
        from SALib.sample import sobol

        problem = {"num_vars": factors, "names": list(map(str, range(factors))), "bounds": [[0.0, 1.0]] * factors}
        return np.asarray(sobol.sample(problem, self.samples, calc_second_order=self.pairs, seed=self.seed))


class Factorial(Strict):
    """Every combination of two levels of each factor."""

    kind: Literal["factorial"] = "factorial"
    seed: Seed = Field(1, description="seed of the bootstrap")

    def places(self, factors: int) -> NDArray[np.float64]:
        """Points at the corners of the unit cube, shape (2 ** factors, factors); the last factor changes first."""
        return np.array(list(product((0.0, 1.0), repeat=factors)))


Design = Annotated[Morris | Saltelli | Factorial, Field(discriminator="kind")]


def _needed(design: object) -> str | None:
    """What must be installed first for a design, in one line; None if nothing."""
    if not isinstance(design, Factorial) and importlib.util.find_spec("SALib") is None:
        return f"a sensitivity by {design.kind} needs SALib: pip install 'pushpull[studies]'"  # type: ignore[attr-defined]
    return None


class Sensitivity(Experiment):
    """One scenario at the points that screening, indices or a factorial need."""

    kind: Literal["sensitivity"] = Field("sensitivity", description="kind of study")
    factors: dict[str, Varied] = Field(
        default_factory=dict, description="what varies: a range, or a list of values, by path"
    )
    groups: list[Group] | None = Field(
        None, description="groups of behaviour that turn to pull or stay at push, each a factor of its own"
    )
    design: Design = Field(description="morris: screening; sobol: indices; factorial: two levels of each")
    resamples: Annotated[int, Field(ge=100, le=100_000)] = Field(1000, description="samples of the bootstrap")

    @classmethod
    def inconsistencies(cls, tree: Mapping[str, Any], base: Scenario | None) -> Iterator[Finding]:
        """Find factors that lead nowhere, values that are wrong, and designs that do not fit."""
        factors, groups = tree.get("factors", {}), tree.get("groups")
        yield from wrong_factors(factors, base, ("factors",), grid=False)
        listed = groups if isinstance(groups, list) else []
        for number, group in enumerate(listed):
            if group in listed[:number]:
                yield Finding(("groups", number), f"{group!r} is there twice")
        number = len(listed) + (len(factors) if isinstance(factors, dict) else 0)
        if number < 2:
            yield Finding((), "at least 2 factors must vary: paths under 'factors', or 'groups'")
        try:
            design: Any = TypeAdapter(Design).validate_python(tree.get("design"))
        except ValidationError:
            return  # told by the schema
        if (missing := _needed(design)) is not None:
            yield Finding(("design", "kind"), missing)
        if isinstance(design, Saltelli) and (samples := design.samples) & (samples - 1):
            near = 1 << (samples.bit_length() - 1)
            yield Finding(("design", "samples"), f"must be a power of 2, not {samples}; {near} and {2 * near} are near")
        if isinstance(design, Factorial):
            if number > MOST_FACTORS:
                yield Finding(("design",), f"{number} factors make {2**number:,} points; at most {MOST_FACTORS}")
            for path, values in factors.items() if isinstance(factors, dict) else ():
                if isinstance(values, list) and len(values) != 2:
                    yield Finding(("factors", path), "a factorial has two levels: give two values, or a range")

    @cached_property
    def parts(self) -> list[Factor]:
        """The factors; those of groups are ``groups.<name>``, off and on."""
        own = [Factor(f"{GROUP}{name}", (False, True), None) for name in self.groups or ()]
        return factors_of(self.factors) + own

    @cached_property
    def places(self) -> NDArray[np.float64]:
        """The points in the unit cube, shape (points, factors)."""
        return self.design.places(len(self.parts))

    @cached_property
    def rows(self) -> list[tuple[Any, ...]]:
        """The points, one value a factor."""
        return [
            tuple(factor.at(float(place)) for factor, place in zip(self.parts, row, strict=True)) for row in self.places
        ]

    def columns(self) -> dict[str, list[Any]]:
        """One column a factor."""
        return {factor.path: [row[place] for row in self.rows] for place, factor in enumerate(self.parts)}

    def scenario_at(self, base: Scenario, point: int) -> Scenario:
        """The scenario with the factors' values of one point."""
        values = {factor.path: value for factor, value in zip(self.parts, self.rows[point], strict=True)}
        turned = {name: values.pop(f"{GROUP}{name}") for name in self.groups or ()}
        for economy in self.economies or base.economies if turned else ():
            there = base.economies[economy].groups
            on = [name for name in GROUPS if turned.get(name, name in there)]
            values[f"economies.{economy}.groups"] = on
        return base.with_values(values, source="")

    def pages(self, study: Any) -> None:
        """Write ``indices.parquet``, figures and report."""
        from sim.studies.sensitivity_page import write_pages
        from sim.studies.sensitivity_tables import write_indices

        write_pages(study, write_indices(study))
