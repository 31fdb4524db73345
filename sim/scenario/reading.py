"""From a file to a tree of plain values, with the place of every value, and all its mistakes."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.scenario.mistakes import Mistake, ScenarioError, Where, did_you_mean
from sim.scenario.nodes import MAX_DEPTH, MAX_ENTRIES, List, Map, Node, Place, Word, parsed
from sim.scenario.scalars import scalar

__all__ = ["MAX_BYTES", "Places", "Reading", "read_file", "read_text", "read_value"]

MAX_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class Places:
    """Where in a file each value, and the key before it, stands: (line, column), from 1."""

    values: dict[Where, Place] = field(default_factory=dict)
    keys: dict[Where, Place] = field(default_factory=dict)

    def of(self, where: Where, *, key: bool = False) -> Place:
        """Place of a value, or of its key; of the nearest thing around it if it is not in the file."""
        if key and where in self.keys:
            return self.keys[where]
        while where and where not in self.values:
            where = where[:-1]
        return self.values.get(where, (1, 1))


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    Attributes
    ----------
    tree : dict
        Plain values; empty if nothing sound was found.
    places : Places
    mistakes : list of Mistake
        Those of the text itself: syntax, duplicate keys, aliases, sizes.
    sound : bool
        False if the tree is not whole, so that nothing more should be said about it.
    """

    path: str
    tree: dict[str, Any]
    places: Places
    mistakes: list[Mistake]
    sound: bool


def read_file(path: str | os.PathLike[str], what: str = "scenario") -> Reading:
    """Read a YAML file.

    Parameters
    ----------
    path : path
        Shown in messages as given.
    what : str
        What the file should be, for messages.

    Raises
    ------
    ScenarioError
        If there is no such file, or it cannot be read.
    """
    shown = os.fspath(path)
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise ScenarioError([Mistake(_printable(shown), None, None, "", _unreadable(Path(shown), error))]) from None
    return read_text(raw, _printable(shown), what)


def read_text(text: str | bytes, path: str = "<text>", what: str = "scenario") -> Reading:
    """Read YAML text; bytes must be UTF-8.

    Parameters
    ----------
    text : str or bytes
    path : str
        Name for messages.
    what : str
        What the text should be, for messages.
    """
    found: list[tuple[Place, str]] = []
    places = Places()
    tree: Any = None
    decoded = _decoded(text, found, what)
    root = parsed(decoded, found) if decoded is not None else None
    if root is not None:
        tree = _Expansion(places, found).value(root, (), 0)
    if not found and not isinstance(tree, dict):
        nothing = tree is None
        found.append(
            (
                (1, 1),
                f"the file is empty; a {what} is a mapping" if nothing else f"a {what} is a mapping of 'key: value'",
            )
        )
    sound = isinstance(tree, dict)
    mistakes = [Mistake(path, line, column, "", message) for (line, column), message in found]
    return Reading(path, tree if sound else {}, places, mistakes, sound)


def read_value(text: str) -> tuple[Any, str]:
    """Read one value, such as ``0.5``, ``true`` or ``{push: 1, pull: 2}``; and what is wrong with it, if anything."""
    found: list[tuple[Place, str]] = []
    if text.lstrip()[:1] not in ("[", "{"):
        try:
            return scalar(text.strip()), ""
        except ValueError as error:
            return None, str(error)
    root = parsed(text, found) if len(text) <= MAX_BYTES else None
    value = _Expansion(Places(), found).value(root, (), 0) if root is not None else None
    return value, found[0][1] if found else ""


def _decoded(text: str | bytes, found: list[tuple[Place, str]], what: str) -> str | None:
    if len(text) > MAX_BYTES:
        found.append(((1, 1), f"more than {MAX_BYTES} bytes; this is no {what}"))
        return None
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        found.append(((before.count(b"\n") + 1, column), "not UTF-8 from here on; save the file as UTF-8"))
        return None


def _unreadable(path: Path, error: Exception) -> str:
    if not isinstance(error, OSError):
        return "no file can have this name"
    if isinstance(error, FileNotFoundError):
        try:
            beside = [one.name for one in path.parent.iterdir() if one.suffix in (".yaml", ".yml")]
        except OSError:
            beside = []
        return f"there is no such file{did_you_mean(path.name, beside)}"
    if isinstance(error, IsADirectoryError):
        return "this is a directory, not a file"
    return f"cannot be read ({os.strerror(error.errno or errno.EIO).lower()})"


def _printable(name: str) -> str:
    return name if name.isprintable() else repr(name)


class _Expansion:
    """Turns nodes into plain values; what an alias stands for is written out, within limits."""

    def __init__(self, places: Places, found: list[tuple[Place, str]]) -> None:
        self.places = places
        self.found = found
        self.entries = 0
        self.full = False

    def value(self, node: Node, where: Where, depth: int) -> Any:
        """The plain value of a node; None where a limit is met."""
        self.places.values[where] = node.place
        if not self.spend(node, depth):
            return None
        if isinstance(node, Word):
            return node.value
        if isinstance(node, List):
            return [self.value(item, (*where, index), depth + 1) for index, item in enumerate(node.items)]
        tree: dict[str, Any] = {}
        for key, (place, child) in self.entries_of(node, depth).items():
            self.places.keys[*where, key] = place
            tree[key] = self.value(child, (*where, key), depth + 1)
        return tree

    def entries_of(self, node: Map, depth: int) -> dict[str, tuple[Place, Node]]:
        """Entries of a mapping, its own before those that it merges."""
        entries = {key: (place, child) for key, place, child in node.entries}
        for part in node.merged:
            for source in part.items if isinstance(part, List) else [part]:
                if not isinstance(source, Map):
                    if any(place == source.place for place, _ in self.found):
                        continue  # an alias for nothing, which has been told
                    self.found.append((source.place, "'<<' merges a mapping or a list of mappings"))
                elif self.spend(source, depth + 1):
                    for key, entry in self.entries_of(source, depth + 1).items():
                        entries.setdefault(key, entry)
        return entries

    def spend(self, node: Node, depth: int) -> bool:
        """Count one entry; False once there are too many, which is said once."""
        self.entries += 1
        if not self.full and (self.entries > MAX_ENTRIES or depth > MAX_DEPTH):
            self.full = True
            limits = f"{MAX_ENTRIES} entries or {MAX_DEPTH} levels"
            self.found.append((node.place, f"aliases that write out to more than {limits}"))
        return not self.full
