"""Who buys from whom on the merits, who stays for liking, and what comes back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measures import best_match, better_elsewhere, kept_by_liking, met_by_buyers, rebound, retention_by_bond

MERIT = np.array([[1.0, 2.0, -np.inf], [3.0, 1.0, 2.0], [0.0, 0.0, 5.0], [1.0, 1.0, 0.0]])
OWN = np.array([0, 0, 1, 1])


def test_better_elsewhere_compares_with_the_best_of_the_others() -> None:
    assert better_elsewhere(MERIT, OWN).tolist() == [True, False, True, False]  # a tie is no reason to go
    assert best_match(MERIT, OWN) == 0.5
    assert math.isnan(best_match(np.empty((0, 3)), np.empty(0, int)))


def test_liking_keeps_whom_it_makes_the_own_seller_best() -> None:
    liking = np.array([[1.5, 0.0, 9.0], [0.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
    assert kept_by_liking(MERIT, liking, OWN).tolist() == [True, False, False, False]
    assert not kept_by_liking(MERIT, np.zeros_like(MERIT), OWN).any()


def test_retention_by_bond_counts_the_weakest_first() -> None:
    bond = np.array([0.9, 0.1, 0.5, 0.2, 0.8, 0.6])
    stayed = np.array([True, False, True, False, True, False])
    assert retention_by_bond(bond, stayed).tolist() == [0.0, 0.5, 1.0]
    assert np.isnan(retention_by_bond(bond[:2], stayed[:2])).all()
    with pytest.raises(ValueError, match="at least 1 part"):
        retention_by_bond(bond, stayed, 0)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=3, max_size=60))
def test_retention_by_bond_splits_the_buyers_evenly(buyers: list[tuple[float, bool]]) -> None:
    bond, stayed = (np.array(column) for column in zip(*buyers, strict=True))
    parts = retention_by_bond(bond, stayed)
    sizes = [len(part) for part in np.array_split(np.arange(len(buyers)), 3)]
    assert parts @ sizes == pytest.approx(stayed.sum())


def test_the_average_buyer_meets_what_its_own_seller_has() -> None:
    share = np.array([[0.5, 0.5, 0.0], [0.25, 0.75, 0.0]])
    figure = np.array([[1.0, 2.0, np.nan], [1.0, 2.0, 9.0]])
    assert met_by_buyers(share, figure).tolist() == [1.5, 1.75]


def test_a_rebound_is_counted_from_the_lowest_point() -> None:
    assert rebound([0.4, 0.1, 0.3]) == pytest.approx(0.2)
    assert rebound([0.4, 0.3, 0.1]) == 0.0
    assert math.isnan(rebound([]))
