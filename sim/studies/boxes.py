"""Boxes: ranges of factors inside which something mostly happens (patient rule induction)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.studies.peeling import Limit, inside_of, pasted, peeled, quasi_p_value

__all__ = ["Box", "Limit", "find_box"]

UNSURE = 0.05  # a limit may go that could as well be chance (Bryant & Lempert 2010)


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
    trajectory : ndarray, shape (boxes, 3)
        Coverage, density and support (part of all points inside) of all boxes that were tried: from
        the whole space inwards, then from the chosen one outwards [-].
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

    Peeling and pasting of Friedman & Fisher (1999). Limits that could as well be chance are dropped
    where the box stays dense enough without them.

    Parameters
    ----------
    columns : mapping of str to sequence
        Values of each factor, one a point.
    hits : ndarray, shape (points,)
    density : float
        Wanted part of hits inside [-].
    peel : float
        Part of the points in a box that is peeled off or pasted on at a time [-].
    smallest : float
        Part of all points that a box has at least [-].
    """
    total = int(hits.sum())
    if total in (0, len(hits)):
        return Box((), len(hits), total, len(hits), total, np.array([[1.0, total / len(hits), 1.0]]))
    inwards = peeled(columns, hits, peel=peel, smallest=smallest)
    dense = [box for box in inwards if box.density >= density]
    chosen = dense[0] if dense else max(inwards, key=lambda box: (box.density, box.hits))
    outwards = pasted(chosen, columns, hits, paste=peel)
    limits = list(outwards[-1].limits)
    wanted = min(density, outwards[-1].density)
    chances = [(quasi_p_value(limit, limits, columns, hits), limit) for limit in limits]
    for chance, unsure in sorted(chances, key=lambda one: -one[0]):
        fewer = [one for one in limits if one is not unsure]
        if chance < UNSURE:
            break
        if hits[inside_of(fewer, columns, len(hits))].mean() >= wanted:
            limits = fewer
    kept = _joined(limits)
    inside = inside_of(kept, columns, len(hits))
    order = sorted(kept, key=lambda limit: -_told(limit, kept, columns, hits))
    tried = [(box.hits / total, box.density, box.points / len(hits)) for box in [*inwards, *outwards[1:]]]
    return Box(tuple(order), int(inside.sum()), int((inside & hits).sum()), len(hits), total, np.array(tried))


def _joined(limits: Sequence[Limit]) -> list[Limit]:
    """One limit a factor."""
    joined: dict[str, Limit] = {}
    for limit in limits:
        other = joined.get(limit.factor)
        if other is None or limit.values:
            joined[limit.factor] = limit
        elif math.isnan(limit.low):
            joined[limit.factor] = limit._replace(low=other.low)
        else:
            joined[limit.factor] = limit._replace(high=other.high)
    return list(joined.values())


def _told(one: Limit, limits: Sequence[Limit], columns: Mapping[str, Sequence[Any]], hits: NDArray[np.bool_]) -> float:
    """How much density would be lost without a limit."""
    rest = inside_of([limit for limit in limits if limit is not one], columns, len(hits))
    inside = rest & one.holds(columns[one.factor])
    return float(hits[inside].mean() - hits[rest].mean()) if inside.any() else 0.0
