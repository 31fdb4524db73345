"""What a claim can be about: every figure of a run's summary, and what only a look at the buyers tells."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim import measures
from sim.results import Record, scores
from sim.results.record import BUYERS, MARKET
from sim.runner import Unit
from sim.scenario import Scenario
from sim.studies.measuring import Kept, known_measures

if TYPE_CHECKING:
    from sim.market import Market

__all__ = ["MEANINGS", "known_figures", "observed", "observed_figures", "probe_digest"]

YEAR = 12  # ticks of a window at the beginning, in the middle and at the end [ticks]
Figures = dict[tuple[str, str], float]

SERIES = tuple(
    name for name in (*MARKET, *BUYERS) if name not in ("pull_share", "hhi", "buyer_initiated", "seller_initiated")
)
# What is here and not in `sim.results.MEASURES`; of a seller, then of the market.
MEANINGS: dict[str, str] = {
    "share_gain": "market share at the last tick less that at the opening [-]",
    "share_rebound": "market share at the last tick less its lowest [-]",
    "final_sales_skill": "sales skill at the last tick [-]",
    "skill_lost": "sales skill in the first month less that in the last [-]",
    "mean_human_service": "service by people that it gives, mean over ticks in the market [-]",
    "final_relationship": "relationship of its customers, mean over the last 12 ticks [-]",
    "final_satisfaction": "experience less aspiration of its customers, mean over the last 12 ticks [utils]",
    "profit_a_customer": "profit a customer and month, over the last 12 ticks [money]",
    "profit_a_buyer": "profit over the run, a buyer of the market [money]",
    "opportunities": "contacts with other sellers' customers, theirs included, a buyer of the market and month [-]",
    "win_rate": "customers won a contact that another seller's customer attended [-]",
    "audience": "contacts a customer and month less those a buyer of other sellers and month [-]",
    "rating": "last experience of its customers at the end, mean [utils]",
    "better_elsewhere": "part of its customers for whom another seller is better on the merits, at the end [-]",
    "kept_by_liking": "part of its customers who would leave on the merits but for liking, at the end [-]",
    "stay_weak_bond": "part of its customers of mid-run still there a year later, weakest third of relationships [-]",
    "stay_strong_bond": "the same of the strongest third [-]",
    "segment_lift": "its share among buyers of the first segment less that among the others, at the end [-]",
    "contact_initiation": "contacts with other sellers than one's own that the buyer began [-]",
    "self_service_met": "self-service that the average buyer finds at its seller [-]",
    "price_paid": "price that the average buyer pays [money]",
    "trust_from_experience": "part of the relationships built that experience built, not visits [-]",
    "half_life_of_patience": "tick at which patience has fallen to half its mean of the first 12 [ticks]",
    "thriving": "sellers with a profit over the last 12 ticks [sellers]",
    "service_swing": "standard deviation of the monthly change of the human service that the average buyer finds [-]",
    "best_match": "part of the buyers whose seller is the best for them on the merits, at the end [-]",
    "bond_loyalty": "correlation of relationship at mid-run and staying for another year, over buyers [-]",
}
OF_MARKET = tuple(MEANINGS)[tuple(MEANINGS).index("contact_initiation") :]
WINDOWED = ("contact_initiation", "self_service_met", "price_paid", "trust_from_experience")


@cache
def probe_digest() -> str:
    """Digest of this file: what is kept of a run is kept anew when this changes."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]


def known_figures(scenarios: Iterable[Scenario]) -> set[tuple[str, str]]:
    """Every (seller, measure) that a claim may name."""
    listed = list(scenarios)
    found = {figure for figures in known_measures(listed).values() for figure in figures}
    sellers = {seller.name for scenario in listed for seller in scenario.all_sellers}
    found |= {(seller, name) for name in MEANINGS if name not in OF_MARKET for seller in sellers}
    found |= {("", name) for name in OF_MARKET}
    found |= {("", f"{when}_{name}") for when in ("first", "final") for name in (*WINDOWED, *SERIES)}
    return found


def observed(unit: Unit, engine: str, threads: int) -> Kept:
    """Run a unit and keep every figure of it. Work for `sim.runner.Workers`."""
    found = observed_figures(unit.scenario, unit.economy, unit.replication, engine, threads)
    return Kept(json.dumps(list(found)), np.array(list(found.values()), dtype=np.float64), None)


def observed_figures(
    scenario: Scenario, economy: str, replication: int, engine: str = "columns", threads: int = 1
) -> Figures:
    """Run one replication of one economy and measure all there is.

    Returns
    -------
    dict
        Figures by (seller, measure), the seller empty for the market; NaN where not defined,
        inf for a duration that had not ended.
    """
    from sim.market import Market

    market = Market(scenario, economy, replication, engine=engine, threads=threads)  # type: ignore[arg-type]
    try:
        middle = scenario.horizon // 2
        probe: dict[str, NDArray[Any]] = {}
        while market.running:
            if market.tick == middle:
                probe = {"seller": _own(market), "bond": _bond(market)}
            if market.tick == min(middle + YEAR, scenario.horizon - 1):
                probe["stayed"] = _own(market) == probe["seller"]
            market.step()
        record = market.record()
        return {
            **scores(record, scenario),
            **_windows(record),
            **_of_market(record),
            **_of_sellers(record, scenario),
            **_of_buyers(market, probe),
        }
    finally:
        market.release()


def _mean(values: ArrayLike) -> float:
    figures = np.asarray(values, dtype=np.float64)
    figures = figures[~np.isnan(figures)]
    return float(figures.mean()) if figures.size else math.nan


def _part(some: float, rest: float) -> float:
    return float(some / (some + rest)) if some + rest > 0 else math.nan


def _windows(record: Record) -> Figures:
    """First and last year of every market-wide series; those of the last that `scores` has are the same."""
    found: Figures = {}
    for name in SERIES:
        series = record.market[name] if name in record.market else record.buyers[name]
        found["", f"first_{name}"], found["", f"final_{name}"] = _mean(series[:YEAR]), _mean(series[-YEAR:])
    return found


def _of_market(record: Record) -> Figures:
    contacts, shares = record.contacts, record.shares
    share = shares["share"]
    service, price = (measures.met_by_buyers(share, part) for part in (shares["self_service"], contacts["price"]))
    phones = measures.met_by_buyers(share, shares["human_service"])
    met = contacts["visits_to_prospects"] + contacts["messages"]
    built = {source: contacts[f"relationship_from_{source}"] for source in ("experience", "visits")}
    found: Figures = {}
    whole = slice(None)
    for prefix, window in (("", whole), ("first_", slice(YEAR)), ("final_", slice(-YEAR, None))):
        found["", f"{prefix}contact_initiation"] = measures.initiation_index(
            contacts["inspections"][window], met[window]
        )
        found["", f"{prefix}self_service_met"] = _mean(service[window])
        found["", f"{prefix}price_paid"] = _mean(price[window])
        found["", f"{prefix}trust_from_experience"] = _part(
            built["experience"][window].sum(), built["visits"][window].sum()
        )
    found["", "half_life_of_patience"] = measures.half_life(record.buyers["patience"])
    found["", "thriving"] = float((shares["profit"][-YEAR:].sum(axis=0) > 0).sum())
    found["", "service_swing"] = float(np.diff(phones).std()) if record.ticks > 1 else math.nan
    return found


def _of_sellers(record: Record, scenario: Scenario) -> Figures:
    shares, contacts, buyers = record.shares, record.contacts, scenario.buyers.count
    gained = np.zeros(len(record.sellers))
    np.add.at(gained, record.switches["to_seller"], record.switches["buyers"])
    found: Figures = {}
    for place, name in enumerate(record.sellers):
        alive = shares["alive"][:, place]
        customers = shares["customers"][:, place].astype(float)
        skill = shares["sales_skill"][alive, place]
        met = contacts["visits_to_prospects"][:, place] + contacts["messages"][:, place]
        late = customers[-YEAR:].sum()
        others = (buyers - customers)[alive].sum()
        own = {
            "share_gain": shares["share"][-1, place] - record.opening_share[place],
            "share_rebound": measures.rebound(shares["share"][:, place]),
            "final_sales_skill": float(skill[-1]) if alive[-1] else math.nan,
            "skill_lost": float(skill[0] - skill[-1]) if alive[-1] else math.nan,
            "mean_human_service": _mean(shares["human_service"][alive, place]),
            "final_relationship": _mean(shares["relationship"][-YEAR:, place]),
            "final_satisfaction": _mean(shares["satisfaction"][-YEAR:, place]),
            "profit_a_customer": float(shares["profit"][-YEAR:, place].sum() / late) if late else math.nan,
            "profit_a_buyer": float(shares["profit"][:, place].sum() / buyers),
            "opportunities": _mean((met + contacts["inspections"][:, place])[alive]) / buyers,
            "win_rate": float(gained[place] / met.sum()) if met.sum() else math.nan,
            "audience": float(
                contacts["visits_to_customers"][alive, place].sum() / customers[alive].sum() - met.sum() / others
            )
            if customers[alive].sum() and others
            else math.nan,
        }
        found |= {(name, measure): float(figure) for measure, figure in own.items()}
    return found


def _own(market: Market) -> NDArray[np.int64]:
    return market.state.buyers["seller"].astype(np.int64)


def _bond(market: Market) -> NDArray[np.float64]:
    """Relationship of each buyer with its seller."""
    rows = np.arange(market.buyer_count)
    return np.asarray(market.state.pairs["relationship"][rows, _own(market)], dtype=np.float64)


def _of_buyers(market: Market, probe: dict[str, NDArray[Any]]) -> Figures:
    """What the columns say at the end, and of those who were looked at in mid-run."""
    state, own = market.state, _own(market)
    buyers = state.buyers
    pull = (buyers["pull_threshold"] < market.pull_share).astype(np.int64)
    rows = 2 * buyers["segment"].astype(np.int64) + pull
    terms = state.behaviour[rows]
    price, bonds = state.sellers["price"][None, :], state.pairs["relationship"].astype(np.float64)
    sensitivity = terms["price_sensitivity"][:, None]
    merit = state.appeal[rows] + state.pairs["taste"] - sensitivity * price
    merit = np.where(state.sellers["trading"][None, :], merit, -np.inf)
    relief = terms["relationship_price_relief"][:, None] * sensitivity * price
    liking = (terms["relationship_weight"][:, None] + relief) * bonds
    elsewhere, liked = measures.better_elsewhere(merit, own), measures.kept_by_liking(merit, liking, own)
    first = buyers["segment"] == 0
    found: Figures = {("", "best_match"): measures.best_match(merit, own)}
    bond, stayed, before = probe["bond"], probe["stayed"], probe["seller"]
    varied = bond.std() > 0 and stayed.std() > 0
    found["", "bond_loyalty"] = float(np.corrcoef(bond, stayed)[0, 1]) if varied else math.nan
    for seller in market.sellers:
        mine, then = own == seller.place, before == seller.place
        parts = measures.retention_by_bond(bond[then], stayed[then])
        figures = {
            "rating": _mean(buyers["experience"][mine]),
            "better_elsewhere": _mean(elsewhere[mine]),
            "kept_by_liking": _mean(liked[mine]),
            "stay_weak_bond": float(parts[0]),
            "stay_strong_bond": float(parts[-1]),
            "segment_lift": _mean(mine[first]) - _mean(mine[~first]),
        }
        found |= {(seller.name, measure): figure for measure, figure in figures.items()}
    return found
