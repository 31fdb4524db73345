"""The part of each history that the fit has not seen: is switching in it as predicted?

Each buyer is stood in for by simulated buyers of a class drawn from its posterior after the first
part, who last bought from the same seller; what they buy next is the prediction. Besides, every
purchase of the second part is scored by the probability that each law gave it beforehand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.classes import best_classes, histories_of, log_likelihoods
from sim.calibrate.households import classes_of
from sim.calibrate.laws import Segments
from sim.calibrate.panel import Panel
from sim.calibrate.simulating import histories, laboratory, strata_of
from sim.calibrate.store import Memory
from sim.measures import panel_sums

__all__ = ["Score", "membership_after", "predicted_rest", "score_laws"]

Array = NDArray[np.float64]


class Score(NamedTuple):
    """How well a law foresaw each purchase of the second part.

    Attributes
    ----------
    law : str
    bits : float
        Mean of minus the binary logarithm of the probability given to what was bought
        [bits/purchase]; the smaller the better.
    error : float
        Standard error over buyers of its difference from the first law's [bits/purchase].
    difference : float
        From the first law's.
    """

    law: str
    bits: float
    error: float
    difference: float


def predicted_rest(
    law: Segments,
    free: Array,
    membership: Array,
    last: NDArray[np.int64],
    lengths: NDArray[np.int64],
    *,
    window: int,
    burn: int,
    pool: int,
    panels: int,
    seed: int,
    memory: Memory,
) -> Array:
    """Sums of simulated second parts.

    Parameters
    ----------
    law : Segments
    free : ndarray
        Fitted to the first parts.
    membership : ndarray, shape (buyers, classes)
        Posterior after the first part [-].
    last : ndarray, shape (buyers,)
        Seller of the last purchase of the first part.
    lengths : ndarray, shape (buyers,)
        Purchases of the second part [purchases].
    window, burn, pool, panels, seed, memory
        As in `sim.calibrate.households.panels_of_same_buyers`.

    Returns
    -------
    ndarray, shape (panels, sums)
    """
    sellers, longest = len(law.sellers), int(lengths.max())
    scenario = laboratory(
        law.sellers, law.words(free, even=True), buyers=pool * law.classes, horizon=burn + 1 + longest, seed=seed
    )
    random = np.random.default_rng([seed, 5])

    def run() -> Array:
        choices, tastes = histories(scenario, burn, replication=2)
        strata = strata_of(tastes, law.utilities(free))
        cells: dict[tuple[int, int], NDArray[np.int64]] = {}
        for one in range(law.classes):
            of = strata == one if (strata == one).any() else np.ones(len(strata), bool)
            for seller in range(sellers):
                # where none of a class just bought the seller, its other buyers must do
                rows = np.flatnonzero(of & (choices[:, 0] == seller))
                cells[one, seller] = rows if len(rows) else np.flatnonzero(of)
        together, sums = np.zeros(len(lengths), np.int64), []
        for _ in range(panels):
            drawn = classes_of(membership, random)
            alike = [cells[one, seller] for one, seller in zip(drawn, last.tolist(), strict=True)]
            chosen = np.array([row[random.integers(len(row))] for row in alike])
            sums.append(panel_sums(choices[chosen, 1:], lengths, sellers, window, together)[0])
        return np.array(sums)

    question = {
        "what": "rest",
        "burn": burn,
        "window": window,
        "panels": panels,
        "lengths": lengths.tolist(),
        "last": last.tolist(),
        "membership": np.round(membership, 9).tolist(),
    }
    return memory.answer(scenario, question, run)


def membership_after(panel: Panel, first: NDArray[np.int64], weights: Array, shares: Array, inertia: float) -> Array:
    """Posterior probability of each class after the first purchases of each buyer."""
    seen = histories_of(panel.choices, first, len(panel.sellers))
    joint = log_likelihoods(seen, shares, inertia) + np.log(weights)
    grown = np.exp(joint - joint.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def score_laws(
    panel: Panel, first: NDArray[np.int64], law: Segments, free: Array, inertia: float, seed: int
) -> list[Score]:
    """Score the second part under the fitted law and under simpler ones, all fitted to the first part.

    Parameters
    ----------
    panel : Panel
    first : ndarray, shape (buyers,)
        Purchases of the first part [purchases].
    law : Segments
    free : ndarray
        Fitted to the first part.
    inertia : float
        φ of the fit [-].
    seed : int
    """
    count = len(panel.sellers)
    seen = histories_of(panel.choices, first, count)
    plain = best_classes(seen, law.classes, ordered=False, seed=seed)
    alike = best_classes(seen, 1, seed=seed)
    bits = {
        "segments and inertia (the fit)": _bits(panel, first, law.weights(free), law.shares(free), inertia),
        "segments without inertia": _bits(panel, first, plain.weights, plain.shares, 0.0),
        "inertia without segments": _bits(panel, first, alike.weights, alike.shares, alike.inertia),
        "first-order switching matrix": _markov_bits(panel, first),
        "shares alone": _bits(panel, first, np.ones(1), _smoothed(seen.fresh + seen.stays), 0.0),
    }
    rest = np.maximum(panel.lengths - first, 0)
    of_fit = next(iter(bits.values()))
    scores = []
    for name, per_buyer in bits.items():
        apart = per_buyer - of_fit
        mean = apart.sum() / rest.sum()
        error = np.sqrt(((apart - mean * rest) ** 2).sum()) / rest.sum()
        scores.append(Score(name, float(per_buyer.sum() / rest.sum()), float(error), float(mean)))
    return scores


def _smoothed(counts: Array) -> Array:
    total = counts.sum(axis=0, keepdims=True) + 0.5
    return np.asarray(total / total.sum())


def _bits(panel: Panel, first: NDArray[np.int64], weights: Array, shares: Array, inertia: float) -> Array:
    """Bits that the second part of each buyer's history cost, what was bought so far being known."""
    logs = np.full(panel.choices.shape, 0.0)
    belief = np.tile(np.log(weights), (panel.buyers, 1))
    for slot in range(panel.choices.shape[1]):
        there = panel.lengths > slot
        now = np.where(there, panel.choices[:, slot], 0)
        likely = shares[:, now].T
        if slot:
            same = now == panel.choices[:, slot - 1]
            likely = inertia * same[:, None] + (1 - inertia) * likely
        top = belief.max(axis=1, keepdims=True)
        posterior = np.exp(belief - top)
        posterior /= posterior.sum(axis=1, keepdims=True)
        counted = there & (slot >= first)
        logs[counted, slot] = -np.log2((posterior * likely).sum(axis=1))[counted]
        belief = np.where(there[:, None], belief + np.log(likely), belief)
    return np.asarray(logs.sum(axis=1))


def _markov_bits(panel: Panel, first: NDArray[np.int64]) -> Array:
    sellers = len(panel.sellers)
    slots = np.arange(1, panel.choices.shape[1])
    before, now = panel.choices[:, :-1], panel.choices[:, 1:]
    seen, unseen = slots < first[:, None], (slots >= first[:, None]) & (slots < panel.lengths[:, None])
    moves = np.zeros((sellers, sellers)) + 0.5
    np.add.at(moves, (before[seen], now[seen]), 1.0)
    chance = moves / moves.sum(axis=1, keepdims=True)
    logs = np.where(unseen, -np.log2(chance[before, now]), 0.0)
    return np.asarray(logs.sum(axis=1))
