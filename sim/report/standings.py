"""Where every seller stands, in numbers: what the report's sentences and table are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.measures import Estimate, mean_interval, median_interval, proportion_interval
from sim.plots.series import (
    YEAR,
    by_seller,
    by_tick,
    economies_of,
    entry_of,
    erosion_of,
    exits_of,
    half_life_of,
    replication_numbers,
    sellers_of,
    ticks_of,
)

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["NOTHING", "Results", "Standing", "focus_of", "results_of"]

NOTHING = Estimate(math.nan, math.nan, math.nan, 0, 0)


@dataclass(frozen=True)
class Standing:
    """One seller in one economy, over replications.

    Attributes
    ----------
    seller : str
    entry : int or None
        Tick of an entrant's entry [ticks]; None for a seller at the opening.
    start : Estimate
        Mean share of the first year [-]; without replications for an entrant.
    final : Estimate
        Share at the end [-].
    kept : Estimate
        Share at the end over that of the first year [-]; as `start`.
    half_life : Estimate
        Median tick at which half of the first year's share was gone [ticks]; as `start`.
    survival : Estimate
        Fraction of replications in which it is in the market at the end [-].
    exit : Estimate
        Median tick of its exit [ticks].
    profit : Estimate
        Profit over the whole run [money a buyer of the market].
    finals : mapping of int to float
        Share at the end by replication [-].
    """

    seller: str
    entry: int | None
    start: Estimate
    final: Estimate
    kept: Estimate
    half_life: Estimate
    survival: Estimate
    exit: Estimate
    profit: Estimate
    finals: Mapping[int, float]

    @property
    def survivors(self) -> int:
        """Replications in which it is in the market at the end."""
        return round(self.survival.mean * self.survival.replications) if self.survival.replications else 0


@dataclass(frozen=True)
class Results:
    """All standings of a run.

    Attributes
    ----------
    ticks : int
        Length of the run [ticks].
    standings : mapping of str to mapping of str to Standing
        By economy and seller, in the order of the scenario.
    focus : str
        The economy that the sentences are about.
    reference : str or None
        The economy that it is compared with, if there is one.
    """

    ticks: int
    standings: Mapping[str, Mapping[str, Standing]]
    focus: str
    reference: str | None


def results_of(run: Run) -> Results:
    """Compute the standings of a run."""
    economies = economies_of(run)
    focus = focus_of(run)
    return Results(
        ticks=ticks_of(run),
        standings={economy: _standings(run, economy) for economy in economies},
        focus=focus,
        reference=next((economy for economy in economies if economy != focus), None),
    )


def focus_of(run: Run) -> str:
    """The economy in which the pull share moves most; if it moves in none, the last."""
    economies = economies_of(run)
    turn = {economy: float(np.ptp(by_tick(run, economy, "pull_share").mean(axis=0))) for economy in economies}
    most = max(turn.values())
    return economies[-1] if most == 0 else next(economy for economy in economies if turn[economy] == most)


def _standings(run: Run, economy: str) -> dict[str, Standing]:
    share, alive, profit = (by_seller(run, economy, column) for column in ("share", "alive", "profit"))
    numbers, entry = replication_numbers(run, economy), entry_of(run, economy)
    return {
        name: _standing(
            name,
            entry.get(name),
            share[:, :, place],
            alive[:, :, place],
            np.nansum(profit[:, :, place], axis=1) / run.scenario.buyers.count,
            numbers,
        )
        for place, name in enumerate(sellers_of(run))
    }


def _standing(
    name: str,
    entry: int | None,
    share: NDArray[np.float64],
    alive: NDArray[np.float64],
    profit: NDArray[np.float64],
    numbers: NDArray[np.int64],
) -> Standing:
    opening = entry is None
    return Standing(
        seller=name,
        entry=entry,
        start=mean_interval(share[:, :YEAR].mean(axis=1)) if opening else NOTHING,
        final=mean_interval(share[:, -1]),
        kept=erosion_of(share) if opening else NOTHING,
        half_life=half_life_of(share) if opening else NOTHING,
        survival=proportion_interval(alive[:, -1]),
        exit=median_interval(exits_of(alive)),
        profit=mean_interval(profit),
        finals=dict(zip(numbers.tolist(), share[:, -1].tolist(), strict=True)),
    )
