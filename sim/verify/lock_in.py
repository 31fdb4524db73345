"""Lock-in: increasing returns make history matter (Arthur), in a market of word of mouth and of shared service."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.verify.laboratory import NOTHING, STILL, Market, mean_error, share_error, steps
from sim.verify.row import Entries, Panel, Picture, close, exact, row


def urns(number: int, draws: int, seed: int = 1) -> NDArray[np.float64]:
    """Final share of A in so many urns: a buyer takes what one earlier buyer of its urn, drawn at random, talks of.

    All urns stand side by side in one market. In each, the first buyer has A, the second B; every
    later one knows neither, hears from its one neighbour, and buys what it hears of. A buyer buys
    a tick after its neighbour has, which cannot change what it buys, so that a few dozen
    ticks fill the urns.

    Parameters
    ----------
    number, draws : int
        Urns; buyers that join each.
    """
    size = draws + 2
    words: dict[str, Any] = {
        "name": "urns",
        "horizon": 200,
        "seed": 1989,
        "buyers": {"count": number * size, "taste": {"kind": "normal", "sd": 0.0}, "network": {"degree": 2}},
        "word_of_mouth": {"rule": "simple", "rate": 1.0, "dissatisfied_ratio": 1.0},
        "behaviour": {"research_rate": 1.0, "discovery": 0.0, "switching_cost": 0.0, "quality_weight": 1.0,
                      "service_weight": 0.0},
        "research": {"rule": "all", "discovery_floor": 0.0},
        "mechanisms": STILL,
        "economies": {"pull": {"pull_share": 1}},
        # so much better than Nothing that who knows A or B buys it; taste shocks are of no account
        "sellers": [
            {"name": "Nothing", "strategy": "hard-sell", "quality": 0.0, "opening_share": 0.98},
            {"name": "A", "strategy": "hard-sell", "quality": 100.0, "opening_share": 0.01},
            {"name": "B", "strategy": "hard-sell", "quality": 100.0, "opening_share": 0.01},
        ],
    }  # fmt: skip
    market = Market(Scenario(**words))
    nothing, a, b = (market.seller(name).place for name in ("Nothing", "A", "B"))
    state = market.state
    place = np.tile(np.arange(size), number)
    state.buyers["seller"] = np.where(place == 0, a, np.where(place == 1, b, nothing))
    state.buyers["known"] = np.uint64(1) << state.buyers["seller"].astype(np.uint64)
    earlier = (np.random.default_rng(seed).random(number * size) * np.maximum(place, 1)).astype(np.int64)
    origin = np.repeat(np.arange(number) * size, size)
    neighbour = np.where(place < 2, np.arange(number * size), origin + earlier)
    market.neighbours = neighbour[:, None]
    while market.running and (state.buyers["seller"] == nothing).any():
        market.step()
    if (state.buyers["seller"] == nothing).any():
        raise AssertionError("some buyers have heard of nothing")
    return (state.buyers["seller"] == a).reshape(number, size).mean(axis=1)


@row(
    "V21",
    "Lock-in: the share of a new product settles, and nobody knows where",
    source="Pólya urn; Arthur 1989",
    setting=(
        "one buyer has A, one has B; 2000 more come one by one, and each buys what a random earlier buyer talks of "
        "(quick: 200)"
    ),
)
def urn(quick: bool) -> Entries:
    """Variance and deciles of the final share over urns."""
    number, draws = (1_500, 200) if quick else (1_000, 2_000)
    shares = urns(number, draws)
    yield close("mean share of A", 0.5, *mean_error(shares))
    expected = draws / (12 * (draws + 2))
    yield close(f"variance, n / (12 (n + 2)), n = {draws}", expected, *mean_error((shares - 0.5) ** 2))
    for part in (0.1, 0.25, 0.5, 0.75, 0.9):
        # of a quantile of a uniform number
        error = math.sqrt(part * (1 - part) / number)
        yield close(f"{part:g} quantile", part, np.quantile(shares, part), error, allowance=1 / (draws + 2))
    bins = np.linspace(0, 1, 11)
    held = np.histogram(shares, bins)[0] / number
    middle = (bins[1:] + bins[:-1]) / 2
    walks = _walks(0.5, 6)
    yield Picture(
        "verification_lock_in",
        "Increasing returns: history decides who wins",
        "Left: final share of A over urns filled by word of mouth alone; the law is uniform: any share is as likely "
        "as any other. Right: customers of A less those of B in markets whose service grows with its customers; at a "
        "lead of 10 even buyers who prefer the other seller join.",
        [
            Panel("share of A after 2000 buyers" if not quick else "share of A after 200 buyers", "share of A",
                  "part of the urns", {"theory": (middle, np.full(10, 0.1))},
                  {"market": (middle, held, share_error(0.1, number) * np.ones(10))}, bars=True),
            Panel("lead of A", "buyers who came", "buyers", {
                **{f"market {place}": (np.arange(len(path)), path) for place, path in enumerate(walks, 1)},
                "barrier": ([0, 250], [10, 10]), "barrier ": ([0, 250], [-10, -10]),
            }),
        ],
    )  # fmt: skip


BARRIER = 10
ROOM = 1_200  # buyers who may come, and so the longest walk
WEIGHT, COST = 1e11, 1e5


def returning(replication: int) -> Market:
    """A market in which a seller's self-service grows with its customers.

    Its budget is its margin, all spent on self-service that follows in the tick after the next; as
    little is bought for that, the stock is in proportion to the customers. A and B have one
    customer each; all others wait for their turn.
    """
    words: dict[str, Any] = {
        "name": "returns",
        "horizon": 3 * ROOM + 3,
        "seed": 1989,
        "buyers": {
            "count": ROOM + 2, "taste": {"kind": "normal", "sd": 0.0}, "network": {"degree": 0},
            "incidence": {"kind": "bernoulli", "rate": 1.0},
        },
        "word_of_mouth": {"rule": "none"},
        "behaviour": {"research_rate": 1.0, "discovery": 0.0, "switching_cost": 1e12, "quality_weight": 0.0,
                      "service_weight": WEIGHT, "self_service_weight": 1.0, "search_cost": 0.0},
        "research": {"rule": "all"},
        "selling": {"budget_share": 1.0, "budget_rate": 1.0, "self_service_cost": COST, "self_service_rate": 1.0},
        "mechanisms": STILL,
        "economies": {"pull": {"pull_share": 1}},
        "sellers": [
            {"name": name, "strategy": "collaborative", "effort": NOTHING | {"self_service": 1.0}, "price": 1.0,
             "unit_cost": 0.0, "opening_share": share, "opening_self_service": 0.0}
            for name, share in (("Waiting", 0.5), ("A", 0.25), ("B", 0.25))
        ],
    }  # fmt: skip
    return Market(Scenario(**words), replication=replication)


def walk(p: float, replication: int, beyond: int = 0) -> NDArray[np.int64]:
    """Lead of A after each buyer that came, up to the first at which everybody takes the leader, and `beyond`."""
    market = returning(replication)
    waiting, a, b = (market.seller(name).place for name in ("Waiting", "A", "B"))
    buyers, sellers = market.state.buyers, market.state.sellers
    sellers["alive"][waiting] = False
    sellers["volume"] = sellers["customers"] = 1
    buyers["seller"] = np.repeat([waiting, a, b], [ROOM, 1, 1])
    buyers["known"] = np.uint64(1) << np.uint64(a) | np.uint64(1) << np.uint64(b)
    buyers["purchase_rate"] = np.repeat([0.0, 1.0], [ROOM, 2])
    prefers = np.random.default_rng([1989, replication]).random(ROOM + 2) < p
    # what a customer more adds to the utility of a seller: a preference outweighs a lead of 9, not of 10
    customer = WEIGHT / (COST * (ROOM + 2))
    market.state.pairs["taste"][:, a] = np.where(prefers, 0.5, -0.5) * (BARRIER - 0.5) * customer
    market.state.pairs["taste"][:, b] = -market.state.pairs["taste"][:, a]
    lead, locked = [0], ROOM
    for arrival in range(ROOM):
        steps(market, 2)  # the last arrival shows in budgets, and these in service
        buyers["purchase_rate"][arrival] = 1.0
        market.step()
        lead.append(lead[-1] + (1 if buyers["seller"][arrival] == a else -1))
        if abs(lead[-1]) == BARRIER:
            locked = min(locked, arrival)
        if arrival >= locked + beyond:
            break
    return np.array(lead)


def _walks(p: float, number: int) -> list[NDArray[np.int64]]:
    return [walk(p, replication) for replication in range(number)]


@row(
    "V22",
    "Lock-in: a random walk between barriers",
    source="Arthur 1989; gambler's ruin",
    setting=(
        "buyers come one by one and prefer A with probability p, B else; each seller's self-service grows with its "
        "customers, and a lead of 10 outweighs any preference"
    ),
)
def barriers(quick: bool) -> Entries:
    """Who is locked in, when, and whether those who prefer the other join then."""
    number = 60 if quick else 400
    for p, chance, time in ((0.5, 0.5, 100.0), (0.55, 0.881499, 76.2999)):
        found = _walks(p, number)
        won = np.array([path[-1] == BARRIER for path in found])
        yield close(f"locked in to A, p = {p:g}", chance, won.mean(), float(share_error(chance, number)))
        yield close(f"buyers until lock-in, p = {p:g}", time, *mean_error([len(path) - 1 for path in found]))
    ends = [abs(walk(0.5, replication, 20)[-1]) for replication in range(5)]
    yield exact("of 20 who come after lock-in, those who take the leader", 20, min(ends) - BARRIER, 0)
