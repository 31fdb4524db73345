"""The same run many times over, in processes in the background: how much of it is chance?"""

from __future__ import annotations

import asyncio
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.live.lane import Lane
from sim.live.limits import Refused
from sim.live.stage import Stage
from sim.runner import Processes, Unit, Workers, available_cores
from sim.runner.processes import submitted

__all__ = ["INSIDE", "Band", "Bands", "close", "in_background", "play_again", "warm_up"]

INSIDE = 0.9  # part of the runs that a band holds [-]
MEASURES = ("share", "satisfaction", "profit")


@dataclass(frozen=True)
class Band:
    """One measure of one side over many runs, sellers in the order of `Bands.sellers`.

    Attributes
    ----------
    low, middle, high : ndarray, shape (months, sellers)
        Quantiles of the runs: the middle `INSIDE` of them, and the median; NaN where no run has a value.
    """

    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Bands:
    """Many runs of what is on a stage, to the horizon, with its log.

    Attributes
    ----------
    runs : int
        Replications 0 to runs - 1; the live run is number 0.
    sellers : tuple of str
    measures : mapping from measure to mapping from side to Band
        ``share``, ``satisfaction``, ``profit``; units as in `Rows`.
    """

    runs: int
    sellers: tuple[str, ...]
    measures: Mapping[str, Mapping[str, Band]]

    def of(self, measure: str) -> Mapping[str, Band]:
        """The bands of a measure, by side."""
        return self.measures[measure]

    @property
    def low(self) -> dict[str, np.ndarray]:
        """Lower bounds of the market shares, by side [-]."""
        return {side: band.low for side, band in self.measures["share"].items()}

    @property
    def middle(self) -> dict[str, np.ndarray]:
        """Medians of the market shares, by side [-]."""
        return {side: band.middle for side, band in self.measures["share"].items()}

    @property
    def high(self) -> dict[str, np.ndarray]:
        """Upper bounds of the market shares, by side [-]."""
        return {side: band.high for side, band in self.measures["share"].items()}


async def play_again(stage: Stage, runs: int, progress: Callable[[int], None] | None = None) -> Bands:
    """Run what is on the stage, as its log stands now, many times to the horizon.

    Cancel the task that awaits it to stop.

    Parameters
    ----------
    stage : Stage
    runs : int
        At most `Limits.runs`.
    progress : callable, optional
        Called in the event loop with the number of runs that are done.

    Raises
    ------
    Refused
        If so many runs are not allowed, or one failed.
    """
    if not 2 <= runs <= stage.limits.runs:
        raise Refused(f"between 2 and {stage.limits.runs} runs, not {runs}")
    sides = [(scenario, side) for scenario in stage.scenarios for side in scenario.economies]
    units = [Unit(scenario, side, replication) for replication in range(runs) for scenario, side in sides]
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None and done % len(sides) == 0:
            progress(done // len(sides))

    found: dict[str, dict[int, dict[str, np.ndarray]]] = {side: {} for _, side in sides}
    sellers = stage.sellers
    for unit, result in await in_background(units, measured, step):
        found[unit.economy][unit.replication] = _placed(result, sellers)
    return Bands(
        runs,
        sellers,
        {
            measure: {side: _band([one[measure] for one in found[side].values()]) for side in found}
            for measure in MEASURES
        },
    )


async def in_background(
    units: Sequence[Unit], work: Callable[[Unit, str, int], Any], step: Callable[[], None] | None = None
) -> list[tuple[Unit, Any]]:
    """Perform units in processes that yield the processor to the page.

    Parameters
    ----------
    units : sequence of Unit
    work : callable
        See `sim.runner.Workers`; importable by name.
    step : callable, optional
        Called in the event loop when a unit is done.

    Raises
    ------
    Refused
        If one fails.
    """
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def told() -> None:
        if step is not None and not stop.is_set():
            step()

    def performed() -> Iterator[tuple[Unit, Any]]:
        with closing(Workers(executor=_executor(), work=work).outcomes(units)) as outcomes:
            for outcome in outcomes:
                if stop.is_set():
                    return
                if outcome.failure is not None:
                    raise Refused(f"a run failed: {outcome.failure.error}")
                loop.call_soon_threadsafe(told)
                yield outcome.unit, outcome.result

    try:
        return await asyncio.to_thread(lambda: list(performed()))
    except BrokenExecutor:
        close()
        raise Refused("a run in the background was ended by the system; try again with fewer runs") from None
    finally:
        stop.set()  # where nobody waits any more, the runs that have not begun are not begun


def measured(unit: Unit, engine: str, threads: int) -> dict[str, Any]:
    """Run one unit to its horizon, in a worker; names of its sellers, and what `Bands` holds, in 32 bits."""
    lane = Lane.opened(unit.economy, unit.scenario, unit.scenario.horizon, replication=unit.replication)
    try:
        return {"sellers": lane.names, **{name: getattr(lane.rows, name).astype(np.float32) for name in MEASURES}}
    finally:
        lane.close()


async def warm_up() -> None:
    """Start the processes before anybody waits for them."""
    jobs = [asyncio.wrap_future(submitted(_executor(), False, _loaded)) for _ in range(available_cores())]
    await asyncio.gather(*jobs)


def _loaded() -> str:
    """Load the market into a worker."""
    return Lane.__name__


def close() -> None:
    """End the processes, in the middle of what they do."""
    with _guard:
        _processes.stop(at_once=True)


# Of all sessions together, so that many who ask at once wait for each other, and the page for nobody
_processes = Processes(niceness=10)
_guard = threading.Lock()


def _executor() -> Executor:
    with _guard:
        return _processes.enlisted(available_cores())


def _placed(result: Mapping[str, Any], sellers: Sequence[str]) -> dict[str, np.ndarray]:
    """What was measured, with a column for every seller of the stage."""
    names = list(result["sellers"])
    if names == list(sellers):
        return {name: result[name] for name in MEASURES}
    found = {}
    for measure in MEASURES:
        values = np.zeros((len(result[measure]), len(sellers)), np.float32)
        for place, seller in enumerate(sellers):
            if seller in names:
                values[:, place] = result[measure][:, names.index(seller)]
        found[measure] = values
    return found


def _band(runs: Sequence[np.ndarray]) -> Band:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")  # a seller without customers has no satisfaction
        levels = [0.5 - INSIDE / 2, 0.5, 0.5 + INSIDE / 2]
        return Band(*np.nanquantile(np.stack(runs), levels, axis=0))
