"""Do engine and peers give the same market? Mean final shares with standard errors, at the same size."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.markets import build, scenario_of
from benchmarks.measuring import Sizes
from benchmarks.page import table
from benchmarks.peers.setting import setting_of

TITLE = "The peers are the same market"
PEERS = ("mesa objects", "numpy")


def final_shares(engine: str, buyers: int, economy: str, seeds: int, **values: Any) -> np.ndarray:
    """Final market shares, shape (seeds, sellers)."""
    scenario = scenario_of(buyers, **values)
    shares = []
    for seed in range(1, seeds + 1):
        market = build(engine, scenario, seed, economy=economy)
        outcome = market.run()
        shares.append((outcome.shares["share"] if engine == "columns" else market.shares)[-1])
        market.release()
    return np.array(shares)


def scores(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Difference of the means in standard errors of the difference; 0 where neither varies."""
    error = np.sqrt(one.var(axis=0, ddof=1) / len(one) + other.var(axis=0, ddof=1) / len(other))
    return np.divide(other.mean(axis=0) - one.mean(axis=0), error, out=np.zeros_like(error), where=error > 0)


def measure(sizes: Sizes) -> str:
    """Run and compare."""
    buyers, seeds = (200, 4) if sizes.quick else (1000, 20)
    rows, found = [], []
    for economy in ("push", "transition", "pull"):
        product = final_shares("columns", buyers, economy, seeds)
        peers = {name: final_shares(name, buyers, economy, seeds) for name in PEERS}
        against = {name: scores(product, shares) for name, shares in peers.items()}
        found += [score for one in against.values() for score in one if score]
        for place, seller in enumerate(setting_of(scenario_of(buyers), economy).names):
            cells = [_mean(product[:, place])]
            for name in PEERS:
                cells += [_mean(peers[name][:, place]), f"{against[name][place]:+.1f}"]
            rows.append([economy, seller, *cells])
    together = np.array(found)
    said = (
        f"{buyers:,} buyers, {seeds} seeds: {len(found)} comparisons, root mean square "
        f"{np.sqrt((together**2).mean()):.2f} standard errors, largest {np.abs(together).max():.1f}."
    )
    header = ["economy", "seller", "columns", "mesa objects", "z", "numpy", "z"]
    return f"{said}\n\n{table(header, rows, words=2)}"


def _mean(values: np.ndarray) -> str:
    return f"{values.mean():.4f} ({values.std(ddof=1) / np.sqrt(len(values)):.4f})"
