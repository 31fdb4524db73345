"""Made-up records, and stand-ins for the market that make them at once."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from sim.results.record import BUYERS, CAUSES, CONTACTS, MARKET, SHARES, Record
from sim.runner import Unit
from sim.scenario.scenario import Scenario

SELLERS = ("Heritage", "Closers", "Newcomer")


def a_scenario(**terms: Any) -> Scenario:
    """Two sellers and an entrant, small enough to run in no time."""
    return Scenario(
        **{
            "name": "tiny",
            "horizon": 24,
            "seed": 7,
            "replications": 4,
            "buyers": {"count": 200},
            "economies": {"push": {"pull_share": 0.0}, "pull": {"pull_share": 1.0}},
            "sellers": [
                {"name": "Heritage", "strategy": "relationship-reliant"},
                {"name": "Closers", "strategy": "hard-sell"},
            ],
            "events": [{"at": 6, "enter": {"name": "Newcomer", "strategy": "innovator"}}],
            **terms,
        }
    )


def a_record(
    economy: str = "push", replication: int = 0, *, ticks: int = 24, buyers: int = 200, enters: int = 6, seed: int = 7
) -> Record:
    """A record that adds up: `SELLERS`, of which the last enters later; numbers mean nothing."""
    sellers = SELLERS
    draws = np.random.default_rng([seed, replication, len(economy)])
    customers = np.array([buyers // 2, buyers - buyers // 2, 0])
    opening = customers / buyers
    held, ledger = [], []
    for tick in range(ticks):
        left = customers.copy()  # a buyer moves once a tick
        for origin, target in ((0, 1), (1, 0), (0, 2), (2, 0)):
            moved = min(int(draws.integers(0, 5)), int(left[origin]))
            if moved and (2 not in (origin, target) or tick >= enters):
                left[origin] -= moved
                customers[origin] -= moved
                customers[target] += moved
                ledger.append((tick, origin, target, int(draws.integers(len(CAUSES))), moved))
        held.append(customers.copy())
    path = np.array(held)
    alive = np.ones((ticks, 3), bool)
    alive[:enters, 2] = False
    shares = {name: draws.random((ticks, 3)) for name in SHARES}
    shares |= {"share": path / buyers, "customers": path, "revenue": path * 1.0, "alive": alive}
    shares["satisfaction"] = np.where(path > 0, shares["satisfaction"], np.nan)
    shares["relationship"] = np.where(path > 0, shares["relationship"], np.nan)
    contacts = {name: draws.random((ticks, 3)) for name in CONTACTS}
    contacts |= {"price": np.ones((ticks, 3)), "unit_cost": np.full((ticks, 3), 0.6)}
    market = {name: draws.random(ticks) for name in MARKET}
    moves = np.array(ledger, np.int64).reshape(-1, 5).T
    switched = np.bincount(moves[0], moves[4], ticks)
    market |= {
        "churn": switched / buyers,
        "hhi": (shares["share"] ** 2).sum(axis=1),
        "buyer_initiated": draws.integers(0, 9, ticks),
        "seller_initiated": draws.integers(0, 9, ticks),
    }
    dtypes = (np.int32, np.int8, np.int8, np.int8, np.int32)
    names = ("tick", "from_seller", "to_seller", "cause", "buyers")
    return Record(
        economy=economy,
        replication=replication,
        sellers=sellers,
        ticks=ticks,
        shares=shares,
        market=market,
        contacts=contacts,
        buyers={name: draws.random(ticks) for name in BUYERS},
        switches={name: column.astype(dtype) for name, column, dtype in zip(names, moves, dtypes, strict=True)},
        opening_share=opening,
    )


# What a worker can be given to do instead of running a market; importable by name.


def made(unit: Unit, engine: str, threads: int) -> Record:
    """A record at once."""
    return a_record(unit.economy, unit.replication, ticks=unit.scenario.horizon, seed=unit.scenario.seed)


def made_in(unit: Unit, engine: str, threads: int) -> tuple[int, int]:
    """Which process did it, and with how many threads."""
    return os.getpid(), threads


def failing(unit: Unit, engine: str, threads: int) -> Record:
    """Fail on one replication of one economy."""
    if (unit.economy, unit.replication) == ("pull", 2):
        raise ZeroDivisionError("nobody\nis left")
    return made(unit, engine, threads)


def dying(unit: Unit, engine: str, threads: int) -> Record:
    """End the process on one replication of one economy, as if it ran out of memory."""
    if (unit.economy, unit.replication) == ("pull", 2):
        os._exit(9)
    return made(unit, engine, threads)


def dying_once(unit: Unit, engine: str, threads: int) -> Record:
    """End the process on that replication, but for the second time; the description is a file that remembers."""
    if (unit.economy, unit.replication) == ("pull", 2) and not os.path.exists(unit.scenario.description):
        Path(unit.scenario.description).touch()
        os._exit(9)
    return made(unit, engine, threads)


def stillborn() -> None:
    """End a worker as it begins."""
    os._exit(9)


def slow(unit: Unit, engine: str, threads: int) -> Record:
    """Take a while."""
    time.sleep(0.1)
    return made(unit, engine, threads)
