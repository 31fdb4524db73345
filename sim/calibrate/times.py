"""When a purchase was made: numbers or dates as ranks."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.table import Table, missing

__all__ = ["ranks_of"]


def ranks_of(table: Table, place: int) -> NDArray[np.float64]:
    """What orders the purchases, from a column of numbers or of dates.

    Parameters
    ----------
    table : Table
        Mistakes are noted in it.
    place : int
        Position of the column.

    Returns
    -------
    ndarray, shape (rows,)
        NaN for a row that is wrong.
    """
    texts = [row[place] for _, row in table.rows()]
    named = table.header[place]
    there = sum(not missing(text) for text in texts)
    best = (-1, "", [math.nan] * len(texts))
    for what, read in READINGS.items():
        found = [math.nan if missing(text) else read(text) for text in texts]
        right = sum(not math.isnan(one) for one in found)
        if right == there:
            _refuse_both_ways(table, place, what, texts)
            return np.array(found)
        best = max(best, (right, what, found), key=lambda one: one[0])
    for (line, row), value in zip(table.rows(), best[2], strict=True):
        if math.isnan(value) and not missing(row[place]):
            table.wrong(line, place, f"{row[place]!r} in column {named!r} is not {best[1]}, as others are")
    return np.array(best[2])


def _refuse_both_ways(table: Table, place: int, what: str, texts: list[str]) -> None:
    if what != DAY_FIRST or any(math.isnan(READINGS[MONTH_FIRST](text)) for text in texts if not missing(text)):
        return
    fault = "can be read as day/month and as month/day; write 2024-03-31"
    table.wrong(1, place, f"column {table.header[place]!r} {fault}")


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _iso(text: str) -> float:
    try:
        return _seconds(datetime.fromisoformat(text))
    except ValueError:
        return math.nan


def _reader(form: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            return _seconds(datetime.strptime(text, form))
        except ValueError:
            return math.nan

    return read


def _seconds(moment: datetime) -> float:
    return (moment.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()


DAY_FIRST, MONTH_FIRST = "a date as 31/03/2024", "a date as 03/31/2024"
READINGS: dict[str, Callable[[str], float]] = {
    "a number": _number,
    "a date as 2024-03-31": _iso,
    "a date as 2024/03/31": _reader("%Y/%m/%d"),
    "a date as 31.03.2024": _reader("%d.%m.%Y"),
    DAY_FIRST: _reader("%d/%m/%Y"),  # both fit while no day is above 12, which is a mistake that is told
    MONTH_FIRST: _reader("%m/%d/%Y"),
}
