"""V32 and V33 in the market: where relationships settle, and how long a skill lasts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from markets import small, steps

from sim.market import Market
from sim.rules.relationship import after_tick

COUNT = 20_000
NOTHING = dict.fromkeys(
    ("visits_to_customers", "visits_to_prospects", "messages", "human_service", "self_service", "training"), 0.0
)


@pytest.mark.parametrize(("visits", "settled"), [(0.1, 0.1429), (0.5, 0.4545), (1.0, 0.6250)])
def test_relationships_under_visits(visits: float, settled: float) -> None:
    """V32: η = .5, δ = .3: R* = ηv / (ηv + δ) on average, when visits alone build relationships."""
    words: dict[str, Any] = {
        "horizon": 40,
        "buyers": {"count": COUNT},
        "word_of_mouth": {"rule": "none"},
        "behaviour": {"visit_bonding": 0.5, "relationship_decay": 0.3, "experience_bonding": 0.0, "betrayal": 0.0},
        # budget 0.24 a customer: the price of a visit sets how many there are
        "selling": {"visit_cost": 0.24 / visits},
        "sellers": [{"name": "Only", "strategy": "collaborative", "effort": NOTHING | {"visits_to_customers": 1.0}}],
    }
    market = steps(Market(small(1, **words), "push"), 40)
    bonds = market.state.pairs["relationship"][:, 0].astype(float)
    error = 4 * bonds.std() / math.sqrt(COUNT)
    assert bonds.mean() == pytest.approx(settled, abs=error + 1e-4)
    record = market.record()
    assert record.shares["relationship"][-1, 0] == pytest.approx(bonds.mean(), abs=1e-6)
    # inflow and decay are in balance
    inflow = record.contacts["relationship_from_visits"][-1, 0] / COUNT
    assert inflow == pytest.approx(0.3 * settled, abs=0.3 * error + 4 * 0.5 / math.sqrt(COUNT))
    assert (record.contacts["relationship_from_experience"] == 0).all()


def test_the_two_inflows_add_up() -> None:
    """A8: what is lost and gained between two ticks is visits, experience, decay and betrayal, each told apart."""
    words: dict[str, Any] = {"buyers": {"count": 2_000}, "behaviour": {"betrayal": 0.0}, "horizon": 12}
    market = Market(small(1, **words), "push")
    before = market.state.pairs["relationship"].astype(float).sum()
    for _ in range(12):
        market.step()
        after = market.state.pairs["relationship"].astype(float).sum()
        record = market.record()
        inflow = sum(record.contacts[f"relationship_from_{source}"][-1].sum() for source in ("visits", "experience"))
        assert after == pytest.approx(0.95 * before + inflow, rel=1e-5)
        before = after


@pytest.mark.parametrize(("decay", "half_life"), [(0.05, 13.5), (0.08, 8.3), (0.101, 6.5)])
def test_an_unused_skill(decay: float, half_life: float) -> None:
    """V33: half of a skill is gone after 13.5, 8.3 or 6.5 months without practice."""
    words: dict[str, Any] = {
        "horizon": 30,
        "selling": {"skill_decay": decay},
        "sellers": [
            {
                "name": "Only",
                "strategy": "relationship-reliant",
                "effort": {"visits_to_prospects": 0.0, "messages": 0.0},
            }
        ],
    }
    skill = Market(small(1, **words), "push").run().shares["sales_skill"][:, 0]
    np.testing.assert_allclose(skill, 0.5 * (1 - decay) ** np.arange(1, 31), rtol=1e-9)
    assert np.interp(-0.25, -skill, np.arange(1, 31)) == pytest.approx(half_life, abs=0.06)


def test_goodwill_of_visits() -> None:
    """V32: with λ = .7 a month a visit a month settles at 1 / (1 - λ) = 3.33, half of it gone in 1.94 months."""
    # a stock far from full is a plain decaying sum of visits, here of a size that leaves 1 - R at 1
    size, stock = 1e-9, 0.0
    for _ in range(200):
        stock = after_tick(stock, 0.3, size, 0.0)
    assert stock / size == pytest.approx(3.3333, abs=1e-4)
    assert math.log(0.5) / math.log(after_tick(stock, 0.3, 0.0, 0.0) / stock) == pytest.approx(1.94, abs=5e-3)
