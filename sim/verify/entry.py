"""Order of entry: who comes later stays smaller."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.verify.laboratory import (
    Market,
    mean_error,
)
from sim.verify.row import Entries, Panel, Picture, above, below, between, row

ORDER = np.array([1.0, 0.71, 0.58, 0.51, 0.45, 0.41])


def in_order(switching_cost: float, size: int, replication: int) -> NDArray[np.float64]:
    """Shares relative to the pioneer's of six sellers alike who enter two years apart, ten years after the last."""
    seller = {"strategy": "collaborative", "opening_self_service": 0.5}
    words: dict[str, Any] = {
        "name": "order",
        "horizon": 240,
        "seed": 3,
        "buyers": {"count": size},
        # service depends on budgets, and so on size: without it sellers differ in nothing but their time of entry
        "behaviour": {"service_weight": 0.0, "quality_weight": 4.0, "switching_cost": switching_cost},
        "mechanisms": {"exit": False, "adaptation": False, "contacts": False, "relationship": False},
        "economies": {"pull": {"pull_share": 1}},
        "sellers": [{"name": "Seller 1", **seller}],
        "events": [{"at": 24 * place, "enter": {"name": f"Seller {place + 1}", **seller}} for place in range(1, 6)],
    }
    share = Market(Scenario(**words), replication=replication).run().shares["share"][-1]
    return np.asarray(share / share[0])


@row(
    "E6",
    "Order of entry",
    source="Urban et al. 1986 via Hauser & Wernerfelt 1990 (secondary)",
    setting=(
        "six sellers alike enter the pull market two years apart, their service does not depend on their size; "
        "switching cost of 1.7, the highest found in groceries; ten years after the last entry"
    ),
)
def order_of_entry(quick: bool) -> Entries:
    """Shares relative to the pioneer's; how strong the penalty is depends on switching costs and time."""
    size, runs = (4_000, 3) if quick else (10_000, 12)
    places = np.arange(1, 7)
    found = {cost: np.array([in_order(cost, size, run) for run in range(runs)]) for cost in (0.75, 1.7, 3.0)}
    exponents = {
        cost: mean_error([-np.polyfit(np.log(places), np.log(np.maximum(one, 1e-3)), 1)[0] for one in shares])
        for cost, shares in found.items()
    }
    for place in range(1, 6):
        less, error = mean_error(found[1.7][:, place - 1] - found[1.7][:, place])
        yield above(
            f"share of entrant {place} less that of {place + 1}, part of the pioneer's", 0.0, less, error, by=-2.0
        )
    for place in range(1, 6):
        got, error = mean_error(found[1.7][:, place])
        yield between(
            f"share of entrant {place + 1} [part of the pioneer's]", ORDER[place] - 0.1, ORDER[place] + 0.1, got, error
        )
    yield between("exponent of the order, 0.49 in the data", 0.34, 0.64, *exponents[1.7])
    yield below(
        "exponent at a switching cost of 0.75 less that at 1.7",
        0.0,
        exponents[0.75][0] - exponents[1.7][0],
        math.hypot(exponents[0.75][1], exponents[1.7][1]),
    )
    yield Picture(
        "verification_order_of_entry",
        "Order of entry: who comes later stays smaller",
        "Line: shares relative to the pioneer's in consumer goods (data). Marks: six sellers alike who enter two "
        "years apart, ten years after the last entry; the penalty depends on what it costs to switch.",
        [
            Panel(f"switching cost {cost:g} utils", "order of entry", "share, pioneer = 1", {"data": (places, ORDER)},
                  {"market": (places, shares.mean(0), shares.std(0, ddof=1) / math.sqrt(runs))})
            for cost, shares in found.items()
        ],
    )  # fmt: skip
