"""Retention: customers whose own loyalty differs (sBG), and buyers who come, go and order (BG/NBD)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.measures import shifted_beta_geometric, survivors
from sim.verify.laboratory import mean_error, purchases, share_error
from sim.verify.panels import dirichlet
from sim.verify.row import Entries, Panel, Picture, close, exact, missing, row

# Customers left of 100 after 0, ..., 7 years in two segments
REGULAR = (100.0, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1)
HIGH_END = (100.0, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1)


def histories(alpha: float, beta: float, size: int, periods: int) -> NDArray[np.int8]:
    """Orders of buyers who go elsewhere with a probability of their own ~ Beta(α, β): 0 if they stay, 1 if not."""
    return purchases(dirichlet({"Stay": beta, "Leave": alpha}, size, periods), periods)


@row(
    "V25",
    "Retention rises although nobody becomes more loyal",
    source="shifted beta-geometric, Fader & Hardie 2007; their table 1 as several packages carry it",
    setting="maximum likelihood on two survival curves; in the market, buyers of tastes ln Gamma order 8 times",
)
def beta_geometric(quick: bool) -> Entries:
    """The product's fit, and survival and retention in the market."""
    for observed, alpha, beta in ((HIGH_END, 0.668, 3.806), (REGULAR, 0.704, 1.182)):
        found = shifted_beta_geometric(observed)
        yield exact(f"α of {observed[-1]:g} % left", alpha, found.alpha, 2e-3)
        yield exact(f"β of {observed[-1]:g} % left", beta, found.beta, 2e-3)
    fitted = shifted_beta_geometric(HIGH_END).retention(7)
    yield exact("retention in year 1", 0.851, fitted[0], 1e-3)
    yield exact("retention in year 7", 0.936, fitted[-1], 1e-3)
    size = 60_000 if quick else 600_000
    left = survivors(histories(0.668, 3.806, size, 8), 0)
    law = shifted_beta_geometric(HIGH_END)._replace(alpha=0.668, beta=3.806)
    survival = law.survival(8)
    for period in (1, 4, 8):
        error = share_error(survival[period], size)
        yield close(f"left after {period} orders, in the market", survival[period], left[period] / size, error)
    again = left[1:] / left[:-1]
    for period in (1, 7):
        error = share_error(again[period - 1], left[period - 1])
        yield close(
            f"retention of period {period}, in the market", law.retention(8)[period - 1], again[period - 1], error
        )
    yield from _recovered(left, size)
    periods = np.arange(1, 9)
    yield Picture(
        "verification_retention",
        "Retention rises although nobody becomes more loyal",
        "Buyers of the market leave with a probability of their own, Beta(0.668, 3.806); who leaves easily leaves "
        "first.",
        [
            Panel("customers left", "orders", "part of the customers",
                  {"theory": (np.arange(9), survival)},
                  {"market": (np.arange(9), left / size, share_error(left / size, size))}),
            Panel("retention", "order", "part that stays",
                  {"theory": (periods, law.retention(8))}, {"market": (periods, again, share_error(again, left[:-1]))}),
        ],
    )  # fmt: skip


def _recovered(left: NDArray[np.int64], size: int) -> Entries:
    """The fit to the market's own survivors; its error from fits to samples of such markets."""
    draws = np.random.default_rng(2007)
    path = left / size
    parts = np.append(path[:-1] - path[1:], path[-1])
    samples = []
    for lost in draws.multinomial(size, parts, 40):
        samples.append(shifted_beta_geometric(np.append(size, size - np.cumsum(lost[:-1])))[:2])
    spread = np.std(samples, axis=0, ddof=1)
    found = shifted_beta_geometric(left)
    yield close("α fitted to the market", 0.668, found.alpha, spread[0])
    yield close("β fitted to the market", 3.806, found.beta, spread[1])


R, ALPHA, A, B = 0.2426, 4.4136, 0.7929, 2.4259


def expected_orders(time: float) -> float:
    """Expected repeat orders of a new customer by a time, BG/NBD (Fader, Hardie & Lee 2005, equation 9)."""
    hyper = special.hyp2f1(R, B, A + B - 1, time / (ALPHA + time))
    return float((A + B - 1) / (A - 1) * (1 - (ALPHA / (ALPHA + time)) ** R * hyper))


@row(
    "V25b",
    "Buyers who order at their own rate and drop out",
    source="BG/NBD, Fader, Hardie & Lee 2005",
    setting=(
        "r = 0.2426, α = 4.4136, a = 0.7929, b = 2.4259 as published for CDNOW: gamma Poisson orders a week, after "
        "each of which a buyer leaves with a probability of its own ~ Beta(a, b)"
    ),
    known=(
        "the market orders and leaves as the law says, but pushpull does not fit BG/NBD, and the CDNOW purchases are "
        "not part of it: the published log-likelihood is not computed here"
    ),
)
def bg_nbd(quick: bool) -> Entries:
    """Repeat orders of a market with the published parameters."""
    size, weeks = (40_000 if quick else 300_000), 39
    # as many orders as a gamma Poisson market places in all weeks; then one order a tick, until the first that leaves
    counter = dirichlet({"Stay": B, "Leave": A}, size, weeks, incidence={"kind": "nbd", "mean": R / ALPHA, "shape": R})
    placed = np.zeros(size, np.int64)
    weekly = []
    for _ in range(weeks):
        counter.step()
        placed += counter.state.buyers["orders"]
        weekly.append(placed.copy())
    longest = int(placed.max())
    stays = survivors_by_buyer(histories(A, B, size, longest))
    for week in (13, 26, 39):
        # the order at which a buyer leaves is still an order
        repeats = np.minimum(weekly[week - 1], stays + 1)
        yield close(f"repeat orders a customer by week {week}", expected_orders(week), *mean_error(repeats))
    nobody = (ALPHA / (ALPHA + 39)) ** R
    yield close("customers without a repeat order", nobody, (placed == 0).mean(), share_error(nobody, size))
    yield missing("log-likelihood on CDNOW", -9582.43, "no fit of BG/NBD in pushpull, and no CDNOW data")


def survivors_by_buyer(choices: NDArray[np.int8]) -> NDArray[np.int64]:
    """Orders that each buyer placed with the first seller before the first elsewhere."""
    return np.asarray(np.logical_and.accumulate(choices == 0, axis=1).sum(axis=1))
