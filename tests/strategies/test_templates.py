"""Each strategy's template is the row of model A11, and its first plan is its template."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views import view

from sim.strategies import Effort, Policy, catalogue, find

# e (own visits, new visits, push, human service, self-service, training), Q, p, c, b, R₀, K₀, T₀, ψ
ROWS = {
    "relationship-reliant": ((0.55, 0.05, 0.05, 0.30, 0.05, 0.00), 0.70, 1.00, 0.60, 0.0, 0.8, 0.5, None, 1.0),
    "hard-sell": ((0.10, 0.30, 0.30, 0.20, 0.00, 0.10), 0.70, 1.00, 0.60, 0.8, 0.2, 0.8, None, 1.0),
    "collaborative": ((0.20, 0.05, 0.05, 0.30, 0.35, 0.05), 0.70, 1.00, 0.60, 0.0, 0.4, 0.6, None, 0.0),
    "transactional": ((0.00, 0.00, 0.20, 0.20, 0.25, 0.00), 0.60, 0.80, 0.52, 0.0, 0.1, 0.4, None, 1.0),
    "innovator": ((0.00, 0.05, 0.15, 0.00, 0.75, 0.05), 0.70, 0.95, 0.60, 0.0, 0.0, 0.6, 0.85, 0.0),
}


@pytest.mark.parametrize("name", ROWS)
def test_template(name: str) -> None:
    effort, quality, price, cost, overclaim, bond, skill, stock, stubbornness = ROWS[name]
    policy = find(name)()
    assert policy.strategy == name
    assert policy.effort.shares == pytest.approx(effort)
    assert (policy.quality, policy.price, policy.unit_cost, policy.overclaim) == (quality, price, cost, overclaim)
    assert (policy.opening_relationship, policy.opening_skill, policy.opening_self_service) == (bond, skill, stock)
    assert policy.stubbornness == stubbornness


def test_the_five_are_there_and_say_where_they_come_from() -> None:
    assert set(ROWS) <= set(catalogue())
    for name in ROWS:
        assert "A11" in find(name).source


@pytest.mark.parametrize("name", ROWS)
def test_the_first_plan_is_the_template(name: str) -> None:
    policy = find(name)()
    plan = policy.plan(view([0.25]))
    assert plan == policy.opening_plan()
    assert (plan.effort, plan.price, plan.overclaim) == (policy.effort, policy.price, policy.overclaim)


@pytest.mark.parametrize("name", ROWS)
def test_who_does_well_stays_the_course(name: str) -> None:
    policy = find(name)()
    plan = policy.opening_plan()
    for ticks in range(1, 60):
        assert policy.plan(view([0.25 + 0.005 * tick for tick in range(ticks + 1)], plan)) is plan


@pytest.mark.parametrize("name", ROWS)
def test_own_parameters_replace_the_template(name: str) -> None:
    policy: Policy = find(name)(price=0.5, overclaim=0.1, effort={"training": 0.0, "visits_to_customers": 0.0})
    assert policy.opening_plan().price == 0.5
    assert policy.effort.training == 0.0
    assert policy.effort.human_service == ROWS[name][0][3]  # what is left out keeps the strategy's own


efforts = st.lists(st.floats(0, 1), min_size=6, max_size=6).map(
    lambda parts: Effort(**dict(zip(Effort.model_fields, [part / max(1.0, sum(parts)) for part in parts], strict=True)))
)


@given(efforts, efforts, st.floats(0, 1))
def test_a_step_from_effort_to_effort_is_within_budget(one: Effort, other: Effort, step: float) -> None:
    moved = one.toward(other, step)
    assert sum(moved.shares) <= 1 + 1e-9
    for mine, theirs, between in zip(one.shares, other.shares, moved.shares, strict=True):
        assert min(mine, theirs) - 1e-12 <= between <= max(mine, theirs) + 1e-12
    assert one.toward(other, 0.0).shares == one.shares
    assert one.toward(other, 1.0).shares == pytest.approx(other.shares)
