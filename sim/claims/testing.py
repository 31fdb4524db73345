"""The tests that every claim is put to, on figures paired by replication."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.claims.registry import Part
from sim.measures import Estimate, mean_interval, median_interval, proportion_interval

__all__ = ["Result", "Verdict", "examine", "holm", "judge", "trend"]

Verdict = Literal["supported", "refuted", "conditional", "undecided"]
Floats = NDArray[np.float64]
HALF = 0.5  # a probability is weighed against the toss of a coin unless a part says otherwise


class Result(NamedTuple):
    """What one test says.

    Attributes
    ----------
    estimate : Estimate
        Effect with its 95 % interval.
    p : float
        Two-sided probability, under a true effect at the threshold, of one at least so far from it;
        NaN if there are too few replications.
    verdict : str
        supported, refuted or undecided.
    values : ndarray, shape (replications,)
        What the estimate is of; NaN where not defined.
    steps : ndarray, shape (levels, replications)
        Of a trend, the figures at each level; else empty.
    """

    estimate: Estimate
    p: float
    verdict: Verdict
    values: Floats
    steps: Floats


def examine(part: Part, of: ArrayLike, less: ArrayLike, horizon: int, levels: Sequence[float] = ()) -> Result:
    """Put a part of a claim to its test.

    Parameters
    ----------
    part : Part
    of, less : array_like, shape (terms, replications); of a trend (levels, terms, replications)
        Figures, factors applied; NaN where not defined, inf for a duration that had not ended.
    horizon : int
        A duration that had not ended counts up to it wherever it is compared [ticks].
    levels : sequence of float
        Of a trend: where the axis stands.

    Returns
    -------
    Result
    """
    first, second = np.asarray(of, dtype=np.float64), np.asarray(less, dtype=np.float64)
    if part.test == "duration":
        return _of_durations(part, first[0])
    first, second = (np.where(np.isinf(part_), float(horizon), part_) for part_ in (first, second))
    if part.test == "trend":
        paths = first.sum(axis=1) - (second.sum(axis=1) if second.size else 0.0)
        change, against = trend(paths, levels, rising=part.above is not None)
        return _of_means(part, change, steps=paths, spoiled=against)
    if part.test == "probability":
        hits = (first[0] > second).all(axis=0) if second.size else first[0] > 0
        missing = np.isnan(first[0]) | (np.isnan(second).any(axis=0) if second.size else False)
        return _of_hits(part, np.where(missing, math.nan, hits.astype(float)))
    if part.test == "ratio":
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(first[0]) - np.log(second[0])
        return _of_ratios(part, np.where(np.isfinite(logs), logs, math.nan))
    return _of_means(part, first.sum(axis=0) - (second.sum(axis=0) if second.size else 0.0))


def trend(paths: Floats, levels: Sequence[float], *, rising: bool) -> tuple[Floats, bool]:
    """Change along an axis, replication by replication, and whether it turns back on the way.

    Parameters
    ----------
    paths : ndarray, shape (levels, replications)
    levels : sequence of float
        In order; the axis between them counts as it is spaced.
    rising : bool
        Whether a rise is claimed.

    Returns
    -------
    change : ndarray, shape (replications,)
        Least-squares slope times the length of the axis.
    back : bool
        Whether any step goes the other way by more than chance (95 %).
    """
    place = np.asarray(levels, dtype=np.float64)
    centred = place - place.mean()
    change = (centred @ (paths - paths.mean(axis=0))) / (centred @ centred) * (place[-1] - place[0])
    signed = np.diff(paths, axis=0) * (1.0 if rising else -1.0)
    back = any(mean_interval(step).high < 0 for step in signed if np.isfinite(step).sum() > 1)
    return np.asarray(change), back


def judge(part: Part, estimate: Estimate, *, neutral: float = 0.0) -> Verdict:
    """Verdict of an interval: wholly on the claimed side of the threshold, wholly off it, or across.

    An effect without any spread that sits on the threshold is not the one claimed.

    Parameters
    ----------
    part : Part
    estimate : Estimate
    neutral : float
        What counts as no effect, for `within`.
    """
    low, high = estimate.low, estimate.high
    if math.isnan(low) or math.isnan(high):
        return "undecided"
    if part.within is not None:
        nearest, farthest = neutral - part.within, neutral + part.within
        if nearest < low and high < farthest:
            return "supported"
        return "refuted" if low >= farthest or high <= nearest else "undecided"
    if part.above is not None:
        return "supported" if low > part.above else "refuted" if _off(high, part.above, low == high) else "undecided"
    assert part.below is not None
    return "supported" if high < part.below else "refuted" if _off(part.below, low, low == high) else "undecided"


def _off(one: float, other: float, exact: bool) -> bool:
    return one <= other if exact else one < other


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment (Holm 1979): the probability that any of the rejections so far is false.

    Parameters
    ----------
    ps : sequence of float
        One a test; NaN counts as 1.

    Returns
    -------
    list of float
        In the same order, at least as large, at most 1.
    """
    raw = np.array([1.0 if math.isnan(p) else p for p in ps])
    order = np.argsort(raw, kind="stable")
    grown = np.maximum.accumulate(raw[order] * np.arange(raw.size, 0, -1))
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(grown, 1.0)
    return [float(p) for p in adjusted]


def _of_means(part: Part, values: Floats, steps: Floats | None = None, spoiled: bool = False) -> Result:
    estimate = mean_interval(values)
    verdict = judge(part, estimate)
    if spoiled and verdict == "supported":
        verdict = "refuted"  # it goes the claimed way on the whole, but not all the way
    return Result(
        estimate, _p(part, _by_t(values), estimate.mean), verdict, values, _none() if steps is None else steps
    )


def _of_ratios(part: Part, logs: Floats) -> Result:
    known = mean_interval(logs)
    estimate = known._replace(mean=math.exp(known.mean), low=math.exp(known.low), high=math.exp(known.high))
    by_t = _by_t(logs)
    return Result(
        estimate,
        _p(part, lambda at: by_t(math.log(at)) if at > 0 else math.nan, estimate.mean, neutral=1.0),
        judge(part, estimate, neutral=1.0),
        np.exp(logs),
        _none(),
    )


def _of_hits(part: Part, hits: Floats) -> Result:
    estimate = proportion_interval(hits)
    return Result(estimate, _p(part, _by_score(estimate), estimate.mean), judge(part, estimate), hits, _none())


def _of_durations(part: Part, durations: Floats) -> Result:
    estimate = median_interval(durations)
    return Result(estimate, _p(part, _by_sign(durations), estimate.mean), judge(part, estimate), durations, _none())


def _p(part: Part, at: Callable[[float], float], effect: float, neutral: float = 0.0) -> float:
    if math.isnan(effect):
        return math.nan
    if part.within is None:
        return at(part.above if part.above is not None else part.below or 0.0)
    ends = at(neutral - part.within), at(neutral + part.within)
    if abs(effect - neutral) < part.within:
        return max(ends)
    return ends[1] if effect > neutral else ends[0]


def _by_t(values: Floats) -> Callable[[float], float]:
    """Student's t; without any spread, the sign test."""
    from scipy.special import stdtr

    figures = values[~np.isnan(values)]
    count = figures.size

    def at(threshold: float) -> float:
        if count < 2:
            return math.nan
        error = figures.std(ddof=1) / math.sqrt(count)
        if error == 0:
            return 2.0 ** (1 - count)
        return float(2 * stdtr(count - 1, -abs(figures.mean() - threshold) / error))

    return at


def _by_score(estimate: Estimate) -> Callable[[float], float]:
    """The score test of which Wilson's interval is the inverse."""
    from scipy.special import ndtr

    def at(threshold: float) -> float:
        if not estimate.replications or not 0 < threshold < 1:
            return math.nan
        error = math.sqrt(threshold * (1 - threshold) / estimate.replications)
        return float(2 * ndtr(-abs(estimate.mean - threshold) / error))

    return at


def _by_sign(durations: Floats) -> Callable[[float], float]:
    """The sign test of which the order-statistic interval is the inverse."""
    from scipy.special import bdtr

    known = durations[~np.isnan(durations)]

    def at(threshold: float) -> float:
        less, more = int((known < threshold).sum()), int((known > threshold).sum())
        if not less + more:
            return math.nan
        return float(min(1.0, 2 * bdtr(min(less, more), less + more, 0.5)))

    return at


def _none() -> Floats:
    return np.empty(0)
