"""What one replication of one economy measured, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.columns import CAUSES, EFFORTS

__all__ = [
    "BUYERS",
    "CAUSES",
    "CONTACTS",
    "MARKET",
    "SHARES",
    "SWITCHES",
    "Record",
]

Columns = Mapping[str, NDArray[Any]]

# Names, dtypes and order of what is measured; on disk, `sim.results.tables` puts its keys before them.
SHARES: dict[str, str] = {
    "share": "float64",
    "customers": "int64",
    "revenue": "float64",
    "profit": "float64",
    "cash": "float64",
    "satisfaction": "float64",
    "relationship": "float64",
    "self_service": "float64",
    "human_service": "float64",
    "sales_skill": "float64",
    "alive": "bool",
}
CONTACTS: dict[str, str] = {
    "price": "float64",
    "unit_cost": "float64",
    "visits_to_customers": "float64",
    "visits_to_prospects": "float64",
    "messages": "float64",
    "inspections": "float64",
    "relationship_from_visits": "float64",
    "relationship_from_experience": "float64",
    **{f"effort_{effort}": "float64" for effort in EFFORTS},
    "overclaim": "float64",
}
MARKET: dict[str, str] = {
    "pull_share": "float64",
    "churn": "float64",
    "research_rate": "float64",
    "inspections": "float64",
    "hhi": "float64",
    "consumer_surplus": "float64",
    "belief_error": "float64",
    "buyer_initiated": "int64",
    "seller_initiated": "int64",
}
BUYERS: dict[str, str] = {
    "satisfaction": "float64",
    "aspiration": "float64",
    "patience": "float64",
    "belief_variance": "float64",
    "homework_share": "float64",
    "decided_before_contact": "float64",
    "visits": "float64",
    "producer_surplus": "float64",
    "logsum_surplus": "float64",
}
SWITCHES: dict[str, str] = {
    "tick": "int32",
    "from_seller": "int8",
    "to_seller": "int8",
    "cause": "int8",
    "buyers": "int32",
}


@dataclass(frozen=True, eq=False)
class Record:
    """What one replication of one economy measured.

    Attributes
    ----------
    economy : str
    replication : int
        From 0.
    sellers : tuple of str
        All sellers, those at the opening and then the entrants, in the order of the file.
    ticks : int
        Ticks that were run [ticks].
    shares, contacts : mapping of str to ndarray, shape (ticks, sellers)
        What `SHARES` and `CONTACTS` name. A seller before its entry has a share of 0 and is
        not alive; `satisfaction` and `relationship` are NaN where there are no customers.
    market, buyers : mapping of str to ndarray, shape (ticks,)
        What `MARKET` and `BUYERS` name; rates are per buyer and tick.
    switches : mapping of str to ndarray, shape (entries,)
        The ledger that `SWITCHES` names, only entries with buyers: sellers are positions in
        `sellers`, causes positions in `CAUSES`.
    opening_share : ndarray, shape (sellers,)
        Market shares before the first tick [-].

    Raises
    ------
    ValueError
        If a column is missing or has another shape.
    """

    economy: str
    replication: int
    sellers: tuple[str, ...]
    ticks: int
    shares: Columns
    market: Columns
    contacts: Columns
    buyers: Columns
    switches: Columns
    opening_share: NDArray[np.float64] = field(repr=False)

    def __post_init__(self) -> None:
        by_seller, by_tick = (self.ticks, len(self.sellers)), (self.ticks,)
        entries = (len(self.switches["tick"]) if "tick" in self.switches else 0,)
        for group, names, shape in (
            ("shares", SHARES, by_seller),
            ("contacts", CONTACTS, by_seller),
            ("market", MARKET, by_tick),
            ("buyers", BUYERS, by_tick),
            ("switches", SWITCHES, entries),
        ):
            columns: Columns = getattr(self, group)
            if set(columns) != set(names):
                odd = ", ".join(sorted(set(columns) ^ set(names)))
                raise ValueError(f"{group} of a record lack or should not have: {odd}")
            for name, values in columns.items():
                if values.shape != shape:
                    raise ValueError(f"{group}[{name!r}] of a record has shape {values.shape}, not {shape}")

    def same(self, other: Record) -> bool:
        """Whether the two hold the same bytes."""
        groups = ("shares", "market", "contacts", "buyers", "switches")
        return (
            (self.economy, self.replication, self.sellers, self.ticks)
            == (other.economy, other.replication, other.sellers, other.ticks)
            and self.opening_share.tobytes() == other.opening_share.tobytes()
            and all(
                mine.tobytes() == getattr(other, group)[name].tobytes()
                for group in groups
                for name, mine in getattr(self, group).items()
            )
        )
