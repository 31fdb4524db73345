"""Designs: which points of a space of factors a study visits."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.strategies.strategy import Strict
from sim.studies.factors import Factor

__all__ = ["DESIGNS", "Design", "Grid", "LatinHypercube", "Morris", "Sobol", "needed_extra", "points_of"]

MOST_POINTS = 1_000_000
Points = Annotated[int, Field(ge=1, le=MOST_POINTS)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Grid(Strict):
    """Every combination of the factors' values."""

    kind: Literal["grid"] = "grid"

    def places(self, factors: int) -> NDArray[np.float64]:
        """Not used: a grid goes through the values themselves."""
        raise TypeError("a grid has no places; see points_of")


class LatinHypercube(Strict):
    """Points such that each factor's range is covered evenly (McKay, Beckman & Conover 1979)."""

    kind: Literal["latin-hypercube"] = "latin-hypercube"
    points: Points = Field(description="points of the design")
    seed: Seed = Field(1, description="seed of the design")

    def places(self, factors: int) -> NDArray[np.float64]:
        """Points in the unit cube, shape (points, factors)."""
        from scipy.stats import qmc

        return np.asarray(qmc.LatinHypercube(factors, rng=np.random.default_rng(self.seed)).random(self.points))


class Sobol(Strict):
    """A scrambled Sobol' sequence (Sobol' 1967; Owen 1998): evenly spread in all factors together."""

    kind: Literal["sobol"] = "sobol"
    points: Points = Field(description="points of the design, a power of 2")
    seed: Seed = Field(1, description="seed of the scrambling")

    def places(self, factors: int) -> NDArray[np.float64]:
        """Points in the unit cube, shape (points, factors)."""
        from scipy.stats import qmc

        sequence = qmc.Sobol(factors, rng=np.random.default_rng(self.seed))
        return np.asarray(sequence.random_base2(self.points.bit_length() - 1))


class Morris(Strict):
    """Trajectories in which one factor moves at a time (Morris 1991)."""

    kind: Literal["morris"] = "morris"
    trajectories: Annotated[int, Field(ge=1, le=100_000)] = Field(
        10, description="trajectories; each has one point more than there are factors"
    )
    levels: Annotated[int, Field(ge=2, le=1000, multiple_of=2)] = Field(4, description="levels of each factor, even")
    seed: Seed = Field(1, description="seed of the design")

    def places(self, factors: int) -> NDArray[np.float64]:
        """Points in the unit cube, shape (trajectories * (factors + 1), factors).

        Raises
        ------
        ModuleNotFoundError
            If SALib is not installed.
        """
        if (missing := needed_extra(self)) is not None:
            raise ModuleNotFoundError(missing)
        from SALib.sample import morris

        problem = {"num_vars": factors, "names": list(map(str, range(factors))), "bounds": [[0.0, 1.0]] * factors}
        return np.asarray(morris.sample(problem, self.trajectories, num_levels=self.levels, seed=self.seed))


Design = Annotated[Grid | LatinHypercube | Sobol | Morris, Field(discriminator="kind")]
DESIGNS: dict[str, Callable[..., Strict]] = {
    "grid": Grid,
    "latin-hypercube": LatinHypercube,
    "sobol": Sobol,
    "morris": Morris,
}


def needed_extra(design: object) -> str | None:
    """What must be installed first for a design, in one line; None if nothing."""
    if isinstance(design, Morris) and importlib.util.find_spec("SALib") is None:
        return "a morris design needs SALib: pip install 'pushpull[studies]'"
    return None


def points_of(design: Any, factors: Sequence[Factor]) -> list[tuple[Any, ...]]:
    """The points of a design.

    Parameters
    ----------
    design : Grid or another design
    factors : sequence of Factor

    Returns
    -------
    list of tuple
        One value a factor; in a grid the last factor changes first.
    """
    if isinstance(design, Grid):
        return list(product(*(factor.levels() for factor in factors)))
    places = design.places(len(factors))
    return [tuple(factor.at(float(place)) for factor, place in zip(factors, row, strict=True)) for row in places]
