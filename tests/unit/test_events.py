"""The agenda: what happens when."""

from __future__ import annotations

from sim.events import Agenda
from sim.scenario import Scenario


def test_events_by_tick_in_the_order_of_the_file(five_sellers: Scenario) -> None:
    events = [
        {"at": 12, "exit": "Value"},
        {"at": 6, "enter": {"name": "Newcomer", "strategy": "innovator"}},
        {"at": 12, "change": {"seller": "Heritage", "strategy": "collaborative", "price": 0.9}},
        {"at": 12, "shock": {"seller": "Newcomer", "quality": -0.2}},
    ]
    agenda = Agenda.of(Scenario(**{**five_sellers.tree, "events": events}))
    assert [(event.verb, event.seller) for event in agenda.at(12)] == [
        ("exit", "Value"),
        ("change", "Heritage"),
        ("shock", "Newcomer"),
    ]
    assert agenda.at(11) == ()
    assert sorted(agenda.events) == [6, 12]
    change, shock = agenda.at(12)[1].change, agenda.at(12)[2].shock
    assert change is not None
    assert change.opening_plan().price == 0.9
    assert change.opening_plan().effort.self_service == 0.35
    assert shock is not None
    assert (shock.quality, shock.price) == (-0.2, 0.0)


def test_an_entrant_is_settled(five_sellers: Scenario) -> None:
    (entry,) = Agenda.of(five_sellers).at(6)
    assert entry.enter is not None
    assert (entry.enter.cash, entry.enter.launch, entry.enter.budget_share) == (2.0, 36, 0.6)


def test_a_market_without_events_has_an_empty_agenda(duopoly: Scenario) -> None:
    assert not Agenda.of(duopoly).events
    assert Agenda().at(0) == ()
