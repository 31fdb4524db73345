"""Rounds of replications into a store, whatever happens on the way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing

from numpy.typing import ArrayLike

from sim.results import Record, Store, widest_interval
from sim.runner.precision import MINIMUM, next_round
from sim.runner.progress import Progress
from sim.runner.units import Failure, Unit
from sim.runner.workers import Workers
from sim.scenario.scenario import Scenario

__all__ = ["Rounds"]

EVERY = 0.5  # seconds between writes to the store: what a killed process can lose


class Rounds:
    """Replications of every economy of a scenario, until there are enough.

    Parameters
    ----------
    scenario : Scenario
        `scenario.replications` of each economy are run, unless a precision is given.
    store : Store
        What is in it is not run again.
    precision : float, optional
        Run until the 95 % interval of every final share is narrower than this [-].
    maximum : int
        Replications at which to give the precision up.

    Attributes
    ----------
    failures : list of Failure
    replications : int
        Replications of each economy that there are, or are to be, by now.
    width : float or None
        Width of the widest interval, if a precision is given.
    """

    def __init__(self, scenario: Scenario, store: Store, precision: float | None, maximum: int) -> None:
        self.scenario, self.store, self.precision, self.maximum = scenario, store, precision, maximum
        self.failures: list[Failure] = []
        self.width: float | None = None
        self.replications = scenario.replications if precision is None else min(MINIMUM, maximum)

    @property
    def total(self) -> int:
        """Units of all economies."""
        return self.replications * len(self.scenario.economies)

    @property
    def met(self) -> bool:
        """Whether the precision is reached."""
        return self.precision is not None and self.width is not None and self.width < self.precision

    @property
    def done(self) -> int:
        """Units that are in the store."""
        return sum((unit.economy, unit.replication) in self.store for unit in self._units())

    def run(self, workers: Workers, shown: bool) -> None:
        """Run what is missing."""
        with Progress(shown, self.total, self.done) as progress:
            self._round(workers, progress)
            while self.precision is not None and not self.failures:
                self.width = self._width()
                if self.met or self.replications >= self.maximum:
                    return
                self.replications = next_round(self.replications, self.width, self.precision, self.maximum)
                progress.extend(self.total)
                self._round(workers, progress)

    def _units(self) -> list[Unit]:
        """Economies take turns, so that a look half-way sees as much of each."""
        return [
            Unit(self.scenario, economy, replication)
            for replication in range(self.replications)
            for economy in self.scenario.economies
        ]

    def _round(self, workers: Workers, progress: Progress) -> None:
        missing = [unit for unit in self._units() if (unit.economy, unit.replication) not in self.store]
        fresh: list[Record] = []
        written = time.monotonic()
        try:
            with closing(workers.outcomes(missing)) as outcomes:
                for outcome in outcomes:
                    if outcome.failure is not None:
                        self.failures.append(outcome.failure)
                    else:
                        fresh.append(outcome.result)
                    progress.step(failed=outcome.failure is not None, lost=workers.lost)
                    if time.monotonic() - written > EVERY:
                        kept, fresh = fresh, []
                        self.store.add(kept)
                        written = time.monotonic()
        finally:
            self.store.add(fresh)

    def _width(self) -> float:
        final: dict[str, Sequence[ArrayLike]] = {
            economy: [
                self.store.read((economy, replication)).shares["share"][-1] for replication in range(self.replications)
            ]
            for economy in self.scenario.economies
        }
        return widest_interval(final)
