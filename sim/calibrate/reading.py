"""From a file of purchases to a panel, or to all its mistakes, each with its line."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.panel import ROW_ORDER, Panel
from sim.calibrate.table import Columns, Table, missing, open_table
from sim.calibrate.times import ranks_of
from sim.plots.words import count

__all__ = ["has_buyers", "panel_of", "read_panel"]

MOST_SELLERS = 64
BUYER = ("buyer", "hh", "household", "hhid", "hh_id", "household_id", "panelist", "panelist_id", "panel_id", "customer",
         "customer_id", "consumer", "consumer_id", "shopper", "shopper_id", "user", "user_id", "person", "client",
         "account", "id")  # fmt: skip
CHOICE = ("choice", "chosen", "brand", "seller", "purchased", "bought", "product", "supplier", "vendor", "item",
          "alternative")  # fmt: skip
ORDER = ("order", "t", "date", "datetime", "timestamp", "time", "day", "week", "month", "period", "occasion", "trip",
         "purchase", "purchase_no", "visit", "sequence", "seq", "number", "obs")  # fmt: skip


def read_panel(path: Path, columns: Columns | None = None) -> Panel:
    """Read a panel: one row a purchase, with a buyer, a choice, and where known an order and prices.

    Parameters
    ----------
    path : Path
        CSV with a header, in UTF-8, its fields apart by commas, semicolons, tabs or bars.
    columns : Columns, optional
        Names of columns; those left out are found by their usual names.

    Returns
    -------
    Panel

    Raises
    ------
    ScenarioError
        With every mistake of the file and its line.
    """
    return panel_of(open_table(path), columns)


def has_buyers(table: Table, columns: Columns) -> bool:
    """Whether a file tells who bought."""
    return table.find("", columns.buyer, BUYER) is not None


def panel_of(table: Table, columns: Columns | None = None) -> Panel:
    """A panel from a file that was opened; see `read_panel`."""
    wanted = columns or Columns()
    buyer = table.need("--buyer", wanted.buyer, BUYER, "who bought")
    choice = table.need("--choice", wanted.choice, CHOICE, "from whom")
    order = table.find("--order", wanted.order, ORDER)
    if buyer < 0 or choice < 0:
        table.stop_if_wrong()
    taken = f"Read as who bought: {table.header[buyer]!r}; from whom: {table.header[choice]!r}"
    notes = [taken + (f"; when: {table.header[order]!r}." if order is not None else ".")]
    for line, row in table.rows():
        for place, what in ((buyer, "buyer"), (choice, "choice"), (order, "order")):
            if place is not None and missing(row[place]):
                table.wrong(line, place, f"no {what} in column {table.header[place]!r}")
    sellers = _sellers(table, choice)
    ranks = _ranks(table, order, notes)
    prices = _prices(table, sellers, wanted.price_prefix, notes)
    table.stop_if_wrong()
    people = {name: number for number, name in enumerate(dict.fromkeys(row[buyer] for _, row in table.rows()))}
    if len(people) < 2:
        table.wrong(1, buyer, f"column {table.header[buyer]!r} names {count(len(people), 'buyer')}; a panel has many")
    if len(sellers) < 2:
        table.wrong(1, choice, f"column {table.header[choice]!r} names one seller only; there is nothing to choose")
    if len(sellers) > MOST_SELLERS:
        table.wrong(
            1, choice, f"column {table.header[choice]!r} names {len(sellers)} sellers, and {MOST_SELLERS} is the most"
        )
    table.stop_if_wrong()
    who = np.array([people[row[buyer]] for _, row in table.rows()])
    bought = np.array([sellers[row[choice]] for _, row in table.rows()])
    if order is not None:
        _note_ties(who, ranks, table.header[order], notes)
    rows = np.lexsort((np.arange(len(who)), ranks, who))
    lengths = np.bincount(who)
    slot = np.arange(len(who)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    choices = np.full((len(people), int(lengths.max())), -1, np.int64)
    choices[who[rows], slot] = bought[rows]
    laid = None
    if prices is not None:
        laid = np.full((*choices.shape, len(sellers)), np.nan)
        laid[who[rows], slot] = prices[rows]
    digest = hashlib.sha256(table.raw).hexdigest()[:16]
    return Panel(tuple(sellers), choices, lengths, laid, table.path.name, digest, notes=tuple(notes))


def _sellers(table: Table, choice: int) -> dict[str, int]:
    """Sellers by falling number of purchases, then by name; those that cannot be names are mistakes."""
    counts: dict[str, int] = {}
    for line, row in table.rows():
        name = row[choice]
        if missing(name):
            continue
        if name not in counts and (len(name) > 60 or not name.isprintable()):
            table.wrong(line, choice, f"{name[:30]!r} cannot be a seller's name: at most 60 visible characters")
        counts[name] = counts.get(name, 0) + 1
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    return {name: number for number, name in enumerate(ranked)}


def _ranks(table: Table, order: int | None, notes: list[str]) -> NDArray[np.float64]:
    if order is None:
        notes.append(ROW_ORDER)
        return np.zeros(len(table.lines))
    return ranks_of(table, order)


def _note_ties(who: NDArray[np.int64], ranks: NDArray[np.float64], name: str, notes: list[str]) -> None:
    place = np.lexsort((ranks, who))
    tied = int(((who[place][1:] == who[place][:-1]) & (ranks[place][1:] == ranks[place][:-1])).sum())
    if tied:
        notes.append(
            f"{count(tied, 'purchase')} of a buyer {'has' if tied == 1 else 'have'} the same {name!r} as the one "
            "before: the order of the rows decides between them."
        )


def _prices(table: Table, sellers: dict[str, int], prefix: str | None, notes: list[str]) -> NDArray[np.float64] | None:
    """Prices of all sellers at each purchase; None if the file has none."""
    found = dict(_price_columns(table.header, sellers, prefix))
    if not found:
        if prefix is not None:
            table.wrong(1, None, f"--price-prefix {prefix}: no column is named {prefix} and a seller")
        return None
    if len(found) < len(sellers):
        lacking = ", ".join(name for name, number in sellers.items() if number not in found)
        notes.append(f"Prices are not used: there is no column with those of {lacking}.")
        return None
    prices = np.full((len(table.lines), len(sellers)), np.nan)
    gone = 0
    for number, (line, row) in enumerate(table.rows()):
        for seller, place in found.items():
            if missing(row[place]):
                gone += 1
                continue
            price = _number(row[place])
            if price is None or price < 0:
                table.wrong(line, place, f"{row[place]!r} in column {table.header[place]!r} is no price")
            else:
                prices[number, seller] = price
    if gone:
        notes.append(f"{count(gone, 'price')} missing: purchases without all prices tell nothing of price sensitivity.")
    return prices


def _price_columns(header: Sequence[str], sellers: dict[str, int], prefix: str | None) -> Iterator[tuple[int, int]]:
    plain = {_letters(name): number for name, number in sellers.items()}
    for place, name in enumerate(header):
        low = name.casefold()
        if prefix is not None:
            rest = low.removeprefix(prefix.casefold()) if low.startswith(prefix.casefold()) else ""
        elif low.startswith("price") and len(low) > 5 and not low[5].isalpha():
            rest = low[6:]
        else:
            rest = low[:-6] if low.endswith(("_price", ".price", " price")) else ""
        if rest and _letters(rest) in plain:
            yield plain[_letters(rest)], place


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
