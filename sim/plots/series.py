"""From the tidy frames of a run to arrays with one axis for each of replication, tick and seller."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.columns import CAUSES
from sim.measures import Estimate, half_life, mean_interval, median_interval, time_to_exit

if TYPE_CHECKING:
    from sim.results import Run

__all__ = [
    "YEAR",
    "by_cause",
    "by_seller",
    "by_tick",
    "economies_of",
    "entry_of",
    "erosion_of",
    "exits_of",
    "half_life_of",
    "middle",
    "moved",
    "replication_numbers",
    "replications_of",
    "sellers_of",
    "ticks_of",
]

Floats = NDArray[np.float64]
YEAR = 12  # ticks of the window that erosion is measured against


def economies_of(run: Run, chosen: Sequence[str] | None = None) -> list[str]:
    """Economies that were run, in the order of the scenario, or those chosen.

    Raises
    ------
    ValueError
        If one that is chosen was not run.
    """
    present = set(run.market["economy"].unique())
    ordered = [name for name in run.scenario.economies if name in present]
    if chosen is None:
        return ordered
    missing = [name for name in chosen if name not in present]
    if missing:
        raise ValueError(f"the run has no economy {missing[0]!r}; it has {', '.join(ordered)}")
    return list(chosen)


def sellers_of(run: Run) -> list[str]:
    """All sellers, the opening ones first, then the entrants."""
    return [seller.name for seller in run.scenario.all_sellers]


def entry_of(run: Run, economy: str) -> dict[str, int]:
    """Tick of entry of each entrant [ticks]; sellers at the opening are not in it.

    One that does not enter in this economy has the end of the run.
    """
    return {
        event.enter.name: event.at if event.happens_in(economy) else ticks_of(run)
        for event in run.scenario.events
        if event.enter is not None
    }


def ticks_of(run: Run) -> int:
    """Ticks of the run [ticks]."""
    return int(run.market["tick"].max()) + 1


def replication_numbers(run: Run, economy: str) -> NDArray[np.int64]:
    """Numbers of an economy's replications, rising: the order of the first axis of all arrays here."""
    return np.unique(run.market.loc[_rows(run.market, economy), "replication"].to_numpy(dtype=np.int64))


def replications_of(run: Run, economy: str) -> int:
    """How many replications an economy has."""
    return len(replication_numbers(run, economy))


def by_seller(run: Run, economy: str, column: str) -> Floats:
    """A column of ``shares``.

    Returns
    -------
    ndarray, shape (replications, ticks, sellers)
        NaN where the frame has no row or no value; replications by rising number.
    """
    rows = run.shares[_rows(run.shares, economy)]
    number, run_of = _places(rows["replication"])
    seller = _codes(rows["seller"], sellers_of(run))
    values = np.full((number, ticks_of(run), len(sellers_of(run))), math.nan)
    values[run_of, rows["tick"].to_numpy(), seller] = rows[column].to_numpy(dtype=np.float64, na_value=math.nan)
    return values


def by_tick(run: Run, economy: str, column: str) -> Floats:
    """A column of ``market``.

    Returns
    -------
    ndarray, shape (replications, ticks)
        NaN where the frame has no value.
    """
    rows = run.market[_rows(run.market, economy)]
    number, run_of = _places(rows["replication"])
    values = np.full((number, ticks_of(run)), math.nan)
    values[run_of, rows["tick"].to_numpy()] = rows[column].to_numpy(dtype=np.float64, na_value=math.nan)
    return values


def moved(run: Run, economy: str) -> Floats:
    """Switches from seller to seller over the whole run.

    Returns
    -------
    ndarray, shape (replications, sellers, sellers)
        Row: the seller left, column: the seller chosen [switches].
    """
    rows, names = run.switches[_rows(run.switches, economy)], sellers_of(run)
    total = np.zeros((replications_of(run, economy), len(names), len(names)))
    place = (_ledger_places(run, economy, rows), _codes(rows["from_seller"], names), _codes(rows["to_seller"], names))
    np.add.at(total, place, rows["buyers"].to_numpy(dtype=np.float64))
    return total


def by_cause(run: Run, economy: str, seller: str | None = None) -> Floats:
    """Switches by cause and tick; only those away from `seller`, if one is given.

    Returns
    -------
    ndarray, shape (replications, ticks, causes)
        Causes in the order of `sim.columns.CAUSES` [switches].
    """
    rows = run.switches[_rows(run.switches, economy)]
    if seller is not None:
        rows = rows[(rows["from_seller"] == seller).to_numpy()]
    total = np.zeros((replications_of(run, economy), ticks_of(run), len(CAUSES)))
    place = (_ledger_places(run, economy, rows), rows["tick"].to_numpy(), _codes(rows["cause"], CAUSES))
    np.add.at(total, place, rows["buyers"].to_numpy(dtype=np.float64))
    return total


def erosion_of(share: Floats) -> Estimate:
    """Share at the end over its mean in the first year, over replications.

    Parameters
    ----------
    share : ndarray, shape (replications, ticks)
        Market share of one seller [-].
    """
    start = share[:, :YEAR].mean(axis=1)
    left = np.divide(share[:, -1], start, out=np.full(len(share), math.nan), where=start > 0)
    return mean_interval(left)


def half_life_of(share: Floats) -> Estimate:
    """Erosion half-life over replications: the median, with the replications that never halved as censored.

    Parameters
    ----------
    share : ndarray, shape (replications, ticks)
        Market share of one seller from the opening on [-].
    """
    return median_interval([half_life(path) for path in share])


def exits_of(alive: Floats) -> Floats:
    """Tick of exit in each replication [ticks]; inf if the seller stayed, NaN if it never entered.

    Parameters
    ----------
    alive : ndarray, shape (replications, ticks)
        1 while the seller is in the market.
    """
    return np.array([time_to_exit(path > 0) for path in alive])


def middle(values: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Bounds that hold the middle part of the replications, along the first axis.

    Parameters
    ----------
    values : ndarray, shape (replications, ...)
        At least one of them finite wherever a bound is wanted.
    level : float
        Part of the replications inside, in (0, 1) [-].
    """
    low, high = np.quantile(values, [0.5 - 0.5 * level, 0.5 + 0.5 * level], axis=0)
    return low, high


def _rows(frame: pd.DataFrame, economy: str) -> NDArray[np.bool_]:
    return np.asarray(frame["economy"] == economy)


def _places(numbers: pd.Series) -> tuple[int, NDArray[np.intp]]:
    """How many replications there are, and the place of each row's."""
    distinct, place = np.unique(numbers.to_numpy(), return_inverse=True)
    return len(distinct), place


def _ledger_places(run: Run, economy: str, rows: pd.DataFrame) -> NDArray[np.intp]:
    """Places of the ledger's replications among all: one without a switch has no row in it."""
    return np.searchsorted(replication_numbers(run, economy), rows["replication"].to_numpy())


def _codes(values: pd.Series, names: Sequence[str]) -> NDArray[np.intp]:
    """Places of the values in `names`."""
    words = values.astype("category")  # as they come from a run's tables
    place = pd.Index(names).get_indexer(words.cat.categories.astype(str))
    codes = place[words.cat.codes.to_numpy()] if len(place) else np.zeros(0, np.intp)
    if (codes < 0).any():
        raise ValueError(f"the frames name {values[codes < 0].iloc[0]!r}, which the scenario does not")
    return np.asarray(codes)
