"""Service: rival by people, non-rival by self-service, and the queues of V26."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.service import (
    erlang_c,
    human_service,
    in_time_call_centre,
    in_time_single_queue,
    next_self_service,
    self_service_target,
    single_queue_length,
    with_shock,
)

unit = st.floats(0, 1)
money = st.floats(0, 1e5)


def test_by_hand() -> None:
    assert human_service(5.0, 100.0, 0.05) == pytest.approx(1 - math.exp(-1))
    assert self_service_target(20.0, 1_000.0, 0.02) == pytest.approx(1 - math.exp(-1))
    assert next_self_service(0.2, 0.08, 0.7) == pytest.approx(0.24)
    assert with_shock(0.9, -0.25) == pytest.approx(0.65)
    assert with_shock(0.9, 0.25) == 1.0
    assert with_shock(0.1, -0.25) == 0.0


@given(money, st.floats(1, 1e5), st.floats(1, 1e5))
def test_human_service_is_rival(spending: float, one: float, other: float) -> None:
    few, many = sorted((one, other))
    assert 0.0 <= human_service(spending, many, 0.05) <= human_service(spending, few, 0.05) <= 1.0


def test_human_service_without_customers() -> None:
    assert human_service(0.05, 0.0, 0.05) == human_service(0.05, 1.0, 0.05) == pytest.approx(1 - math.exp(-1))
    assert human_service(0.0, 0.0, 0.05) == 0.0


@given(money, money, st.floats(1, 1e5))
def test_service_rises_with_spending(one: float, other: float, count: float) -> None:
    less, more = sorted((one, other))
    assert human_service(less, count, 0.05) <= human_service(more, count, 0.05)
    assert 0.0 <= self_service_target(less, count, 0.02) <= self_service_target(more, count, 0.02) <= 1.0


@given(unit, unit, unit)
def test_the_stock_goes_towards_its_target(stock: float, rate: float, target: float) -> None:
    after = next_self_service(stock, rate, target)
    assert min(stock, target) - 1e-12 <= after <= max(stock, target) + 1e-12
    assert next_self_service(target, rate, target) == target


def test_the_stock_in_closed_form() -> None:
    stock = 0.85
    for tick in range(1, 60):
        stock = next_self_service(stock, 0.08, 0.3)
        assert stock == pytest.approx(0.3 + 0.55 * 0.92**tick, rel=1e-12)


def test_single_queue() -> None:
    """V26: with ρ = 0.8 four customers are in the system."""
    assert single_queue_length(0.8) == pytest.approx(4.0, abs=1e-6)
    assert single_queue_length(0.0) == 0.0


def test_time_in_a_single_queue() -> None:
    # exponential at μ - λ
    assert in_time_single_queue(10.0, 8.0, 0.5) == pytest.approx(1 - math.exp(-1))
    assert in_time_single_queue(8.0, 8.0, 0.5) == 0.0
    assert in_time_single_queue(7.0, 8.0, 0.5) == 0.0
    assert in_time_single_queue(10.0, 8.0, 0.0) == 0.0


def exact_erlang_c(servers: int, load: float) -> float:
    terms = [load**k / math.factorial(k) for k in range(servers + 1)]
    last = terms[servers] * servers / (servers - load)
    return last / (sum(terms[:servers]) + last)


def test_erlang_c() -> None:
    """V26: eight servers under a load of six erlangs."""
    assert erlang_c(8, 6.0) == pytest.approx(0.356981, abs=1e-6)
    assert erlang_c(1, 0.8) == pytest.approx(0.8)  # M/M/1: the utilisation
    assert erlang_c(3, 3.0) == 1.0
    assert erlang_c(5, 0.0) == 0.0


@given(st.integers(1, 40), st.floats(0, 0.99))
def test_erlang_c_against_its_definition(servers: int, utilisation: float) -> None:
    load = utilisation * servers
    assert erlang_c(servers, load) == pytest.approx(exact_erlang_c(servers, load), rel=1e-9, abs=1e-300)
    assert erlang_c(servers + 1, load) <= erlang_c(servers, load)


@given(st.integers(0, 40), st.floats(0, 50), st.floats(0, 1), st.floats(0, 1))
def test_a_call_centre_answers_more_with_time(servers: int, load: float, one: float, other: float) -> None:
    less, more = sorted((one, other))
    early = in_time_call_centre(servers, load, 50.0, less)
    assert 0.0 <= early <= in_time_call_centre(servers, load, 50.0, more) <= 1.0
    if servers == 0 or load >= servers:
        assert early == 0.0


def test_call_centre_by_hand() -> None:
    assert in_time_call_centre(8, 6.0, 50.0, 0.0) == pytest.approx(1 - 0.356981, abs=1e-6)
    assert in_time_call_centre(8, 6.0, 50.0, 0.01) == pytest.approx(1 - 0.356981 * math.exp(-1), abs=1e-6)
