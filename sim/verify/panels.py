"""Repeat buying: the NBD-Dirichlet (Goodhardt, Ehrenberg & Chatfield 1984) as tastes and orders of the market."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measures import duplication_coefficient
from sim.scenario import Scenario
from sim.verify.laboratory import BATCHES, Market, batches, jackknife, logit, mean_error, merged, purchases, share_error
from sim.verify.row import Entries, Panel, Picture, close, exact, row

M, K, S = 1.456, 0.7788, 1.2953
# UK toothpaste, first quarter of 1973; what its eight brands leave is a ninth
SHARES = (0.25, 0.19, 0.10, 0.10, 0.09, 0.08, 0.03, 0.02, 0.14)
PENETRATION = (0.1999, 0.1568, 0.0866, 0.0866, 0.0784, 0.0700, 0.0270, 0.0181)
FREQUENCY = (1.8205, 1.7642, 1.6815, 1.6815, 1.6725, 1.6634, 1.6188, 1.6099)
SETTING = "M = 1.456, K = 0.7788, S = 1.2953 and shares of UK toothpaste 1973: tastes ln Gamma, gamma Poisson orders"


def dirichlet(shapes: dict[str, float], buyers: int, horizon: int, **more: Any) -> Market:
    """A market in which only tastes ln Gamma(shape) and shocks decide."""
    words = logit(dict.fromkeys(shapes, 0.0), buyers=buyers, horizon=horizon).tree
    return Market(Scenario(**merged(words, {"buyers": {"taste": {"kind": "loggamma", "shape": shapes}, **more}})))


@cache
def quarter(buyers: int) -> NDArray[np.int64]:
    """Orders of each buyer by brand in one quarter, shape (buyers, 9): as many as the market's NBD says, one a tick."""
    shapes = {f"Brand {place + 1}": S * share for place, share in enumerate(SHARES)}
    counter = dirichlet(shapes, buyers, 1, incidence={"kind": "nbd", "mean": M, "shape": K})
    counter.step()
    left = counter.state.buyers["orders"].astype(np.int64)
    chooser = dirichlet(shapes, buyers, int(left.max()), incidence={"kind": "bernoulli", "rate": 1.0})
    counts = np.zeros((buyers, len(SHARES)), np.int64)
    rows = np.arange(buyers)
    for tick in range(int(left.max())):
        orders = left > tick
        chooser.state.buyers["purchase_rate"] = orders
        chosen = purchases(chooser, 1)[:, 0]
        counts[rows[orders], chosen[orders]] += 1
    return counts


def size_of(quick: bool) -> int:
    """Buyers of the panel."""
    return 60_000 if quick else 400_000


@row("V17", "NBD-Dirichlet", source="Goodhardt, Ehrenberg & Chatfield 1984; R package NBDdirichlet", setting=SETTING)
def nbd_dirichlet(quick: bool) -> Entries:
    """Who buys in a quarter, and how often."""
    counts = quarter(size_of(quick))
    size = len(counts)
    yield close(
        "buyers who buy nothing", 0.4400, (counts.sum(axis=1) == 0).mean(), share_error(0.44, size), allowance=5e-5
    )
    bought = counts[:, :8] > 0
    frequencies, errors = [], []
    for brand, (reach, often) in enumerate(zip(PENETRATION, FREQUENCY, strict=True)):
        got, error = mean_error(counts[bought[:, brand], brand])
        frequencies.append(got)
        errors.append(error)
        found = bought[:, brand].mean()
        yield close(f"penetration b of brand {brand + 1}", reach, found, share_error(reach, size), allowance=5e-5)
        yield close(f"orders a buyer w of brand {brand + 1}", often, got, error, allowance=5e-5)
    reach = bought.mean(axis=0)
    order = np.argsort(PENETRATION)
    joint = bought.T.astype(float) @ bought.astype(float)
    off = ~np.eye(8, dtype=bool)
    duplicated = (joint / np.diagonal(joint)[:, None])[off]
    others = np.broadcast_to(reach, (8, 8))[off]
    line = np.linspace(0, 0.22, 2)
    yield Picture(
        "verification_dirichlet",
        "Repeat buying of eight brands in the market, and the NBD-Dirichlet",
        "Left: small brands have fewer buyers, who buy a little less often. Right: the buyers of a brand buy another "
        "1.19 times as likely as anybody does, whatever the brand; every mark is a pair.",
        [
            Panel("double jeopardy", "penetration b", "orders a buyer w",
                  {"theory": (np.array(PENETRATION)[order], np.array(FREQUENCY)[order])},
                  {"market": (reach, frequencies, errors)}),
            Panel("duplication of purchase", "penetration of the other brand", "buyers who also buy it",
                  {"theory": (line, 1.194 * line)}, {"market": (others, duplicated, np.zeros_like(others))}),
        ],
    )  # fmt: skip


@row(
    "V17b",
    "Tastes ln Gamma make the logit a Dirichlet",
    source="Dirichlet-multinomial; the gamma representation of the Dirichlet",
    setting="shapes (0.6033, 0.2586, 0.1599, 0.1394), two orders",
)
def log_gamma(quick: bool) -> Entries:
    """Shares of the shapes, and repeat of two orders."""
    shapes = {"A": 0.6033, "B": 0.2586, "C": 0.1599, "D": 0.1394}
    size = size_of(quick)
    histories = purchases(dirichlet(shapes, size, 2), 2)
    total = sum(shapes.values())
    for place, (name, shape) in enumerate(shapes.items()):
        mine = histories[:, 0] == place
        yield close(f"share of {name}", shape / total, mine.mean(), share_error(shape / total, size))
        again = (shape + 1) / (total + 1)
        yield close(f"repeat of {name}", again, (histories[mine, 1] == place).mean(), share_error(again, mine.sum()))
    same = (histories[:, 0] == histories[:, 1]).mean()
    yield close("repeat of all", 0.652317, same, share_error(0.652317, size))


@row("V18", "Duplication of purchase: D", source="Goodhardt 1966; value computed with NBDdirichlet", setting=SETTING)
def duplication(quick: bool) -> Entries:
    """The coefficient D over all pairs of the eight brands."""
    counts = quarter(size_of(quick))
    bought = (counts[:, :8] > 0).astype(float)
    mine = batches(len(bought))
    both = np.array([bought[mine == batch].T @ bought[mine == batch] for batch in range(BATCHES)])

    def coefficient(joint: NDArray[np.float64]) -> float:
        # the number of buyers cancels between one batch less and all
        people = len(bought) * joint.sum() / both.sum()
        return float(duplication_coefficient(joint, np.diagonal(joint) / people))

    # the largest brand's own pairs weigh most in a least-squares line; the text-book D is printed to three digits
    yield close("D", 1.194, *jackknife(both, coefficient), allowance=5e-3)


@row("V20", "NBD: who buys nothing", source="Ehrenberg 1959", setting="M = 1.456, K = 0.7788")
def nobody(quick: bool) -> Entries:
    """The part without an order, and the mean number of orders."""
    counts = quarter(size_of(quick))
    yield exact("(1 + M / K)^-K", 0.440002, (1 + M / K) ** -K, 1e-5)
    yield close("part without an order", 0.440002, (counts.sum(axis=1) == 0).mean(), share_error(0.44, len(counts)))
    yield close("orders a buyer", M, *mean_error(counts.sum(axis=1)))
    variance = (counts.sum(axis=1) - M) ** 2
    yield close("variance of orders, M (1 + M / K)", M * (1 + M / K), *mean_error(variance), allowance=0)
