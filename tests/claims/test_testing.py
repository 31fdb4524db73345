"""Verdicts: what an interval says, what many say together, and that a test can come out either way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.claims.registry import Part
from sim.claims.testing import examine, holm, judge, trend
from sim.claims.verdicts import combined
from sim.measures import Estimate

figures = st.floats(-10, 10, allow_nan=False)
VERDICTS = st.lists(st.sampled_from(["supported", "refuted", "undecided"]), min_size=1)


def part(test: str = "mean", **words: Any) -> Part:
    return Part(says="it is so", test=test, of=["final_share"], **words)  # type: ignore[arg-type]


def estimate(low: float, high: float) -> Estimate:
    return Estimate(0.5 * (low + high), low, high, 8, 0)


@given(figures, st.floats(0, 5), figures)
def test_an_interval_is_on_one_side_or_across(low: float, width: float, threshold: float) -> None:
    assume(width > 1e-3)
    above = judge(part(above=threshold), estimate(low, low + width))
    below = judge(part(below=threshold), estimate(low, low + width))
    assert (above == "supported") == (low > threshold)
    assert (above == "refuted") == (low + width < threshold)
    opposite = {"supported": "refuted", "refuted": "supported", "undecided": "undecided"}
    assert below == opposite[above]


@given(figures, st.floats(0, 5), st.floats(0.1, 5))
def test_within_holds_if_the_whole_interval_is_within(low: float, width: float, distance: float) -> None:
    found = judge(part(within=distance), estimate(low, low + width))
    assert (found == "supported") == (-distance < low and low + width < distance)
    assert (found == "refuted") == (low >= distance or low + width <= -distance)


def test_no_effect_at_all_is_not_the_effect_that_is_claimed() -> None:
    assert judge(part(above=0.0), estimate(0.0, 0.0)) == "refuted"
    assert judge(part(below=0.0), estimate(0.0, 0.0)) == "refuted"
    assert judge(part(within=0.1), estimate(0.0, 0.0)) == "supported"
    assert judge(part(above=0.0), Estimate(1.0, math.nan, math.nan, 1, 0)) == "undecided"


@given(VERDICTS)
def test_a_claim_is_what_its_tests_are_together(verdicts: list[Any]) -> None:
    found, seen = combined(verdicts), set(verdicts)
    assert (found == "supported") == (seen == {"supported"})
    assert (found == "conditional") == ({"supported", "refuted"} <= seen)
    assert (found == "refuted") == ("refuted" in seen and "supported" not in seen)
    assert combined(reversed(verdicts)) == found


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_rejects_what_the_step_down_rule_rejects(ps: list[float]) -> None:
    adjusted = holm(ps)
    order = sorted(range(len(ps)), key=lambda place: ps[place])
    rejected, going = set(), True
    for rank, place in enumerate(order):
        going = going and ps[place] * (len(ps) - rank) <= 0.05
        if going:
            rejected.add(place)
    assert {place for place, p in enumerate(adjusted) if p <= 0.05} == rejected
    assert all(p <= q + 1e-15 or q == 1.0 for p, q in zip(ps, adjusted, strict=True))


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])  # Holm 1979: p(1)*3, p(2)*2, p(3)*1, rising
    assert holm([math.nan, 0.01]) == pytest.approx([1.0, 0.02])


@given(st.lists(figures, min_size=3, max_size=20), figures)
def test_the_verdict_of_a_mean_is_that_of_its_probability(values: list[float], threshold: float) -> None:
    assume(np.std(values) > 1e-6)
    found = examine(part(above=threshold), [values], np.empty((0, len(values))), 120)
    assume(abs(found.p - 0.05) > 1e-6)
    assert (found.verdict != "undecided") == (found.p < 0.05)


@pytest.mark.parametrize("hits", range(13))
def test_the_verdict_of_a_probability_is_that_of_its_score_test(hits: int) -> None:
    values = np.array([[1.0] * hits + [0.0] * (12 - hits)])
    found = examine(part("probability", above=0.5), values, np.empty((0, 12)), 120)
    assert found.estimate.mean == hits / 12
    assert (found.verdict != "undecided") == (found.p < 0.05)


def test_a_rank_counts_the_runs_in_which_all_rivals_are_beaten() -> None:
    mine, rivals = [[3.0, 3.0, 1.0, 1.0]], [[1.0, 2.0, 2.0, 1.0], [2.0, 4.0, 0.0, 0.0]]
    assert examine(part("probability", above=0.5), mine, rivals, 120).values.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_pairs_are_taken_replication_by_replication() -> None:
    luck, gain = np.array([[5.0, -3.0, 9.0, 0.0, 2.0]]), np.array([[0.1, 0.2, 0.1, 0.2, 0.1]])
    assert examine(part(above=0.0), luck + gain, luck, 120).verdict == "supported"
    assert examine(part(above=0.0), luck, luck + gain, 120).verdict == "refuted"


def test_a_ratio_is_the_geometric_mean_of_ratios() -> None:
    found = examine(part("ratio", within=0.1), [[2.0, 4.0, 8.0]], [[1.0, 2.0, 4.0]], 120)
    assert found.estimate.mean == pytest.approx(2.0)
    assert found.verdict == "refuted"
    assert examine(part("ratio", within=0.1), [[2.0, 4.0, 8.1]], [[2.0, 4.0, 8.0]], 120).verdict == "supported"


def test_durations_that_have_not_ended_are_censored_alone_and_count_up_to_the_horizon_in_pairs() -> None:
    months = [[50.0, 55.0, 58.0, 40.0, 45.0, 48.0, 52.0, math.inf]]
    alone = examine(part("duration", below=60), months, np.empty((0, 8)), 120)
    assert alone.estimate.censored == 1
    assert alone.estimate.mean == 50.0
    assert alone.verdict == "undecided"  # the interval reaches beyond the horizon
    assert examine(part("duration", above=39), months, np.empty((0, 8)), 120).verdict == "supported"
    paired = examine(part(below=0.0), months, [[120.0] * 8], 120)
    assert paired.values[-1] == 0.0


def test_a_trend_must_not_turn_back() -> None:
    noise = np.array([0.0, 0.01, -0.01, 0.02])
    rising = np.array([[0.0], [1.0], [2.0], [3.0]]) + noise
    change, back = trend(rising, [0, 1, 2, 3], rising=True)
    assert change == pytest.approx([3.0] * 4)
    assert not back
    bent = np.array([[0.0], [3.0], [2.0], [4.0]]) + noise + [[0.0], [0.001], [-0.002], [0.0]]
    bent += np.array([[0.0] * 4, [0.0, 0.001, 0.0, 0.002], [0.0] * 4, [0.0] * 4])
    words = part("trend", above=0.0, along="axis")
    assert examine(words, rising[:, None, :], np.empty((4, 0, 4)), 120, [0, 1, 2, 3]).verdict == "supported"
    assert examine(words, bent[:, None, :], np.empty((4, 0, 4)), 120, [0, 1, 2, 3]).verdict == "refuted"


def test_what_is_not_defined_is_left_out_and_told() -> None:
    found = examine(part(above=0.0), [[1.0, math.nan, 2.0, 1.5]], np.empty((0, 4)), 120)
    assert found.estimate.replications == 3
    nothing = examine(part(above=0.0), [[math.nan, math.nan]], np.empty((0, 2)), 120)
    assert nothing.verdict == "undecided"
    assert math.isnan(nothing.p)
