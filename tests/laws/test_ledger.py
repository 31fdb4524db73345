"""Why they left: each cause alone in the market is the only one in the ledger (A12, A14)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import merged, small

from sim.columns import CAUSES
from sim.market import Market
from sim.results.record import Record

QUIET: dict[str, Any] = {
    "buyers": {"count": 1_500},
    "word_of_mouth": {"rule": "none"},
    "research": {"rule": "none"},
    "behaviour": {"switching_cost": 0.5, "price_sensitivity": 1.0},
}
NOTHING = dict.fromkeys(
    ("visits_to_customers", "visits_to_prospects", "messages", "human_service", "self_service", "training"), 0.0
)


def sellers(**effort: float) -> list[dict[str, Any]]:
    """Three sellers alike, with all their budget in the given effort."""
    return [{"name": name, "strategy": "collaborative", "effort": NOTHING | effort} for name in ("A", "B", "C")]


WORLDS: dict[str, dict[str, Any]] = {
    "push message": {"sellers": sellers(messages=1.0)},
    "visit": {"sellers": sellers(visits_to_prospects=1.0)},
    "routine research": {
        "sellers": sellers(human_service=1.0),
        "research": {"rule": "all"},
        "behaviour": {"research_rate": 0.3, "indifference": 1_000.0},
    },
    "disappointment": {
        "sellers": sellers(human_service=0.1),
        "research": {"rule": "all"},
        "behaviour": {"research_rate": 0.0, "indifference": 0.5},
    },
    "seller gone": {"sellers": sellers(human_service=1.0), "events": [{"at": 4, "exit": "B"}]},
}


def causes(record: Record) -> dict[str, int]:
    """Buyers who left, by cause."""
    found = np.bincount(record.switches["cause"], record.switches["buyers"], len(CAUSES)).astype(int)
    return {cause: count for cause, count in zip(CAUSES, found.tolist(), strict=True) if count}


@pytest.mark.parametrize("cause", WORLDS)
def test_a_cause_alone(cause: str) -> None:
    record = Market(small(**merged(QUIET, WORLDS[cause])), "push").run()
    assert set(causes(record)) == {cause}
    if cause in ("routine research", "disappointment"):
        assert record.market["buyer_initiated"].sum() == record.switches["buyers"].sum()
    if cause in ("push message", "visit"):
        assert record.market["seller_initiated"].sum() == record.switches["buyers"].sum()


def test_word_of_mouth_is_a_cause_when_it_tips_the_scales() -> None:
    """Research that would not have started but for what neighbours said about the incumbent."""
    world = merged(QUIET, WORLDS["disappointment"])
    talked = merged(
        world, {"word_of_mouth": {"rule": "simple", "rate": 0.5}, "behaviour": {"word_of_mouth_variance": 0.2}}
    )
    record = Market(small(**talked), "push").run()
    assert set(causes(record)) == {"word of mouth", "disappointment"}


def test_a_message_and_a_visit_together_count_as_a_visit() -> None:
    both = merged(QUIET, {"sellers": sellers(messages=0.5, visits_to_prospects=0.5)})
    record = Market(small(**both), "push").run()
    assert set(causes(record)) == {"push message", "visit"}


def test_what_came_first_is_the_cause_of_the_episode() -> None:
    """Buyers who are called on in every tick are in an episode when their seller leaves: the call set it off."""
    behaviour = {"attention": 1.0, "attention_span": 4.0, "switching_cost": 3.0}
    world = merged(QUIET, {"sellers": sellers(messages=1.0), "behaviour": behaviour})
    world["selling"] = {"message_cost": 1e-6}
    record = Market(small(**world, events=[{"at": 4, "exit": "B"}]), "push").run()
    switches = record.switches
    then = (switches["tick"] == 4) & (switches["from_seller"] == 1)
    leaving = switches["buyers"][then].sum()
    assert leaving == record.shares["customers"][3, 1]
    # but for those who came in the tick before, whose episode had ended with that
    came = switches["buyers"][(switches["tick"] == 3) & (switches["to_seller"] == 1)].sum()
    assert 0 < came < leaving
    assert switches["buyers"][then & (switches["cause"] == CAUSES.index("seller gone"))].sum() == came


def test_in_push_sellers_begin_and_in_pull_buyers_do() -> None:
    """A14 0.1: the initiation index turns."""
    index = {}
    for economy in ("push", "pull"):
        record = Market(small(buyers={"count": 1_500}, horizon=24), economy).run()
        index[economy] = record.market["buyer_initiated"].sum() / record.switches["buyers"].sum()
    assert index["push"] < 0.2 < 0.5 < index["pull"]
