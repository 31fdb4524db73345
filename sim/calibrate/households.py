"""Simulated panels of the same buyers: what chance alone leaves of each target, and what it predicts.

A buyer of the panel is stood in for by a simulated buyer of a class drawn from its posterior, for
as many purchases as it made. What then differs from one panel to the next is chance in the
choices and in what is not known about the buyers, not which buyers were sampled: a sharp measure
of whether tastes and inertia reproduce what these buyers did.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.laws import Segments
from sim.calibrate.simulating import histories, laboratory, strata_of
from sim.calibrate.store import Memory
from sim.measures import panel_sums

__all__ = ["classes_of", "panels_of_same_buyers", "stand_ins"]

Array = NDArray[np.float64]


def panels_of_same_buyers(
    law: Segments,
    free: Array,
    membership: Array,
    lengths: NDArray[np.int64],
    *,
    window: int,
    burn: int,
    pool: int,
    panels: int,
    seed: int,
    memory: Memory,
) -> Array:
    """Sums of simulated panels of the same buyers.

    Parameters
    ----------
    law : Segments
    free : ndarray
        Free numbers.
    membership : ndarray, shape (buyers, classes)
        Posterior probability of each class [-].
    lengths : ndarray, shape (buyers,)
        [purchases]
    window : int
        [purchases]
    burn : int
        [ticks]
    pool : int
        Simulated buyers a class, among whom stand-ins are drawn.
    panels : int
        How many panels.
    seed : int
    memory : Memory

    Returns
    -------
    ndarray, shape (panels, sums)
    """
    longest = int(lengths.max())
    scenario = laboratory(
        law.sellers, law.words(free, even=True), buyers=pool * law.classes, horizon=burn + longest, seed=seed
    )
    random = np.random.default_rng([seed, 3])

    def run() -> Array:
        choices, tastes = histories(scenario, burn, replication=1)
        rows = stand_ins(strata_of(tastes, law.utilities(free)), law.classes)
        together = np.zeros(len(lengths), np.int64)
        sums = []
        for _ in range(panels):
            drawn = classes_of(membership, random)
            chosen = np.array([rows[one][random.integers(len(rows[one]))] for one in drawn])
            sums.append(panel_sums(choices[chosen], lengths, len(law.sellers), window, together)[0])
        return np.array(sums)

    question = {
        "what": "same buyers",
        "burn": burn,
        "window": window,
        "panels": panels,
        "lengths": lengths.tolist(),
        "membership": np.round(membership, 9).tolist(),
    }
    return memory.answer(scenario, question, run)


def stand_ins(strata: NDArray[np.int64], classes: int) -> list[NDArray[np.int64]]:
    """Simulated buyers of each class; a class equal to an earlier one shares its buyers."""
    rows = [np.flatnonzero(strata == one) for one in range(classes)]
    largest = max(rows, key=len)
    return [one if len(one) else largest for one in rows]


def classes_of(membership: Array, random: np.random.Generator) -> NDArray[np.int64]:
    """A class for each buyer, drawn from its posterior."""
    edges = np.cumsum(membership, axis=1)[:, :-1]
    return np.asarray((random.random(len(membership))[:, None] > edges).sum(axis=1))
