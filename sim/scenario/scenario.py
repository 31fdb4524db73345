"""The scenario: one market question, complete, with every default written out."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from typing import Annotated, Any, NoReturn

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from sim.scenario.behaviour import Behaviour, completed
from sim.scenario.buyers import Buyers
from sim.scenario.checks import inconsistencies
from sim.scenario.json_schema import json_schema_of
from sim.scenario.loading import built
from sim.scenario.market import Economy, Knowledge, Mechanisms, Research, Selling, WordOfMouth
from sim.scenario.mistakes import Finding, Mistake, ScenarioError
from sim.scenario.names import Name
from sim.scenario.paths import set_values
from sim.scenario.reading import Places, Reading, read_file, read_text
from sim.scenario.schedules import Constant, Logistic, PullSchedule
from sim.scenario.sellers import Event, Seller, SellerEntry
from sim.scenario.settling import settled
from sim.scenario.timeline import DEFAULT_ECONOMIES, HORIZON
from sim.scenario.wording import findings, plain
from sim.scenario.writing import to_yaml, written
from sim.strategies.strategy import Strict

__all__ = ["Scenario", "scenario_json_schema", "with_values"]


def _three_economies() -> dict[str, Economy]:
    schedules: tuple[PullSchedule, ...] = (Constant(level=0.0), Logistic(), Constant(level=1.0))
    return {name: Economy(pull_share=schedule) for name, schedule in zip(DEFAULT_ECONOMIES, schedules, strict=True)}


class Scenario(Strict):
    """A market, its buyers and sellers, what happens to them, and the economies to compare.

    Made from a file by `load`, or in Python from the same words: ``Scenario(name="duopoly",
    sellers=[{"name": "Heritage", "strategy": "relationship-reliant"}, ...])``. Two scenarios are
    equal if they are the same market once every default is written out.

    Raises
    ------
    ScenarioError
        A `ValueError` that holds every mistake.
    """

    name: Name = Field(description="name; results are filed under it")
    description: str = Field("", description="what the scenario asks")
    horizon: Annotated[int, Field(ge=1, le=100_000)] = Field(HORIZON, description="ticks to run [ticks = months]")
    seed: Annotated[int, Field(ge=0, lt=2**63)] = Field(1, description="seed from which every draw derives")
    replications: Annotated[int, Field(ge=1, le=1_000_000)] = Field(32, description="independent runs of each economy")
    buyers: Buyers = Field(default_factory=Buyers, description="the buyers")
    behaviour: Behaviour = Field(default_factory=Behaviour, description="what buyers do")
    knowledge: Knowledge = Field(default_factory=Knowledge, description="what buyers know at the opening")
    research: Research = Field(default_factory=Research, description="which sellers a researching buyer inspects")
    word_of_mouth: WordOfMouth = Field(default_factory=WordOfMouth, description="how buyers hear from neighbours")
    selling: Selling = Field(default_factory=Selling, description="what selling costs and does")
    mechanisms: Mechanisms = Field(default_factory=Mechanisms, description="switches that turn a mechanism off")
    economies: Annotated[dict[Name, Economy], Field(min_length=1)] = Field(
        default_factory=_three_economies, description="economies to run on the same buyers, sellers and draws"
    )
    sellers: Annotated[list[SellerEntry], Field(min_length=1)] = Field(description="the sellers at the opening")
    events: list[Event] = Field(default_factory=list, description="what happens on the way")

    @model_validator(mode="before")
    @classmethod
    def _complete_segments(cls, raw: Any) -> Any:
        """Let a segment give one endpoint and keep the scenario's own value of the other."""
        if not isinstance(raw, dict) or not isinstance(raw.get("buyers"), dict):
            return raw
        segments = raw["buyers"].get("segments")
        if not isinstance(segments, list):
            return raw
        try:
            behaviour = Behaviour.model_validate(raw.get("behaviour", {}))
        except ValidationError:  # reported where it stands
            behaviour = Behaviour()
        whole = [
            {name: completed(value, getattr(behaviour, str(name), None)) for name, value in segment.items()}
            if isinstance(segment, dict)
            else segment
            for segment in segments
        ]
        return {**raw, "buyers": {**raw["buyers"], "segments": whole}}

    _words: dict[str, Any] = PrivateAttr(default_factory=dict)

    def __init__(self, /, **words: Any) -> None:
        tree: dict[str, Any] = plain(words)
        try:
            super().__init__(**tree)
        except ValidationError as error:
            raise ScenarioError.of([*findings(error, type(self), tree), *inconsistencies(tree)]) from None
        wrong = list(inconsistencies(tree))
        if wrong:
            raise ScenarioError.of(wrong)
        self._words = tree

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], values: Mapping[str, Any] | None = None, *, source: str = "--set"
    ) -> Scenario:
        """Read a scenario from a file.

        Parameters
        ----------
        path : path
            A YAML file in UTF-8.
        values : mapping from path to value, optional
            Set before the scenario is checked: ``{"behaviour.search_cost.pull": 0.2}``.
        source : str
            Where the values come from, for messages.

        Raises
        ------
        ScenarioError
            With every mistake of the file, and its line and column.
        """
        return built(read_file(path), values, source, cls)

    @classmethod
    def from_text(
        cls,
        text: str | bytes,
        path: str = "<text>",
        values: Mapping[str, Any] | None = None,
        *,
        source: str = "--set",
    ) -> Scenario:
        """Read a scenario from YAML text; `path` names it in messages. See `load`."""
        return built(read_text(text, path), values, source, cls)

    @classmethod
    def model_validate(cls, obj: Any, **settings: Any) -> Scenario:
        """Make a scenario of a mapping of plain values.

        Raises
        ------
        ScenarioError
            With every mistake.
        """
        if isinstance(obj, cls):
            return obj
        if not isinstance(obj, Mapping):
            _refuse(f"a scenario is a mapping, not {type(obj).__name__}")
        return cls(**{str(key): value for key, value in obj.items()})

    @classmethod
    def model_json_schema(cls, *args: Any, **settings: Any) -> dict[str, Any]:
        """JSON Schema of a scenario file; see `scenario_json_schema`."""
        return json_schema_of(cls)

    @property
    def tree(self) -> dict[str, Any]:
        """The scenario in plain values as it was given, without the defaults; a copy."""
        return copy.deepcopy(self._words)

    def with_values(self, values: Mapping[str, Any], *, source: str = "--set") -> Scenario:
        """The scenario with values set by paths, as `load` would set them.

        Raises
        ------
        ScenarioError
            If a path leads nowhere or a value is wrong.
        """
        return built(Reading("", self._words, Places(), [], sound=True), values, source, type(self))

    def with_economies(self, chosen: Mapping[str, str]) -> Scenario:
        """The scenario with some of its economies, or with one of them several times.

        Parameters
        ----------
        chosen : mapping of str to str
            From the name that an economy is to have to the one that it has. What happens in none of
            them goes, and with it entrants who enter in none.

        Raises
        ------
        ScenarioError
            If there is no such economy, or a name is none.
        """
        tree = written(self)
        missing = [name for name in chosen.values() if name not in self.economies]
        if missing or not chosen:
            known = ", ".join(self.economies)
            _refuse(f"{missing[0]!r} is not an economy of {self.name!r} ({known})" if missing else "name an economy")
        tree["economies"] = {name: tree["economies"][old] for name, old in chosen.items()}
        events, gone = [], []
        for event in tree["events"]:
            given = event.get("economies")
            kept = [name for name, old in chosen.items() if given is None or old in given]
            if not kept:
                gone += [event["enter"]["name"]] if "enter" in event else []
                continue
            events.append(event if given is None else {**event, "economies": kept})
        tree["events"] = events
        taste = tree["buyers"]["taste"]
        for table in (taste.get("shape"), *(one["utility"] for one in taste.get("classes", ()))):
            for name in gone if table else ():
                table.pop(name, None)
        return type(self)(**tree)

    def settled(self) -> Scenario:
        """The same market with nothing left open: see `sim.scenario.settling.settled`."""
        return settled(self)

    def resolved(self) -> dict[str, Any]:
        """The scenario in plain values with every default written out."""
        return written(self.settled())

    def to_yaml(self) -> str:
        """The scenario as YAML with every default written out; `load` gives an equal scenario."""
        return to_yaml(written(self.settled(), brief=True))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Scenario:
        """Copy, with some fields replaced by values that are not checked again."""
        copied = super().model_copy(update=dict(update) if update else None, deep=deep)
        if update:
            copied._words = written(copied)
        return copied

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and written(settled(self)) == written(settled(other))

    __hash__ = None  # type: ignore[assignment]  # equal ones would have to be resolved to hash alike

    def __reduce__(self) -> Any:  # pickled as its words: pickle cannot find the sellers' models by name
        return type(self).model_validate, (self._words,)

    @property
    def all_sellers(self) -> list[Seller]:
        """The sellers at the opening and then the entrants, in the order of the file."""
        return [*self.sellers, *(event.enter for event in self.events if event.enter is not None)]

    def behaviour_of(self, segment: Any) -> Behaviour:
        """Behaviour of one of `buyers.segments`: the scenario's with the segment's overrides."""
        overrides = {
            name: getattr(segment, name) for name in Behaviour.model_fields if getattr(segment, name) is not None
        }
        return self.behaviour.model_copy(update=overrides)


def with_values(tree: dict[str, Any], values: Mapping[str, Any], *, source: str = "--set") -> dict[str, Any]:
    """A scenario's tree with values set.

    Parameters
    ----------
    tree : dict
        Plain values as read from a file (`Scenario.tree`); is not changed.
    values : mapping from path to value
        ``behaviour.search_cost.pull``, ``sellers.Heritage.stubbornness``, ``events.Newcomer.at``.
    source : str
        Where the values come from, for messages.

    Raises
    ------
    ScenarioError
        With one mistake for each path that leads nowhere.
    """
    setting = set_values(tree, values, Scenario)
    if setting.wrong:
        raise ScenarioError(Mistake(source, None, None, path, message) for path, message in setting.wrong)
    return setting.tree


def scenario_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a scenario file, with the strategies that are in the catalogue now."""
    return json_schema_of(Scenario)


def _refuse(message: str) -> NoReturn:
    raise ScenarioError.of([Finding((), message)])
