"""Networks: how news and demanding novelties spread, and what talk and messages do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.verify.diffusion import NEW
from sim.verify.laboratory import (
    NOTHING,
    STILL,
    Market,
    mean_error,
    merged,
)
from sim.verify.row import Entries, Panel, Picture, above, between, row


def spread(rule: str, rewiring: float, seeds: Sequence[int], rate: float, horizon: int, replication: int) -> float:
    """Ticks until 90 % of 3000 buyers have a new seller of which some have it at first; inf if they never have."""
    words: dict[str, Any] = {
        "name": "spread",
        "horizon": horizon,
        "seed": 2007,
        "buyers": {
            "count": 3_000, "taste": {"kind": "normal", "sd": 0.0}, "network": {"degree": 10, "rewiring": rewiring}
        },
        "word_of_mouth": {"rule": rule, "rate": rate, "dissatisfied_ratio": 1.0, "threshold": 0.3},
        "behaviour": {"research_rate": 1.0, "discovery": 0.0, "switching_cost": 0.0, "quality_weight": 1.0,
                      "service_weight": 0.0},
        "research": {"rule": "all", "discovery_floor": 0.0},
        "mechanisms": STILL,
        "economies": {"pull": {"pull_share": 1}},
        "sellers": [
            {"name": "Old", "strategy": "hard-sell", "quality": 0.0, "opening_share": 0.9},
            {**NEW, "opening_share": 0.1},
        ],
    }  # fmt: skip
    market = Market(Scenario(**words), replication=replication)
    buyers, new = market.state.buyers, market.seller("New").place
    buyers["seller"] = market.seller("Old").place
    buyers["seller"][list(seeds)] = new
    buyers["known"] = np.uint64(1) << buyers["seller"].astype(np.uint64)
    while market.running:
        market.step()
        if (buyers["seller"] == new).mean() >= 0.9:
            return market.tick
    return math.inf


@row(
    "E8",
    "Networks and diffusion",
    source="Watts & Strogatz 1998 for simple contagion; Delre et al. 2007 for thresholds",
    setting=(
        "3000 buyers, lists of 10, rewired by 0, 0.1, 1; time to 90 %; simple: 30 seeds anywhere, talks of 0.05; "
        "threshold of 3 in 10: 30 seeds in a row, talks of 0.5"
    ),
)
def networks(quick: bool) -> Entries:
    """Simple contagion is the faster the more is rewired; a threshold is passed fastest in a small world."""
    runs, horizon = (3, 600) if quick else (10, 800)
    rewirings = (0.0, 0.1, 1.0)
    anywhere = [np.random.default_rng([8, run]).integers(0, 3_000, 30).tolist() for run in range(runs)]
    simple = np.array(
        [[spread("simple", p, anywhere[run], 0.05, horizon, run) for p in rewirings] for run in range(runs)]
    )
    for place, words in ((0, "ring less small world"), (1, "small world less random")):
        yield above(f"simple contagion: {words} [ticks]", 0.0, *mean_error(simple[:, place] - simple[:, place + 1]))
    row_of = list(range(100, 130))
    hard = np.array([[spread("threshold", p, row_of, 0.5, horizon, run) for p in rewirings] for run in range(runs)])
    ring, small, random = np.minimum(hard, horizon).T  # a time beyond the horizon is longer than what counts here
    yield above("threshold contagion: ring less small world [ticks]", 0.0, *mean_error(ring - small))
    yield above("threshold contagion: random less small world [ticks], at least", 0.0, *mean_error(random - small))
    places = np.arange(3)
    yield Picture(
        "verification_networks",
        "Simple news travels fastest at random; what needs three voices, in a small world",
        f"Time until 90 % of 3000 buyers have it. A mark at {horizon} has not got there (threshold, random network).",
        [
            Panel(words, "part of the links rewired", "ticks to 90 %", {},
                  {"market": (places, held.mean(0), held.std(0, ddof=1) / math.sqrt(runs))}, labels=("0", "0.1", "1"))
            for words, held in (("simple contagion", simple), ("threshold of 3 in 10", np.minimum(hard, horizon)))
        ],
    )  # fmt: skip


def campaign(
    size: int, ticks: int, replication: int, cut: str = "", after: float = 0.0, **more: Any
) -> NDArray[np.float64]:
    """Adoption by tick of a new seller that sends messages and is talked of.

    Parameters
    ----------
    cut : {"", "messages", "talk"}
        What ends once `after` of the buyers have adopted.
    """
    words: dict[str, Any] = {
        "name": "campaign",
        "horizon": ticks + 1,
        "seed": 2001,
        "buyers": {"count": size, "taste": {"kind": "normal", "sd": 0.0}, "network": {"degree": 10, "rewiring": 0.1}},
        "word_of_mouth": {"rule": "simple", "rate": 0.03, "dissatisfied_ratio": 1.0},
        "behaviour": {"research_rate": 1.0, "discovery": 0.0, "switching_cost": 0.0, "quality_weight": 1.0,
                      "service_weight": 0.0, "attention": 1.0, "persuasion": 0.0},
        "research": {"rule": "all", "discovery_floor": 0.0},
        "selling": {"budget_rate": 0.0, "message_cost": 1.0},
        "mechanisms": STILL | {"contacts": True},
        "economies": {"pull": {"pull_share": 1}},
        "sellers": [
            {"name": "Old", "strategy": "hard-sell", "quality": 0.0, "opening_share": 0.5, "effort": NOTHING},
            {**NEW, "opening_share": 0.5, "effort": NOTHING | {"messages": 1.0}},
        ],
    }  # fmt: skip
    market = Market(Scenario(**merged(words, more)), replication=replication)
    buyers, sellers, terms = market.state.buyers, market.state.sellers, market.state.terms
    new, old = market.seller("New").place, market.seller("Old").place
    market.step()  # budgets open with the margin of the opening shares; from here on they are what is set
    buyers["seller"] = old
    buyers["known"] = np.uint64(1) << np.uint64(old)
    path = [0.0]
    while market.running:
        ended = cut if path[-1] >= after else ""
        sellers["budget"][new] = 1e-12 if ended == "messages" else 0.005 * size
        if ended == "talk":
            terms["talk_rate"] = terms["talk_ceiling"] = 0.0
            terms["all_silent"] = 1.0
        market.step()
        path.append(float((buyers["seller"] == new).mean()))
    return np.array(path)


@row(
    "E9",
    "Word of mouth and advertising",
    source="Goldenberg, Libai & Muller 2001 (abstract)",
    setting=(
        "a new seller, messages that reach 0.5 % a tick, ten ties of which one in ten is far; talks of 0.03; take-off "
        "at 16 %; cut from then on: messages, or talk; and markets of near ties (0.04) or of far ones (0.02) alone"
    ),
)
def talk_and_messages(quick: bool) -> Entries:
    """What a cut costs in the ten ticks after take-off, and in the first five ticks."""
    size, runs, ticks = (6_000, 5, 60) if quick else (10_000, 12, 60)
    later, early, near_far = [], [], []
    for run in range(runs):
        both = campaign(size, ticks, run)
        off = int(np.argmax(both >= 0.16))
        quiet, unsaid = (campaign(size, ticks, run, what, 0.16) for what in ("messages", "talk"))
        later.append([both[off + 10] - quiet[off + 10], both[off + 10] - unsaid[off + 10]])
        none, mute = (campaign(size, 6, run, what, 0.0) for what in ("messages", "talk"))
        early.append([both[5] - none[5], both[5] - mute[5]])
        times = []
        for rewiring, rate in ((0.0, 0.04), (1.0, 0.02)):
            more: dict[str, Any] = {"buyers": {"network": {"rewiring": rewiring}}, "word_of_mouth": {"rate": rate}}
            times.append(int(np.argmax(campaign(size, 120, run, **more) >= 0.5)))
        near_far.append(times)
    loss, start, half = np.array(later), np.array(early), np.array(near_far, dtype=float)
    yield above(
        "after take-off: adopters lost without talk less those lost without messages",
        0.0,
        *mean_error(loss[:, 1] - loss[:, 0]),
    )
    yield above(
        "first five ticks: lost without messages less lost without talk", 0.0, *mean_error(start[:, 0] - start[:, 1])
    )
    ratio = half[:, 1] / half[:, 0]
    yield between(
        "time to 50 %: far ties of half the strength against near ones [ratio]", 0.67, 1.5, *mean_error(ratio)
    )
