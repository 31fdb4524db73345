"""Levers: what can be moved while the market runs, as data for a page and as events of a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from sim.live.limits import Refused
from sim.market import Market
from sim.scenario import Behaviour, EffortChange
from sim.scenario.mistakes import did_you_mean
from sim.strategies import Effort, catalogue

if TYPE_CHECKING:
    from sim.agents import SellerAgent

__all__ = ["MAIN", "Lever", "event_of", "levers_of", "standing", "whole_effort"]

Kind = Literal["number", "choice"]

# The behaviour that a page shows first; every other parameter of behaviour is a lever as well.
MAIN = ("search_cost", "switching_cost")
_SELLER = ("price", "stubbornness", "overclaim", "budget_share")
_WORDS = {
    "price": ("Price", 0.0, 2.0, "money/order", "posted price"),
    "stubbornness": ("Stubbornness", 0.0, 1.0, "", "0 changes course when it loses, 1 never does"),
}


@dataclass(frozen=True)
class Lever:
    """One lever of one side, as it stands now.

    Attributes
    ----------
    key : str
        Path of the value, as `--set` would address it: ``pull_share``, ``behaviour.search_cost.pull``,
        ``word_of_mouth.rate``, ``sellers.Heritage.price``, ``sellers.Heritage.effort.messages``,
        ``sellers.Heritage.stubbornness``, ``sellers.Heritage.strategy``.
    group : str
        ``market``, ``buyers``, or the name of a seller.
    label : str
        A few words for a page.
    kind : {"number", "choice"}
    value : float or str
        What holds for the next month.
    low, high, step : float
        Range of a slider; `Stage.set` takes any value that a scenario would.
    unit : str
        Empty for a pure number.
    help : str
        One line.
    choices : tuple of str
        Of a choice.
    """

    key: str
    group: str
    label: str
    kind: Kind
    value: float | str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    unit: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()


def levers_of(market: Market) -> list[Lever]:
    """The levers of a side and where they stand: market, buyers, then seller by seller (those in the market)."""
    terms = market.terms
    schedule = terms.economies[market.economy].pull_share
    found = [
        Lever(
            "pull_share",
            "market",
            "Buyers who hunt",
            "number",
            schedule.at(market.tick),
            help="share of buyers in pull mode; from the next month on it stays where it is set",
        ),
        Lever(
            "word_of_mouth.rate",
            "market",
            "Word of mouth",
            "number",
            terms.word_of_mouth.rate,
            high=max(0.2, terms.word_of_mouth.rate),
            unit="1/month",
            help="probability that a satisfied buyer talks to a neighbour",
        ),
    ]
    for name in MAIN:
        found += _endpoints(name, terms.behaviour)
    for seller in market.sellers:
        if seller.alive:
            found += _of_seller(seller)
    return found


def _endpoints(name: str, behaviour: Behaviour) -> Iterator[Lever]:
    field = Behaviour.model_fields[name]
    extra: Any = field.json_schema_extra
    low, high = extra["range"]
    meaning = str(field.description).rpartition(" [")[0]
    for end in ("push", "pull"):
        value = float(getattr(getattr(behaviour, name), end))
        label = f"{name.replace('_', ' ').capitalize()}, {'hunting' if end == 'pull' else 'waiting'} buyers"
        key = f"behaviour.{name}.{end}"
        top = max(high, value)
        yield Lever(key, "buyers", label, "number", value, min(low, value), top, top / 200, extra["unit"], meaning)


def _of_seller(seller: SellerAgent) -> Iterator[Lever]:
    """Strategy, price, stubbornness and effort of a seller."""
    name, policy = seller.name, seller.policy
    path = f"sellers.{name}"
    yield Lever(f"{path}.strategy", name, "Strategy", "choice", policy.strategy, choices=tuple(catalogue()))
    price = float(seller.current_plan.price + seller.price_shift) if seller.current_plan else float(policy.price)
    for key, value in (("price", max(price, 0.0)), ("stubbornness", float(policy.stubbornness))):
        label, low, high, unit, meaning = _WORDS[key]
        yield Lever(f"{path}.{key}", name, label, "number", value, low, max(high, value), 0.01, unit, meaning)
    effort = seller.current_plan.effort if seller.current_plan else policy.effort
    for key, share in zip(Effort.model_fields, effort.shares, strict=True):
        meaning = str(Effort.model_fields[key].description).rpartition(" [")[0]
        label = key.replace("_", " ").capitalize()
        yield Lever(f"{path}.effort.{key}", name, label, "number", share, help=f"part of the budget: {meaning}")


def event_of(key: str, value: Any, sellers: tuple[str, ...]) -> dict[str, Any]:
    """The event, without its month, that sets a lever; whether the value is right is the scenario's to say.

    Raises
    ------
    Refused
        If there is no such lever.
    """
    first, _, rest = key.partition(".")
    if key == "pull_share":
        return {"set": {"pull_share": value}}
    if first == "word_of_mouth" and rest:
        return {"set": {"word_of_mouth": {rest: value}}}
    if first == "behaviour" and rest:
        name, _, end = rest.partition(".")
        if name in Behaviour.model_fields and end in ("", "push", "pull"):
            return {"set": {"behaviour": {name: {end: value} if end else value}}}
    if first == "sellers":
        # a name may hold dots: the longest that fits is meant
        fits = [name for name in sellers if rest.startswith(f"{name}.")]
        seller = max(fits, key=len, default="")
        what, _, entry = rest[len(seller) + 1 :].partition(".")
        if seller and what == "strategy" and not entry:
            return {"change": {"seller": seller, "strategy": value}}
        if seller and what == "effort":
            return {"adjust": {"seller": seller, "effort": {entry: value} if entry else value}}
        if seller and what in _SELLER and not entry:
            return {"adjust": {"seller": seller, what: value}}
    known = ["pull_share", "word_of_mouth.rate", *(f"behaviour.{name}" for name in Behaviour.model_fields)]
    raise Refused(f"there is no lever {key[:80]!r}{did_you_mean(key, known)}")


def standing(lever: Lever, value: Any) -> Lever:
    """The lever at another value, its range widened where the value is beyond it."""
    if lever.kind == "choice" or not isinstance(value, (int, float)):
        return replace(lever, value=value) if isinstance(value, str) else lever
    return replace(lever, value=float(value), low=min(lever.low, value), high=max(lever.high, value))


def whole_effort(strategy: str, effort: Mapping[str, float] | None) -> dict[str, Any]:
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
