"""A finished study: what it leaves on disk, and reading it back."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.results import MODEL_VERSION, ResultsError, folder_in_the_making, locked, measure_of, provenance_of
from sim.results.files import writing
from sim.results.provenance import source_digest, sources_of
from sim.results.summary import ESTIMATORS
from sim.runner import Failure, Interrupted, RunBusy, RunError
from sim.scenario.writing import to_yaml
from sim.strategies import loaded_plugins
from sim.studies.experiment import Prepared, load
from sim.studies.measuring import Measured
from sim.studies.performing import Plan, perform
from sim.studies.store import Key, Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Study", "StudyFailed", "conduct", "folder_of", "write_csv", "write_parquet"]

SHOWN = 5
TABLES = ("points", "measures", "failures")
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


class StudyFailed(RunError):
    """Some replications of a study failed; the others are in its tables.

    Attributes
    ----------
    study : Study
        With everything that did not fail.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        failures = study.failures
        lines = [f"{len(failures)} of {study.prepared.runs} replications failed; the others are in {study.path}"]
        kinds: dict[str, list[Any]] = {}
        for row in failures.itertuples():
            kinds.setdefault(row.error, []).append(row)
        for error, rows in list(kinds.items())[:SHOWN]:
            one = rows[0]
            which = f"point {one.point}, {one.economy}, replication {one.replication}, seed {one.seed}"
            more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
            lines += [f"  {error} ({which}{more}); to see it again:", f"    {one.command}"]
        if len(kinds) > SHOWN:
            lines.append(f"  and {len(kinds) - SHOWN} other errors, in failures.parquet")
        super().__init__("\n".join(lines))


class Study:
    """A finished study.

    Attributes
    ----------
    path : Path
        Its folder.
    prepared : Prepared
        The experiment and its scenario.
    provenance : dict
        Four keys: schema_version, software, parameters, environment.
    reused : bool
        Whether the study was found finished instead of being run.
    points : DataFrame
        One row a point: its number and one column a factor, or the change.
    measures : DataFrame
        point, economy, replication, measure, seller, value, censored: one row a figure; a
        duration that had not ended at the horizon is inf and censored.
    summary : DataFrame
        One row a point, economy, seller and measure, with its interval; of a comparison, one row
        a change.
    failures : DataFrame
        point, economy, replication, seed, error, command: one row a replication that failed.
    """

    def __init__(self, prepared: Prepared, provenance: Mapping[str, Any], path: Path, reused: bool = False) -> None:
        self.prepared, self.provenance, self.path, self.reused = prepared, dict(provenance), path, reused
        self.paths: dict[Key, bytes] = {}  # while the study is written, for kinds that keep paths
        self.plan: Plan | None = None

    def __repr__(self) -> str:
        return f"<{self.prepared.experiment.kind} {self.prepared.experiment.name}: {self.path}>"

    @classmethod
    def read(cls, path: Path | str) -> Study:
        """Read a study from its folder; tables are read when first asked for.

        Raises
        ------
        ResultsError
            If it is not such a folder.
        """
        folder = Path(path)
        for name in ("experiment.yaml", "scenario.yaml", "provenance.json", "summary.csv", "measures.parquet"):
            if not (folder / name).is_file():
                raise ResultsError(f"{folder}: {name} is missing; this is not the folder of a finished study")
        try:
            provenance = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
            sources = provenance["software"]["sources"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ResultsError(f"{folder / 'provenance.json'}: cannot be read ({error})") from error
        study = cls(load(folder / "experiment.yaml"), provenance, folder)
        study.provenance["software"]["sources"] = sources
        return study

    @cached_property
    def points(self) -> pd.DataFrame:
        """The points."""
        return self.table("points")

    @cached_property
    def measures(self) -> pd.DataFrame:
        """All figures of all replications."""
        return self.table("measures")

    @cached_property
    def failures(self) -> pd.DataFrame:
        """What failed."""
        return self.table("failures")

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Paired differences over time; only of a comparison."""
        return self.table("differences")

    @cached_property
    def summary(self) -> pd.DataFrame:
        """What the replications say together."""
        import pandas as pd

        words = ("economy", "seller", "measure", "change")
        frame = pd.read_csv(
            self.path / "summary.csv", keep_default_na=False, na_values={}, dtype=dict.fromkeys(words, str)
        )
        for name in frame.columns:
            if name not in (*words, "point", "replications", "censored"):
                frame[name] = [float(figure) if figure != "" else math.nan for figure in frame[name]]
        return frame

    def table(self, name: str) -> pd.DataFrame:
        """A table of the study, by the name of its file.

        Raises
        ------
        ResultsError
            If it is not there or cannot be read.
        """
        import pandas as pd

        path = self.path / f"{name}.parquet"
        try:
            return pd.read_parquet(path, engine="pyarrow")
        except Exception as error:  # pyarrow's errors are of many kinds
            raise ResultsError(f"{path}: cannot be read ({' '.join(str(error).split())})") from error


def folder_of(prepared: Prepared, out: Path | str = "results") -> Path:
    """Folder of a study, there or not: ``out/<experiment-name>/<key>``.

    The key is a digest of the resolved experiment, the words of its scenario, the model's
    version, and the code of strategies that are not the product's own.
    """
    what = {
        "experiment": prepared.resolved(),
        "scenario": prepared.base.tree,
        "resolved": prepared.base.resolved(),
        "model_version": MODEL_VERSION,
        "strategies": sources_of(prepared.base),
    }
    text = json.dumps(what, sort_keys=True, allow_nan=False)
    return Path(out) / prepared.experiment.name / hashlib.sha256(text.encode()).hexdigest()[:12]


def conduct(
    prepared: Prepared,
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    out: Path | str = "results",
    progress: bool = True,
    command: str | None = None,
) -> Study:
    """Run what a study lacks, and write it.

    What is done is kept in a store under `out`, replication by replication, and shared with
    every other study there. However a study ends, the next call goes on from there, and its
    tables are the same to the byte as if nothing had happened.

    Parameters
    ----------
    prepared : Prepared
    jobs : int, optional
        Replications at a time; by default as many as there are processors.
    executor : concurrent.futures.Executor, optional
        Where to run replications instead, as Dask's ``client.get_executor()``.
    out : path
        Folder of results.
    progress : bool
        Whether to show replications done, rate, failures and time left on stderr.
    command : str, optional
        For the provenance: the command that leads to this study.

    Returns
    -------
    Study

    Raises
    ------
    StudyFailed
        If replications failed: the study is written without them.
    Interrupted
        If the user pressed Ctrl-C; what is done is kept.
    RunBroken, RunBusy
        If a worker ended abruptly; if another process is at this study.
    """
    place = folder_of(prepared, out)
    if (done := _found(place)) is not None:
        return done
    store = Store(Path(out))
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(place.with_name(f".lock-{place.name}")))
        except BlockingIOError:
            raise RunBusy(f"another process is at this very study ({place}); let it finish") from None
        if (done := _found(place)) is not None:
            return done
        for left in place.parent.glob(f".{place.name}-*"):  # by a process that was killed while it wrote
            shutil.rmtree(left, ignore_errors=True)
        plan = Plan(prepared)
        failed = perform(plan, store, jobs=jobs, executor=executor, progress=progress, kept_in=store.folder)
        try:
            with folder_in_the_making(place) as folder:
                _write(folder, place, plan, store, failed, command)
        except KeyboardInterrupt:
            there = prepared.runs - len(failed)
            raise Interrupted(there, prepared.runs, store.folder) from None
        shutil.rmtree(place.with_name(f".lock-{place.name}"), ignore_errors=True)
    study = Study.read(place)
    if len(study.failures):
        raise StudyFailed(study)
    return study


def _found(place: Path) -> Study | None:
    """The finished study, if it is there, whole, and made by this very code."""
    if not place.is_dir():
        return None
    try:
        done = Study.read(place)
        if done.provenance["software"]["sources"] != source_digest() or len(done.failures):
            return None
        if not (place / "report.html").is_file():
            return None
    except ResultsError:
        return None
    done.reused = True
    return done


def _write(
    folder: Path, place: Path, plan: Plan, store: Store, failed: Mapping[Key, Failure], command: str | None
) -> None:
    prepared = plan.prepared
    for name, text in (("experiment.yaml", prepared.to_yaml()), ("scenario.yaml", to_yaml(prepared.base.tree))):
        with writing(folder / name) as file:
            file.write(text)
    chosen = prepared.base.model_copy(
        update={
            "replications": prepared.replications,
            "economies": {name: prepared.base.economies[name] for name in prepared.economies},
        }
    )
    parameters = {
        "command": command or f"pushpull {prepared.experiment.kind} experiment.yaml",
        "experiment": prepared.experiment.name,
        "kind": prepared.experiment.kind,
        "points": prepared.points,
    }
    provenance = provenance_of(chosen, parameters)
    with writing(folder / "provenance.json") as file:
        json.dump(provenance, file, indent=2, ensure_ascii=False, allow_nan=False)
        file.write("\n")
    _write_points(folder, prepared)
    _write_failures(folder, place, plan, failed)
    study = Study(prepared, provenance, folder)
    study.plan = plan
    values = _values(plan, store, study)
    _write_measures(folder, prepared, values)
    if not prepared.experiment.keeps_paths:
        _write_summary(folder, prepared, values)
    prepared.experiment.pages(study)


def _values(plan: Plan, store: Store, study: Study) -> np.ndarray:
    """All figures, shape (points, economies, replications, figures); NaN where there is none.

    This is all of a study that is in memory at once: 8 bytes a figure.
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
    for key, kept in store.scan(wanted, paths=prepared.experiment.keeps_paths):
        if kept.names not in columns:
            columns[kept.names] = _columns(kept.names, prepared.figures)
        row = np.append(kept.values, math.nan)[columns[kept.names]]
        for where in wanted[key]:
            values[where] = row
        if kept.paths is not None:
            study.paths[key] = kept.paths
    return values


def _columns(names: str, figures: Sequence[Measured]) -> list[int]:
    """Where each figure stands; the place after the last one if it is not there."""
    there = {(seller, measure): place for place, (seller, measure) in enumerate(json.loads(names))}
    return [there.get(figure, len(there)) for figure in figures]


def _write_points(folder: Path, prepared: Prepared) -> None:
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


def _write_measures(folder: Path, prepared: Prepared, values: np.ndarray) -> None:
    """One row a figure; those of replications that failed are left out."""
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


def _write_summary(folder: Path, prepared: Prepared, values: np.ndarray) -> None:
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
    import csv

    with writing(path) as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        for row in rows:
            table.writerow(
                ("" if math.isnan(cell) else repr(float(cell))) if isinstance(cell, float) else cell for cell in row
            )


def _write_failures(folder: Path, place: Path, plan: Plan, failed: Mapping[Key, Failure]) -> None:
    """Who failed, and for each point that did, its scenario, so that the command finds it."""
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


def write_parquet(path: Path, tables: Any) -> None:
    """Write tables of one schema one after the other; the same ones give the same bytes."""
    tables = iter(tables)
    first = next(tables)
    with writing(path, "wb") as file, pq.ParquetWriter(file, first.schema, compression="zstd") as writer:
        writer.write_table(first, row_group_size=max(first.num_rows, 1))
        for table in tables:
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
