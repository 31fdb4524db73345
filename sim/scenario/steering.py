"""What is set by hand on the way: the course of a seller, and the terms of the market.

A shock adds to what is there, a change begins another course from its opening; these set a value
and leave the rest as it has become.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import Field, create_model, model_validator

from sim.scenario.behaviour import Behaviour, NonNegative, Pair, Probability
from sim.scenario.schedules import PullSchedule
from sim.strategies.strategy import Effort, Strict

__all__ = ["Adjustment", "EffortChange", "Endpoints", "NewTerms", "WordOfMouthChange"]

Number = TypeVar("Number")


class Endpoints(Pair[Number], Generic[Number]):
    """New values in push, in pull, or in both; one number stands for both."""

    push: Number | None = None  # type: ignore[assignment]
    pull: Number | None = None  # type: ignore[assignment]

    @model_validator(mode="after")
    def _some(self) -> Endpoints[Number]:
        if self.push is None and self.pull is None:
            raise ValueError("sets nothing: give push, pull, or one number for both")
        return self

    def over(self, pair: Pair[Any]) -> Pair[Any]:
        """`pair` with what is given here in its place."""
        return Pair(
            push=pair.push if self.push is None else self.push, pull=pair.pull if self.pull is None else self.pull
        )

    def __reduce__(self) -> Any:  # pickle cannot find a generic model by its name
        return _endpoints, (self.push, self.pull)


def _endpoints(push: Any, pull: Any) -> Endpoints[Any]:
    return Endpoints(push=push, pull=pull)


class EffortChange(Strict):
    """New parts of the budget; what is left out stays, or shrinks in proportion where the budget is full."""

    visits_to_customers: Probability | None = Field(None, description="visits to its own customers [-]")
    visits_to_prospects: Probability | None = Field(None, description="visits to buyers of other sellers [-]")
    messages: Probability | None = Field(None, description="push messages to buyers of other sellers [-]")
    human_service: Probability | None = Field(None, description="service by people [-]")
    self_service: Probability | None = Field(None, description="self-service and transparency [-]")
    training: Probability | None = Field(None, description="training of sales people [-]")

    @model_validator(mode="after")
    def _within_budget(self) -> EffortChange:
        total = sum(self.given.values())
        if not self.given:
            raise ValueError(f"sets nothing: give at least one of {', '.join(Effort.model_fields)}")
        if total > 1 + 1e-9:
            raise ValueError(f"effort adds up to {total:.3g} of the budget; at most 1")
        return self

    @property
    def given(self) -> dict[str, float]:
        """The entries that are set [-]."""
        return {name: getattr(self, name) for name in Effort.model_fields if getattr(self, name) is not None}

    def over(self, effort: Effort) -> Effort:
        """`effort` with what is given here in its place."""
        given = self.given
        rest = {name: share for name, share in effort.model_dump().items() if name not in given}
        room, held = max(1 - sum(given.values()), 0.0), sum(rest.values())
        shrunk = room / held if held > room else 1.0
        return Effort(**given, **{name: share * shrunk for name, share in rest.items()})


class Adjustment(Strict):
    """A seller keeps its strategy, and some of its course is set by hand; the rest stays as it has become."""

    seller: str = Field(description="name of the seller")
    price: NonNegative | None = Field(None, description="new posted price [money/order]; left out: unchanged")
    effort: EffortChange | None = Field(None, description="new division of the budget [-]; left out: unchanged")
    overclaim: NonNegative | None = Field(None, description="new overclaim [utils]; left out: unchanged")
    stubbornness: Probability | None = Field(
        None, description="new resistance to a change of course [-]; left out: unchanged"
    )
    budget_share: Probability | None = Field(
        None, description="new selling budget as a part of gross margin [-]; left out: unchanged"
    )

    @model_validator(mode="after")
    def _some(self) -> Adjustment:
        names = [name for name in type(self).model_fields if name != "seller"]
        if all(getattr(self, name) is None for name in names):
            raise ValueError(f"adjusts nothing: give at least one of {', '.join(names)}")
        return self


class WordOfMouthChange(Strict):
    """New figures for word of mouth; its rule stays."""

    rate: Probability | None = Field(None, description="new word_of_mouth.rate [1/tick]; left out: unchanged")
    dissatisfied_ratio: NonNegative | None = Field(
        None, description="new word_of_mouth.dissatisfied_ratio [-]; left out: unchanged"
    )
    threshold: Probability | None = Field(None, description="new word_of_mouth.threshold [-]; left out: unchanged")

    @model_validator(mode="after")
    def _some(self) -> WordOfMouthChange:
        if not self.given:
            raise ValueError(f"sets nothing: give at least one of {', '.join(type(self).model_fields)}")
        return self

    @property
    def given(self) -> dict[str, float]:
        """The figures that are set."""
        return {name: getattr(self, name) for name in type(self).model_fields if getattr(self, name) is not None}


class _BehaviourTerms(Strict):
    @model_validator(mode="after")
    def _some(self) -> _BehaviourTerms:
        if not self.given:
            raise ValueError("sets nothing: give at least one parameter of behaviour")
        return self

    @property
    def given(self) -> dict[str, Endpoints[Any]]:
        """The parameters that are set."""
        return {name: getattr(self, name) for name in type(self).model_fields if getattr(self, name) is not None}

    def over(self, behaviour: Behaviour) -> Behaviour:
        """`behaviour` with what is given here in its place."""
        update = {name: new.over(getattr(behaviour, name)) for name, new in self.given.items()}
        return behaviour.model_copy(update=update)


def _new_values() -> Any:
    """One optional field for each parameter of behaviour, with its limits."""
    fields: dict[str, Any] = {}
    for name, field in Behaviour.model_fields.items():
        pair: Any = field.annotation
        number = pair.__pydantic_generic_metadata__["args"][0]
        fields[name] = (Endpoints[number] | None, Field(None, description=field.description))  # type: ignore[valid-type]
    return fields


BehaviourChange = create_model(
    "BehaviourChange",
    __base__=_BehaviourTerms,
    __module__=__name__,
    __doc__="New values of behaviour parameters, push and pull each on its own; a segment's own values stay.",
    **_new_values(),
)


class NewTerms(Strict):
    """The market's terms are others from here on."""

    pull_share: PullSchedule | None = Field(
        None, description="new share of buyers in pull mode over time, in ticks since the opening; left out: unchanged"
    )
    behaviour: BehaviourChange | None = Field(None, description="new behaviour; left out: unchanged")
    word_of_mouth: WordOfMouthChange | None = Field(None, description="new word of mouth; left out: unchanged")

    @model_validator(mode="after")
    def _some(self) -> NewTerms:
        if self.pull_share is None and self.behaviour is None and self.word_of_mouth is None:
            raise ValueError(f"sets nothing: give at least one of {', '.join(type(self).model_fields)}")
        return self
