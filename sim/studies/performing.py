"""All replications of a study into the store, each once, whatever happens on the way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from sim.runner import Failure, Interrupted, RunBroken, RunError, Unit, Workers
from sim.runner.progress import Progress
from sim.runner.units import seconds_of
from sim.scenario import ScenarioError
from sim.studies.experiment import Prepared
from sim.studies.measuring import Kept, scored, traced
from sim.studies.store import Key, Store, digest_of

__all__ = ["Plan", "perform"]

CHUNK = 256  # units that are made at a time
IN_MEMORY = 512  # scenarios that are held at a time
# Shards are written at most this often, and no more often than a hundredth of the time so far:
# what a killed process can lose, and how many shards a long study leaves, are both bounded.
SOONEST, LATEST, PART = 0.5, 30.0, 0.01


class Plan:
    """Which replications a study needs, in the order in which they are to be run.

    Replications go over all points and economies before the next begins, so that a look at any
    time sees as much of each.

    Attributes
    ----------
    keys : list of dict
        For each point, the digest of its scenario by economy; empty for a point whose scenario
        cannot be made.
    impossible : dict of int to str
        Such points, and why.
    """

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.keys: list[dict[str, str]] = []
        self.impossible: dict[int, str] = {}
        self.scenario_at = lru_cache(IN_MEMORY)(prepared.scenario_at)
        for point in range(prepared.points):
            try:
                self.keys.append(digest_of(self.scenario_at(point), prepared.economies))
            except ScenarioError as error:
                self.keys.append({})
                self.impossible[point] = str(error.mistakes[0])

    def key(self, point: int, economy: str, replication: int) -> Key | None:
        """Key of a replication; None if the point's scenario cannot be made."""
        digest = self.keys[point].get(economy)
        return Key(digest, replication) if digest is not None else None

    def digests(self) -> set[str]:
        """Digests of all scenarios."""
        return {digest for keys in self.keys for digest in keys.values()}

    def missing(self, present: set[Key]) -> Iterator[tuple[int, str, int]]:
        """(point, economy, replication) of what is not present, interleaved; equal scenarios once."""
        for replication in range(self.prepared.replications):
            planned: set[str] = set()
            for point, keys in enumerate(self.keys):
                for economy, digest in keys.items():
                    if digest not in planned and Key(digest, replication) not in present:
                        planned.add(digest)
                        yield point, economy, replication

    def seconds(self, runs: int) -> float:
        """Rough time that so many replications take on one core [s]."""
        return runs * seconds_of(self.prepared.base)


def perform(
    plan: Plan,
    store: Store,
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    progress: bool = True,
    kept_in: Path,
) -> dict[Key, Failure]:
    """Run what is missing.

    Parameters
    ----------
    plan : Plan
    store : Store
    jobs, executor
        As for `sim.runner.Workers`.
    progress : bool
        Whether to show replications done, rate, failures and time left on stderr.
    kept_in : Path
        For messages: where what is done is kept.

    Returns
    -------
    dict of Key to Failure
        The replications that failed.

    Raises
    ------
    Interrupted
        If the user pressed Ctrl-C.
    RunBroken
        If no worker process stays alive, or the executor fails.
    """
    prepared = plan.prepared
    store.clean()
    present = store.present(plan.digests(), paths=prepared.experiment.keeps_paths)
    total = sum(1 for _ in plan.missing(set()))
    missing = sum(1 for _ in plan.missing(present))
    run = _Run(plan, store, present)

    def kept() -> int:
        """How many are in the store now: whatever ended the run may have come after the last write."""
        found = store.present(plan.digests(), paths=prepared.experiment.keeps_paths)
        return total - sum(1 for _ in plan.missing(found))

    try:
        if missing:
            work = traced if prepared.experiment.keeps_paths else scored
            with Workers(jobs, executor, work=work) as workers, Progress(progress, total, total - missing) as shown:
                run.all(workers, shown, plan.seconds(missing))
    except KeyboardInterrupt:
        raise Interrupted(kept(), total, kept_in) from None
    except BrokenExecutor as error:
        raise RunBroken(
            f"worker processes end abruptly: killed, or out of memory; {kept()} of {total} "
            "replications are kept, and the same command goes on from there"
        ) from error
    except (ValueError, OSError, RunError, MemoryError):
        raise
    except Exception as error:  # an executor of the user's own, such as a cluster, has errors of its own
        if executor is None:
            raise
        raise RunBroken(
            f"the executor failed with {type(error).__name__}: {' '.join(str(error).split())}; "
            f"{kept()} of {total} replications are kept, and the same command goes on from there"
        ) from error
    return run.failed


class _Run:
    """One pass over what is missing."""

    def __init__(self, plan: Plan, store: Store, present: set[Key]) -> None:
        self.plan, self.store = plan, store
        self.coming = plan.missing(present)
        self.failed: dict[Key, Failure] = {}
        self.fresh: list[tuple[Key, Kept]] = []

    def chunks(self) -> Iterator[list[Unit]]:
        """Units, so many at a time."""
        chunk: list[Unit] = []
        for point, economy, replication in self.coming:
            unit = _KeyedUnit(self.plan.scenario_at(point), economy, replication)
            unit.key = Key(self.plan.keys[point][economy], replication)
            chunk.append(unit)
            if len(chunk) >= CHUNK:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def all(self, workers: Workers, shown: Progress, seconds: float) -> None:
        """Run all of them."""
        began = written = time.monotonic()
        try:
            with closing(workers.stream(self.chunks(), seconds)) as outcomes:
                for outcome in outcomes:
                    unit: _KeyedUnit = outcome.unit  # type: ignore[assignment]
                    if outcome.failure is not None:
                        self.failed[unit.key] = outcome.failure
                    else:
                        self.fresh.append((unit.key, outcome.result))
                    shown.step(failed=outcome.failure is not None, lost=workers.lost)
                    now = time.monotonic()
                    if now - written > min(max(SOONEST, PART * (now - began)), LATEST):
                        self.flush()
                        written = time.monotonic()
        finally:
            self.flush()

    def flush(self) -> None:
        """Write what is done."""
        fresh, self.fresh = self.fresh, []
        self.store.add(fresh)


class _KeyedUnit(Unit):
    """A unit that knows its key."""

    key: Key
