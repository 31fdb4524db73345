"""Patient rule induction: a box shrinks slice by slice towards the points where something happens."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Limit", "Nested", "inside_of", "pasted", "peeled", "quasi_p_value"]

Truths = NDArray[np.bool_]
Columns = Mapping[str, Sequence[Any]]


class Limit(NamedTuple):
    """Between which values, or to which of its values, a box keeps a factor.

    Attributes
    ----------
    factor : str
    low, high : float
        NaN where the box has no limit on this side.
    values : tuple
        For a factor whose values are no numbers; else empty.
    """

    factor: str
    low: float
    high: float
    values: tuple[Any, ...] = ()

    def holds(self, given: Sequence[Any]) -> Truths:
        """Which values lie within; both ends belong to the box."""
        if self.values:
            return np.array([value in self.values for value in given], dtype=bool)
        figures = np.asarray(given, dtype=np.float64)
        return ~(figures < self.low) & ~(figures > self.high)


class Nested(NamedTuple):
    """One of the boxes on the way.

    Attributes
    ----------
    limits : tuple of Limit
        One for each side of a factor that was cut: with a low end, a high end, or values.
    points, hits : int
        Inside.
    """

    limits: tuple[Limit, ...]
    points: int
    hits: int

    @property
    def density(self) -> float:
        """Part of the points inside that are hits [-]."""
        return self.hits / self.points


def peeled(columns: Columns, hits: Truths, *, peel: float = 0.05, smallest: float = 0.05) -> list[Nested]:
    """Boxes from the whole space inwards, each with one slice less than the one before.

    A slice is the outermost part of the box along one factor, or one of the values of a factor
    that has no order. The one with the lowest density goes. It holds few points, so that many have
    the same density, or none by chance: it is judged together with as many points behind it, then
    alone, then with three times as many; of equals the largest goes.

    Parameters
    ----------
    columns : mapping of str to sequence
        Values of each factor, one a point.
    hits : ndarray, shape (points,)
    peel : float
        Part of the points in the box that a slice holds, above 0 and below 1 [-]; more where
        points share a value, since they stay or go together.
    smallest : float
        Part of all points that a box holds at least [-].

    Returns
    -------
    list of Nested
        The whole space first; until nothing but hits is inside, or no slice can go.

    References
    ----------
    Friedman & Fisher (1999), Bump hunting in high-dimensional data, Statistics and Computing 9.
    """
    limits: tuple[Limit, ...] = ()
    inside = np.ones(len(hits), dtype=bool)
    boxes = [_nested(limits, inside, hits)]
    while boxes[-1].hits < boxes[-1].points:
        best: tuple[tuple[float, ...], Limit, Truths] | None = None
        for cut in _cuts(columns, inside, peel):
            left = inside & cut.holds(columns[cut.factor])
            gone = inside & ~left
            if left.sum() < max(smallest * len(hits), 1):
                continue
            order = (*(_density(columns, hits, inside, cut, gone, times) for times in (2, 1, 4)), -int(gone.sum()))
            if best is None or order < best[0]:
                best = order, cut, left
        if best is None:
            break
        _, cut, inside = best
        limits = (*(one for one in limits if _side(one) != _side(cut)), cut)
        boxes.append(_nested(limits, inside, hits))
    return boxes


def pasted(box: Nested, columns: Columns, hits: Truths, *, paste: float = 0.05) -> list[Nested]:
    """Larger boxes from one outwards, as long as the density does not fall: peeling sees one factor at a time.

    Parameters
    ----------
    box : Nested
    columns, hits
        As for `peeled`.
    paste : float
        Part of the points in the box that is added at a time [-].

    Returns
    -------
    list of Nested
        The box itself first.
    """
    boxes = [box]
    while True:
        best: tuple[tuple[float, int], Nested] | None = None
        here = inside_of(boxes[-1].limits, columns, len(hits))
        for limits in _wider(boxes[-1], columns, here, paste):
            wide = inside_of(limits, columns, len(hits))
            more = wide & ~here
            if not more.any():  # a limit that other limits had made superfluous
                order = (1.0, 0)
            else:
                order = (float(hits[more].mean()), int(more.sum()))
                if order[0] < boxes[-1].density:
                    continue
            if best is None or order > best[0]:
                best = order, _nested(limits, wide, hits)
        if best is None:
            return boxes
        boxes.append(best[1])


def quasi_p_value(limit: Limit, limits: Sequence[Limit], columns: Columns, hits: Truths) -> float:
    """How likely the box would be as dense as it is by chance, if one of its limits told nothing.

    One-sided binomial test of the hits inside against the density without the limit (Bryant &
    Lempert 2010); "quasi", since the box was chosen on the same points.

    Parameters
    ----------
    limit : Limit
    limits : sequence of Limit
        All of the box, with that one.
    columns, hits
        As for `peeled`.

    Returns
    -------
    float
        Between 0 and 1 [-].
    """
    from scipy.stats import binomtest

    inside = inside_of(limits, columns, len(hits))
    without = inside_of([one for one in limits if one is not limit], columns, len(hits))
    rate = float(hits[without].mean())
    return float(binomtest(int(hits[inside].sum()), int(inside.sum()), rate, alternative="greater").pvalue)


def inside_of(limits: Sequence[Limit], columns: Columns, points: int) -> Truths:
    """Which points keep all limits."""
    inside = np.ones(points, dtype=bool)
    for limit in limits:
        inside &= limit.holds(columns[limit.factor])
    return inside


def is_ordered(values: Sequence[Any]) -> bool:
    """Whether a factor's values are numbers."""
    return all(isinstance(value, (int, float, np.number)) and not isinstance(value, bool) for value in values)


def _nested(limits: tuple[Limit, ...], inside: Truths, hits: Truths) -> Nested:
    return Nested(limits, int(inside.sum()), int((inside & hits).sum()))


def _side(limit: Limit) -> tuple[str, bool]:
    """The face of the box where a limit is: a new limit there takes the place of the old one."""
    return limit.factor, math.isnan(limit.low)


def _cuts(columns: Columns, inside: Truths, peel: float) -> Iterator[Limit]:
    """All limits that would take a slice from a box; ends are values of points that stay."""
    for path, given in columns.items():
        if not is_ordered(given):
            here = {value: None for value, within in zip(given, inside, strict=True) if within}
            for value in here if len(here) > 1 else ():
                yield Limit(path, math.nan, math.nan, tuple(one for one in here if one != value))
            continue
        figures = np.sort(np.asarray(given, dtype=np.float64)[inside])
        if figures[0] == figures[-1]:
            continue
        step = max(1, int(peel * len(figures)))
        yield Limit(path, float(max(figures[step], figures[figures > figures[0]][0])), math.nan)
        yield Limit(path, math.nan, float(min(figures[-1 - step], figures[figures < figures[-1]][-1])))


def _density(columns: Columns, hits: Truths, inside: Truths, cut: Limit, gone: Truths, times: int) -> float:
    """Part of hits among the points that a cut takes from a box, and those behind them, so many times as many."""
    if times == 1 or cut.values:
        return float(hits[gone].mean())
    here = np.flatnonzero(inside)
    order = np.argsort(np.asarray(columns[cut.factor], dtype=np.float64)[here], kind="stable")
    if math.isnan(cut.low):
        order = order[::-1]
    return float(hits[here[order[: times * int(gone.sum())]]].mean())


def _wider(box: Nested, columns: Columns, here: Truths, paste: float) -> Iterator[tuple[Limit, ...]]:
    """The limits of a box with one of them moved outwards, or taken away."""
    step = max(1, int(paste * box.points))
    for limit in box.limits:
        others = tuple(one for one in box.limits if one is not limit)
        given = columns[limit.factor]
        reach = inside_of(others, columns, len(here)) & ~here
        if limit.values:
            everything = dict.fromkeys(given)
            for value in everything:
                if value not in limit.values:
                    values = tuple(one for one in everything if one in limit.values or one == value)
                    whole = len(values) == len(everything)
                    yield others if whole else (*others, limit._replace(values=values))
            continue
        figures = np.sort(np.asarray(given, dtype=np.float64)[reach])
        if len(figures) <= step:
            yield others
        elif math.isnan(limit.high):
            yield (*others, limit._replace(low=float(figures[-step])))
        else:
            yield (*others, limit._replace(high=float(figures[step - 1])))
