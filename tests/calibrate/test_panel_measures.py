"""Measures of a panel of purchases, against counts made by hand and by plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from sim.measures import panel_sums, panel_targets, target_bases, target_names

# three buyers of 4, 3 and 2 purchases
CHOICES = np.array([[0, 0, 1, 0], [1, 1, 1, 0], [0, 2, 0, 0]])
LENGTHS = np.array([4, 3, 2])
SELLERS = ("a", "b", "c")


def measured(window: int = 2) -> dict[str, float]:
    sums = panel_sums(CHOICES, LENGTHS, 3, window)
    values = panel_targets(sums.sum(axis=0), 3)
    return dict(zip(target_names(SELLERS, window), values, strict=True))


def test_counts_made_by_hand() -> None:
    got = measured()
    wanted = {
        "share a": 4 / 9,  # a: 3 of the first buyer, 1 of the third; b: 1 and 3; c: 1
        "share b": 4 / 9,
        "share c": 1 / 9,
        "repeat rate": 3 / 6,  # aa ab ba | bb bb | ac
        "repeat a": 1 / 3,
        "repeat b": 2 / 3,
        "2-step repeat": 2 / 3,  # a.b no, a.a yes, b.b yes
        "pen2 a": 2 / 3,
        "pen2 b": 1 / 3,
        "pen2 c": 1 / 3,
        "w2 a": 3 / 2,
        "sole2 a": 1 / 2,
        "sole2 b": 1.0,
        "sole2 c": 0.0,
        "P[a->b]": 1 / 3,
        "P[a->c]": 1 / 3,
        "P[b->a]": 1 / 3,
    }
    assert {name: got[name] for name in wanted} == pytest.approx(wanted)
    assert np.isnan(got["repeat c"])  # nobody bought after c
    # buyers of a who buy b, c: 0, 1/2; of b: 0, 0; of c: a 1, b 0; on penetrations 2/3, 1/3, 1/3
    assert got["D"] == pytest.approx((0.5 / 3 + 2 / 3) / (2 * (4 / 9 + 1 / 9 + 1 / 9)))


def test_what_lies_beyond_a_history_is_not_read() -> None:
    junk = np.where(np.arange(4) < LENGTHS[:, None], CHOICES, 2)
    assert (panel_sums(junk, LENGTHS, 3, 2) == panel_sums(CHOICES, LENGTHS, 3, 2)).all()


def test_groups_are_sums_of_their_buyers() -> None:
    random = np.random.default_rng(3)
    choices, lengths = random.integers(0, 5, (60, 9)), random.integers(1, 10, 60)
    groups = random.integers(0, 4, 60)
    alone = panel_sums(choices, lengths, 5, 4)
    together = panel_sums(choices, lengths, 5, 4, groups)
    for group in range(4):
        assert together[group] == pytest.approx(alone[groups == group].sum(axis=0))


def test_each_target_has_a_basis() -> None:
    total = panel_sums(CHOICES, LENGTHS, 3, 2).sum(axis=0)
    bases = dict(zip(target_names(SELLERS, 2), target_bases(total, 3), strict=True))
    assert bases["share b"] == 9
    assert bases["P[a->c]"] == bases["repeat a"] == 3
    assert bases["2-step repeat"] == 3
    assert bases["pen2 c"] == bases["D"] == 3
    assert bases["sole2 a"] == bases["w2 a"] == 2
    assert len(bases) == 3 + 1 + 3 + 1 + 9 + 1 + 9
