"""Choosing what stands side by side: two economies, of one scenario or of two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from sim.live.page.widgets import button, heading, told
from sim.scenario import Scenario

__all__ = ["Sides", "choose_sides", "first_sides", "named_sides"]

Sides = dict[str, tuple[Scenario, str]]


def first_sides(scenario: Scenario) -> Sides:
    """A scenario's first and last economy."""
    economies = list(scenario.economies)
    return {name: (scenario, name) for name in dict.fromkeys((economies[0], economies[-1]))}


def named_sides(chosen: list[tuple[Scenario, str]]) -> Sides:
    """Labels for what was chosen: the economy, and what else it takes to tell the two apart.

    Parameters
    ----------
    chosen : list of (Scenario, str)
        Scenario and economy, from left to right.
    """
    same = len({scenario.name for scenario, _ in chosen}) == 1
    sides: Sides = {}
    for scenario, economy in chosen:
        label = economy if same else f"{economy} - {scenario.name}"
        sides[label if label not in sides else f"{label} 2"] = (scenario, economy)
    return sides


def choose_sides(scenarios: Mapping[str, Scenario], now: Sides, begin: Callable[[Sides], Awaitable[None]]) -> ui.dialog:
    """Ask what is to stand side by side, and begin it.

    Parameters
    ----------
    scenarios : mapping from name to Scenario
        What there is to choose from.
    now : dict
        What is shown at present.
    begin : callable
        Begins anew with what was chosen.
    """
    picks: list[tuple[ui.select, ui.select]] = []
    with ui.dialog() as dialog, ui.card().classes("pp-dialog"):
        heading("Side by side")
        for place, (scenario, economy) in zip(("Left", "Right"), _two(now), strict=True):
            picks.append(_pick(place, scenarios, scenario.name, economy))
        ui.label("The same economy twice lets you move a lever on one side only. What is played now ends.").classes(
            "pp-muted"
        )

        async def start() -> None:
            dialog.close()
            await begin(named_sides([(scenarios[str(name.value)], str(economy.value)) for name, economy in picks]))

        with ui.row().classes("full-width justify-end"):
            button("Not now", "close", dialog.close, look="pp-plain", words="always")
            button("Begin", "play_arrow", told(start), look="pp-main", words="always")
    dialog.on("hide", dialog.delete)
    dialog.open()
    return dialog


def _two(now: Sides) -> list[tuple[Scenario, str]]:
    shown = list(now.values())
    return [shown[0], shown[-1]]


def _pick(place: str, scenarios: Mapping[str, Scenario], name: str, economy: str) -> tuple[ui.select, ui.select]:
    """Scenario and economy of one side."""
    with ui.row().classes("full-width no-wrap"):
        scenario = ui.select(list(scenarios), value=name, label=f"{place}: scenario").classes("col")
        which = ui.select(list(scenarios[name].economies), value=economy, label="economy").classes("col")
    for select in (scenario, which):
        select.props("outlined dense options-dense")

    which.mark(f"economy-{place.lower()}")

    def turned(event: ValueChangeEventArguments[Any]) -> None:
        economies = list(scenarios[str(event.value)].economies)
        which.set_options(economies, value=which.value if which.value in economies else economies[0])

    scenario.on_value_change(turned)
    return scenario, which
