"""What a seller may see, what it may decide, and the Protocol that joins the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NamedTuple, Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["Effort", "Fraction", "NonNegative", "Plan", "Strategy", "Strict", "View"]

Fraction = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0)]


class Strict(BaseModel):
    """A record that refuses unknown keys, wrong types, NaN and infinities, and never changes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Effort(Strict):
    """How a seller divides its budget; the entries are shares of the budget, at most 1 in sum."""

    visits_to_customers: Fraction = Field(0.0, description="visits to its own customers [-]")
    visits_to_prospects: Fraction = Field(0.0, description="visits to buyers of other sellers [-]")
    messages: Fraction = Field(0.0, description="push messages to buyers of other sellers [-]")
    human_service: Fraction = Field(0.0, description="service by people, rival: shared by its customers [-]")
    self_service: Fraction = Field(0.0, description="self-service and transparency, non-rival [-]")
    training: Fraction = Field(0.0, description="training of sales people [-]")

    @model_validator(mode="after")
    def _within_budget(self) -> Effort:
        total = sum(self.shares)
        if total > 1 + 1e-9:
            raise ValueError(f"effort adds up to {total:.3g} of the budget; at most 1")
        return self

    @property
    def shares(self) -> tuple[float, ...]:
        """The six entries in the order of the fields [-]."""
        return tuple(getattr(self, name) for name in type(self).model_fields)

    def toward(self, other: Effort, step: float) -> Effort:
        """Move a fraction `step` [0, 1] of the way to `other`."""
        moved = (mine + step * (theirs - mine) for mine, theirs in zip(self.shares, other.shares, strict=True))
        return Effort(**dict(zip(Effort.model_fields, moved, strict=True)))


class Plan(NamedTuple):
    """What a seller does this tick.

    Attributes
    ----------
    effort : Effort
        Division of the budget [-].
    price : float
        Posted price [money/order].
    overclaim : float
        How far its claims exceed the truth [utils].
    """

    effort: Effort
    price: float
    overclaim: float = 0.0


@dataclass(frozen=True, slots=True)
class View:
    """What one seller sees when it plans: its own books, and what is public. Read only.

    Own figures are of the tick before; at tick 0, of the opening. Arrays are indexed by
    seller in the order of `sellers` and must not be written.

    Attributes
    ----------
    tick : int
        The tick that is being planned [ticks].
    name : str
        The seller's own name.
    plan : Plan or None
        The plan in force; None when the strategy plans for the first time.
    customers : int
        Buyers who buy from this seller [buyers].
    lost, gained : int
        Customers who left, and who came, in the last tick [buyers].
    leads : int
        Buyers who inspected this seller of their own accord in the last tick [buyers].
    revenue, profit, cash, budget : float
        Its books [money/tick], cash [money].
    unit_cost, quality : float
        Cost of an order [money/order]; quality of the product [-].
    self_service, human_service, sales_skill : float
        Its stocks, each in [0, 1] [-].
    sellers : tuple of str
        Names of all sellers that have entered so far and those to come, in a fixed order.
    own : int
        Its own place in `sellers`.
    shares : ndarray, shape (ticks + 1, sellers)
        Market shares: row 0 the opening, row t + 1 tick t [-].
    prices : ndarray, shape (sellers,)
        Posted prices [money/order]; NaN for a seller that is not in the market.
    efforts : ndarray, shape (sellers, 6)
        What each seller visibly did in the tick before (columns as in `Effort`) [-].
    alive, known_rivals : ndarray of bool, shape (sellers,)
        Who is in the market; who was there when this seller opened.
    """

    tick: int
    name: str
    plan: Plan | None
    customers: int
    lost: int
    gained: int
    leads: int
    revenue: float
    profit: float
    cash: float
    budget: float
    unit_cost: float
    quality: float
    self_service: float
    human_service: float
    sales_skill: float
    sellers: tuple[str, ...]
    own: int
    shares: np.ndarray
    prices: np.ndarray
    efforts: np.ndarray
    alive: np.ndarray
    known_rivals: np.ndarray

    @property
    def share(self) -> float:
        """Own market share as of the last tick [-]."""
        return float(self.shares[-1, self.own])


class Strategy(Protocol):
    """Anything that turns a view into a plan."""

    def plan(self, view: View) -> Plan:
        """Decide what to do this tick.

        Parameters
        ----------
        view : View
            The seller's books and the public state of the market.

        Returns
        -------
        Plan
            Return ``view.plan`` to stay the course.
        """
        ...
