"""The market: a Mesa model whose tick follows model A13, on either of two engines."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import mesa
import numpy as np

from sim import columns
from sim.agents import BuyerAgent, SellerAgent
from sim.columns import Desk, Tally
from sim.events import Agenda
from sim.history import History, Recent
from sim.kernels import rows
from sim.kernels import sellers as seller_kernels
from sim.population import install, links_of, populate, renew, with_links
from sim.results.record import Record
from sim.scenario.scenario import Scenario
from sim.scenario.sellers import Event
from sim.scenario.steering import Adjustment, NewTerms
from sim.scenario.writing import written
from sim.strategies.strategy import View

__all__ = ["Market"]

LEAST_CHUNK = 8 * columns.BLOCK  # for fewer buyers it does not pay to fetch a thread


class Market(mesa.Model):
    """One economy, one replication of a scenario.

    Parameters
    ----------
    scenario : Scenario
    economy : str, optional
        Name of one of the scenario's economies; by default the first.
    replication : int
        Number of the replication; with the seed it keys every draw.
    rng : int, optional
        Seed; by default the scenario's.
    engine : {"columns", "agents"}
        Compiled loops over the columns, or Mesa agents that call the same rules.
    threads : int
        Threads of the columns engine; the result does not depend on them.
    chunk : int, optional
        Rows that a thread takes at a time, by default a sixteenth of an equal part; the result does not depend
        on it.
    buyer_class : type
        Class of the buyers; a subclass that overrides a stage needs the agents engine.

    Attributes
    ----------
    tick : int
        The tick that comes next; the horizon when the run is over [ticks].
    running : bool
        Whether there is a next tick.
    state : sim.columns.State
        All columns.
    """

    def __init__(
        self,
        scenario: Scenario,
        economy: str | None = None,
        replication: int = 0,
        *,
        rng: int | None = None,
        engine: Literal["columns", "agents"] = "columns",
        threads: int = 1,
        chunk: int | None = None,
        buyer_class: type[BuyerAgent] = BuyerAgent,
    ) -> None:
        seed = scenario.seed if rng is None else rng
        super().__init__(rng=seed)
        economy = economy or next(iter(scenario.economies))
        if economy not in scenario.economies:
            raise ValueError(f"{economy!r} is not an economy of {scenario.name!r} ({', '.join(scenario.economies)})")
        if engine not in ("columns", "agents"):
            raise ValueError(f"{engine!r} is not an engine (columns, agents)")
        if engine == "columns" and buyer_class is not BuyerAgent:
            raise ValueError(f'{buyer_class.__name__} overrides stages in Python: use engine="agents"')
        if threads < 1 or (chunk is not None and chunk < 1):
            raise ValueError("threads and chunk must be at least 1")
        self.scenario = scenario.settled()
        self.economy = economy
        self.replication = replication
        self.engine = engine
        self.tick = 0
        self.running: bool = True
        self.buyer_count = scenario.buyers.count
        self._schedule = self.scenario.economies[economy].pull_share
        self.pull_share = self._schedule.at(0)
        population = populate(self.scenario, self.scenario.economies[economy], seed, replication)
        self.state, self._selling, self._names = population.state, population.selling, population.names
        self._agenda = Agenda.of(self.scenario, economy)
        self._law = self.scenario  # its terms as they are now
        self._buyer_class = buyer_class
        self._open_sellers()
        self.buyers: Sequence[BuyerAgent] = BuyerRows(self)
        if engine == "agents":
            self.buyers = [buyer_class(self, row) for row in range(self.buyer_count)]
        self._history = History(self.scenario, self.state, self._names)
        self._chunks = self._cut(threads, chunk)
        self._tallies = [columns.allocate_tally(len(self._names)) for _ in range(threads)]
        self._sum = columns.allocate_tally(len(self._names))
        self._desks = [columns.allocate_desk(len(self._names)) for _ in range(threads)]
        self.tally, self.desk = self._tallies[0], self._desks[0]
        self._helpers = ThreadPoolExecutor(threads - 1) if threads > 1 else None

    # Mesa 3.5 has a `scenario` of its own that writes itself into what it is given; ours never changes.
    @property
    def scenario(self) -> Scenario:
        """What is run, nothing left open."""
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: Scenario) -> None:
        self._scenario = scenario

    def _open_sellers(self) -> None:
        """One agent a seller, entrants included, in the order of the file."""
        opening = {seller.name for seller in self.scenario.sellers}
        incumbents = np.array([name in opening for name in self._names])
        self.sellers: list[SellerAgent] = []
        for entry in self.scenario.all_sellers:
            # a strategy may keep notes of its own; they belong to this run
            agent = SellerAgent(self, entry.name, self._names.index(entry.name), copy.deepcopy(entry))
            agent.known_rivals = incumbents
            self.sellers.append(agent)
        self._by_place = sorted(self.sellers, key=lambda seller: seller.place)

    def _cut(self, threads: int, chunk: int | None) -> list[tuple[int, int]]:
        size = chunk or self.buyer_count
        if chunk is None and threads > 1:  # several a thread, as cores differ in speed
            size = max(self.buyer_count // (16 * threads), LEAST_CHUNK)
        return [(start, min(start + size, self.buyer_count)) for start in range(0, self.buyer_count, size)]

    # --- what can be asked ---

    @property
    def neighbours(self) -> np.ndarray:
        """Whom each buyer listens to: int32, shape (buyers, degree), drawn when asked for.

        Set it to a table of such a shape, of any degree, before the first tick for a network of your own.
        """
        return links_of(self.state)

    @neighbours.setter
    def neighbours(self, table: np.ndarray) -> None:
        self.state = with_links(self.state, table)

    def seller(self, name: str) -> SellerAgent:
        """The seller of that name.

        Raises
        ------
        KeyError
            If there is none.
        """
        if name not in self._names:
            raise KeyError(f"no seller {name!r} ({', '.join(seller.name for seller in self.sellers)})")
        return self._by_place[self._names.index(name)]

    def seller_at(self, place: int) -> SellerAgent:
        """The seller in a column of the state."""
        return self._by_place[place]

    def buyer(self, row: int) -> BuyerAgent:
        """The buyer of a row: an agent in the agents engine, else a handle made on demand."""
        return self.buyers[row]

    def share(self, name: str) -> float:
        """Market share of a seller after the last tick [-]."""
        return self.seller(name).share

    def view(self, seller: SellerAgent) -> View:
        """What a seller sees when it plans the next tick."""
        return self._history.view(seller.place, seller.name, seller.current_plan, seller.known_rivals)

    @property
    def datacollector(self) -> History:
        """What has been measured so far, with the reading half of Mesa's DataCollector."""
        return self._history

    @property
    def terms(self) -> Scenario:
        """The scenario with its behaviour, word of mouth and pull share as events have set them so far."""
        return self._law

    def recent(self, ticks: int) -> Recent:
        """What was measured in the last ticks, without the whole record; see `sim.history.Recent`."""
        return self._history.recent(ticks, [seller.name for seller in self.sellers])

    def go_on_as(self, scenario: Scenario) -> None:
        """Follow another scenario from the next tick on: the same one up to now, with other events to come.

        The market is then, to the byte, what a new one of that scenario would be at this tick.

        Parameters
        ----------
        scenario : Scenario

        Raises
        ------
        ValueError
            If it differs in more than events from the next tick on, or has other sellers.
        """
        coming = scenario.settled()
        mine, theirs = (_past(one, self.economy, self.tick) for one in (self.scenario, coming))
        if mine != theirs:
            raise ValueError(f"{scenario.name!r} is not the scenario of this market up to tick {self.tick}")
        self.scenario = coming
        self._agenda = Agenda.of(coming, self.economy)

    # --- a tick ---

    def step(self) -> None:
        """Advance one tick (model A13).

        Raises
        ------
        RuntimeError
            If the horizon has been reached.
        """
        if not self.running:
            raise RuntimeError(f"the market has reached its horizon of {self.scenario.horizon} ticks")
        for event in self._agenda.at(self.tick):
            self._happen(event)
        self.pull_share = self._schedule.at(self.tick)
        alive = self.state.sellers["alive"]
        for seller in self.sellers:
            if alive[seller.place]:
                seller.plan()
        if self.engine == "columns" and len(self._chunks) == 1:
            rows.whole_tick(self.tick, self.pull_share, self.state, self._selling, self.tally, self.desk)
            tally = self.tally
        else:
            tally = self._tick_in_parts()
        self._history.note(self.tick, tally)
        self.tick += 1
        self.running = self.tick < self.scenario.horizon

    def _tick_in_parts(self) -> Tally:
        """`rows.whole_tick` by agents, or by chunks of rows. Returns the tally over all buyers."""
        for tally in self._tallies:
            rows.clear(tally)
        seller_kernels.open_tick(self.state, self._selling, self.tick, self.buyer_count)
        self._decide()
        seller_kernels.serve_customers(self.state, self._selling, self._total())
        self._deliver()
        seller_kernels.end_tick(self.state, self._selling, self.buyer_count)
        return self._total()

    def _happen(self, event: Event) -> None:
        """Let an event of the scenario take place."""
        if event.set is not None:
            self._set_terms(event.set)
            return
        sellers = self.state.sellers
        assert event.seller is not None  # only the market's terms concern nobody
        agent = self.seller(event.seller)
        place = agent.place
        if event.enter is not None:
            install(self.state, place, event.enter, self.tick, self.buyer_count)
            agent.known_rivals = sellers["alive"].copy()
        elif event.exit is not None:
            sellers["alive"][place] = False
        elif event.change is not None:
            agent.follow(copy.deepcopy(event.change))
            if event.change.quality is not None:
                sellers["quality"][place] = event.change.quality
            if event.change.unit_cost is not None:
                sellers["unit_cost"][place] = event.change.unit_cost
        elif event.adjust is not None:
            self._adjust(agent, event.adjust)
        elif event.shock is not None:
            shock = event.shock
            sellers["quality"][place] = max(sellers["quality"][place] + shock.quality, 0.0)
            sellers["unit_cost"][place] = max(sellers["unit_cost"][place] + shock.cost, 0.0)
            sellers["cash"][place] += shock.cash * self.buyer_count
            sellers["service_shift"][place] += shock.service
            agent.price_shift += shock.price
            sellers["price"][place] = max(sellers["price"][place] + shock.price, 0.0)

    def _adjust(self, agent: SellerAgent, new: Adjustment) -> None:
        """Set some of a seller's course by hand: in its strategy, and in the plan in force if there is one."""
        policy, sellers, place = agent.policy, self.state.sellers, agent.place
        given = {name: value for name in ("price", "overclaim") if (value := getattr(new, name)) is not None}
        effort = None
        if new.effort is not None:
            effort = new.effort.over(agent.current_plan.effort if agent.current_plan else policy.effort)
            given["effort"] = effort
        stubborn = {} if new.stubbornness is None else {"stubbornness": new.stubbornness}
        agent.policy = policy.model_copy(update={**given, **stubborn})
        if new.price is not None:
            agent.price_shift = 0.0  # the posted price is what is given, whatever shocks there were
        if new.budget_share is not None:
            sellers["budget_share"][place] = new.budget_share
        if agent.current_plan is None:
            return  # its strategy opens with what is given
        agent.current_plan = agent.current_plan._replace(**given)
        if effort is not None:
            sellers["effort"][place] = effort.shares
        for name in ("price", "overclaim"):
            if name in given:
                sellers[name][place] = given[name]

    def _set_terms(self, new: NewTerms) -> None:
        """Let the market go on under other terms."""
        law, economy = self._law, self._law.economies[self.economy]
        if new.pull_share is not None:
            self._schedule = new.pull_share
            economy = economy.model_copy(update={"pull_share": new.pull_share})
        talk = law.word_of_mouth
        if new.word_of_mouth is not None:
            talk = talk.model_copy(update=new.word_of_mouth.given)
        behaviour = law.behaviour if new.behaviour is None else new.behaviour.over(law.behaviour)
        self._law = law.model_copy(
            update={"behaviour": behaviour, "word_of_mouth": talk, "economies": {self.economy: economy}}
        )
        renew(self.state, self._law, economy)

    def _total(self) -> Tally:
        if len(self._tallies) == 1:
            return self._tallies[0]
        total = self._sum
        rows.clear(total)
        for tally in self._tallies:
            total.sellers.view(np.int64)[...] += tally.sellers.view(np.int64)
            total.switches[...] += tally.switches
            total.totals[...] += tally.totals
        return total

    def _decide(self) -> None:
        if self.engine == "agents":
            for buyer in self.buyers:
                buyer.step()
            return

        def work(start: int, stop: int, tally: Tally, desk: Desk) -> None:
            rows.decide(start, stop, self.tick, self.pull_share, self.state, tally, desk)

        self._each_chunk(work)

    def _deliver(self) -> None:
        if self.engine == "agents":
            for buyer in self.buyers:
                buyer.advance()
            return

        def work(start: int, stop: int, tally: Tally, desk: Desk) -> None:
            rows.deliver(start, stop, self.tick, self.pull_share, self.state, tally, desk)

        self._each_chunk(work)

    def _each_chunk(self, work: Callable[[int, int, Tally, Desk], None]) -> None:
        chunks = iter(self._chunks)

        def take(tally: Tally, desk: Desk) -> None:
            for start, stop in chunks:  # each thread goes on with the next that nobody has
                work(start, stop, tally, desk)

        (mine, *theirs) = zip(self._tallies, self._desks, strict=True)
        others = [self._helpers.submit(take, *room) for room in theirs] if self._helpers else []
        take(*mine)
        for other in others:
            other.result()

    # --- a run ---

    def run(self) -> Record:
        """Step to the horizon and return what was measured."""
        while self.running:
            self.step()
        return self.record()

    def record(self) -> Record:
        """What was measured so far."""
        return self._history.record(self.economy, self.replication, [seller.name for seller in self.sellers])

    def release(self) -> None:
        """Let go of everything that keeps a finished market in memory.

        Mesa 3.3 counts agents in a class-level table that holds each model for ever, and a model holds
        itself by its wrapped step, in 3.5 by its schedule too: it would be there until the garbage
        collector's next full round.
        """
        if self._helpers is not None:
            self._helpers.shutdown(wait=False)
        self.remove_all_agents()
        self.sellers, self._by_place, self.buyers = [], [], []
        counters = getattr(mesa.Agent, "_ids", None)
        if counters is not None:
            counters.pop(self, None)
        for name in ("step", "_user_step", "_default_schedule", "_event_generators", "_event_list"):
            self.__dict__.pop(name, None)


def _past(scenario: Scenario, economy: str, tick: int) -> tuple[object, ...]:
    """What a market of a scenario has met before a tick."""
    base = written(scenario.model_copy(update={"events": [], "economies": {economy: scenario.economies[economy]}}))
    met = [event for event in scenario.events if event.at < tick and event.happens_in(economy)]
    return base, [seller.name for seller in scenario.all_sellers], [written(event) for event in met]


class BuyerRows(Sequence[BuyerAgent]):
    """The buyers of the columns engine: handles made on demand."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def __len__(self) -> int:
        return self._market.buyer_count

    def __getitem__(self, row: int) -> BuyerAgent:  # type: ignore[override]
        if not -len(self) <= row < len(self):
            raise IndexError(f"there are {len(self)} buyers")
        return BuyerAgent.handle(self._market, row % len(self))

    def __iter__(self) -> Iterator[BuyerAgent]:
        return (self[row] for row in range(len(self)))
