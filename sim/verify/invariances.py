"""What must not matter does not, to the bit: order of buyers, chunks, threads, a silent entrant."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.results.record import BUYERS, CONTACTS, MARKET, SHARES, Record
from sim.scenario import Scenario
from sim.verify.laboratory import Market
from sim.verify.row import Entries, exact, row

WORDS: dict[str, Any] = {
    "name": "rich",
    "horizon": 16,
    "seed": 11,
    "buyers": {
        "count": 600,
        "incidence": {"kind": "nbd", "mean": 1.5, "shape": 0.8},
        "business": {"growth": 0.01, "sd": 0.02, "tenure_effect": -0.001},
    },
    "economies": {"transition": {"pull_share": {"kind": "logistic", "midpoint": 8, "width": 2}}},
    "sellers": [
        {"name": name, "strategy": strategy}
        for name, strategy in (
            ("Heritage", "relationship-reliant"), ("Closers", "hard-sell"), ("Allies", "collaborative"),
            ("Value", "transactional"),
        )
    ],
    "events": [{"at": 5, "enter": {"name": "Newcomer", "strategy": "innovator"}}],
}  # fmt: skip
SILENT = {"at": 3, "enter": {
    "name": "Nobody", "strategy": "innovator", "cash": 0.0, "launch": 0, "opening_self_service": 0.0
}}  # fmt: skip


def differing(one: Record, other: Record) -> int:
    """Columns of the record in which the sellers of `one`, or the market, have another path in `other`."""
    theirs = [other.sellers.index(name) for name in one.sellers]
    count = 0
    for group, declared in (("shares", SHARES), ("contacts", CONTACTS)):
        for name in declared:
            left, right = getattr(one, group)[name], getattr(other, group)[name][:, theirs]
            count += not np.array_equal(left, right, equal_nan=left.dtype.kind == "f")
    for group, declared in (("market", MARKET), ("buyers", BUYERS)):
        count += sum(getattr(one, group)[name].tobytes() != getattr(other, group)[name].tobytes() for name in declared)
    return count


@row(
    "V40",
    "What must not matter",
    source="draws are a function of seed, replication, tick, purpose, buyer and seller",
    setting="four sellers and an entrant, 600 buyers, 16 ticks of a transition; every column of the record is compared",
)
def invariances(quick: bool) -> Entries:
    """Columns that differ: none."""
    scenario = Scenario(**WORDS)
    base = Market(scenario).run()
    yield exact("columns that differ: chunks of 97 buyers", 0, differing(base, Market(scenario, chunk=97).run()), 0)
    threads = Market(scenario, threads=2, chunk=50).run()
    yield exact("columns that differ: 2 threads", 0, differing(base, threads), 0)
    turned = Market(scenario, engine="agents")
    turned.buyers = [turned.buyers[row] for row in np.random.default_rng(1).permutation(turned.buyer_count)]
    yield exact("columns that differ: Mesa agents, in a random order", 0, differing(base, turned.run()), 0)
    reordered = Scenario(**{**WORDS, "sellers": WORDS["sellers"][::-1]})
    yield exact("columns that differ: sellers in the opposite order", 0, differing(base, Market(reordered).run()), 0)
    silent = Scenario(**{**WORDS, "events": [*WORDS["events"], SILENT]})
    yield exact("columns that differ: a silent entrant", 0, differing(base, Market(silent).run()), 0)
    other = Market(scenario, rng=12).run()
    yield exact("the comparison can fail: with another seed columns differ (1 = yes)", 1, differing(base, other) > 0, 0)
