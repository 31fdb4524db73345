"""A change of course under pressure: when the share has fallen, move the effort (model A11).

Source: satisficing search in Cyert & March (1963) and imitation in Nelson & Winter (1982),
both from memory, not re-read; step, tolerance and period are modelling choices.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sim.strategies.strategy import Effort, Fraction, Plan, Strict, View

__all__ = ["COLLABORATION", "Adaptation", "adapted", "noticed_shares", "smoothed"]

COLLABORATION = Effort(
    visits_to_customers=0.20,
    visits_to_prospects=0.05,
    messages=0.05,
    human_service=0.30,
    self_service=0.35,
    training=0.05,
)


class Adaptation(Strict):
    """When and how a seller changes course (model A11; Nelson & Winter 1982 for imitation)."""

    every: Annotated[int, Field(ge=1)] = Field(6, description="ticks between reviews of the course [ticks]")
    step: Fraction = Field(0.3, description="fraction of the way moved at a review, before stubbornness [-]")
    tolerance: Fraction = Field(0.1, description="loss of share against the past that is still tolerated [-]")
    lookback: Annotated[int, Field(ge=1)] = Field(24, description="how far back the share is compared [ticks]")
    smoothing: Annotated[float, Field(gt=0, le=1)] = Field(
        0.2, description="weight of the newest share in the smoothed share [-]"
    )
    toward: Literal["collaborative", "fastest-gainer", "nothing"] = Field(
        "collaborative",
        description="whose effort is approached: the collaborative template, the seller that gained most, or nobody",
    )
    monitor: Literal["market", "known-rivals"] = Field(
        "market", description="whose shares are watched: all sellers, or only those present at the opening"
    )
    perception_lag: Annotated[int, Field(ge=0)] = Field(
        0, description="age of the newest share that is noticed [ticks]"
    )


def noticed_shares(view: View, adaptation: Adaptation) -> np.ndarray:
    """Own share over time as the seller notices it [-].

    Parameters
    ----------
    view : View
    adaptation : Adaptation
        `perception_lag` hides the newest ticks; `monitor` says among whom the share is counted.

    Returns
    -------
    ndarray, shape (ticks noticed + 1,)
        Row 0 is the opening.
    """
    shares = view.shares[: max(1, len(view.shares) - adaptation.perception_lag)]
    own = shares[:, view.own]
    if adaptation.monitor == "market":
        return own
    watched = shares[:, view.known_rivals].sum(axis=1)
    return np.divide(own, watched, out=np.zeros_like(own), where=watched > 0)


def smoothed(share: np.ndarray, weight: float) -> float:
    """Exponentially smoothed last value of `share` [-]; the newest counts with `weight`."""
    level = float(share[0])
    for value in share[1:]:
        level = (1 - weight) * level + weight * float(value)
    return level


def adapted(plan: Plan, view: View, adaptation: Adaptation, stubbornness: float) -> Plan:
    """Return `plan`, or `plan` moved towards a better model when the share has fallen.

    Parameters
    ----------
    plan : Plan
        The course so far.
    view : View
    adaptation : Adaptation
    stubbornness : float
        0 takes the full step, 1 never moves [-].

    Returns
    -------
    Plan
        The same object if nothing changes.
    """
    step = adaptation.step * (1 - stubbornness)
    if step == 0 or adaptation.toward == "nothing" or view.tick == 0 or view.tick % adaptation.every:
        return plan
    share = noticed_shares(view, adaptation)
    if len(share) < 2:
        return plan
    # rows of `share` are one later than ticks; before `lookback` the first tick is the reference
    reference = share[max(1, len(share) - 1 - adaptation.lookback)]
    if smoothed(share, adaptation.smoothing) >= reference * (1 - adaptation.tolerance):
        return plan
    model = COLLABORATION if adaptation.toward == "collaborative" else _fastest_gainer(view, adaptation)
    if model is None:
        return plan
    return Plan(plan.effort.toward(model, step), plan.price, plan.overclaim * (1 - step))


def _fastest_gainer(view: View, adaptation: Adaptation) -> Effort | None:
    """Effort of the seller that gained most over half the lookback; None if that is oneself."""
    shares = view.shares[: max(1, len(view.shares) - adaptation.perception_lag)]
    past = shares[max(0, len(shares) - 1 - max(1, adaptation.lookback // 2))]
    watched = view.alive if adaptation.monitor == "market" else view.alive & view.known_rivals
    gain = np.where(watched, shares[-1] - past, -np.inf)
    best = int(np.argmax(gain))
    if best == view.own or not gain[best] > 0:
        return None
    return Effort(**dict(zip(Effort.model_fields, map(float, view.efforts[best]), strict=True)))
