"""What teams are, decide and reach in a game."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.strategies import Effort, catalogue

__all__ = ["Decision", "Score", "Team", "template"]


@dataclass
class Team:
    """Who plays a seller.

    Attributes
    ----------
    name : str
    seller : str
    browsers : set of str
        Any of them decides for the team; the last word counts.
    """

    name: str
    seller: str
    browsers: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Decision:
    """The course of a seller for the coming round."""

    strategy: str
    price: float
    effort: Effort


@dataclass(frozen=True)
class Score:
    """Where a seller stands.

    Attributes
    ----------
    seller, team : str
        The team is empty where nobody plays the seller.
    share : float
        Market share now, mean over the sides [-].
    profit : float
        Since the game began, mean over the sides [money, a market buyer].
    sides : mapping of str to (float, float)
        Share and profit on each side.
    """

    seller: str
    team: str
    share: float
    profit: float
    sides: Mapping[str, tuple[float, float]]


def template(strategy: str, now: Decision) -> tuple[float, Effort]:
    """Price and effort with which a strategy begins; those of now where it fixes none."""
    fields = catalogue()[strategy].model_fields
    price, effort = fields["price"].default, fields["effort"].default
    return (
        float(price) if isinstance(price, (int, float)) else now.price,
        effort if isinstance(effort, Effort) else now.effort,
    )
