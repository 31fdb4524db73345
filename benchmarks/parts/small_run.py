"""Where the time of a small run goes: 1000 buyers, 120 ticks."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.markets import ECONOMY, scenario_of
from benchmarks.measuring import Sizes, spread
from benchmarks.page import table
from sim import Market, run, runner
from sim.kernels import opening, rows, sellers

TITLE = "A small run: time inside the kernel"
BUYERS = 1000
FEWEST = 10
OF_FEWEST = f" of {FEWEST} buyers"
COMPILED = (opening, rows, sellers)


@contextmanager
def clocked() -> Iterator[list[float]]:
    """Clock every call of a compiled kernel; gives the list of their times [s]."""
    times: list[float] = []
    originals = [(room, name, getattr(room, name)) for room in COMPILED for name in room.__all__]

    def clock(work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*terms: Any) -> Any:
            begun = time.perf_counter()
            result = work(*terms)
            times.append(time.perf_counter() - begun)
            return result

        return call

    for room, name, work in originals:
        if callable(work):
            setattr(room, name, clock(work))
    try:
        yield times
    finally:
        for room, name, work in originals:
            setattr(room, name, work)


def measure(sizes: Sizes) -> str:
    """Measure and tell."""
    steps: dict[str, list[tuple[float, float]]] = {}  # what: (time in all, in the kernel)
    for _ in range(3 * sizes.rounds):
        for what, figures in {**_one_run(BUYERS, ""), **_one_run(FEWEST, OF_FEWEST)}.items():
            steps.setdefault(what, []).append(figures)
    _whole(pages=True)  # what only files and figures need is imported before it is timed
    for _ in range(sizes.rounds):
        steps.setdefault("`run()`, one replication, tables on disk", []).append(_whole(pages=False))
        steps.setdefault("the same with figures and report", []).append(_whole(pages=True))
    rows_ = [
        [what, spread([one for one, _ in laps], 1e-3), spread([inside for _, inside in laps], 1e-3), _share(laps)]
        for what, laps in steps.items()
    ]
    grows = 1 - _median(steps[f"ticks{OF_FEWEST}"]) / _median(steps["ticks"])
    said = (
        f"Of the time of the ticks, {grows:.0%} grows with the number of buyers; the rest is there with {FEWEST} too."
    )
    return f"{table(['what', 'ms', 'ms in the kernel', 'in the kernel'], rows_)}\n\n{said}"


def _median(laps: list[tuple[float, float]]) -> float:
    return statistics.median(one for one, _ in laps)


def _share(laps: list[tuple[float, float]]) -> str:
    return f"{statistics.median(inside / one for one, inside in laps):.0%}"


def _one_run(buyers: int, suffix: str) -> dict[str, tuple[float, float]]:
    with clocked() as times:
        begun = time.perf_counter()
        scenario = scenario_of(buyers)
        read = time.perf_counter()
        market = Market(scenario, ECONOMY)
        built, in_building = time.perf_counter(), sum(times)
        while market.running:
            market.step()
        stepped, in_steps = time.perf_counter(), sum(times) - in_building
        market.record()
        recorded = time.perf_counter()
    market.release()
    return {
        f"reading the scenario{suffix}": (read - begun, 0.0),
        f"building the market{suffix}": (built - read, in_building),
        f"ticks{suffix}": (stepped - built, in_steps),
        f"record{suffix}": (recorded - stepped, 0.0),
        f"building, ticks and record{suffix}": (recorded - read, in_building + in_steps),
    }


def _whole(pages: bool) -> tuple[float, float]:
    scenario = scenario_of(BUYERS)
    performed = run if pages else runner.run  # the package's own adds figures and report
    with tempfile.TemporaryDirectory() as out, clocked() as times:
        begun = time.perf_counter()
        performed(scenario, economies=[ECONOMY], replications=1, jobs=1, out=out, progress=False)
        return time.perf_counter() - begun, sum(times)
