"""Figures and findings in words: no more precise than they are, and no verdict that is not there."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.claims.pictures import strongest
from sim.claims.registry import Axis, Claim, Part
from sim.claims.testing import Result
from sim.claims.verdicts import Cell, Finding, Turn, adjusted, counts
from sim.claims.words import condition, explained, figure, measured, phrase, threshold
from sim.measures import Estimate
from sim.plots.claims import Along, Strip, plot_board, plot_claim

AXIS = Axis(name="x", label="cost of leaving", unit="utils", paths=["p"], values=[0, 1, 2], default=1)


def part(**words: Any) -> Part:
    return Part(**{"says": "it rains", "of": "hhi", "above": 0.0, **words})


def finding(*verdicts: str, low: float = 1.0, p: float = 0.001, built_in: bool = False, name: str = "9.1") -> Finding:
    claim = Claim(
        id=name, quote="rain", mechanism="clouds", economies=["push", "pull"], parts=[part()], built_in=built_in
    )
    cells = [
        Cell(0, economy, True, Result(Estimate(2.0, low, 4.0 - low, 8, 0), p, verdict, np.ones(8), np.empty(0)))  # type: ignore[arg-type]
        for economy, verdict in zip(("push", "pull"), verdicts, strict=True)
    ]
    return Finding(claim, cells, "supported")


@pytest.mark.parametrize(
    ("words", "estimate", "text"),
    [
        ({"unit": "share"}, Estimate(0.6281, 0.619, 0.638, 8, 0), "62.8 % [61.9, 63.8]"),
        ({"unit": "points", "less": "hhi"}, Estimate(0.102, 0.09, 0.114, 8, 0), "+10 points [+9, +11]"),
        ({"unit": "points", "less": "hhi"}, Estimate(-0.102, -0.103, -0.101, 8, 0), "−10.2 points [−10.3, −10.1]"),
        ({"unit": "months", "test": "duration"}, Estimate(90.0, 80.0, math.inf, 8, 3), "90 months [80, beyond]"),
        ({"unit": "months", "test": "duration"}, Estimate(math.inf, math.inf, math.inf, 8, 8), "beyond the end"),
        ({"unit": "money"}, Estimate(0.0, 0.0, 0.0, 8, 0), "0.0 [0.0, 0.0]"),
        ({}, Estimate(math.nan, math.nan, math.nan, 0, 0), "no figure"),
        ({}, Estimate(2.0, math.nan, math.nan, 1, 0), "2.0"),
    ],
)  # fmt: skip
def test_a_figure_is_as_precise_as_its_interval(words: dict[str, Any], estimate: Estimate, text: str) -> None:
    assert figure(part(**words), estimate).replace("\u00a0", " ") == text


def test_thresholds_and_quantities_are_told() -> None:
    assert threshold(part(above=0.5, unit="share")).replace("\u00a0", " ") == "above 50 %"
    assert threshold(part(above=None, below=-0.01, unit="points")).replace("\u00a0", " ") == "below −1 points"
    assert threshold(part(above=None, within=0.1, test="ratio", less="hhi")) == "within 0.1 of 1"
    assert measured(part(test="probability", of="a.X", less=["a.Y", "a.Z"])) == "runs in which a.X exceeds a.Y and a.Z"


def test_a_quotation_is_marked_and_a_summary_is_not() -> None:
    claim = finding("supported", "supported").claim
    assert phrase(claim) == "“rain”"
    assert phrase(claim.model_copy(update={"lead": "There is"})) == "There is “rain”"
    assert phrase(claim.model_copy(update={"paraphrase": True})) == "Rain"


def test_what_holds_and_what_does_not_is_told() -> None:
    assert explained(finding("supported", "refuted")) == "Holds: it rains (push). Does not hold: it rains (pull)."


def test_a_turn_says_between_what_values() -> None:
    found = replace(finding("supported", "supported"), turns=[Turn(AXIS, 1, 2, 1.4, "refuted")], searched=[AXIS])
    told = condition(found).replace("\u00a0", " ")
    assert told == (
        "Turns to refuted when the cost of leaving rises above about 1.4 utils "
        "(1 does not do it, 2 does; it is 1 in this market)."
    )
    jump = replace(found, turns=[Turn(AXIS, 1, 0, math.nan, "conditional")])
    told = condition(jump).replace("\u00a0", " ")
    assert (
        told
        == "Turns to conditional when the cost of leaving falls to 0 utils (1 does not do it; it is 1 in this market)."
    )
    assert condition(replace(found, turns=[])) == "No turn found over the usual range of cost of leaving."
    assert condition(replace(found, turns=[], searched=[])) == ""


def test_holm_weighs_all_tests_of_all_claims() -> None:
    found = adjusted([finding("supported", "supported", p=0.03, name="9.1"), finding("refuted", "refuted", p=1e-6)])
    assert [one.strict for one in found] == ["undecided", "refuted"]
    assert counts(found)["supported"] == 2
    assert counts(found, strict=True) == {"supported": 0, "conditional": 0, "refuted": 1, "undecided": 1}


def test_the_clearest_come_first_and_what_is_built_in_is_left_out() -> None:
    near, far = finding("supported", "supported", name="9.1"), finding("supported", "supported", low=1.9, name="9.2")
    built = finding("supported", "supported", low=1.99, built_in=True, name="9.3")
    certain = finding("supported", "supported", low=2.0, name="9.4")
    assert [one.claim.id for one in strongest([near, far, built, certain])] == ["9.2", "9.1"]
    assert len(strongest([near] * 20)) == 10


def test_pictures_show_every_claim_and_every_run() -> None:
    axes = plot_board({"Rain": [("9.1", "supported"), ("9.2", "undecided")], "Snow": [("9.3", "refuted")]}, title="All")
    assert {text.get_text() for text in axes.texts} == {"Rain", "Snow", "9.1", "9.2", "9.3", "✓", "?", "✗"}
    strip = Strip("pull", True, np.linspace(0, 1, 8), np.array([0.5, 0.4, 0.6]))
    along = Along("cost", [0, 1, 2], {"pull": np.array([[0.1, 0.5, 0.9]] * 3)}, 1, "points", weighed=True)
    left, right = plot_claim(
        [strip], title="It rains", unit="rain", threshold=0.3, side="above", along=along, scale=100
    )
    assert max(len(line.get_xdata()) for line in left.lines) == 8
    assert list(right.lines[0].get_ydata()) == pytest.approx([10, 50, 90])
