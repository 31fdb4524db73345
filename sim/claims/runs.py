"""Every run that the tests need, each once, kept as soon as it is done."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import closing
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.claims.observables import observed, probe_digest
from sim.claims.registry import Register
from sim.claims.terms import Term
from sim.runner import Interrupted, RunBroken, RunError, Unit, Workers
from sim.runner.progress import Progress
from sim.runner.units import seconds_of
from sim.scenario import Scenario
from sim.studies.measuring import Kept
from sim.studies.store import Key, Store, digest_of

__all__ = ["Runs", "Spot"]

CHUNK, IN_MEMORY = 256, 512  # units made, scenarios held at a time
WRITE_EVERY = 5.0  # seconds of work that a killed process can lose


class Spot(NamedTuple):
    """A market in an economy: a variant, with one parameter moved along an axis or none."""

    variant: str
    economy: str
    axis: str = ""
    level: float = 0.0


class _KeyedUnit(Unit):
    """A unit that knows its key."""

    key: Key


class Runs:
    """The runs of some spots.

    Parameters
    ----------
    register : Register
    size : mapping of str to value
        Values set in every market, as the number of buyers.
    """

    def __init__(self, register: Register, size: dict[str, object]) -> None:
        self.register, self.size = register, size
        self.needed: dict[Spot, int] = {}
        self._digests: dict[Spot, str] = {}
        self._figures: dict[tuple[str, str], dict[tuple[str, str], NDArray[np.float64]]] = {}
        self._kept: dict[Key, Kept] = {}
        self.scenario_at = lru_cache(IN_MEMORY)(self._scenario)

    def need(self, spots: Iterable[Spot], replications: int) -> None:
        """Say that so many replications of some spots will be asked for."""
        for spot in spots:
            self.needed[spot] = max(replications, self.needed.get(spot, 0))

    def _scenario(self, variant: str, axis: str, level: float) -> Scenario:
        scenario = self.register.scenarios[variant]
        values = dict(self.size)
        if axis:
            values |= dict.fromkeys(self.register.axes[axis].paths, level)
        return scenario.with_values(values, source="") if values else scenario

    def _key(self, spot: Spot, replication: int) -> Key:
        """Key of a replication: that of a study's store, and what is observed."""
        if spot not in self._digests:
            scenario = self.scenario_at(spot.variant, spot.axis, spot.level)
            for economy, digest in digest_of(scenario, list(scenario.economies)).items():
                self._digests[spot._replace(economy=economy)] = f"{digest}:{probe_digest()}"
        return Key(self._digests[spot], replication)

    def _missing(self, present: set[Key]) -> Iterator[tuple[Spot, Key]]:
        """What is not present: replications go over all spots before the next begins, equal markets once."""
        planned = set(present)
        for replication in range(max(self.needed.values(), default=0)):
            for spot, replications in self.needed.items():
                if replication < replications and (key := self._key(spot, replication)) not in planned:
                    planned.add(key)
                    yield spot, key

    def run(self, store: Store, *, jobs: int | None = None, progress: bool = True) -> int:
        """Run what is missing, and read all of it.

        Returns
        -------
        int
            All runs that the tests need.

        Raises
        ------
        Interrupted
            If the user pressed Ctrl-C; what is done is kept.
        RunBroken, RunError
            If a worker ended abruptly; if runs failed.
        """
        wanted = {key for _, key in self._missing(set())}
        store.clean()
        present = store.present({key.scenario for key in wanted}, paths=False) & wanted
        failed: list[str] = []
        fresh: list[tuple[Key, Kept]] = []
        try:
            if len(present) < len(wanted):
                with (
                    Workers(jobs, work=observed) as workers,
                    Progress(progress, len(wanted), len(present)) as shown,
                ):
                    seconds = (len(wanted) - len(present)) * seconds_of(
                        self.scenario_at(next(iter(self.needed)).variant, "", 0.0)
                    )
                    self._all(workers, shown, present, seconds, fresh, failed, store)
        except KeyboardInterrupt:
            kept = store.present({key.scenario for key in wanted}, paths=False) & wanted
            raise Interrupted(len(kept), len(wanted), store.folder) from None
        except BrokenExecutor as error:
            raise RunBroken(
                "a worker process ended abruptly: killed, or out of memory; what is done is kept, and the same "
                "command goes on from there"
            ) from error
        if failed:
            raise RunError(f"{len(failed)} of {len(wanted)} runs failed; the others are kept\n  {failed[0]}")
        self._kept = dict(store.scan(dict.fromkeys(wanted), paths=False))
        return len(wanted)

    def _all(
        self,
        workers: Workers,
        shown: Progress,
        present: set[Key],
        seconds: float,
        fresh: list[tuple[Key, Kept]],
        failed: list[str],
        store: Store,
    ) -> None:
        written = time.monotonic()
        try:
            with closing(workers.stream(self._chunks(present), seconds)) as outcomes:
                for outcome in outcomes:
                    unit: _KeyedUnit = outcome.unit  # type: ignore[assignment]
                    if outcome.failure is not None:
                        failed.append(f"{outcome.failure.error} ({unit.economy}, replication {unit.replication})")
                    else:
                        fresh.append((unit.key, outcome.result))
                    shown.step(failed=outcome.failure is not None)
                    if time.monotonic() - written > WRITE_EVERY:
                        store.add(fresh)
                        fresh.clear()
                        written = time.monotonic()
        finally:
            store.add(fresh)

    def _chunks(self, present: set[Key]) -> Iterator[list[Unit]]:
        chunk: list[Unit] = []
        for spot, key in self._missing(present):
            unit = _KeyedUnit(self.scenario_at(spot.variant, spot.axis, spot.level), spot.economy, key.replication)
            unit.key = key
            chunk.append(unit)
            if len(chunk) >= CHUNK:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def values(
        self, terms: Sequence[Term], economy: str, replications: int, axis: str = "", level: float = 0.0
    ) -> NDArray[np.float64]:
        """Figures of some terms, factors applied.

        Parameters
        ----------
        terms : sequence of Term
        economy : str
            Of the terms that name none.
        replications : int
        axis, level
            Where the market stands.

        Returns
        -------
        ndarray, shape (terms, replications)
        """
        found = np.empty((len(terms), replications))
        for row, term in enumerate(terms):
            spot = Spot(term.variant, term.economy or economy, axis, level)
            for replication in range(replications):
                found[row, replication] = term.factor * self._figure(self._key(spot, replication), term)
        return found

    def _figure(self, key: Key, term: Term) -> float:
        kept = self._kept[key]
        return float(kept.values[_places(kept.names)[term.seller, term.measure]])


@lru_cache(maxsize=64)  # few markets have other sellers than the rest
def _places(names: str) -> dict[tuple[str, str], int]:
    return {(seller, measure): place for place, (seller, measure) in enumerate(json.loads(names))}
