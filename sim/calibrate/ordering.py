"""Does the order of rows within a buyer tell time? A test against random orders of the same purchases.

Rows that were sorted by seller inside each buyer look like extreme loyalty: everything that
measures switching would be wrong. Two signs give them away. No buyer ever comes back to a seller
that it left, although random orders of the same purchases would bring many back; and all buyers
go through their sellers in one and the same sequence, where time has some go one way and some the
other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.calibrate.panel import Panel

__all__ = ["Ordering", "order_shown"]

ORDERS = 200  # random orders of each history
FEWEST = 10  # buyers whom random orders bring back, below which nothing can be concluded
MANY = 30  # from which it is beyond belief that nobody does, even without a common sequence
CHANCE = 1e-4  # of a false alarm
SAME_WAY = 0.95


@dataclass(frozen=True)
class Ordering:
    """What the order of rows shows.

    Attributes
    ----------
    repeat, repeat_by_chance : float
        Part of the purchases from the seller of the purchase before: as the rows stand, and the
        mean over random orders [-].
    p_value : float
        Chance of so high a repeat rate under random orders; below 0.05 the order tells something.
    returned, returned_by_chance : float
        Buyers who come back to a seller that they had left: as the rows stand, and the mean over
        random orders [buyers].
    p_returned : float
        Chance of so few under random orders.
    one_way : float
        Of the pairs of sellers that a buyer goes through without coming back, the part that goes
        the way of the majority, weighted by pairs; 0.5 to 1 [-].
    p_one_way : float
        Chance of that if either way were as likely.
    fault : str
        Why switching must not be read off the rows; empty if it may.
    """

    repeat: float
    repeat_by_chance: float
    p_value: float
    returned: float
    returned_by_chance: float
    p_returned: float
    one_way: float
    p_one_way: float
    fault: str


def order_shown(panel: Panel, seed: int = 0) -> Ordering:
    """Compare the order of purchases within buyers with random ones.

    Parameters
    ----------
    panel : Panel
    seed : int
        Of the random orders.
    """
    random = np.random.default_rng([seed, 2])
    chosen, there = panel.choices, np.arange(panel.choices.shape[1]) < panel.lengths[:, None]
    repeat, back = _looked_at(chosen, there)
    by_chance = []
    for _ in range(ORDERS):
        order = np.argsort(np.where(there, random.random(chosen.shape), 2.0), axis=1)
        by_chance.append(_looked_at(np.take_along_axis(chosen, order, axis=1), there))
    repeats = np.array([one[0] for one in by_chance])
    backs = np.array([one[1].sum() for one in by_chance])
    expected = float(backs.mean())
    way, pairs, chance = _one_way(panel, ~back)
    few = float(stats.norm.cdf((back.sum() - expected) / max(float(backs.std()), 0.5)))
    ordering = Ordering(
        repeat=repeat,
        repeat_by_chance=float(repeats.mean()),
        p_value=(1 + int((repeats >= repeat).sum())) / (1 + ORDERS),
        returned=float(back.sum()),
        returned_by_chance=expected,
        p_returned=few,
        one_way=way,
        p_one_way=chance,
        fault="",
    )
    return _with_fault(ordering, pairs)


def _with_fault(found: Ordering, pairs: int) -> Ordering:
    if found.returned_by_chance < FEWEST or found.p_returned > CHANCE:
        return found
    never = (
        f"{found.returned:.0f} of the buyers ever come back to a seller that they left, and in a random order of the "
        f"same purchases {found.returned_by_chance:.0f} would (p < {CHANCE:g})"
    )
    sorted_rows = pairs and found.one_way >= SAME_WAY and found.p_one_way < CHANCE
    if sorted_rows and found.returned <= 0.1 * found.returned_by_chance:
        return replace(
            found,
            fault=f"the rows of each buyer are sorted by seller, not by time: {never}, and "
            f"{100 * found.one_way:.0f} % of their moves go through the sellers in the same sequence",
        )
    if found.returned == 0 and found.returned_by_chance >= MANY:
        return replace(found, fault=f"the rows of each buyer are grouped by seller, not in the order of time: {never}")
    return found


def _looked_at(chosen: NDArray[np.int64], there: NDArray[np.bool_]) -> tuple[float, NDArray[np.bool_]]:
    """Repeat rate, and which buyers come back to a seller that they had left."""
    later = there[:, 1:]
    same = (chosen[:, 1:] == chosen[:, :-1]) & later
    runs = 1 + (later & ~same).sum(axis=1)
    sellers = sum(((chosen == seller) & there).any(axis=1).astype(int) for seller in range(int(chosen.max()) + 1))
    return float(same.sum() / max(later.sum(), 1)), runs > sellers


def _one_way(panel: Panel, grouped: NDArray[np.bool_]) -> tuple[float, int, float]:
    """How far buyers who never come back go through their sellers in one sequence."""
    count = len(panel.sellers)
    before = np.zeros((count, count), np.int64)
    for row in np.flatnonzero(grouped):
        for first, then in _steps(panel.choices[row, : panel.lengths[row]]):
            before[first, then] += 1
    upper = np.triu_indices(count, 1)
    there, back = before[upper], before.T[upper]
    both = there + back
    pairs = int((both > 1).sum())
    if not pairs:
        return 0.5, 0, 1.0
    agreed = np.maximum(there, back)[both > 1].sum()
    # each pair's majority agrees by choice once, so one move a pair tells nothing
    moves = int(both[both > 1].sum())
    chance = float(stats.binom.sf(agreed - pairs - 1, moves - pairs, 0.5))
    return float(agreed / moves), pairs, chance


def _steps(history: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    runs = [int(history[0]), *(int(now) for last, now in pairwise(history) if now != last)]
    for place, first in enumerate(runs):
        for then in runs[place + 1 :]:
            yield first, then
