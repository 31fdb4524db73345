"""Where units are performed: in this process, in processes of our own, or on any executor."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from itertools import chain
from types import TracebackType
from typing import Any

from sim.results.provenance import foreign_policies
from sim.runner.processes import Processes, submitted
from sim.runner.tasks import Task, Waiting
from sim.runner.units import Outcome, Unit, Work, attempt, batches_of, perform, seconds_of, simulate
from sim.scenario.scenario import Scenario

__all__ = ["Workers", "available_cores"]

# Starting a process and loading the market into it takes about this long: less work than
# this is done sooner where we are.
SECONDS_TO_ENLIST = 4.0
AHEAD = 3  # tasks handed out a worker, so that none waits for us
UNKNOWN = 256  # workers that an executor may have which does not say; tasks are then not split for them


def available_cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """Performs units; a context manager that stops its processes at once when left by an error.

    Without an executor and with `jobs=None`, work that is estimated (buyers x sellers x ticks
    x units) to take less time than starting processes would is done in this process, and so
    is work of one unit, with as many threads as there are processors. Otherwise as many
    processes are started as there are processors. Results do not depend on any of this.

    Parameters
    ----------
    jobs : int, optional
        Units at a time: 1 for this process; None for the rule above.
    executor : concurrent.futures.Executor, optional
        Where to perform units instead; it is left running.
    engine : {"columns", "agents"}
    work : callable
        What is done with a unit: (unit, engine, threads) to a result.

    Attributes
    ----------
    lost : int
        How often processes of our own had to be made again, because one of them was killed or ran
        out of memory. What it did is done again; a unit over which workers die again and again
        is a failure of its own.
    """

    def __init__(
        self,
        jobs: int | None = None,
        executor: Executor | None = None,
        engine: str = "columns",
        work: Work = simulate,
    ) -> None:
        if jobs is not None and jobs < 1:
            raise ValueError(f"jobs must be at least 1, not {jobs}")
        if jobs is not None and executor is not None:
            raise ValueError("give jobs or an executor: an executor has its own number of workers")
        self.jobs, self.executor, self.engine, self.work = jobs, executor, engine, work
        self.lost = 0
        self._processes = Processes()

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(at_once=kind is not None)

    def check(self, scenario: Scenario) -> None:
        """Refuse what other processes cannot run.

        Raises
        ------
        ValueError
            If processes are asked for that cannot know a strategy of the scenario.
        """
        strangers = _strangers_of(scenario)
        if strangers and (self.jobs or 1) > 1:
            raise ValueError(
                f"strategy {strangers[0]!r} was typed into this session, where other processes cannot find it: "
                "put it into a file and load it with load_plugin, or take jobs=1"
            )

    def outcomes(self, units: Sequence[Unit]) -> Generator[Outcome, None, None]:
        """Perform units, and give each outcome as it comes, in any order.

        Parameters
        ----------
        units : sequence of Unit
            In the order in which they are started.

        Raises
        ------
        concurrent.futures.BrokenExecutor
            If an executor of the user's own broke, or no process of our own stays alive.
        ValueError
            If processes are asked for that cannot know a strategy of the scenario.
        """
        yield from self.stream([units])

    def stream(self, chunks: Iterable[Sequence[Unit]], seconds: float | None = None) -> Generator[Outcome, None, None]:
        """Perform units that are made as they are needed: `outcomes` of more than memory holds.

        Parameters
        ----------
        chunks : iterable of sequence of Unit
            Each is asked for when the one before is handed out, so that no worker waits between two.
        seconds : float, optional
            Estimate of all the work [s], which decides where it is done; by default that of the
            first chunk.

        Raises
        ------
        concurrent.futures.BrokenExecutor
            If an executor of the user's own broke, or no process of our own stays alive.
        ValueError
            If processes are asked for that cannot know a strategy of the scenario.
        """
        coming = (list(chunk) for chunk in chunks)
        first = next((chunk for chunk in coming if chunk), None)
        if first is None:
            return
        executor, workers, threads = self._place(first, seconds)
        if executor is None:
            for chunk in chain([first], coming):
                for unit in chunk:
                    yield attempt(unit, self.engine, threads, self.work)
            return
        waiting = Waiting(self._tasks(chain([first], coming), workers, threads))
        running: dict[Future[Any], Task] = {}
        try:
            while True:
                broken = False
                try:
                    while (task := waiting.next(running.values(), AHEAD * workers)) is not None:
                        running[submitted(executor, task.of_main, perform, task.batch)] = task
                        waiting.taken()
                except BrokenExecutor:
                    if self.executor is not None:
                        raise
                    broken = True
                if not running and not broken:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                if self.executor is None and (broken or any(map(_is_broken, done))):
                    broken = True
                    wait(running)  # all others are lost too, or done by now
                lost: list[Task] = []
                for future in [one for one in running if one.done()]:
                    task = running.pop(future)
                    try:
                        results = future.result()
                    except Exception as error:
                        if isinstance(error, BrokenExecutor) and self.executor is None:
                            lost.append(task)
                        elif type(error).__name__ == "KilledWorker":  # Dask: several workers died over it
                            yield from waiting.blame(task, by_cluster=True)
                        else:
                            raise
                    else:
                        yield from task.outcomes(results)
                if broken:
                    self.lost += 1
                    executor = self._processes.again(any(task.of_main for task in lost))
                    yield from waiting.put_back(lost, workers)
        finally:
            for future in running:
                future.cancel()

    def stop(self, at_once: bool = False) -> None:
        """Let the processes go.

        Parameters
        ----------
        at_once : bool
            End them in the middle of what they do.
        """
        self._processes.stop(at_once)

    def _tasks(self, chunks: Iterable[Sequence[Unit]], workers: int, threads: int) -> Iterator[Task]:
        """Tasks for all units, made as they are needed."""
        for units in chunks:
            scenarios = _each_scenario(units)
            if self.executor is None:
                for scenario in scenarios:
                    self.check(scenario)
            modules = tuple(dict.fromkeys(name for scenario in scenarios for name in _modules_of(scenario)))
            of_main = self.work.__module__ == "__main__" or any(map(_of_main, scenarios))
            bundled_for = 1 if workers == UNKNOWN else workers
            for batch in batches_of(units, bundled_for, self.engine, threads, self.work, modules):
                yield Task(units, batch, of_main)

    def _place(self, units: Sequence[Unit], seconds: float | None) -> tuple[Executor | None, int, int]:
        """Where to perform units: executor (None: here), workers, threads of each."""
        if self.executor is not None:
            return self.executor, getattr(self.executor, "_max_workers", None) or UNKNOWN, 1
        cores = available_cores()
        jobs = min(self.jobs or cores, len(units))
        threads = 1 if self.jobs else max(1, cores // jobs)
        scenarios = _each_scenario(units)
        if seconds is None:
            seconds = sum(seconds_of(unit.scenario, self.engine) for unit in units)
        small = seconds < SECONDS_TO_ENLIST
        if self.jobs is None and (small or any(map(_strangers_of, scenarios))):
            return None, 1, 1
        if jobs == 1 and not self._processes.there:
            return None, 1, threads
        for scenario in scenarios:
            self.check(scenario)
        return self._processes.enlisted(jobs), jobs, threads


def _is_broken(future: Future[Any]) -> bool:
    return isinstance(future.exception(), BrokenExecutor)


def _each_scenario(units: Sequence[Unit]) -> list[Scenario]:
    """Every scenario once."""
    return list({id(unit.scenario): unit.scenario for unit in units}.values())


def _is_plugin(policy: type[Any]) -> bool:
    return policy.__module__.startswith("pushpull_plugin_")


def _modules_of(scenario: Scenario) -> list[str]:
    """Modules that register a scenario's strategies and can be imported by name."""
    found = (policy.__module__ for policy in foreign_policies(scenario) if not _is_plugin(policy))
    return [name for name in found if name != "__main__"]


def _strangers_of(scenario: Scenario) -> list[str]:
    """Strategies that only this process can know: typed into a prompt or a notebook."""
    main = sys.modules["__main__"]
    if main.__spec__ is not None or os.path.isfile(getattr(main, "__file__", "")):
        return []  # a worker runs the script again, up to its guard
    return _of_main(scenario)


def _of_main(scenario: Scenario) -> list[str]:
    """Strategies that the user's script, or what was typed, defines."""
    here = (policy for policy in foreign_policies(scenario) if policy.__module__ == "__main__")
    return [str(policy.model_fields["strategy"].default) for policy in here]
