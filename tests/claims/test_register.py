"""The register: complete, sound, and strict about what is written in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.claims.registry import FOLDER, Axis, Claim, Essay, Register, load_register
from sim.claims.terms import Term, read_term
from sim.claims.verdicts import spots_of
from sim.scenario import Scenario, ScenarioError

COUNTS = {0: 15, 1: 10, 2: 17, 3: 9, 4: 10}  # phrases of each essay


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


def test_every_phrase_is_registered_once_in_order(register: Register) -> None:
    expected = [f"{essay}.{number}" for essay, count in COUNTS.items() for number in range(1, count + 1)]
    assert [claim.id for claim in register.claims] == expected


def test_a_claim_can_fail_somewhere(register: Register) -> None:
    """Each judged test compares what can differ: no figure with itself in the same market."""
    for claim in register.claims:
        for part in claim.parts:
            of, less = register.terms(part.of), register.terms(part.less)
            for economy in part.economies or claim.economies:
                here = [term._replace(economy=term.economy or economy, factor=1.0) for term in of]
                there = [term._replace(economy=term.economy or economy, factor=1.0) for term in less]
                assert sorted(here) != sorted(there), (claim.id, part.says)


def test_every_variant_and_axis_is_used(register: Register) -> None:
    spots = {
        spot
        for claim in register.claims
        for sweeps in (False, True)
        for spot in spots_of(register, claim, sweeps=sweeps)
    }
    assert {spot.variant for spot in spots} >= set(register.variants)
    assert {spot.axis for spot in spots} >= set(register.axes)


def test_every_level_of_every_axis_makes_a_market(register: Register) -> None:
    markets = [register.market, *(change.of(register.market) for change in register.variants.values())]
    for axis in register.axes.values():
        found = []
        for market in markets:
            try:
                found = [market.with_values(dict.fromkeys(axis.paths, level), source="") for level in axis.values]
                break
            except ScenarioError:
                continue  # a path that only another variant has
        assert len(found) == len(axis.values), axis.name


def test_the_default_of_an_axis_is_the_markets_own_value(register: Register) -> None:
    for axis in register.axes.values():
        for market in (register.market, *(change.of(register.market) for change in register.variants.values())):
            try:
                same = market.with_values(dict.fromkeys(axis.paths, axis.default), source="") == market
            except ScenarioError:
                continue
            if same:
                break
        else:
            pytest.fail(f"{axis.name}: {axis.default} is nobody's default")


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("hhi", Term(1.0, "", "hhi", "market", "")),
        ("final_share.A", Term(1.0, "A", "final_share", "market", "")),
        ("0.5 * final_share.A @ more push in push", Term(0.5, "A", "final_share", "more push", "push")),
        ("time_to_overtake.A.B in pull", Term(1.0, "B", "time_to_overtake.A", "market", "pull")),
    ],
)
def test_terms_are_read_as_written(text: str, term: Term) -> None:
    assert read_term(text, ["A", "B"]) == term


@pytest.mark.parametrize("text", ["", "final share", "final_share.C", "x * hhi", "hhi @"])
def test_a_term_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not of the form|there is no seller"):
        read_term(text, ["A", "B"])


def made(duopoly: Scenario, *, axes: Any = (), turns: Any = (), **part: Any) -> Register:
    words = {"says": "it is so", "of": "hhi", "above": 0.0, **part}
    claim = Claim(id="9.1", quote="q", mechanism="m", economies=["pull"], parts=[words], turns=list(turns))
    return Register(duopoly, [], axes, [Essay(essay=9, title="t", claims=[claim])])


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"below": 1.0}, "one of above, below and within"),
        ({"above": None}, "one of above, below and within"),
        ({"of": "final_shar.Heritage"}, "names no figure"),
        ({"of": "final_share.Heritag"}, "no seller"),
        ({"of": "hhi @ other"}, "no variant 'other'"),
        ({"of": "hhi in pul"}, "no economy 'pul'"),
        ({"test": "trend"}, "has an axis"),
        ({"test": "ratio"}, "one term to one other"),
        ({"test": "trend", "along": "nowhere"}, "no axis 'nowhere'"),
        ({"economies": ["nowhere"]}, "no economy 'nowhere'"),
    ],
)
def test_a_wrong_part_is_told(duopoly: Scenario, part: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        made(duopoly, **part)


def test_an_axis_holds_its_default(duopoly: Scenario) -> None:
    axis = Axis(name="x", label="x", paths=["behaviour.search_cost.pull"], values=[0, 1, 2], default=3)
    with pytest.raises(ScenarioError, match="not among its values"):
        made(duopoly, axes=[axis])
    with pytest.raises(ScenarioError, match="no axis 'y'"):
        made(duopoly, turns=["y"])


def test_a_mistake_in_the_files_names_its_file(tmp_path: Path) -> None:
    for file in FOLDER.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(text.replace("quote: 's", "qoute: 's").replace("mechanism:", "mechansim:", 1))
    with pytest.raises(ScenarioError, match="essay_0"):
        load_register(tmp_path)
