"""Contacts and prices: messages that fall at random (Butters), buyers who see one price or two (Burdett & Judd)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import optimize

from sim.rules.contact import message_probability
from sim.scenario import Scenario
from sim.verify.laboratory import NOTHING, Market, incumbents, logit, mean_error, places, share_error, steps
from sim.verify.row import Entries, Panel, Picture, close, exact, row


def reached(messages: float, size: int) -> float:
    """Part of the buyers who attended a message of a seller that sends so many a buyer, in the market."""
    words: dict[str, Any] = {
        "name": "messages",
        "horizon": 2,
        "seed": 11,
        "buyers": {"count": size, "network": {"degree": 0}},
        "word_of_mouth": {"rule": "none"},
        "research": {"rule": "none"},
        "behaviour": {"attention": 1.0, "switching_cost": 1_000.0},
        "selling": {"budget_rate": 0.0, "message_cost": 0.03},
        "economies": {"push": {"pull_share": 0}},
        "sellers": [
            {"name": "Home", "strategy": "collaborative", "effort": NOTHING, "opening_share": 1.0},
            {"name": "Caller", "strategy": "hard-sell", "effort": NOTHING | {"messages": 1.0}, "opening_share": 0.0},
        ],
    }
    market = steps(Market(Scenario(**words)), 1)
    caller: Any = market.seller("Caller")
    caller.budget = 0.03 * messages * size
    return float(steps(market, 1).record().contacts["messages"][1, 1] / size)


@row(
    "V11",
    "Messages that fall at random",
    source="Butters 1977",
    setting="A messages among N buyers who attend all; A / N = 1 and 3; free entry at (m - c) / b = 20",
)
def messages(quick: bool) -> Entries:
    """Reach in the market; how many messages are sent when one more just pays, by rule."""
    size = 100_000 if quick else 1_000_000
    yield close("reached, A / N = 1", 0.632121, reached(1.0, size), share_error(0.632121, size))
    left = 1 - reached(3.0, size)
    yield close("not reached, A / N = 3", 0.049787, left, share_error(0.049787, size), allowance=4e-6)
    # a message pays while it finds a buyer whom no other has found
    entry = optimize.brentq(lambda sent: 20 * (1 - message_probability(sent, 1.0, 1.0)) - 1, 0.1, 10.0, xtol=1e-12)
    yield exact("messages a buyer under free entry, by rule", 2.995732, entry)
    densities = np.array([0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0])
    found = np.array([reached(density, size // 10) for density in densities])
    line = np.linspace(0, 4, 80)
    yield Picture(
        "verification_messages",
        "Butters: messages fall on buyers at random",
        "Line: 1 − exp(−A/N). Marks: the market.",
        [
            Panel(
                "buyers reached",
                "messages a buyer, A/N",
                "part of the buyers",
                {"theory": (line, 1 - np.exp(-line))},
                {"market": (densities, found, share_error(found, size // 10))},
            )
        ],
    )


@row(
    "V12",
    "Price dispersion among identical sellers",
    source="Burdett & Judd 1983, half of the buyers see one price, v = 1, c = 0",
    setting=(
        "63 sellers post the quantiles of F(p) = 1.5 - 0.5 / p; half of the buyers know one of them drawn at random, "
        "half two (the same may come twice); all choose the cheapest that they know"
    ),
)
def dispersion(quick: bool) -> Entries:
    """That every seller earns the same is what makes the dispersion an equilibrium."""
    count, size = 63, 60_000 if quick else 600_000
    quantiles = (np.arange(count) + 0.5) / count
    prices = 0.5 / (1.5 - quantiles)
    words = logit({f"Seller {place}": 0.0 for place in range(count)}, buyers=size, horizon=1).tree
    for seller, price in zip(words["sellers"], prices.tolist(), strict=True):
        seller["price"] = price
    words["behaviour"] |= {"price_sensitivity": 1e6, "discovery": 0.0}
    words["research"] |= {"discovery_floor": 0.0}
    market = Market(Scenario(**words))
    columns = np.array(places(market))
    seen = np.random.default_rng(1983).integers(0, count, (size, 2))
    seen[: size // 2, 1] = seen[: size // 2, 0]
    market.state.buyers["seller"] = columns[seen[:, 0]]
    bits = np.uint64(1) << columns[seen].astype(np.uint64)
    market.state.buyers["known"] = bits[:, 0] | bits[:, 1]
    chosen = incumbents(steps(market, 1))
    sold = np.bincount(chosen, minlength=count) * count / size
    errors = np.sqrt(sold * count / size)
    profits = prices * sold / 2
    yield close("profit of the cheapest quarter", 0.25, profits[:16].mean(), (prices * errors / 2)[:16].mean() / 4)
    yield close("profit of the dearest quarter", 0.25, profits[-16:].mean(), (prices * errors / 2)[-16:].mean() / 4)
    worst = np.abs(profits - 0.25).argmax()
    yield close("profit farthest from the others", 0.25, profits[worst], prices[worst] * errors[worst] / 2)
    yield close("mean price paid", 0.5, *mean_error(prices[chosen]), allowance=2e-4)
    # sales fall in a line from 2 - q at the lowest price to q at the highest
    most = np.polyfit(quantiles, sold, 1)[1]
    at_once = math.sqrt(errors.mean() ** 2 / count * (1 + 3))
    yield close("lowest price, q / (sales of the cheapest)", 1 / 3, 0.5 / most, 0.5 / most**2 * at_once)
    yield exact("mean price posted", 0.549306, prices.mean(), 2e-3)
    yield Picture(
        "verification_price_dispersion",
        "Burdett and Judd: every price earns the same",
        "Sixty-three sellers post the quantiles of the equilibrium; half of the buyers know one of them, half two.",
        [
            Panel("orders, equal parts = 1", "posted price", "orders a seller",
                  {"theory": (prices, 0.5 + (1 - quantiles))}, {"market": (prices, sold, errors)}),
            Panel("profit", "posted price", "profit a buyer who sees it",
                  {"theory": (prices, np.full(count, 0.25))}, {"market": (prices, profits, prices * errors / 2)}),
        ],
    )  # fmt: skip
