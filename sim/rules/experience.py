"""Experience: what a seller really gives a buyer (model A3)."""

from __future__ import annotations

from sim.compiled import compiled

__all__ = ["mean_experience"]


@compiled
def mean_experience(
    quality_weight: float,
    quality: float,
    service_weight: float,
    self_service_weight: float,
    human_service: float,
    self_service: float,
) -> float:
    """Mean experience less the buyer's taste [utils].

    ``b_Q Q + b_S [(1 - w) H + w T]``: with the self-service weight, human service gives way to
    self-service.

    Parameters
    ----------
    quality_weight, service_weight : float
        Weights [utils], at least 0.
    quality : float
        Quality of the product [-].
    self_service_weight : float
        w, in [0, 1] [-].
    human_service, self_service : float
        H and T, in [0, 1] [-].
    """
    service = (1.0 - self_service_weight) * human_service + self_service_weight * self_service
    return quality_weight * quality + service_weight * service
