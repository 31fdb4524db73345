"""A mistake in a scenario, and the error that carries all mistakes of one scenario."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Finding", "Mistake", "ScenarioError", "Where", "described", "did_you_mean", "dotted", "nearest"]

Where = tuple[str | int, ...]


class Finding(NamedTuple):
    """What a check yields: a place in the tree, what is wrong there, and whether it is the key that is wrong."""

    place: Where
    message: str
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, and where.

    Attributes
    ----------
    path : str
        File as the user named it, ``--set``, or empty for a scenario made in Python.
    line, column : int or None
        Place in the file, counted from 1; None where there is no file.
    where : str
        Place in the scenario, such as ``sellers[2].strategy``; empty for the whole.
    message : str
        What is wrong and what would be right, in one line.
    place : tuple of str and int
        `where` as steps from the root of the tree.
    at_key : bool
        It is the key that is wrong, not the value.
    """

    path: str
    line: int | None
    column: int | None
    where: str
    message: str
    place: Where = ()
    at_key: bool = False

    def __str__(self) -> str:
        # `x.yaml:31:18: sellers[2].strategy: ...` in a file, `--set sellers.Heritage.price: ...` on the command line
        if self.line is not None:
            head = f"{self.path or '<text>'}:{self.line}:{self.column}: "
        elif self.path.startswith("-"):
            head = f"{self.path} "
        else:
            head = f"{self.path}: " if self.path else ""
        return f"{head}{self.where}: {self.message}" if self.where else f"{head}{self.message}"


class ScenarioError(ValueError):
    """A scenario with mistakes; `str` gives one line each.

    Parameters
    ----------
    mistakes : iterable of Mistake
        At least one.

    Attributes
    ----------
    mistakes : list of Mistake
        Sorted by place in the file.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        once = {(one.path, one.line, one.column, one.where, one.message): one for one in mistakes}
        self.mistakes = sorted(once.values(), key=lambda one: (one.line is None, one.line or 0, one.column or 0))
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        return "\n".join(map(str, self.mistakes))

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> ScenarioError:
        """The error for findings that have no file."""
        return cls(Mistake("", None, None, dotted(one.place), one.message, one.place, one.at_key) for one in findings)


def dotted(place: Where) -> str:
    """Write a place as a path: ``sellers[2].strategy``."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = step if step.isprintable() and step.strip() == step != "" else repr(step)
            text += f".{name}" if text else name
    return text


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The hint ``; did you mean 'x'?``, or nothing if no known word is near."""
    near = nearest(word, known)
    return f"; did you mean {near!r}?" if near is not None else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like a word, if one is like it at all."""
    if len(word) > 80:
        return None
    known = list(known)
    close = difflib.get_close_matches(word, known, n=1)
    # a slip in upper and lower case alone is always near
    return next(iter(close), next((one for one in known if one.lower() == word.lower()), None))


def described(value: object) -> str:
    """Name a value of the tree in plain words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:39] + "…")
    if isinstance(value, float) and value != value:
        return "NaN"
    if isinstance(value, float) and abs(value) == float("inf"):
        return "infinity" if value > 0 else "minus infinity"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**21 else "a number of more than 21 digits"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return f"a Python {type(value).__name__}"
