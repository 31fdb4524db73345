"""Beliefs: Bayesian learning about a quality that drifts (model A4).

Source: Erdem & Keane 1996 for the normal learning model; Roberts & Urban 1988 for risk in
utility. With drift this is the Kalman filter of a random walk.
"""

from __future__ import annotations

from sim.compiled import compiled

__all__ = ["bias", "drifted", "posterior_mean", "posterior_variance"]


@compiled
def posterior_variance(variance: float, precision: float) -> float:
    """Variance of a normal belief after signals of total `precision` [utils²].

    ``1 / (1 / v + Π)``, written so that v = 0 (certainty) stays 0.
    """
    return variance / (1.0 + variance * precision)


@compiled
def posterior_mean(mean: float, variance: float, precision: float, signal: float) -> float:
    """Mean of a normal belief after signals [utils].

    Parameters
    ----------
    mean, variance : float
        Belief before [utils], [utils²].
    precision : float
        Sum of the signals' precisions Π [1/utils²].
    signal : float
        Sum of signal times precision Y [1/utils].
    """
    return (mean + variance * signal) / (1.0 + variance * precision)


@compiled
def drifted(variance: float, drift: float, prior_variance: float) -> float:
    """Variance one tick later: knowledge ages, at most back to the prior [utils²]."""
    return min(variance + drift, prior_variance)


@compiled
def bias(overclaim: float, sales_skill: float, naivety: float) -> float:
    """How far a seller's word exceeds the truth in the ear of the buyer [utils].

    ``b (1/2 + K) χ``: χ = 0 is a buyer who discounts the whole overclaim.
    """
    return overclaim * (0.5 + sales_skill) * naivety
