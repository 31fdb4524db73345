"""Panels simulated by the market itself, with parameters that are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sim.calibrate.laws import Segments, logit
from sim.calibrate.panel import Panel
from sim.calibrate.simulating import burn_in, histories, laboratory

WEIGHTS = np.array([0.6, 0.4])
SHARES = np.array([[0.85, 0.10, 0.05], [0.10, 0.25, 0.65]])
INERTIA = 0.4
SELLERS = ("North", "South", "West")


def free_numbers(weights: np.ndarray, shares: np.ndarray, inertia: float) -> np.ndarray:
    odds = np.log(shares[:, :-1] / shares[:, -1:]).ravel()
    return np.concatenate([[logit(inertia)], np.log(weights[:-1] / weights[-1]), odds])


def simulated(
    buyers: int = 120,
    lengths: Sequence[int] | int = 20,
    *,
    weights: np.ndarray = WEIGHTS,
    shares: np.ndarray = SHARES,
    inertia: float = INERTIA,
    sellers: tuple[str, ...] = SELLERS,
    seed: int = 5,
) -> Panel:
    """A panel out of a market with these tastes and this inertia."""
    several = np.broadcast_to(np.asarray(lengths), (buyers,)).astype(np.int64)
    law = Segments(sellers, len(weights))
    burn = burn_in(inertia)
    market = laboratory(
        sellers,
        law.words(free_numbers(weights, shares, inertia)),
        buyers=buyers,
        horizon=burn + int(several.max()),
        seed=seed,
    )
    choices, _ = histories(market, burn)
    beyond = np.arange(choices.shape[1]) >= several[:, None]
    return Panel(sellers, np.where(beyond, -1, choices).astype(np.int64), several, source="panel.csv", digest="0")


def rows_of(panel: Panel) -> list[tuple[str, int, str]]:
    """Buyer, number of the purchase, seller."""
    return [
        (f"b{buyer:03d}", slot, panel.sellers[panel.choices[buyer, slot]])
        for buyer in range(panel.buyers)
        for slot in range(int(panel.lengths[buyer]))
    ]


def write(path: Path, panel: Panel, header: str = "buyer,order,choice", delimiter: str = ",") -> Path:
    """A panel as a file."""
    lines = [header, *(delimiter.join(map(str, row)) for row in rows_of(panel))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
