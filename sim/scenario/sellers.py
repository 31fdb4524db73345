"""Sellers and what happens to them: a seller is its strategy's parameters plus a name (model A11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, SerializeAsAny, ValidationError, create_model, model_validator
from pydantic_core import InitErrorDetails

from sim import strategies
from sim.scenario.behaviour import NonNegative, Probability
from sim.scenario.mistakes import did_you_mean
from sim.scenario.names import Label, Name
from sim.scenario.steering import Adjustment, NewTerms
from sim.strategies.policy import Policy
from sim.strategies.strategy import Strict

__all__ = ["VERBS", "Change", "Event", "Seller", "Shock", "Verb", "change_model", "seller_model", "wrong_verbs"]

Verb = Literal["enter", "exit", "change", "adjust", "shock", "set"]
VERBS: tuple[Verb, ...] = ("enter", "exit", "change", "adjust", "shock", "set")


class Seller(Policy):
    """A seller at the opening, or an entrant."""

    name: Label = Field(description="name, unique in the scenario; it keys the seller's draws")
    opening_share: Probability | None = Field(
        None, description="market share at the opening [-]; left out: an equal part of what the others leave"
    )
    cash: float | None = Field(
        None,
        description="cash at the opening or entry [money a market buyer]; "
        "left out: see selling.opening_cash and entrant_cash",
    )
    launch: Annotated[int, Field(ge=0)] | None = Field(
        None, description="ticks after entry with a launch budget [ticks]; left out: see selling.entrant_launch"
    )
    budget_share: Probability | None = Field(None, description="own selling.budget_share [-]")
    quality_drift: float = Field(0.0, description="change of quality a tick [1/tick]")

    def __reduce__(self) -> Any:  # pickle cannot find a model made by `seller_model` by its name
        return _revived, (Seller, self.model_dump())


class Change(Policy):
    """A new course for a seller: another strategy, or the same with other parameters."""

    seller: str = Field(description="name of the seller")

    def __reduce__(self) -> Any:
        return _revived, (Change, self.model_dump())


@cache
def seller_model(policy: type[Policy]) -> type[Seller]:
    """The model of a seller with that strategy."""
    return create_model(
        f"{policy.__name__}Seller", __base__=cast(Any, (policy, Seller)), __module__=__name__, __doc__=policy.__doc__
    )


@cache
def change_model(policy: type[Policy]) -> type[Change]:
    """The model of a change to that strategy: what is made stays as it is unless the change names it."""
    stays: Any = {
        "quality": (NonNegative | None, Field(None, description="new quality [-]; left out: unchanged")),
        "unit_cost": (NonNegative | None, Field(None, description="new unit cost [money/order]; left out: unchanged")),
    }
    stays |= {
        name: (None, Field(None, description="of no effect after the opening; leave it out"))
        for name in ("opening_relationship", "opening_skill", "opening_self_service")
    }
    return create_model(
        f"{policy.__name__}Change",
        __base__=cast(Any, (policy, Change)),
        __module__=__name__,
        __doc__=policy.__doc__,
        **stays,
    )


class Shock(Strict):
    """A sudden lasting change; every figure is added to what is there."""

    seller: str = Field(description="name of the seller")
    quality: float = Field(0.0, description="added to quality [-]")
    price: float = Field(0.0, description="added to the posted price [money/order]")
    cost: float = Field(0.0, description="added to the unit cost [money/order]")
    cash: float = Field(0.0, description="added to cash [money a market buyer]")
    service: float = Field(
        0.0, ge=-1, le=1, description="added to the human service delivered, which stays in [0, 1] [-]"
    )


def _by_strategy(raw: Any, generic: type[Policy], model: Callable[[type[Policy]], type[Policy]]) -> Any:
    """Validate with the model of the strategy that the entry names.

    Without a strategy the rest is still checked, but for what only the strategy can tell.
    """
    if not isinstance(raw, dict):
        return raw
    name = raw.get("strategy")
    details: list[InitErrorDetails] = []
    if isinstance(name, str):
        try:
            return model(strategies.find(name)).model_validate(raw)
        except ValidationError:
            raise
        except ValueError as error:
            details.append({"type": "value_error", "loc": ("strategy",), "input": name, "ctx": {"error": error}})
    else:
        details.append({"type": "string_type" if "strategy" in raw else "missing", "loc": ("strategy",), "input": raw})
    try:
        generic.model_validate({**raw, "strategy": ""})
    except ValidationError as error:
        for one in error.errors():
            unknown = one["type"] == "extra_forbidden" and not did_you_mean(str(one["loc"][0]), generic.model_fields)
            if not unknown and not (one["type"] == "missing" and one["loc"] == ("effort",)):
                details.append(
                    {"type": one["type"], "loc": one["loc"], "input": one["input"], "ctx": one.get("ctx", {})}
                )
    raise ValidationError.from_exception_data(generic.__name__, details)


def _revived(generic: type[Seller] | type[Change], words: dict[str, Any]) -> Any:
    policy = strategies.find(words["strategy"])
    return (seller_model if generic is Seller else change_model)(policy).model_validate(words)


SellerEntry = Annotated[SerializeAsAny[Seller], BeforeValidator(lambda raw: _by_strategy(raw, Seller, seller_model))]
ChangeEntry = Annotated[SerializeAsAny[Change], BeforeValidator(lambda raw: _by_strategy(raw, Change, change_model))]


def wrong_verbs(event: Mapping[str, Any]) -> str:
    """What is wrong with the verbs of an event; empty if there is exactly one."""
    given = [verb for verb in VERBS if event.get(verb) is not None]
    return (
        ""
        if len(given) == 1
        else f"an event is one of {', '.join(VERBS)}; this one has {' and '.join(given) or 'none'}"
    )


class Event(Strict):
    """Something that happens at a tick: exactly one of enter, exit, change, adjust, shock, set."""

    at: Annotated[int, Field(ge=0)] = Field(description="tick at whose start it happens [ticks]")
    name: Label | None = Field(
        None, description="name by which the event can be addressed; an entrant's own name will do as well"
    )
    enter: SellerEntry | None = Field(None, description="a seller enters")
    exit: str | None = Field(None, description="the seller of that name leaves")
    change: ChangeEntry | None = Field(None, description="a seller changes course")
    adjust: Adjustment | None = Field(None, description="some of a seller's course is set by hand")
    shock: Shock | None = Field(None, description="a seller is hit")
    set: NewTerms | None = Field(None, description="terms of the market are set")
    economies: Annotated[list[Name], Field(min_length=1)] | None = Field(
        None, description="economies in which it happens; left out: in all"
    )

    @model_validator(mode="after")
    def _one(self) -> Event:
        wrong = wrong_verbs({verb: getattr(self, verb) for verb in VERBS})
        if wrong:
            raise ValueError(wrong)
        return self

    @property
    def verb(self) -> Verb:
        """Which of the six it is."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    @property
    def seller(self) -> str | None:
        """Name of the seller it concerns; None for the market as a whole."""
        subject = getattr(self, self.verb)
        if self.verb in ("exit", "set"):
            return str(subject) if self.verb == "exit" else None
        return str(subject.name if self.verb == "enter" else subject.seller)

    def happens_in(self, economy: str) -> bool:
        """Whether it happens in an economy."""
        return self.economies is None or economy in self.economies
