"""docs/odd.md: its tables are those of the program, and its text leaves no rule and no parameter out."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from sim.rules import MODEL_VERSION
from sim.scenario.behaviour import Behaviour
from sim.scenario.market import Selling, WordOfMouth
from sim.strategies import Adaptation

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "odd.md").read_text(encoding="utf-8")
BY_HAND = re.sub(r"<!-- \w+: written by .*?<!-- end of \w+ -->", "", TEXT, flags=re.S)


def test_the_tables_are_as_the_program_has_them() -> None:
    spec = importlib.util.spec_from_file_location("odd_make", ROOT / "docs" / "odd" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    assert make.filled(TEXT) == TEXT, "run: python docs/odd/make.py"


def test_every_rule_and_every_parameter_is_described() -> None:
    assert f"version {MODEL_VERSION} of the model" in BY_HAND
    for rule in (ROOT / "sim" / "rules").glob("[a-z]*.py"):
        assert f"`rules/{rule.name}`" in BY_HAND, rule.name
    in_tables = {"entrant_cash", "entrant_launch", "rule", "toward"}  # told by their rows alone
    for model in (Behaviour, Selling, WordOfMouth, Adaptation):
        for name in model.model_fields:
            assert name in in_tables or re.search(rf"\b{name}\b", BY_HAND), f"{model.__name__}.{name}"
