"""Sellers and what happens to them: a seller is its strategy's parameters plus a name (model A11)."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SerializeAsAny, create_model, model_validator

from sim import strategies
from sim.scenario.behaviour import NonNegative, Probability
from sim.strategies.strategy import Policy, Strict

__all__ = ["Change", "Event", "Seller", "Shock", "change_model", "seller_model"]


class Seller(Policy):
    """A seller at the opening, or an entrant."""

    name: Annotated[str, Field(min_length=1, max_length=60)] = Field(description="name, unique in the scenario; it keys the seller's draws")
    opening_share: Probability | None = Field(
        None, description="market share at the opening [-]; left out: an equal part of what the others leave"
    )
    cash: float | None = Field(
        None, description="cash at the opening or entry [money a market buyer]; left out: see selling.opening_cash and entrant_cash"
    )
    launch: Annotated[int, Field(ge=0)] | None = Field(
        None, description="ticks after entry with a launch budget [ticks]; left out: see selling.entrant_launch"
    )
    budget_share: Probability | None = Field(None, description="own selling.budget_share [-]")
    quality_drift: float = Field(0.0, description="change of quality a tick [1/tick]")


class Change(Policy):
    """A new course for a seller: another strategy, or the same with other parameters."""

    seller: str = Field(description="name of the seller")


@cache
def seller_model(policy: type[Policy]) -> type[Seller]:
    """The model of a seller with that strategy."""
    return create_model(f"{policy.__name__}Seller", __base__=(policy, Seller), __module__=__name__, __doc__=policy.__doc__)


@cache
def change_model(policy: type[Policy]) -> type[Change]:
    """The model of a change to that strategy."""
    return create_model(f"{policy.__name__}Change", __base__=(policy, Change), __module__=__name__, __doc__=policy.__doc__)


class Shock(Strict):
    """A sudden lasting change; every figure is added to what is there."""

    seller: str = Field(description="name of the seller")
    quality: float = Field(0.0, description="added to quality [-]")
    price: float = Field(0.0, description="added to the posted price [money/order]")
    cost: float = Field(0.0, description="added to the unit cost [money/order]")
    cash: float = Field(0.0, description="added to cash [money a market buyer]")
    service: float = Field(0.0, ge=-1, le=1, description="added to the human service delivered, which stays in [0, 1] [-]")


def _by_strategy(raw: Any, model: Any) -> Any:
    """Validate with the model of the strategy that the entry names."""
    if not isinstance(raw, dict) or not isinstance(raw.get("strategy"), str):
        return raw
    return model(strategies.find(raw["strategy"])).model_validate(raw)


SellerEntry = Annotated[SerializeAsAny[Seller], BeforeValidator(lambda raw: _by_strategy(raw, seller_model))]
ChangeEntry = Annotated[SerializeAsAny[Change], BeforeValidator(lambda raw: _by_strategy(raw, change_model))]


class Event(Strict):
    """Something that happens at a tick: exactly one of enter, exit, change, shock."""

    at: Annotated[int, Field(ge=0)] = Field(description="tick at whose start it happens [ticks]")
    name: str | None = Field(None, description="name by which the event can be addressed; an entrant's own name will do as well")
    enter: SellerEntry | None = Field(None, description="a seller enters")
    exit: str | None = Field(None, description="the seller of that name leaves")
    change: ChangeEntry | None = Field(None, description="a seller changes course")
    shock: Shock | None = Field(None, description="a seller is hit")

    @model_validator(mode="after")
    def _one(self) -> Event:
        given = [verb for verb in ("enter", "exit", "change", "shock") if getattr(self, verb) is not None]
        if len(given) != 1:
            raise ValueError(f"an event is one of enter, exit, change, shock; this one has {' and '.join(given) or 'none'}")
        return self

    @property
    def verb(self) -> str:
        """Which of the four it is."""
        return next(verb for verb in ("enter", "exit", "change", "shock") if getattr(self, verb) is not None)

    @property
    def seller(self) -> str:
        """Name of the seller it concerns."""
        subject = getattr(self, self.verb)
        return str(subject if self.verb == "exit" else subject.name if self.verb == "enter" else subject.seller)
