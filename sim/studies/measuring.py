"""What a study keeps of a replication: all its figures, and on request the paths behind them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.columns import CAUSES
from sim.results import MEASURES, Record, scores
from sim.runner import Unit, simulate
from sim.scenario import Scenario
from sim.scenario.mistakes import did_you_mean

__all__ = ["PATHS", "Kept", "Measured", "known_measures", "measures_of", "paths_of", "scored", "traced"]

Measured = tuple[str, str]
"""A figure: (seller, measure), as in `sim.results.Scores`; the seller is empty for the market."""

# Measures of `sim.results.MEASURES` that a seller has; those of entrants and of openers alone apart.
OF_SELLERS = (
    "final_share",
    "mean_share",
    "customers",
    "revenue_share",
    "final_profit",
    "cumulative_profit",
    "cash",
    "churn",
    "customer_equity",
    "satisfaction",
    "relationship_from_experience",
    "leads",
    "survival",
    "time_to_exit",
    "leader",
)
OF_OPENERS = ("half_life", "hazard")
OF_ENTRANTS = ("time_to_overtake",)
OF_MARKET = (
    *(name for name in MEASURES if name not in {*OF_SELLERS, *OF_OPENERS, *OF_ENTRANTS}),
    "churn",
    "satisfaction",
)
PATHS = ("share", "profit", "alive")  # kept tick by tick for paired differences


class Kept(NamedTuple):
    """What is kept of one replication.

    Attributes
    ----------
    names : str
        JSON list of [seller, measure]: what `values` are.
    values : ndarray, shape (figures,)
    paths : bytes or None
        What `paths_of` reads; None if only figures were asked for.
    """

    names: str
    values: NDArray[np.float64]
    paths: bytes | None


def scored(unit: Unit, engine: str, threads: int) -> Kept:
    """Run a unit and keep its figures. Work for `sim.runner.Workers`."""
    return _kept(simulate(unit, engine, threads), unit.scenario, with_paths=False)


def traced(unit: Unit, engine: str, threads: int) -> Kept:
    """Run a unit and keep its figures and paths. Work for `sim.runner.Workers`."""
    return _kept(simulate(unit, engine, threads), unit.scenario, with_paths=True)


def _kept(record: Record, scenario: Scenario, *, with_paths: bool) -> Kept:
    found = scores(record, scenario)
    values = np.array(list(found.values()), dtype=np.float64)
    return Kept(json.dumps(list(found)), values, _packed(record) if with_paths else None)


def _packed(record: Record) -> bytes:
    """Paths of all sellers, and who left whom for what reason, over the whole run."""
    sellers = len(record.sellers)
    moves = np.zeros((sellers, sellers, len(CAUSES)), np.int64)
    ledger = record.switches
    np.add.at(moves, (ledger["from_seller"], ledger["to_seller"], ledger["cause"]), ledger["buyers"])
    arrays: dict[str, Any] = {name: record.shares[name] for name in PATHS}
    page = io.BytesIO()
    np.savez(page, sellers=np.array(record.sellers), moves=moves, **arrays)
    return page.getvalue()


def paths_of(packed: bytes) -> dict[str, NDArray[Any]]:
    """Unpack paths.

    Returns
    -------
    dict
        `PATHS`, each of shape (ticks, sellers); ``moves``, shape (sellers, sellers, causes),
        from whom to whom for what cause [switches]; ``sellers``, their names.
    """
    with np.load(io.BytesIO(packed), allow_pickle=False) as archive:
        return dict(archive)


def known_measures(scenarios: Iterable[Scenario]) -> dict[str, list[Measured]]:
    """Every measure that an experiment may name, and the figures it stands for.

    ``final_share.Heritage`` is one figure, ``final_share`` that of every seller; a measure that
    the market as a whole has too (``churn``) is the market's where no seller is named.

    Parameters
    ----------
    scenarios : iterable of Scenario
        All whose sellers may be named.
    """
    openers: dict[str, None] = {}
    entrants: dict[str, None] = {}
    for scenario in scenarios:
        openers |= dict.fromkeys(seller.name for seller in scenario.sellers)
        entrants |= dict.fromkeys(event.enter.name for event in scenario.events if event.enter is not None)
    everyone = {**openers, **entrants}
    owners: list[tuple[str, Mapping[str, None]]] = [(name, everyone) for name in OF_SELLERS]
    owners += [(name, openers) for name in OF_OPENERS]
    owners += [(name, entrants) for name in OF_ENTRANTS]
    owners += [(f"{name}.{rival}", entrants) for name in OF_ENTRANTS for rival in openers]
    known: dict[str, list[Measured]] = {}
    for measure, sellers in owners:
        known[measure] = [(seller, measure) for seller in sellers]
        known |= {f"{measure}.{seller}": [(seller, measure)] for seller in sellers}
    return known | {name: [("", name)] for name in OF_MARKET}


def measures_of(names: Sequence[str], scenarios: Iterable[Scenario]) -> list[Measured]:
    """The figures that names stand for, each once.

    Raises
    ------
    ValueError
        For a name that is none, with the nearest one that is.
    """
    known = known_measures(scenarios)
    found: dict[Measured, None] = {}
    for name in names:
        for message in wrong_measure(name, known):
            raise ValueError(f"{name!r} {message}")
        found |= dict.fromkeys(known[name])
    return list(found)


def wrong_measure(name: object, known: Mapping[str, Sequence[Measured]]) -> Iterator[str]:
    """Say what is wrong with a name, if anything."""
    if not isinstance(name, str):
        yield "must be the name of a measure, such as final_share.Heritage"
    elif name not in known:
        measure = max((one for one in known if name.startswith(f"{one}.")), key=len, default=None)
        if measure is not None and known[measure][0][0]:
            sellers = [seller for seller, _ in known[measure]]
            word = name.removeprefix(f"{measure}.")
            yield f"names no seller that has {measure}{did_you_mean(word, sellers)} ({', '.join(sellers)})"
        else:
            yield f"is not a measure{did_you_mean(name, known)}; docs/studies.md lists them"
    elif not known[name]:
        yield "is a measure of sellers who enter later, and nobody enters here"
