"""Tasks for workers, and which of them come again when a worker has died."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sim.runner.units import Batch, Failure, Outcome, Unit

__all__ = ["Task", "Waiting"]

DEADLY = 3  # workers that die over a unit, the last ones with nothing else to do, before it is given up
TWICE = 2  # the same for a cluster, each time of which is several workers


class Task(NamedTuple):
    """What is handed out.

    Attributes
    ----------
    units : sequence of Unit
        Of which the batch has some.
    batch : Batch
    of_main : bool
        Whether the batch needs the user's script.
    deaths : int
        Workers that died while they may have been at it; from the first on it runs alone.
    """

    units: Sequence[Unit]
    batch: Batch
    of_main: bool
    deaths: int = 0

    def outcomes(self, results: Sequence[tuple[int, Any, Failure | None]]) -> Iterator[Outcome]:
        """What became of its units."""
        for place, result, failure in results:
            if failure is not None:
                failure = failure._replace(seed=self.units[place].scenario.seed)
            yield Outcome(self.units[place], result, failure)

    def each(self, deaths: int) -> list[Task]:
        """A task for each of its units."""
        batch = self.batch
        return [
            self._replace(
                batch=replace(batch, places=(place,), units=((0, *unit[1:]),), texts=(batch.texts[unit[0]],)),
                deaths=deaths,
            )
            for place, unit in zip(batch.places, batch.units, strict=True)
        ]


class Waiting:
    """Tasks that wait: first those under suspicion, each alone, then those to do again, then new ones.

    Parameters
    ----------
    fresh : iterator of Task
    """

    def __init__(self, fresh: Iterator[Task]) -> None:
        self._fresh = fresh
        self._again: deque[Task] = deque()

    def next(self, running: Collection[Task], most: int) -> Task | None:
        """The task that can be handed out now beside those that run, at most so many; it stays until `taken`."""
        if len(running) >= most or any(task.deaths for task in running):
            return None
        if not self._again and (task := next(self._fresh, None)) is not None:
            self._again.append(task)
        if not self._again or (self._again[0].deaths and running):
            return None
        return self._again[0]

    def taken(self) -> None:
        """The next task was handed out."""
        self._again.popleft()

    def put_back(self, lost: Sequence[Task], workers: int) -> Iterator[Outcome]:
        """Take tasks back that were lost when a worker died; in the order in which they were handed out.

        No more than the first few, one a worker, can have been in the making: one of their units
        may have been what the worker died of.
        """
        self._again.extendleft(reversed(lost[workers:]))
        for task in reversed(lost[:workers]):
            yield from self.blame(task)

    def blame(self, task: Task, by_cluster: bool = False) -> Iterator[Outcome]:
        """Workers died over one of a task's units: each is done again by itself, or given up.

        Parameters
        ----------
        task : Task
        by_cluster : bool
            Whether it was a cluster that gave the task up after several workers; it may have
            blamed one that only waited where another was at work.
        """
        single = len(task.batch.units) == 1
        deaths = task.deaths + (single or not by_cluster)
        if not single or deaths < (TWICE if by_cluster else DEADLY):
            self._again.extendleft(reversed(task.each(deaths)))
            return
        unit = task.units[task.batch.places[0]]
        often = "" if by_cluster else f", {deaths} times over this replication"
        error = f"WorkerDied: killed or out of memory{often}"
        yield Outcome(unit, None, Failure(unit.economy, unit.replication, unit.scenario.seed, error, error))
