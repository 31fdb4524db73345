"""What a scenario leaves open and its other parts decide: shares, cash, launches, budgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.scenario.market import Selling
from sim.scenario.sellers import Event, Seller

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

__all__ = ["opening_shares", "settled"]


def opening_shares(sellers: Sequence[Seller]) -> list[float]:
    """Market share of each seller at the opening [-].

    Those who give none share equally what the others leave.
    """
    given = [seller.opening_share for seller in sellers if seller.opening_share is not None]
    open_ones = len(sellers) - len(given)
    equal = (1 - sum(given)) / open_ones if open_ones else 0.0
    return [equal if seller.opening_share is None else seller.opening_share for seller in sellers]


def settled(scenario: Scenario) -> Scenario:
    """The same scenario with nothing left open.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    Scenario
        Every seller, entrants included, has its opening share [-], cash [money a market buyer],
        launch [ticks] and budget share [-]. Only the self-service stock of a seller at the
        opening may still be None: the market finds the fixed point.
    """
    selling = scenario.selling
    sellers = [
        _completed(seller, selling, share=share, cash=selling.opening_cash * share, launch=0)
        for seller, share in zip(scenario.sellers, opening_shares(scenario.sellers), strict=True)
    ]
    events = [_settled_event(event, selling) for event in scenario.events]
    return scenario.model_copy(update={"sellers": sellers, "events": events})


def _settled_event(event: Event, selling: Selling) -> Event:
    if event.enter is None:
        return event
    entrant = _completed(event.enter, selling, share=0.0, cash=selling.entrant_cash, launch=selling.entrant_launch)
    if entrant.opening_self_service is None:
        entrant = entrant.model_copy(update={"opening_self_service": 0.0})
    return event.model_copy(update={"enter": entrant})


def _completed(seller: Seller, selling: Selling, *, share: float, cash: float, launch: int) -> Seller:
    rules = {"opening_share": share, "cash": cash, "launch": launch, "budget_share": selling.budget_share}
    return seller.model_copy(update={name: value for name, value in rules.items() if getattr(seller, name) is None})
