"""One scenario, all its economies, many replications: a finished run."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sim.results import (
    InMemory,
    Parts,
    Record,
    Run,
    Store,
    folder_in_the_making,
    key_of,
    locked,
    provenance_of,
    write_run,
)
from sim.results.files import writing
from sim.results.provenance import source_digest
from sim.runner.errors import Interrupted, PrecisionWarning, RunBroken, RunBusy, RunFailed
from sim.runner.precision import MAXIMUM, MINIMUM
from sim.runner.rounds import Rounds
from sim.runner.workers import Workers
from sim.scenario.scenario import Scenario
from sim.strategies import loaded_plugins

__all__ = ["folder_of", "resolve", "run"]

Engine = Literal["columns", "agents"]
Pages = Callable[[Run], Any]


def run(
    scenario: Scenario,
    *,
    replications: int | None = None,
    precision: float | None = None,
    max_replications: int = MAXIMUM,
    seed: int | None = None,
    economies: Sequence[str] | None = None,
    jobs: int | None = None,
    engine: Engine = "columns",
    out: Path | str | None = "results",
    executor: Executor | None = None,
    progress: bool = True,
    fresh: bool = False,
    command: str | None = None,
    pages: Pages | None = None,
) -> Run:
    """Run a scenario: every economy on the same buyers, sellers and draws, many times over.

    The result depends on the scenario, its seed and the number of replications alone, to the
    byte: not on jobs, executor or engine, nor on whether the run was interrupted on its way.

    Parameters
    ----------
    scenario : Scenario
    replications : int, optional
        Independent runs of each economy, at least 1; by default the scenario's.
    precision : float, optional
        Instead: replicate until the 95 % interval of every final market share is narrower
        than this (its whole width) [-]. Begins with 8 replications; see
        `sim.runner.precision` for the small bias of such a rule.
    max_replications : int
        With `precision`: where to give up, with a `PrecisionWarning` and a run whose
        ``precision["met"]`` is False.
    seed : int, optional
        By default the scenario's.
    economies : sequence of str, optional
        Run only these of the scenario's economies.
    jobs : int, optional
        Replications at a time; 1: in this process. By default as many as there are
        processors, or in this process when the work is small (see `Workers`).
    engine : {"columns", "agents"}
    out : path or None
        Folder under which ``<scenario-name>/<key>/`` is written; None: in memory only.
    executor : concurrent.futures.Executor, optional
        Where to run replications, as Dask's ``client.get_executor()``.
    progress : bool
        Whether to show replications done, rate and time left on stderr.
    fresh : bool
        Run again even if the folder of this very run is there; one that was made by other
        code of the model is run again in any case.
    command : str, optional
        For the provenance: the command that leads to this run, without paths of this
        machine; by default the one for the ``scenario.yaml`` in the run's folder.
    pages : callable, optional
        Called with the run before its folder takes its name, to add figures and report.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If an argument is out of its range.
    Interrupted
        If the user pressed Ctrl-C; what is done is kept.
    RunFailed, RunBroken, RunBusy
        If replications failed, no worker process stays alive, another process is at this run.
    """
    resolved = resolve(scenario, replications, seed, economies)
    rule = _rule(replications, precision, max_replications)
    if engine not in ("columns", "agents"):
        raise ValueError(f"{engine!r} is not an engine (columns, agents)")
    workers = Workers(jobs, executor, engine)
    workers.check(resolved)
    terms = _Terms(resolved, precision, max_replications, engine, command, progress)
    if out is None:
        memory = InMemory()
        rounds = _performed(terms, workers, memory, None)
        final, provenance = _outcome(terms, rounds)
        return Run.of(final, _records(rounds), provenance)
    place = folder_of(resolved, out, rule)
    if not fresh and (done := _found(place, pages)) is not None:
        return done
    kept = place.with_name(f".parts-{place.name}")
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(kept))
        except BlockingIOError:
            raise RunBusy(f"another process is at this very run ({kept} is locked); let it finish") from None
        if not fresh and (done := _found(place, pages)) is not None:  # the one that had the lock has finished it
            shutil.rmtree(kept, ignore_errors=True)
            return done
        for left in place.parent.glob(f".{place.name}-*"):  # by a process that was killed while it wrote
            shutil.rmtree(left, ignore_errors=True)
        with writing(kept / "scenario.yaml") as file:
            file.write(resolved.to_yaml())
        parts = Parts(kept, source_digest())
        rounds = _performed(terms, workers, parts, kept)
        final, provenance = _outcome(terms, rounds)
        try:
            with folder_in_the_making(place) as folder:
                made = write_run(folder, final, _records(rounds), provenance)
                if pages is not None:
                    pages(made)
        except KeyboardInterrupt:
            raise Interrupted(rounds.done, rounds.total, kept) from None
        parts.remove()
    return Run(final, provenance, place)


def resolve(
    scenario: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    economies: Sequence[str] | None = None,
) -> Scenario:
    """Scenario with the replications, seed and economies asked for.

    Raises
    ------
    ValueError
        If one is out of its range, or there is no such economy.
    """
    update: dict[str, Any] = {}
    if replications is not None:
        if not 1 <= replications <= 1_000_000:
            raise ValueError(f"replications must be between 1 and 1000000, not {replications}")
        update["replications"] = replications
    if seed is not None:
        if not 0 <= seed < 2**63:
            raise ValueError(f"a seed is between 0 and 2**63 - 1, not {seed}")
        update["seed"] = seed
    if economies is not None:
        for name in economies:
            if name not in scenario.economies:
                raise ValueError(f"{name!r} is not an economy of {scenario.name!r} ({', '.join(scenario.economies)})")
        if not economies:
            raise ValueError("name at least one economy")
        scenario = scenario.with_economies({name: name for name in scenario.economies if name in economies})
    return scenario.model_copy(update=update)


def folder_of(scenario: Scenario, out: Path | str = "results", rule: dict[str, float] | None = None) -> Path:
    """Folder of a run, there or not: ``out/<scenario-name>/<key>``.

    Parameters
    ----------
    scenario : Scenario
        As `resolve` gives it.
    out : path
    rule : dict, optional
        Stopping rule of a run without fixed replications.
    """
    return Path(out) / scenario.name / key_of(scenario, rule)


def _rule(replications: int | None, precision: float | None, maximum: int) -> dict[str, float] | None:
    if precision is None:
        return None
    if replications is not None:
        raise ValueError("give replications or precision, not both: precision finds the replications itself")
    if not 0 < precision < 1:
        raise ValueError(f"precision is the width of an interval of a share, between 0 and 1, not {precision:g}")
    if maximum < MINIMUM:
        raise ValueError(f"max_replications must be at least {MINIMUM}, not {maximum}")
    return {"precision": precision, "maximum": maximum}


def _found(place: Path, pages: Pages | None) -> Run | None:
    """The finished run, if it is there and made by this very code."""
    if not place.is_dir():
        return None
    done = Run.read(place)
    if done.provenance["software"].get("sources") != source_digest():
        return None
    done.reused = True
    if pages is not None and not (place / "report.html").is_file():
        pages(done)
    return done


class _Terms(NamedTuple):
    """What was asked for."""

    scenario: Scenario
    precision: float | None
    maximum: int
    engine: str
    command: str | None
    progress: bool


def _performed(terms: _Terms, workers: Workers, store: Store, folder: Path | None) -> Rounds:
    """Run all rounds; whatever ends them early becomes an error that says what is kept."""
    rounds = Rounds(terms.scenario, store, terms.precision, terms.maximum)
    try:
        with workers:
            rounds.run(workers, terms.progress)
    except KeyboardInterrupt:
        raise Interrupted(rounds.done, rounds.total, folder) from None
    except BrokenExecutor as error:
        kept = f"{rounds.done} of {rounds.total} replications are kept; the same command goes on from there"
        raise RunBroken(
            f"worker processes end abruptly: killed, or out of memory; {kept if folder else 'nothing is kept'}. "
            "Fewer jobs need less memory. A script that defines strategies of its own must call run under "
            '`if __name__ == "__main__":`.'
        ) from error
    if rounds.failures:
        plugins = loaded_plugins()
        file = folder / "scenario.yaml" if folder else "scenario.yaml"
        failures = sorted(rounds.failures, key=lambda failure: (failure.replication, failure.economy))
        commands = [failure.command(file, plugins, terms.engine) for failure in failures]
        raise RunFailed(failures, commands, rounds.total, kept=folder is not None)
    if terms.precision is not None and not rounds.met:
        warnings.warn(
            f"the widest 95 % interval of a final share is {rounds.width:.4g} after {rounds.replications} "
            f"replications of each economy, the most allowed; {terms.precision:g} was asked for",
            PrecisionWarning,
            stacklevel=3,
        )
    return rounds


def _outcome(terms: _Terms, rounds: Rounds) -> tuple[Scenario, dict[str, Any]]:
    """Scenario with the replications that it came to, and provenance."""
    final = terms.scenario.model_copy(update={"replications": rounds.replications})
    command = terms.command or _command(terms)
    parameters: dict[str, Any] = {"command": command, "engine": terms.engine}
    if terms.precision is not None:
        parameters["precision"] = {
            "asked": terms.precision,
            "reached": rounds.width,
            "met": rounds.met,
            "replications": rounds.replications,
            "runs": rounds.total,
            "maximum": rounds.maximum,
        }
    return final, provenance_of(final, parameters)


def _command(terms: _Terms) -> str:
    """Command that leads to the same figures from the `scenario.yaml` in the run's folder."""
    plugins = "".join(f" --plugin {path.name}" for path in loaded_plugins())
    engine = "" if terms.engine == "columns" else f" --engine {terms.engine}"
    return f"pushpull run scenario.yaml{engine}{plugins}"


def _records(rounds: Rounds) -> Iterator[Record]:
    """Economies in the order of the file, replications in each; one in memory at a time."""
    for economy in rounds.scenario.economies:
        for replication in range(rounds.replications):
            yield rounds.store.read((economy, replication))
