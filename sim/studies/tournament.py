"""Tournaments: strategies against each other, each in the place of the other too."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import Field

from sim.results import MEASURES
from sim.scenario import Scenario, ScenarioError
from sim.scenario.mistakes import Finding, Where, did_you_mean
from sim.scenario.terms import Meant
from sim.studies.changes import seller_of
from sim.studies.experiment import Experiment
from sim.studies.measuring import OF_SELLERS

__all__ = ["MOST_STRATEGIES", "PLACES", "Tournament"]

PLACES = ("First", "Second")  # names of the two sellers
MOST_STRATEGIES = 8  # whose equilibria are found in seconds
PAYOFFS = tuple(name for name in OF_SELLERS if MEASURES[name].kind != "duration")


class Tournament(Experiment):
    """Two sellers, alike but for their strategies, in the market of a scenario: every pair of strategies.

    The scenario gives buyers, behaviour, selling and economies; its sellers, and what happens to
    them, are left out unless they are named as background.
    """

    kind: Literal["tournament"] = Field("tournament", description="kind of study")
    strategies: Annotated[
        list[Annotated[Any, Meant(str | dict[str, Any])]], Field(min_length=2, max_length=MOST_STRATEGIES)
    ] = Field(description="who plays: names of strategies, or sellers with strategy, parameters and a name")
    same: dict[str, Any] = Field(
        default_factory=dict, description="parameters that both sellers have whatever their strategy, such as quality"
    )
    background: list[str] = Field(
        default_factory=list, description="sellers of the scenario who are there too, with all that happens to them"
    )
    measures: Annotated[list[str], Field(min_length=1)] | None = Field(
        ["cumulative_profit", "final_share"], description="pay-offs: what every seller is measured by"
    )
    resamples: Annotated[int, Field(ge=10, le=10_000)] = Field(200, description="samples of the bootstrap")
    starts: Annotated[int, Field(ge=1, le=10_000)] = Field(
        200, description="starts of the replicator dynamics, all over"
    )
    seed: Annotated[int, Field(ge=0, lt=2**32)] = Field(1, description="seed of bootstrap and starts")

    @classmethod
    def inconsistencies(cls, tree: Mapping[str, Any], base: Scenario | None) -> Iterator[Finding]:
        """Find strategies that are none, sellers who are not there, and measures that are no pay-offs."""
        if importlib.util.find_spec("nashpy") is None:
            yield Finding(("kind",), "a tournament needs nashpy: pip install 'pushpull[studies]'")
        measures = tree.get("measures")
        for number, name in enumerate(measures if isinstance(measures, list) else ()):
            if name not in PAYOFFS:
                near = did_you_mean(name, PAYOFFS) if isinstance(name, str) else ""
                message = f"{name!r} is no pay-off of every seller{near} ({', '.join(PAYOFFS)})"
                yield Finding(("measures", number), message)
        given, same, background = tree.get("strategies"), tree.get("same", {}), tree.get("background", [])
        if base is not None and isinstance(background, list):
            yield from _wrong_background(background, base)
        if not isinstance(given, list):
            return
        names: list[str] = []
        for number, words in enumerate(given):
            at: Where = ("strategies", number)
            if not isinstance(words, (str, dict)) or (isinstance(words, dict) and "strategy" not in words):
                yield Finding(at, "must be the name of a strategy, or a mapping with 'strategy' and parameters")
                continue
            name = _name(words)
            if name in names:
                yield Finding(at, f"another one is named {name!r}; tell them apart by 'name'")
            names.append(name)
            if base is not None and isinstance(same, dict) and isinstance(background, list):
                yield from _wrong_entry(base, words, same, background, at)

    @classmethod
    def scenarios_named(cls, tree: Mapping[str, Any], base: Scenario) -> list[Scenario]:
        """The scenario of the first play: all have the same sellers."""
        given, same, background = tree.get("strategies"), tree.get("same", {}), tree.get("background", [])
        if not (isinstance(given, list) and given and isinstance(same, dict) and isinstance(background, list)):
            return [base]  # told by the schema
        return [_market(base, (given[0], given[0]), same, background)]

    @cached_property
    def names(self) -> list[str]:
        """What the strategies are called."""
        return [_name(words) for words in self.strategies]

    @cached_property
    def plays(self) -> list[tuple[int, int]]:
        """Who plays first and who second, all pairs in both orders; the second changes first."""
        places = range(len(self.strategies))
        return list(product(places, places))

    def columns(self) -> dict[str, list[Any]]:
        """Who plays first, and who second."""
        return {
            word: [self.names[play[place]] for play in self.plays] for place, word in enumerate(("first", "second"))
        }

    def scenario_at(self, base: Scenario, point: int) -> Scenario:
        """The market with two strategies in it."""
        first, second = (self.strategies[place] for place in self.plays[point])
        return _market(base, (first, second), self.same, self.background)

    def pages(self, study: Any) -> None:
        """Write ``payoffs.parquet``, ``equilibria.parquet``, ``dynamics.parquet``, figures and report."""
        from sim.studies.tournament_page import write_pages
        from sim.studies.tournament_tables import write_tables

        write_pages(study, write_tables(study))


def _name(words: Any) -> str:
    return str(words.get("name") or words.get("strategy")) if isinstance(words, dict) else str(words)


def _market(base: Scenario, pair: tuple[Any, Any], same: Mapping[str, Any], background: list[str]) -> Scenario:
    """The scenario with two sellers in place of its own but those in the background."""
    tree = base.tree
    entries = [
        {**(words if isinstance(words, dict) else {"strategy": words}), **same, "name": place}
        for words, place in zip(pair, PLACES, strict=True)
    ]
    tree["sellers"] = [*entries, *(seller for seller in tree["sellers"] if seller["name"] in background)]
    tree["events"] = [event for event in tree.get("events", []) if seller_of(event) in background]
    return Scenario.model_validate(tree)


def _wrong_background(background: list[Any], base: Scenario) -> Iterator[Finding]:
    known = [seller.name for seller in base.all_sellers]
    for number, name in enumerate(background):
        at = ("background", number)
        if name not in known:
            near = did_you_mean(name, known) if isinstance(name, str) else ""
            yield Finding(at, f"no seller is named {name!r}{near} ({', '.join(known)})")
        elif name in PLACES:
            yield Finding(at, f"{name!r} is what a player is called; give the seller of the scenario another name")
        elif name in background[:number]:
            yield Finding(at, f"{name!r} is there twice")


def _wrong_entry(
    base: Scenario, words: Any, same: Mapping[str, Any], background: list[Any], at: Where
) -> Iterator[Finding]:
    """What is wrong with a strategy: what the market says that has it as the first seller."""
    try:
        _market(base, (words, words), same, background)
    except ScenarioError as error:
        for one in error.mistakes:
            if one.place[:2] == ("sellers", 1):
                continue  # told of the first
            rest = one.place[2:] if one.place[:2] == ("sellers", 0) else ()
            if rest and rest[0] in same:
                if at[1] == 0:  # once is enough
                    yield Finding(("same", *rest), one.message, one.at_key)
            elif rest and isinstance(words, dict) and rest[0] in words:
                yield Finding((*at, *rest), one.message, one.at_key)
            else:
                where = "" if rest[:1] == ("strategy",) or not one.where else f"{one.where}: "
                yield Finding(at, f"{where}{one.message}")
