"""The method of simulated moments (McFadden 1989; Pakes & Pollard 1989), on the market itself.

The market is run with the same keyed draws for every trial, so that two trials differ by their
parameters and not by luck. Classes of taste are simulated side by side, in equal numbers, and
weighted by their size afterwards: a stratified sample, in which weights cost no simulation and
one run moves a parameter of every class. Steps are Levenberg-Marquardt's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.laws import Law, Segments
from sim.calibrate.simulating import histories, laboratory, strata_of
from sim.calibrate.store import Memory
from sim.measures import at_size_of, panel_sums, panel_targets

__all__ = ["Fit", "Setting", "fit_moments", "pieces_of", "simulated_sums"]

Array = NDArray[np.float64]
STEP, WEIGHT_STEP = 0.15, 0.05  # of a log-odds, to see what it does
LONGEST = 1.0  # step of a free number in one round
ROUNDS, TRIES = 12, 5
ENOUGH = 0.01  # part of the distance that a round must gain


@dataclass(frozen=True)
class Setting:
    """What a fit holds fixed.

    Attributes
    ----------
    size : ndarray, shape (sums,)
        Sums of the panel, whose numbers of purchases simulated ones are brought to.
    window : int
        [purchases]
    buyers : int
        Simulated buyers a stratum.
    burn : int
        [ticks]
    seed : int
    used : ndarray of bool, shape (targets,)
        Targets that the fit is to meet.
    spread : ndarray, shape (targets,)
        Standard deviation that each is measured in.
    shift : ndarray, shape (targets,)
        What a panel of this size has more than a very large one, added to what is simulated.
    """

    size: Array
    window: int
    buyers: int
    burn: int
    seed: int
    used: NDArray[np.bool_]
    spread: Array
    shift: Array


@dataclass(frozen=True)
class Fit:
    """Where a fit ended.

    Attributes
    ----------
    free : ndarray
    targets : ndarray, shape (targets,)
        Simulated.
    jacobian : ndarray, shape (targets, free)
        How the targets follow the free numbers.
    distance : float
        Sum of squared distances from the observed targets in standard deviations, and of the
        squared distances from the anchor.
    rounds : int
    """

    free: Array
    targets: Array
    jacobian: Array
    distance: float
    rounds: int


def pieces_of(setting: Setting) -> tuple[int, int]:
    """How many pieces a simulated history is cut into, and the length of one [purchases]."""
    length = max(setting.window, 3)
    return max(1, -(-max(setting.burn, 24) // length)), length


def simulated_sums(law: Law, free: Array, setting: Setting, memory: Memory) -> Array:
    """Sums of each stratum at the size of the panel, shape (strata, sums)."""
    sellers = len(law.sellers)
    pieces, length = pieces_of(setting)
    scenario = laboratory(
        law.sellers,
        law.words(free, even=True),
        buyers=setting.buyers * law.strata,
        horizon=setting.burn + pieces * length,
        seed=setting.seed,
    )

    def run() -> Array:
        choices, tastes = histories(scenario, setting.burn)
        strata = np.zeros(len(choices), np.int64)
        if isinstance(law, Segments):
            strata = strata_of(tastes, law.utilities(free))
        cut = choices.reshape(-1, length)  # consecutive pieces of a buyer's history count as histories
        sums = panel_sums(cut, np.full(len(cut), length), sellers, setting.window, np.repeat(strata, pieces))
        return _filled(sums, law, free)

    question = {"what": "pool", "burn": setting.burn, "window": setting.window}
    return at_size_of(memory.answer(scenario, question, run), setting.size, sellers)


def _filled(sums: Array, law: Law, free: Array) -> Array:
    """Sums of all strata; those of equal classes are those of the first of them."""
    if not isinstance(law, Segments):
        return sums
    known = law.utilities(free).astype(np.float32)
    first = [int(np.flatnonzero((known == row).all(axis=1))[0]) for row in known]
    return sums[first]


def fit_moments(
    law: Law,
    start: Array,
    observed: Array,
    setting: Setting,
    memory: Memory,
    *,
    anchor: Array | None = None,
    pull: Array | None = None,
    held: tuple[int, ...] = (),
    rounds: int = ROUNDS,
    told: Callable[[float], None] | None = None,
) -> Fit:
    """Bring simulated targets as near to the observed ones as they will go.

    Parameters
    ----------
    law : Law
    start : ndarray, shape (free,)
    observed : ndarray, shape (targets,)
    setting : Setting
    memory : Memory
    anchor, pull : ndarray, shape (free,), optional
        Where free numbers are drawn to, and how strongly: one over a variance.
    held : tuple of int
        Places of free numbers that stay at their start.
    rounds : int
        Most rounds.
    told : callable, optional
        Called after each round with the distance.
    """
    wanted, anchored = np.asarray(observed), start if anchor is None else anchor
    strength = np.zeros(len(start)) if pull is None else pull
    loose = np.array([place not in held for place in range(len(start))])

    def targets(free: Array) -> Array:
        sums = law.weights(free) @ simulated_sums(law, free, setting, memory)
        return panel_targets(sums, len(law.sellers)) + setting.shift

    def distances(values: Array) -> Array:
        return np.asarray(((wanted - values) / setting.spread)[setting.used])

    def total(values: Array, free: Array) -> float:
        far = np.nan_to_num(distances(values), nan=10.0)
        return float(far @ far + strength @ (free - anchored) ** 2)

    free = start.copy()
    values = targets(free)
    now, damping, done = total(values, free), 0.3, 0
    while done < rounds:
        done += 1
        slopes = (_jacobian(law, free, setting, memory, both=False) / setting.spread[:, None])[setting.used]
        slopes = np.nan_to_num(slopes) * loose
        gap = np.nan_to_num(distances(values))
        bend, drift = slopes.T @ slopes + np.diag(strength), slopes.T @ gap - strength * (free - anchored)
        better = None
        for _ in range(TRIES):
            step = np.linalg.solve(bend + damping * np.diag(np.diag(bend) + 0.1), drift * loose)
            trial = free + np.clip(step * loose, -LONGEST, LONGEST)
            found = targets(trial)
            if total(found, trial) < now:
                better = (trial, found, total(found, trial))
                damping = max(damping / 4, 1e-3)
                break
            damping *= 4
        if better is None:
            break
        gained = (now - better[2]) / now if now > 0 else 0.0
        free, values, now = better
        if told is not None:
            told(now)
        if gained < ENOUGH:
            break
    return Fit(free, values, _jacobian(law, free, setting, memory), now, done)


def _jacobian(law: Law, free: Array, setting: Setting, memory: Memory, *, both: bool = True) -> Array:
    """How the targets follow the free numbers: differences on the same draws, to both sides or to one."""
    sellers = len(law.sellers)
    here = simulated_sums(law, free, setting, memory)
    weights = law.weights(free)
    slopes = np.zeros((len(setting.spread), len(free)))
    simulated: set[int] = set()
    for batch in law.batches():
        ends = []
        for side in (STEP, -STEP) if both else (STEP,):
            moved = free.copy()
            moved[[place for place, _ in batch]] += side
            ends.append(simulated_sums(law, moved, setting, memory))
        if not both:
            ends.append(here)
        for place, stratum in batch:
            simulated.add(place)
            values = []
            for end in ends:
                mixed = end if stratum < 0 else here.copy()
                if stratum >= 0:
                    mixed[stratum] = end[stratum]
                values.append(panel_targets(weights @ mixed, sellers))
            slopes[:, place] = (values[0] - values[1]) / (2 * STEP if both else STEP)
    for place in set(range(len(free))) - simulated:  # weights need no simulation
        up, down = free.copy(), free.copy()
        up[place] += WEIGHT_STEP
        down[place] -= WEIGHT_STEP
        ends = [panel_targets(law.weights(one) @ here, sellers) for one in (up, down)]
        slopes[:, place] = (ends[0] - ends[1]) / (2 * WEIGHT_STEP)
    return slopes
