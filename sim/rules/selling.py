"""A seller's own books: budget, sales skill, bankruptcy (model A11, A17)."""

from __future__ import annotations

from sim.compiled import compiled

__all__ = ["budget_target", "launch_budget", "next_budget", "next_skill", "practice", "profit"]


@compiled
def budget_target(budget_share: float, price: float, unit_cost: float, volume: float) -> float:
    """Selling budget that the margin supports, never negative [money/tick]."""
    return max(budget_share * (price - unit_cost) * volume, 0.0)


@compiled
def launch_budget(budget_share: float, price: float, unit_cost: float, launch_share: float, buyers: float) -> float:
    """Budget of a seller with `launch_share` of the market: the floor during a launch [money/tick]."""
    return budget_target(budget_share, price, unit_cost, launch_share * buyers)


@compiled
def next_budget(budget: float, rate: float, target: float, floor: float) -> float:
    """Budget one tick later: sales forces are sticky, a launch is a floor [money/tick].

    The floor is inside: when it goes, the budget fades at `rate`.
    """
    wanted = max(target, floor)
    return max(budget + rate * (wanted - budget), floor)


@compiled
def practice(visits_to_customers: float, visits_to_prospects: float, messages: float) -> float:
    """Share of the selling effort that goes into winning business, in [0, 1] [-]."""
    return (visits_to_prospects + messages) / max(visits_to_customers + visits_to_prospects + messages, 1e-9)


@compiled
def next_skill(
    skill: float, gain: float, decay: float, practice: float, training: float, training_effect: float
) -> float:
    """Sales skill one tick later, in [0, 1] [-].

    ``K + η (prac / 2 + 5 e_training) (1 - K) - δ (1 - prac) K``. δ from the retention of skills
    without practice (Tatel & Ackerman, meta-analysis; Arthur et al. 1998).
    """
    gained = gain * (0.5 * practice + training_effect * training) * (1.0 - skill)
    lost = decay * (1.0 - practice) * skill
    return min(max(skill + gained - lost, 0.0), 1.0)


@compiled
def profit(price: float, unit_cost: float, volume: float, spending: float, fixed_cost: float) -> float:
    """Profit of a tick: ``(p - c) n - spending - F`` [money/tick]."""
    return (price - unit_cost) * volume - spending - fixed_cost
