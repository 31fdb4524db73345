"""From pydantic's errors to findings: a place in the file's own terms, and plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.scenario.mistakes import Finding, ScenarioError, Where, described, did_you_mean, nearest
from sim.scenario.scalars import scalar
from sim.scenario.terms import Term, term_of

__all__ = ["findings", "plain"]

_SHORT, _LISTED = 8, 16  # keys that are listed beside a near word, and without one
_HINTED = 200  # beyond so many mistakes, looking for near words only costs time
_YES_NO = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def plain(value: Any) -> Any:
    """A tree of plain values: models written out, tuples as lists, numpy's numbers as Python's."""
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if isinstance(value, Mapping):
        return {str(key): plain(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(child) for child in value]
    if hasattr(value, "dtype") and hasattr(value, "item") and getattr(value, "shape", None) == ():
        return value.item()
    return value


def findings(error: ValidationError, model: type[BaseModel], tree: Any) -> Iterator[Finding]:
    """Say what pydantic found, once for each place.

    Parameters
    ----------
    error : ValidationError
    model : type of BaseModel
        What the tree was validated as.
    tree : dict
        What was validated, as plain values.

    Yields
    ------
    place : tuple
        In the tree; of a missing key, the mapping that lacks it.
    message : str
    """
    told: set[Where] = set()
    errors = error.errors(include_url=False)
    meant = _meant(errors, model, tree) if len(errors) < _HINTED else set()
    for number, one in enumerate(errors):
        inner = one.get("ctx", {}).get("error")
        if isinstance(inner, ScenarioError):
            yield from (Finding(mistake.place, mistake.message, mistake.at_key) for mistake in inner.mistakes)
            continue
        spot = _reached(one["loc"], term_of(model), tree)
        if one["type"] == "missing" and (spot.where, one["loc"][-1]) in meant:
            continue  # it is there, with a slip in its name
        if one["type"] == "missing":
            yield Finding(spot.where, _missing(str(one["loc"][-1]), spot))
        elif one["type"] in ("extra_forbidden", "invalid_key"):
            yield Finding(spot.where, _unknown(str(one["loc"][-1]), spot, hint=number < _HINTED), at_key=True)
        elif spot.where not in told:
            told.add(spot.where)
            yield _told(one["type"], str(inner or one["msg"]), spot, key=one["loc"][-1:] == ("[key]",))


def _meant(errors: list[ErrorDetails], model: type[BaseModel], tree: Any) -> set[tuple[Where, str | None]]:
    """The keys that unknown keys were probably meant to be, each with the place of its mapping."""
    unknown = [_reached(one["loc"], term_of(model), tree) for one in errors if one["type"] == "extra_forbidden"]
    return {
        (spot.where[:-1], nearest(str(spot.where[-1]), spot.above.term.fields(spot.above.value)))
        for spot in unknown
        if spot.above is not None and spot.above.term is not None
    }


@dataclass(frozen=True, slots=True)
class _Spot:
    """As far as a location of pydantic's leads in the tree."""

    where: Where = ()
    term: Term | None = None
    value: Any = None
    above: _Spot | None = None


def _reached(location: tuple[int | str, ...], root: Term, tree: Any) -> _Spot:
    """Follow a location; steps that name no place in the tree (tags of a union) are left out."""
    spot = _Spot((), root, tree)
    tag_due = root.kind == "choice"
    for step in location:
        if tag_due and isinstance(spot.value, dict):  # pydantic names the member of the union first
            tag_due = False
            continue
        inside = (isinstance(spot.value, dict) and step in spot.value) or (
            isinstance(spot.value, list) and isinstance(step, int) and step < len(spot.value)
        )
        if not inside:
            break
        term = spot.term.child(step, spot.value) if spot.term else None
        spot = _Spot((*spot.where, step), term, spot.value[step], spot)
        tag_due = term is not None and term.kind == "choice"
    return spot


def _told(kind: str, said: str, spot: _Spot, *, key: bool) -> Finding:
    """The finding for an error that is neither a missing nor an unknown key."""
    term = spot.term
    if key and spot.above is not None and spot.above.term is not None:
        wrong = f"must be {spot.above.term.keys_expected()}, not {described(str(spot.where[-1]))}"
        return Finding(spot.where, wrong, at_key=True)
    if kind == "union_tag_invalid" and term is not None:
        return Finding((*spot.where, "kind"), _no_such_word(spot.value["kind"], term.kinds()))
    return Finding(spot.where, _unfit(kind, said, spot))


def _unfit(kind: str, said: str, spot: _Spot) -> str:
    """Message for a value that does not fit its place."""
    term = spot.term
    if kind == "value_error" or term is None or term.kind == "other":
        return said
    if kind == "union_tag_not_found":
        return f"'kind' is missing ({', '.join(term.kinds())})"
    if term.kind == "nothing" and spot.above is not None and spot.above.term is not None:
        return spot.above.term.fields(spot.above.value)[str(spot.where[-1])].description or "leave it out"
    if kind in ("too_short", "too_long") and not isinstance(spot.value, str):
        limit = f"at least {term.fewest}" if kind == "too_short" else f"at most {term.most}"
        return f"must have {limit} {'entry' if limit.endswith(' 1') else 'entries'}, not {len(spot.value)}"
    if term.kind == "word":
        return _no_such_word(spot.value, term.words)
    if kind == "string_too_long":
        return f"must be at most {term.most} characters long, not {len(spot.value)}"
    return f"must be {term.expected()}, not {described(spot.value)}{_hint(term, spot)}"


def _no_such_word(value: Any, words: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        return f"must be one of {', '.join(words)}, not {described(value)}"
    return f"{described(value)} is none of {', '.join(words)}{did_you_mean(value, words)}"


def _missing(key: str, spot: _Spot) -> str:
    """Message for a key that is not there, with what it stands for."""
    term = spot.term.child(key, spot.value) if spot.term else None
    if term is not None and term.kind == "word":
        return f"{key!r} is missing ({', '.join(term.words)})"
    field = spot.term.fields(spot.value).get(key) if spot.term else None
    meaning = f" ({field.description})" if field is not None and field.description else ""
    return f"{key!r} is missing{meaning}"


def _unknown(key: str, spot: _Spot, *, hint: bool) -> str:
    """Message for a key that has no meaning where it stands."""
    above = spot.above
    known = list(above.term.fields(above.value)) if above is not None and above.term is not None else []
    near = did_you_mean(key, known) if hint else ""
    listed = f" (keys here: {', '.join(known)})" if 0 < len(known) <= (_SHORT if near else _LISTED) else ""
    return f"there is no such key here{near}{listed}"


def _hint(term: Term, spot: _Spot) -> str:
    """What would be right, if what was meant can be guessed."""
    value = spot.value
    if value is None and spot.above is not None and spot.above.term is not None:
        field = spot.above.term.fields(spot.above.value).get(str(spot.where[-1]))
        return "; leave the key out to keep its default" if field is not None and not field.is_required() else ""
    if term.kind == "text" and isinstance(value, (int, float)):
        return "; put it in quotes"
    if term.kind == "whole" and isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"; write {int(value)}"
    if not isinstance(value, str):
        return ""
    if term.kind == "truth" and value.lower() in _YES_NO:
        return f"; write {_YES_NO[value.lower()]}"
    if term.kind in ("number", "whole", "pair") and re.fullmatch(r"[-+]?[0-9.,_]{1,20}\s*%?", value):
        return _number_meant(value)
    return ""


def _number_meant(text: str) -> str:
    """The hint for a number that is written as text: in quotes, with a comma, as a percentage."""
    try:
        figure = scalar(text.rstrip("% ").replace(",", ".", 1).lstrip("+0") or "0")
    except ValueError:
        return ""
    if isinstance(figure, str) or not isinstance(figure, (int, float)):
        return ""
    return f"; write {figure / 100:g}" if text.endswith("%") else f"; write {figure}, without quotes"
