"""Levers: what can be moved while the market runs, as data for a page and as events of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Lever", "event_of", "levers_of"]

Kind = Literal["number", "choice"]


@dataclass(frozen=True)
class Lever:
    """One lever of one side, as it stands now.

    Attributes
    ----------
    key : str
        Path of the value, as `--set` would address it: ``pull_share``, ``behaviour.search_cost.pull``,
        ``word_of_mouth.rate``, ``sellers.Heritage.price``, ``sellers.Heritage.effort.messages``,
        ``sellers.Heritage.stubbornness``, ``sellers.Heritage.strategy``.
    group : str
        ``market``, ``buyers``, or the name of a seller.
    label : str
        A few words for a page.
    kind : {"number", "choice"}
    value : float or str
        What holds for the next month.
    low, high, step : float
        Range of a slider; `Stage.set` takes any value that a scenario would.
    unit : str
        Empty for a pure number.
    help : str
        One line.
    choices : tuple of str
        Of a choice.
    """

    key: str
    group: str
    label: str
    kind: Kind
    value: float | str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    unit: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()


def levers_of(market: Any) -> list[Lever]:
    """The levers of a side and where they stand, market first, then seller by seller (those in the market)."""
    return []


def event_of(key: str, value: Any, sellers: tuple[str, ...]) -> Mapping[str, Any]:
    """The event, without its month, that sets a lever.

    Raises
    ------
    Refused
        If there is no such lever.
    """
    raise NotImplementedError
