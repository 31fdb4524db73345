"""From a file of market shares over time to a table, or to all its mistakes, each with its line."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.table import Table, missing
from sim.calibrate.times import ranks_of

__all__ = ["ShareTable", "looks_like_shares", "shares_of"]

TIME = ("tick", "t", "month", "date", "period", "time", "year_month", "quarter", "week", "year")
SELLER, SHARE = ("seller", "brand", "vendor", "supplier"), ("share", "market_share", "marketshare", "part")
CLOSE = 0.02  # how far the shares of a row may be from adding up to 1
DAY = 86_400.0


@dataclass(frozen=True)
class ShareTable:
    """Market shares over time.

    Attributes
    ----------
    sellers : tuple of str
        As in the scenario.
    ticks : ndarray of int, shape (rows,)
        Ticks since the first row, rising [ticks].
    shares : ndarray, shape (rows, sellers)
        NaN where unknown [-].
    source, digest : str
        Name of the file, without folders; digest of its bytes.
    """

    sellers: tuple[str, ...]
    ticks: NDArray[np.int64]
    shares: NDArray[np.float64]
    source: str
    digest: str


def looks_like_shares(table: Table, sellers: Sequence[str]) -> bool:
    """Whether a file holds market shares: a column for each of some sellers, or one of shares."""
    low = [name.casefold() for name in table.header]
    columns = sum(name.casefold() in low for name in sellers)
    return columns >= 2 or (table.find("", None, SHARE) is not None and table.find("", None, SELLER) is not None)


def shares_of(table: Table, sellers: Sequence[str], order: str | None = None) -> ShareTable:
    """Read shares, in columns named as the sellers or in rows of time, seller and share.

    Parameters
    ----------
    table : Table
    sellers : sequence of str
        Of the scenario, entrants included.
    order : str, optional
        Name of the column of time.

    Raises
    ------
    ScenarioError
        With every mistake of the file and its line.
    """
    time = table.need("--order", order, TIME, "when the shares were")
    if time < 0:
        table.stop_if_wrong()
    for line, row in table.rows():
        if missing(row[time]):
            table.wrong(line, time, f"no time in column {table.header[time]!r}")
    ranks = ranks_of(table, time)
    share = table.find("", None, SHARE)
    if share is not None and table.find("", None, SELLER) is not None:
        cells = _long(table, sellers, share)
    else:
        cells = _wide(table, sellers)
    table.stop_if_wrong()
    moments = np.unique(ranks)
    shares = np.full((len(moments), len(sellers)), np.nan)
    lines = np.ones(len(moments), np.int64)
    for (line, _), rank, found in zip(table.rows(), ranks, cells, strict=True):
        at = int(np.searchsorted(moments, rank))
        lines[at] = line
        for seller, value in found.items():
            if np.isfinite(shares[at, seller]):
                table.wrong(line, time, f"{sellers[seller]} has two shares at the same {table.header[time]!r}")
            shares[at, seller] = value
    percent = np.nanmax(shares) > 1.5
    shares = shares / 100 if percent else shares
    for at, row_shares in enumerate(shares):
        whole = row_shares.sum()
        if np.isfinite(whole) and abs(whole - 1) > CLOSE:
            table.wrong(int(lines[at]), None, f"the shares add up to {whole:.4g}{' of 1' if percent else ''}, not 1")
    if len(moments) < 3:
        table.wrong(1, time, f"{len(moments)} moments are too few; shares over time take at least 3")
    if not np.isfinite(shares[0]).all():
        table.wrong(int(lines[0]), None, "the first row opens the market and must have the share of every seller")
    table.stop_if_wrong()
    return ShareTable(
        tuple(sellers),
        _ticks(moments, any(ch in table.lines[0][1][time] for ch in "-/.") and moments[0] > DAY),
        shares,
        table.path.name,
        hashlib.sha256(table.raw).hexdigest()[:16],
    )


def _wide(table: Table, sellers: Sequence[str]) -> list[dict[int, float]]:
    low = [name.casefold() for name in table.header]
    places = {}
    for number, name in enumerate(sellers):
        if name.casefold() in low:
            places[number] = low.index(name.casefold())
        else:
            table.wrong(
                1, None, f"no column {name!r}, which is a seller of the scenario; write 0 while it is not there"
            )
    return [
        {seller: value for seller, place in places.items() if (value := _share(table, line, row, place)) is not None}
        for line, row in table.rows()
    ]


def _long(table: Table, sellers: Sequence[str], share: int) -> list[dict[int, float]]:
    who = table.need("--choice", None, SELLER, "whose share it is")
    known = {name.casefold(): number for number, name in enumerate(sellers)}
    cells: list[dict[int, float]] = []
    for line, row in table.rows():
        if row[who].casefold() not in known:
            table.wrong(line, who, f"{row[who]!r} is no seller of the scenario ({', '.join(sellers)})")
            cells.append({})
            continue
        value = _share(table, line, row, share)
        cells.append({} if value is None else {known[row[who].casefold()]: value})
    return cells


def _share(table: Table, line: int, row: Sequence[str], place: int) -> float | None:
    if missing(row[place]):
        return None
    try:
        value = float(row[place].removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        table.wrong(line, place, f"{row[place]!r} in column {table.header[place]!r} is no share")
        return None
    return value


def _ticks(moments: NDArray[np.float64], dates: bool) -> NDArray[np.int64]:
    """Months between dates, differences between whole numbers; else one row a tick."""
    if dates:
        days = [datetime.fromtimestamp(moment, UTC) for moment in moments]
        months = np.array([12 * day.year + day.month for day in days])
        if len(np.unique(months)) == len(months):
            return months - months[0]
    elif (moments == np.round(moments)).all():
        return (moments - moments[0]).astype(np.int64)
    return np.arange(len(moments))
