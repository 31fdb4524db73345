"""From what was read, and values set from outside, to a scenario; or to all its mistakes, each in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from sim.scenario.mistakes import Mistake, ScenarioError, Where, dotted
from sim.scenario.paths import Setting, set_values
from sim.scenario.reading import Reading

__all__ = ["built"]

Model = TypeVar("Model", bound=BaseModel)


def built(reading: Reading, values: Mapping[str, Any] | None, source: str, model: Callable[..., Model]) -> Model:
    """Make a model of what was read.

    Parameters
    ----------
    reading : Reading
    values : mapping from path to value, optional
        Set in the tree before it is checked.
    source : str
        Where the values come from, for messages: ``--set``.
    model : type of BaseModel
        Made with the entries of the tree; raises `ScenarioError` if they are wrong.

    Raises
    ------
    ScenarioError
        With every mistake of the text, of the paths, and of the scenario.
    """
    mistakes = list(reading.mistakes)
    if not reading.sound:
        raise ScenarioError(mistakes)
    setting = set_values(reading.tree, values or {}, model)  # type: ignore[arg-type]
    mistakes += [Mistake(source, None, None, path, message) for path, message in setting.wrong]
    try:
        made = model(**setting.tree)
    except ScenarioError as error:
        placed = [_placed(one, reading, setting, source) for one in error.mistakes]
        told = {(one.line, one.column) for one in mistakes if one.line is not None}
        # where the text itself is wrong, what stands there in its place proves nothing
        mistakes += [one for one in placed if (one.line, one.column) not in told]
    if mistakes:
        raise ScenarioError(mistakes)
    return made


def _placed(mistake: Mistake, reading: Reading, setting: Setting, source: str) -> Mistake:
    """Say where in the file, or by which value set from outside, a mistake came in."""
    place = mistake.place
    for end in range(len(place), -1, -1):
        if place[:end] in setting.touched:
            path = setting.touched[place[:end]]
            rest = dotted(place[end:])
            where = path + (rest if rest.startswith("[") else f".{rest}" if rest else "")
            return Mistake(source, None, None, where, mistake.message, place, mistake.at_key)
    if place not in reading.places.values:
        below = _below(place, setting.touched)
        if below is not None:
            return Mistake(source, None, None, below, mistake.message, place, mistake.at_key)
    line, column = reading.places.of(place, key=mistake.at_key)
    return Mistake(reading.path, line, column, dotted(place), mistake.message, place, mistake.at_key)


def _below(place: Where, touched: Mapping[Where, str]) -> str | None:
    return next((path for where, path in touched.items() if where[: len(place)] == place), None)
