"""The tables of a study: read from the store in one order, so that the same study gives the same bytes."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.results import measure_of
from sim.results.files import writing
from sim.results.summary import ESTIMATORS
from sim.runner import Failure
from sim.strategies import loaded_plugins
from sim.studies.experiment import Prepared
from sim.studies.measuring import Measured
from sim.studies.performing import Plan
from sim.studies.store import Key, Store

__all__ = [
    "values_of",
    "write_csv",
    "write_failures",
    "write_measures",
    "write_parquet",
    "write_points",
    "write_summary",
]

FAILURES = pa.schema(
    [
        ("point", pa.int32()),
        ("economy", pa.string()),
        ("replication", pa.int32()),
        ("seed", pa.int64()),
        ("error", pa.string()),
        ("command", pa.string()),
    ]
)
ROWS = 50_000  # of a row group


def values_of(plan: Plan, store: Store) -> tuple[np.ndarray, dict[Key, bytes]]:
    """Read what a study measures from the store: all of it that is in memory at once, 8 bytes a figure.

    Parameters
    ----------
    plan : Plan
    store : Store

    Returns
    -------
    values : ndarray, shape (points, economies, replications, figures)
        NaN where there is none.
    paths : dict of Key to bytes
        Of the kinds that keep paths, for `sim.studies.measuring.paths_of`.
    """
    prepared = plan.prepared
    shape = (prepared.points, len(prepared.economies), prepared.replications, len(prepared.figures))
    values = np.full(shape, math.nan)
    wanted: dict[Key, list[tuple[int, int, int]]] = {}
    for point in range(prepared.points):
        for place, economy in enumerate(prepared.economies):
            for replication in range(prepared.replications):
                key = plan.key(point, economy, replication)
                if key is not None:
                    wanted.setdefault(key, []).append((point, place, replication))
    columns: dict[str, list[int]] = {}
    paths: dict[Key, bytes] = {}
    for key, kept in store.scan(wanted, paths=prepared.experiment.keeps_paths):
        if kept.names not in columns:
            columns[kept.names] = _columns(kept.names, prepared.figures)
        row = np.append(kept.values, math.nan)[columns[kept.names]]
        for where in wanted[key]:
            values[where] = row
        if kept.paths is not None:
            paths[key] = kept.paths
    return values, paths


def _columns(names: str, figures: Sequence[Measured]) -> list[int]:
    """Where each figure stands; the place after the last one if it is not there."""
    there = {(seller, measure): place for place, (seller, measure) in enumerate(json.loads(names))}
    return [there.get(figure, len(there)) for figure in figures]


def write_points(folder: Path, prepared: Prepared) -> None:
    """Write ``points.parquet``: one row a point."""
    columns: dict[str, pa.Array] = {"point": pa.array(range(prepared.points), pa.int32())}
    for name, values in prepared.columns.items():
        kinds = {type(value) for value in values}
        if kinds <= {int, float} and kinds != {int}:
            columns[name] = pa.array(values, pa.float64())
        elif len(kinds) == 1 and kinds <= {int, bool, str}:
            columns[name] = pa.array(values)
        else:
            columns[name] = pa.array([value if isinstance(value, str) else json.dumps(value) for value in values])
    write_parquet(folder / "points.parquet", [pa.table(columns)])


def write_measures(folder: Path, prepared: Prepared, values: np.ndarray) -> None:
    """Write ``measures.parquet``: one row a figure; those of replications that failed are left out."""
    schema = pa.schema(
        [
            ("point", pa.int32()),
            ("economy", pa.dictionary(pa.int32(), pa.string())),
            ("replication", pa.int32()),
            ("measure", pa.dictionary(pa.int32(), pa.string())),
            ("seller", pa.dictionary(pa.int32(), pa.string())),
            ("value", pa.float64()),
            ("censored", pa.bool_()),
        ]
    )
    measures = list(dict.fromkeys(measure for _, measure in prepared.figures))
    sellers = list(dict.fromkeys(seller for seller, _ in prepared.figures))
    codes = np.array([(measures.index(measure), sellers.index(seller)) for seller, measure in prepared.figures])
    block = max(1, ROWS // values[0].size)

    def tables() -> Iterator[pa.Table]:
        for start in range(0, prepared.points, block):
            part = values[start : start + block]
            there = np.broadcast_to(~np.isnan(part).all(axis=3, keepdims=True), part.shape)
            point, economy, replication, figure = (index.astype(np.int32) for index in np.nonzero(there))
            value = part[there]
            yield pa.table(
                {
                    "point": point + np.int32(start),
                    "economy": pa.DictionaryArray.from_arrays(economy, prepared.economies),
                    "replication": replication,
                    "measure": pa.DictionaryArray.from_arrays(codes[figure, 0].astype(np.int32), measures),
                    "seller": pa.DictionaryArray.from_arrays(codes[figure, 1].astype(np.int32), sellers),
                    "value": value,
                    "censored": np.isinf(value),
                },
                schema=schema,
            )

    write_parquet(folder / "measures.parquet", tables())


def write_summary(folder: Path, prepared: Prepared, values: np.ndarray) -> None:
    """Write ``summary.csv`` of a study whose points are told one by one."""
    rows: list[tuple[Any, ...]] = []
    for point in range(prepared.points):
        for place, economy in enumerate(prepared.economies):
            for number, (seller, measure) in enumerate(prepared.figures):
                estimate = ESTIMATORS[measure_of(measure).kind](values[point, place, :, number])
                rows.append((point, economy, seller, measure, *estimate))
    header = ("point", "economy", "seller", "measure", "mean", "low", "high", "replications", "censored")
    write_csv(folder / "summary.csv", header, rows)


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write rows as CSV: NaN as nothing, infinite as ``inf``, every figure in full."""
    with writing(path) as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        for row in rows:
            table.writerow(
                ("" if math.isnan(cell) else repr(float(cell))) if isinstance(cell, float) else cell for cell in row
            )


def write_failures(folder: Path, place: Path, plan: Plan, failed: Mapping[Key, Failure]) -> None:
    """Write ``failures.parquet``, and for each point that failed its scenario, so that the command finds it."""
    prepared = plan.prepared
    rows: list[tuple[Any, ...]] = []
    for point in range(prepared.points):
        for economy in prepared.economies:
            for replication in range(prepared.replications):
                key = plan.key(point, economy, replication)
                if key is None:
                    again = f"pushpull check {place / 'experiment.yaml'}"
                    seed, error = prepared.base.seed, f"ScenarioError: {plan.impossible[point]}"
                elif key in failed:
                    file = Path("failed") / f"{point}.yaml"
                    if not (folder / file).is_file():
                        (folder / "failed").mkdir(exist_ok=True)
                        with writing(folder / file) as sink:
                            sink.write(plan.scenario_at(point).to_yaml())
                    failure = failed[key]._replace(economy=economy, replication=replication)
                    seed, error = failure.seed, failure.error
                    again = failure.command(place / file, loaded_plugins())
                else:
                    continue
                rows.append((point, economy, replication, seed, error, again))
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(FAILURES)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, FAILURES, strict=True)]
    write_parquet(folder / "failures.parquet", [pa.Table.from_arrays(arrays, schema=FAILURES)])


def write_parquet(path: Path, tables: Iterable[pa.Table]) -> None:
    """Write tables of one schema one after the other; the same ones give the same bytes."""
    tables = iter(tables)
    first = next(tables)
    with writing(path, "wb") as file, pq.ParquetWriter(file, first.schema, compression="zstd") as writer:
        writer.write_table(first, row_group_size=max(first.num_rows, 1))
        for table in tables:
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
