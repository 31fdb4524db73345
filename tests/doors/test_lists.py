"""`pushpull strategies` and `pushpull schema`: what can stand in a scenario."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from sim.cli import main
from sim.strategies import catalogue
from sim.studies import KINDS

EXPERIMENTS = sorted((Path(__file__).parent.parent.parent / "experiments").glob("*.yaml"))


def test_strategies_name_what_they_do(plugin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategies", "--plugin", str(plugin)]) == 0
    text = capsys.readouterr().out
    for name, policy in catalogue().items():
        assert f"{name}\n" in text
        assert policy.source in text
    assert "discounter\n  Sells below everybody else.\n  effort: messages 40%\n  source: a test" in text


def test_strategies_as_json(plugin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategies", "--json", "--plugin", str(plugin)]) == 0
    known = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert known["relationship-reliant"]["effort"]["visits_to_customers"] == 0.55
    assert known["discounter"]["summary"] == "Sells below everybody else."


def test_a_plugin_that_fails(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, code, expected in (
        ("broken", "1 / 0", "ZeroDivisionError: division by zero (broken.py:1)"),
        ("wrong", "def", "SyntaxError: "),
        ("leaves", "raise SystemExit(0)", "SystemExit"),
    ):
        Path(f"{name}.py").write_text(code)
        assert main(["strategies", "--plugin", f"{name}.py"]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith(f"pushpull: --plugin {name}.py: {expected}")
        assert captured.err.count("\n") == 1
    assert main(["strategies", "--plugin", "missing.py"]) == 2
    assert capsys.readouterr().err == "pushpull: --plugin missing.py: no such file\n"


def test_schema_is_json_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert {"name", "sellers"} <= set(schema["required"])
    assert "ticks" in schema["properties"]["horizon"]["description"]


def test_schema_of_experiments_knows_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--experiment"]) == 0
    schema = json.loads(capsys.readouterr().out)
    kinds = [schema["$defs"][one["$ref"].rpartition("/")[2]] for one in schema["oneOf"]]
    assert [kind["properties"]["kind"]["const"] for kind in kinds] == list(KINDS)
    for kind in kinds:
        assert {"name", "kind", "scenario"} <= set(kind["required"])
        assert kind["additionalProperties"] is False
        assert all("description" in term for term in kind["properties"].values())
    sweep = kinds[0]
    values, span = sweep["properties"]["factors"]["additionalProperties"]["anyOf"]
    assert values["type"] == "array"
    assert {"low", "high", "levels", "scale"} <= set(schema["$defs"][span["$ref"].rpartition("/")[2]]["properties"])
    for file in EXPERIMENTS:  # what is shipped has no key that the schema does not have
        tree = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert set(tree) <= set(kinds[list(KINDS).index(tree["kind"])]["properties"])
