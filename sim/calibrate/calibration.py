"""The whole calibration of a panel, in order, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.compose import Composed, composed, matched
from sim.calibrate.fitting import Fitted, beyond, fit_panel, rest_sums, rival_fits
from sim.calibrate.holdout import Score, membership_after, predicted_rest, score_laws
from sim.calibrate.identification import Told, told_by_panel
from sim.calibrate.laws import Segments
from sim.calibrate.ordering import Ordering, order_shown
from sim.calibrate.panel import Panel, window_for
from sim.calibrate.prices import PriceEffect, price_effect
from sim.calibrate.store import Memory
from sim.calibrate.testing import Tested, tested
from sim.measures import panel_targets, target_bases
from sim.plots.words import count
from sim.scenario import Scenario, ScenarioError
from sim.scenario.mistakes import Mistake

__all__ = ["Calibration", "Heldout", "Options", "Rival", "calibrated", "checked", "stages_of"]

Array = NDArray[np.float64]
TEST_PANELS = 1000
DRAWS = 12  # of the fitted values, for a prediction
FEWEST_BUYERS = 5


@dataclass(frozen=True)
class Options:
    """What the user chose.

    Attributes
    ----------
    segments : int, optional
        Number of segments; left out, by the BIC.
    trigger : bool
        Inertia by the behavioural trigger instead of one probability of not looking around.
    window : int, optional
        First purchases in which penetration is counted; left out, by the lengths [purchases].
    order : {"test", "trust", "ignore"}
        What to make of the order of rows.
    part : float
        Of each history, on which the held-out check is fitted [-].
    quick : bool
        No rivals and no held-out check.
    """

    segments: int | None = None
    trigger: bool = False
    window: int | None = None
    order: str = "test"
    part: float = 0.6
    quick: bool = False


@dataclass(frozen=True)
class Rival:
    """Another law fitted to the same targets."""

    words: str
    beyond: int
    of: int
    simulated: Array


@dataclass(frozen=True)
class Heldout:
    """The held-out check.

    Attributes
    ----------
    window : int
        [purchases]
    observed, mean, spread : ndarray, shape (targets,)
        Of the second parts; mean and standard deviation of what was predicted.
    bases : ndarray, shape (targets,)
    used : ndarray of bool, shape (targets,)
        With enough to rest on.
    purchases : int
        Of the second parts.
    scores : list of Score
    """

    window: int
    observed: Array
    mean: Array
    spread: Array
    bases: Array
    used: NDArray[np.bool_]
    purchases: int
    scores: list[Score]

    @property
    def beyond(self) -> tuple[int, int]:
        """Targets beyond two standard deviations, and of how many."""
        z = (self.observed - self.mean)[self.used] / self.spread[self.used]
        return int((np.abs(z) > 2).sum()), int(self.used.sum())


@dataclass(frozen=True)
class Calibration:
    """All that a calibration found."""

    panel: Panel
    window: int
    order: Ordering
    fitted: Fitted
    price: PriceEffect | None
    composed: Composed
    test: Tested
    told: list[Told]
    rivals: list[Rival]
    heldout: Heldout | None
    notes: list[str]

    @property
    def beyond(self) -> tuple[int, int]:
        """Targets beyond two standard deviations in the scenario as it was written, and of how many."""
        return beyond(self.fitted.observed, self.test.mean, self.fitted.setting)


def stages_of(options: Options) -> int:
    """How many stages a calibration has."""
    return 6 if options.quick else 12


def calibrated(
    base: Scenario,
    panel: Panel,
    options: Options,
    memory: Memory,
    *,
    path: str,
    told: Callable[[str], None],
    order: Ordering | None = None,
) -> Calibration:
    """Calibrate a scenario to a panel.

    Parameters
    ----------
    base : Scenario
    panel : Panel
    options : Options
    memory : Memory
    path : str
        Of the base scenario, for messages.
    told : callable
        Told each stage.
    order : Ordering, optional
        Of `checked`, if that was done before.

    Raises
    ------
    ScenarioError
        If the panel's rows are not in the order of time, or it and the scenario do not fit together.
    """
    seed = base.seed
    order = order or checked(base, panel, options, path)
    if options.order == "ignore":
        panel = panel.shuffled(seed)
    window = options.window or window_for(panel.lengths)
    fitted = fit_panel(
        panel,
        window=window,
        classes=options.segments,
        trigger=options.trigger,
        seed=seed,
        memory=memory,
        told=told,
    )
    price = price_effect(panel, fitted.classes)
    clear = price if price is not None and price.low > 0 else None
    result = composed(
        base,
        fitted.law,
        fitted.fit.free,
        fitted.observed[: len(panel.sellers)],
        clear,
        path=path,
        source=f"{panel.source} ({panel.buyers} buyers, {panel.purchases} purchases)",
        heading=_heading(panel, options),
    )
    told("test of the scenario")
    test = tested(
        result.scenario,
        panel,
        window=window,
        burn=fitted.setting.burn,
        panels=max(20, min(TEST_PANELS, 4_000_000 // panel.purchases)),
        memory=memory,
    )
    rivals: list[Rival] = []
    heldout = None
    if not options.quick:
        told("other laws")
        for words, _, fit in rival_fits(panel, fitted, seed=seed, memory=memory):
            rivals.append(Rival(words, *beyond(fitted.observed, fit.targets, fitted.setting), fit.targets))
        if panel.ordered and (panel.lengths >= 4).sum() >= FEWEST_BUYERS:
            heldout = _heldout(panel, options, seed, memory, told)
    return Calibration(
        panel,
        window,
        order,
        fitted,
        price,
        result,
        test,
        told_by_panel(panel, order, fitted, price),
        rivals,
        heldout,
        [*panel.notes, *result.notes],
    )


def checked(base: Scenario, panel: Panel, options: Options, path: str) -> Ordering:
    """What the order of rows shows, if the panel can be fitted.

    Raises
    ------
    ScenarioError
        If it cannot.
    """
    matched(base, panel.sellers, path)
    _require_enough(panel)
    return _ordered(panel, options, base.seed)


def _ordered(panel: Panel, options: Options, seed: int) -> Ordering:
    order = order_shown(panel, seed)
    if order.fault and options.order == "test":
        raise ScenarioError(
            [
                Mistake(
                    panel.source,
                    None,
                    None,
                    "",
                    f"{order.fault}. Repeat rates, the switching matrix and inertia cannot be read off such rows. Give "
                    "the rows in the order of time, or a column that tells it (--order COLUMN); --ignore-order fits "
                    "tastes and shares alone; --trust-order takes the rows as they stand",
                )
            ]
        )
    return order


def _require_enough(panel: Panel) -> None:
    several = int((panel.lengths >= 2).sum())
    if several < FEWEST_BUYERS:
        raise ScenarioError(
            [
                Mistake(
                    panel.source,
                    None,
                    None,
                    "",
                    f"{count(several, 'buyer')} bought more than once, and at least {FEWEST_BUYERS} must for tastes to "
                    "be told from chance",
                )
            ]
        )


def _heading(panel: Panel, options: Options) -> list[str]:
    lines = [
        f"Fitted by `pushpull calibrate` to {panel.source}: {panel.buyers} buyers, {panel.purchases} purchases.",
        "One tick is one purchase. Fitted: tastes (buyers.taste), "
        + ("inertia (behaviour.indifference)" if options.trigger else "inertia (1 - behaviour.research_rate)"),
        "and, where prices were known, price_sensitivity. How sure they are: estimates.csv beside this file.",
        "What a panel of purchases cannot tell is off: contacts, word of mouth, relationships, learning,",
        "adaptation. Turn it on to assume it; the fit holds for the market as it stands here.",
    ]
    if options.order == "ignore":
        lines.append("The order of purchases was not used: the inertia of 0 is an assumption, not a finding.")
    return lines


def _member(panel: Panel, first: NDArray[np.int64], law: Segments, free: Array) -> Array:
    return membership_after(panel, first, law.weights(free), law.shares(free), float(law.natural(free)[0]))


def _heldout(panel: Panel, options: Options, seed: int, memory: Memory, told: Callable[[str], None]) -> Heldout:
    """Fit the first part of each history, predict the rest."""
    sellers = len(panel.sellers)
    first = panel.first_part(options.part)
    seen = replace(panel, lengths=first, prices=None)
    fitted = fit_panel(
        seen,
        window=window_for(first),
        classes=options.segments,
        trigger=False,
        seed=seed,
        memory=memory,
        told=lambda stage: told(f"held-out: {stage}"),
    )
    law, free = fitted.law, fitted.fit.free
    goes_on = panel.lengths > first
    rest = (panel.lengths - first)[goes_on]
    window = window_for(rest)
    last = panel.choices[np.arange(panel.buyers), first - 1][goes_on]
    told("held-out: prediction")
    panels = max(60, min(400, 2_000_000 // int(rest.sum())))
    trials = [free, *fitted.draws[: DRAWS - 1]]  # what is not known of the fitted values is in the prediction
    simulated = np.concatenate(
        [
            predicted_rest(
                law,
                one,
                _member(panel, first, law, one)[goes_on],
                last,
                rest,
                window=window,
                burn=fitted.setting.burn,
                pool=max(1000, min(3000, 40_000_000 // ((fitted.setting.burn + int(rest.max())) * law.classes))),
                panels=-(-panels // DRAWS),
                seed=seed + number,
                memory=memory,
            )
            for number, one in enumerate(trials)
        ]
    )
    targets = panel_targets(simulated, sellers)
    sums = rest_sums(panel, first, window)
    observed, bases = panel_targets(sums, sellers), target_bases(sums, sellers)
    whole = panel_targets(simulated.mean(axis=0), sellers)
    safe = np.where(np.isfinite(targets), targets, whole)
    spread = np.maximum(safe.std(axis=0, ddof=1), 0.25 / np.maximum(bases, 1))
    used = (bases >= 10) & np.isfinite(observed) & np.isfinite(whole) & np.isfinite(spread)
    scores = score_laws(panel, first, law, free, fitted.inertia, seed)
    return Heldout(window, observed, safe.mean(axis=0), spread, bases, used, int(rest.sum()), scores)
