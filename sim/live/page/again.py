"""Running the same many times more, in the background, and the bands that come of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nicegui import background_tasks, ui

from sim.live.again import Bands, play_again
from sim.live.limits import Refused
from sim.live.page.widgets import button, say
from sim.live.stage import Stage

__all__ = ["RUNS", "Again"]

RUNS = 50


class Again:
    """The button, the progress bar, and the words on what the bands are.

    Parameters
    ----------
    stage : callable
        Gives the stage.
    show : callable
        Puts bands behind the lines, or takes them away.
    """

    def __init__(self, stage: Callable[[], Stage], show: Callable[[Bands | None], None]) -> None:
        self._stage, self._show = stage, show
        self._task: asyncio.Task[None] | None = None
        self._changes = 0
        with ui.element("div").classes("pp-again") as self._place:
            self._button = button(
                f"Run this {RUNS} times", "stacked_line_chart", self.start, tip="How much of it is chance?"
            )
            with ui.element("div").classes("pp-progress") as self._progress:
                self._bar = ui.linear_progress(0, show_value=False, size="10px").props(
                    'color=accent aria-label="Runs done" instant-feedback rounded'
                )
                self._count = ui.label()
                button("Stop", "close", self.clear, look="pp-plain", words="never")
            with ui.element("div").classes("pp-progress") as self._legend:
                self._words = ui.label()
                button("Take bands away", "close", self.clear, look="pp-plain", words="never")
        self._progress.visible = self._legend.visible = False

    def start(self) -> None:
        """Run, and show what comes of it."""
        self.clear()
        self._task = background_tasks.create(self._run(), name="run again")

    def stop(self) -> None:
        """Stop what is running."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def clear(self) -> None:
        """Stop, and take bands away."""
        self.stop()
        self._show(None)
        self._shown(self._button)

    def changed(self, changes: int) -> None:
        """Say whether bands are still of the run that is shown.

        Parameters
        ----------
        changes : int
            Length of the log now.
        """
        if self._legend.visible:
            self._words.set_text(
                f"{RUNS} runs, the middle 90 %" + (" before the change" if changes != self._changes else "")
            )

    async def _run(self) -> None:
        with self._place:
            self._shown(self._progress)
            self._advance(0)
            try:
                self._changes = len(self._stage().log)
                bands = await play_again(self._stage(), RUNS, self._advance)
            except Refused as refused:
                say(str(refused), "warning")
                self._shown(self._button)
                return
            self._task = None
            self._shown(self._legend)
            self.changed(len(self._stage().log))
            self._show(bands)

    def _advance(self, done: int) -> None:
        self._bar.set_value(done / RUNS)
        self._count.set_text(f"{done} of {RUNS}")

    def _shown(self, what: ui.element) -> None:
        for part in (self._button, self._progress, self._legend):
            part.visible = part is what
