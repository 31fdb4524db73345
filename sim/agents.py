"""Mesa agents: a buyer is a thin handle over its row of the columns, a seller over its column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np

from sim.columns import Buyers, Sellers, columns_of
from sim.kernels import rows, stages
from sim.strategies.policy import Policy
from sim.strategies.strategy import Effort, Plan, View

if TYPE_CHECKING:
    from sim.market import Market

__all__ = ["BuyerAgent", "SellerAgent"]


class SellerAgent(mesa.Agent):
    """A seller: a strategy, and properties over its entries in the columns of sellers.

    Each column of `sim.columns.Sellers` is an attribute of the same name.

    Parameters
    ----------
    model : Market
    name : str
    place : int
        Column of the seller.
    policy : Policy
        Strategy that plans for it.
    """

    model: Market

    def __init__(self, model: Market, name: str, place: int, policy: Policy) -> None:
        super().__init__(model)
        self.name = name
        self.place = place
        self.policy = policy
        self.current_plan: Plan | None = None
        self.price_shift = 0.0
        self.known_rivals = np.zeros(0, bool)

    def __repr__(self) -> str:
        return f"SellerAgent({self.name!r}, {self.policy.strategy})"

    @property
    def strategy(self) -> str:
        """Name of the strategy in force."""
        return self.policy.strategy

    @property
    def share(self) -> float:
        """Market share after the last tick [-]."""
        return self.customers / self.model.buyer_count

    def follow(self, policy: Policy) -> None:
        """Change course: the next plan is the opening plan of `policy`."""
        self.policy = policy
        self.current_plan = None

    def plan(self) -> None:
        """Ask the strategy for a plan and put it into the columns.

        Raises
        ------
        TypeError, ValueError
            If a strategy of the user's returns something that is no plan.
        """
        if not self._due():
            return
        plan = self.policy.plan(self.model.view(self))
        if plan is not None and plan is self.current_plan:
            return
        self.current_plan = _checked(plan, self)
        sellers = self.model.state.sellers
        sellers["effort"][self.place] = plan.effort.shares
        sellers["price"][self.place] = max(plan.price + self.price_shift, 0.0)
        sellers["overclaim"][self.place] = plan.overclaim

    def _due(self) -> bool:
        """Whether the strategy is to be asked; one with no more than `plan` always is."""
        if self.current_plan is None:
            return True
        if not self.model.scenario.mechanisms.adaptation:
            return False
        reviews = getattr(self.policy, "reviews", None)
        return reviews is None or bool(reviews(self.model.tick))

    def view(self) -> View:
        """What the strategy sees."""
        return self.model.view(self)


def _checked(plan: Any, seller: SellerAgent) -> Plan:
    who = f"strategy {seller.strategy!r} of {seller.name!r}"
    if not isinstance(plan, Plan) or not isinstance(plan.effort, Effort):
        raise TypeError(f"{who}: plan() must return a Plan with an Effort, not {type(plan).__name__}")
    if not (np.isfinite(plan.price) and plan.price >= 0 and np.isfinite(plan.overclaim) and plan.overclaim >= 0):
        raise ValueError(f"{who}: price {plan.price} and overclaim {plan.overclaim} must be finite and not negative")
    return plan


class BuyerAgent(mesa.Agent):
    """A buyer: a handle over one row, whose stages can be overridden in plain Python.

    Each column of `sim.columns.Buyers` is an attribute of the same name, apart from `seller`,
    which gives the `SellerAgent`, and `experience`, which is a stage (see `last_experience`).
    The stages of a tick, in order: `listen`, `research`, `choose` (once an order), and after
    all buyers have chosen `experience`. A subclass overrides any of them and may call the
    original through ``super()``.

    Parameters
    ----------
    model : Market
    row : int
        Row of the buyer.
    """

    model: Market
    row: int

    def __init__(self, model: Market, row: int) -> None:
        super().__init__(model)
        self._hold(model, row)

    @classmethod
    def handle(cls, model: Market, row: int) -> BuyerAgent:
        """A handle on a row that is not registered with the model (columns engine)."""
        agent = cls.__new__(cls)
        agent.model = model
        agent.unique_id = row
        agent.pos = None
        agent._hold(model, row)
        return agent

    def _hold(self, model: Market, row: int) -> None:
        self.row = row
        self._contacted = self._inspected = np.uint64(0)
        self._heard = self._researched = self._before = 0.0
        self._cause = stages.NO_RESEARCH
        self._order = 0

    def __repr__(self) -> str:
        return f"BuyerAgent({self.row})"

    @property
    def seller(self) -> SellerAgent:
        """The incumbent: the seller that the buyer buys from."""
        return self.model.seller_at(int(self.model.state.buyers["seller"][self.row]))

    @property
    def last_experience(self) -> float:
        """Experience with the last order [utils]."""
        return float(self.model.state.buyers["experience"][self.row])

    @property
    def pull_mode(self) -> bool:
        """Whether the buyer hunts (pull) or waits (push)."""
        return bool(stages.pull_mode(self.row, self.model.pull_share, self.model.state))

    @property
    def considered(self) -> list[SellerAgent]:
        """Sellers in this tick's consideration set."""
        bits = int(stages.consideration(self.row, self._contacted, self._inspected, self.model.state))
        return [self.model.seller_at(place) for place in range(bits.bit_length()) if bits >> place & 1]

    def utility(self, seller: SellerAgent) -> float:
        """Utility of a seller at the moment of choice, without the taste shock [utils]."""
        state = self.model.state
        row = stages.behaviour_row(self.row, stages.pull_mode(self.row, self.model.pull_share, state), state)
        contacted = bool(stages.has(self._contacted, seller.place))
        return float(stages.utility(self.row, seller.place, row, contacted, state))

    def belief_mean(self, seller: SellerAgent) -> float:
        """Experience expected of a seller [utils]."""
        return float(self.model.state.pairs["belief_mean"][self.row, seller.place])

    def belief_variance(self, seller: SellerAgent) -> float:
        """Variance of that expectation [utils²]."""
        return float(self.model.state.pairs["belief_variance"][self.row, seller.place])

    def relationship(self, seller: SellerAgent) -> float:
        """Relationship capital with a seller, in [0, 1] [-]."""
        return float(self.model.state.pairs["relationship"][self.row, seller.place])

    def step(self) -> None:
        """From contacts to choice (steps 2 to 5 of a tick)."""
        model = self.model
        if self._overrides_no_choice():
            contacted, inspected = rows.decide_alone(
                self.row, model.tick, model.pull_share, model.state, model.tally, model.desk
            )
            self._contacted, self._inspected = np.uint64(contacted), np.uint64(inspected)
        else:
            self._step_by_stages()

    def _overrides_no_choice(self) -> bool:
        """Whether the stages up to the choice are those below, so that one call can do for all."""
        mine = type(self)
        return (mine.listen, mine.research, mine.choose) == _UP_TO_CHOICE and not _STAGES & self.__dict__.keys()

    def _step_by_stages(self) -> None:
        model = self.model
        self._hold(model, self.row)
        self._words = stages.month_words(self.row, model.tick, model.state)
        stages.begin(self.row, model.tick, model.pull_share, self._words[1], model.state, model.tally)
        self._before = float(model.state.pairs["belief_mean"][self.row, model.state.buyers["seller"][self.row]])
        self.listen()
        self.research()
        chosen = int(model.state.buyers["seller"][self.row])
        for order in range(int(model.state.buyers["orders"][self.row])):
            self._order = order
            chosen = self._place_of(self.choose())
            stages.order_from(self.row, chosen, model.state, model.tally)
        stages.settle(
            self.row,
            chosen,
            self._contacted,
            self._inspected,
            self._cause,
            self._heard,
            self._researched,
            model.state,
            model.tally,
        )

    def _place_of(self, seller: SellerAgent) -> int:
        if not isinstance(seller, SellerAgent):
            raise TypeError(f"{type(self).__name__}.choose() must return a SellerAgent, not {type(seller).__name__}")
        return seller.place

    def advance(self) -> None:
        """Delivery and what it leaves, after all have chosen (steps 6 and 7)."""
        self.experience()

    def listen(self) -> None:
        """Receive contacts and word of mouth, and update beliefs."""
        model = self.model
        contacted, self._heard, self._before = stages.listen_alone(
            self.row, model.tick, model.pull_share, self._words[3], model.state, model.tally, model.desk
        )
        self._contacted = np.uint64(contacted)

    def research(self) -> None:
        """Look around if there is a reason to, and inspect sellers."""
        model = self.model
        self._cause, inspected, self._researched = stages.research(
            self.row,
            model.tick,
            model.pull_share,
            self._words[0],
            self._before,
            model.state,
            model.tally,
            model.desk.notes,
        )
        self._inspected = np.uint64(inspected)

    def choose(self) -> SellerAgent:
        """Choose a seller for an order."""
        model = self.model
        considered = np.uint64(stages.consideration(self.row, self._contacted, self._inspected, model.state))
        place = stages.choose_alone(
            self.row,
            model.tick,
            self._order,
            model.pull_share,
            self._contacted,
            considered,
            model.state,
            model.tally,
            model.desk,
        )
        return model.seller_at(place)

    def experience(self) -> None:
        """Be served, and update beliefs, aspiration, patience and relationships."""
        model, row = self.model, self.row
        rows.deliver(row, row + 1, model.tick, model.pull_share, model.state, model.tally, model.desk)


_UP_TO_CHOICE = (BuyerAgent.listen, BuyerAgent.research, BuyerAgent.choose)
_STAGES = {"listen", "research", "choose"}  # set on one buyer alone


class _Entry:
    """Attribute that reads and writes one entry of a column."""

    places: ClassVar[dict[str, str]] = {"buyers": "row", "sellers": "place"}

    def __init__(self, group: str, name: str, doc: str) -> None:
        self.group, self.name, self.place = group, name, self.places[group]
        self.__doc__ = doc

    def __get__(self, agent: Any, owner: type) -> Any:
        if agent is None:
            return self
        entry = getattr(agent.model.state, self.group)[self.name][getattr(agent, self.place)]
        return entry.item() if np.ndim(entry) == 0 else entry

    def __set__(self, agent: Any, entry: Any) -> None:
        getattr(agent.model.state, self.group)[self.name][getattr(agent, self.place)] = entry


for _agent, _group, _columns in ((BuyerAgent, "buyers", Buyers), (SellerAgent, "sellers", Sellers)):
    for _name, _column in columns_of(_columns).items():
        if not hasattr(_agent, _name):
            setattr(_agent, _name, _Entry(_group, _name, f"{_column.meaning} [{_column.unit}]"))
