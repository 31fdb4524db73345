"""Units of work, and what becomes of one where it is performed."""

from __future__ import annotations

import json
import shlex
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from sim.results import Record

__all__ = ["Batch", "Failure", "Outcome", "Unit", "Work", "batches_of", "perform", "seconds_of", "simulate"]

# One core takes about this long for one buyer, seller and tick, and for opening a market.
# Only used to decide where work is done and how it is bundled; results do not depend on it.
SECONDS_A_STEP = {"columns": 1e-7, "agents": 1.7e-5}
SECONDS_TO_OPEN = 0.02
BUNDLE = 0.5  # seconds of work that a task should hold at least


class Unit(NamedTuple):
    """One replication of one economy of one scenario."""

    scenario: Scenario
    economy: str
    replication: int


Work = Callable[[Unit, str, int], Any]
"""What is done with a unit: (unit, engine, threads) to a result that can be pickled; importable by name."""


class Failure(NamedTuple):
    """A unit that failed.

    Attributes
    ----------
    economy : str
    replication : int
    seed : int
    error : str
        Kind and message, on one line.
    trace : str
        The whole traceback.
    """

    economy: str
    replication: int
    seed: int
    error: str
    trace: str

    def command(self, scenario: Path | str, plugins: Sequence[Path] = (), engine: str = "columns") -> str:
        """Line for a shell that runs this one unit again.

        Parameters
        ----------
        scenario : path
            File of the scenario as it was run.
        plugins : sequence of Path
            Files of strategies that it needs.
        engine : str
        """
        loads = "".join(f"load_plugin({_quoted(path)}); " for path in plugins)
        imports = f"from sim.strategies import load_plugin; {loads}" if loads else ""
        chosen = f", engine={_quoted(engine)}" if engine != "columns" else ""
        code = (
            f"{imports}from sim import Market, Scenario; "
            f"Market(Scenario.load({_quoted(scenario)}), {_quoted(self.economy)}, {self.replication}{chosen}).run()"
        )
        return f"python -c {shlex.quote(code)}"


class Outcome(NamedTuple):
    """What became of a unit: a result, or a failure."""

    unit: Unit
    result: Any
    failure: Failure | None


@dataclass(frozen=True)
class Batch:
    """A task for a worker, which may be another process on another machine.

    Scenarios travel as text: their classes are made when a strategy is loaded, so that a
    worker must load the strategies before it can read them.
    """

    places: tuple[int, ...]
    units: tuple[tuple[int, str, int], ...]  # which text, economy, replication
    texts: tuple[str, ...]
    plugins: tuple[str, ...]
    modules: tuple[str, ...]
    engine: str
    threads: int
    work: Work


def simulate(unit: Unit, engine: str, threads: int) -> Record:
    """Run one unit to its horizon, and let go of the market."""
    from sim.market import Market

    market = Market(unit.scenario, unit.economy, unit.replication, engine=engine, threads=threads)  # type: ignore[arg-type]
    try:
        return market.run()
    finally:
        market.release()


def attempt(unit: Unit, engine: str, threads: int, work: Work) -> Outcome:
    """Perform one unit; an error becomes a failure."""
    try:
        return Outcome(unit, work(unit, engine, threads), None)
    except Exception as error:
        return Outcome(unit, None, _failure(unit.economy, unit.replication, unit.scenario.seed, error))


def perform(batch: Batch) -> list[tuple[int, Any, Failure | None]]:
    """Perform the units of a batch, in a worker.

    Returns
    -------
    list of (place, result, failure)
    """
    done: list[tuple[int, Any, Failure | None]] = []
    for place, (text, economy, replication) in zip(batch.places, batch.units, strict=True):
        try:
            _prepare(batch.plugins, batch.modules)
            scenario = _scenario(batch.texts[text])
        except Exception as error:
            done.append((place, None, _failure(economy, replication, -1, error)))
            continue
        _, result, failure = attempt(Unit(scenario, economy, replication), batch.engine, batch.threads, batch.work)
        done.append((place, result, failure))
    return done


def batches_of(
    units: Sequence[Unit], workers: int, engine: str, threads: int, work: Work, modules: tuple[str, ...] = ()
) -> list[Batch]:
    """Bundle units into tasks of at least half a second, in order, but no fewer tasks than workers.

    Parameters
    ----------
    units : sequence of Unit
    workers : int
        At least 1.
    engine, threads, work
        As for `perform`.
    modules : tuple of str
        Modules that a worker imports first, because they register strategies.
    """
    from sim.strategies import loaded_plugins

    plugins = tuple(str(path) for path in loaded_plugins())
    texts: dict[int, str] = {}
    bundles: list[list[int]] = [[]]
    held, most = 0.0, -(-len(units) // workers)
    for place, unit in enumerate(units):
        if held >= BUNDLE or len(bundles[-1]) >= most:
            bundles.append([])
            held = 0.0
        bundles[-1].append(place)
        held += seconds_of(unit.scenario, engine)
    found = []
    for bundle in bundles:
        which: dict[int, int] = {}
        for place in bundle:
            scenario = units[place].scenario
            which.setdefault(id(scenario), len(which))
            if id(scenario) not in texts:
                texts[id(scenario)] = _text(scenario)
        found.append(
            Batch(
                tuple(bundle),
                tuple((which[id(units[place].scenario)], *units[place][1:]) for place in bundle),
                tuple(texts[key] for key in which),
                plugins,
                modules,
                engine,
                threads,
                work,
            )
        )
    return found


def seconds_of(scenario: Scenario, engine: str = "columns") -> float:
    """Roughly how long one unit takes on one core with compiled code at hand [s]."""
    steps = scenario.buyers.count * len(scenario.all_sellers) * scenario.horizon
    return SECONDS_TO_OPEN + SECONDS_A_STEP[engine] * steps


def _text(scenario: Scenario) -> str:
    return json.dumps(scenario.tree, allow_nan=False)  # as given: cheaper than resolved, and the same market


@lru_cache(maxsize=128)  # a sweep goes round and round over its points
def _scenario(text: str) -> Scenario:
    return Scenario.model_validate(json.loads(text))


def _prepare(plugins: Sequence[str], modules: Sequence[str]) -> None:
    """Load the strategies that the sender has."""
    from importlib import import_module

    from sim.strategies import load_plugin, loaded_plugins

    known = {str(path) for path in loaded_plugins()}
    for path in plugins:
        if path not in known:
            load_plugin(path)
    for module in modules:
        if module not in sys.modules:
            import_module(module)


def _quoted(word: object) -> str:
    """Python text in double quotes, which a shell leaves alone within single ones."""
    return json.dumps(str(word))


def _failure(economy: str, replication: int, seed: int, error: Exception) -> Failure:
    message = " ".join(str(error).split())
    trace = "".join(traceback.format_exception(error))
    return Failure(economy, replication, seed, f"{type(error).__name__}{': ' if message else ''}{message}", trace)
