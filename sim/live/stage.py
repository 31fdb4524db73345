"""The stage: economies side by side on the same draws, month by month, with a past that can be returned to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from sim.live.lane import Rows
from sim.live.levers import Lever, event_of, levers_of, standing, whole_effort
from sim.live.limits import Limits, Refused
from sim.live.play import Branch, Play
from sim.live.script import Entry, Script
from sim.live.telling import Told
from sim.plots.milestones import event_words
from sim.results import Record
from sim.scenario import Scenario, ScenarioError
from sim.strategies import Plan

__all__ = ["Branch", "Entry", "Rows", "Stage", "Told"]

Result = TypeVar("Result")


class Stage(Play):
    """Economies side by side.

    All that takes time is awaited and runs in a thread of its own (the market's loops let go of
    the interpreter); calls on one stage follow one another, and stages do not wait for each other.

    Parameters
    ----------
    scripts : sequence of Script
        What is played; no label twice.
    limits : Limits, optional

    Attributes
    ----------
    name : str
        Of the scenario.
    sides : tuple of str
        Labels.
    sellers : tuple of str
        All sellers of all sides in the order that colours follow: those at the opening, then
        entrants; one who is dropped in comes last.
    month : int
        Months that are shown; the next one has this number [months].
    played : int
        Months that were played, to which `rewind` may also go forward again [months].
    horizon : int
        [months]
    version : int
        Grows whenever rows that were given out before no longer hold (rewind, fork, reset, a new
        seller): ask for all rows again.
    log : list of Entry
        Interventions, in the order in which they are events.
    told : list of Told
        What happened so far, one sentence each.
    branches : list of Branch
        Runs that were left.
    """

    @classmethod
    def of(cls, scenario: Scenario, economies: Sequence[str] | None = None, *, limits: Limits | None = None) -> Stage:
        """Economies of one scenario; by default its first and its last.

        Raises
        ------
        Refused
            If there is no such economy, or the scenario is too large.
        """
        names = list(scenario.economies)
        chosen = list(economies) if economies is not None else list(dict.fromkeys([names[0], names[-1]]))
        (limits or Limits()).check(scenario)
        for name in chosen:
            if name not in names:
                raise Refused(f"{name[:80]!r} is not an economy of {scenario.name} ({', '.join(names)})")
        if not chosen:
            raise Refused("choose at least one economy")
        return cls([Script(scenario, _labels(chosen))], limits)

    @classmethod
    def beside(cls, sides: Mapping[str, tuple[Scenario, str]], *, limits: Limits | None = None) -> Stage:
        """Any economies of any scenarios, by label: ``{"push": (scenario, "push"), ...}``.

        Raises
        ------
        Refused
            If one has no such economy, is too large, or they differ in length.
        """
        scripts: dict[int, tuple[Scenario, dict[str, str]]] = {}
        for label, (scenario, economy) in sides.items():
            (limits or Limits()).check(scenario)
            if economy not in scenario.economies:
                raise Refused(f"{economy[:80]!r} is not an economy of {scenario.name}")
            scripts.setdefault(id(scenario), (scenario, {}))[1][label] = economy
        try:
            return cls([Script(scenario, labels) for scenario, labels in scripts.values()], limits)
        except ScenarioError as error:
            raise Refused(str(error.mistakes[0])) from None

    # --- what can be asked ---

    @property
    def sentence(self) -> str:
        """What happened last."""
        return self.told[-1].text if self.told else ""

    @property
    def scenarios(self) -> list[Scenario]:
        """What is played, with the log as events: one scenario, or one for each variant.

        Each is what `pushpull run` replays to the same bytes.
        """
        return [script.scenario for script in self._scripts]

    @property
    def trading(self) -> list[str]:
        """Sellers that are in the market on some side."""
        there = {one.name for lane in self._lanes.values() for one in lane.market.sellers if one.alive}
        return [name for name in self.sellers if name in there]

    def course_of(self, seller: str) -> tuple[str, Plan]:
        """Strategy and plan that a seller follows now, on the first side that has it.

        Raises
        ------
        Refused
            If there is no such seller.
        """
        for lane in self._lanes.values():
            if seller in lane.names:
                agent = lane.market.seller(seller)
                plan = agent.current_plan or agent.policy.opening_plan()
                return agent.strategy, plan._replace(price=max(plan.price + agent.price_shift, 0.0))
        raise Refused(f"there is no seller {seller[:60]!r} ({', '.join(self.sellers)})")

    def rows(self, side: str, since: int = 0) -> Rows:
        """Months from `since` on, up to the one that is shown."""
        lane = self._lane(side)
        rows = lane.rows.between(since, self.month)
        if lane.names == self.sellers:
            return rows
        return rows.widened([lane.names.index(name) if name in lane.names else -1 for name in self.sellers])

    def levers(self, side: str) -> list[Lever]:
        """The levers of a side, and where they stand for the next month."""
        pending = {entry.key: entry.value for entry in self.log if entry.at == self.month and side in entry.sides}
        found = levers_of(self._lane(side).market)
        return [standing(lever, pending[lever.key]) if lever.key in pending else lever for lever in found]

    def marks(self) -> list[tuple[int, str]]:
        """Month and words of all events, the scenario's and the log's, by month."""
        found: dict[tuple[int, str], None] = {}
        for script in self._scripts:
            strategies = {seller.name: seller.strategy for seller in script.scenario.all_sellers}
            for event in sorted(script.scenario.events, key=lambda event: event.at):
                where = f" ({', '.join(event.economies)})" if event.economies else ""
                found[event.at, event_words(event, strategies) + where] = None
                if event.change is not None:
                    strategies[event.change.seller] = event.change.strategy
        return sorted(found)

    def records(self) -> dict[str, Record]:
        """What each side measured so far."""
        return {side: lane.market.record() for side, lane in self._lanes.items()}

    # --- what takes time ---

    async def steps(self, count: int) -> int:
        """Play up to `count` months (fewer at the horizon); return how many were played."""
        return await self._alone(partial(self._steps, count))

    async def rewind(self, month: int) -> None:
        """Go back (or forward again, within what was played) to the start of a month.

        The log stays: played on, the same happens again, to the byte, until something is changed.
        A change made here forks: what was done later is dropped, and kept as a branch.

        Raises
        ------
        Refused
            If the month has not been played.
        """
        await self._alone(partial(self._rewind, month))

    async def reset(self) -> None:
        """Back to the start, with an empty log; what was played is kept as a branch."""
        await self._alone(self._reset)

    async def switch(self, branch: int) -> None:
        """Return to a branch, at its last month; the present run becomes a branch.

        Raises
        ------
        Refused
            If there is no such branch.
        """
        await self._alone(partial(self._switch, branch))

    async def set(self, key: str, value: Any, sides: Sequence[str] | None = None) -> Entry:
        """Move a lever (see `Lever.key`) from the next month on, on some or all sides.

        Raises
        ------
        Refused
            With one line for the page.
        """
        return await self._alone(partial(self._intervene, key, value, event_of(key, value, self.sellers), sides))

    async def enter(
        self,
        strategy: str = "innovator",
        name: str | None = None,
        cash: float | None = None,
        sides: Sequence[str] | None = None,
    ) -> Entry:
        """Drop in an entrant; cash in [money a market buyer]; by default the scenario's.

        Raises
        ------
        Refused
            With one line for the page.
        """
        chosen = self.limits.text(name, "the name of an entrant") if name is not None else self._free_name()
        entrant = {"name": chosen, "strategy": strategy, **({} if cash is None else {"cash": cash})}
        return await self._alone(partial(self._intervene, "enter", chosen, {"enter": entrant}, sides))

    async def exit(self, seller: str, sides: Sequence[str] | None = None) -> Entry:
        """Take a seller out of the market.

        Raises
        ------
        Refused
            With one line for the page.
        """
        return await self._alone(partial(self._intervene, "exit", seller, {"exit": seller}, sides))

    async def decide(
        self,
        seller: str,
        *,
        strategy: str | None = None,
        price: float | None = None,
        effort: Mapping[str, float] | None = None,
        sides: Sequence[str] | None = None,
    ) -> Entry:
        """Set the course of a seller by hand; from then on it changes course only when told to.

        Effort that is left out stays, or shrinks in proportion where the budget is full; with
        another strategy it is that strategy's own effort that it is taken from.

        Raises
        ------
        Refused
            With one line for the page.
        """
        course: dict[str, Any] = {"seller": seller, "stubbornness": 1.0}
        course |= {} if price is None else {"price": price}
        course |= {} if not effort else {"effort": dict(effort)}
        event: dict[str, Any] = {"adjust": course}
        if strategy is not None and strategy != self.course_of(seller)[0]:
            event = {"change": {**course, "strategy": strategy, **whole_effort(strategy, effort)}}
        return await self._alone(partial(self._intervene, f"sellers.{seller}.course", strategy, event, sides))

    def close(self) -> None:
        """Let go of the markets; what is still being played ends first."""
        self._closed = True
        if not self._lock.locked():
            self._release()

    # --- how ---

    async def _alone(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Do one thing at a time, and to its end even if nobody waits for it any more."""

        async def done() -> Result:
            async with self._lock:
                if self._closed:
                    raise Refused("this run is closed")
                try:
                    return await work()
                finally:
                    if self._closed:
                        self._release()

        return await asyncio.shield(asyncio.ensure_future(done()))


def _labels(economies: Sequence[str]) -> dict[str, str]:
    """A label for each side: the economy's name, numbered where it stands there twice."""
    found: dict[str, str] = {}
    for name in economies:
        label, number = name, 1
        while label in found:
            number += 1
            label = f"{name} {number}"
        found[label] = name
    return found
