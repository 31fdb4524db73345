"""Clocks, repetition and spread: how everything here is measured.

The machine may be shared, so things to compare take turns (A B A B ...), processor time stands
beside wall time, and a ratio is taken within each round before the median.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

Name = TypeVar("Name")


class Lap(NamedTuple):
    """What one repetition took."""

    wall: float  # [s]
    processor: float  # over all threads of this process [s]


class Sizes(NamedTuple):
    """How much is measured."""

    rounds: int  # repetitions whose median is taken
    largest: int  # buyers in the largest market
    quick: bool  # tiny sizes, to see that everything runs


QUICK = Sizes(rounds=2, largest=10_000, quick=True)
USUAL = Sizes(rounds=5, largest=1_000_000, quick=False)
FULL = Sizes(rounds=5, largest=10_000_000, quick=False)


def timed(work: Callable[[], Any]) -> Lap:
    """Time one call; garbage is collected before, not during."""
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Lap(time.perf_counter() - wall, time.process_time() - processor)


def interleaved(contestants: Mapping[Name, Callable[[], Lap]], rounds: int) -> dict[Name, list[Lap]]:
    """Let all contestants run once a round, in turn."""
    laps: dict[Name, list[Lap]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            laps[name].append(run())
    return laps


def walls(laps: Sequence[Lap], per: float = 1.0) -> list[float]:
    """Wall times, divided by `per`."""
    return [lap.wall / per for lap in laps]


def processors(laps: Sequence[Lap], per: float = 1.0) -> list[float]:
    """Processor times, divided by `per`."""
    return [lap.processor / per for lap in laps]


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Ratios round by round."""
    return [one / other for one, other in zip(above, below, strict=True)]


def spread(values: Sequence[float], unit: float = 1.0) -> str:
    """Median and range, in units: ``52.1 (50.3–60.2)``."""
    scaled = [value / unit for value in values]
    middle = _short(statistics.median(scaled))
    return middle if len(scaled) == 1 else f"{middle} ({_short(min(scaled))}–{_short(max(scaled))})"


def _short(value: float) -> str:
    """Three digits that count."""
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"
