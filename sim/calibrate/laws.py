"""Laws of taste and inertia: from a vector of free numbers to a market.

Three laws of taste. `segments`: a few classes, each with its own probabilities. `dirichlet`: log
gamma tastes, which make choices Dirichlet-multinomial (Goodhardt, Ehrenberg & Chatfield 1984).
`normal`: a mean for each seller and independent normal tastes, a mixed logit. Two laws of
inertia. `reconsideration`: a buyer looks around with one probability, whatever happened.
`trigger`: it looks around when its experience falls short of its aspiration, more likely the
further.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.classes import Classes
from sim.calibrate.simulating import SURELY_PUT_UP_WITH

__all__ = ["Dirichlet", "Law", "Normal", "Segments", "expanded", "logit"]

Array = NDArray[np.float64]
FARTHEST = 12.0  # of a log-odds: 6 in a million
# what the trigger works on, at the model's defaults: the panel tells one number of it only
TRIGGER: dict[str, Any] = {
    "experience_noise": 0.7,
    "research_temperature": 0.4,
    "aspiration_rate": 0.1,
    "aspiration_reach": 0.0,
    "relationship_shield": 0.0,
}
PLAIN: dict[str, Any] = {"switching_cost": 0.0, "quality_weight": 0.0, "service_weight": 0.0}


class Law(Protocol):
    """What a fit by simulated moments needs of a law.

    Attributes
    ----------
    name : str
    sellers : tuple of str
    strata : int
        Classes that are simulated side by side and weighted afterwards.
    """

    @property
    def name(self) -> str:
        """Of the law."""
        ...

    @property
    def sellers(self) -> tuple[str, ...]:
        """In the order of the panel."""
        ...

    @property
    def strata(self) -> int:
        """Classes that are simulated side by side and weighted afterwards; 1 if there are none."""
        ...

    def words(self, free: Array, *, even: bool = False) -> dict[str, Any]:
        """Taste, behaviour and mechanisms; `even` gives all strata the same weight."""
        ...

    def weights(self, free: Array) -> Array:
        """Weight of each stratum, shape (strata,)."""
        ...

    def batches(self) -> list[list[tuple[int, int]]]:
        """Free numbers that are moved together to see what each does: (place, its stratum or -1 for all).

        Numbers that move weights alone are in none.
        """
        ...

    def natural(self, free: Array) -> Array:
        """Free numbers as parameters that people read."""
        ...

    def labels(self) -> list[str]:
        """Names of `natural`."""
        ...


@dataclass(frozen=True)
class _Inertia:
    """The first free number: log-odds of staying, or the disappointment that is put up with."""

    trigger: bool = False

    def behaviour(self, free: Array) -> dict[str, Any]:
        if self.trigger:
            return PLAIN | TRIGGER | {"research_rate": 0.0, "indifference": float(free[0])}
        return PLAIN | {"research_rate": 1.0 - float(expanded(free[:1])[0]), "indifference": SURELY_PUT_UP_WITH}

    def mechanisms(self) -> dict[str, Any]:
        return {"aspiration": True} if self.trigger else {}

    def natural(self, free: Array) -> float:
        return float(free[0]) if self.trigger else float(expanded(free[:1])[0])

    def label(self) -> str:
        return "indifference" if self.trigger else "inertia"


@dataclass(frozen=True)
class Segments:
    """Lumpy tastes: classes of buyers.

    Free numbers: inertia; log-odds of each class but the last against the last; by class, log-odds
    of each seller but the last against the last.
    """

    sellers: tuple[str, ...]
    classes: int
    trigger: bool = False
    name: ClassVar[str] = "segments"

    @property
    def strata(self) -> int:
        """The classes."""
        return self.classes

    @property
    def inertia(self) -> _Inertia:
        """How the first free number is read."""
        return _Inertia(self.trigger)

    def free_of(self, found: Classes, first: float | None = None) -> Array:
        """Free numbers of classes that were fitted by maximum likelihood."""
        shares, weights = found.shares, np.maximum(found.weights, 1e-6)
        start = logit(found.inertia) if first is None else first
        odds = np.log(shares[:, :-1] / shares[:, -1:]).ravel()
        return np.clip(np.concatenate([[start], np.log(weights[:-1] / weights[-1]), odds]), -FARTHEST, FARTHEST)

    def shares(self, free: Array) -> Array:
        """Probability of each seller in each class, shape (classes, sellers)."""
        odds = np.clip(free[self.classes :], -FARTHEST, FARTHEST).reshape(self.classes, -1)
        return _softmax(np.concatenate([odds, np.zeros((self.classes, 1))], axis=1))

    def weights(self, free: Array) -> Array:
        """Weight of each class."""
        return _softmax(np.append(np.clip(free[1 : self.classes], -FARTHEST, FARTHEST), 0.0))

    def utilities(self, free: Array) -> Array:
        """Taste for each seller in each class [utils]."""
        return np.log(self.shares(free))

    def words(self, free: Array, *, even: bool = False) -> dict[str, Any]:
        """As in `Law`."""
        weights = np.full(self.classes, 1 / self.classes) if even else self.weights(free)
        classes = [
            {"weight": float(weight), "utility": dict(zip(self.sellers, map(float, row), strict=True))}
            for weight, row in zip(weights, self.utilities(free), strict=True)
        ]
        return {
            "taste": {"kind": "segments", "classes": classes},
            "behaviour": self.inertia.behaviour(free),
            "mechanisms": self.inertia.mechanisms(),
        }

    def batches(self) -> list[list[tuple[int, int]]]:
        """Inertia alone; then one seller's log-odds in all classes at once."""
        odds = len(self.sellers) - 1
        columns = [[(self.classes + row * odds + one, row) for row in range(self.classes)] for one in range(odds)]
        return [[(0, -1)], *columns]

    def natural(self, free: Array) -> Array:
        """Inertia, weights, then probabilities class by class."""
        return np.concatenate([[self.inertia.natural(free)], self.weights(free), self.shares(free).ravel()])

    def labels(self) -> list[str]:
        """Names of `natural`."""
        return [
            self.inertia.label(),
            *(f"segment {row + 1} size" for row in range(self.classes)),
            *(f"segment {row + 1}: {name}" for row in range(self.classes) for name in self.sellers),
        ]


@dataclass(frozen=True)
class _Smooth:
    """A law without strata."""

    sellers: tuple[str, ...]
    trigger: bool = False
    strata: int = field(default=1, init=False)

    @property
    def inertia(self) -> _Inertia:
        """How the first free number is read."""
        return _Inertia(self.trigger)

    def weights(self, free: Array) -> Array:
        """The one stratum."""
        return np.ones(1)

    def batches(self) -> list[list[tuple[int, int]]]:
        """One by one."""
        return [[(place, -1)] for place in range(len(self.sellers) + 1)]

    def _market(self, free: Array, taste: dict[str, Any]) -> dict[str, Any]:
        return {
            "taste": taste,
            "behaviour": self.inertia.behaviour(free),
            "mechanisms": self.inertia.mechanisms(),
        }


@dataclass(frozen=True)
class Dirichlet(_Smooth):
    """Log-gamma tastes. Free numbers: inertia; the logarithm of each seller's shape."""

    name: ClassVar[str] = "dirichlet"

    def words(self, free: Array, *, even: bool = False) -> dict[str, Any]:
        """As in `Law`."""
        shapes = np.exp(np.clip(free[1:], -FARTHEST, 6.0))
        shape = dict(zip(self.sellers, map(float, shapes), strict=True))
        return self._market(free, {"kind": "loggamma", "shape": shape})

    def start(self, share: Array, inertia: float) -> Array:
        """A start: shapes that add up to 1, as the shares."""
        return np.concatenate([[logit(inertia)], np.log(np.maximum(share, 1e-3))])

    def natural(self, free: Array) -> Array:
        """Inertia and shapes."""
        return np.append(self.inertia.natural(free), np.exp(np.clip(free[1:], -FARTHEST, 6.0)))

    def labels(self) -> list[str]:
        """Names of `natural`."""
        return [self.inertia.label(), *(f"shape {name}" for name in self.sellers)]


@dataclass(frozen=True)
class Normal(_Smooth):
    """Independent normal tastes. Free numbers: inertia; means against the last; the log of their sd."""

    name: ClassVar[str] = "normal"

    def words(self, free: Array, *, even: bool = False) -> dict[str, Any]:
        """As in `Law`."""
        means = np.append(np.clip(free[1:-1], -FARTHEST, FARTHEST), 0.0)
        utility = dict(zip(self.sellers, map(float, means), strict=True))
        classes = [{"weight": 1.0, "utility": utility}]
        return self._market(free, {"kind": "segments", "classes": classes, "sd": float(np.exp(min(free[-1], 3.0)))})

    def start(self, share: Array, inertia: float) -> Array:
        """A start: means from the shares, tastes as wide as twice the shock."""
        logs = np.log(np.maximum(share, 1e-3))
        return np.concatenate([[logit(inertia)], 2.0 * (logs[:-1] - logs[-1]), [np.log(2.0)]])

    def natural(self, free: Array) -> Array:
        """Inertia, means and sd."""
        return np.concatenate([[self.inertia.natural(free)], free[1:-1], np.exp(free[-1:])])

    def labels(self) -> list[str]:
        """Names of `natural`."""
        return [self.inertia.label(), *(f"mean {name}" for name in self.sellers[:-1]), "sd"]


def logit(probability: float) -> float:
    """Log-odds of a probability, which is kept away from 0 and 1."""
    kept = min(max(probability, 1e-4), 1 - 1e-4)
    return float(np.log(kept / (1 - kept)))


def expanded(free: Array) -> Array:
    """Probabilities of log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(free, -FARTHEST, FARTHEST))))


def _softmax(logs: Array) -> Array:
    grown = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=-1, keepdims=True))
