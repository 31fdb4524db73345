"""From YAML text to nodes with their places: syntax, anchors, duplicate keys, sizes.

PyYAML's parser gives a flat stream of events; building the nodes here, with a stack of its own,
keeps control over depth, size, aliases and duplicate keys, none of which its safe loader limits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from sim.scenario.mistakes import described
from sim.scenario.scalars import scalar

__all__ = ["MAX_DEPTH", "MAX_ENTRIES", "List", "Map", "Node", "Place", "Unreadable", "Word", "parsed"]

MAX_DEPTH = 40
MAX_ENTRIES = 50_000
Place = tuple[int, int]  # line and column, from 1

_PLAIN = (  # what PyYAML says: what it means to the one who wrote the file
    (
        "mapping values are not allowed",
        "a ': ' that cannot stand here; check the indentation above, or quote text that holds ': '",
    ),
    ("found character '\\t'", "a tab; YAML is indented with spaces"),
    ("could not find expected ':'", "a key without ':'"),
    ("expected <block end>", "this does not line up with what stands above; check the indentation"),
    ("expected ',' or ']'", "a list in [ ] that is not closed, or lacks a comma"),
    ("expected ',' or '}'", "a mapping in { } that is not closed, or lacks a comma"),
    ("found unexpected end of stream", "a quote that is not closed"),
    ("cannot start any token", "a character that must be quoted to begin a value"),
    ("found unknown escape character", "an escape that YAML does not know, inside double quotes"),
    ("found undefined tag handle", "a tag ('!'), which a scenario may not have; quote text that begins with '!'"),
    ("found duplicate anchor", "an anchor that is defined twice"),
    ("expected escape sequence", "an escape that YAML does not know, inside double quotes"),
    ("sequence entries are not allowed", "a '- ' that cannot stand here; the first item of a list begins a line"),
    ("expected alphabetic or numeric character", "'*' or '&' with no name; quote text that begins with either"),
    ("'<document start>'", "this does not continue what stands above; check the indentation"),
    ("expected the node content", "a value is missing here"),
)


class Unreadable(Exception):
    """The text ends here for the reader; what was found before stands in `parsed`'s list."""


@dataclass(slots=True)
class Word:
    """A value that is neither list nor mapping, with the text that stands for it as a key."""

    value: object
    text: str
    place: Place


@dataclass(slots=True)
class List:
    """The items of a list."""

    place: Place
    items: list[Any] = field(default_factory=list)
    open: bool = True


@dataclass(slots=True)
class Map:
    """The entries of a mapping, as (key, place of the key, value), and what it merges (``<<``)."""

    place: Place
    entries: list[tuple[str, Place, Any]] = field(default_factory=list)
    merged: list[Any] = field(default_factory=list)
    open: bool = True
    key: Any = None  # a Word that waits for its value, or _SKIP for a key that cannot be one
    seen: dict[str, int] = field(default_factory=dict)


Node = Word | List | Map
_SKIP = object()
_MERGE = "<<"  # YAML's merge key: `{<<: *usual, price: 2}` takes the entries of `usual` that it does not give itself


def parsed(text: str, mistakes: list[tuple[Place, str]]) -> Node | None:
    """Read one YAML document.

    Parameters
    ----------
    text : str
    mistakes : list of (place, message)
        Takes up what is wrong; reading goes on where it can.

    Returns
    -------
    Node or None
        None if there is nothing, or nothing sound, to read on.
    """
    builder = _Builder(mistakes)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except Unreadable:
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        mistakes.append((_place(mark) if mark else builder.last, _plain(error.problem or error.context or "")))
        return None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = before.count("\n") + 1, error.position - before.rfind("\n")
        mistakes.append((place, f"a character that YAML does not allow (U+{ord(text[error.position]):04X})"))
        return None
    except ValueError:  # PyYAML lets chr() and int() fail on absurd escapes and versions
        mistakes.append((builder.last, "not readable as YAML from here on"))
        return None
    return builder.root


def _plain(problem: str) -> str:
    for said, meant in _PLAIN:
        if said in problem:
            return meant
    return f"not readable as YAML: {re.sub(r'[^ -~]', '?', problem)}"


def _place(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


class _Builder:
    """Takes parser events one by one and hangs nodes together."""

    def __init__(self, mistakes: list[tuple[Place, str]]) -> None:
        self.mistakes = mistakes
        self.root: Node | None = None
        self.last: Place = (1, 1)
        self.stack: list[List | Map] = []
        self.anchors: dict[str, Node] = {}
        self.entries = 0
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take up one event."""
        self.last = _place(event.start_mark) if event.start_mark else self.last
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.mistakes.append((self.last, "a second document; a scenario file holds one"))
                raise Unreadable
        elif isinstance(event, yaml.AliasEvent):
            self._alias(str(event.anchor))
        elif isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop().open = False

    def _alias(self, anchor: str) -> None:
        node = self.anchors.get(anchor)
        if node is None or (isinstance(node, (List, Map)) and node.open):
            what = f"has no '&{anchor}' before it; quote text that begins with '*'" if node is None else "holds itself"
            self.mistakes.append((self.last, f"the alias '*{anchor}' {what}"))
            node = Word(None, "", self.last)
        self._hang(node)

    def _node(self, event: Any) -> None:
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            self.mistakes.append((self.last, f"more than {MAX_ENTRIES} entries; this is no scenario"))
            raise Unreadable
        text = isinstance(event, yaml.ScalarEvent)
        if event.tag not in (None, "!", "tag:yaml.org,2002:str") or (event.tag and not text):
            self.mistakes.append((self.last, "a tag ('!'), which a scenario may not have"))
        node: Node
        if text:
            node = self._word(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = List(self.last)
        else:
            node = Map(self.last)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        self._hang(node)
        if isinstance(node, (List, Map)):
            self.stack.append(node)
            if len(self.stack) > MAX_DEPTH:
                self.mistakes.append((self.last, f"nested more than {MAX_DEPTH} deep"))
                raise Unreadable

    def _word(self, event: yaml.ScalarEvent) -> Word:
        text = event.value
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            self.mistakes.append((self.last, "an escape that stands for no character"))
            text = text.encode("utf-8", "replace").decode()
        if event.tag is not None or not event.implicit[0]:
            return Word(text, text, self.last)
        try:
            return Word(scalar(text), text, self.last)
        except ValueError as error:
            self.mistakes.append((self.last, str(error)))
            return Word(0, text[:40], self.last)

    def _hang(self, node: Node) -> None:
        """Put a finished or just opened node where it belongs."""
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if isinstance(parent, List):
            parent.items.append(node)
        elif parent.key is None:
            self._take_key(parent, node)
        else:
            self._take_value(parent, node)

    def _take_key(self, parent: Map, node: Node) -> None:
        parent.key = _SKIP
        if not isinstance(node, Word):
            self.mistakes.append(
                (self.last, f"a key must be text, not {described([] if isinstance(node, List) else {})}")
            )
        elif node.text in parent.seen and node.text != _MERGE:
            self.mistakes.append(
                (self.last, f"the key {node.text[:40]!r} stands here twice; first in line {parent.seen[node.text]}")
            )
        else:
            parent.seen[node.text] = self.last[0]
            parent.key = Word(node.value, node.text, self.last)  # an alias as key: the place is the alias's

    def _take_value(self, parent: Map, node: Node) -> None:
        key, parent.key = parent.key, None
        if key is _SKIP:
            return
        if key.text == _MERGE:
            parent.merged.append(node)
        else:
            parent.entries.append((key.text, key.place, node))
