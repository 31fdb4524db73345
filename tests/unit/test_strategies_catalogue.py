"""The catalogue of strategies: what is in it, how one is added, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from markets import small

import sim.strategies as catalogue_room
from sim.market import Market
from sim.scenario import Scenario
from sim.strategies import Effort, Plan, Policy, View, catalogue, find, load_plugin, loaded_plugins, register

PLUGIN = '''
from typing import Literal
from sim.strategies import Effort, Plan, Policy, View, register

@register
class Undercutter(Policy):
    """Always a little below the cheapest."""
    strategy: Literal["undercutter"] = "undercutter"
    effort: Effort = Effort(human_service=0.4)
    step: float = 0.1

    def plan(self, view: View) -> Plan:
        others = [price for place, price in enumerate(view.prices) if place != view.own and price == price]
        return Plan(self.effort, max(min(others) - self.step, self.unit_cost), 0.0)
'''


@pytest.fixture(autouse=True)
def _own_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test adds is gone after it."""
    monkeypatch.setattr(catalogue_room, "_catalogue", dict(catalogue_room._catalogue))
    monkeypatch.setattr(catalogue_room, "_plugins", list(catalogue_room._plugins))


def test_the_built_in_ones() -> None:
    assert {"relationship-reliant", "hard-sell", "collaborative", "transactional", "innovator"} <= set(catalogue())


def test_an_unknown_name_is_answered_with_the_closest() -> None:
    with pytest.raises(
        ValueError, match=r"'hardsell' is not a strategy; did you mean 'hard-sell'\? \(relationship-reliant, "
    ):
        find("hardsell")
    with pytest.raises(ValueError, match=r"'xyzzy' is not a strategy \("):
        find("xyzzy")


def test_a_name_is_taken_once() -> None:
    class Impostor(Policy):
        strategy: Literal["hard-sell"] = "hard-sell"
        effort: Effort = Effort()

    with pytest.raises(ValueError, match="there is a strategy 'hard-sell' already"):
        register(Impostor)


def test_a_strategy_needs_a_name() -> None:
    class Nameless(Policy):
        effort: Effort = Effort()

    with pytest.raises(ValueError, match="Nameless must fix its name"):
        register(Nameless)


def test_a_plugin_is_a_file_that_registers(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(PLUGIN, encoding="utf-8")
    with pytest.raises(ValueError, match="'undercutter' is not a strategy"):
        find("undercutter")
    load_plugin(file)
    assert find("undercutter")().strategy == "undercutter"
    assert loaded_plugins()[-1] == file.resolve()
    load_plugin(file)  # again does no harm
    assert loaded_plugins().count(file.resolve()) == 1
    sellers = [
        {"name": "Heritage", "strategy": "relationship-reliant"},
        {"name": "Cheap", "strategy": "undercutter", "step": 0.2},
    ]
    record = Market(small(sellers=sellers), "pull").run()
    assert record.contacts["price"][:, 1] == pytest.approx(0.8)
    assert Scenario(**small(sellers=sellers).tree) == small(sellers=sellers)
    agents = Market(small(sellers=sellers), "pull", engine="agents").run()
    assert agents.same(record)


def test_a_plugin_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        load_plugin(tmp_path / "nobody.py")
    with pytest.raises(OSError, match="is not a Python file"):
        load_plugin(tmp_path / "notes.txt")


def test_a_strategy_may_keep_notes_which_belong_to_one_run() -> None:
    """Each run has a copy of its own: a strategy that counts its plans begins anew."""
    counts: list[int] = []

    class Counting(Policy):
        strategy: Literal["counting"] = "counting"
        effort: Effort = Effort(human_service=0.5)
        notes: list[int] = []  # noqa: RUF012

        def plan(self, view: View) -> Plan:
            self.notes.append(view.tick)
            counts.append(len(self.notes))
            return Plan(self.effort, 1.0, 0.0)

    register(Counting)
    scenario = small(sellers=[{"name": "A", "strategy": "counting"}], horizon=5)
    for _ in range(2):
        counts.clear()
        Market(scenario).run()
        assert counts == [1, 2, 3, 4, 5]
