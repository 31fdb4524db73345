"""Whatever stands in a file: a scenario, or mistakes with their places; never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from generators import scenario_trees, spoilt_texts, spoilt_trees
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario import Scenario, ScenarioError

JARGON = (
    "Input should",
    "Value error",
    "validation error",
    "Extra inputs",
    "Field required",
    "Annotated",
    "NoneType",
    "pydantic",
)
fuzz = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
)


def mistakes_of(text: str | bytes) -> ScenarioError | None:
    """Load, and hold every mistake to its form."""
    try:
        Scenario.from_text(text, "x.yaml")
    except ScenarioError as error:
        found = error
    else:
        return None
    lines = (text if isinstance(text, str) else text.decode("utf-8", "replace")).count("\n") + 1
    assert found.mistakes
    for mistake in found.mistakes:
        assert mistake.line is not None
        assert mistake.column is not None
        assert 1 <= mistake.line <= lines + 1
        assert mistake.column >= 1
        assert mistake.message
        assert str(mistake).startswith(f"x.yaml:{mistake.line}:{mistake.column}: ")
        assert "\n" not in str(mistake)
        assert not any(word in mistake.message for word in JARGON)
    places = [(mistake.line, mistake.column) for mistake in found.mistakes]
    assert places == sorted(places)
    return found


@settings(parent=fuzz, max_examples=40)
@given(tree=scenario_trees())
def test_a_valid_scenario_loads_and_comes_back_the_same(tree: dict[str, Any]) -> None:
    scenario = Scenario.from_text(yaml.safe_dump(tree, allow_unicode=True))
    text = scenario.to_yaml()
    again = Scenario.from_text(text)
    assert again == scenario
    assert again.to_yaml() == text
    assert again.resolved() == scenario.resolved() == Scenario(**scenario.resolved()).resolved()


@settings(parent=fuzz, max_examples=100)
@given(tree=spoilt_trees())
def test_a_spoilt_tree_gives_mistakes_in_their_places(tree: Any) -> None:
    mistakes_of(yaml.safe_dump(tree, allow_unicode=True))


@settings(parent=fuzz, max_examples=100)
@given(text=spoilt_texts())
def test_a_slip_of_the_keyboard_gives_mistakes_in_their_places(text: str) -> None:
    mistakes_of(text)


@settings(parent=fuzz, max_examples=150)
@given(
    text=st.one_of(
        st.text(),
        st.binary(),
        st.text("{}[]:,-?&*!|>'\"%@` \n\tab01.\\U~<"),
        st.recursive(
            st.text(max_size=3), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner)
        ).map(lambda tree: yaml.safe_dump(tree)),
    )
)
def test_any_text_gives_mistakes_in_their_places(text: str | bytes) -> None:
    assert mistakes_of(text) is not None  # no text so short is a scenario


@settings(parent=fuzz, max_examples=40)
@given(
    path=st.text("abehviour.sl[0]_Hrtg ", max_size=20),
    value=st.one_of(st.text(max_size=10), st.floats(), st.none(), st.integers()),
)
def test_any_value_set_from_outside_works_or_is_one_clear_mistake(path: str, value: Any) -> None:
    text = "name: x\nsellers: [{name: Heritage, strategy: hard-sell}]\n"
    try:
        Scenario.from_text(text, values={path: value})
    except ScenarioError as error:
        wrong = list(map(str, error.mistakes))
    else:
        return
    assert all(line.startswith("--set ") and "\n" not in line for line in wrong)


def bomb(first: str, link: str) -> str:
    """Nine anchors, each of which stands for nine of the one before."""
    steps = zip("abcdefgh", "bcdefghi", strict=True)
    return f"a: &a {first}\n" + "".join(
        f"{new}: &{new} {link.format(', '.join([f'*{old}'] * 9))}\n" for old, new in steps
    )


BOMBS = {
    "alias bomb": bomb("[x, x, x]", "[{0}]"),
    "merge bomb": bomb("{x: 1}", "{{<<: [{0}]}}"),
    "alias of itself": "a: &a [*a]\n",
    "brackets": "[" * 100_000,
    "braces": "{a: " * 20_000,
    "dashes": "- " * 50_000,
    "one key": "a:\n" * 100_000,
    "long number": "x: " + "9" * 50_000,
    "deep list": "x: " + "[1," * 30 + "1" + "]" * 30,
    "many keys": "".join(f"k{number}: 1\n" for number in range(60_000)),
    "question marks": "? " * 1000,
    "anchors": "&a " * 1000,
    "too long": "# " + "x" * 2_000_000,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_told(text: str) -> None:
    assert mistakes_of(text) is not None


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "x.yaml"
    file.write_text("name: x\nsellers: [{name: a, strategy: hardsell}]\n", encoding="utf-8")
    with pytest.raises(ScenarioError):
        Scenario.load(file)
    assert [one.name for one in tmp_path.iterdir()] == ["x.yaml"]
