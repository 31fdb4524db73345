"""The stage: economies side by side on the same draws, month by month, with a past that can be returned to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from pydantic import ValidationError

from sim.live.lane import Lane, Rows
from sim.live.levers import Lever, event_of, levers_of, standing
from sim.live.limits import Limits, Refused
from sim.live.script import Entry, Script, entered_with
from sim.live.telling import Teller, Told, joined
from sim.plots.milestones import event_words
from sim.results import Record
from sim.runner import available_cores
from sim.scenario import EffortChange, Event, Scenario, ScenarioError
from sim.strategies import Effort, Plan, catalogue

__all__ = ["Branch", "Entry", "Rows", "Stage", "Told"]

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


class Stage:
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
    def over(self) -> bool:
        """Whether the last month is shown."""
        return self.month >= self.horizon

    @property
    def sentence(self) -> str:
        """What happened last."""
        return self.told[-1].text if self.told else ""

    @property
    def sellers(self) -> tuple[str, ...]:
        """All sellers of all sides."""
        return tuple(dict.fromkeys(name for lane in self._lanes.values() for name in lane.names))

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
        return _widened(rows, [lane.names.index(name) if name in lane.names else -1 for name in self.sellers])

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
            event = {"change": {**course, "strategy": strategy, **_whole_effort(strategy, effort)}}
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
        entry = _told_in_words(entry, scenarios, chosen)
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
                self._tellers[side].exits = _exits(script.scenario, side)

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
            side: Teller(side, self._lanes[side].names, _exits(script.scenario, side))
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


def _whole_effort(strategy: str, effort: Mapping[str, float] | None) -> dict[str, Any]:
    """The effort of a change to a strategy of which some entries are given."""
    policy = catalogue().get(strategy)
    template = policy.model_fields["effort"].default if policy is not None else None
    if not effort or not isinstance(template, Effort):
        return {}
    try:
        return {"effort": EffortChange.model_validate(dict(effort)).over(template).model_dump()}
    except ValidationError as error:
        first = error.errors()[0]
        raise Refused(": ".join([*map(str, first["loc"]), str(first["msg"]).removeprefix("Value error, ")])) from None


def _exits(scenario: Scenario, side: str) -> dict[int, list[str]]:
    """Sellers that events take out of the market, by month."""
    found: dict[int, list[str]] = {}
    for event in scenario.events:
        if event.exit is not None and event.happens_in(side):
            found.setdefault(event.at, []).append(event.exit)
    return found


def _told_in_words(entry: Entry, scenarios: Sequence[Scenario], sides: Sequence[str]) -> Entry:
    """The entry with its text, which is that of the event in reports."""
    events: list[Event] = []
    strategies: dict[str, str] = {}
    for scenario in scenarios:
        strategies |= {seller.name: seller.strategy for seller in scenario.all_sellers}
        events += [one for one in scenario.events if one.at == entry.at and any(map(one.happens_in, sides))]
    meant = [one for one in events if one.verb in entry.event]
    return Entry(entry.at, entry.sides, event_words(meant[-1], strategies), entry.key, entry.event, entry.value)


def _widened(rows: Rows, places: Sequence[int]) -> Rows:
    """Rows with columns for sellers that this side does not have: no share, not there."""
    here = np.array([place >= 0 for place in places])
    taken = np.array([max(place, 0) for place in places])

    def filled(values: np.ndarray, nothing: float | bool) -> np.ndarray:
        return np.where(here, values[:, taken], nothing)

    switches = rows.switches[:, :, taken][:, :, :, taken] * (here[:, None] & here[None, :])
    return Rows(
        rows.start,
        filled(rows.share, 0.0),
        filled(rows.satisfaction, np.nan),
        filled(rows.profit, 0.0),
        filled(rows.alive, False),
        rows.pull_share,
        switches,
    )
