"""A made-up run with the frames of a real one, for tests of plots and reports.

A small Markov market moves buyers between sellers, so customers, shares and switches agree
with one another; the shapes resemble a real run, the numbers mean nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.results import Record, Run, provenance_of
from sim.results.record import BUYERS, CONTACTS, MARKET, SHARES, SWITCHES
from sim.scenario import Scenario

Array = np.ndarray[Any, Any]

STRATEGIES = ("relationship-reliant", "hard-sell", "collaborative", "transactional")
NAMES = ("Heritage", "Closers", "Allies", "Value")
PUSH_PULL = ((0.0, 0.9, 0.0, -0.6), (-0.7, -2.6, 1.0, 0.1))  # appeal in push and in pull
MIX = ((0.45, 0.3, 0.1, 0.1, 0.05, 0.0), (0.05, 0.03, 0.12, 0.45, 0.34, 0.01))  # causes in push and in pull
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
            "description": "Copier dealers with the greatest relationships meet a buyer who no longer waits.",
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


def make_run(scenario: Scenario | None = None, **terms: Any) -> Run:
    """A finished run in memory of `scenario`, or of `make_scenario(**terms)`."""
    scenario = scenario or make_scenario(**terms)
    records = [record for economy in scenario.economies for record in _records(scenario, economy)]
    provenance = provenance_of(scenario, {"command": "pushpull run scenarios/office_imaging.yaml"})
    return Run.of(scenario, records, provenance)


def _records(scenario: Scenario, economy: str) -> list[Record]:
    schedule, names = scenario.economies[economy].pull_share, tuple(seller.name for seller in scenario.all_sellers)
    pull = np.array([schedule.at(tick) for tick in range(scenario.horizon)])
    opening, customers, alive, appeal, moved = _played(scenario, pull)
    draws = np.random.default_rng(6)
    return [
        _record(
            scenario, economy, replication, names, pull, opening,
            customers[replication], alive[replication], appeal[replication], moved[replication], draws,
        )
        for replication in range(scenario.replications)
    ]  # fmt: skip


def _played(scenario: Scenario, pull: Array) -> tuple[Array, ...]:
    """The Markov market of all replications: opening customers, then by replication and tick."""
    first, every, runs = len(scenario.sellers), len(scenario.all_sellers), scenario.replications
    entry = np.array([0] * first + [event.at for event in scenario.events if event.enter is not None])
    buyers, draws = scenario.buyers.count, np.random.default_rng(5)  # the same draws in every economy
    sides = [
        np.array([side[place % 4] if place < first else entrant for place in range(every)])
        - 0.15 * (np.arange(every) // 4)
        for side, entrant in zip(PUSH_PULL, (-1.0, 0.3), strict=True)
    ]
    opening = (np.arange(every) < first) * (buyers // first)
    opening[0] += buyers - opening.sum()
    customers, alive = np.tile(opening, (runs, 1)), np.tile(np.arange(every) < first, (runs, 1))
    luck = draws.normal(0, 0.03, (runs, every))
    paths: list[tuple[Array, ...]] = []
    for tick, part in enumerate(pull):
        alive = (alive | (entry == tick)) & ~(alive & (customers < 0.012 * buyers) & (tick > entry + 40))
        appeal = (1 - part) * sides[0] + part * sides[1] + luck
        weight = np.where(alive, np.exp(appeal), 0.0)
        weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
        leaving = np.where(alive, np.minimum(1.0, (0.012 + 0.02 * part) * np.exp(-0.7 * appeal)), 1.0)
        moved = draws.poisson(customers[:, :, None] * leaving[:, :, None] * weight[:, None, :])
        moved[:, np.arange(every), np.arange(every)] = 0
        fit = np.minimum(1.0, customers / np.maximum(moved.sum(axis=2), 1))
        moved = np.floor(moved * fit[:, :, None]).astype(int)
        customers = customers - moved.sum(axis=2) + moved.sum(axis=1)
        paths.append((customers, alive, appeal, moved))
    return (opening, *(np.stack(part, axis=1) for part in zip(*paths, strict=True)))


def _record(
    scenario: Scenario, economy: str, replication: int, names: tuple[str, ...], pull: Array, opening: Array,
    customers: Array, alive: Array, appeal: Array, moved: Array, draws: np.random.Generator,
) -> Record:  # fmt: skip
    ticks, buyers = scenario.horizon, scenario.buyers.count
    profit = (customers * 0.4 - 0.24 * buyers / len(names)) * alive
    known = customers > 0
    shares = {name: np.full(customers.shape, 0.5) for name in SHARES} | {
        "share": customers / buyers,
        "customers": customers,
        "revenue": customers * 1.0,
        "profit": profit,
        "cash": np.cumsum(profit, axis=0),
        "satisfaction": np.where(known, 0.2 * appeal - 0.1, np.nan),
        "relationship": np.where(known, 0.4, np.nan),
        "alive": alive,
    }
    switched = moved.sum(axis=(1, 2))
    market = {name: np.full(ticks, 0.1) for name in MARKET} | {
        "pull_share": pull,
        "churn": switched / buyers,
        "hhi": (shares["share"] ** 2).sum(axis=1),
        "consumer_surplus": 0.1 + 0.2 * pull + draws.normal(0, 0.004, ticks),
        "buyer_initiated": switched // 2,
        "seller_initiated": switched // 3,
    }
    rows = np.argwhere(moved > 0)
    mix = np.array(MIX)[None]
    parts = (1 - pull[rows[:, :1]]) * mix[:, 0] + pull[rows[:, :1]] * mix[:, 1]
    by_cause = draws.multinomial(moved[tuple(rows.T)], parts)
    row, cause = np.nonzero(by_cause)
    ledger = (rows[row, 0], rows[row, 1], rows[row, 2], cause, by_cause[row, cause])
    return Record(
        economy=economy,
        replication=replication,
        sellers=names,
        ticks=ticks,
        shares=shares,
        market=market,
        contacts={name: np.full(customers.shape, 0.5) for name in CONTACTS} | {"price": np.ones(customers.shape)},
        buyers={name: np.full(ticks, 0.5) for name in BUYERS},
        switches={name: part.astype(dtype) for (name, dtype), part in zip(SWITCHES.items(), ledger, strict=True)},
        opening_share=opening / buyers,
    )
