"""The default market: facts that must emerge with nothing set but its size (tenure, consideration, satisfaction)."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measures import retention_by_tenure
from sim.scenario import Scenario
from sim.verify.laboratory import (
    Market,
    batches,
    jackknife,
    mean_error,
    merged,
    moves,
    steps,
)
from sim.verify.row import Entries, Panel, Picture, above, below, between, missing, row

STRATEGIES = ("relationship-reliant", "hard-sell", "collaborative", "transactional")

ECONOMIES: dict[str, Any] = {"push": {"pull_share": 0}, "pull": {"pull_share": 1}}


def default_market(economy: str, buyers: int, horizon: int, sellers: int = 4, **more: Any) -> Market:
    """The default market: nothing but its size is set."""
    words: dict[str, Any] = {
        "name": "default",
        "horizon": horizon,
        "seed": 1,
        "buyers": {"count": buyers},
        "economies": ECONOMIES,
        "sellers": [{"name": f"Seller {place}", "strategy": STRATEGIES[place % 4]} for place in range(sellers)],
    }
    return Market(Scenario(**merged(words, more)), economy)


@row(
    "E5",
    "Retention rises with tenure",
    source="Fader & Hardie 2007 for the fact",
    setting="default market, push and pull, ten years; buyers who have changed their seller at least once",
)
def tenure(quick: bool) -> Entries:
    """Churn by months with the seller."""
    size, edges = (5_000 if quick else 40_000), [0, 6, 12, 24, 36, 10_000]
    found = {}
    for economy in ECONOMIES:
        market = default_market(economy, size, 120)
        mine = batches(size)
        long, stayed, batch = [], [], []
        while market.running:
            held = market.state.buyers["tenure"].astype(np.int64)
            before, after = moves(market)
            switched = held < market.tick - 1  # since the opening nobody has as long a tenure
            long.append(held[switched])
            stayed.append((before == after)[switched])
            batch.append(mine[switched])
        tenures, stays, of = (np.concatenate(parts) for parts in (long, stayed, batch))
        churn = 1.0 - retention_by_tenure(tenures, stays, edges)
        counts = np.zeros((mine[-1] + 1, 5, 2))
        klass = np.searchsorted(edges, tenures, side="right") - 1
        np.add.at(counts, (of, klass, stays.astype(int)), 1)
        rates = [jackknife(counts, lambda held, k=k: float(held[k, 0] / held[k].sum())) for k in range(5)]  # type: ignore[misc]
        found[economy] = (churn, [error for _, error in rates])
        gap = jackknife(counts, lambda held: float(held[0, 0] / held[0].sum() - held[4, 0] / held[4].sum()))
        yield above(f"{economy}: churn in the first 6 months less that after 3 years [1/month]", 0.0, *gap)

        def fall(held: NDArray[np.float64], place: int) -> float:
            left = held[:, 0] / held.sum(axis=1)
            return float(left[place] - left[place + 1])

        falls = [jackknife(counts, partial(fall, place=place)) for place in range(4)]
        least = min(falls, key=lambda fall: fall[0] / fall[1])
        yield above(f"{economy}: fall of churn from class to class, the smallest in errors", 0.0, *least, by=-2.0)
    middle = [3, 9, 18, 30, 48]
    yield Picture(
        "verification_tenure",
        "The longer a customer has stayed, the likelier it stays",
        "Default market over ten years, buyers who have changed seller at least once; the last class is 3 years and "
        "more.",
        [
            Panel(economy, "months with the seller", "part that leaves in a month", {},
                  {"market": (middle, churn, errors)})
            for economy, (churn, errors) in found.items()
        ],
    )  # fmt: skip


@row(
    "E7",
    "Small consideration sets",
    source="Hauser & Wernerfelt 1990 and later (secondary): mean 2 to 5",
    setting="default pull market of 4 and of 8 sellers; sellers inspected by who looks around, and the own one",
    known=(
        "2 to 5 come out while buyers still learn the market; once they know it and nothing new appears, they look at "
        "hardly anybody (1.1 to 1.3 after five years), because what they know ages slowly"
    ),
)
def consideration(quick: bool) -> Entries:
    """In the first year, and after five."""
    size = 3_000 if quick else 20_000
    for sellers in (4, 8):
        record = default_market("pull", size, 72, sellers).run()
        looked, asked = record.market["inspections"], record.market["research_rate"]
        for words, years in (("in year 1", slice(0, 12)), ("in year 6", slice(60, 72))):
            sets = 1 + looked[years] / asked[years]
            yield between(f"sellers considered {words}, {sellers} sellers", 2.0, 5.0, *mean_error(sets), tolerance=2.0)


@row(
    "E13",
    "Satisfaction is skewed",
    source="a satisfaction survey: mean 6.07, standard deviation 2.55 of 10",
    setting="default market, push and pull, after five years: experience less aspiration of all buyers",
    known=(
        "satisfaction differs between buyers but is symmetric: experiences scatter normally about aspirations that "
        "follow them, and the model has no scale of answers from 0 to 10"
    ),
)
def satisfaction(quick: bool) -> Entries:
    """Spread, and skewness with its standard error."""
    size = 5_000 if quick else 40_000
    for economy in ECONOMIES:
        market = steps(default_market(economy, size, 61), 60)
        found = (market.state.buyers["experience"] - market.state.buyers["aspiration"]).astype(float)
        yield above(f"{economy}: standard deviation [utils]", 0.3, found.std(), found.std() / math.sqrt(2 * size))
        scaled = ((found - found.mean()) / found.std()) ** 3
        yield below(f"{economy}: skewness, many satisfied and a tail of disappointed", -0.2, *mean_error(scaled))
    yield missing("mean on a scale of 10", 6.07, "satisfaction is measured in utils, not on a scale of answers")
