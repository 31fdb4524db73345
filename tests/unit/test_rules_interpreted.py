"""Every rule as plain Python gives the same bits as compiled; and every rule says what it takes."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import rules

RULES = {
    f"{place.name}.{name}": getattr(module, name)
    for place in pkgutil.iter_modules(rules.__path__)
    for module in [importlib.import_module(f"sim.rules.{place.name}")]
    for name in module.__all__
}
WHOLE = st.integers(1, 40)
REAL = st.one_of(st.floats(0, 1), st.floats(0.01, 5))
WORD = st.integers(0, 2**32 - 1).map(np.uint32)


def argument(parameter: inspect.Parameter) -> st.SearchStrategy[Any]:
    if parameter.name == "word":
        return WORD
    return {"int": WHOLE, "float": REAL, "bool": st.booleans()}[parameter.annotation]


def test_no_rule_is_forgotten() -> None:
    assert len(RULES) > 30


@pytest.mark.parametrize("name", RULES)
def test_interpreted_gives_the_same_bits(name: str) -> None:
    rule: Callable[..., Any] = RULES[name]
    parameters = inspect.signature(rule.py_func).parameters.values()  # type: ignore[attr-defined]

    @given(st.tuples(*map(argument, parameters)))
    @settings(max_examples=40)
    def check(arguments: tuple[Any, ...]) -> None:
        with np.errstate(all="ignore"):
            try:
                plain = rule.py_func(*arguments)  # type: ignore[attr-defined]
            except ZeroDivisionError:  # Python's own; compiled arithmetic follows IEEE
                return
            assert np.float64(plain).tobytes() == np.float64(rule(*arguments)).tobytes(), arguments

    check()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_gives_its_units(name: str) -> None:
    assert "[" in (inspect.getdoc(RULES[name].py_func) or "")
