"""Change of course: when it is noticed, how far one goes, and after whom (model A11, A17.14)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from views import view

from sim.strategies import Adaptation, Collaborative, HardSell, Plan, RelationshipReliant
from sim.strategies.adaptation import COLLABORATION, adapted, noticed_shares, smoothed

RELATIONSHIP = RelationshipReliant().opening_plan()
PRESSING = HardSell().opening_plan()


def halving(ticks: int, start: float = 0.4) -> np.ndarray:
    """Own share that holds for six ticks and then falls by a tenth a tick."""
    return start * 0.9 ** np.maximum(np.arange(ticks + 1) - 6, 0)


def test_a_yielding_seller_moves_three_tenths_towards_collaboration() -> None:
    """h = 0.3, ψ = 0: e + 0.3 (e_collab - e), b (1 - 0.3)."""
    plan = adapted(PRESSING, view(halving(24), PRESSING), Adaptation(), 0.0)
    expected = [0.7 * old + 0.3 * new for old, new in zip(PRESSING.effort.shares, COLLABORATION.shares, strict=True)]
    assert plan.effort.shares == pytest.approx(expected)
    assert plan.overclaim == pytest.approx(0.8 * 0.7)
    assert plan.price == PRESSING.price


@pytest.mark.parametrize("stubbornness", [0.25, 0.5, 0.9])
def test_stubbornness_shortens_the_step(stubbornness: float) -> None:
    plan = adapted(PRESSING, view(halving(24), PRESSING), Adaptation(), stubbornness)
    step = 0.3 * (1 - stubbornness)
    assert plan.overclaim == pytest.approx(0.8 * (1 - step))
    assert plan.effort.self_service == pytest.approx(0.35 * step)


def test_the_stubborn_never_move() -> None:
    for ticks in range(1, 80):
        assert adapted(PRESSING, view(halving(ticks), PRESSING), Adaptation(), 1.0) is PRESSING
    assert RelationshipReliant().plan(view(halving(48), RELATIONSHIP)) is RELATIONSHIP


def test_the_course_is_reviewed_every_six_ticks() -> None:
    moved = [
        tick
        for tick in range(60)
        if adapted(PRESSING, view(halving(tick), PRESSING), Adaptation(), 0.0) is not PRESSING
    ]
    assert moved
    assert all(tick % 6 == 0 for tick in moved)
    assert set(range(18, 60, 6)) <= set(moved)


def test_repeated_reviews_end_at_the_model() -> None:
    plan = PRESSING
    for tick in range(6, 300, 6):
        plan = adapted(plan, view(halving(tick), plan), Adaptation(), 0.0)
    assert plan.effort.shares == pytest.approx(COLLABORATION.shares, abs=1e-4)
    assert plan.overclaim == pytest.approx(0.0, abs=1e-4)


def test_a_tenth_is_tolerated() -> None:
    """Judged on the smoothed share; a share that falls to just above nine tenths is borne."""
    level = np.concatenate([np.full(12, 0.4), np.full(49, 0.4 * 0.901)])
    assert adapted(PRESSING, view(level, PRESSING), Adaptation(), 0.0) is PRESSING
    level[12:] = 0.4 * 0.88
    # 36 ticks later the past itself is low: a level that holds is the new normal
    assert adapted(PRESSING, view(level, PRESSING), Adaptation(), 0.0) is PRESSING
    assert adapted(PRESSING, view(level[:31], PRESSING), Adaptation(), 0.0) is not PRESSING


def test_smoothing_by_hand() -> None:
    assert smoothed(np.array([1.0, 0.0, 0.5]), 0.2) == pytest.approx(0.8 * (0.8 * 1.0) + 0.2 * 0.5)
    assert smoothed(np.array([0.3]), 0.2) == 0.3
    assert smoothed(np.array([0.3, 0.9]), 1.0) == 0.9


def test_one_bad_tick_is_smoothed_away() -> None:
    share = np.full(25, 0.4)
    share[-1] = 0.3
    assert adapted(PRESSING, view(share, PRESSING), Adaptation(), 0.0) is PRESSING
    assert adapted(PRESSING, view(share, PRESSING), Adaptation(smoothing=1.0), 0.0) is not PRESSING


def test_early_on_the_first_tick_is_the_reference() -> None:
    """A17.14: the reference is tick 0 while t < 24."""
    share = np.concatenate([[0.9], np.full(12, 0.4)])  # the opening itself does not count as a tick
    weights = Adaptation(smoothing=1.0)
    assert adapted(PRESSING, view(share, PRESSING), weights, 0.0) is PRESSING
    share[1] = 0.9
    assert adapted(PRESSING, view(share, PRESSING), weights, 0.0) is not PRESSING


@pytest.mark.parametrize("lag", [0, 3, 10])
def test_a_seller_whose_attention_was_elsewhere_moves_later(lag: int) -> None:
    def first(adaptation: Adaptation) -> int:
        return next(
            tick
            for tick in range(1, 99)
            if adapted(PRESSING, view(halving(tick), PRESSING), adaptation, 0.0) is not PRESSING
        )

    prompt = first(Adaptation(every=1))
    assert first(Adaptation(every=1, perception_lag=lag)) == prompt + lag


@given(st.integers(1, 40), st.integers(0, 50))
def test_what_is_noticed_is_old_by_the_lag(ticks: int, lag: int) -> None:
    share = np.linspace(0.5, 0.1, ticks + 1)
    seen = noticed_shares(view(share), Adaptation(perception_lag=lag))
    assert len(seen) == max(1, ticks + 1 - lag)
    np.testing.assert_array_equal(seen, share[: len(seen)])


def test_who_watches_known_rivals_does_not_see_a_stranger_win() -> None:
    """Seed 0: the competitor from places once unimaginable takes from both; among old rivals all is well."""
    stranger = np.linspace(0.0, 0.6, 31)
    table = np.column_stack([(1 - stranger) / 2, (1 - stranger) / 2, stranger])
    known = np.array([True, True, False])
    blind = adapted(PRESSING, view(table, PRESSING, known_rivals=known), Adaptation(monitor="known-rivals"), 0.0)
    seeing = adapted(PRESSING, view(table, PRESSING, known_rivals=known), Adaptation(monitor="market"), 0.0)
    assert blind is PRESSING
    assert seeing is not PRESSING
    np.testing.assert_allclose(noticed_shares(view(table, known_rivals=known), Adaptation(monitor="known-rivals")), 0.5)


def test_who_watches_known_rivals_does_see_them_win() -> None:
    table = np.column_stack([np.linspace(0.5, 0.2, 31), np.linspace(0.5, 0.8, 31), np.zeros(31)])
    known = np.array([True, True, False])
    plan = adapted(PRESSING, view(table, PRESSING, known_rivals=known), Adaptation(monitor="known-rivals"), 0.0)
    assert plan is not PRESSING


EFFORTS = np.array([PRESSING.effort.shares, (0.5, 0.1, 0.0, 0.2, 0.2, 0.0), (0.0, 0.0, 0.2, 0.0, 0.8, 0.0)])


@pytest.mark.parametrize(("monitor", "model"), [("market", 2), ("known-rivals", 1)], ids=["all", "known rivals"])
def test_imitation_of_the_fastest_gainer(monitor: str, model: int) -> None:
    """Nelson & Winter: move towards what the seller with the largest gain visibly does."""
    table = np.column_stack([np.linspace(0.6, 0.2, 31), np.linspace(0.3, 0.4, 31), np.linspace(0.1, 0.4, 31)])
    seen = view(table, PRESSING, efforts=EFFORTS, known_rivals=np.array([True, True, False]))
    plan = adapted(PRESSING, seen, Adaptation(toward="fastest-gainer", monitor=monitor), 0.0)
    expected = 0.7 * np.array(PRESSING.effort.shares) + 0.3 * EFFORTS[model]
    assert plan.effort.shares == pytest.approx(expected)


def test_the_dead_are_not_imitated() -> None:
    table = np.column_stack([np.linspace(0.6, 0.2, 31), np.linspace(0.3, 0.4, 31), np.linspace(0.1, 0.4, 31)])
    seen = view(table, PRESSING, efforts=EFFORTS, alive=np.array([True, True, False]))
    plan = adapted(PRESSING, seen, Adaptation(toward="fastest-gainer"), 0.0)
    assert plan.effort.shares == pytest.approx(0.7 * np.array(PRESSING.effort.shares) + 0.3 * EFFORTS[1])


def test_who_gained_most_itself_has_nobody_to_imitate() -> None:
    """A loss against the distant past, but lately the best: no change."""
    share = np.concatenate([np.full(10, 0.6), np.full(8, 0.2), np.linspace(0.2, 0.4, 13)])
    seen = view(share, PRESSING, efforts=EFFORTS)
    assert adapted(PRESSING, seen, Adaptation(toward="collaborative"), 0.0) is not PRESSING
    assert adapted(PRESSING, seen, Adaptation(toward="fastest-gainer"), 0.0) is PRESSING


def test_toward_nothing_is_no_change() -> None:
    assert adapted(PRESSING, view(halving(24), PRESSING), Adaptation(toward="nothing"), 0.0) is PRESSING


def test_who_never_had_customers_has_none_to_lose() -> None:
    for ticks in (6, 12, 30):
        assert adapted(PRESSING, view(np.zeros(ticks + 1), PRESSING), Adaptation(), 0.0) is PRESSING


def test_the_collaborative_template_is_its_own_goal() -> None:
    plan: Plan = Collaborative().opening_plan()
    moved = Collaborative().plan(view(halving(24), plan))
    assert moved.effort.shares == pytest.approx(plan.effort.shares)
