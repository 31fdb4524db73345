"""Shares, concentration and the value of customers: the product's measures on known answers and on the market."""

from __future__ import annotations

import numpy as np

from sim.measures import customer_equity, expected_orders, hhi, margin_multiple
from sim.scenario import Scenario
from sim.verify.laboratory import Market, logit, moves
from sim.verify.row import Entries, close, exact, row
from sim.verify.switching import chain, transition

# First-order switching of the Ecdat cracker panel (Jain, Vilcassim & Chintagunta 1994), computed from its purchases
CRACKER = np.array(
    [
        [0.8418903150525088, 0.0764294049008168, 0.043757292882147025, 0.037922987164527425],
        [0.12160804020100502, 0.8050251256281407, 0.044221105527638194, 0.02914572864321608],
        [0.351931330472103, 0.19313304721030042, 0.38626609442060084, 0.06866952789699571],
        [0.3037383177570093, 0.11214953271028037, 0.08878504672897196, 0.4953271028037383],
    ]
)


@row("V23", "Concentration", source="Hirschman 1945; Herfindahl 1950", setting="shares 0.5, 0.3, 0.2; J equal shares")
def concentration(quick: bool) -> Entries:
    """By measure, and as the market records it."""
    yield exact("HHI of 0.5, 0.3, 0.2", 0.38, float(hhi([0.5, 0.3, 0.2])), 1e-12)
    for count in (2, 4, 10):
        yield exact(f"HHI of {count} equal shares", 1 / count, float(hhi(np.full(count, 1 / count))), 1e-12)
    record = Market(logit({"A": 1.0, "B": 0.5, "C": 0.0}, buyers=5_000, horizon=1)).run()
    yield exact(
        "HHI in the record less that of its shares",
        0.0,
        record.market["hhi"][0] - hhi(record.shares["share"][0]),
        1e-12,
    )


@row(
    "V24",
    "Value of a customer as a multiple of its margin",
    source="r / (1 + i - r), table of Gupta & Lehmann; values computed anew",
    read=False,
    setting="retention 0.9, 0.6, 0.8; discount 0.12, 0.12, 0.10; and in a market, orders of one seller's customers",
)
def multiples(quick: bool) -> Entries:
    """By measure, and from the orders of customers who leave at a constant rate."""
    for kept, rate, expected in ((0.9, 0.12, 4.09), (0.6, 0.12, 1.15), (0.8, 0.10, 2.67)):
        yield exact(f"multiple, r = {kept:g}, i = {rate:g}", expected, float(margin_multiple(kept, rate)), 1e-2)
    size, kept, rate = (20_000 if quick else 200_000), 0.8, 0.10
    market = chain((1 - kept, 1e-12), size, 90)
    record = market.run()
    path = record.shares["share"][:, 0]
    worth = float((path * (1 + rate) ** -np.arange(1, 91)).sum())
    # independent lives: the variance of a discounted life is at most that of its mean orders
    lives = kept / (1 + rate)
    spread = np.sqrt(sum(lives**t * (1 + rate) ** -t for t in range(1, 400)) * 2) / np.sqrt(size)
    yield close(
        "discounted orders of a customer in the market, r = 0.8, i = 0.1", 2.6667, worth, spread, allowance=1e-4
    )


@row(
    "V24b",
    "Customer equity with customers who come back",
    source="Rust, Lemon & Zeithaml 2004; switching matrix of the Ecdat cracker panel",
    setting="discount 0.01 a purchase; and a market made to switch by that matrix",
)
def equity(quick: bool) -> Entries:
    """Discounted purchases of a brand by whom a buyer buys from now."""
    orders = expected_orders(CRACKER, 0.01)
    for name, total in zip(("nabisco", "private", "sunshine", "kleebler"), orders.sum(axis=1), strict=True):
        yield exact(f"all purchases, {name} now", 101.0, total, 1e-3)
    yield exact("nabisco purchases, nabisco now", 55.822, orders[0, 0], 1e-3)
    yield exact("nabisco purchases, private label now", 52.299, orders[1, 0], 1e-3)
    margins, customers = np.array([1.0, 0.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0, 0.0])
    whole = customer_equity(CRACKER, customers, margins, 0.01)[0]
    yield exact("equity of nabisco with one customer each", 55.822 + 52.299, whole, 2e-3)
    size = 100_000 if quick else 600_000
    before, after = moves(_cracker_market(size))
    found = transition(before, after, 4)
    largest = np.unravel_index(np.abs(found - CRACKER).argmax(), (4, 4))
    error = np.sqrt(CRACKER[largest] * (1 - CRACKER[largest]) / (before == largest[0]).sum())
    yield close("entry of the market's own matrix farthest from it", CRACKER[largest], found[largest], error)


def _cracker_market(size: int) -> Market:
    """Four segments, one a brand, whose buyers draw the next brand with the row of the matrix."""
    names = ("nabisco", "private", "sunshine", "kleebler")
    classes = [
        {"weight": 0.25, "utility": dict(zip(names, np.log(probabilities).tolist(), strict=True))}
        for probabilities in CRACKER
    ]
    words = logit(dict.fromkeys(names, 0.0), buyers=size, horizon=1).tree
    words["buyers"]["taste"] = {"kind": "segments", "classes": classes}
    market = Market(Scenario(**words))
    # a buyer's class is the brand that it has now
    tastes = np.stack([market.state.pairs["taste"][:, market.seller(name).place] for name in names], axis=1)
    own = np.abs(tastes[:, None, :] - np.log(CRACKER)[None]).sum(axis=2).argmin(axis=1)
    market.state.buyers["seller"] = np.array([market.seller(name).place for name in names])[own]
    return market
