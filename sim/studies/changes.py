"""Changes: what makes one scenario of another in a paired counterfactual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.scenario import Scenario, ScenarioError
from sim.scenario.mistakes import Finding, Where, described, did_you_mean
from sim.scenario.names import NAME_MATCH
from sim.studies.factors import leads_nowhere

__all__ = ["Change", "changes_of", "seller_of", "wrong_changes", "wrong_series"]

SAME_HORIZON = "both sides of a comparison run for the same time; set the horizon for both"
WORDS = ("name", "without", "add_events")  # every other key is a path


@dataclass(frozen=True)
class Change:
    """A change of a scenario.

    Attributes
    ----------
    name : str
        For tables and figures.
    values : mapping from path to value
        What is set.
    without : tuple of str
        Sellers, or named events, that are taken out; what happens to such a seller goes too.
    add_events : tuple of dict
        Events that are added.
    """

    name: str
    values: Mapping[str, Any]
    without: tuple[str, ...] = ()
    add_events: tuple[Mapping[str, Any], ...] = ()

    def of(self, scenario: Scenario) -> Scenario:
        """The scenario with the change made.

        Raises
        ------
        ScenarioError
            If a path leads nowhere, nobody has such a name, or the outcome is no sound scenario.
        """
        tree = scenario.tree
        for name in self.without:
            _take_out(tree, name)
        if self.add_events:
            tree["events"] = [*tree.get("events", []), *(dict(event) for event in self.add_events)]
        changed = Scenario.model_validate(tree) if self.without or self.add_events else scenario
        return changed.with_values(self.values, source="") if self.values else changed


def _take_out(tree: dict[str, Any], name: str) -> None:
    """Take a seller with all that happens to it, or a named event, out of a scenario's tree."""
    sellers, events = tree.get("sellers", []), tree.get("events", [])
    entrants = [event["enter"]["name"] for event in events if event.get("enter")]
    known = [*(seller["name"] for seller in sellers), *entrants, *(e["name"] for e in events if e.get("name"))]
    if name not in known:
        listed = f" ({', '.join(known)})" if known else ""
        message = f"no seller and no event is named {name!r}{did_you_mean(name, known)}{listed}"
        raise ScenarioError.of([Finding(("without",), message)])
    tree["sellers"] = [seller for seller in sellers if seller["name"] != name]
    tree["events"] = [event for event in events if event.get("name") != name and seller_of(event) != name]


def seller_of(event: Mapping[str, Any]) -> str | None:
    """Whom an event concerns."""
    for verb, key in (("enter", "name"), ("change", "seller"), ("adjust", "seller"), ("shock", "seller")):
        if event.get(verb):
            return str(event[verb].get(key))
    return str(event["exit"]) if event.get("exit") else None


def changes_of(given: Any, series: Mapping[str, Sequence[Any]] | None = None) -> list[Change]:
    """Changes as an experiment words them.

    Parameters
    ----------
    given : mapping, sequence of mapping, or None
        One change, or several with names.
    series : mapping from path to values, optional
        One path: a change for each value.
    """
    one = [given] if isinstance(given, Mapping) else list(given or ())
    found = [_change(words) for words in one]
    for path, values in (series or {}).items():
        name = " ".join(path.split(".")[-2:])
        found += [Change(f"{name} {_figure(value)}", {path: value}) for value in values]
    return found


def _change(words: Mapping[str, Any]) -> Change:
    values = {path: value for path, value in words.items() if path not in WORDS}
    without, events = tuple(words.get("without", ())), tuple(words.get("add_events", ()))
    return Change(str(words.get("name") or _named(values, without, events)), values, without, events)


def _named(values: Mapping[str, Any], without: Sequence[str], events: Sequence[Mapping[str, Any]]) -> str:
    """A name for a change that has none."""
    parts = [f"without {name}" for name in without]
    parts += [f"with {event['enter']['name']}" for event in events if event.get("enter")]
    parts += [f"{path} = {_figure(value)}" for path, value in values.items()]
    name = ", ".join(parts) or "changed"
    return name if len(name) <= 80 else name[:79] + "…"


def _figure(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def wrong_changes(given: Any, scenario: Scenario | None, at: Where, *, named: bool = False) -> Iterator[Finding]:
    """Find what is wrong with changes.

    Parameters
    ----------
    given : object
        What stands in the file.
    scenario : Scenario or None
        What is changed; None if it has mistakes of its own.
    at : tuple
        Place in the file.
    named : bool
        Whether each must have a name.
    """
    if isinstance(given, list):
        names: list[Any] = []
        if not given:
            yield Finding(at, "must have at least 1 change")
        for number, words in enumerate(given):
            yield from wrong_changes(words, scenario, (*at, number), named=True)
            name = words.get("name") if isinstance(words, dict) else None
            if name is not None and name in names:
                yield Finding((*at, number, "name"), f"another change is named {described(name)}")
            names.append(name)
        return
    if not isinstance(given, dict):
        yield Finding(at, "must be a mapping of paths to values, or a list of named changes")
        return
    wrong = list(_wrong_words(given, at, named=named))
    yield from wrong
    if wrong or scenario is None:
        return
    try:
        if _change(given).of(scenario).horizon != scenario.horizon:
            yield Finding((*at, "horizon"), SAME_HORIZON, at_key=True)
    except ScenarioError as error:
        for one in error.mistakes:
            path = next((path for path in given if path not in WORDS and one.where.startswith(path)), None)
            place = (*at, path) if path is not None else (*at, "without") if one.where == "without" else at
            where = "" if path is not None or one.where == "without" else f"{one.where}: " if one.where else ""
            yield Finding(place, f"{where}{one.message}", at_key=path is not None and leads_nowhere(one.message))


def _wrong_words(words: dict[str, Any], at: Where, *, named: bool) -> Iterator[Finding]:
    name = words.get("name")
    if named and name is None:
        yield Finding(at, "'name' is missing: changes in a list are told apart by it")
    if name is not None and not (isinstance(name, str) and NAME_MATCH.fullmatch(name)):
        yield Finding((*at, "name"), "must be a name of letters, digits, blanks, '_', '.' and '-'")
    without = words.get("without", [])
    if not isinstance(without, list) or not all(isinstance(one, str) for one in without):
        yield Finding((*at, "without"), "must be a list of names of sellers or events")
    events = words.get("add_events", [])
    if not isinstance(events, list) or not all(isinstance(one, dict) for one in events):
        yield Finding((*at, "add_events"), "must be a list of events")
    if not set(words) - {"name"}:
        yield Finding(at, "changes nothing: give paths with values, `without` or `add_events`")


def wrong_series(given: Any, scenario: Scenario | None, at: Where) -> Iterator[Finding]:
    """Find what is wrong with a series: one path, and a list of values for it."""
    if not isinstance(given, dict):
        return  # told by the schema
    if len(given) != 1:
        yield Finding(at, "a series has exactly one path, with a list of values")
    for path, values in given.items():
        if not isinstance(values, list) or not values:
            yield Finding((*at, path), "must be a list of values, one change each")
            continue
        for number, value in enumerate(values):
            if value in values[:number]:
                yield Finding((*at, path, number), f"{described(value)} is there twice")
            if scenario is None:
                continue
            try:
                if scenario.with_values({path: value}, source="").horizon != scenario.horizon:
                    yield Finding((*at, path), SAME_HORIZON, at_key=True)
            except ScenarioError as error:
                nowhere = leads_nowhere(error.mistakes[0].message)
                place = (*at, path) if nowhere else (*at, path, number)
                yield Finding(place, error.mistakes[0].message, at_key=nowhere)
                break
