"""What selling does: visits and messages, at once and in the end."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.verify.laboratory import (
    NOTHING,
    STILL,
    Market,
    logit,
    mean_error,
)
from sim.verify.row import Entries, Panel, Picture, above, between, close, row


def visited(share_of_month: float, size: int, ticks: int, replication: int, until: int = 10_000) -> NDArray[np.float64]:
    """Share of a seller that visits this part of its customers a month; from `until` on twice as many as before.

    Its rival visits half of its customers. Buyers look at both and keep their relationships with both.
    """
    words = logit({"Visitor": 0.0, "Rival": 0.0}, buyers=size, horizon=ticks).tree
    words["mechanisms"] = STILL | {"contacts": True, "relationship": True}
    words["behaviour"] |= {
        "visit_bonding": 0.25,
        "relationship_decay": 0.3,
        "experience_bonding": 0.0,
        "betrayal": 0.0,
        "relationship_weight": 1.5,
        "relationship_price_relief": 0.0,
        "persuasion": 0.0,
    }
    words["selling"] = {"visit_cost": 1.0, "budget_rate": 0.0}
    for seller in words["sellers"]:
        seller |= {"effort": NOTHING | {"visits_to_customers": 1.0}, "opening_relationship": 0.0}
    market = Market(Scenario(**words), replication=replication)
    sellers, (visitor, rival) = market.state.sellers, [seller.place for seller in market.sellers]
    path = []
    for tick in range(ticks):
        rates = share_of_month * (1.1 if tick >= until else 1.0), 0.5
        for place, rate in zip((visitor, rival), rates, strict=True):
            sellers["budget"][place] = rate * sellers["customers"][place]
        market.step()
        path.append(market.share("Visitor"))
    return np.array(path)


@row(
    "E10",
    "Visits: diminishing returns and carry-over",
    source="detailing panel, own fit: elasticity 0.04 at once, 0.19 in the end; carry-over 0.70 a month",
    setting=(
        "two sellers alike who visit half of their customers a month, η = 0.25, λ = 1.5, δ = 0.3; one visits a tenth "
        "more from month 24 on; and in other markets none, a quarter, all of its customers"
    ),
)
def visits(quick: bool) -> Entries:
    """Elasticities at once and in the end, by paired runs; the shape of the response."""
    size, runs = (20_000, 6) if quick else (50_000, 10)
    lifts = []
    for run in range(runs):
        base, more = (visited(0.5, size, 48, run, until) for until in (10_000, 24))
        lifts.append(np.log(more / base)[24:] / np.log(1.1))
    lift = np.array(lifts)
    short, long = mean_error(lift[:, 1]), mean_error(lift[:, 12:].mean(axis=1))
    yield close("nothing before it can show [elasticity]", 0.0, *mean_error(lift[:, 0]), allowance=1e-9)
    yield between("elasticity in the month after", 0.02, 0.08, *short, tolerance=2.0)
    yield between("elasticity in the end", 0.1, 0.3, *long, tolerance=2.0)
    yield above("in the end less at once", 0.0, *mean_error(lift[:, 12:].mean(axis=1) - lift[:, 1]))
    rates = (0.0, 0.25, 0.5, 1.0)
    ends = np.array([[visited(rate, size // 2, 24, run)[12:].mean() for rate in rates] for run in range(runs)])
    slopes = np.diff(ends, axis=1) / np.diff(rates)
    yield above(
        "response to the first visits less that to the last [share a visit]",
        0.0,
        *mean_error(slopes[:, 0] - slopes[:, -1]),
    )


def advertised(months: int, size: int, ticks: int, replication: int) -> NDArray[np.float64]:
    """Share of a seller that is known but not tried, and sends messages for so many months."""
    words = logit({"Home": 3.0, "Caller": 3.0}, buyers=size, horizon=ticks).tree
    words["mechanisms"] = STILL | {"contacts": True, "learning": True}
    words["knowledge"] = {"prior_mean": 2.0, "prior_variance": 2.0}
    words["behaviour"] |= {
        "persuasion": 0.0,
        "experience_noise": 0.7,
        "switching_cost": 0.75,
        "attention": 0.3,
        "research_variance": 1e6,
        "naivety": 0.0,
    }
    words["research"]["discovery_floor"] = 1e-6
    words["selling"] = {"message_cost": 1.0, "budget_rate": 0.0}
    for seller, effort, share in zip(words["sellers"], (0.0, 1.0), (1.0, 0.0), strict=True):
        seller |= {"effort": NOTHING | {"messages": effort}, "opening_share": share, "opening_self_service": 0.0}
    market = Market(Scenario(**words), replication=replication)
    caller = market.seller("Caller").place
    path = []
    for tick in range(ticks):
        market.state.sellers["budget"][caller] = 0.2 * size if tick and tick <= months else 1e-12
        market.step()
        path.append(market.share("Caller"))
    return np.array(path)


@row(
    "E14",
    "Advertising: weak at once, strong when it lasts",
    source="Erdem & Keane 1996 (abstract)",
    setting=(
        "buyers of one seller know a second as good only by hearsay; its messages tell the truth and reach 5 % of "
        "them a month, for one month or for two years; nothing is said that persuades at the moment of choice"
    ),
)
def advertising(quick: bool) -> Entries:
    """What a month of messages adds to the share, and what two years do, on the same draws."""
    size, runs, ticks = (20_000, 6, 26) if quick else (40_000, 10, 26)
    once, lasting, kept = [], [], []
    paths = []
    for run in range(runs):
        none, month, years = (advertised(months, size, ticks, run) for months in (0, 1, 24))
        once.append(month[1] - none[1])
        kept.append(month[13] - none[13])
        lasting.append(years[24] - none[24])
        paths.append([month - none, years - none])
    yield above("share gained in the month of the first messages", 0.0, *mean_error(once))
    yield above("after two years of messages, over that", 1.0, *mean_error(np.array(lasting) / np.mean(once)))
    yield above("of the one month's, left after a year", 0.0, *mean_error(kept))
    mean, error = np.mean(paths, axis=0), np.std(paths, axis=0, ddof=1) / math.sqrt(runs)
    months = np.arange(ticks)
    yield Picture(
        "verification_advertising",
        "Advertising: weak at once, strong when it lasts",
        "Share gained over a market without messages, on the same draws; buyers learn from what they hear.",
        [
            Panel(words, "month", "share gained", {}, {"market": (months, mean[place], error[place])})
            for place, words in enumerate(("messages in month 1", "messages from month 1 to 24"))
        ],
    )
