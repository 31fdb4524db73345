"""Both engines against both peers, in one run."""

from __future__ import annotations

from benchmarks.markets import scenario_of, whole_run
from benchmarks.measuring import Lap, Sizes, interleaved, processors, ratios, spread, walls
from benchmarks.page import table

TITLE = "Against plain Mesa and plain numpy"


def measure(sizes: Sizes) -> str:
    """Measure and tell."""
    small, large = (200, 2000) if sizes.quick else (5000, 100_000)
    rounds = 2 if sizes.quick else 3
    rows = [
        *_rows(small, ("columns", "agents", "mesa objects", "numpy"), rounds),
        *_rows(large, ("columns", "numpy"), rounds),
    ]
    header = ["engine", "buyers", "ns, processor", "ns, wall", "times slower than columns"]
    return table(header, rows)


def _rows(buyers: int, engines: tuple[str, ...], rounds: int) -> list[list[str]]:
    scenario = scenario_of(buyers)
    laps: dict[str, list[Lap]] = interleaved({name: whole_run(name, scenario) for name in engines}, rounds)
    per = scenario.horizon * buyers * 1e-9
    return [
        [
            name,
            f"{buyers:,}",
            spread(processors(laps[name], per)),
            spread(walls(laps[name], per)),
            spread(ratios(processors(laps[name]), processors(laps["columns"]))),
        ]
        for name in engines
    ]
