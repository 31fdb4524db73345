"""Running the scenario that was written, as anybody would, and measuring it like the panel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.panel import Panel
from sim.calibrate.simulating import histories
from sim.calibrate.store import Memory
from sim.measures import panel_sums, panel_targets
from sim.scenario import Scenario

__all__ = ["Tested", "tested"]

Array = NDArray[np.float64]
FIRST = 1000  # number of the first replication: none of the fit's


class Tested(NamedTuple):
    """Targets of simulated panels of new buyers.

    Attributes
    ----------
    mean, error, spread : ndarray, shape (targets,)
        Mean over panels, its Monte Carlo standard error, and the standard deviation from one
        panel to the next.
    sums : ndarray, shape (sums,)
        Mean over panels.
    panels : int
    """

    mean: Array
    error: Array
    spread: Array
    sums: Array
    panels: int


def tested(scenario: Scenario, panel: Panel, *, window: int, burn: int, panels: int, memory: Memory) -> Tested:
    """Run a scenario and cut panels of the size of the one that was given out of it.

    Parameters
    ----------
    scenario : Scenario
        Whose first economy is run, without its events.
    panel : Panel
        Whose buyers and lengths the simulated panels have.
    window, burn : int
        [purchases], [ticks]
    panels : int
        At least 2.
    memory : Memory
    """
    lengths, sellers = panel.lengths, len(panel.sellers)
    each = max(1, min(panels, 40_000 // panel.buyers))
    tree = scenario.tree
    tree.pop("events", None)
    entrants = {event.enter.name for event in scenario.events if event.enter is not None}
    for one in tree["buyers"]["taste"].get("classes", ()):
        one["utility"] = {name: value for name, value in one["utility"].items() if name not in entrants}
    tree["buyers"] = {**tree["buyers"], "count": each * panel.buyers, "network": {"degree": 0}}
    tree["horizon"] = burn + int(lengths.max())
    market = Scenario(**tree)
    group = np.repeat(np.arange(each), panel.buyers)
    several = np.tile(lengths, each)

    def run(replication: int) -> Array:
        choices, _ = histories(market, burn, replication)
        return panel_sums(choices, several, sellers, window, group)

    found: list[Array] = []
    for number in range(-(-panels // each)):
        question = {"what": "test", "burn": burn, "window": window, "number": number, "lengths": lengths.tolist()}
        found.append(memory.answer(market, question, lambda number=number: run(FIRST + number)))  # type: ignore[misc]
    sums = np.concatenate(found)[:panels]
    targets = panel_targets(sums, sellers)
    there = np.maximum(np.isfinite(targets).sum(axis=0), 1)
    with np.errstate(invalid="ignore"):
        mean = np.array([np.nanmean(one) if np.isfinite(one).any() else np.nan for one in targets.T])
        spread = np.array([np.nanstd(one, ddof=1) if np.isfinite(one).sum() > 1 else np.nan for one in targets.T])
    return Tested(mean, spread / np.sqrt(there), spread, sums.mean(axis=0), len(sums))
