"""Contacts: visits divided among buyers, messages that fall at random, attention that is scarce."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.contact import attended, message_probability, visit_probability

spending = st.floats(0, 1e6)
buyers = st.floats(0, 1e6)


def test_visits_by_hand() -> None:
    assert visit_probability(30.0, 0.15, 400.0) == pytest.approx(0.5)
    assert visit_probability(1_000.0, 0.15, 400.0) == 1.0
    assert visit_probability(0.0, 0.15, 400.0) == 0.0
    assert visit_probability(0.0, 0.15, 0.0) == 0.0  # nobody to visit


@given(spending, spending, st.floats(0.01, 1), buyers)
def test_visits_rise_with_spending_and_stay_probabilities(one: float, other: float, cost: float, count: float) -> None:
    less, more = sorted((one, other))
    assert 0.0 <= visit_probability(less, cost, count) <= visit_probability(more, cost, count) <= 1.0


@given(st.floats(0, 1_000), st.floats(0.01, 1), st.floats(1, 1e6))
def test_visits_cost_what_is_spent(money: float, cost: float, count: float) -> None:
    visits = visit_probability(money, cost, count) * count
    assert visits * cost <= money * (1 + 1e-12)
    if visits < count:
        assert visits * cost == pytest.approx(money)


@pytest.mark.parametrize(("messages_a_buyer", "reached"), [(1.0, 0.632121), (3.0, 1 - 0.049787)])
def test_butters(messages_a_buyer: float, reached: float) -> None:
    """V11: A messages on N buyers reach 1 - exp(-A / N) of them."""
    assert message_probability(0.03 * messages_a_buyer * 500.0, 0.03, 500.0) == pytest.approx(reached, abs=1e-6)


def test_free_entry_of_messages() -> None:
    """V11: with (m - c) / b = 20 the last message pays when A / N = ln 20."""
    margin, cost = 20.0, 1.0
    density = math.log(margin / cost)
    assert density == pytest.approx(2.995732, abs=1e-6)
    assert margin * (1.0 - message_probability(cost * density, cost, 1.0)) == pytest.approx(cost)


@given(spending, spending, st.floats(0.01, 1), st.floats(1, 1e6))
def test_messages_rise_with_spending_and_stay_probabilities(
    one: float, other: float, cost: float, count: float
) -> None:
    less, more = sorted((one, other))
    assert 0.0 <= message_probability(less, cost, count) <= message_probability(more, cost, count) <= 1.0


def test_attention_by_hand() -> None:
    assert attended(0.3, 1.0, 1) == pytest.approx(0.3)
    assert attended(0.3, 1.0, 4) == pytest.approx(0.075)
    assert attended(0.3, 2.0, 4) == pytest.approx(0.15)
    assert attended(0.3, 1.0, 0) == pytest.approx(0.3)


@given(st.floats(0, 1), st.floats(0.1, 10), st.integers(1, 64))
def test_attention_is_divided_and_not_multiplied(attention: float, span: float, load: int) -> None:
    """Share of voice counts and not the volume: together the sellers never get more than the span."""
    chance = attended(attention, span, load)
    assert 0.0 <= chance <= attention
    assert chance * load <= attention * max(span, 1.0) * (1 + 1e-12) or load <= span
    assert attended(attention, span, load + 1) <= chance
