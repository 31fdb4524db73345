"""Experiments: which question a study asks of a scenario, read with every mistake in its place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationError

from sim.scenario import Mistake, Reading, Scenario, ScenarioError, read_file
from sim.scenario.json_schema import json_schema_of
from sim.scenario.loading import built
from sim.scenario.mistakes import Finding, Where, did_you_mean, dotted
from sim.scenario.names import Name
from sim.scenario.reading import Places
from sim.scenario.wording import findings, plain
from sim.scenario.writing import to_yaml, written
from sim.strategies.strategy import Strict
from sim.studies.factors import leads_nowhere
from sim.studies.measuring import Measured, known_measures, wrong_measure

__all__ = [
    "KINDS",
    "Experiment",
    "Prepared",
    "experiment_json_schema",
    "is_experiment",
    "kind_of",
    "load",
    "mistakes_in",
    "of_words",
]

# Every kind of study, and the room and class that know it. A new kind is one file and one line here.
KINDS: dict[str, str] = {
    "sweep": "sim.studies.sweep:Sweep",
    "compare": "sim.studies.counterfactual:Compare",
    "sensitivity": "sim.studies.sensitivity:Sensitivity",
    "discovery": "sim.studies.discovery:Discovery",
    "tournament": "sim.studies.tournament:Tournament",
}


class Experiment(Strict):
    """What all kinds of study have; each kind adds its own.

    Raises
    ------
    ScenarioError
        With every mistake.
    """

    name: Name = Field(description="name; results are filed under it")
    kind: str = Field(description="kind of study")
    description: str = Field("", description="what the study asks")
    scenario: Annotated[str, Field(min_length=1)] = Field(description="file of the scenario, relative to this file")
    set: dict[str, Any] = Field(default_factory=dict, description="values set in the scenario first, by path")
    economies: list[str] | None = Field(None, description="economies to run; left out: all of the scenario")
    replications: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="independent runs of each point and economy; left out: the scenario's"
    )
    measures: Annotated[list[str], Field(min_length=1)] | None = Field(
        None, description="what is measured, such as final_share.Heritage; left out: the kind's own choice"
    )

    keeps_paths: ClassVar[bool] = False
    usual_measures: ClassVar[tuple[str, ...]] = ("final_share", "half_life", "survival", "leader", "consumer_surplus")

    def __init__(self, /, **words: Any) -> None:
        tree: dict[str, Any] = plain(words)
        try:
            super().__init__(**tree)
        except ValidationError as error:
            raise ScenarioError.of(findings(error, type(self), tree)) from None

    @classmethod
    def inconsistencies(cls, tree: Mapping[str, Any], base: Scenario | None) -> Iterator[Finding]:
        """Find what the schema cannot see, in words that may be wrong anywhere."""
        yield from ()

    @classmethod
    def scenarios_named(cls, tree: Mapping[str, Any], base: Scenario) -> list[Scenario]:
        """Scenarios whose sellers a measure may name."""
        return [base]

    def columns(self) -> dict[str, list[Any]]:
        """Columns of the table of points."""
        raise NotImplementedError

    def scenario_at(self, base: Scenario, point: int) -> Scenario:
        """The scenario of one point."""
        raise NotImplementedError

    def pages(self, study: Any) -> None:
        """Write what is special to this kind into a study's folder: tables, figures, report."""
        raise NotImplementedError


class Prepared:
    """An experiment and the scenario it is about, both without mistakes.

    Attributes
    ----------
    experiment : Experiment
    base : Scenario
        With `Experiment.set` and the replications set.
    economies : list of str
        Those that are run.
    figures : list of (seller, measure)
        What is measured.
    points : int
        Points of the study.
    """

    def __init__(self, experiment: Experiment, base: Scenario) -> None:
        self.experiment, self.base = experiment, base
        self.economies = list(experiment.economies or base.economies)
        self.columns = experiment.columns()
        self.points = len(next(iter(self.columns.values())))
        named = type(experiment).scenarios_named(experiment.model_dump(), base)
        known = known_measures(named)
        names = experiment.measures or [name for name in experiment.usual_measures if known[name]]
        self.figures: list[Measured] = list(dict.fromkeys(figure for name in names for figure in known[name]))
        sellers = [seller.name for scenario in named for seller in scenario.all_sellers]
        self.sellers = list(dict.fromkeys(sellers))

    @property
    def replications(self) -> int:
        """Of each point and economy."""
        return self.experiment.replications or self.base.replications

    @property
    def runs(self) -> int:
        """All replications of all points and economies."""
        return self.points * len(self.economies) * self.replications

    def scenario_at(self, point: int) -> Scenario:
        """The scenario of one point."""
        return self.experiment.scenario_at(self.base, point)

    def resolved(self) -> dict[str, Any]:
        """The experiment in plain values with every default written out, its scenario beside it."""
        tree = written(self.experiment)
        tree |= {"scenario": "scenario.yaml", "economies": self.economies, "replications": self.replications}
        tree["measures"] = self.experiment.measures or list(
            dict.fromkeys(f"{measure}.{seller}" if seller else measure for seller, measure in self.figures)
        )
        return {key: tree[key] for key in written(self.experiment) | tree if key != "set"}

    def to_yaml(self) -> str:
        """The resolved experiment as YAML."""
        return to_yaml(self.resolved())


def kind_of(name: str) -> type[Experiment]:
    """The class of a kind."""
    room, _, made = KINDS[name].partition(":")
    return getattr(import_module(room), made)


def experiment_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of an experiment's file, of any kind."""
    return json_schema_of(*map(kind_of, KINDS))


def is_experiment(tree: Mapping[str, Any]) -> bool:
    """Whether what was read is meant as an experiment, right or wrong: a scenario has neither key."""
    return "kind" in tree or "scenario" in tree


def load(
    path: str | os.PathLike[str],
    *,
    kind: str | None = None,
    values: Mapping[str, Any] | None = None,
    replications: int | None = None,
) -> Prepared:
    """Read an experiment and its scenario.

    Parameters
    ----------
    path : path
        A YAML file; the scenario stands relative to it.
    kind : str, optional
        The kind that it must be of.
    values : mapping from path to value, optional
        Set in the scenario, after the experiment's own.
    replications : int, optional
        Instead of the experiment's.

    Raises
    ------
    ScenarioError
        With every mistake of both files.
    """
    return _prepared(read_file(path, "experiment"), Path(path).parent, kind, None, values or {}, replications)


def of_words(words: Mapping[str, Any], base: Scenario) -> Prepared:
    """Make an experiment in Python.

    Parameters
    ----------
    words : mapping
        As in a file, without the scenario.
    base : Scenario
        What it is about.

    Raises
    ------
    ScenarioError
        With every mistake.
    """
    tree = {"scenario": "scenario.yaml", **plain({key: value for key, value in words.items() if value is not None})}
    return _prepared(Reading("", tree, Places(), [], sound=True), Path(), None, base, {}, None)


def mistakes_in(path: str | os.PathLike[str]) -> list[Mistake]:
    """Every mistake in an experiment's file, and in its scenario."""
    try:
        load(path)
    except ScenarioError as error:
        return error.mistakes
    return []


def _prepared(
    reading: Reading,
    folder: Path,
    kind: str | None,
    base: Scenario | None,
    values: Mapping[str, Any],
    replications: int | None,
) -> Prepared:
    if not reading.sound:
        raise ScenarioError(reading.mistakes)
    tree = reading.tree
    mistakes = list(reading.mistakes)
    model = _model(tree, kind, reading)
    if base is None:
        base = _scenario(tree, folder, reading, values, mistakes)
    elif tree.get("set"):
        base = base.with_values(tree["set"], source="set")
    experiment = None
    try:
        experiment = built(reading, None, "--set", model)
    except ScenarioError as error:
        mistakes += error.mistakes
    told = {one.place for one in mistakes if not one.place or one.path == reading.path}
    for finding in _inconsistencies(model, tree, base):
        if finding.place not in told:
            mistakes.append(_placed(finding, reading))
    if mistakes or experiment is None or base is None:
        raise ScenarioError(mistakes)
    if replications is not None:
        experiment = experiment.model_copy(update={"replications": replications})
    return Prepared(experiment, base)


def _model(tree: Mapping[str, Any], kind: str | None, reading: Reading) -> type[Experiment]:
    given = tree.get("kind")
    words = ", ".join(KINDS)
    if "kind" not in tree:
        if "sellers" in tree:
            raise ScenarioError([Mistake(reading.path, 1, 1, "", "this is a scenario, not an experiment")])
        raise ScenarioError([_placed(Finding((), f"'kind' is missing ({words})"), reading)])
    if not isinstance(given, str) or given not in KINDS:
        near = did_you_mean(given, KINDS) if isinstance(given, str) else ""
        raise ScenarioError([_placed(Finding(("kind",), f"{given!r} is not a kind of study{near} ({words})"), reading)])
    if kind is not None and given != kind:
        message = f"this is a {given}; run it with: pushpull {given}"
        raise ScenarioError([_placed(Finding(("kind",), message), reading)])
    return kind_of(given)


def _scenario(
    tree: Mapping[str, Any], folder: Path, reading: Reading, values: Mapping[str, Any], mistakes: list[Mistake]
) -> Scenario | None:
    """The scenario that an experiment names; None if it has mistakes, which are told."""
    named, given = tree.get("scenario"), tree.get("set")
    if not isinstance(named, str) or not named:
        return None  # told by the schema
    file = folder / named
    if not file.is_file():
        message = f"there is no scenario {os.fspath(file)!r}{_beside(file)}"
        mistakes.append(_placed(Finding(("scenario",), message), reading))
        return None
    own = given if isinstance(given, dict) else {}
    try:
        made = Scenario.load(file, own, source="set")
        return made.with_values(values) if values else made
    except ScenarioError as error:
        for one in error.mistakes:
            path = next((path for path in own if one.path == "set" and one.where.startswith(path)), None)
            if path is not None:
                rest = one.where.removeprefix(path).lstrip(".")
                message = f"{rest}: {one.message}" if rest else one.message
                mistakes.append(_placed(Finding(("set", path), message, at_key=leads_nowhere(message)), reading))
            else:
                mistakes.append(one)
        return None


def _beside(file: Path) -> str:
    try:
        return did_you_mean(file.name, [one.name for one in file.parent.iterdir() if one.suffix in (".yaml", ".yml")])
    except OSError:
        return ""


def _inconsistencies(model: type[Experiment], tree: dict[str, Any], base: Scenario | None) -> Iterator[Finding]:
    wrong = list(model.inconsistencies(tree, base))
    yield from wrong
    if base is None:
        return
    economies = tree.get("economies")
    if isinstance(economies, list):
        for number, name in enumerate(economies):
            if name not in base.economies:
                near = did_you_mean(name, base.economies) if isinstance(name, str) else ""
                listed = ", ".join(base.economies)
                yield Finding(("economies", number), f"{name!r} is not an economy of {base.name}{near} ({listed})")
            elif name in economies[:number]:
                yield Finding(("economies", number), f"{name!r} is there twice")
        if not economies:
            yield Finding(("economies",), "must have at least 1 economy; leave it out to run all")
    measures = tree.get("measures")
    if isinstance(measures, list):
        known = known_measures([base] if wrong else model.scenarios_named(tree, base))
        for number, name in enumerate(measures):
            for message in wrong_measure(name, known):
                said = f"{name!r} {message}" if isinstance(name, str) else message
                yield Finding(("measures", number), said)


def _placed(finding: Finding, reading: Reading) -> Mistake:
    place: Where = finding.place
    if not reading.places.values:
        return Mistake(reading.path, None, None, dotted(place), finding.message, place, finding.at_key)
    line, column = reading.places.of(place, key=finding.at_key)
    return Mistake(reading.path, line, column, dotted(place), finding.message, place, finding.at_key)
