"""Paired differences: what a change does, how sure that is, and what pairing was worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.measures import Estimate, half_width
from sim.results import measure_of
from sim.studies.experiment import Prepared
from sim.studies.measuring import Measured
from sim.studies.traces import Traces

if TYPE_CHECKING:
    from sim.studies.study import Study

__all__ = [
    "OVER_TIME",
    "Difference",
    "Pair",
    "Paired",
    "estimate_of",
    "figures_of",
    "pair_of",
    "paired",
    "write_tables",
]

Floats = NDArray[np.float64]
OVER_TIME = ("share", "profit", "cumulative_profit", "survival")  # tick by tick, for every seller
# What a seller that is not in the market has none of; its other figures are not defined.
NOTHING = (
    "final_share",
    "customers",
    "revenue_share",
    "final_profit",
    "cumulative_profit",
    "customer_equity",
    "survival",
    "leader",
)
HEADER = (
    "change",
    "economy",
    "seller",
    "measure",
    "baseline",
    "changed",
    "mean",
    "low",
    "high",
    "unpaired_low",
    "unpaired_high",
    "variance_reduction",
    "replications",
    "censored",
)
SCHEMA = pa.schema(
    [
        ("change", pa.string()),
        ("economy", pa.string()),
        ("tick", pa.int32()),
        ("seller", pa.string()),
        ("measure", pa.string()),
        ("mean", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("variance_reduction", pa.float64()),
    ]
)


class Paired(NamedTuple):
    """Differences over replications, with or without further axes.

    Attributes
    ----------
    mean, low, high : ndarray
        Mean of the paired differences, and its 95 % interval.
    unpaired_low, unpaired_high : ndarray
        The interval that as many runs on different draws would have given (Welch 1947).
    variance_reduction : ndarray
        1 less the variance of the paired differences over that of unpaired ones [-]: 0.9 says
        that unpaired runs would need ten times as many replications; NaN where nothing varies.
    """

    mean: Floats
    low: Floats
    high: Floats
    unpaired_low: Floats
    unpaired_high: Floats
    variance_reduction: Floats


def paired(baseline: Floats, changed: Floats, *, proportion: bool = False) -> Paired:
    """Paired differences along the first axis.

    Parameters
    ----------
    baseline, changed : ndarray, shape (replications, ...)
        The same replications of both; a replication with NaN in either is left out.
    proportion : bool
        Whether figures are 0 or 1: the interval is then Agresti & Min's (2005), which has a
        width even if all differences are the same.

    Returns
    -------
    Paired
        Intervals are NaN with fewer than two replications.
    """
    from scipy.special import ndtri, stdtrit

    known = ~(np.isnan(baseline) | np.isnan(changed))
    one, two = np.where(known, baseline, math.nan), np.where(known, changed, math.nan)
    gap = two - one
    count = known.sum(axis=0)
    mean = np.divide(np.where(known, gap, 0.0).sum(axis=0), count, out=np.full(count.shape, math.nan), where=count > 0)
    half = half_width(gap)
    variance = np.array([_variance(part, known) for part in (one, two, gap)])
    apart = variance[0] + variance[1]
    reduction = 1.0 - np.divide(variance[2], apart, out=np.full(apart.shape, math.nan), where=apart > 0)
    freedom = np.divide(
        apart**2, variance[0] ** 2 + variance[1] ** 2, out=np.ones(apart.shape), where=apart > 0
    ) * np.maximum(count - 1, 1)
    wide = np.where(count > 1, stdtrit(freedom, 0.975) * np.sqrt(apart / np.maximum(count, 1)), math.nan)
    low, high = mean - half, mean + half
    if proportion:
        more, fewer = (known & (gap > 0)).sum(axis=0), (known & (gap < 0)).sum(axis=0)
        middle = (more - fewer) / (count + 2.0)
        spread = np.sqrt(np.maximum(more + fewer + 1.0 - (more - fewer) ** 2 / (count + 2.0), 0.0)) / (count + 2.0)
        width = float(ndtri(0.975)) * spread
        low = np.where(count > 1, np.minimum(np.maximum(middle - width, -1.0), mean), math.nan)
        high = np.where(count > 1, np.maximum(np.minimum(middle + width, 1.0), mean), math.nan)
    return Paired(mean, low, high, mean - wide, mean + wide, reduction)


def _variance(values: Floats, known: NDArray[np.bool_]) -> Floats:
    count = np.maximum(known.sum(axis=0), 2)
    figures = np.where(known, values, 0.0)
    mean = figures.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    spread = np.where(known, figures - mean, 0.0)
    return np.asarray((spread * spread).sum(axis=0) / (count - 1))


@dataclass(frozen=True, eq=False)
class Pair:
    """Baseline and changed runs of one change in one economy, replication by replication.

    Attributes
    ----------
    sellers : list of str
        Those of both, in the order of the study.
    over_time : mapping of str to (ndarray, ndarray), shape (replications, ticks, sellers)
        Baseline and changed, of `OVER_TIME`; a seller that is not there has nothing.
    moves : (ndarray, ndarray), shape (replications, sellers, sellers, causes)
        From whom to whom for what cause, over the whole run [switches].
    common : list of int
        Places of the sellers that are in the market on both sides.
    acts : int or None
        First tick at which anything differs in any replication; None if nothing ever does.
    """

    sellers: list[str]
    over_time: Mapping[str, tuple[Floats, Floats]]
    moves: tuple[Floats, Floats]
    common: list[int]
    acts: int | None


class Difference(NamedTuple):
    """A change in an economy; `counts` are replications of each figure, and how many of them are censored."""

    change: str
    economy: str
    pair: Pair
    over_time: dict[str, Paired]
    figures: dict[Measured, Paired]
    counts: dict[Measured, tuple[int, int]]
    moves: Paired


def pair_of(prepared: Prepared, traces: Traces, point: int, economy: int) -> Pair | None:
    """Baseline and one point side by side, in an economy by its place; None if no replication has both."""
    both = traces.there[0, economy] & traces.there[point, economy]
    if not both.any():
        return None

    def sides(values: Floats) -> tuple[Floats, Floats]:
        return values[0, economy, both], values[point, economy, both]

    paths = {name: sides(values) for name, values in traces.over_time.items()}
    differs = np.any([(one != two).any(axis=(0, 2)) for one, two in paths.values()], axis=0)
    acts = int(np.argmax(differs)) if differs.any() else None
    one, two = paths["profit"]
    over_time = {
        "share": paths["share"],
        "profit": paths["profit"],
        "survival": paths["alive"],
        "cumulative_profit": (one.cumsum(axis=1), two.cumsum(axis=1)),
    }
    common = [int(place) for place in np.flatnonzero(traces.sellers[0] & traces.sellers[point])]
    return Pair(prepared.sellers, over_time, sides(traces.moves), common, acts)


def write_tables(study: Study) -> list[Difference]:
    """Write ``differences.parquet`` and ``summary.csv`` of a comparison.

    Rows over time have their tick; rows without one are the figures of the whole run that the
    study measures. A duration counts up to the horizon there (its restricted mean), so that it
    has a difference even where it had not ended; `censored` counts the replications in which
    it had not, in the baseline or with the change.

    Returns
    -------
    list of Difference
        Changes in order, economies in each.
    """
    from sim.studies.study import write_csv, write_parquet

    prepared = study.prepared
    traces, figures = Traces(study), figures_of(study)
    found: list[Difference] = []
    rows: list[list[Any]] = []
    summary: list[tuple[Any, ...]] = []
    for point in range(1, prepared.points):
        change = str(prepared.columns["change"][point])
        for place, economy in enumerate(prepared.economies):
            pair = pair_of(prepared, traces, point, place)
            if pair is None:
                continue
            over_time = {name: _over_time(name, pair) for name in OVER_TIME}
            whole: dict[Measured, Paired] = {}
            counts: dict[Measured, tuple[int, int]] = {}
            for number, (seller, measure) in enumerate(prepared.figures):
                one, two = (figures[side, economy][:, number] for side in (0, point))
                both = ~(np.isnan(one) | np.isnan(two))
                count = int(both.sum()), int((both & (np.isinf(one) | np.isinf(two))).sum())
                one, two = (np.where(np.isinf(part), float(prepared.base.horizon), part) for part in (one, two))
                gap = paired(one, two, proportion=measure_of(measure).kind == "proportion")
                whole[seller, measure], counts[seller, measure] = gap, count
                rows.append([change, economy, None, seller, measure, *map(float, gap[:3]), float(gap[5])])
                means = (_mean(one[both]), _mean(two[both]))
                summary.append((change, economy, seller, measure, *means, *map(float, gap), *count))
            rows += _rows(change, economy, pair, over_time)
            found.append(Difference(change, economy, pair, over_time, whole, counts, paired(*pair.moves)))
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    write_parquet(study.path / "differences.parquet", [pa.Table.from_arrays(arrays, schema=SCHEMA)])
    write_csv(study.path / "summary.csv", HEADER, summary)
    return found


def _over_time(name: str, pair: Pair) -> Paired:
    one, two = pair.over_time[name]
    gap = paired(one, two, proportion=name == "survival")
    if name == "survival":  # before anything differs there is nothing to be unsure of
        still = np.ones(one.shape[1], bool)
        still[pair.acts if pair.acts is not None else one.shape[1] :] = False
        for bound in (gap.low, gap.high):
            bound[still] = np.where(np.isnan(bound[still]), math.nan, 0.0)
    return gap


def _rows(change: str, economy: str, pair: Pair, over_time: Mapping[str, Paired]) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for tick in range(next(iter(over_time.values())).mean.shape[0]):
        for place, seller in enumerate(pair.sellers):
            for name, gap in over_time.items():
                figures = (gap.mean, gap.low, gap.high, gap.variance_reduction)
                rows.append([change, economy, tick, seller, name, *(float(part[tick, place]) for part in figures)])
    return rows


def figures_of(study: Study) -> dict[tuple[int, str], Floats]:
    """What is measured, by point and economy, shape (replications, figures).

    NaN where there is none, 0 for what a seller that is not in the market has none of, inf for
    a duration that had not ended.
    """
    prepared = study.prepared
    frame = study.measures
    shape = (prepared.replications, len(prepared.figures))
    found = {
        (point, economy): np.full(shape, math.nan) for point in range(prepared.points) for economy in prepared.economies
    }
    places = {figure: place for place, figure in enumerate(prepared.figures)}
    for row in frame.itertuples(index=False):
        found[row.point, row.economy][row.replication, places[row.seller, row.measure]] = row.value
    for point in range(prepared.points):
        there = {seller.name for seller in prepared.scenario_at(point).all_sellers}
        for place, (seller, measure) in enumerate(prepared.figures):
            if seller and seller not in there and measure in NOTHING:
                for economy in prepared.economies:
                    done = ~np.isnan(found[point, economy]).all(axis=1)
                    found[point, economy][done, place] = 0.0
    return found


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else math.nan


def estimate_of(gap: Paired, replications: int, where: Any = ()) -> Estimate:
    """One difference as an estimate."""
    return Estimate(float(gap.mean[where]), float(gap.low[where]), float(gap.high[where]), replications, 0)
