"""A made-up run with the frames of a real one, for tests of plots and reports.

A small Markov market moves buyers between sellers, so customers, shares and switches agree
with one another; the shapes resemble a real run, the numbers mean nothing.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from sim.columns import CAUSES
from sim.scenario import Scenario

STRATEGIES = ("relationship-reliant", "hard-sell", "collaborative", "transactional")
NAMES = ("Heritage", "Closers", "Allies", "Value")
PUSH_PULL = ((0.0, 0.9, 0.0, -0.6), (-0.7, -2.6, 1.0, 0.1))  # appeal in push and in pull
PULL: dict[str, Any] = {"push": 0.0, "transition": {"kind": "logistic", "midpoint": 48, "width": 8}, "pull": 1.0}


def make_scenario(
    sellers: int = 4,
    economies: tuple[str, ...] = ("push", "transition", "pull"),
    horizon: int = 120,
    replications: int = 32,
    enter_at: int | None = 24,
    buyers: int = 10_000,
    events: list[Any] | None = None,
    **more: Any,
) -> Scenario:
    """A scenario with `sellers` at the opening and one entrant, unless `enter_at` is None."""
    names = [*NAMES, *(f"Seller {number}" for number in range(5, sellers + 1))][:sellers]
    entry = [{"at": enter_at, "enter": {"name": "Newcomer", "strategy": "innovator"}}] if enter_at is not None else []
    return Scenario.model_validate(
        {
            "name": "office-imaging",
            "description": "Copier dealers with the greatest relationships meet a buyer who no longer waits for the rep.",
            "horizon": horizon,
            "seed": 20181002,
            "replications": replications,
            "buyers": {"count": buyers},
            "economies": {
                name: {"pull_share": PULL.get(name, {"kind": "logistic", "midpoint": 12 + 12 * place, "width": 8})}
                for place, name in enumerate(economies)
            },
            "sellers": [{"name": name, "strategy": STRATEGIES[place % 4]} for place, name in enumerate(names)],
            "events": [*entry, *(events or [])],
            **more,
        }
    )


def make_run(scenario: Scenario | None = None, path: Path | None = None, **terms: Any) -> Any:
    """A finished run of `scenario`, or of `make_scenario(**terms)`."""
    scenario = scenario or make_scenario(**terms)
    frames: dict[str, list[pd.DataFrame]] = {"shares": [], "market": [], "switches": []}
    for economy, terms_of in scenario.economies.items():
        pull = np.array([terms_of.pull_share.at(tick) for tick in range(scenario.horizon)])
        for name, frame in _economy(scenario, economy, pull).items():
            frames[name].append(frame)
    return SimpleNamespace(
        scenario=scenario,
        path=path,
        provenance={
            "schema_version": "1.0.0",
            "software": {"name": "pushpull", "version": "0.1.0"},
            "parameters": {"command": "pushpull run scenarios/office_imaging.yaml", "seed": scenario.seed},
            "environment": {},
        },
        **{name: pd.concat(parts, ignore_index=True) for name, parts in frames.items()},
    )


def _economy(scenario: Scenario, economy: str, pull: np.ndarray) -> dict[str, pd.DataFrame]:
    names = [seller.name for seller in scenario.all_sellers]
    opening, every, ticks, runs = len(scenario.sellers), len(names), scenario.horizon, scenario.replications
    entry = np.array([0] * opening + [event.at for event in scenario.events if event.enter is not None])
    buyers = scenario.buyers.count
    draws = np.random.default_rng(5)  # the same draws in every economy
    push_appeal, pull_appeal = (
        np.array(
            [
                (side[place % 4] if place < opening else (-1.0, 0.3)[mode]) - 0.15 * (place // 4)
                for place in range(every)
            ]
        )
        for mode, side in enumerate(PUSH_PULL)
    )
    customers = np.tile((np.arange(every) < opening) * (buyers // opening), (runs, 1))
    customers[:, 0] += buyers - customers.sum(axis=1)
    alive = np.tile(np.arange(every) < opening, (runs, 1))
    luck = draws.normal(0, 0.03, (runs, every))
    shares, flows = [], []
    for tick in range(ticks):
        alive |= entry == tick
        gone = alive & (customers < 0.012 * buyers) & (tick > entry + 40)
        alive &= ~gone
        appeal = (1 - pull[tick]) * push_appeal + pull[tick] * pull_appeal + luck
        weight = np.where(alive, np.exp(appeal), 0.0)
        weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
        leaving = np.where(alive, (0.012 + 0.02 * pull[tick]) * np.exp(-0.7 * appeal), 1.0)
        moved = np.floor(customers[:, :, None] * np.minimum(leaving, 1)[:, :, None] * weight[:, None, :])
        moved = draws.poisson(moved) if tick else moved * 0
        moved[:, np.arange(every), np.arange(every)] = 0
        over = np.maximum(moved.sum(axis=2, keepdims=True), 1)
        moved = np.floor(moved * np.minimum(1, customers[:, :, None] / over)).astype(int)
        customers = customers - moved.sum(axis=2) + moved.sum(axis=1)
        shares.append((customers.copy(), alive.copy(), appeal))
        flows.append(moved)
    run, tick_of, seller = (
        grid.ravel() for grid in np.meshgrid(np.arange(runs), np.arange(ticks), np.arange(every), indexing="ij")
    )
    count = np.stack([entry_[0] for entry_ in shares], axis=1)
    living = np.stack([entry_[1] for entry_ in shares], axis=1)
    liking = np.stack([entry_[2] for entry_ in shares], axis=1)
    profit = (count * 0.4 - 0.24 * buyers / every) * living
    frame = pd.DataFrame(
        {
            "economy": economy,
            "replication": run,
            "tick": tick_of,
            "seller": np.array(names)[seller],
            "share": (count / buyers).ravel(),
            "customers": count.ravel(),
            "revenue": count.ravel() * 1.0,
            "profit": profit.ravel(),
            "cash": np.cumsum(profit, axis=1).ravel(),
            "satisfaction": np.where(count > 0, 0.2 * liking - 0.1, np.nan).ravel(),
            "relationship": np.where(count > 0, 0.4, np.nan).ravel(),
            "self_service": 0.3,
            "human_service": 0.6,
            "sales_skill": 0.5,
            "alive": living.ravel(),
        }
    )
    moved = np.stack(flows, axis=1)  # replication, tick, from, to
    mix = np.array([[0.45, 0.3, 0.1, 0.1, 0.05, 0.0], [0.05, 0.03, 0.12, 0.45, 0.34, 0.01]])
    rows = np.argwhere(moved > 0)
    part = (1 - pull[rows[:, 1], None]) * mix[0] + pull[rows[:, 1], None] * mix[1]
    by_cause = np.array([draws.multinomial(n, p) for n, p in zip(moved[tuple(rows.T)], part, strict=True)]).reshape(
        len(rows), 6
    )
    row, cause = np.nonzero(by_cause)
    switches = pd.DataFrame(
        {
            "economy": economy,
            "replication": rows[row, 0],
            "tick": rows[row, 1],
            "from_seller": np.array(names)[rows[row, 2]],
            "to_seller": np.array(names)[rows[row, 3]],
            "cause": np.array(CAUSES)[cause],
            "buyers": by_cause[row, cause],
        }
    )
    total = moved.sum(axis=(2, 3))
    market = pd.DataFrame(
        {
            "economy": economy,
            "replication": np.repeat(np.arange(runs), ticks),
            "tick": np.tile(np.arange(ticks), runs),
            "pull_share": np.tile(pull, runs),
            "churn": (total / buyers).ravel(),
            "research_rate": 0.05,
            "inspections": 0.1,
            "hhi": ((count / buyers) ** 2).sum(axis=2).ravel(),
            "consumer_surplus": (np.tile(0.1 + 0.2 * pull, runs) + draws.normal(0, 0.004, runs * ticks)),
            "belief_error": 0.4,
            "buyer_initiated": (total * 0.5).astype(int).ravel(),
            "seller_initiated": (total * 0.3).astype(int).ravel(),
        }
    )
    return {"shares": frame, "market": market, "switches": switches}
