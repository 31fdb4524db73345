"""Patient rule induction against brute force, boxes that are known, and figures worked out by hand."""

from __future__ import annotations

import math
from itertools import combinations_with_replacement, pairwise

import numpy as np
import pytest

from sim.studies.boxes import find_box
from sim.studies.peeling import Limit, Nested, inside_of, pasted, peeled, quasi_p_value

UNIT = np.linspace(0, 1, 41)


def test_each_peel_takes_the_slice_with_the_lowest_density() -> None:
    rng = np.random.default_rng(4)
    across, rules = rng.random((2, 120)), rng.choice(["all", "none", "weitzman"], 120)
    columns = {"x": list(across[0]), "y": list(across[1]), "rule": list(rules)}
    hits = (across[0] + across[1] > 1.1) & (rules != "none")
    boxes = peeled(columns, hits, peel=0.1, smallest=0.1)
    assert boxes[0] == Nested((), 120, int(hits.sum()))
    for before, after in pairwise(boxes):
        inside = np.flatnonzero(inside_of(before.limits, columns, 120))
        step = max(1, int(0.1 * len(inside)))
        slices = []  # with those behind them, twice and four times as many
        for figures in across:
            order = inside[np.argsort(figures[inside])]
            for side in (order, order[::-1]):
                slices.append((side[:step], side[: 2 * step], side[: 4 * step]))
        slices += [(inside[rules[inside] == rule],) * 3 for rule in set(rules[inside])]
        allowed = [parts for parts in slices if 0 < len(parts[0]) <= len(inside) - 12]
        lowest, _, _ = min(allowed, key=lambda parts: (*(hits[parts[at]].mean() for at in (1, 0, 2)), -len(parts[0])))
        gone = set(inside) - set(np.flatnonzero(inside_of(after.limits, columns, 120)))
        assert (hits[list(gone)].mean(), len(gone)) == (hits[lowest].mean(), len(lowest))
        assert (after.points, after.hits) == (before.points - len(gone), before.hits - hits[list(gone)].sum())
    last = boxes[-1]
    assert last.density == 1
    assert last.points >= 12


def test_the_best_interval_of_one_factor_is_that_of_brute_force() -> None:
    hits = (UNIT > 0.31) & (UNIT < 0.64)
    box = find_box({"x": list(UNIT)}, hits, density=1.0, smallest=0.01)
    best = max(
        (hits[low : high + 1].sum(), UNIT[low], UNIT[high])
        for low, high in combinations_with_replacement(range(41), 2)
        if hits[low : high + 1].all()
    )
    assert (box.hits, box.limits[0].low, box.limits[0].high) == best
    assert (box.density, box.coverage) == (1, 1)


def test_pasting_gives_back_what_peeling_took_too_much() -> None:
    columns, hits = {"x": list(UNIT), "y": list(UNIT[::-1])}, UNIT > 0.5
    small = (Limit("x", 0.7, math.nan), Limit("y", math.nan, 0.2))
    inside = inside_of(small, columns, 41)
    boxes = pasted(Nested(small, int(inside.sum()), int(inside.sum())), columns, hits)
    assert [box.density for box in boxes] == [1] * len(boxes)
    assert boxes[-1].points == hits.sum()
    assert [one.points for one in boxes] == sorted(one.points for one in boxes)


def test_a_limit_that_others_make_superfluous_goes() -> None:
    columns, hits = {"x": list(UNIT), "y": list(UNIT)}, UNIT > 0.5
    both = (Limit("x", 0.525, math.nan), Limit("y", 0.2, math.nan))
    (first, last) = pasted(Nested(both, 20, 20), columns, hits)
    assert (first.points, last.points) == (20, 20)
    assert last.limits == both[:1]


def test_points_that_share_a_value_stay_or_go_together() -> None:
    columns = {"level": [0, 0.5, 1] * 20}
    hits = np.array([False, True, True] * 20)
    whole, box = peeled(columns, hits)
    assert (whole.points, box.points, box.hits) == (60, 40, 40)
    assert (box.limits[0].low, math.isnan(box.limits[0].high)) == (0.5, True)


def test_no_box_is_smaller_than_the_smallest() -> None:
    rng = np.random.default_rng(8)
    columns = {name: list(rng.random(200)) for name in "abc"}
    boxes = peeled(columns, rng.random(200) < 0.1, smallest=0.3)
    assert min(box.points for box in boxes) >= 60
    assert all(after.points < before.points for before, after in pairwise(boxes))


def test_a_quasi_p_value_is_a_binomial_tail() -> None:
    columns = {"x": [1.0] * 8 + [0.0] * 12}
    hits = np.array([True] * 7 + [False] + [True] * 3 + [False] * 9)
    limit = Limit("x", 1.0, math.nan)
    tail = math.comb(8, 7) * 0.5**8 + 0.5**8  # 7 or 8 of 8, where half of all are hits
    assert quasi_p_value(limit, [limit], columns, hits) == pytest.approx(tail)


def test_limits_that_could_be_chance_are_dropped() -> None:
    rng = np.random.default_rng(5)
    columns = {name: list(rng.random(200)) for name in ("tells", "noise")}
    chance = np.where(np.array(columns["tells"]) > 0.5, 0.9, 0.1)
    box = find_box(columns, rng.random(200) < chance, density=0.85)
    assert [limit.factor for limit in box.limits] == ["tells"]
    coverage, density, support = box.trajectory.T
    assert (coverage[0], support[0]) == (1, 1)
    assert density * support == pytest.approx(coverage * box.base_rate)
