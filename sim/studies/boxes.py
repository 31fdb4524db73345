"""Boxes: ranges of factors inside which something mostly happens (patient rule induction)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "Limit", "find_box"]

UNSURE = 0.05  # a limit may go that could as well be chance: one-sided binomial test (Bryant & Lempert 2010)

RARE = 1e-9  # any part of hits is enough for a box to be looked at; the choice among them is made here


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

    def holds(self, given: Sequence[Any]) -> NDArray[np.bool_]:
        """Which values lie within."""
        if self.values:
            return np.array([value in self.values for value in given])
        figures = np.asarray(given, dtype=np.float64)
        return ~(figures < self.low) & ~(figures > self.high)


class Box(NamedTuple):
    """A box and how good it is.

    Attributes
    ----------
    limits : tuple of Limit
        The one that tells most first; none if everything is inside.
    points, hits : int
        Inside the box.
    all_points, all_hits : int
        Everywhere.
    trajectory : ndarray, shape (boxes, 2)
        Coverage and density of all boxes that were tried, from the whole space inwards.
    """

    limits: tuple[Limit, ...]
    points: int
    hits: int
    all_points: int
    all_hits: int
    trajectory: NDArray[np.float64]

    @property
    def density(self) -> float:
        """Part of the points inside that are hits [-]."""
        return self.hits / self.points if self.points else math.nan

    @property
    def coverage(self) -> float:
        """Part of all hits that are inside [-]."""
        return self.hits / self.all_hits if self.all_hits else math.nan

    @property
    def base_rate(self) -> float:
        """Part of all points that are hits [-]."""
        return self.all_hits / self.all_points


def find_box(
    columns: Mapping[str, Sequence[Any]],
    hits: NDArray[np.bool_],
    *,
    density: float,
    peel: float = 0.05,
    smallest: float = 0.05,
) -> Box:
    """The box that holds most of the hits among those dense enough; the densest if none is.

    Friedman & Fisher (1999), by the ema-workbench. Limits that could as well be chance are dropped
    where the box stays dense enough without them.

    Parameters
    ----------
    columns : mapping of str to sequence
        Values of each factor, one a point.
    hits : ndarray, shape (points,)
    density : float
        Wanted part of hits inside [-].
    peel : float
        Part of the points that is peeled off at a time [-].
    smallest : float
        Part of all points that a box has at least [-].

    Raises
    ------
    ModuleNotFoundError
        If the ema-workbench is not installed.
    """
    total = int(hits.sum())
    if total in (0, len(hits)):
        return Box((), len(hits), total, len(hits), total, np.array([[1.0, total / len(hits)]]))
    names = {path: f"x{place}" for place, path in enumerate(columns)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about evaluators that are not used here
        import pandas as pd
        from ema_workbench.analysis import prim

        frame = pd.DataFrame({names[path]: _plain(values) for path, values in columns.items()})
        found = prim.Prim(frame, np.asarray(hits, dtype=bool), threshold=RARE, peel_alpha=peel, mass_min=smallest)
        box = found.find_box()
    trajectory = box.peeling_trajectory[["coverage", "density"]].to_numpy(dtype=np.float64)
    dense = np.flatnonzero(trajectory[:, 1] >= density)
    if len(dense):
        chosen = int(max(dense, key=lambda place: (trajectory[place, 0], trajectory[place, 1])))
    else:
        chosen = int(max(range(len(trajectory)), key=lambda place: (trajectory[place, 1], trajectory[place, 0])))
    limits = _limits(columns, names, box.box_lims[chosen], box.box_lims[0], box.qp[chosen])
    wanted = min(density, float(hits[_inside([one for one, _ in limits], columns, len(hits))].mean()))
    for unsure in sorted((one for one in limits if one[1] >= UNSURE), key=lambda one: -one[1]):
        fewer = [one for one in limits if one is not unsure]
        if hits[_inside([one for one, _ in fewer], columns, len(hits))].mean() >= wanted:
            limits = fewer
    kept = _joined([one for one, _ in limits])
    inside = _inside(kept, columns, len(hits))
    order = sorted(kept, key=lambda limit: -_told(limit, kept, columns, hits))
    return Box(tuple(order), int(inside.sum()), int((inside & hits).sum()), len(hits), total, trajectory)


def _plain(values: Sequence[Any]) -> list[Any]:
    """Numbers as floats, anything else as words."""
    if all(isinstance(value, (int, float, np.number)) and not isinstance(value, bool) for value in values):
        return [float(value) for value in values]
    return [str(value) for value in values]


def _limits(
    columns: Mapping[str, Sequence[Any]], names: Mapping[str, str], box: Any, whole: Any, chance: Mapping[str, Any]
) -> list[tuple[Limit, float]]:
    """Every limit of a box by itself, with the probability that it is chance."""
    found = []
    for path, name in names.items():
        if name not in chance:
            continue  # not restricted
        if isinstance(box[name].iloc[0], (set, frozenset)):
            kept = tuple(value for value in dict.fromkeys(columns[path]) if str(value) in box[name].iloc[0])
            found.append((Limit(path, math.nan, math.nan, kept), float(chance[name][0])))
            continue
        low, high = (float(box[name].iloc[side]) for side in (0, 1))
        if low != whole[name].iloc[0]:
            found.append((Limit(path, low, math.nan), float(chance[name][0])))
        if high != whole[name].iloc[1]:
            found.append((Limit(path, math.nan, high), float(chance[name][1])))
    return found


def _joined(limits: Sequence[Limit]) -> list[Limit]:
    """One limit a factor."""
    joined: dict[str, Limit] = {}
    for limit in limits:
        other = joined.get(limit.factor)
        joined[limit.factor] = limit if other is None else limit._replace(low=other.low)  # lows stand before highs
    return list(joined.values())


def _inside(limits: Sequence[Limit], columns: Mapping[str, Sequence[Any]], points: int) -> NDArray[np.bool_]:
    """Which points keep all limits."""
    inside = np.ones(points, dtype=bool)
    for limit in limits:
        inside &= limit.holds(columns[limit.factor])
    return inside


def _told(one: Limit, limits: Sequence[Limit], columns: Mapping[str, Sequence[Any]], hits: NDArray[np.bool_]) -> float:
    """How much density would be lost without a limit."""
    rest = _inside([limit for limit in limits if limit is not one], columns, len(hits))
    inside = rest & one.holds(columns[one.factor])
    return float(hits[inside].mean() - hits[rest].mean()) if inside.any() else 0.0
