"""A finished study: what it leaves on disk, and reading it back."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from weakref import finalize

from sim.results import MODEL_VERSION, ResultsError, folder_in_the_making, locked, provenance_of
from sim.results.files import writing
from sim.results.provenance import source_digest, sources_of
from sim.runner import Failure, Interrupted, RunBroken, RunBusy, RunError
from sim.scenario.writing import to_yaml
from sim.studies.experiment import Prepared, load
from sim.studies.performing import Plan, perform
from sim.studies.store import Key, Store
from sim.studies.tables import (
    values_of,
    write_csv,
    write_failures,
    write_measures,
    write_parquet,
    write_points,
    write_summary,
)
from sim.studies.traces import write_traces

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Study", "StudyFailed", "conduct", "folder_of", "write_csv", "write_parquet"]

SHOWN = 5


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
            provenance["software"]["sources"]  # what tells whether this very code made it
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ResultsError(f"{folder / 'provenance.json'}: cannot be read ({error})") from error
        return cls(load(folder / "experiment.yaml"), provenance, folder)

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

    def write_report(self) -> Path:
        """Write figures and report anew, and the tables that its kind makes of the measures.

        Returns
        -------
        Path
            The report.

        Raises
        ------
        ResultsError
            If a table that is needed is not there or cannot be read.
        """
        self.prepared.experiment.pages(self)
        return self.path / "report.html"

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
    out: Path | str | None = "results",
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
    out : path or None
        Folder of results; None: one for this study alone, which is removed when the study is not
        used any more.
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
        If no worker process stays alive, or the executor fails; if another process is at this study.
    """
    if out is None:
        return _unkept(prepared, jobs, executor, progress, command)
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


def _unkept(
    prepared: Prepared, jobs: int | None, executor: Executor | None, progress: bool, command: str | None
) -> Study:
    """A study in a folder that goes with it; of one that failed it stays, since what it says points there."""
    folder = Path(mkdtemp(prefix="pushpull-"))
    try:
        study = conduct(prepared, jobs=jobs, executor=executor, out=folder, progress=progress, command=command)
    except StudyFailed:
        raise
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, Interrupted):
            raise Interrupted(error.done, error.total, None) from None
        if isinstance(error, RunBroken):
            raise RunBroken(f"{str(error).rpartition(';')[0]}; nothing is kept") from error.__cause__
        raise
    finalize(study, shutil.rmtree, folder, ignore_errors=True)
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
    write_points(folder, prepared)
    write_failures(folder, place, plan, failed)
    values, paths = values_of(plan, store)
    write_measures(folder, prepared, values)
    if prepared.experiment.keeps_paths:
        write_traces(folder, plan, paths)
    else:
        write_summary(folder, prepared, values)
    Study(prepared, provenance, folder).write_report()
