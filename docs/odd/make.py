"""Write the tables of docs/odd.md from the schema, the columns and the catalogue.

    python docs/odd/make.py

The text of the page is written by hand; what stands between a pair of marks comes from here, and
`tests/doors/test_odd.py` fails when the two have drifted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim import strategies
from sim.columns import Buyers, Pairs, Sellers, columns_of
from sim.scenario import Scenario
from sim.scenario.behaviour import Behaviour
from sim.scenario.terms import Term, kind_of, term_of
from sim.strategies import Policy

PAGE = Path(__file__).parent.parent / "odd.md"
BUILT_IN = ("relationship-reliant", "hard-sell", "collaborative", "transactional", "innovator")
OPENING = ("quality", "price", "unit_cost", "overclaim", "opening_relationship", "opening_skill")

HEAD = ["key", "meaning [unit]", "default", "allowed"]


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in [head, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def state() -> str:
    """Tables of the state variables."""
    groups = (("A buyer", Buyers), ("A buyer and a seller", Pairs), ("A seller", Sellers))
    parts = []
    for title, group in groups:
        rows = [[f"`{name}`", one.meaning, one.unit, one.dtype] for name, one in columns_of(group).items()]
        parts.append(f"**{title}**\n\n" + table(["variable", "meaning", "unit", "kept as"], rows))
    return "\n\n".join(parts)


def behaviour() -> str:
    """Table of what buyers do: both endpoints, ranges, group, source."""
    rows = []
    for name, field in Behaviour.model_fields.items():
        extra: Any = field.json_schema_extra
        low, high = extra["range"]
        rows.append(
            [
                extra["symbol"],
                f"`{name}`",
                field.description.rsplit(" [", 1)[0] if field.description else "",
                extra["unit"],
                f"{field.default.push:g}",
                f"{field.default.pull:g}",
                "" if low is None else f"{low:g} to {high:g}",
                allowed(term_of(field).below[0]),
                extra["group"] or "always",
                extra["source"],
            ]
        )
    head = ["", "parameter", "meaning", "unit", "push", "pull", "usual", "allowed", "turns with", "source"]
    return table(head, rows)


def terms() -> str:
    """Tables of everything else that a scenario may hold, one a record of the schema."""
    parts = []
    for where, kind, model in records(Scenario, ""):
        rows = [
            [f"`{name}`", (field.description or "").replace("<", "&lt;"), default(field), allowed(term_of(field))]
            for name, field in model.model_fields.items()
            if name not in Behaviour.model_fields and name != "kind"
        ]
        about = (model.__doc__ or "").strip().split("\n\n")[0]
        about = re.sub(r" \(model [^)]*\)", "", about).replace("\n    ", " ")
        named = f"`{where or 'scenario'}`" + (f", kind `{kind}`" if kind else "")
        parts.append(f"**{named}** – {about}" + (f"\n\n{table(HEAD, rows)}" if rows else ""))
    return "\n\n".join(parts)


def templates() -> str:
    """Table of the strategies' templates."""
    policies = [strategies.find(name) for name in BUILT_IN]
    efforts = list(type(policies[0].model_fields["effort"].default).model_fields)
    rows = [
        [f"`{name}`", *(f"{getattr(policy.model_fields['effort'].default, name):g}" for policy in policies)]
        for name in efforts
    ]
    for name in (*OPENING, "opening_self_service", "stubbornness"):
        values = [policy.model_fields[name].default for policy in policies]
        rows.append([f"`{name}`", *("fixed point" if one is None else f"{one:g}" for one in values)])
    return table(["parameter", *BUILT_IN], rows)


def records(model: type[BaseModel], where: str, kind: str = "") -> Iterator[tuple[str, str, type[BaseModel]]]:
    """The records of the schema from the scenario down: place in a file, kind where there are several, model."""
    yield where, kind, model
    for name, field in model.model_fields.items():
        if name not in Behaviour.model_fields and name != "behaviour":
            yield from _below(term_of(field), f"{where}.{name}" if where else name)


def _below(term: Term, where: str) -> Iterator[tuple[str, str, type[BaseModel]]]:
    in_event = where.startswith("events")  # its sellers and schedules are told elsewhere
    if term.kind in ("list", "mapping"):
        yield from _below(term.below[0], f"{where}[]" if term.kind == "list" else f"{where}.NAME")
    elif term.kind == "choice" and not in_event:
        for model in term.models:
            yield from records(model, where, kind_of(model))
    elif term.kind == "record" and not (in_event and issubclass(term.models[0], Policy)):
        yield from records(term.models[0], where)


def default(field: FieldInfo) -> str:
    """The default of a field in a few words."""
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return f"`{value.kind}`" if "kind" in type(value).model_fields else "below"  # type: ignore[attr-defined]
    if value is None or value in ([], ""):
        return "none"
    if isinstance(value, dict):
        return ", ".join(f"`{name}`" for name in value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def allowed(term: Term) -> str:
    """What may stand at a place, shorter than in a message."""
    if term.kind in ("number", "whole"):
        return _limits(term)
    if term.kind == "record":
        return "see there"
    if term.kind == "choice":
        return f"one of {', '.join(term.kinds())}"
    if term.kind == "list" and term.below[0].kind in ("record", "choice"):
        return "a list, see there"
    if term.kind == "mapping" and term.below[0].kind == "record":
        return "names, see there"
    return term.expected()


def _limits(term: Term) -> str:
    noun = "" if term.kind == "number" else "even" if term.multiple == 2 else "whole"
    if term.low is not None and term.high is not None:
        limits = [f"{_figure(term.low)} to {_figure(term.high)}"]
    else:
        signs = ((">", term.above), ("≥", term.low), ("≤", term.high), ("<", term.under))
        limits = [f"{sign} {_figure(limit)}" for sign, limit in signs if limit is not None]
    return ", ".join([noun, *limits] if noun else limits) or "any number"


def _figure(limit: float) -> str:
    return f"{limit:,}" if isinstance(limit, int) else f"{limit:g}"


TABLES = {"state": state, "behaviour": behaviour, "templates": templates, "terms": terms}


def filled(text: str) -> str:
    """A page with what stands between the marks written anew.

    Raises
    ------
    ValueError
        If a pair of marks is missing.
    """
    for name, make in TABLES.items():
        start, end = f"<!-- {name}: written by docs/odd/make.py -->", f"<!-- end of {name} -->"
        inside = f"{start}\n\n{make()}\n\n{end}"
        text, found = re.subn(f"{re.escape(start)}.*?{re.escape(end)}", lambda _, new=inside: new, text, flags=re.S)
        if found != 1:
            raise ValueError(f"the marks of {name!r} are there {found} times")
    return text


def main() -> None:
    """Read, fill, write."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
