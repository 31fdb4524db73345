"""What V26 does not say of service that congests: limits, and overload."""

from __future__ import annotations

import math
from typing import Any

import pytest
from markets import small, steps

from sim.market import Market


def served(congestion: dict[str, Any]) -> tuple[float, float]:
    """Human service of a monopolist in the market, and what it spends on it a customer."""
    market = Market(small(1, buyers={"count": 300}, selling={"congestion": congestion}), "push")
    steps(market, 2)
    seller: Any = market.sellers[0]
    return float(seller.human_service), float(seller.budget * seller.effort[3] / 300)


def test_single_queue_in_the_market() -> None:
    """Service is the probability that a request is done in time: 1 - exp(-(μ - λ) t)."""
    service, spending = served({"kind": "mm1", "calls": 1.0, "call_cost": 0.07, "answer_within": 0.02})
    capacity, load = spending / 0.07 * 300, 300.0
    assert capacity > load
    assert service == pytest.approx(1 - math.exp(-(capacity - load) * 0.02))


def test_call_centre_in_the_market() -> None:
    """Service is the probability of waiting at most t: 1 - C(c, a) exp(-(c μ - λ) t)."""
    service, spending = served(
        {"kind": "erlang-c", "calls": 1.0, "calls_per_server": 50.0, "server_cost": 2.6, "answer_within": 0.002}
    )
    assert int(spending * 300 / 2.6) == 8  # servers, under a load of 300 requests at 50 a server
    assert service == pytest.approx(1 - 0.356981 * math.exp(-(8 - 6) * 50 * 0.002), abs=1e-6)


def test_an_overloaded_desk_answers_nobody() -> None:
    assert served({"kind": "mm1", "call_cost": 1.0})[0] == 0.0
    assert served({"kind": "erlang-c", "server_cost": 20.0})[0] == 0.0
