"""What a market measures as it runs, what its sellers see of it, and the record it leaves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim import columns
from sim.columns import CAUSES, EFFORTS, FIXED, State, Tally, columns_of
from sim.results.record import Record
from sim.scenario.scenario import Scenario
from sim.strategies.strategy import Plan, View

__all__ = ["History", "Recent"]

# Ticks whose ledger of switches is kept as a whole before its entries are picked out
LEDGER = 64


class Recent(NamedTuple):
    """The last ticks of a run; sellers in the order of its record.

    Attributes
    ----------
    shares : dict of str to ndarray, shape (ticks, sellers)
        As in `sim.results.record.SHARES`.
    pull_share : ndarray, shape (ticks,)
        Buyers in pull mode [-].
    switches : ndarray of int, shape (ticks, causes, from, to)
        Switches [buyers].
    """

    shares: dict[str, np.ndarray]
    pull_share: np.ndarray
    switches: np.ndarray


class History:
    """Measurements of one run, tick by tick; sellers in the order of the columns.

    Parameters
    ----------
    scenario : Scenario
    state : State
        Columns of the market, read at the end of each tick.
    names : tuple of str
        Sellers in the order of the columns.
    """

    def __init__(self, scenario: Scenario, state: State, names: tuple[str, ...]) -> None:
        horizon, count = scenario.horizon, len(names)
        self.ticks = 0
        self._state, self._names, self._buyers = state, names, scenario.buyers.count
        self._sellers = columns.allocate(columns.Sellers, horizon, count)
        self._tallies = columns.allocate(columns.SellerTally, horizon, count)
        self._totals = np.zeros((horizon, columns.TOTALS), np.int64)
        self._shares = np.zeros((horizon + 1, count))
        self._shares[0] = state.sellers["customers"] / self._buyers
        self._switches = np.zeros((LEDGER, len(CAUSES), count, count), np.int64)
        self._ledger: list[np.ndarray] = []

    def note(self, tick: int, tally: Tally) -> None:
        """Take down a tick that has just ended.

        Parameters
        ----------
        tick : int
        tally : Tally
            Counts of the tick over all buyers.
        """
        self._sellers[tick] = self._state.sellers
        self._tallies[tick] = tally.sellers
        self._totals[tick] = tally.totals
        self._shares[tick + 1] = self._state.sellers["customers"] / self._buyers
        self._switches[tick % LEDGER] = tally.switches
        self.ticks = tick + 1
        if self.ticks % LEDGER == 0:
            self._ledger.append(self._entries(LEDGER))

    def _entries(self, ticks: int) -> np.ndarray:
        """Tick, cause, from, to and buyers of the last ticks' switches; shape (5, entries)."""
        when, cause, origin, target = np.nonzero(self._switches[:ticks])
        moved = self._switches[when, cause, origin, target]
        return np.stack([when + self.ticks - ticks, cause, origin, target, moved])

    def view(self, place: int, name: str, plan: Plan | None, known_rivals: np.ndarray) -> View:
        """What the seller in column `place` sees before the next tick."""
        sellers = self._state.sellers
        last = self.ticks - 1
        moved = self._switches[last % LEDGER].sum(axis=0) if self.ticks else np.zeros((len(self._names),) * 2)
        shares = self._shares[: self.ticks + 1]
        shares.flags.writeable = False
        return View(
            tick=self.ticks,
            name=name,
            plan=plan,
            customers=int(sellers["customers"][place]),
            lost=int(moved[place].sum()),
            gained=int(moved[:, place].sum()),
            leads=int(self._tallies["inspections"][last, place]) if self.ticks else 0,
            revenue=float(sellers["volume"][place] * sellers["price"][place]) if self.ticks else 0.0,
            profit=float(sellers["profit"][place]),
            cash=float(sellers["cash"][place]),
            budget=float(sellers["budget"][place]),
            unit_cost=float(sellers["unit_cost"][place]),
            quality=float(sellers["quality"][place]),
            self_service=float(sellers["self_service"][place]),
            human_service=float(sellers["human_service"][place]),
            sales_skill=float(sellers["sales_skill"][place]),
            sellers=self._names,
            own=place,
            shares=shares,
            prices=np.where(sellers["alive"], sellers["price"], np.nan),
            efforts=sellers["effort"].copy(),
            alive=sellers["alive"].copy(),
            known_rivals=known_rivals,
        )

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """Market-wide measurements by tick, as Mesa's DataCollector would give them."""
        record = self.record("", 0, list(self._names))
        frame = pd.DataFrame({**record.market, **{f"buyers_{name}": column for name, column in record.buyers.items()}})
        for place, name in enumerate(record.sellers):
            frame[f"share {name}"] = record.shares["share"][:, place]
        return frame.rename_axis("tick")

    def get_agent_vars_dataframe(self) -> pd.DataFrame:
        """Measurements by tick and seller, as Mesa's DataCollector would give them."""
        record = self.record("", 0, list(self._names))
        index = pd.MultiIndex.from_product([range(self.ticks), record.sellers], names=["tick", "seller"])
        return pd.DataFrame({name: column.ravel() for name, column in record.shares.items()}, index=index)

    def recent(self, ticks: int, order: list[str]) -> Recent:
        """The last ticks alone: for whoever looks on while the market runs.

        Parameters
        ----------
        ticks : int
            At most `LEDGER` and the ticks that were run [ticks].
        order : list of str
            Names of the sellers.

        Raises
        ------
        ValueError
            If so many are not at hand.
        """
        if not 0 <= ticks <= min(LEDGER, self.ticks):
            raise ValueError(f"{ticks} ticks are not at hand; the last {min(LEDGER, self.ticks)} are")
        places = np.array([self._names.index(name) for name in order])
        last = range(self.ticks - ticks, self.ticks)
        kept, counts = (part[last.start : last.stop][:, places] for part in (self._sellers, self._tallies))
        ring = self._switches[[tick % LEDGER for tick in last]]
        return Recent(
            self._share_columns(kept, counts),
            self._totals[last.start : last.stop, columns.PULL_BUYERS] / self._buyers,
            ring[:, :, places][:, :, :, places],
        )

    def record(self, economy: str, replication: int, order: list[str]) -> Record:
        """What was measured, sellers in the given order of names."""
        places = [self._names.index(name) for name in order]
        rank = np.argsort(places)  # place in the columns -> position in `order`
        ticks = slice(0, self.ticks)
        kept, counts = self._sellers[ticks, places], self._tallies[ticks, places]
        rest = self._entries(self.ticks % LEDGER)
        when, cause, origin, target, moved = np.concatenate([*self._ledger, rest], axis=1)
        origin, target = rank[origin], rank[target]
        sort = np.lexsort((cause, target, origin, when))
        ledger = {"tick": when, "from_seller": origin, "to_seller": target, "cause": cause, "buyers": moved}
        dtypes = {"tick": np.int32, "from_seller": np.int8, "to_seller": np.int8, "cause": np.int8, "buyers": np.int32}
        return Record(
            economy=economy,
            replication=replication,
            sellers=tuple(order),
            ticks=self.ticks,
            shares=self._share_columns(kept, counts),
            market=self._market_columns(),
            contacts=self._contact_columns(kept, counts),
            buyers=self._buyer_columns(),
            switches={name: ledger[name][sort].astype(dtype) for name, dtype in dtypes.items()},
            opening_share=self._shares[0, places].copy(),
        )

    def _share_columns(self, kept: np.ndarray, counts: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "share": kept["customers"] / self._buyers,
            "customers": kept["customers"].copy(),
            "revenue": kept["price"] * kept["volume"],
            "profit": kept["profit"].copy(),
            "cash": kept["cash"].copy(),
            "satisfaction": _mean(counts["satisfaction"], counts["served"]),
            "relationship": _mean(counts["relationship"], kept["customers"]),
            "self_service": kept["self_service"].copy(),
            "human_service": kept["human_service"].copy(),
            "sales_skill": kept["sales_skill"].copy(),
            "alive": kept["alive"].copy(),
        }

    def _contact_columns(self, kept: np.ndarray, counts: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "price": kept["price"].copy(),
            "unit_cost": kept["unit_cost"].copy(),
            **{
                name: counts[name].astype(float)
                for name in ("visits_to_customers", "visits_to_prospects", "messages", "inspections")
            },
            **{name: counts[name] / FIXED for name in ("relationship_from_visits", "relationship_from_experience")},
            **{f"effort_{name}": kept["effort"][:, :, column].copy() for column, name in enumerate(EFFORTS)},
            "overclaim": kept["overclaim"].copy(),
        }

    def _market_columns(self) -> dict[str, np.ndarray]:
        totals, buyers = self._totals[: self.ticks], self._buyers
        return {
            "pull_share": totals[:, columns.PULL_BUYERS] / buyers,
            "churn": totals[:, columns.SWITCHES] / buyers,
            "research_rate": totals[:, columns.RESEARCHED] / buyers,
            "inspections": self._tallies["inspections"][: self.ticks].sum(axis=1) / buyers,
            "hhi": (self._shares[1 : self.ticks + 1] ** 2).sum(axis=1),
            "consumer_surplus": totals[:, columns.SURPLUS] / FIXED / buyers,
            "belief_error": _mean(totals[:, columns.BELIEF_ERROR], totals[:, columns.BELIEFS]),
            "buyer_initiated": totals[:, columns.BUYER_INITIATED],
            "seller_initiated": totals[:, columns.SELLER_INITIATED],
        }

    def _buyer_columns(self) -> dict[str, np.ndarray]:
        totals, buyers = self._totals[: self.ticks], self._buyers
        counts = {name: self._tallies[name][: self.ticks].sum(axis=1) for name in columns_of(columns.SellerTally)}
        switches = totals[:, columns.SWITCHES].astype(float)
        return {
            "satisfaction": _mean(counts["satisfaction"], counts["served"]),
            "aspiration": totals[:, columns.ASPIRATION] / FIXED / buyers,
            "patience": totals[:, columns.PATIENCE] / FIXED / buyers,
            "belief_variance": _mean(totals[:, columns.BELIEF_VARIANCE], totals[:, columns.BELIEFS]),
            "homework_share": _mean(totals[:, columns.HOMEWORK], totals[:, columns.HOMEWORKS]),
            "decided_before_contact": np.divide(
                totals[:, columns.DECIDED_BEFORE_CONTACT],
                switches,
                out=np.full(self.ticks, np.nan),
                where=switches > 0,
            ),
            "visits": (counts["visits_to_customers"] + counts["visits_to_prospects"]) / buyers,
            "producer_surplus": self._sellers["profit"][: self.ticks].sum(axis=1) / buyers,
            "logsum_surplus": totals[:, columns.LOGSUM] / FIXED / buyers,
        }


def _mean(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Mean from an integer sum in parts of 1 / FIXED; NaN where nothing was counted."""
    return np.divide(total / FIXED, count, out=np.full(total.shape, np.nan), where=count > 0)
