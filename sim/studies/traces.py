"""Paths of a comparison's runs: its tables ``paths.parquet`` and ``switches.parquet``, and reading them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.columns import CAUSES
from sim.studies.experiment import Prepared
from sim.studies.measuring import PATHS, paths_of
from sim.studies.performing import Plan
from sim.studies.store import Key
from sim.studies.tables import write_parquet

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.study import Study

__all__ = ["Traces", "write_traces"]

WORD = pa.dictionary(pa.int32(), pa.string())
RUN = [("point", pa.int32()), ("economy", WORD), ("replication", pa.int32())]
OVER_TIME = pa.schema(
    [
        *RUN,
        ("tick", pa.int32()),
        ("seller", WORD),
        ("share", pa.float64()),
        ("profit", pa.float64()),
        ("alive", pa.bool_()),
    ]
)
MOVES = pa.schema([*RUN, ("from_seller", WORD), ("to_seller", WORD), ("cause", WORD), ("buyers", pa.int64())])


def write_traces(folder: Path, plan: Plan, paths: Mapping[Key, bytes]) -> None:
    """Write the share, profit and life of every seller, tick by tick, and who moved over the whole run.

    Parameters
    ----------
    folder : Path
        Of the study.
    plan : Plan
    paths : mapping of Key to bytes
        For `sim.studies.measuring.paths_of`; runs that failed are left out.
    """
    write_parquet(folder / "paths.parquet", _tables(plan, paths, OVER_TIME, _over_time))
    write_parquet(folder / "switches.parquet", _tables(plan, paths, MOVES, _moves))


def _tables(plan: Plan, paths: Mapping[Key, bytes], schema: pa.Schema, rows_of: Any) -> Iterator[pa.Table]:
    """A table a point, economies and replications in order."""
    prepared = plan.prepared
    words = {"economy": prepared.economies, "cause": list(CAUSES)}
    for point in range(prepared.points):
        parts: list[list[NDArray[Any]]] = []
        for place, economy in enumerate(prepared.economies):
            for replication in range(prepared.replications):
                packed = paths.get(key) if (key := plan.key(point, economy, replication)) else None
                if packed is not None:
                    rows = rows_of(prepared, paths_of(packed))
                    parts.append([np.full(len(rows[0]), number) for number in (point, place, replication)] + rows)
        arrays = []
        for field, column in zip(schema, zip(*parts, strict=True) if parts else [()] * len(schema), strict=False):
            values = np.concatenate(column) if column else np.empty(0)
            if field.type == WORD:
                codes = values.astype(np.int32)
                arrays.append(pa.DictionaryArray.from_arrays(codes, words.get(field.name, prepared.sellers)))
            else:
                arrays.append(pa.array(values.astype(field.type.to_pandas_dtype())))
        yield pa.Table.from_arrays(arrays, schema=schema)


def _over_time(prepared: Prepared, paths: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
    """Columns from ``tick`` on, ticks in order and sellers in each."""
    places, ticks = _places(prepared, paths), len(paths["share"])
    when, who = np.repeat(np.arange(ticks), len(places)), np.tile(places, ticks)
    return [when, who, *(paths[name].ravel() for name in ("share", "profit", "alive"))]


def _moves(prepared: Prepared, paths: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
    """Columns from ``from_seller`` on; what never happened has no row."""
    places = _places(prepared, paths)
    left, came, cause = np.nonzero(paths["moves"])
    return [places[left], places[came], cause, paths["moves"][left, came, cause]]


def _places(prepared: Prepared, paths: Mapping[str, NDArray[Any]]) -> NDArray[np.intp]:
    """Where the sellers of a run stand among those of the study."""
    return np.array([prepared.sellers.index(name) for name in paths["sellers"]], np.intp)


class Traces:
    """The paths of all runs of a comparison, from its tables.

    Attributes
    ----------
    there : ndarray, shape (points, economies, replications)
        Which runs there are.
    sellers : ndarray, shape (points, sellers)
        Who is in the market of a point; sellers in the order of the study.
    over_time : dict of str to ndarray, shape (points, economies, replications, ticks, sellers)
        `PATHS`; nothing for a seller that is not there.
    moves : ndarray, shape (points, economies, replications, sellers, sellers, causes)
        From whom to whom for what cause, over the whole run [switches].
    """

    def __init__(self, study: Study) -> None:
        prepared = study.prepared
        runs = (prepared.points, len(prepared.economies), prepared.replications)
        sellers, ticks = len(prepared.sellers), prepared.base.horizon
        names = {name: place for place, name in enumerate(prepared.sellers)}
        frame = study.table("paths")
        where = _runs(frame, prepared)
        places = _codes(frame["seller"], names)
        self.there = np.zeros(runs, bool)
        self.there[where] = True
        self.sellers = np.zeros((prepared.points, sellers), bool)
        self.sellers[where[0], places] = True
        self.over_time = {name: np.zeros((*runs, ticks, sellers)) for name in PATHS}
        for name, values in self.over_time.items():
            values[(*where, frame["tick"].to_numpy(), places)] = frame[name].to_numpy()
        frame = study.table("switches")
        left, came = _codes(frame["from_seller"], names), _codes(frame["to_seller"], names)
        causes = _codes(frame["cause"], {name: place for place, name in enumerate(CAUSES)})
        self.moves = np.zeros((*runs, sellers, sellers, len(CAUSES)))
        self.moves[(*_runs(frame, prepared), left, came, causes)] = frame["buyers"].to_numpy()


def _runs(frame: pd.DataFrame, prepared: Prepared) -> tuple[NDArray[Any], ...]:
    economies = {name: place for place, name in enumerate(prepared.economies)}
    return frame["point"].to_numpy(), _codes(frame["economy"], economies), frame["replication"].to_numpy()


def _codes(column: pd.Series, names: Mapping[str, int]) -> NDArray[np.intp]:
    return column.astype(str).map(names).to_numpy(np.intp)
