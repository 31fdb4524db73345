"""Events do what they say from their tick on, and nothing before it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from markets import small

from sim.market import Market
from sim.results.record import CONTACTS, MARKET, SHARES, Record

AT = 6
EVENTS: dict[str, dict[str, Any]] = {
    "enter": {"enter": {"name": "Newcomer", "strategy": "innovator"}},
    "enter of another kind": {"enter": {"name": "Second", "strategy": "hard-sell", "cash": 1.0, "launch": 3}},
    "exit": {"exit": "Allies"},
    "change": {"change": {"seller": "Heritage", "strategy": "transactional"}},
    "quality": {"shock": {"seller": "Closers", "quality": -0.3}},
    "price": {"shock": {"seller": "Closers", "price": 0.2}},
    "cost": {"shock": {"seller": "Closers", "cost": 0.2}},
    "cash": {"shock": {"seller": "Closers", "cash": -5.0}},
    "service": {"shock": {"seller": "Allies", "service": -0.5}},
}


def run(*events: dict[str, Any], economy: str = "pull", **more: Any) -> Record:
    return Market(small(events=list(events), **more), economy).run()


@pytest.mark.parametrize("name", EVENTS)
def test_nothing_happens_before_its_tick(name: str) -> None:
    """The paths of the incumbents are the same to the bit until the event, and other ones after it."""
    base, hit = run(), run({"at": AT, **EVENTS[name]})
    for group, declared in (("shares", SHARES), ("contacts", CONTACTS)):
        for column in declared:
            left, right = getattr(base, group)[column][:AT], getattr(hit, group)[column][:AT, :4]
            assert np.array_equal(left, right, equal_nan=left.dtype.kind == "f"), column
    for column in MARKET:
        assert base.market[column][:AT].tobytes() == hit.market[column][:AT].tobytes(), column
    changed = [
        column
        for column in SHARES
        if not np.array_equal(
            base.shares[column][AT], hit.shares[column][AT, :4], equal_nan=base.shares[column].dtype.kind == "f"
        )
    ]
    assert changed


def test_an_entrant_arrives_with_what_it_brings() -> None:
    """A11: cash 2 a market buyer, a launch that lifts its budget to that of a fifth of the market."""
    record = run({"at": AT, **EVENTS["enter"]})
    newcomer = record.sellers.index("Newcomer")
    assert not record.shares["alive"][: AT - 1, newcomer].any()
    assert record.shares["alive"][AT:, newcomer].all()
    for column in ("share", "customers", "revenue", "profit", "cash", "self_service", "sales_skill"):
        assert (record.shares[column][:AT, newcomer] == 0).all(), column
    floor = 0.6 * (0.95 - 0.60) * 0.2 * 120
    spent = record.shares["customers"][AT, newcomer] * 0.35 - record.shares["profit"][AT, newcomer]
    assert spent == pytest.approx(floor)
    # A17.8: its stock counts from its first tick and moves at its end; so does its skill
    target = 1 - math.exp(-floor * 0.75 / 120 / 0.02)
    assert record.shares["self_service"][AT, newcomer] == pytest.approx(0.85 + 0.08 * (target - 0.85))
    assert record.shares["sales_skill"][AT, newcomer] == pytest.approx(
        0.6 + 0.15 * (0.5 + 5 * 0.05) * 0.4  # practice 1: nothing is lost
    )
    assert record.shares["cash"][AT, newcomer] == pytest.approx(2.0 * 120 + record.shares["profit"][AT, newcomer])


def test_after_the_launch_the_budget_fades() -> None:
    """A17.3: the floor is inside the slow adjustment and needs cash."""
    entry = {"at": 2, "enter": {"name": "Newcomer", "strategy": "innovator", "launch": 4}}
    market = Market(small(events=[entry], mechanisms={"contacts": False}, research={"rule": "none"}), "pull")
    budgets = []
    while market.running:
        market.step()
        budgets.append(float(market.seller("Newcomer").budget))  # type: ignore[attr-defined]
    floor = 0.6 * 0.35 * 0.2 * 120
    assert budgets[2:6] == pytest.approx([floor] * 4)
    assert budgets[6:] == pytest.approx([floor * 0.97**tick for tick in range(1, 9)])


def test_a_launch_needs_cash() -> None:
    entry = {"at": 2, "enter": {"name": "Newcomer", "strategy": "innovator", "cash": 0.01}}
    market = Market(
        small(events=[entry], mechanisms={"contacts": False, "exit": False}, research={"rule": "none"}), "pull"
    )
    floor = 0.6 * 0.35 * 0.2 * 120
    market.step()
    market.step()
    market.step()
    newcomer = market.seller("Newcomer")
    assert newcomer.budget == pytest.approx(floor)
    assert newcomer.cash < 0
    market.step()
    assert newcomer.budget == pytest.approx(0.97 * floor)


def test_a_change_of_course() -> None:
    record = run({"at": AT, "change": {"seller": "Heritage", "strategy": "collaborative", "price": 0.9}})
    visits, price = record.contacts["effort_visits_to_customers"][:, 0], record.contacts["price"][:, 0]
    assert visits.tolist() == [0.55] * AT + [0.20] * (14 - AT)
    assert price.tolist() == [1.0] * AT + [0.9] * (14 - AT)
    # what is made stays as it is unless the change names it
    assert (record.contacts["unit_cost"][:, 0] == 0.6).all()


def test_a_change_may_come_with_another_product() -> None:
    change = {"seller": "Heritage", "strategy": "transactional", "unit_cost": 0.5, "quality": 0.65}
    market = Market(small(events=[{"at": AT, "change": change}]), "pull")
    market.run()
    heritage = market.seller("Heritage")
    assert (heritage.unit_cost, heritage.quality, heritage.price) == (0.5, 0.65, 0.8)
    assert heritage.strategy == "transactional"


@pytest.mark.parametrize("verb", ["price", "cost", "quality", "cash", "service"])
def test_a_shock_is_added_and_stays(verb: str) -> None:
    amount = -0.25
    market = Market(small(events=[{"at": AT, "shock": {"seller": "Allies", verb: amount}}]), "pull")
    base = Market(small(), "pull")
    hit, plain = market.seller("Allies"), base.seller("Allies")
    for tick in range(14):
        if tick == AT:
            before = hit.cash
        base.step()
        market.step()
        moved = amount if tick >= AT else 0.0
        if verb == "price":
            assert hit.price == pytest.approx(1.0 + moved)
        elif verb == "cost":
            assert hit.unit_cost == pytest.approx(0.6 + moved)
        elif verb == "quality":
            assert hit.quality == pytest.approx(0.7 + moved)
        elif verb == "service" and tick == AT:
            spending = hit.budget * 0.30 / hit.customers / 0.05
            assert hit.human_service == pytest.approx(1 - math.exp(-spending) + moved)
        elif verb == "cash" and tick == AT:
            assert hit.cash == pytest.approx(before + amount * 120 + market.record().shares["profit"][AT, 2])
    assert plain.price == 1.0


def test_a_shock_to_the_price_outlives_a_change_of_plan() -> None:
    events = [
        {"at": 3, "shock": {"seller": "Heritage", "price": 0.2}},
        {"at": 6, "change": {"seller": "Heritage", "strategy": "collaborative"}},
        {"at": 9, "shock": {"seller": "Heritage", "price": -0.1}},
    ]
    assert run(*events).contacts["price"][:, 0] == pytest.approx([1.0] * 3 + [1.2] * 6 + [1.1] * 5)


def test_events_of_one_tick_happen_in_the_order_of_the_file() -> None:
    entry = {"at": AT, "enter": {"name": "Newcomer", "strategy": "innovator"}}
    leaves = {"at": AT, "exit": "Newcomer"}
    record = run(entry, leaves)
    assert not record.shares["alive"][:, 4].any()
    assert record.shares["customers"][:, 4].sum() == 0


def test_several_entrants_of_any_strategy() -> None:
    strategies = ("relationship-reliant", "hard-sell", "collaborative", "transactional", "innovator")
    entries = [
        {"at": 2 + place, "enter": {"name": f"E{place}", "strategy": strategy}}
        for place, strategy in enumerate(strategies)
    ]
    record = run(*entries, horizon=40, buyers={"count": 400})
    for place in range(5):
        assert not record.shares["alive"][: 2 + place, 4 + place].any()
        assert record.shares["alive"][2 + place, 4 + place]
        assert record.shares["customers"][:, 4 + place].max() > 0


def test_quality_drifts() -> None:
    sellers = [
        {"name": "Heritage", "strategy": "relationship-reliant", "quality_drift": -0.01},
        {"name": "Closers", "strategy": "hard-sell", "quality_drift": -0.2},
    ]
    market = Market(small(sellers=sellers))
    market.run()
    assert market.seller("Heritage").quality == pytest.approx(0.7 - 14 * 0.01)  # type: ignore[attr-defined]
    assert market.seller("Closers").quality == 0.0  # type: ignore[attr-defined]


def test_a_seller_that_has_given_up_is_past_being_hit() -> None:
    sellers = [
        {"name": "Heritage", "strategy": "relationship-reliant"},
        {"name": "Closers", "strategy": "hard-sell", "price": 0.5, "cash": 0.0},
    ]
    events = [
        {"at": 9, "shock": {"seller": "Closers", "cash": 100.0}},
        {"at": 10, "change": {"seller": "Closers", "strategy": "collaborative"}},
        {"at": 11, "exit": "Closers"},
    ]
    record = run(*events, sellers=sellers)
    assert not record.shares["alive"][5:, 1].any()
    assert (record.shares["customers"][6:, 1] == 0).all()
