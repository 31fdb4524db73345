"""The columns engine: time a buyer and tick by size and threads, and how long a market of N buyers takes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from benchmarks import machine
from benchmarks.markets import build, scenario_of
from benchmarks.measuring import Lap, Sizes, interleaved, processors, ratios, spread, timed, walls
from benchmarks.page import table

TITLE = "Time a buyer and tick"
REFERENCE = 100_000
WORTH_SHARING = 10_000  # in smaller markets two threads mostly wait for each other


class Contestant:
    """Whole runs of one size on so many threads; remembers what building took."""

    def __init__(self, buyers: int, threads: int) -> None:
        self.scenario, self.threads = scenario_of(buyers), threads
        self.builds: list[Lap] = []

    def __call__(self) -> Lap:
        made = []
        self.builds.append(timed(lambda: made.append(build("columns", self.scenario, 1, self.threads))))
        lap = timed(made[0].run)
        made[0].release()
        return lap


def measure(sizes: Sizes) -> str:
    """Measure and tell."""
    steps = [1000, *(10**power for power in range(4, 1 + round(math.log10(sizes.largest))))]
    laps: dict[tuple[int, int], list[Lap]] = {}
    builds: dict[int, list[Lap]] = {}
    for group, rounds in _groups(steps, sizes):
        contestants = {(buyers, 1): Contestant(buyers, 1) for buyers in group}
        contestants |= {(buyers, 2): Contestant(buyers, 2) for buyers in group if buyers >= WORTH_SHARING}
        laps |= interleaved(contestants, rounds)
        builds |= {buyers: contestants[buyers, 1].builds for buyers in group}
    horizon = scenario_of(1000).horizon
    rows = []
    reference = statistics.median(processors(laps[min(REFERENCE, steps[-1]), 1], horizon * min(REFERENCE, steps[-1])))
    for buyers in steps:
        one, two = laps[buyers, 1], laps.get((buyers, 2), [])
        per = horizon * buyers * 1e-9
        fastest = statistics.median(walls(two or one)) + statistics.median(walls(builds[buyers]))
        rows.append(
            [
                f"{buyers:,}",
                spread(processors(one, per)),
                spread(walls(one, per)),
                spread(walls(two, per)) if two else "–",
                spread(ratios(walls(one), walls(two))) if two else "–",
                f"{statistics.median(processors(one, horizon * buyers)) / reference:.2f}",
                spread(walls(builds[buyers])),
                f"{fastest:.1f}",
            ]
        )
    header = [
        "buyers",
        "ns, processor",
        "ns, wall",
        "ns, wall, 2 threads",
        "2 threads against 1",
        "against 100,000",
        "s to build",
        "s in all",
    ]
    return "\n\n".join([table(header, rows), _formula(steps, laps, horizon)])


def _groups(steps: Sequence[int], sizes: Sizes) -> list[tuple[list[int], int]]:
    """Sizes that take turns, and how many turns: the largest are too slow for many."""
    small = [buyers for buyers in steps if buyers <= REFERENCE]
    large = [buyers for buyers in steps if buyers > REFERENCE]
    return [(small, sizes.rounds), *(([buyers], 3 if buyers <= 1_000_000 else 1) for buyers in large)]


def _formula(steps: Sequence[int], laps: dict[tuple[int, int], list[Lap]], horizon: int) -> str:
    """Fit `fixed + marginal x buyers` to the time of a tick, each size with the same weight."""
    lines = []
    for threads in (1, 2):
        measured = [buyers for buyers in steps if (buyers, threads) in laps]
        ticks = [statistics.median(walls(laps[buyers, threads], horizon)) for buyers in measured]
        fixed, marginal = fitted(measured, ticks)
        lines.append(
            f"- {threads} thread{'s' if threads > 1 else ''}: seconds = ticks × "
            f"({fixed * 1e6:.0f} µs + {marginal * 1e9:.1f} ns × buyers)"
        )
    whose = f"five sellers, {machine.cores()} cores"
    return f"A market takes, without building it ({whose}; least squares on relative differences):\n\n" + "\n".join(
        lines
    )


def fitted(buyers: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """Fixed and marginal time of a tick: least squares of relative residuals, neither negative."""
    import numpy as np
    from scipy.optimize import nnls

    weight = 1 / np.asarray(seconds)
    design = np.column_stack([np.ones(len(buyers)), np.asarray(buyers, float) * 1e-6])
    (fixed, marginal), _ = nnls(design * weight[:, None], np.ones(len(buyers)))
    return float(fixed), float(marginal) * 1e-6
