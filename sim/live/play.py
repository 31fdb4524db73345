"""What is played on a stage: markets side by side, the log that changes them, and the runs that were left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np

from sim.live.lane import Lane
from sim.live.limits import Limits, Refused
from sim.live.script import Entry, Script, entered_with, exits_of, told_in_words
from sim.live.telling import Teller, Told, joined
from sim.runner import available_cores
from sim.scenario import Scenario

__all__ = ["Branch", "Play"]

Result = TypeVar("Result")

# The market's loops let go of the interpreter, and 20 runs of 5000 buyers a side at 4 months a
# second take a quarter of a core: threads are enough. Each takes a few months at a time, so that
# no session waits long for another. Measured in benchmarks/parts/live.py.
AT_A_TIME = 8
_threads = ThreadPoolExecutor(max(2, available_cores()), thread_name_prefix="stage")


@dataclass(frozen=True)
class Branch:
    """A run that was left when another was forked from it: its log and its market shares.

    Attributes
    ----------
    number : int
        To return to it.
    forked_at : int
        Month from which on the run that left it differs.
    played : int
        Months that it had played [months].
    log : tuple of Entry
    sellers : tuple of str
    shares : mapping from side to ndarray, shape (months, sellers)
        For pale lines behind the live ones [-].
    """

    number: int
    forked_at: int
    played: int
    log: tuple[Entry, ...]
    sellers: tuple[str, ...]
    shares: Mapping[str, np.ndarray]


class Play:
    """Markets side by side, and what was done to them: how a `Stage` works behind its doors.

    One thing at a time: `Stage` sees to that.

    Parameters
    ----------
    scripts : sequence of Script
        What is played; no label twice.
    limits : Limits, optional
    """

    def __init__(self, scripts: Sequence[Script], limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._scripts = list(scripts)
        self.sides = tuple(side for script in self._scripts for side in script.sides)
        if not 1 <= len(self.sides) <= self.limits.sides:
            raise Refused(f"side by side stand 1 to {self.limits.sides} economies, not {len(self.sides)}")
        for script in self._scripts:
            self.limits.check(script.base)
        if len({script.base.horizon for script in self._scripts}) > 1:
            raise Refused("side by side run scenarios with the same horizon; set it for all")
        self.name, self.horizon = self._scripts[0].base.name, self._scripts[0].base.horizon
        self.month = self.played = self.version = 0
        self.log: list[Entry] = []
        self.told: list[Told] = []
        self.branches: list[Branch] = []
        self._numbers = 0
        self._closed = False
        self._lock = asyncio.Lock()
        try:
            self._lanes = {side: Lane(side, script.scenario) for script in self._scripts for side in script.sides}
        except ValueError as error:
            raise Refused(str(error)) from None
        self._tellers = self._new_tellers()

    @property
    def over(self) -> bool:
        """Whether the last month is shown."""
        return self.month >= self.horizon

    @property
    def sellers(self) -> tuple[str, ...]:
        """All sellers of all sides."""
        return tuple(dict.fromkeys(name for lane in self._lanes.values() for name in lane.names))

    async def _steps(self, count: int) -> int:
        start, stop = self.month, min(self.month + max(count, 0), self.horizon)
        while self.month < stop and not self._closed:
            months = min(AT_A_TIME, stop - self.month)
            await _together([partial(lane.stepped, months) for lane in self._lanes.values()])
            self._follow(self.month, self.month + months)
            self.month += months
            self.played = max(self.played, self.month)
        return self.month - start

    def _follow(self, start: int, stop: int) -> None:
        found = [
            one for side, teller in self._tellers.items() for one in teller.follow(self._lanes[side].rows, start, stop)
        ]
        self.told += joined(sorted(found, key=lambda told: told.month), self.sides)

    async def _rewind(self, month: int) -> None:
        if isinstance(month, bool) or not isinstance(month, int) or not 0 <= month <= self.played:
            raise Refused(f"month {month} has not been played; {self.played} have")
        if month != self.month:
            await self._open(month)

    async def _open(self, month: int) -> None:
        """Open all sides anew at a month, from the scripts as they stand."""
        jobs = [partial(Lane.opened, side, script.scenario, month) for script in self._scripts for side in script.sides]
        before, lanes = self._lanes, await _together(jobs)
        self._lanes = {lane.label: lane for lane in lanes}
        for lane in before.values():
            lane.close()
        self.month, self.version = month, self.version + 1
        self._tellers, self.told = self._new_tellers(), []
        self._follow(0, month)

    async def _intervene(self, key: str, value: Any, event: Mapping[str, Any], sides: Sequence[str] | None) -> Entry:
        at = max(self.month, 1) if key == "enter" else self.month  # who is there at 0 is no entrant
        if self.over:
            raise Refused("the last month has been played; go back to act")
        chosen = self.sides if sides is None else tuple(side for side in self.sides if side in sides)
        if not chosen or (sides is not None and set(sides) - set(self.sides)):
            raise Refused(f"choose among {', '.join(self.sides)}")
        entry = Entry(at, chosen, "", key, event, value)
        kept = [one for one in self.log if one.at <= self.month] if self.played > self.month else self.log
        log = entered_with(kept, entry)
        if len(log) > self.limits.interventions:
            raise Refused(f"a run has at most {self.limits.interventions} interventions")
        scenarios = [script.scenario_with(log) for script in self._scripts]
        for scenario in scenarios:
            self.limits.check(scenario)
        entry = told_in_words(entry, scenarios, chosen)
        log = [entry if (one.event, one.at, one.text) == (event, at, "") else one for one in log]
        if self.played > self.month:
            self._leave(self.month)
        await self._go_on(scenarios, log)
        return entry

    async def _go_on(self, scenarios: Sequence[Scenario], log: list[Entry]) -> None:
        """Follow other scenarios from here on, with the same past."""
        before = [[seller.name for seller in script.scenario.all_sellers] for script in self._scripts]
        for script, scenario in zip(self._scripts, scenarios, strict=True):
            script.scenario = scenario
        self.log, self.played = log, self.month
        if before != [[seller.name for seller in scenario.all_sellers] for scenario in scenarios]:
            await self._open(self.month)  # a new seller needs its columns
            return
        for script in self._scripts:
            for side in script.sides:
                self._lanes[side].market.go_on_as(script.scenario)
                self._tellers[side].exits = exits_of(script.scenario, side)

    def _leave(self, month: int) -> None:
        """Keep the run as it is as a branch; the oldest goes when there are too many."""
        self._numbers += 1
        shares = {side: lane.rows.share[: lane.month].copy() for side, lane in self._lanes.items()}
        left = Branch(self._numbers, month, self.played, tuple(self.log), self.sellers, shares)
        self.branches = [*self.branches, left][-self.limits.branches :]

    async def _reset(self) -> None:
        if self.played:
            self._leave(0)
        for script in self._scripts:
            script.scenario = script.base
        self.log, self.played = [], 0
        await self._open(0)

    async def _switch(self, number: int) -> None:
        branch = next((one for one in self.branches if one.number == number), None)
        if branch is None:
            raise Refused("there is no such branch any more")
        scenarios = [script.scenario_with(branch.log) for script in self._scripts]
        if self.played:
            self._leave(branch.forked_at)
        self.branches = [one for one in self.branches if one.number != number]
        for script, scenario in zip(self._scripts, scenarios, strict=True):
            script.scenario = scenario
        self.log, self.played = list(branch.log), branch.played
        await self._open(branch.played)

    def _new_tellers(self) -> dict[str, Teller]:
        return {
            side: Teller(side, self._lanes[side].names, exits_of(script.scenario, side))
            for script in self._scripts
            for side in script.sides
        }

    def _free_name(self) -> str:
        """A name that no seller has: ``Entrant``, ``Entrant 2``, ..."""
        names = ["Entrant", *(f"Entrant {number}" for number in range(2, self.limits.sellers + 2))]
        return next(name for name in names if name not in self.sellers)

    def _lane(self, side: str) -> Lane:
        if side not in self._lanes:
            raise Refused(f"choose among {', '.join(self.sides)}")
        return self._lanes[side]

    def _release(self) -> None:
        for lane in self._lanes.values():
            lane.close()


async def _together(jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run jobs in threads, side by side."""
    loop = asyncio.get_running_loop()
    return list(await asyncio.gather(*(loop.run_in_executor(_threads, job) for job in jobs)))
