"""Values set from outside a file, addressed by paths: `behaviour.search_cost.pull`, `sellers.Heritage.price`.

The values go into the tree as it was read, before defaults: so a path may lead to what the file
does not mention, and what depends on a value that is set follows it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.scenario.mistakes import Where, described, did_you_mean
from sim.scenario.reading import read_value
from sim.scenario.terms import Term, term_of
from sim.scenario.tree import figure, members, name_of, part
from sim.scenario.wording import plain
from sim.scenario.writing import written

__all__ = ["Setting", "set_values"]

_LEAVES = ("number", "whole", "text", "truth", "word", "either", "other")
_ONE = {"sellers": "seller", "events": "event", "segments": "segment", "economies": "economy", "classes": "class"}


class _Wrong(Exception):
    """A path that leads nowhere, or a value that cannot be read; says why."""


@dataclass(slots=True)
class Setting:
    """A tree with values set.

    Attributes
    ----------
    tree : dict
        A copy; the tree that was given is as before.
    touched : dict
        From the place of each value that was set to the path by which it was addressed.
    wrong : list of (path, message)
        The paths that could not be followed.
    """

    tree: dict[str, Any]
    touched: dict[Where, str] = field(default_factory=dict)
    wrong: list[tuple[str, str]] = field(default_factory=list)


def set_values(tree: dict[str, Any], values: Mapping[str, Any], model: type[BaseModel]) -> Setting:
    """Set values in a scenario's tree.

    Parameters
    ----------
    tree : dict
        Plain values as read.
    values : mapping from path to value
        Sellers, events, segments and economies are addressed by name (an event also by its
        entrant's), anything in a list also by its number from 0. Text is read as in a file,
        unless text is what belongs there.
    model : type of BaseModel
        What the tree is to become.

    Returns
    -------
    Setting
    """
    setting = Setting(copy.deepcopy(tree))
    for path, value in values.items():
        try:
            where = _Walk(setting.tree, term_of(model)).set(path, value)
            setting.touched[where] = path
        except _Wrong as wrong:
            setting.wrong.append((path, str(wrong)))
    return setting


class _Walk:
    """One way down a tree."""

    def __init__(self, tree: dict[str, Any], root: Term) -> None:
        self.tree = tree
        self.node: Any = tree
        self.term = root
        self.where: Where = ()

    def set(self, path: str, value: Any) -> Where:
        rest = path.strip()
        if not rest:
            raise _Wrong("the path is empty; one is, for example, behaviour.search_cost.pull")
        while True:
            step, rest = self.next_step(rest)
            if not rest:
                return self.put(step, value)
            self.descend(step)

    def next_step(self, rest: str) -> tuple[str | int | Where, str]:
        """Take the first step off a path: a key, a number in a list, or a place that a name stands for."""
        named = self.named()
        inside = re.match(r"\[(.*?)\]", rest)
        # a name may hold dots: the longest that fits is meant
        fits = [name for name in named if rest == name or (rest.startswith(name) and rest[len(name)] in ".[")]
        free = self.term.kind == "mapping" and self.term.below[0].kind in _LEAVES
        if fits:
            word = max(fits, key=len)
        elif inside:
            word = inside[0]
        else:
            word = rest if free else re.split(r"[.\[]", rest, maxsplit=1)[0]
        after = rest[len(word) :]
        if after in (".", "[") or after.startswith(".."):
            raise _Wrong(f"nothing stands after the dot in {rest!r}")
        numbered = inside is not None and not fits  # [2] is the third, whatever is named 2
        return self.step(word[1:-1] if numbered else word, named, free, numbered), after.removeprefix(".")

    def named(self) -> dict[str, Where]:
        """The places that names stand for here."""
        if self.term.kind == "mapping":
            return {key: (*self.where, key) for key in self.node}
        if self.term.kind != "list":
            return {}
        found: dict[str, Where] = {}
        if self.where == ("sellers",):
            pairs = [(member.name, member.where) for member in members(self.tree)]
        else:
            pairs = [(name_of(one), (*self.where, at)) for at, one in enumerate(self.node)]
            if self.where == ("events",):  # after the events' own names
                pairs += [(name_of(part(one, "enter")), (*self.where, at)) for at, one in enumerate(self.node)]
        for name, where in pairs:
            if name is not None:
                found.setdefault(name, where)
        return found

    def step(self, word: str, named: dict[str, Where], free: bool, numbered: bool) -> str | int | Where:
        noun = _ONE.get(str(self.where[-1]), "entry") if self.where else "parameter"
        if word in named and not numbered:
            return named[word]
        if self.term.kind == "list":
            if not word.isdecimal() or len(word) > 6:
                listed = f" ({', '.join(named)})" if 0 < len(named) <= 12 else ""
                raise _Wrong(f"no {noun} {word!r}{did_you_mean(word, named)}{listed}")
            if int(word) >= len(self.node):
                raise _Wrong(f"no {noun} {word}; there are {len(self.node)}, counted from 0")
            return int(word)
        if self.term.kind == "mapping":
            if not free:
                raise _Wrong(f"no {noun} {word!r}{did_you_mean(word, named)} ({', '.join(named)})")
            return word
        known = [*self.term.fields(self.node)]
        if word not in known and not (self.term.kind == "choice" and word == "kind"):
            if self.term.kind == "choice" and not known:
                raise _Wrong(f"its kind must be known first ({', '.join(self.term.kinds())})")
            listed = f" ({', '.join(known)})" if 0 < len(known) <= 12 else ""
            raise _Wrong(f"no parameter {word!r}{did_you_mean(word, known)}{listed}")
        return word

    def descend(self, step: str | int | Where) -> None:
        """Go down to what a step leads to, making what the file left to its default."""
        if isinstance(step, tuple):
            below = self.term.below[0]
            # a seller may stand among the events
            self.where, self.node, self.term = step, part(self.tree, *step), below
            if not isinstance(self.node, (dict, list)):
                raise _Wrong(f"{described(self.node)} stands there; nothing can be set below it")
            return
        term = self.term.child(step, self.node)
        if term is None or term.kind in _LEAVES:
            raise _Wrong(f"nothing stands below {step!r}")
        child = self.node[step] if isinstance(step, int) else self.node.get(step)
        if child is None:
            field_info = self.term.fields(self.node).get(str(step))
            child = _opened(str(step), term, field_info)
        elif figure(child) is not None and term.kind == "pair":
            child = {"push": child, "pull": child}
        elif figure(child) is not None and (short := term.shorthand()):
            child = {"kind": short[0].model_fields["kind"].default, short[2]: child}
        if not isinstance(child, list if term.kind == "list" else dict):
            raise _Wrong(f"{described(child)} stands at {step!r}; nothing can be set below it")
        self.node[step] = child
        self.node, self.term, self.where = child, term, (*self.where, step)

    def put(self, step: str | int | Where, value: Any) -> Where:
        """Set the value that the last step leads to."""
        if isinstance(step, tuple):
            self.term = self.term.below[0]
            holder, key = part(self.tree, *step[:-1]), step[-1]
            holder[key] = _value(value, self.term)
            return step
        term = self.term.child(step, self.node)
        kind_before = self.node.get("kind") if step == "kind" else None
        self.node[step] = _value(value, term)
        if step == "kind" and self.node[step] != kind_before:
            # another kind keeps of its predecessor what it has itself
            kept = self.term.fields(self.node)
            for key in [key for key in self.node if kept and key not in kept]:
                del self.node[key]
        return (*self.where, step)


def _opened(step: str, term: Term, field_info: FieldInfo | None) -> Any:
    """What stands at a key that the file leaves out, as far as a value below it needs it."""
    default = field_info.get_default(call_default_factory=True) if field_info is not None else None
    if term.kind == "choice":
        if not isinstance(default, BaseModel):
            raise _Wrong(f"its kind must be known first ({', '.join(term.kinds())})")
        return {"kind": written(default)["kind"]}
    if term.kind == "mapping":
        return {key: written(one) for key, one in default.items()} if isinstance(default, dict) else {}
    if term.kind == "list":
        return []
    if term.kind == "record" and default is None:
        needed = [name for name, one in term.fields({}).items() if one.is_required()]
        if needed:
            raise _Wrong(f"there is no {step!r} there")
    return {}


def _value(value: Any, term: Term | None) -> Any:
    if not isinstance(value, str):
        return plain(value)
    if term is not None and term.kind in ("text", "word"):
        return value
    found, message = read_value(value)
    if message:
        raise _Wrong(f"{described(value)} cannot be read: {message}")
    return found
