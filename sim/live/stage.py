"""The stage: economies side by side on the same draws, month by month, with a past that can be returned to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.live.levers import Lever
from sim.live.limits import Limits
from sim.results import Record
from sim.scenario import Scenario

__all__ = ["Branch", "Entry", "Rows", "Stage", "Told"]


@dataclass(frozen=True)
class Entry:
    """An intervention in the log.

    Attributes
    ----------
    at : int
        First month on which it acts.
    sides : tuple of str
        Sides on which it acts.
    text : str
        What was done, in a few words: ``Heritage: price 0.9``.
    key : str
        The lever, ``enter`` or ``exit``.
    event : mapping
        The event of the scenario, without month and economies.
    """

    at: int
    sides: tuple[str, ...]
    text: str
    key: str
    event: Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """Something that happened: month, side (empty: all sides), and one sentence."""

    month: int
    side: str
    text: str


@dataclass(frozen=True)
class Branch:
    """A run that was left when another was forked from it: its log and its market shares.

    Attributes
    ----------
    number : int
        To return to it.
    forked_at : int
        Month from which on the other run differs.
    log : tuple of Entry
    shares : mapping from side to ndarray, shape (months, sellers)
        For pale lines behind the live ones [-].
    """

    number: int
    forked_at: int
    log: tuple[Entry, ...]
    shares: Mapping[str, np.ndarray]


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


class Stage:
    """Economies side by side.

    All that takes time is awaited and runs in a thread of its own (the market's loops let go of
    the interpreter); calls on one stage follow one another, and stages do not wait for each other.

    Parameters
    ----------
    sides : mapping from label to (Scenario, economy)
        What stands side by side. Labels are names as of economies.
    limits : Limits

    Attributes
    ----------
    sides : tuple of str
        Labels.
    sellers : tuple of str
        All sellers of all sides in the order that colours follow: those at the opening, then
        entrants; one who is dropped in comes last.
    month : int
        Months played; the next one has this number [months].
    horizon : int
        [months]
    version : int
        Grows whenever rows that were given out before no longer hold (rewind, fork, reset, a new
        seller): ask for all rows again.
    log : list of Entry
        Interventions, by month.
    told : list of Told
        What happened so far, one sentence each.
    branches : list of Branch
        Runs that were left.
    """

    sides: tuple[str, ...]
    sellers: tuple[str, ...]
    month: int
    horizon: int
    version: int
    log: list[Entry]
    told: list[Told]
    branches: list[Branch]

    @classmethod
    def of(cls, scenario: Scenario, economies: Sequence[str] | None = None, *, limits: Limits | None = None) -> Stage:
        """Economies of one scenario; by default its first and its last."""
        raise NotImplementedError

    @classmethod
    def variants(cls, scenarios: Mapping[str, Scenario], economy: str, *, limits: Limits | None = None) -> Stage:
        """One economy in variants of a scenario, by label."""
        raise NotImplementedError

    @property
    def over(self) -> bool:
        """Whether the last month has been played."""
        return self.month >= self.horizon

    @property
    def sentence(self) -> str:
        """What happened last."""
        return self.told[-1].text if self.told else ""

    async def steps(self, count: int) -> int:
        """Play up to `count` months (fewer at the horizon); return how many were played."""
        raise NotImplementedError

    async def rewind(self, month: int) -> None:
        """Go back (or forward again, within what was played) to the start of a month.

        The log stays: played on, the same happens again, to the byte, until something is changed.
        A change made here forks: what was done later is dropped, and kept as a branch.
        """
        raise NotImplementedError

    async def reset(self) -> None:
        """Back to the start, with an empty log; branches stay."""
        raise NotImplementedError

    async def switch(self, branch: int) -> None:
        """Return to a branch, at its last month; the present run becomes a branch."""
        raise NotImplementedError

    async def set(self, key: str, value: Any, sides: Sequence[str] | None = None) -> Entry:
        """Move a lever (see `Lever.key`) from the next month on, on some or all sides.

        Raises
        ------
        Refused
            With one line for the page.
        """
        raise NotImplementedError

    async def enter(
        self,
        strategy: str = "innovator",
        name: str | None = None,
        cash: float | None = None,
        sides: Sequence[str] | None = None,
    ) -> Entry:
        """Drop in an entrant; cash in [money a market buyer]; by default the scenario's."""
        raise NotImplementedError

    async def exit(self, seller: str, sides: Sequence[str] | None = None) -> Entry:
        """Take a seller out of the market."""
        raise NotImplementedError

    def rows(self, side: str, since: int = 0) -> Rows:
        """Months from `since` on."""
        raise NotImplementedError

    def levers(self, side: str) -> list[Lever]:
        """The levers of a side and where they stand."""
        raise NotImplementedError

    def marks(self) -> list[tuple[int, str]]:
        """Month and words of the scenario's events and of the log, for a timeline."""
        raise NotImplementedError

    def records(self) -> dict[str, Record]:
        """What each side measured so far."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the markets."""
        raise NotImplementedError
