"""What just happened, in a sentence made from the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.live.lane import Rows
from sim.report.words import economy_words, listed
from sim.results.record import CAUSES

__all__ = ["Teller", "Told", "joined"]

YEAR = 12
LEAD = 0.005  # an overtaking is told once it is by half a point: so that two who run level are not told each month

# Causes that say the same thing of those who left, with the words for it
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "had looked around on their own": ("disappointment", "routine research"),
    "had heard from other buyers": ("word of mouth",),
    "were won by a rival's visit": ("visit",),
    "were won by a rival's message": ("push message",),
    "had lost their seller": ("seller gone",),
}


@dataclass(frozen=True)
class Told:
    """Something that happened: month, side (empty: all sides), and one sentence."""

    month: int
    side: str
    text: str


class Teller:
    """Follows one side and tells what happens in it.

    Parameters
    ----------
    side : str
    sellers : sequence of str
    exits : mapping of int to names, optional
        Sellers that an event takes out of the market, by month.
    """

    def __init__(self, side: str, sellers: Sequence[str], exits: Mapping[int, Sequence[str]] | None = None) -> None:
        self.side, self.sellers, self.exits = side, tuple(sellers), exits or {}
        count = len(self.sellers)
        self._ahead = np.zeros((count, count), bool)
        self._halved = np.zeros(count, bool)
        self._here = np.zeros(count, bool)
        self._reason = ""
        self._month = 0

    def follow(self, rows: Rows, start: int, stop: int) -> list[Told]:
        """What happens in the months of [start, stop), which come next; what matters most comes last in each month.

        Parameters
        ----------
        rows : Rows
            From month 0 on.
        """
        if start != self._month:
            raise ValueError(f"month {self._month} comes next, not {start}")
        found = []
        for month in range(start, stop):
            for text in self._of_month(rows, month):
                found.append(Told(month, self.side, text))
        self._month = stop
        return found

    def _of_month(self, rows: Rows, month: int) -> Iterator[str]:
        share, alive = rows.share[month], rows.alive[month]
        if month == 0:
            self._ahead = share[:, None] > share[None, :]
            self._here = alive.copy()
            return
        yield from self._reasons(rows, month)
        yield from self._losses(rows, month)
        yield from self._overtakings(rows, month)
        yield from self._comings(alive, share, month)
        if month == len(rows.share) - 1:
            yield self._end(share)

    def _comings(self, alive: np.ndarray, share: np.ndarray, month: int) -> Iterator[str]:
        where = f" in {economy_words(self.side)}"
        for place in np.flatnonzero(alive & ~self._here):
            yield f"{self.sellers[place]} enters{where} in month {month}."
        for place in np.flatnonzero(self._here & ~alive):
            name = self.sellers[place]
            taken = name in self.exits.get(month, ())
            yield f"{name} {'leaves the market' if taken else 'runs out of cash and gives up'}{where} in month {month}."
        self._here = alive.copy()

    def _overtakings(self, rows: Rows, month: int) -> Iterator[str]:
        share = rows.share[month]
        clear = share[:, None] - share[None, :] >= LEAD
        here = rows.alive[month] & rows.alive[month - 1]
        new = clear & self._ahead.T & here[:, None] & here[None, :]  # who is gone or not there yet is not overtaken
        self._ahead = (self._ahead | clear) & ~clear.T
        for place in np.flatnonzero(new.any(axis=1)):
            passed = np.flatnonzero(new[place])
            # of several at once the largest is the news
            other = int(passed[np.argmax(rows.share[: month + 1, passed].max(axis=0))])
            first = bool((share[place] >= np.delete(share, place)).all()) if len(share) > 1 else True
            lead = " and leads" if first else ""
            why = self._why(rows, month, other)
            yield (
                f"{self.sellers[place]} overtook {self.sellers[other]}{lead} in {economy_words(self.side)} "
                f"in month {month}{f'; {why}' if why else ''}."
            )

    def _losses(self, rows: Rows, month: int) -> Iterator[str]:
        """The half-life of a share: at most half the mean of its first year."""
        if month < YEAR:
            return
        start = rows.share[:YEAR].mean(axis=0)
        lost = (start > 0) & (rows.share[month] <= 0.5 * start) & ~self._halved
        self._halved |= lost
        for place in np.flatnonzero(lost):
            name, why = self.sellers[place], self._why(rows, month, int(place))
            yield (
                f"{name} has lost half of its share in {economy_words(self.side)} by month {month}"
                f"{f'; {why}' if why else ''}."
            )

    def _reasons(self, rows: Rows, month: int) -> Iterator[str]:
        """A new majority among the causes of all switches of a year."""
        if month < YEAR:
            return
        reason = _majority(rows.switches[month + 1 - YEAR : month + 1].sum(axis=(0, 2, 3)))
        if reason and reason != self._reason:
            if self._reason:
                yield f"Most who now change sellers in {economy_words(self.side)} {reason}."
            self._reason = reason

    def _why(self, rows: Rows, month: int, seller: int) -> str:
        """Why most of those who left a seller in the last year did so; empty without a majority."""
        year = slice(max(month + 1 - YEAR, 0), month + 1)
        reason = _majority(rows.switches[year, :, seller, :].sum(axis=(0, 2)))
        return f"most who left {self.sellers[seller]} {reason}" if reason else ""

    def _end(self, share: np.ndarray) -> str:
        order = np.argsort(-share, kind="stable")[:3]
        parts = [f"{self.sellers[place]} {share[place]:.0%}" for place in order if share[place] > 0]
        return f"At the end of {economy_words(self.side)}: {listed(parts)}."


def joined(told: Sequence[Told], sides: Sequence[str]) -> list[Told]:
    """Sentences with what happens alike on all sides said once.

    Parameters
    ----------
    told : sequence of Told
        By month.
    sides : sequence of str
        All of them.
    """
    bare = [(one.month, one.text.replace(f" in {economy_words(one.side)}", "", 1)) for one in told]
    found: list[Told] = []
    for one, (month, text) in zip(told, bare, strict=True):
        alike = len(sides) > 1 and bare.count((month, text)) == len(sides)
        joint = Told(month, "", text)
        if not alike:
            found.append(one)
        elif joint not in found:
            found.append(joint)
    return found


def _majority(causes: np.ndarray) -> str:
    """The group of causes behind more than half of the switches, in words; empty if there is none."""
    total = causes.sum()
    if total < YEAR:  # too few to speak of most
        return ""
    for words, group in _GROUPS.items():
        if 2 * sum(int(causes[CAUSES.index(cause)]) for cause in group) > total:
            return words
    return ""
