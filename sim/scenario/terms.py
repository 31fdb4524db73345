"""What may stand at each place of a scenario, in words: read off the pydantic schema.

A `Term` is one place of the schema. It says in plain words what it expects, and leads to the terms
below it; messages, paths for `--set` and the JSON Schema follow it, so that none of them repeats
the schema.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim import strategies
from sim.scenario.behaviour import Pair
from sim.scenario.names import NAMES_IN_WORDS
from sim.scenario.sellers import Change, Seller, change_model, seller_model
from sim.strategies.policy import Policy

__all__ = ["Meant", "Term", "term_of"]

Kind = Literal[
    "record",
    "choice",
    "pair",
    "mapping",
    "list",
    "number",
    "whole",
    "text",
    "truth",
    "word",
    "either",
    "nothing",
    "other",
]
_PLAIN: dict[type, Kind] = {float: "number", int: "whole", str: "text", bool: "truth"}


@dataclass(frozen=True)
class Meant:
    """What may stand at a place that is annotated as `Any`, since another room checks it: for editors and messages.

    Attributes
    ----------
    annotation : annotation
    """

    annotation: Any


@dataclass(frozen=True)
class Term:
    """One place of the schema.

    Attributes
    ----------
    kind : str
        record (a model), choice (one of several models, by its key `kind`), pair (push and pull),
        mapping (free names), list, number, whole (number), text, truth, word (one of some), either;
        nothing for a key that must be left out, other for what only a strategy of the user's own may hold.
    models : tuple of type
        The model of a record, those of a choice.
    below : tuple of Term
        The number of a pair, the items of a list, the values of a mapping, the parts of an either.
    words : tuple of str
        The words of a word.
    optional : bool
        May be nothing (null).
    low, high, above, under, multiple : float or None
        Limits: at least, at most, above, below, a multiple of.
    fewest, most : int or None
        Limits of the length of a list, mapping or text.
    pattern : str or None
        Pattern of a text or, for a mapping, of its keys.
    """

    kind: Kind
    models: tuple[type[BaseModel], ...] = ()
    below: tuple[Term, ...] = ()
    words: tuple[str, ...] = ()
    optional: bool = False
    low: float | None = None
    high: float | None = None
    above: float | None = None
    under: float | None = None
    multiple: float | None = None
    fewest: int | None = None
    most: int | None = None
    pattern: str | None = None

    def expected(self) -> str:
        """What may stand here, in words: "a number between 0 and 1"."""
        if self.kind in ("number", "whole"):
            noun = (
                "a number"
                if self.kind == "number"
                else "an even whole number"
                if self.multiple == 2
                else "a whole number"
            )
            return f"{noun}{self._limits()}"
        if self.kind == "pair":
            return f"{self.below[0].expected()}, or a pair {{push: ..., pull: ...}}"
        if self.kind == "word":
            return self.words[0] if len(self.words) == 1 else f"one of {', '.join(self.words)}"
        if self.kind == "either":
            return " or ".join(one.expected() for one in self.below)
        if self.kind == "choice":
            short = self.shorthand()
            mapping = f"a mapping with 'kind' ({', '.join(self.kinds())})"
            return f"{short[1].expected()}, or {mapping}" if short else mapping
        if self.kind == "text":
            return _text(self.pattern)
        if self.kind == "list":
            length = f" of {self.fewest}" if self.fewest == self.most and self.most else ""
            items = {"number": " numbers", "word": " words"}.get(self.below[0].kind, " entries" if length else "")
            return f"a list{length}{items}" if length else f"a list{' of' + items if items else ''}"
        return {"truth": "true or false"}.get(self.kind, "a mapping")

    def keys_expected(self) -> str:
        """What the keys of a mapping with free names must be, in words."""
        return _text(self.pattern)

    def _limits(self) -> str:
        if self.low is not None and self.high is not None:
            return f" between {_figure(self.low)} and {_figure(self.high)}"
        parts = []
        for word, limit in (
            ("above", self.above),
            ("of at least", self.low),
            ("of at most", self.high),
            ("below", self.under),
        ):
            if limit is not None:
                parts.append(f"{word} {_figure(limit)}")
        return f" {' and '.join(parts)}" if parts else ""

    def model(self, value: Any) -> type[BaseModel] | None:
        """The model that a value is checked against; None if the value does not tell."""
        if self.kind == "choice":
            if not isinstance(value, dict):
                return None
            return next((one for one in self.models if kind_of(one) == value.get("kind")), None)
        if self.kind != "record":
            return None
        model = self.models[0]
        if issubclass(model, (Seller, Change)) and isinstance(value, dict):
            policy = strategies.catalogue().get(str(value.get("strategy")))
            if policy is not None:
                return seller_model(policy) if issubclass(model, Seller) else change_model(policy)
        return model

    def fields(self, value: Any) -> dict[str, FieldInfo]:
        """The keys that may stand in a value here; empty if the value does not tell, or names are free."""
        if self.kind == "pair":
            return dict(self.models[0].model_fields)
        model = self.model(value)
        return dict(model.model_fields) if model else {}

    def child(self, step: str | int, value: Any) -> Term | None:
        """The term one step below; None if there is none."""
        if self.kind in ("list", "mapping"):
            return self.below[0] if isinstance(step, int) == (self.kind == "list") else None
        if self.kind == "choice" and step == "kind":
            return Term("word", words=self.kinds())
        if step == "strategy" and self.models and issubclass(self.models[0], Policy):
            return Term("word", words=tuple(strategies.catalogue()))
        field = self.fields(value).get(str(step))
        return term_of(field) if field is not None else None

    def kinds(self) -> tuple[str, ...]:
        """The kinds of a choice."""
        return tuple(kind_of(one) for one in self.models)

    def shorthand(self) -> tuple[type[BaseModel], Term, str] | None:
        """For a choice that a bare number stands for: the model, the number's term, its key."""
        for model in self.models:
            key = getattr(model, "shorthand", None)
            if isinstance(key, str):
                return model, term_of(model.model_fields[key]), key
        return None


def _text(pattern: str | None) -> str:
    return NAMES_IN_WORDS.get(pattern, f"text that matches {pattern}") if pattern else "text"


def _figure(number: float) -> str:
    return f"{number:g}" if number != int(number) or abs(number) < 1e5 else f"{int(number):,}"


def kind_of(model: type[BaseModel]) -> str:
    """The `kind` that a model of a choice answers to."""
    return str(get_args(model.model_fields["kind"].annotation)[0])


def term_of(annotation: Any) -> Term:
    """Read a term off a pydantic field, a model, or an annotation."""
    if isinstance(annotation, FieldInfo):
        return _limited(term_of(annotation.annotation), annotation.metadata)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _limited(term_of(arguments[0]), arguments[1:])
    if origin in (Union, types.UnionType):
        return _of_union([term_of(one) for one in arguments if one is not type(None)], type(None) in arguments)
    if origin is Literal:
        return Term("word", words=tuple(map(str, arguments)))
    if origin is list:
        return Term("list", below=(term_of(arguments[0]),))
    if origin is dict:
        return Term("mapping", below=(term_of(arguments[1]),), pattern=term_of(arguments[0]).pattern)
    if annotation in _PLAIN:
        return Term(_PLAIN[annotation])
    if isinstance(annotation, type) and issubclass(annotation, Pair):
        return Term("pair", models=(annotation,), below=(term_of(annotation.model_fields["push"]),))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Term("record", models=(annotation,))
    return Term("nothing" if annotation in (None, type(None)) else "other")


def _of_union(parts: list[Term], optional: bool) -> Term:
    if len(parts) == 1:
        return replace(parts[0], optional=parts[0].optional or optional)
    if all(one.kind == "record" and "kind" in one.models[0].model_fields for one in parts):
        return Term("choice", models=tuple(one.models[0] for one in parts), optional=optional)
    return Term("either", below=tuple(parts), optional=optional)


def _limited(term: Term, metadata: Any) -> Term:
    limits: dict[str, Any] = {}
    for one in _flat(metadata):
        if isinstance(one, Meant):
            term = replace(term_of(one.annotation), optional=term.optional)
        for said, meant in (
            ("ge", "low"),
            ("le", "high"),
            ("gt", "above"),
            ("lt", "under"),
            ("multiple_of", "multiple"),
            ("min_length", "fewest"),
            ("max_length", "most"),
            ("pattern", "pattern"),
        ):
            value = getattr(one, said, None)
            if value is not None:
                limits[meant] = value
    return replace(term, **limits) if limits else term


def _flat(metadata: Any) -> Iterator[Any]:
    for one in metadata:
        yield from _flat(one.metadata) if isinstance(one, FieldInfo) else (one,)
