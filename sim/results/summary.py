"""What a run says in figures: one line an economy, seller and measure, each with its interval."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim import measures
from sim.measures import Estimate
from sim.results.files import writing
from sim.results.record import Record
from sim.scenario.scenario import Scenario

__all__ = [
    "COLUMNS",
    "DISCOUNT",
    "MEASURES",
    "Line",
    "Measure",
    "Scores",
    "measure_of",
    "scores",
    "summarise",
    "widest_interval",
    "write_summary",
]

COLUMNS = ("economy", "seller", "measure", "mean", "low", "high", "replications", "censored")
YEAR = 12  # ticks at the end from which final rates, and switching and margins for customer equity, are taken
DISCOUNT = 0.01  # discount rate of customer equity [1/tick]; a modelling choice, 12.7 % a year

Scores = dict[tuple[str, str], float]
"""Figures of one replication by (seller, measure); the seller is empty for the market as a whole."""


class Measure(NamedTuple):
    """What a measure is.

    Attributes
    ----------
    unit : str
    meaning : str
    kind : str
        "mean": mean and Student-t interval; "duration": median and order-statistic interval,
        the ones still running at the horizon counted as censored (`inf` if the median is
        among them); "proportion": fraction of replications and Wilson's interval.
    """

    unit: str
    meaning: str
    kind: Literal["mean", "duration", "proportion"] = "mean"


MEASURES: dict[str, Measure] = {
    # of a seller
    "final_share": Measure("-", "market share at the last tick"),
    "mean_share": Measure("-", "market share, mean over ticks since its entry"),
    "half_life": Measure("ticks", "tick at which the share has fallen to half its mean of the first 12", "duration"),
    "hazard": Measure("1/tick", "erosion: least-squares slope of the log share, negative"),
    "customers": Measure("buyers", "customers at the last tick"),
    "revenue_share": Measure("-", "part of the market's revenue at the last tick"),
    "final_profit": Measure("money/tick", "profit at the last tick"),
    "cumulative_profit": Measure("money", "profit, sum over ticks"),
    "cash": Measure("money", "cash at the last tick"),
    "churn": Measure("1/tick", "part of its customers who leave in a tick, over the whole run"),
    "customer_equity": Measure("money", "discounted margins to expect, at the switching of the last 12 ticks"),
    "satisfaction": Measure("utils", "experience less aspiration of its customers, mean over ticks with customers"),
    "relationship_from_experience": Measure("-", "part of the relationship built in the run by experience, not visits"),
    "leads": Measure("buyers/tick", "buyers who inspect it of their own accord, mean over ticks since its entry"),
    "survival": Measure("-", "in the market at the end", "proportion"),
    "time_to_exit": Measure("ticks", "tick at which it gives up", "duration"),
    "leader": Measure("-", "largest seller at the last tick", "proportion"),
    "time_to_overtake": Measure("ticks", "ticks from its entry until it is the largest seller", "duration"),
    # of the market
    "hhi": Measure("-", "Herfindahl-Hirschman index, mean over ticks"),
    "final_hhi": Measure("-", "Herfindahl-Hirschman index at the last tick"),
    "effective_sellers": Measure("sellers", "equal sellers of the same concentration at the last tick, 1 / HHI"),
    "survivors": Measure("sellers", "sellers in the market at the end"),
    "initiation_index": Measure("-", "buyer-initiated part of the switches that somebody initiated"),
}

# Market-wide series of which the mean over all ticks and over the last 12 are given.
SERIES: dict[str, tuple[str, str]] = {
    "churn": ("1/tick", "part of all buyers who switch in a tick"),
    "research_rate": ("1/tick", "part of all buyers who research in a tick"),
    "inspections": ("1/tick", "inspections a buyer"),
    "consumer_surplus": ("money/tick", "surplus a buyer"),
    "belief_error": ("utils²", "mean squared error of what buyers believe"),
    "satisfaction": ("utils", "experience less aspiration"),
    "aspiration": ("utils", "aspiration"),
    "patience": ("-", "patience"),
    "belief_variance": ("utils²", "variance of what buyers believe"),
    "homework_share": ("-", "part of what was learned by own research before a seller's contact"),
    "decided_before_contact": ("-", "part of switches to the seller that was the favourite before a seller's contact"),
    "visits": ("1/tick", "visits a buyer"),
    "producer_surplus": ("money/tick", "profit of all sellers a buyer"),
    "logsum_surplus": ("money/tick", "surplus a buyer can expect before taste shocks are known"),
}
for _name, (_unit, _meaning) in SERIES.items():
    MEASURES.setdefault(_name, Measure(_unit, f"{_meaning}, mean over ticks"))
    MEASURES[f"final_{_name}"] = Measure(_unit, f"{_meaning}, mean over the last 12 ticks")


def measure_of(name: str) -> Measure:
    """Declaration of a measure; `time_to_overtake.<seller>` is one for every seller.

    Raises
    ------
    KeyError
        If there is no such measure.
    """
    return MEASURES["time_to_overtake" if name.startswith("time_to_overtake.") else name]


class Line(NamedTuple):
    """One line of the summary."""

    economy: str
    seller: str
    measure: str
    estimate: Estimate


def scores(record: Record, scenario: Scenario) -> Scores:
    """Every measure of one replication.

    Parameters
    ----------
    record : Record
        With at least one tick.
    scenario : Scenario
        What was run: who entered later is read from it.

    Returns
    -------
    dict
        Figures by (seller, measure); NaN where a figure is not defined in this replication,
        inf for a duration that had not ended at the horizon. Entrants have no `half_life`
        and no `hazard` (see `sim.measures.half_life`); sellers at the opening have no
        `time_to_overtake`.
    """
    share, alive = record.shares["share"], record.shares["alive"]
    profit, customers = record.shares["profit"], record.shares["customers"]
    opening = np.rint(record.opening_share * scenario.buyers.count).astype(np.int64)
    lost = measures.loss_rate(_switching(record, opening))
    equity = _customer_equity(record, opening)
    revenue_share = measures.revenue_share(record.shares["revenue"][-1])
    opening_sellers = len(scenario.sellers)
    found: Scores = {}
    for seller, name in enumerate(record.sellers):
        path = share[:, seller]
        entry = int(np.argmax(alive[:, seller])) if alive[:, seller].any() else record.ticks
        found[name, "final_share"] = float(path[-1])
        found[name, "mean_share"] = _mean(path[entry:])
        if seller < opening_sellers:
            found[name, "half_life"] = measures.half_life(path)
            found[name, "hazard"] = measures.hazard(path)
        found[name, "customers"] = float(customers[-1, seller])
        found[name, "revenue_share"] = float(revenue_share[seller])
        found[name, "final_profit"] = float(profit[-1, seller])
        found[name, "cumulative_profit"] = float(profit[:, seller].sum())
        found[name, "cash"] = float(record.shares["cash"][-1, seller])
        found[name, "churn"] = float(lost[seller])
        found[name, "customer_equity"] = float(equity[seller])
        found[name, "satisfaction"] = _mean(record.shares["satisfaction"][:, seller])
        built = [record.contacts[f"relationship_from_{source}"][:, seller].sum() for source in ("experience", "visits")]
        found[name, "relationship_from_experience"] = float(built[0] / sum(built)) if sum(built) > 0 else math.nan
        found[name, "leads"] = _mean(record.contacts["inspections"][entry:, seller])
        found[name, "survival"] = float(alive[-1, seller])
        found[name, "time_to_exit"] = measures.time_to_exit(alive[:, seller])
        found[name, "leader"] = float(np.argmax(share[-1]) == seller)
        if seller >= opening_sellers:
            rivals = {"time_to_overtake": measures.leading_rival(share, seller)}
            for other in range(opening_sellers):
                rivals[f"time_to_overtake.{record.sellers[other]}"] = share[:, other]
            for measure, rival in rivals.items():
                found[name, measure] = measures.time_to_overtake(path[entry:], rival[entry:])
    hhi = record.market["hhi"]
    found["", "hhi"], found["", "final_hhi"] = float(hhi.mean()), float(hhi[-1])
    found["", "effective_sellers"] = float(measures.effective_sellers(share[-1]))
    found["", "survivors"] = float(alive[-1].sum())
    found["", "initiation_index"] = measures.initiation_index(
        record.market["buyer_initiated"], record.market["seller_initiated"]
    )
    for name in SERIES:
        series = record.market[name] if name in record.market else record.buyers[name]
        found["", name], found["", f"final_{name}"] = _mean(series), _mean(series[-YEAR:])
    return found


def _switching(
    record: Record, opening: NDArray[np.int64], window: tuple[int, int] | None = None
) -> NDArray[np.int64]:
    ledger = record.switches
    return measures.switching_counts(
        ledger["tick"],
        ledger["from_seller"],
        ledger["to_seller"],
        ledger["buyers"],
        record.shares["customers"],
        opening,
        window,
    )


def _customer_equity(record: Record, opening: NDArray[np.int64]) -> NDArray[np.float64]:
    """Customer equity at the end [money], shape (sellers,): 0 for a seller that is gone."""
    start = max(0, record.ticks - YEAR)
    customers = record.shares["customers"]
    counts = _switching(record, opening, (start, record.ticks))
    price, revenue = record.contacts["price"][start:], record.shares["revenue"][start:]
    ordered = revenue > 0
    volume = np.divide(revenue, price, out=np.zeros_like(revenue), where=ordered)
    margin = np.where(ordered, (price - record.contacts["unit_cost"][start:]) * volume, 0.0).sum(axis=0)
    held = customers[start:].sum(axis=0)
    a_customer = np.divide(margin, held, out=np.zeros_like(margin), where=held > 0)
    equity = measures.customer_equity(measures.switching_probabilities(counts), customers[-1], a_customer, DISCOUNT)
    return np.where(record.shares["alive"][-1], equity, 0.0)


def _mean(series: ArrayLike) -> float:
    """Mean of what is defined; NaN if nothing is."""
    values = np.asarray(series, dtype=np.float64)
    values = values[~np.isnan(values)]
    return float(values.mean()) if values.size else math.nan


ESTIMATORS = {
    "mean": measures.mean_interval,
    "duration": measures.median_interval,
    "proportion": measures.proportion_interval,
}


def summarise(found: Mapping[str, Sequence[Scores]]) -> list[Line]:
    """Join replications into the lines of a summary.

    Parameters
    ----------
    found : mapping of str to sequence of Scores
        For each economy, the scores of its replications.

    Returns
    -------
    list of Line
        Economies, sellers and measures in the order in which they are found. A line whose
        figure is defined in no replication says so with 0 replications.
    """
    lines = []
    for economy, replications in found.items():
        for seller, measure in replications[0] if replications else ():
            values = [one[seller, measure] for one in replications]
            lines.append(Line(economy, seller, measure, ESTIMATORS[measure_of(measure).kind](values)))
    return lines


def widest_interval(shares: Mapping[str, Sequence[ArrayLike]]) -> float:
    """Width of the widest 95 % interval of a mean final share.

    Parameters
    ----------
    shares : mapping of str to sequence of ndarray, shape (sellers,)
        For each economy, the final shares of its replications [-].

    Returns
    -------
    float
        Whole width, twice the half-width [-].
    """
    return max(float(2 * measures.half_width(np.array(paths)).max()) for paths in shares.values())


def write_summary(path: Path, lines: Iterable[Line]) -> None:
    """Write the summary as CSV: NaN as nothing, infinite as ``inf``.

    Parameters
    ----------
    path : Path
        File to write.
    lines : iterable of Line
    """
    with writing(path) as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for economy, seller, measure, (mean, low, high, replications, censored) in lines:
            figures = ("" if math.isnan(figure) else repr(float(figure)) for figure in (mean, low, high))
            table.writerow((economy, seller, measure, *figures, replications, censored))
