"""The figures of a study as one array, and what of them can be compared point by point."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.results import measure_of

if TYPE_CHECKING:
    from sim.studies.study import Study

__all__ = ["complete", "replicated"]


def replicated(study: Study) -> NDArray[np.float64]:
    """All figures of a study, from its table of measures.

    Parameters
    ----------
    study : Study

    Returns
    -------
    ndarray, shape (points, economies, replications, figures)
        NaN where there is none; a duration that had not ended at the horizon is inf.
    """
    prepared = study.prepared
    shape = (prepared.points, len(prepared.economies), prepared.replications, len(prepared.figures))
    values = np.full(shape, math.nan)
    frame = study.measures
    economies = {name: place for place, name in enumerate(prepared.economies)}
    figures = {figure: place for place, figure in enumerate(prepared.figures)}
    pairs = zip(frame["seller"].astype(str), frame["measure"].astype(str), strict=True)
    values[
        frame["point"].to_numpy(),
        frame["economy"].astype(str).map(economies).to_numpy(),
        frame["replication"].to_numpy(),
        np.array([figures[pair] for pair in pairs], dtype=np.intp),
    ] = frame["value"].to_numpy()
    return values


def complete(outcomes: NDArray[np.float64], measure: str, ticks: int) -> NDArray[np.float64]:
    """The replications in which a figure is defined at every point.

    Points share their draws, so that a replication counts with all its points or not at all. A
    duration that had not ended at the horizon counts up to it.

    Parameters
    ----------
    outcomes : ndarray, shape (points, replications)
    measure : str
    ticks : int
        The horizon [ticks].

    Returns
    -------
    ndarray, shape (points, replications that are complete)
    """
    if measure_of(measure).kind == "duration":
        outcomes = np.where(np.isinf(outcomes), float(ticks), outcomes)
    return outcomes[:, np.isfinite(outcomes).all(axis=0)]
