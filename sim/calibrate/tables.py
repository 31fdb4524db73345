"""A calibration in figures: the tables that it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.calibration import Calibration, Heldout
from sim.measures import target_bases, target_names

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GROUPS", "estimates_table", "fit_table", "groups_of", "heldout_table", "rivals_table", "scores_table"]

Array = NDArray[np.float64]
GROUPS = ("shares", "repeat rates", "2-step repeat", "penetration", "frequency", "buyers of it alone", "duplication",
          "switching matrix")  # fmt: skip


def groups_of(sellers: int) -> tuple[list[str], NDArray[np.int64]]:
    """Kind of each target, in the order of `sim.measures.target_names`, and the seller it is about (-1: none).

    An entry of the switching matrix is about the seller that is left.
    """
    each = np.arange(sellers)
    none = np.array([-1])
    counts = (sellers, 1 + sellers, 1, sellers, sellers, sellers, 1, sellers**2)
    kinds = [kind for kind, number in zip(GROUPS, counts, strict=True) for _ in range(number)]
    about = [each, none, each, none, each, each, each, none, np.repeat(each, sellers)]
    return kinds, np.concatenate(about)


def fit_table(found: Calibration) -> pd.DataFrame:
    """One row a target: observed, simulated by the scenario as it was written, and how far apart."""
    import pandas as pd

    fitted, setting = found.fitted, found.fitted.setting
    sellers = found.panel.sellers
    z = (fitted.observed - found.test.mean) / setting.spread
    return pd.DataFrame(
        {
            "target": target_names(sellers, found.window),
            "kind": groups_of(len(sellers))[0],
            "observed": fitted.observed,
            "simulated": found.test.mean,
            "standard_error": setting.spread,
            "z": np.where(setting.used, z, np.nan),
            "sampling_error": _spread(fitted.sampled),
            "simulation_error": found.test.error,
            "basis": target_bases(setting.size, len(sellers)).astype(int),
            "used": setting.used,
        }
    )


def _spread(samples: Array) -> Array:
    return np.array(
        [np.nanstd(one, ddof=1) if np.isfinite(one).sum() > 1 else np.nan for one in samples.T], dtype=np.float64
    )


def estimates_table(found: Calibration) -> pd.DataFrame:
    """One row a fitted value, with its standard error, 95 % interval, and the value of greatest likelihood."""
    import pandas as pd

    law, fitted = found.fitted.law, found.fitted
    value = law.natural(fitted.fit.free)
    drawn = np.array([law.natural(one) for one in fitted.draws])
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    likely = law.natural(law.free_of(fitted.classes))
    error = drawn.std(axis=0, ddof=1)
    if law.trigger:
        likely[0] = np.nan
    if not found.panel.ordered:
        value[0] = 0.0
        for one in (error, low, high, likely):
            one[0] = np.nan
    rows = pd.DataFrame(
        {
            "parameter": law.labels(),
            "value": value,
            "standard_error": error,
            "low": low,
            "high": high,
            "maximum_likelihood": likely,
        }
    )
    if found.price is None:
        return rows
    price = found.price
    rows.loc[len(rows)] = [
        "price sensitivity",
        price.sensitivity,
        (price.high - price.low) / (2 * 1.96),
        price.low,
        price.high,
        price.sensitivity,
    ]
    return rows


def rivals_table(found: Calibration) -> pd.DataFrame:
    """One row a law: how many targets it leaves beyond two standard deviations."""
    import pandas as pd

    trigger = found.fitted.law.trigger
    own = "segments, behavioural trigger (the scenario)" if trigger else "segments, inertia (the scenario)"
    rows = [(own, *found.beyond), *((one.words, one.beyond, one.of) for one in found.rivals)]
    frame = pd.DataFrame(rows, columns=["law", "beyond", "targets"])
    frame["share"] = frame["beyond"] / frame["targets"].clip(lower=1)
    return frame


def heldout_table(held: Heldout, sellers: tuple[str, ...]) -> pd.DataFrame:
    """One row a target of the second parts: observed, predicted, and how far apart."""
    import pandas as pd

    z = (held.observed - held.mean) / held.spread
    return pd.DataFrame(
        {
            "target": target_names(sellers, held.window),
            "kind": groups_of(len(sellers))[0],
            "observed": held.observed,
            "predicted": held.mean,
            "standard_error": held.spread,
            "z": np.where(held.used, z, np.nan),
            "basis": held.bases.astype(int),
            "used": held.used,
        }
    )


def scores_table(held: Heldout) -> pd.DataFrame:
    """One row a law: bits a purchase of the second parts, and how much more than the fit."""
    import pandas as pd

    rows: list[Mapping[str, float | str]] = [
        {
            "law": one.law,
            "bits_per_purchase": one.bits,
            "more_than_the_fit": one.difference,
            "standard_error": one.error,
        }
        for one in held.scores
    ]
    return pd.DataFrame(rows)
