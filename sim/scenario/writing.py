"""From a scenario to plain values and to YAML that people read."""

from __future__ import annotations

import re
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.scenario.scalars import FLOAT, WHOLE
from sim.scenario.sellers import Seller
from sim.strategies.policy import Policy

__all__ = ["plain_value", "to_yaml", "written"]

_FIRST = ("name", "seller", "strategy")  # of a seller or a change, before its parameters
_INLINE = 88  # a mapping or list of plain values up to this width stands in one line
_WIDTH = 110


def written(model: BaseModel, *, brief: bool = False) -> dict[str, Any]:
    """All values of a model, in the order of the schema.

    What is not there (the verbs that an event does not use, what a segment does not override) is
    left out.

    Parameters
    ----------
    model : BaseModel
    brief : bool
        Leave out also what is empty or nothing by default.
    """
    fields = type(model).model_fields
    order = sorted(fields, key=lambda name: (name not in _FIRST, _FIRST.index(name) if name in _FIRST else 0))
    tree: dict[str, Any] = {}
    for name in order if isinstance(model, Policy) else fields:
        value = plain_value(getattr(model, name), brief=brief)
        default = _default(fields[name]) if value in (None, [], {}, "") else value
        if value is None and default is None and (brief or not isinstance(model, Seller)):
            continue
        if brief and value in ([], {}, "") and default == value:
            continue
        tree[name] = value
    return tree


def _default(field: FieldInfo) -> Any:
    """What a key stands for if it is left out; pydantic's own way reads the factory's signature each time."""
    return field.default if field.default_factory is None else field.default_factory()  # type: ignore[call-arg]


def plain_value(value: Any, *, brief: bool = False) -> Any:
    """A value with the models in it written out."""
    if isinstance(value, BaseModel):
        return written(value, brief=brief)
    if isinstance(value, dict):
        return {key: plain_value(child, brief=brief) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_value(child, brief=brief) for child in value]
    return value


def to_yaml(tree: dict[str, Any]) -> str:
    """Write a tree of plain values as YAML.

    Parameters
    ----------
    tree : dict

    Returns
    -------
    str
        Sections one below the other, with a blank line before each that takes more than a line.
    """
    blocks = [
        yaml.dump(
            _Block({key: value}),
            Dumper=_Writer,
            sort_keys=False,
            allow_unicode=True,
            width=_WIDTH,
            default_flow_style=False,
        )
        for key, value in tree.items()
    ]
    text = ""
    for block, before in zip(blocks, ["", *blocks], strict=False):
        apart = before and (block.count("\n") > 1 or before.count("\n") > 1)
        text += f"\n{block}" if apart else block
    return text


class _Block(dict[str, Any]):
    """A mapping that stands in lines of its own."""


class _Writer(yaml.SafeDumper):
    """Writes what fits into a line in a line, and never an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal values out each time."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Set the items of a list in from the key above."""
        super().increase_indent(flow, False)


def _mapping(writer: _Writer, tree: dict[str, Any]) -> yaml.Node:
    node = writer.represent_mapping("tag:yaml.org,2002:map", tree.items())
    node.flow_style = _fits(node)
    return node


def _list(writer: _Writer, values: list[Any]) -> yaml.Node:
    node = writer.represent_sequence("tag:yaml.org,2002:seq", values)
    node.flow_style = _fits(node)
    return node


def _fits(node: Any) -> bool:
    parts = [part for one in node.value for part in (one if isinstance(one, tuple) else (one,))]
    return (
        all(isinstance(part, yaml.ScalarNode) for part in parts)
        and sum(len(part.value) + 2 for part in parts) <= _INLINE
    )


_Writer.add_representer(_Block, lambda writer, tree: writer.represent_mapping("tag:yaml.org,2002:map", tree.items()))
_Writer.add_representer(dict, _mapping)
_Writer.add_representer(list, _list)
# text that our own reader takes for a number must be quoted, as what YAML 1.1 readers take for one is already
_Writer.add_implicit_resolver("!number", re.compile(f"(?:{WHOLE.pattern}|{FLOAT.pattern})$"), list("+-.0123456789"))
