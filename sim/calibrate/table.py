"""A file of comma-separated values with its line numbers, and the mistakes found in it so far."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sim.scenario.mistakes import Mistake, ScenarioError, did_you_mean

__all__ = ["Columns", "Table", "missing", "open_table"]

DELIMITERS = ",;\t|"
LONG_ENOUGH = 4  # letters of a usual name that is looked for among other words
SHOWN = 40  # mistakes shown one by one; the others are counted
NOTHING = frozenset({"", "na", "n/a", "nan", "null", "."})


@dataclass(frozen=True)
class Columns:
    """Names of columns that the user gave; None: found by their usual names."""

    buyer: str | None = None
    choice: str | None = None
    order: str | None = None
    price_prefix: str | None = None


@dataclass
class Table:
    """A file's header and rows.

    Attributes
    ----------
    path : Path
    raw : bytes
        The whole file.
    header : list of str
    lines : list of (int, list of str)
        Line number, from 1, and fields of each row of the right length.
    mistakes : list of Mistake
    """

    path: Path
    raw: bytes
    header: list[str]
    lines: list[tuple[int, list[str]]] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Line number and fields of each row."""
        return iter(self.lines)

    def wrong(self, line: int, place: int | None, message: str) -> None:
        """Note a mistake in a line and, where one is to blame, the field at a position from 0."""
        self.mistakes.append(Mistake(str(self.path), line, 1 if place is None else place + 1, "", message))

    def stop_if_wrong(self) -> None:
        """Raise if there are mistakes.

        Raises
        ------
        ScenarioError
            With the first mistakes one by one, and the number of the others.
        """
        if not self.mistakes:
            return
        ranked = sorted(self.mistakes, key=lambda one: (one.line or 0, one.column or 0))
        shown = ranked[:SHOWN]
        if len(ranked) > SHOWN:
            last = shown[-1]
            shown.append(
                Mistake(last.path, ranked[SHOWN].line, 1, "", f"and {len(ranked) - SHOWN} more mistakes from here on")
            )
        raise ScenarioError(shown)

    def need(self, option: str, given: str | None, usual: Sequence[str], what: str) -> int:
        """As `find`, but a mistake if there is none; then the position is -1."""
        found = self.find(option, given, usual)
        if found is None:
            if given is None:
                self.wrong(1, None, f"no column tells {what}; name it with {option} COLUMN {self._named()}")
            return -1
        return found

    def find(self, option: str, given: str | None, usual: Sequence[str]) -> int | None:
        """Position of a column: the one that the user named, else the first with a usual name.

        Parameters
        ----------
        option : str
            By which the user can name it.
        given : str, optional
            Name that the user gave.
        usual : sequence of str
            Usual names in lower case, the surest first.
        """
        low = [name.casefold() for name in self.header]
        if given is not None:
            if given.casefold() not in low:
                self.wrong(
                    1, None, f"{option} {given}: no such column{did_you_mean(given, self.header)} {self._named()}"
                )
                return None
            return low.index(given.casefold())
        plain = [name.replace(" ", "_").replace(".", "_").replace("-", "_") for name in low]
        for name in usual:
            if name in plain:
                return plain.index(name)
        # "purchase date", "brand_chosen": a usual name among others, if no other column has one
        words = {name for name in usual if len(name) >= LONG_ENOUGH}
        near = [place for place, name in enumerate(plain) if words & set(name.split("_")) and "price" not in name]
        return near[0] if len(near) == 1 else None

    def _named(self) -> str:
        return f"(columns: {', '.join(self.header)})"


def missing(text: str) -> bool:
    """Whether a field says nothing."""
    return text.casefold() in NOTHING


def open_table(path: Path) -> Table:
    """Read a file.

    Raises
    ------
    ScenarioError
        If there is none, it is no text in UTF-8, or it has no header or rows.
    """

    def refuse(message: str, line: int | None = None) -> ScenarioError:
        return ScenarioError([Mistake(str(path), line, 1 if line else None, "", message)])

    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        near = [one.name for one in path.parent.glob("*.csv")] if path.parent.is_dir() else []
        raise refuse(f"there is no such file{did_you_mean(path.name, near)}") from None
    except IsADirectoryError:
        raise refuse("this is a directory, not a file") from None
    except OSError as error:
        raise refuse(f"cannot be read ({os.strerror(error.errno or 0).lower()})") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse("not UTF-8 from here on; save the file as UTF-8", raw[: error.start].count(b"\n") + 1) from None
    if "\0" in text:
        raise refuse("this is no text; a panel is a file of comma-separated values")
    first = text.split("\n", 1)[0]
    if not first.strip():
        raise refuse("the file is empty; its first line names the columns", 1)
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(text.splitlines(), delimiter=delimiter, strict=True)
    table: Table | None = None
    try:
        for row in reader:
            fields = [entry.strip() for entry in row]
            if table is None:
                table = Table(path, raw, fields)
                _check_header(table)
            elif any(fields):
                if len(fields) == len(table.header):
                    table.lines.append((reader.line_num, fields))
                else:
                    fault = f"{len(fields)} fields where the header has {len(table.header)}"
                    table.wrong(reader.line_num, None, fault)
    except csv.Error as error:
        raise refuse(f"cannot be read as comma-separated values ({error})", reader.line_num) from None
    assert table is not None  # the first line is not empty
    if not table.lines and not table.mistakes:
        table.wrong(1, None, "there are no rows under the header")
        table.stop_if_wrong()
    return table


def _check_header(table: Table) -> None:
    seen: set[str] = set()
    for place, name in enumerate(table.header):
        if name and name.casefold() in seen:
            table.wrong(1, place, f"column {name!r} stands twice")
        seen.add(name.casefold())
