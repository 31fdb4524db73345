"""Markets to measure: the same scenario in all sizes, on every engine and both peers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measuring import Lap, timed
from benchmarks.peers.mesa_objects import MesaMarket
from benchmarks.peers.setting import setting_of
from benchmarks.peers.vectorised import VectorisedMarket
from sim import Market, Scenario

ROOT = Path(__file__).resolve().parent.parent
ECONOMY = "transition"
ENGINES = ("columns", "agents", "mesa objects", "numpy")


def scenario_of(buyers: int, sellers: int = 5, **values: Any) -> Scenario:
    """The scenario of market.yaml with other numbers.

    Parameters
    ----------
    buyers : int
    sellers : int
        5, or more: copies of the incumbents are added.
    **values
        Set by path, dots written as two underscores.
    """
    scenario = Scenario.load(
        Path(__file__).parent / "market.yaml",
        {"buyers.count": buyers, **{path.replace("__", "."): value for path, value in values.items()}},
    )
    words = scenario.tree
    for copied in range(sellers - 5):
        entry = words["sellers"][copied % 4]
        words["sellers"].append({**entry, "name": f"{entry['name']} {2 + copied // 4}"})
    return Scenario(**words)


def build(engine: str, scenario: Scenario, seed: int, threads: int = 1, economy: str = ECONOMY) -> Any:
    """A market at its opening; it has `run()` and `release()`."""
    if engine == "mesa objects":
        return MesaMarket(setting_of(scenario, economy), seed)
    if engine == "numpy":
        return VectorisedMarket(setting_of(scenario, economy), seed)
    return Market(scenario, economy, rng=seed, engine="agents" if engine == "agents" else "columns", threads=threads)


def whole_run(engine: str, scenario: Scenario, threads: int = 1) -> Callable[[], Lap]:
    """A contestant: all ticks of a fresh market, its building not counted."""

    def run() -> Lap:
        market = build(engine, scenario, 1, threads)
        lap = timed(market.run)
        market.release()
        return lap

    return run


def warm() -> None:
    """Let everything be compiled and loaded before the first measurement."""
    for engine in ENGINES:
        whole_run(engine, scenario_of(50, horizon=30))()
