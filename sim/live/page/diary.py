"""The log beside the stage: what was changed when, and the runs that were left for another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from sim.live.page.scene import title
from sim.live.page.widgets import button, heading, told
from sim.live.stage import Stage

__all__ = ["Diary"]


class Diary:
    """Interventions, what happened, and earlier runs.

    Parameters
    ----------
    stage : callable
        Gives the stage.
    switch : callable
        Returns to an earlier run by its number.
    """

    def __init__(self, stage: Callable[[], Stage], switch: Callable[[int], Awaitable[None]]) -> None:
        self._stage, self._switch = stage, switch
        self._panel()

    def refresh(self) -> None:
        """Show what is in the log now."""
        self._panel.refresh()

    @ui.refreshable_method
    def _panel(self) -> None:
        stage = self._stage()
        heading("Log")
        if not stage.log:
            ui.label("Nothing was changed yet.").classes("pp-muted")
        with ui.element("ol").classes("pp-log").mark("log"):
            for entry in stage.log:
                where = "" if set(entry.sides) == set(stage.sides) else f" ({', '.join(map(title, entry.sides))})"
                _line(entry.at, f"{entry.text}{where}")
        if stage.branches:
            heading("Earlier runs")
            for branch in stage.branches:
                with ui.row().classes("full-width items-center no-wrap"):
                    changes = f"{len(branch.log)} change{'' if len(branch.log) == 1 else 's'}"
                    ui.label(f"Left in month {branch.forked_at}, {changes}").classes("pp-muted col")
                    button("Return", "undo", told(partial(self._switch, branch.number)), words="always")


def _line(month: int, text: str) -> None:
    with ui.element("li"):
        with ui.element("b"):
            ui.label(f"Month {month}")
        ui.label(text)
