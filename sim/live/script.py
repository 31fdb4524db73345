"""A scenario as it is written while it plays: what was given, and an event for each intervention."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.live.limits import Refused
from sim.plots.milestones import event_words
from sim.scenario import Event, Scenario, ScenarioError
from sim.scenario.tree import members

__all__ = ["Entry", "Script", "entered_with", "exits_of", "told_in_words"]


@dataclass(frozen=True)
class Entry:
    """An intervention in the log.

    Attributes
    ----------
    at : int
        First month on which it acts.
    sides : tuple of str
        Sides on which it acts.
    text : str
        What was done, in a few words: ``Heritage: price 0.9``.
    key : str
        The lever, ``enter`` or ``exit``.
    event : mapping
        The event of the scenario, without month and economies.
    value : object
        Of the lever; the name of who enters or leaves.
    """

    at: int
    sides: tuple[str, ...]
    text: str
    key: str
    event: Mapping[str, Any]
    value: Any = None


class Script:
    """A scenario with the log of a live run as events.

    Parameters
    ----------
    scenario : Scenario
    sides : mapping of str to str
        From the label of a side to the name of its economy. Labels become the names of economies.

    Attributes
    ----------
    base : Scenario
        Before any intervention; its economies are the sides.
    scenario : Scenario
        With the log; `pushpull run` replays the sides from it to the same bytes.
    """

    def __init__(self, scenario: Scenario, sides: Mapping[str, str]) -> None:
        self.base = self.scenario = scenario.with_economies(sides)
        self.sides = tuple(sides)

    def scenario_with(self, log: Sequence[Entry]) -> Scenario:
        """The scenario with the interventions that concern its sides.

        Raises
        ------
        Refused
            If they make no sound scenario; with the reason.
        """
        tree = self.base.tree
        events = tree.setdefault("events", [])
        for entry in log:
            sides = [side for side in self.sides if side in entry.sides]
            if not sides:
                continue
            only = {} if len(sides) == len(self.sides) else {"economies": sides}
            events.append({"at": entry.at, **copy.deepcopy(dict(entry.event)), **only})
            if "enter" in entry.event:
                _give_tastes(tree, entry.event["enter"]["name"])
        try:
            return Scenario.model_validate(tree)
        except ScenarioError as error:
            last = error.mistakes[-1]
            raise Refused(f"{last.where.rpartition('.')[2]}: {last.message}" if last.where else last.message) from None


def entered_with(log: Sequence[Entry], entry: Entry) -> list[Entry]:
    """The log with an entry: in the place of one that moved the same lever in the same month, else at the end."""
    same = [
        place
        for place, one in enumerate(log)
        if (one.at, one.key, one.sides) == (entry.at, entry.key, entry.sides) and entry.key not in ("enter", "exit")
    ]
    found = list(log)
    if same:
        found[same[-1]] = replace(entry)
    else:
        found.append(entry)
    return found


def _give_tastes(tree: dict[str, Any], name: str) -> None:
    """Where tastes stand seller by seller, let an entrant be as well liked as the others are on average."""
    taste = tree.get("buyers", {}).get("taste", {})
    tables = [taste["shape"]] if "shape" in taste else [one["utility"] for one in taste.get("classes", ())]
    known = {member.name for member in members(tree)} - {name}
    for table in tables:
        others = [value for seller, value in table.items() if seller in known]
        table.setdefault(name, sum(others) / len(others) if others else 1.0)


def exits_of(scenario: Scenario, side: str) -> dict[int, list[str]]:
    """Sellers that events take out of the market, by month."""
    found: dict[int, list[str]] = {}
    for event in scenario.events:
        if event.exit is not None and event.happens_in(side):
            found.setdefault(event.at, []).append(event.exit)
    return found


def told_in_words(entry: Entry, scenarios: Sequence[Scenario], sides: Sequence[str]) -> Entry:
    """The entry with its text, which is that of the event in reports."""
    events: list[Event] = []
    strategies: dict[str, str] = {}
    for scenario in scenarios:
        strategies |= {seller.name: seller.strategy for seller in scenario.all_sellers}
        events += [one for one in scenario.events if one.at == entry.at and any(map(one.happens_in, sides))]
    meant = [one for one in events if one.verb in entry.event]
    return Entry(entry.at, entry.sides, event_words(meant[-1], strategies), entry.key, entry.event, entry.value)
