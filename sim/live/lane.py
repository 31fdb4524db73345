"""One side of a stage: its market, and the months that it has played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from sim.market import Market
from sim.results.record import CAUSES
from sim.scenario import Scenario

__all__ = ["Lane", "Rows"]


@dataclass(frozen=True)
class Rows:
    """Months of one side; sellers in the order of `Stage.sellers`.

    Attributes
    ----------
    start : int
        First month of the rows.
    share : ndarray, shape (months, sellers)
        [-]
    satisfaction : ndarray, shape (months, sellers)
        Experience less aspiration of its customers, NaN without customers [utils].
    profit : ndarray, shape (months, sellers)
        [money/month, a market buyer]
    alive : ndarray of bool, shape (months, sellers)
    pull_share : ndarray, shape (months,)
        Buyers in pull mode [-].
    switches : ndarray of int, shape (months, causes, from, to)
        Buyers who changed sellers; causes as in `sim.results.record.CAUSES`.
    """

    start: int
    share: np.ndarray
    satisfaction: np.ndarray
    profit: np.ndarray
    alive: np.ndarray
    pull_share: np.ndarray
    switches: np.ndarray

    def between(self, start: int, stop: int) -> Rows:
        """The months in [start, stop), counted as in `start`."""
        months = slice(max(start - self.start, 0), max(stop - self.start, 0))
        parts = {one.name: getattr(self, one.name)[months] for one in fields(self) if one.name != "start"}
        return Rows(start=max(start, self.start), **parts)

    def widened(self, places: Sequence[int]) -> Rows:
        """Rows of the sellers at these places, -1 for one that this side does not have: no share, not there."""
        here = np.array([place >= 0 for place in places])
        taken = np.array([max(place, 0) for place in places])

        def filled(values: np.ndarray, nothing: float | bool) -> np.ndarray:
            return np.where(here, values[:, taken], nothing)

        switches = self.switches[:, :, taken][:, :, :, taken] * (here[:, None] & here[None, :])
        return Rows(
            self.start,
            filled(self.share, 0.0),
            filled(self.satisfaction, np.nan),
            filled(self.profit, 0.0),
            filled(self.alive, False),
            self.pull_share,
            switches,
        )


class Lane:
    """A market and the months that it has played.

    What takes time is `opened` and `stepped`; both may run in a thread of their own, one at a
    time a lane, and neither touches months that were played before.

    Parameters
    ----------
    label : str
    scenario : Scenario
        Has an economy of that name.
    replication : int
    """

    def __init__(self, label: str, scenario: Scenario, replication: int = 0) -> None:
        self.label = label
        self.market = Market(scenario, label, replication)
        self.names = tuple(seller.name for seller in self.market.sellers)
        self.rows = _empty(scenario.horizon, len(self.names))

    @property
    def month(self) -> int:
        """Months that the market has behind it."""
        return self.market.tick

    @classmethod
    def opened(cls, label: str, scenario: Scenario, months: int, *, replication: int = 0) -> Lane:
        """A lane that has played so many months: exact, because every draw is keyed."""
        lane = cls(label, scenario, replication)
        while lane.month < months:
            lane.stepped(min(16, months - lane.month))
        return lane

    def stepped(self, months: int) -> None:
        """Play months, at most 16."""
        market, start = self.market, self.market.tick
        for _ in range(months):
            market.step()
        recent = market.recent(months)
        here = slice(start, market.tick)
        rows = self.rows
        rows.share[here] = recent.shares["share"]
        rows.satisfaction[here] = recent.shares["satisfaction"]
        rows.profit[here] = recent.shares["profit"] / market.buyer_count
        rows.alive[here] = recent.shares["alive"]
        rows.pull_share[here] = recent.pull_share
        rows.switches[here] = recent.switches

    def close(self) -> None:
        """Let go of the market."""
        self.market.release()


def _empty(horizon: int, sellers: int) -> Rows:
    figures = (horizon, sellers)
    return Rows(
        start=0,
        share=np.zeros(figures),
        satisfaction=np.full(figures, np.nan),
        profit=np.zeros(figures),
        alive=np.zeros(figures, bool),
        pull_share=np.zeros(horizon),
        switches=np.zeros((horizon, len(CAUSES), sellers, sellers), np.int32),
    )
