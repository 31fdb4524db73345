"""The schema in words: JSON Schema, descriptions with units, terms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from sim import strategies
from sim.scenario import Behaviour, Scenario, scenario_json_schema
from sim.scenario.sellers import change_model, seller_model
from sim.scenario.terms import term_of
from sim.strategies import Policy


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return scenario_json_schema()


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for child in schema.values():
            yield from nodes(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from nodes(child)


def test_every_reference_leads_somewhere_and_all_of_it_is_json(schema: dict[str, Any]) -> None:
    references = {node["$ref"] for node in nodes(schema) if "$ref" in node}
    assert references == {f"#/$defs/{name}" for name in schema["$defs"]}
    assert json.loads(json.dumps(schema)) == schema


def test_a_seller_is_one_of_the_strategies(schema: dict[str, Any]) -> None:
    entries = [schema["$defs"][one["$ref"].split("/")[-1]] for one in schema["$defs"]["Seller"]["oneOf"]]
    assert [one["properties"]["strategy"]["const"] for one in entries] == list(strategies.catalogue())
    assert all({"name", "strategy"} == set(one["required"]) for one in entries)
    assert [one["title"] for one in entries] == list(strategies.catalogue())
    assert schema["properties"]["sellers"]["items"] == {"$ref": "#/$defs/Seller"}


def test_a_pair_is_a_number_or_a_mapping(schema: dict[str, Any]) -> None:
    number, pair = schema["$defs"]["Behaviour"]["properties"]["search_cost"]["anyOf"]
    assert number == {"type": "number", "minimum": 0}
    assert set(pair["properties"]) == {"push", "pull"}


def test_a_pull_share_is_a_number_or_one_of_the_schedules(schema: dict[str, Any]) -> None:
    number, *kinds = schema["$defs"]["Economy"]["properties"]["pull_share"]["oneOf"]
    assert number == {"type": "number", "minimum": 0, "maximum": 1}
    assert len(kinds) == 6


def test_titles_are_readable(schema: dict[str, Any]) -> None:
    titles = [node["title"] for node in nodes(schema) if isinstance(node.get("title"), str)]
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 -]*", title) for title in titles)
    assert "Relationship price relief" in titles


def test_every_key_of_a_scenario_is_described(schema: dict[str, Any]) -> None:
    bare = [
        f"{name}.{key}"
        for name, model in schema["$defs"].items()
        for key, value in model.get("properties", {}).items()
        if "description" not in value and key != "kind"
    ]
    assert bare == []


@pytest.mark.parametrize("policy", strategies.catalogue().values())
def test_numbers_of_a_strategy_keep_their_units(policy: type[Policy]) -> None:
    for model in (policy, seller_model(policy), change_model(policy)):
        for name, field in model.model_fields.items():
            assert field.description, name
    assert str(policy.model_fields["price"].description).endswith("[money/order]")
    assert policy.model_json_schema()["properties"]["price"]["description"].endswith("[money/order]")


def test_a_strategy_of_ones_own_keeps_the_units_too() -> None:
    class Thrifty(Policy):
        strategy: Literal["thrifty"] = "thrifty"
        price: float = 0.5

    assert Thrifty.model_fields["price"].description == Policy.model_fields["price"].description
    assert Thrifty.model_json_schema()["properties"]["price"]["description"] == "posted price [money/order]"


def test_the_catalogue_of_the_moment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strategies, "_catalogue", dict(strategies._catalogue))

    @strategies.register
    class Bargainer(strategies.Collaborative):
        strategy: Literal["bargainer"] = "bargainer"  # type: ignore[assignment]
        haggling: float = 0.3

    assert "BargainerSeller" in scenario_json_schema()["$defs"]
    text = "name: x\nsellers: [{name: A, strategy: bargainer, haggling: 0.4}]\n"
    scenario = Scenario.from_text(text)
    assert scenario.resolved()["sellers"][0]["haggling"] == 0.4
    assert Scenario.from_text(scenario.to_yaml()) == scenario
    assert Scenario.from_text(text, values={"sellers.A.haggling": "0.5"}).resolved()["sellers"][0]["haggling"] == 0.5


def test_a_term_for_every_place() -> None:
    for name, field in Scenario.model_fields.items():
        assert term_of(field).kind not in ("other", "nothing"), name
    assert {term_of(field).kind for field in Behaviour.model_fields.values()} == {"pair"}
