"""Dropping in an entrant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from sim.live.page.scene import title
from sim.live.page.widgets import button, heading, toggle, told
from sim.live.stage import Stage
from sim.strategies import catalogue

__all__ = ["ask_for_entrant"]

ALL = "all"


def ask_for_entrant(stage: Stage, done: Callable[[], Awaitable[None]], *, most_cash: float = 10.0) -> ui.dialog:
    """Ask who enters, and let it enter in the next month.

    Parameters
    ----------
    done : callable
        Called when somebody has entered.
    most_cash : float
        End of the slider [money a market buyer].
    """
    strategies = catalogue()
    with ui.dialog() as dialog, ui.card().classes("pp-dialog"):
        heading("Drop in an entrant")
        strategy = ui.select(list(strategies), value="innovator", label="Strategy").classes("full-width")
        strategy.props("outlined").mark("entrant-strategy")
        idea = ui.label(_idea("innovator")).classes("pp-muted")
        strategy.on_value_change(lambda event: idea.set_text(_idea(event.value)))
        name = ui.input("Name", placeholder="Entrant").classes("full-width").props("outlined maxlength=24")
        name.mark("entrant-name")
        with ui.element("div").classes("pp-row"):
            ui.label("Cash a market buyer")
            amount = ui.label("2.0")
        cash = ui.slider(min=0, max=most_cash, step=0.5, value=2.0).classes("full-width")
        cash.props('color=ink aria-label="Cash a market buyer"').mark("entrant-cash")
        cash.on_value_change(lambda event: amount.set_text(f"{event.value:.1f}"))
        where = toggle(
            {ALL: "Everywhere"} | {side: title(side) for side in stage.sides}, ALL, "Which economy it enters"
        )

        async def enter() -> None:
            await stage.enter(
                strategy=str(strategy.value),
                name=(name.value or "").strip() or None,
                cash=float(cash.value),
                sides=None if where.value == ALL else [str(where.value)],
            )
            dialog.close()
            await done()

        with ui.row().classes("full-width justify-end q-pt-sm"):
            button("Not now", "close", dialog.close, look="pp-plain", words="always")
            button("Enter now", "login", told(enter), look="pp-accent", words="always")
    dialog.on("hide", dialog.delete)
    dialog.open()
    return dialog


def _idea(strategy: str) -> str:
    """First sentence of what a strategy is."""
    words = (catalogue()[strategy].__doc__ or "").strip().split("\n\n")[0]
    return " ".join(words.split())
