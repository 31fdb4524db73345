"""What a discovery leaves in figures: hits, boxes, and how a box did on new settings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.measures import Estimate, proportion_interval
from sim.studies.boxes import Box, find_box
from sim.studies.discovery import Case
from sim.studies.measuring import known_measures
from sim.studies.replicated import replicated
from sim.studies.study import write_parquet

if TYPE_CHECKING:
    from sim.studies.study import Study

__all__ = ["Outcome", "outcomes_of", "write_tables"]


@dataclass(frozen=True)
class Outcome:
    """A case in an economy.

    Attributes
    ----------
    number : int
        From 1: by what `retest` is asked for.
    economy : str
    case : Case
    parts : ndarray, shape (points,)
        Part of each setting's runs in which it happens, NaN where there is no run [-].
    hits : ndarray, shape (points,)
    box : Box or None
        None in the test of a box.
    """

    number: int
    economy: str
    case: Case
    parts: NDArray[np.float64]
    hits: NDArray[np.bool_]
    box: Box | None

    @property
    def rate(self) -> Estimate:
        """Part of the settings that are hits, with Wilson's interval."""
        return proportion_interval(self.hits[~np.isnan(self.parts)].astype(float))


def outcomes_of(study: Study) -> list[Outcome]:
    """All cases in all economies, with their boxes."""
    prepared = study.prepared
    experiment: Any = prepared.experiment
    values, known = replicated(study), known_measures([prepared.base])
    found: list[Outcome] = []
    for place, economy in enumerate(prepared.economies):
        for case in experiment.cases:
            figures = values[:, place, :, prepared.figures.index(known[case.measure][0])]
            runs = (~np.isnan(values[:, place]).all(axis=2)).sum(axis=1)  # those that did not fail
            happened = case.happens(figures).sum(axis=1)
            parts = np.where(runs > 0, happened / np.maximum(runs, 1), math.nan)
            hits = np.nan_to_num(parts, nan=-1.0) >= case.in_runs
            box = None
            if experiment.found is None:
                there = ~np.isnan(parts)
                columns = {
                    path: [value for value, here in zip(column, there, strict=True) if here]
                    for path, column in prepared.columns.items()
                }
                box = find_box(columns, hits[there], density=experiment.density, smallest=experiment.smallest)
            found.append(Outcome(len(found) + 1, economy, case, parts, hits, box))
    return found


def write_tables(study: Study) -> list[Outcome]:
    """Write ``cases.parquet``, and ``boxes.parquet`` or ``retest.parquet``."""
    outcomes = outcomes_of(study)
    cases = [
        (one.number, one.economy, one.case.name, point, float(part), bool(hit))
        for one in outcomes
        for point, (part, hit) in enumerate(zip(one.parts, one.hits, strict=True))
    ]
    heads = {"number": pa.int32(), "economy": pa.string(), "case": pa.string()}
    _table(study, "cases", {**heads, "point": pa.int32(), "part": pa.float64(), "hit": pa.bool_()}, cases)
    found = study.prepared.experiment.found  # type: ignore[attr-defined]
    if found is not None:
        rows: list[Any] = [
            (one.number, one.economy, one.case.name, found.density, *one.rate[:3], one.rate.replications)
            for one in outcomes
        ]
        names = ("density_found", "density", "low", "high")
        _table(study, "retest", {**heads, **dict.fromkeys(names, pa.float64()), "points": pa.int32()}, rows)
        return outcomes
    rows = []
    for one in outcomes:
        if one.box is None:
            continue
        told = (one.box.density, one.box.coverage, one.box.base_rate, one.box.points, one.box.hits)
        limits: list[tuple[Any, ...]] = [
            (limit.factor, limit.low, limit.high, ", ".join(map(str, limit.values))) for limit in one.box.limits
        ]
        rows += [
            (one.number, one.economy, one.case.name, *limit, *told)
            for limit in limits or [("", math.nan, math.nan, "")]
        ]
    columns = {**heads, "factor": pa.string(), "low": pa.float64(), "high": pa.float64(), "values": pa.string()}
    columns |= dict.fromkeys(("density", "coverage", "base_rate"), pa.float64())
    _table(study, "boxes", columns | dict.fromkeys(("points", "hits"), pa.int32()), rows)
    return outcomes


def _table(study: Study, name: str, columns: dict[str, Any], rows: list[Any]) -> None:
    parts: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [pa.array(part, kind) for part, kind in zip(parts, columns.values(), strict=True)]
    write_parquet(study.path / f"{name}.parquet", [pa.table(arrays, names=list(columns))])
