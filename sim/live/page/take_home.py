"""What is taken away: the picture, the table, the scenario and the report."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from sim.live import takeaway
from sim.live.page.stage_view import StageView
from sim.live.page.widgets import say, told
from sim.live.stage import Stage

__all__ = ["take_home"]


def take_home(stage: Callable[[], Stage], view: Callable[[], StageView]) -> None:
    """A menu of what can be saved, for the button around it.

    Parameters
    ----------
    stage, view : callable
        Give what is played, and the browser's look at it.
    """

    def picture() -> None:
        view().save_picture(takeaway.file_name(stage(), "png"))

    async def table() -> None:
        ui.download.content(await takeaway.table(stage()), takeaway.file_name(stage(), "csv"), "text/csv")

    async def scenario() -> None:
        now = stage()
        for side in takeaway.parts(now):
            ui.download.content(
                takeaway.scenario_text(now, side), takeaway.file_name(now, "yaml", side), "application/yaml"
            )

    async def report() -> None:
        now = stage()
        say("The report is being made; it takes some seconds.")
        for side in takeaway.parts(now):
            page = await takeaway.report(now, side)
            ui.download.content(page, takeaway.file_name(now, "html", side), "text/html")

    with ui.menu().props("auto-close"):
        for words, what, deed in (
            ("Picture", "PNG of the stage", picture),
            ("Table", "CSV of every series", told(table)),
            ("Scenario", "YAML that pushpull run replays", told(scenario)),
            ("Report", "One page, as of a finished run", told(report)),
        ):
            with ui.menu_item(on_click=deed), ui.item_section():
                ui.item_label(words).classes("text-weight-bold")
                ui.item_label(what).props("caption")
