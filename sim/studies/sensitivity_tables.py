"""What a sensitivity leaves in figures: ``indices.parquet``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.measures import Estimate, mean_interval
from sim.studies.designs import Morris
from sim.studies.indices import Index, factorial_indices, morris_indices, noise_share, sobol_indices
from sim.studies.measuring import Measured
from sim.studies.replicated import complete, replicated
from sim.studies.sensitivity import Factorial
from sim.studies.study import write_parquet

if TYPE_CHECKING:
    from sim.studies.study import Study

__all__ = ["Matter", "write_indices"]

COLUMNS = (
    ("economy", pa.string()),
    ("measure", pa.string()),
    ("seller", pa.string()),
    ("index", pa.string()),
    ("factor", pa.string()),
    ("other", pa.string()),
    ("value", pa.float64()),
    ("low", pa.float64()),
    ("high", pa.float64()),
    ("replications", pa.int32()),
    ("noise_share", pa.float64()),
)


@dataclass(frozen=True)
class Matter:
    """What matters for one figure in one economy.

    Attributes
    ----------
    economy : str
    figure : (seller, measure)
    indices : list of Index
        Empty if the figure is defined in no replication at all points, or is the same at all.
    outcomes : ndarray, shape (points, replications)
        Those replications in which it is defined at all points.
    noise : float
        Part of the variance of the points' means that is chance [-].
    """

    economy: str
    figure: Measured
    indices: list[Index]
    outcomes: NDArray[np.float64]
    noise: float

    def named(self, name: str) -> dict[int, Index]:
        """The indices of one name, by factor; not those of two factors."""
        return {one.factor: one for one in self.indices if one.name == name and one.other < 0}

    def at(self, point: int) -> Estimate:
        """The figure at one point."""
        return mean_interval(self.outcomes[point])


def write_indices(study: Study) -> list[Matter]:
    """Estimate all indices and write ``indices.parquet``."""
    prepared = study.prepared
    experiment: Any = prepared.experiment
    values = replicated(study)
    found: list[Matter] = []
    for place, economy in enumerate(prepared.economies):
        for number, figure in enumerate(prepared.figures):
            outcomes = complete(values[:, place, :, number], figure[1], prepared.base.horizon)
            known = outcomes.shape[1] > 0 and bool(np.ptp(outcomes) > 0)
            indices = _indices(experiment, outcomes) if known else []
            found.append(Matter(economy, figure, indices, outcomes, noise_share(outcomes) if known else math.nan))
    names = [factor.path for factor in experiment.parts]
    rows = [
        (
            matter.economy,
            matter.figure[1],
            matter.figure[0],
            one.name,
            names[one.factor],
            names[one.other] if one.other >= 0 else "",
            one.value,
            one.low,
            one.high,
            matter.outcomes.shape[1],
            matter.noise,
        )
        for matter in found
        for one in matter.indices
    ]
    columns: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    arrays = [pa.array(column, kind) for column, (_, kind) in zip(columns, COLUMNS, strict=True)]
    write_parquet(study.path / "indices.parquet", [pa.table(arrays, names=[name for name, _ in COLUMNS])])
    return found


def _indices(experiment: Any, outcomes: NDArray[np.float64]) -> list[Index]:
    design, resamples = experiment.design, experiment.resamples
    if isinstance(design, Factorial):
        return factorial_indices(2 * experiment.places - 1, outcomes, resamples=resamples, seed=design.seed)
    if isinstance(design, Morris):
        return morris_indices(experiment.places, outcomes, resamples=resamples, seed=design.seed)
    factors = len(experiment.parts)
    return sobol_indices(outcomes, factors, pairs=design.pairs, resamples=resamples, seed=design.seed)
