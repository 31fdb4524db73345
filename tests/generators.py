"""Hypothesis strategies for scenarios: valid ones, as trees of plain values, and spoilt ones.

Values are drawn from the schema itself (`sim.scenario.terms`), so that a parameter that is added
later is covered without a change here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import strategies as st
from pydantic import BaseModel

from sim.scenario import MAX_SELLERS, Behaviour, Piecewise, Range, Segment, UpAndBack
from sim.scenario.market import Economy, Knowledge, Mechanisms, Research, Selling, WordOfMouth
from sim.scenario.sellers import seller_model
from sim.scenario.terms import Term, kind_of, term_of
from sim.scenario.timeline import HORIZON
from sim.strategies import Effort, catalogue

__all__ = ["scenario_trees", "spoilt_texts", "spoilt_trees"]

Tree = dict[str, Any]
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,9}", fullmatch=True)
labels = (
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=12).map(str.strip).filter(bool)
)
fractions = st.floats(0, 1)
ticks = st.integers(0, 200)


def values(term: Term) -> st.SearchStrategy[Any]:
    """Anything that may stand at a place of the schema."""
    makers: dict[str, Callable[[Term], st.SearchStrategy[Any]]] = {
        "number": _numbers,
        "whole": _wholes,
        "text": lambda one: labels if one.pattern else st.text(max_size=20),
        "truth": lambda _: st.booleans(),
        "word": lambda one: st.sampled_from(one.words),
        "either": lambda one: st.one_of(*map(values, one.below)),
        "pair": _pairs,
        "record": lambda one: records(one.models[0]),
        "choice": lambda one: st.one_of(
            *map(records, one.models), *([values(short[1])] if (short := one.shorthand()) else [])
        ),
        "list": lambda one: st.lists(values(one.below[0]), min_size=one.fewest or 0, max_size=min(one.most or 4, 4)),
        "mapping": lambda one: st.dictionaries(names, values(one.below[0]), min_size=one.fewest or 0, max_size=3),
        "nothing": lambda _: st.none(),
    }
    return makers[term.kind](term)


def _numbers(term: Term) -> st.SearchStrategy[float | int]:
    low = term.low if term.low is not None else term.above
    high = term.high if term.high is not None else term.under
    low = -1e6 if low is None else low
    high = 1e6 if high is None else high
    floats = st.floats(low, high, exclude_min=term.above is not None, exclude_max=term.under is not None)
    whole = st.integers(math.floor(low) + 1, math.ceil(high) - 1) if math.ceil(high) - math.floor(low) > 1 else floats
    return st.one_of(floats, whole)


def _wholes(term: Term) -> st.SearchStrategy[int]:
    step = int(term.multiple or 1)
    low, high = int(term.low or 0), int(min(term.high or 1000, (term.under or 1001) - 1, 1000))
    return st.integers(-(-low // step), high // step).map(lambda number: number * step)


def _pairs(term: Term) -> st.SearchStrategy[Any]:
    number = values(term.below[0])
    endpoints = st.fixed_dictionaries({}, optional={"push": number, "pull": number}).filter(bool)
    return st.one_of(number, endpoints)


def records(model: type[BaseModel]) -> st.SearchStrategy[Tree]:
    """A mapping from which a model is made, with some of its keys left out."""
    if model is Effort:
        return _efforts()
    if model is Range:
        return st.tuples(fractions, fractions).map(sorted).map(lambda ends: {"min": ends[0], "max": ends[1]})
    if model is Piecewise:
        points = st.dictionaries(ticks, fractions, min_size=1, max_size=5).map(sorted_points)
        return points.map(lambda found: {"kind": "piecewise", "points": found})
    fields = {name: field for name, field in model.model_fields.items() if name != "kind"}
    needed = {name: values(term_of(field)) for name, field in fields.items() if field.is_required()}
    optional = {name: values(term_of(field)) for name, field in fields.items() if not field.is_required()}
    if "kind" in model.model_fields:
        needed["kind"] = st.just(kind_of(model))
    if model is UpAndBack:
        needed["midpoint"], needed["back"] = st.floats(-10, 100), st.floats(101, 200)
        optional = {name: one for name, one in optional.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=optional)


def sorted_points(points: dict[int, float]) -> list[list[float]]:
    return [[tick, share] for tick, share in sorted(points.items())]


def _efforts() -> st.SearchStrategy[Tree]:
    each = st.lists(st.integers(0, 100), min_size=6, max_size=6)
    return each.map(
        lambda parts: dict(zip(Effort.model_fields, (part / max(100, sum(parts)) for part in parts), strict=True))
    )


def shares_of(count: int) -> st.SearchStrategy[list[float]]:
    """Numbers above 0 that add up to 1."""
    weights = st.lists(st.integers(1, 100), min_size=count, max_size=count)
    return weights.map(lambda parts: [part / sum(parts) for part in parts])


@st.composite
def sellers(draw: st.DrawFn, name: str) -> Tree:
    """An entry for a seller of some strategy."""
    strategy = draw(st.sampled_from(list(catalogue())))
    fields = seller_model(catalogue()[strategy]).model_fields
    free = {key: field for key, field in fields.items() if key not in ("name", "strategy", "opening_share")}
    some = draw(st.lists(st.sampled_from(sorted(free)), max_size=4, unique=True))
    return {"name": name, "strategy": strategy, **{key: draw(values(term_of(free[key]))) for key in some}}


@st.composite
def tastes(draw: st.DrawFn, everyone: list[str]) -> Tree:
    """Tastes of each kind; tables name every seller."""
    kind = draw(st.sampled_from(["normal", "segments", "loggamma"]))
    if kind == "normal":
        return {"kind": "normal", "sd": draw(st.floats(0, 3))}
    if kind == "loggamma":
        return {"kind": "loggamma", "shape": {name: draw(st.floats(0.01, 10)) for name in everyone}}
    weights = draw(st.integers(1, 3).flatmap(shares_of))
    classes = [{"weight": weight, "utility": {name: draw(st.floats(-3, 3)) for name in everyone}} for weight in weights]
    return {"kind": "segments", "classes": classes}


def new_terms() -> st.SearchStrategy[Tree]:
    """Terms of the market that an event sets."""
    share = st.floats(0, 1)
    return st.one_of(
        share.map(lambda level: {"pull_share": level}),
        share.map(lambda rate: {"word_of_mouth": {"rate": rate}}),
        share.map(lambda cost: {"behaviour": {"search_cost": {"pull": cost}, "persuasion": 0.5}}),
    )


@st.composite
def happenings(draw: st.DrawFn, opening: list[str], entrants: list[str], horizon: int) -> list[Tree]:
    """Events that can happen, one after the other."""
    here, coming = list(opening), list(entrants)
    events: list[Tree] = []
    for tick in sorted(draw(st.lists(st.integers(1, horizon - 1), min_size=len(entrants), max_size=len(entrants) + 4))):
        if coming:
            here.append(coming[0])
            events.append({"at": tick, "enter": draw(sellers(coming.pop(0)))})
        elif here:
            seller = draw(st.sampled_from(here))
            verb = draw(st.sampled_from(["exit", "change", "shock", "adjust", "set"]))
            if verb == "exit":
                here.remove(seller)
                events.append({"at": tick, "exit": seller})
            elif verb == "change":
                course = {"seller": seller, "strategy": draw(st.sampled_from(list(catalogue())))}
                events.append({"at": tick, "change": course})
            elif verb == "adjust":
                parts = draw(st.sampled_from(["price", "stubbornness", "budget_share", "overclaim"]))
                events.append({"at": tick, "adjust": {"seller": seller, parts: draw(st.floats(0, 1))}})
            elif verb == "set":
                events.append({"at": tick, "set": draw(new_terms())})
            else:
                events.append({"at": tick, "shock": {"seller": seller, "quality": draw(st.floats(-1, 1))}})
    return events


@st.composite
def scenario_trees(draw: st.DrawFn) -> Tree:
    """The tree of a scenario without mistakes."""
    horizon = draw(st.integers(2, 150))
    everyone = draw(st.lists(labels, min_size=1, max_size=6, unique=True))
    split = draw(st.integers(1, len(everyone)))
    opening, entrants = everyone[:split], everyone[split:]
    tree: Tree = {"name": draw(names.map(str)), "sellers": [draw(sellers(name)) for name in opening]}
    if horizon != HORIZON or draw(st.booleans()):
        tree["horizon"] = horizon
    if draw(st.booleans()):
        for seller, share in zip(tree["sellers"], draw(shares_of(len(opening))), strict=True):
            seller["opening_share"] = share
    parts: dict[str, type[BaseModel]] = {
        "behaviour": Behaviour, "knowledge": Knowledge, "research": Research, "word_of_mouth": WordOfMouth,
        "selling": Selling, "mechanisms": Mechanisms,
    }  # fmt: skip
    for key in draw(st.lists(st.sampled_from(sorted(parts)), max_size=3, unique=True)):
        tree[key] = draw(few(parts[key]))
    if draw(st.booleans()):
        tree["economies"] = draw(st.dictionaries(names, records(Economy), min_size=1, max_size=3))
    if draw(st.booleans()):
        tree["buyers"] = draw(buyers(everyone))
    if entrants or draw(st.booleans()):
        tree["events"] = draw(happenings(opening, entrants, horizon))
    return tree


@st.composite
def few(draw: st.DrawFn, model: type[BaseModel]) -> Tree:
    """A few keys of a model of many, all of which have defaults."""
    keys = draw(st.lists(st.sampled_from(sorted(model.model_fields)), max_size=4, unique=True))
    return {key: draw(values(term_of(model.model_fields[key]))) for key in keys}


@st.composite
def buyers(draw: st.DrawFn, everyone: list[str]) -> Tree:
    """Who the buyers are."""
    tree: Tree = {"count": draw(st.integers(65, 10**6)), "taste": draw(tastes(everyone))}
    if draw(st.booleans()):
        tree["network"] = {"degree": 2 * draw(st.integers(0, 32))}
    if draw(st.booleans()):
        found = draw(st.lists(labels, min_size=1, max_size=3, unique=True))
        fractions_of = draw(shares_of(len(found)))
        behaviour = sorted(Behaviour.model_fields)
        tree["segments"] = [
            {"name": name, "fraction": fraction}
            | {
                key: draw(values(term_of(Segment.model_fields[key])))
                for key in draw(st.lists(st.sampled_from(behaviour), max_size=2, unique=True))
            }
            for name, fraction in zip(found, fractions_of, strict=True)
        ]
    return tree


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10**20), st.floats(), st.text(max_size=8), st.just([]), st.just({}),
    st.just(["x", {"y": [None]}]), st.just({"kind": "logistic"}), st.just({"push": "x"}),
    st.sampled_from(["yes", "1e3", "12:30"]),
)  # fmt: skip


@st.composite
def spoilt_trees(draw: st.DrawFn) -> Any:
    """The tree of a scenario with something in it changed, taken out or put in."""
    tree: Any = draw(scenario_trees())
    for _ in range(draw(st.integers(1, 3))):
        node: Any = tree
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(node[key], (dict, list)) and draw(st.booleans()):
                node = node[key]
                continue
            how = draw(st.sampled_from(["replace", "remove", "rename", "double"]))
            if how == "replace":
                node[key] = draw(JUNK)
            elif how == "remove":
                del node[key]
            elif how == "rename" and isinstance(node, dict):
                node[str(key) + draw(st.sampled_from(["s", "_", " x", ""]))[:3]] = node.pop(key)
            elif isinstance(node, list):
                node.extend([node[key]] * draw(st.sampled_from([1, MAX_SELLERS])))
            break
    return tree


SLIPS = [
    "",
    "\t",
    ":",
    "- ",
    "{",
    "]",
    '"',
    "'",
    "&a ",
    "*a",
    "!x ",
    "|\n",
    "\n",
    "---\n",
    "%",
    "<<: 3\n",
    "\x00",
    "\ud800",
]


@st.composite
def spoilt_texts(draw: st.DrawFn) -> str:
    """A scenario file with slips of the keyboard."""
    flow = draw(st.sampled_from([None, True, False]))
    text = yaml.safe_dump(draw(scenario_trees()), sort_keys=False, default_flow_style=flow)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(SLIPS)) + text[at + draw(st.integers(0, 3)) :]
    return text
