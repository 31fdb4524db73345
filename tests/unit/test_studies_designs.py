"""Designs: the points that they promise, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from sim.studies.designs import Grid, LatinHypercube, Morris, Sobol, points_of
from sim.studies.factors import Factor, Span, factors_of

UNIT = factors_of({name: {"low": 0, "high": 1} for name in "abc"})


def test_a_grid_goes_through_every_combination_the_last_factor_first() -> None:
    factors = factors_of({"a": ["x", "y"], "b": {"low": 0, "high": 1, "levels": 3}})
    assert points_of(Grid(), factors) == [("x", 0), ("x", 0.5), ("x", 1), ("y", 0), ("y", 0.5), ("y", 1)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"low": 0, "high": 0.3, "levels": 4}, [0, 0.1, 0.2, 0.3]),
        ({"low": 0.01, "high": 1, "levels": 3, "scale": "log"}, [0.01, 0.1, 1]),
        ({"low": 12, "high": 48, "levels": 4}, [12, 24, 36, 48]),
        ({"low": 1, "high": 3, "levels": 9, "whole": True}, [1, 2, 3]),
    ],
)
def test_levels_are_round_and_whole_where_they_can_be(words: dict[str, object], expected: list[float]) -> None:
    (factor,) = factors_of({"a": words})
    assert factor.levels() == expected
    assert [type(value) for value in factor.levels()] == [type(value) for value in expected]


def test_listed_values_share_a_design_equally() -> None:
    factor = Factor("a", ("x", "y", "z", "w"), None)
    found = [factor.at(place) for place in np.linspace(0, 1, 400, endpoint=False)]
    assert {value: found.count(value) for value in factor.values} == dict.fromkeys("xyzw", 100)
    assert factor.at(1.0) == "w"


def test_a_log_range_is_even_in_its_logarithm() -> None:
    factor = Factor("a", (), Span(low=0.01, high=100, scale="log"))
    assert factor.at(0.0) == 0.01
    assert factor.at(1.0) == 100
    assert factor.at(0.5) == pytest.approx(1.0)


def test_a_latin_hypercube_has_one_point_in_every_slice_of_every_factor() -> None:
    points = np.array(points_of(LatinHypercube(points=40), UNIT), dtype=float)
    assert points.shape == (40, 3)
    for column in points.T:
        assert sorted(np.floor(40 * column)) == list(range(40))


def test_a_sobol_sequence_puts_as_many_points_into_every_half_and_quarter() -> None:
    points = np.array(points_of(Sobol(points=64), UNIT), dtype=float)
    assert points.shape == (64, 3)
    quarters = np.floor(4 * points[:, 0]) * 4 + np.floor(4 * points[:, 1])
    assert np.array_equal(np.bincount(quarters.astype(int)), np.full(16, 4))


def test_a_morris_trajectory_moves_one_factor_at_a_time() -> None:
    pytest.importorskip("SALib", reason="a morris design needs SALib")
    points = np.array(points_of(Morris(trajectories=5, levels=4), UNIT), dtype=float).reshape(5, 4, 3)
    moved = np.abs(np.diff(points, axis=1)) > 1e-9
    assert (moved.sum(axis=2) == 1).all()
    assert (moved.sum(axis=1) == 1).all()  # every factor once in each
    assert set(np.round(points.ravel(), 6)) <= {0.0, 0.333333, 0.666667, 1.0}


@pytest.mark.parametrize("design", [LatinHypercube(points=8), Sobol(points=8)])
def test_a_design_depends_on_its_seed_alone(design: LatinHypercube | Sobol) -> None:
    assert points_of(design, UNIT) == points_of(design, UNIT)
    assert points_of(design, UNIT) != points_of(design.model_copy(update={"seed": 2}), UNIT)
