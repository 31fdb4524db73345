"""What happens to a market and when: entrants, exits, changes of course, shocks, new terms, as data.

Here an event is only looked up by its tick; what it does to the market is the market's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from sim.scenario.sellers import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.scenario.scenario import Scenario

__all__ = ["Agenda"]


@dataclass(frozen=True, slots=True)
class Agenda:
    """The events of a scenario by tick.

    Attributes
    ----------
    events : mapping from int to tuple of Event
        By tick [ticks], those of one tick in the order of the file. An entrant is settled:
        its cash, launch, budget share and self-service stock are numbers.
    """

    events: Mapping[int, tuple[Event, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, scenario: Scenario, economy: str | None = None) -> Agenda:
        """The agenda of a scenario; only what happens in one economy, if one is named."""
        events: dict[int, tuple[Event, ...]] = {}
        for event in scenario.settled().events:
            if economy is None or event.happens_in(economy):
                events[event.at] = (*events.get(event.at, ()), event)
        return cls(MappingProxyType(events))

    def at(self, tick: int) -> tuple[Event, ...]:
        """What happens at the start of a tick, in the order of the file.

        Parameters
        ----------
        tick : int
            [ticks]

        Returns
        -------
        tuple of Event
            Each has `verb` (enter, exit, change, adjust, shock or set), `seller` (its name, or None for
            the market), and under its verb what goes with it: a `Seller`, the seller's name, a
            `Change`, an `Adjustment`, a `Shock`, `NewTerms`.
        """
        return self.events.get(tick, ())
