"""A row of the verification table: what theory or data say, and what the market gives."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.verify.laboratory import release_markets

__all__ = [
    "Check",
    "Entries",
    "Outcome",
    "Panel",
    "Picture",
    "Row",
    "Status",
    "above",
    "below",
    "between",
    "close",
    "exact",
    "missing",
    "row",
    "rows",
]

Status = Literal["passed", "failed", "known"]
Points = tuple[ArrayLike, ArrayLike]


@dataclass(frozen=True)
class Check:
    """One number that the market gave, and the range in which it should be.

    Attributes
    ----------
    what : str
        What was measured, with its unit if it has one.
    low, high : float
        The range expected; equal for a single value, infinite where there is no limit.
    got : float
        What came out; NaN if the model cannot say.
    standard_error : float
        Monte Carlo standard error of `got`; 0 if it is no random number.
    tolerance : float
        Standard errors by which `got` may miss the range; below 0: by which it must lie inside.
    allowance : float
        Absolute difference allowed besides, as for an expected value printed to four digits.
    note : str
        Why there is no number, or what it means.
    """

    what: str
    low: float
    high: float
    got: float
    standard_error: float = 0.0
    tolerance: float = 0.0
    allowance: float = 0.0
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether `got` is where it should be."""
        room = self.tolerance * self.standard_error + self.allowance
        return self.low - room <= self.got <= self.high + room  # NaN is nowhere

    @property
    def off(self) -> float:
        """Distance of `got` from the range beyond the allowance, in standard errors; NaN without any [-]."""
        if not self.standard_error > 0:
            return math.nan
        missed = max(self.low - self.got, self.got - self.high) - self.allowance
        return max(missed, 0.0) / self.standard_error


def exact(what: str, expected: SupportsFloat, got: SupportsFloat, within: float = 1e-6) -> Check:
    """A number without chance in it, to `within`."""
    return Check(what, float(expected), float(expected), float(got), allowance=within)


def close(
    what: str,
    expected: SupportsFloat,
    got: SupportsFloat,
    error: SupportsFloat,
    *,
    allowance: float = 0.0,
    tolerance: float = 4.0,
) -> Check:
    """A random number with its standard error, to `tolerance` of them."""
    return Check(what, float(expected), float(expected), float(got), float(error), tolerance, allowance)


def between(
    what: str, low: float, high: float, got: SupportsFloat, error: SupportsFloat = 0.0, *, tolerance: float = 0.0
) -> Check:
    """A number in a range."""
    return Check(what, float(low), float(high), float(got), float(error), tolerance)


def above(what: str, bound: float, got: SupportsFloat, error: SupportsFloat = 0.0, *, by: float = 2.0) -> Check:
    """A number above a bound, by so many standard errors."""
    return Check(what, float(bound), math.inf, float(got), float(error), -by if error else 0.0)


def below(what: str, bound: float, got: SupportsFloat, error: SupportsFloat = 0.0, *, by: float = 2.0) -> Check:
    """A number below a bound, by so many standard errors."""
    return Check(what, -math.inf, float(bound), float(got), float(error), -by if error else 0.0)


def missing(what: str, expected: float, reason: str) -> Check:
    """What the model cannot express: counted as not met."""
    return Check(what, float(expected), float(expected), math.nan, note=reason)


@dataclass(frozen=True)
class Panel:
    """A panel of a figure: lines of theory or data, and points of the market with standard errors.

    Attributes
    ----------
    title, across, up : str
        Over the panel, and on its axes, with units.
    theory : mapping of str to (x, y)
        Drawn as lines.
    found : mapping of str to (x, y, standard error)
        Drawn as marks with two standard errors either way.
    bars : bool
        Whether what was found is drawn as bars, as for a distribution.
    """

    title: str
    across: str
    up: str
    theory: Mapping[str, Points] = field(default_factory=dict)
    found: Mapping[str, tuple[ArrayLike, ArrayLike, ArrayLike]] = field(default_factory=dict)
    bars: bool = False
    labels: Sequence[str] = ()


@dataclass(frozen=True)
class Picture:
    """A figure of a row.

    Attributes
    ----------
    name : str
        Of the file, without its ending.
    title, note : str
        Over and under the figure.
    panels : sequence of Panel
        Side by side.
    tables : mapping of str to ndarray
        Instead of panels: square tables by title, rows and columns as in `labels`.
    labels : sequence of str
        Of the rows and columns of the tables.
    """

    name: str
    title: str
    note: str
    panels: Sequence[Panel] = ()
    tables: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    labels: Sequence[str] = ()


Entries = Iterator[Check | Picture]
Work = Callable[[bool], Entries]


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes
    ----------
    id : str
        As in ``V14`` or ``E1``.
    title : str
        The theory or fact.
    source : str
        Where it comes from.
    setting : str
        What the market is told to do.
    work : callable
        Gives checks and pictures; its argument says whether it is to be quick.
    known : str
        Why the row is known not to be met; empty if it should be.
    read : bool
        Whether the source, or the computation of the expected values, was checked; else it is
        quoted from memory.
    """

    id: str
    title: str
    source: str
    setting: str
    work: Work
    known: str = ""
    read: bool = True

    def run(self, quick: bool) -> Outcome:
        """Do the row's work."""
        start = time.process_time()
        try:
            found = list(self.work(quick))
        finally:
            release_markets()
        return Outcome(
            self,
            tuple(entry for entry in found if isinstance(entry, Check)),
            tuple(entry for entry in found if isinstance(entry, Picture)),
            time.process_time() - start,
        )


@dataclass(frozen=True)
class Outcome:
    """What came of a row.

    Attributes
    ----------
    row : Row
    checks : tuple of Check
    pictures : tuple of Picture
    seconds : float
        Processor time [s].
    """

    row: Row
    checks: tuple[Check, ...]
    pictures: tuple[Picture, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def status(self) -> Status:
        """Passed, failed, or failed for a reason that is known."""
        return "passed" if self.passed else "known" if self.row.known else "failed"


_rows: dict[str, Row] = {}


def row(
    name: str, title: str, *, source: str, setting: str, known: str = "", read: bool = True
) -> Callable[[Work], Row]:
    """Register a function as a row of the table."""

    def register(work: Work) -> Row:
        if name in _rows:
            raise ValueError(f"row {name} is there already")
        _rows[name] = Row(name, title, source, setting, work, known, read)
        return _rows[name]

    return register


def rows() -> dict[str, Row]:
    """All rows by id, in the order of the table: V1, V2, V3, V3b, ..., E1, ..."""
    return {name: _rows[name] for name in sorted(_rows, key=_place)}


def _place(name: str) -> tuple[Any, ...]:
    digits = "".join(letter for letter in name if letter.isdigit())
    return name[0] != "V", int(digits), name
