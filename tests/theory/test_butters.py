"""What V11 does not say of messages that fall on buyers at random (Butters 1977): two senders."""

from __future__ import annotations

import math
from typing import Any

import pytest
from markets import small, steps

from sim.market import Market
from sim.verify.laboratory import NOTHING

COUNT = 50_000


def test_two_senders_reach_independently() -> None:
    """Of two senders with one message a buyer each, e^-2 are reached by none and (1 - e^-1)² by both."""
    words: dict[str, Any] = {
        "buyers": {"count": COUNT, "network": {"degree": 0}},
        "word_of_mouth": {"rule": "none"},
        "research": {"rule": "none"},
        "behaviour": {"attention": 1.0, "attention_span": 2.0, "switching_cost": 1_000.0, "belief_drift": 0.0},
        "selling": {"budget_rate": 0.0, "message_cost": 0.03},
        "sellers": [
            {"name": "Home", "strategy": "collaborative", "effort": NOTHING, "opening_share": 1.0},
            *(
                {"name": name, "strategy": "hard-sell", "effort": NOTHING | {"messages": 1.0}, "opening_share": 0.0}
                for name in ("One", "Two")
            ),
        ],
    }
    market = steps(Market(small(**words), "push"), 1)
    for name in ("One", "Two"):
        market.seller(name).budget = 0.03 * COUNT  # type: ignore[attr-defined]
    market.step()
    told = [market.state.pairs["belief_variance"][:, market.seller(name).place] < 2.0 for name in ("One", "Two")]
    for found, expected in (
        ((~told[0] & ~told[1]).mean(), math.exp(-2)),
        ((told[0] & told[1]).mean(), (1 - math.exp(-1)) ** 2),
    ):
        assert found == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / COUNT))
