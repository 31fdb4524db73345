"""The JSON Schema of a scenario file, for editors, with the strategies that are there now."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim import strategies
from sim.scenario.names import LABEL, LABEL_FOR_EDITORS
from sim.scenario.sellers import VERBS, Change, Event, Seller, change_model, seller_model
from sim.scenario.terms import Term, kind_of, term_of
from sim.scenario.writing import plain_value

__all__ = ["json_schema_of"]

_BOUNDS = {"low": "minimum", "high": "maximum", "above": "exclusiveMinimum", "under": "exclusiveMaximum"}


def json_schema_of(*models: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the files from which a model, or one of several, is made.

    Parameters
    ----------
    models : type of BaseModel
        Several are told apart by their `kind`.

    Returns
    -------
    dict
        With one definition a model; a seller is one of the strategies in the catalogue.
    """
    schema = _Schema()
    root = schema.record(models[0]) if len(models) == 1 else schema.of(Term("choice", models=models))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **root,
        "$defs": dict(sorted(schema.definitions.items())),
    }


class _Schema:
    """Collects the definitions that the schema refers to."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}
        self.names: dict[type[BaseModel], str] = {}

    def of(self, term: Term) -> dict[str, Any]:
        """Schema of what may stand at a place."""
        shape = self._shape(term)
        return {"anyOf": [shape, {"type": "null"}]} if term.optional else shape

    def _shape(self, term: Term) -> dict[str, Any]:
        if term.kind in ("number", "whole"):
            bounds = {said: getattr(term, name) for name, said in _BOUNDS.items() if getattr(term, name) is not None}
            multiple = {"multipleOf": term.multiple} if term.multiple is not None else {}
            return {"type": "number" if term.kind == "number" else "integer", **bounds, **multiple}
        if term.kind == "text":
            return {"type": "string", **_text_limits(term)}
        if term.kind == "truth":
            return {"type": "boolean"}
        if term.kind == "word":
            return {"enum": list(term.words)}
        if term.kind == "nothing":
            return {"type": "null"}
        if term.kind == "either":
            return {"anyOf": [self.of(one) for one in term.below]}
        if term.kind == "pair":
            number = self.of(term.below[0])
            pair = {"push": {"title": "Push", **number}, "pull": {"title": "Pull", **number}}
            return {"anyOf": [number, _object("Push and pull", pair, minProperties=1)]}
        if term.kind in ("list", "mapping"):
            return self._collection(term)
        if term.kind == "choice":
            return self._choice(term)
        return self._reference(term.models[0]) if term.kind == "record" else {}

    def _collection(self, term: Term) -> dict[str, Any]:
        noun = "Items" if term.kind == "list" else "Properties"
        limits = {f"min{noun}": term.fewest, f"max{noun}": term.most}
        given = {key: limit for key, limit in limits.items() if limit is not None}
        below = self.of(term.below[0])
        if term.kind == "list":
            return {"type": "array", "items": below, **given}
        names = {"propertyNames": {"pattern": term.pattern}} if term.pattern else {}
        return {"type": "object", "additionalProperties": below, **names, **given}

    def _choice(self, term: Term) -> dict[str, Any]:
        members = {kind_of(model): self._reference(model) for model in term.models}
        short = term.shorthand()
        one_of = [self.of(short[1])] if short else []
        return {"oneOf": [*one_of, *members.values()]}

    def _reference(self, model: type[BaseModel]) -> dict[str, Any]:
        if model not in self.names:
            name = model.__name__.lstrip("_")
            while name in self.names.values():  # strategies of the user's own may be named alike
                name += "_"
            self.names[model] = name  # taken, in case it refers to itself
            by_strategy = {Seller: seller_model, Change: change_model}.get(model)
            if by_strategy is None:
                self.definitions[name] = self.record(model)
            else:
                policies = strategies.catalogue().values()
                title = "A seller" if model is Seller else "A change of course"
                self.definitions[name] = {
                    "title": title,
                    "oneOf": [self._reference(by_strategy(policy)) for policy in policies],
                }
            if model is Event:
                self.definitions[name]["oneOf"] = [{"required": [verb]} for verb in VERBS]
        return {"$ref": f"#/$defs/{self.names[model]}"}

    def record(self, model: type[BaseModel]) -> dict[str, Any]:
        """Schema of a model's mapping."""
        term = Term("record", models=(model,))
        properties: dict[str, Any] = {}
        needed: list[str] = []
        for name, field in model.model_fields.items():
            fixed = name if name == "kind" or (name == "strategy" and field.default) else None
            properties[name] = {"title": _title(name), **_description(field), **self._property(term, field, fixed)}
            if fixed or field.is_required():
                needed.append(name)
        title = next(
            (field.default for name, field in model.model_fields.items() if name in ("kind", "strategy")), None
        )
        about = (model.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
        named = title if isinstance(title, str) else _title(model.__name__.lstrip("_"))
        return _object(named, properties, description=about, **({"required": needed} if needed else {}))

    def _property(self, term: Term, field: FieldInfo, fixed: str | None) -> dict[str, Any]:
        if fixed:
            return {"const": field.default}
        default = plain_value(field.get_default(call_default_factory=True)) if not field.is_required() else None
        return {**self.of(term_of(field)), **({} if default is None else {"default": default})}


def _object(title: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": title, "type": "object", "properties": properties, "additionalProperties": False, **more}


def _text_limits(term: Term) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if term.most is not None:
        limits["maxLength"] = term.most
    if term.fewest is not None:
        limits["minLength"] = term.fewest
    if term.pattern is not None:
        limits["pattern"] = LABEL_FOR_EDITORS if term.pattern == LABEL else term.pattern
    return limits


def _title(name: str) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _description(field: FieldInfo) -> dict[str, Any]:
    """What a parameter means, with its unit and, where one is known, its usual range."""
    if not field.description:
        return {}
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    usual = extra.get("range")
    known = isinstance(usual, list) and None not in usual
    return {"description": field.description + (f"; usually {usual[0]} to {usual[1]}" if known else "")}  # type: ignore[index]
