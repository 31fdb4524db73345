"""Each pull schedule does what it says, and the buyers in pull mode are as many as it says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markets import small

from sim.market import Market
from sim.scenario.schedules import Cohort, Constant, Logistic, Piecewise, Step, UpAndBack

COUNT = 20_000
QUIET: dict[str, Any] = {
    "word_of_mouth": {"rule": "none"},
    "research": {"rule": "none"},
    "mechanisms": {"contacts": False},
}


def realised(schedule: Any, horizon: int = 40, **more: Any) -> np.ndarray:
    """Share of buyers in pull mode, tick by tick."""
    buyers = {"count": COUNT, "network": {"degree": 0}} | more
    scenario = small(1, **QUIET, buyers=buyers, horizon=horizon, economies={"x": {"pull_share": schedule}})
    return Market(scenario, "x").run().market["pull_share"]


def four_errors(share: np.ndarray | float) -> np.ndarray:
    return 4 * np.sqrt(np.maximum(np.asarray(share) * (1 - np.asarray(share)), 1 / COUNT) / COUNT)


SCHEDULES: dict[str, tuple[Any, Any]] = {
    "bare number": (0.3, lambda tick: 0.3),
    "constant": ({"kind": "constant", "level": 0.7}, lambda tick: 0.7),
    "logistic": (
        {"kind": "logistic", "low": 0.1, "high": 0.9, "midpoint": 20, "width": 3},
        lambda tick: 0.1 + 0.8 / (1 + math.exp(-(tick - 20) / 3)),
    ),
    "step": ({"kind": "step", "at_tick": 15, "low": 0.2, "high": 0.6}, lambda tick: 0.6 if tick >= 15 else 0.2),
    "piecewise": (
        {"kind": "piecewise", "points": [[5, 0.1], [15, 0.8], [30, 0.4]]},
        lambda tick: float(np.interp(tick, [5, 15, 30], [0.1, 0.8, 0.4])),
    ),
    "up-and-back": (
        {"kind": "up-and-back", "low": 0.0, "high": 1.0, "midpoint": 10, "back": 28, "width": 2},
        lambda tick: 1 / (1 + math.exp(-(tick - 10) / 2)) / (1 + math.exp(-(28 - tick) / 2)),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_realised_pull_share_is_the_schedule(name: str) -> None:
    schedule, formula = SCHEDULES[name]
    expected = np.array([formula(tick) for tick in range(40)])
    found = realised(schedule)
    assert (np.abs(found - expected) <= four_errors(expected)).all()
    assert (np.abs(found - expected) > 0).any()  # a realised share, drawn from buyers


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_the_pure_economies_are_pure(level: float) -> None:
    assert (realised(level, horizon=5) == level).all()


def test_thresholds_are_kept() -> None:
    """The share falls and rises again by the same buyers: adoption is a trait."""
    schedule = {"kind": "piecewise", "points": [[0, 0.5], [3, 0.5], [4, 0.2], [5, 0.5]]}
    found = realised(schedule, horizon=7)
    assert found[0] == found[5] == found[6] != found[4]


def test_segments_shift_the_schedule() -> None:
    """Buyers with low thresholds are in pull first."""
    segments = [
        {"name": "never knew another market", "fraction": 0.3, "pull_threshold": {"max": 0.3}},
        {"name": "old", "fraction": 0.7, "pull_threshold": {"min": 0.5, "max": 1.0}},
    ]
    found = realised({"kind": "piecewise", "points": [[0, 0.0], [10, 1.0]]}, horizon=11, segments=segments)
    level = np.linspace(0, 1, 11)
    expected = 0.3 * np.minimum(level / 0.3, 1.0) + 0.7 * np.clip((level - 0.5) / 0.5, 0, 1)
    assert (np.abs(found - expected) <= four_errors(expected)).all()


def test_generations_turn_over() -> None:
    """Cohort: each tick a part of the buyers is replaced by newcomers whose thresholds lie lower."""
    turnover, level = 0.6, 0.3
    schedule = {"kind": "cohort", "level": level, "turnover": turnover, "newcomers": {"min": 0.0, "max": 0.4}}
    found = realised(schedule)
    monthly = 1 - (1 - turnover) ** (1 / 12)
    stayed = (1 - monthly) ** np.arange(1, 41)
    expected = stayed * level + (1 - stayed) * level / 0.4
    assert (np.abs(found - expected) <= four_errors(expected)).all()
    assert stayed[11] == pytest.approx(1 - turnover)  # in twelve ticks the turnover of a year


def test_without_turnover_generations_stay() -> None:
    found = realised({"kind": "cohort", "level": 0.3, "turnover": 0.0})
    assert len(set(found.tolist())) == 1


def test_a_newcomer_takes_over_the_books() -> None:
    """Only the threshold is drawn anew; incumbents and tastes stay."""
    schedule = {"kind": "cohort", "level": 0.0, "turnover": 1.0, "newcomers": {"min": 0.2, "max": 0.2}}
    market = Market(small(**QUIET, economies={"x": {"pull_share": schedule}}), "x")
    before = market.state.buyers["seller"].copy()
    market.step()
    assert (market.state.buyers["pull_threshold"] == np.float32(0.2)).all()
    np.testing.assert_array_equal(market.state.buyers["seller"], before)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(1, 100), st.floats(0.1, 50), st.integers(0, 200))
def test_schedules_stay_between_low_and_high(one: float, other: float, middle: float, width: float, tick: int) -> None:
    low, high = sorted((one, other))
    slack = 1e-12
    for schedule in (
        Logistic(low=low, high=high, midpoint=middle, width=width),
        UpAndBack(low=low, high=high, midpoint=middle, back=middle + 5, width=width),
        Step(low=low, high=high, at_tick=middle),
        Piecewise(points=[[0.0, low], [middle, high]]),
        Constant(level=low),
        Cohort(level=low),
    ):
        assert low - slack <= schedule.at(tick) <= high + slack


def test_schedules_at_their_marks() -> None:
    assert Logistic(midpoint=48, width=8).at(48) == 0.5
    assert Logistic(midpoint=48, width=8).at(56) == pytest.approx(1 / (1 + math.exp(-1)))
    assert Step(at_tick=10).at(9) == 0.0
    assert Step(at_tick=10).at(10) == 1.0
    assert Piecewise(points=[[4, 0.2], [8, 0.6]]).at(0) == 0.2
    assert Piecewise(points=[[4, 0.2], [8, 0.6]]).at(6) == pytest.approx(0.4)
    assert Piecewise(points=[[4, 0.2], [8, 0.6]]).at(9) == 0.6
    assert UpAndBack(midpoint=20, back=200, width=2).at(110) == pytest.approx(1.0)
    assert UpAndBack(midpoint=20, back=60, width=2).at(60) == pytest.approx(0.5, abs=1e-6)
    assert Logistic(midpoint=1e9, width=0.001).at(0) == pytest.approx(0.0)  # far out, without overflow
