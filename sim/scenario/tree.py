"""Looking into a scenario's tree of plain values, which may be wrong anywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sim.scenario.mistakes import Where

__all__ = ["Member", "figure", "items", "members", "name_of", "part", "whole"]


def part(tree: Any, *steps: str | int) -> Any:
    """The value at a place; None if there is none."""
    for step in steps:
        in_list = isinstance(tree, list) and isinstance(step, int) and step < len(tree)
        if in_list or (isinstance(tree, dict) and step in tree):
            tree = tree[step]
        else:
            return None
    return tree


def items(tree: Any, *steps: str | int) -> list[Any]:
    """The items of the list at a place; none if there is no list."""
    found = part(tree, *steps)
    return found if isinstance(found, list) else []


def figure(value: Any) -> float | None:
    """A finite number, or None."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
    return float(value) if number and math.isfinite(value) else None


def whole(value: Any) -> int | None:
    """A whole number that is not negative, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18 else None


def name_of(value: Any) -> str | None:
    """The name that an entry gives itself, or None."""
    name = part(value, "name")
    return name if isinstance(name, str) and name else None


@dataclass(frozen=True, slots=True)
class Member:
    """A seller of the scenario, at the opening or as an entrant.

    Attributes
    ----------
    name : str or None
        None if it is missing or no text.
    where : tuple
        Place of the entry.
    entry : object
        The entry.
    event : int or None
        The event by which it enters; None at the opening.
    """

    name: str | None
    where: Where
    entry: Any
    event: int | None = None


def members(tree: Any) -> list[Member]:
    """All sellers in the order of the file: those at the opening, then the entrants."""
    opening = [Member(name_of(one), ("sellers", at), one) for at, one in enumerate(items(tree, "sellers"))]
    entrants = [
        Member(name_of(event["enter"]), ("events", at, "enter"), event["enter"], at)
        for at, event in enumerate(items(tree, "events"))
        if isinstance(event, dict) and event.get("enter") is not None
    ]
    return opening + entrants
