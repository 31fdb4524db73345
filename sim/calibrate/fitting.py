"""A panel fitted: classes, tolerances, the fit by simulated moments, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.classes import Classes, best_classes
from sim.calibrate.households import panels_of_same_buyers
from sim.calibrate.laws import Dirichlet, Law, Normal, Segments
from sim.calibrate.moments import Fit, Setting, fit_moments, pieces_of
from sim.calibrate.panel import Panel
from sim.calibrate.simulating import burn_in
from sim.calibrate.store import Memory
from sim.calibrate.uncertainty import draws_of, resampled
from sim.measures import panel_sums, panel_targets, target_bases

__all__ = ["Fitted", "beyond", "choose_classes", "fit_panel", "rival_fits"]

Array = NDArray[np.float64]
MOST_CLASSES = 12
FEWEST = 10  # purchases, moves or buyers that a target must rest on to be one
POOL, PANELS = 3000, 300  # simulated buyers a class, and panels of the same buyers
LEAST, MOST, WIDE = 3000, 20_000, 12_000  # simulated buyers of a fit: a class, and of a law without classes
LOOSEST = 0.05  # of a log-odds' standard error: what pulls a free number is never stronger
TRIGGER_BURN = 60  # ticks in which aspirations settle


@dataclass(frozen=True)
class Fitted:
    """A fit of the segments to a panel.

    Attributes
    ----------
    law : Segments
    classes : Classes
        By maximum likelihood: the anchor of the fit.
    bic : dict of int to float
        By number of classes.
    setting : Setting
    observed : ndarray, shape (targets,)
    fit : Fit
    draws : ndarray, shape (samples, free)
        Where the fit would have ended on other samples of buyers.
    sampled : ndarray, shape (samples, targets)
        The panel's targets in those samples.
    """

    law: Segments
    classes: Classes
    bic: dict[int, float]
    setting: Setting
    observed: Array
    fit: Fit
    draws: Array
    sampled: Array

    @property
    def inertia(self) -> float:
        """φ of the fit; with the trigger, of the classes that it started from [-]."""
        return self.classes.inertia if self.law.trigger else float(self.law.natural(self.fit.free)[0])


def choose_classes(panel: Panel, wanted: int | None, seed: int) -> tuple[Classes, dict[int, float]]:
    """Classes by maximum likelihood: as many as wanted, or as the BIC has it.

    Parameters
    ----------
    panel : Panel
    wanted : int, optional
        Number of classes.
    seed : int
        Of the starts.
    """
    bic: dict[int, float] = {}
    found: dict[int, Classes] = {}
    for number in [wanted] if wanted else range(1, min(MOST_CLASSES, panel.buyers) + 1):
        found[number] = best_classes(panel.histories, number, ordered=panel.ordered, seed=seed)
        bic[number] = found[number].bic(panel.buyers)
        best = min(bic, key=lambda one: bic[one])
        if number >= best + 2:  # twice in a row more classes were not worth it
            break
    return found[best], bic


def fit_panel(
    panel: Panel,
    *,
    window: int,
    classes: int | None,
    trigger: bool,
    seed: int,
    memory: Memory,
    told: Callable[[str], None] = lambda stage: None,
) -> Fitted:
    """Fit segments and inertia to a panel.

    Parameters
    ----------
    panel : Panel
    window : int
        [purchases]
    classes : int, optional
        Number of segments; left out, by the BIC.
    trigger : bool
        Inertia by the behavioural trigger instead of one probability.
    seed : int
    memory : Memory
    told : callable
        Told each stage.
    """
    told("classes of buyers")
    found, bic = choose_classes(panel, classes, seed)
    law = Segments(panel.sellers, len(found.weights))
    start = law.free_of(found)
    if not panel.ordered:
        found = found._replace(inertia=1e-4)
        start = law.free_of(found)
    sums = panel.sums(window)
    observed = panel_targets(sums.sum(axis=0), len(panel.sellers))
    told("what chance leaves")
    setting = _setting(panel, sums.sum(axis=0), law, start, found, window, seed, memory)
    told("bootstrap over buyers")
    samples = resampled(panel.histories, sums, found, law, ordered=panel.ordered, seed=seed)
    pull = 1.0 / np.maximum(samples.free.std(axis=0, ddof=1), LOOSEST) ** 2
    told("fit by simulation")
    held = () if panel.ordered else (0,)
    if trigger:
        law = replace(law, trigger=True)
        start, pull = start.copy(), pull.copy()
        start[0], pull[0] = 0.4 * start[0], 0.0  # the trigger's threshold that keeps as many, without noise
        setting = replace(setting, burn=max(setting.burn, TRIGGER_BURN))
    fit = fit_moments(law, start, observed, setting, memory, anchor=start, pull=pull, held=held)
    pieces, length = pieces_of(setting)
    copies = setting.buyers * law.strata * pieces * length / panel.purchases
    draws = draws_of(fit, setting, pull, samples, observed, start, copies)
    if held:
        draws[:, list(held)] = start[list(held)]
    return Fitted(law, found, bic, setting, observed, fit, draws, samples.targets)


def _setting(
    panel: Panel, size: Array, law: Segments, start: Array, found: Classes, window: int, seed: int, memory: Memory
) -> Setting:
    burn = burn_in(min(found.inertia + 0.1, 0.98))
    pool = max(400, min(POOL, 40_000_000 // ((burn + int(panel.lengths.max())) * law.classes)))
    panels = max(60, min(PANELS, 2_000_000 // panel.purchases))
    simulated = panels_of_same_buyers(
        law,
        start,
        found.membership,
        panel.lengths,
        window=window,
        burn=burn,
        pool=pool,
        panels=panels,
        seed=seed,
        memory=memory,
    )
    sellers = len(panel.sellers)
    targets = panel_targets(simulated, sellers)
    observed, bases = panel_targets(size, sellers), target_bases(size, sellers)
    whole = panel_targets(simulated.mean(axis=0), sellers)
    enough = (bases >= FEWEST) & np.isfinite(observed) & np.isfinite(whole)
    if not panel.ordered:
        enough &= ~_of_order(sellers)
    safe = np.where(np.isfinite(targets), targets, whole)
    # a target that never varied in the simulation may still be off by a quarter of one case
    spread = np.maximum(safe.std(axis=0, ddof=1), 0.25 / np.maximum(bases, 1))
    spread[~np.isfinite(spread)] = 1.0
    shift = np.nan_to_num(safe.mean(axis=0) - whole)
    return Setting(size, window, _pool_of_fit(panel), burn, seed, enough, spread, shift)


def _pool_of_fit(panel: Panel) -> int:
    """Simulated buyers a class: enough that the simulation's own error is small beside the panel's."""
    return int(min(max(LEAST, panel.purchases // 4), MOST))


def _of_order(sellers: int) -> NDArray[np.bool_]:
    """Which targets need an order of purchases."""
    counts = [sellers, 1 + sellers + 1, 3 * sellers + 1, sellers**2]
    return np.repeat([False, True, False, True], counts)


def rival_fits(panel: Panel, fitted: Fitted, *, seed: int, memory: Memory) -> list[tuple[str, Law, Fit]]:
    """Other laws fitted to the same targets: the behavioural trigger, and tastes that are not lumpy.

    Parameters
    ----------
    panel : Panel
    fitted : Fitted
    seed : int
    memory : Memory

    Returns
    -------
    list of (str, Law, Fit)
        What the law is in words, the law, and where its fit ended.
    """
    setting, share = fitted.setting, fitted.observed[: len(panel.sellers)]
    wide = replace(setting, buyers=max(setting.buyers * 2, WIDE))
    held = () if panel.ordered else (0,)
    inertia = fitted.inertia if panel.ordered else 1e-4
    smooth: list[tuple[str, Law, Array]] = [
        ("one Dirichlet, inertia", law := Dirichlet(panel.sellers), law.start(share, inertia)),
        ("normal tastes, inertia", other := Normal(panel.sellers), other.start(share, inertia)),
    ]
    found: list[tuple[str, Law, Fit]] = []
    if panel.ordered:
        law_, start, words = _other_inertia(fitted)
        burn = replace(setting, burn=max(setting.burn, TRIGGER_BURN)) if law_.trigger else setting
        free = fitted.draws.std(axis=0, ddof=1)
        pull = 1.0 / np.maximum(free, LOOSEST) ** 2
        pull[0] = 0.0
        found.append((words, law_, fit_moments(law_, start, fitted.observed, burn, memory, anchor=start, pull=pull)))
    for words, one, start in smooth:
        found.append((words, one, fit_moments(one, start, fitted.observed, wide, memory, held=held, rounds=20)))
    return found


def _other_inertia(fitted: Fitted) -> tuple[Segments, Array, str]:
    law = replace(fitted.law, trigger=not fitted.law.trigger)
    start = fitted.fit.free.copy()
    if law.trigger:
        start[0] *= 0.4
        return law, start, "segments, behavioural trigger"
    return law, Segments(law.sellers, law.classes).free_of(fitted.classes), "segments, inertia"


def beyond(observed: Array, simulated: Array, setting: Setting) -> tuple[int, int]:
    """How many targets lie beyond two standard deviations, and of how many."""
    z = ((observed - simulated) / setting.spread)[setting.used]
    return int((np.abs(np.nan_to_num(z, nan=np.inf)) > 2).sum()), int(setting.used.sum())


def rest_sums(panel: Panel, first: NDArray[np.int64], window: int) -> Array:
    """Sums of the second parts of the histories, added over buyers."""
    slots = np.arange(panel.choices.shape[1])
    place = np.minimum(slots + first[:, None], panel.choices.shape[1] - 1)
    rest = np.take_along_axis(panel.choices, place, axis=1)
    lengths = panel.lengths - first
    keep = lengths > 0
    return panel_sums(rest[keep], lengths[keep], len(panel.sellers), window, np.zeros(int(keep.sum()), np.int64))[0]
