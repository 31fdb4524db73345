"""How sure the fitted values are: a bootstrap over buyers, carried through the fit.

The estimator is where the simulated targets come nearest to the observed ones while being drawn
to the maximum of the likelihood, as in indirect inference (Gouriéroux, Monfort & Renault 1993).
Both what it is fitted to and what it is drawn to move with the sample of buyers. Their joint
movement over bootstrap samples of buyers (Efron 1979), through the first-order conditions of the
fit, is the sandwich formula without its normal approximation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.classes import Classes, Histories, refit
from sim.calibrate.laws import Segments
from sim.calibrate.moments import Fit, Setting
from sim.measures import panel_targets

__all__ = ["Resampled", "draws_of", "resampled"]

Array = NDArray[np.float64]
SAMPLES = 200


class Resampled(NamedTuple):
    """Bootstrap samples of buyers.

    Attributes
    ----------
    targets : ndarray, shape (samples, targets)
        Of the panel.
    free : ndarray, shape (samples, free)
        Of the classes fitted to each sample by maximum likelihood.
    """

    targets: Array
    free: Array


def resampled(
    histories: Histories,
    sums: Array,
    classes: Classes,
    law: Segments,
    *,
    ordered: bool,
    seed: int,
    samples: int = SAMPLES,
) -> Resampled:
    """Draw buyers anew and measure and fit each sample.

    Parameters
    ----------
    histories : Histories
    sums : ndarray, shape (buyers, sums)
        Of each buyer.
    classes : Classes
        Fitted to all buyers.
    law : Segments
    ordered : bool
        Whether inertia is fitted.
    seed : int
    samples : int
    """
    random = np.random.default_rng([seed, 4])
    buyers = len(sums)
    counts = random.multinomial(buyers, np.full(buyers, 1 / buyers), size=samples).astype(np.float64)
    free = [law.free_of(refit(histories, classes, one, ordered=ordered)) for one in counts]
    return Resampled(panel_targets(counts @ sums, len(law.sellers)), np.array(free))


def draws_of(
    fit: Fit, setting: Setting, pull: Array, found: Resampled, observed: Array, anchor: Array, copies: float
) -> Array:
    """Where the fit would have ended on each bootstrap sample, to first order.

    Parameters
    ----------
    fit : Fit
    setting : Setting
    pull : ndarray, shape (free,)
    found : Resampled
    observed : ndarray, shape (targets,)
    anchor : ndarray, shape (free,)
    copies : float
        How many times as large as the panel the simulation is.

    Returns
    -------
    ndarray, shape (samples, free)
    """
    used = setting.used
    slopes = np.nan_to_num(fit.jacobian / setting.spread[:, None])[used]
    bend = slopes.T @ slopes + np.diag(pull) + 1e-9 * np.eye(len(pull))
    moved = np.nan_to_num((found.targets - observed) / setting.spread)[:, used]
    drawn = moved @ slopes + (found.free - anchor) * pull
    noise = np.sqrt(1.0 + 1.0 / copies)  # what is simulated has a sampling error of its own
    return np.asarray(fit.free + noise * np.linalg.solve(bend, drawn.T).T)
