"""The levers beside the stage: the market's, the buyers', and each seller's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from sim.live.levers import Lever
from sim.live.page.look import colour_of
from sim.live.page.scene import title
from sim.live.page.widgets import heading, toggle, told
from sim.live.stage import Stage
from sim.plots.palette import looks_of

__all__ = ["Levers"]

BOTH = "all"
Move = Callable[[str, float | str, Sequence[str] | None], Awaitable[None]]


class Levers:
    """All levers of a stage.

    Parameters
    ----------
    stage : callable
        Gives the stage whose levers they are.
    move : callable
        Moves one: key, value, and the sides or None for all.
    """

    def __init__(self, stage: Callable[[], Stage], move: Move) -> None:
        self._stage, self._move = stage, move
        self._side = BOTH
        self._open: set[str] = set()
        self._panel()

    def refresh(self) -> None:
        """Show the levers as they stand now."""
        self._panel.refresh()

    @ui.refreshable_method
    def _panel(self) -> None:
        stage = self._stage()
        heading("Levers")
        ui.label("They act from the next month on.").classes("pp-muted")
        for side in stage.sides:
            for lever in stage.levers(side):
                if lever.key == "pull_share":
                    self._lever(lever, [side], f"{title(side)}: {lever.label}")
        if self._side not in (BOTH, *stage.sides):
            self._side = BOTH
        with ui.row().classes("full-width items-center q-pt-sm"):
            everywhere = {BOTH: "Both" if len(stage.sides) == 2 else "All"}
            toggle(
                everywhere | {side: title(side) for side in stage.sides},
                self._side,
                "Which economy the levers act on",
                self._turn,
            )
        side = stage.sides[0] if self._side == BOTH else self._side
        sides = None if self._side == BOTH else [self._side]
        groups: dict[str, list[Lever]] = {}
        for lever in stage.levers(side):
            if lever.key != "pull_share":
                groups.setdefault(lever.group, []).append(lever)
        looks = looks_of(stage.sellers)
        for group, levers in groups.items():
            with ui.expansion(value=group in self._open).classes("full-width") as expansion:
                expansion.on_value_change(partial(self._note, group))
                with expansion.add_slot("header"), ui.element("div").classes("pp-group"):
                    if group in looks:
                        ui.element("span").classes("pp-swatch").style(
                            f"background: var(--seller-{colour_of(looks[group])})"
                        )
                    ui.label(title(group))
                for lever in levers:
                    self._lever(lever, sides, lever.label)

    def _turn(self, side: str) -> None:
        self._side = side
        self._panel.refresh()

    def _note(self, group: str, event: object) -> None:
        (self._open.add if getattr(event, "value", False) else self._open.discard)(group)

    def _lever(self, lever: Lever, sides: Sequence[str] | None, label: str) -> None:
        """One lever: its words, its value, and what moves it."""
        with ui.element("div").classes("pp-lever").mark(f"lever-{lever.key}"):
            if lever.kind == "choice":
                choice = ui.select(list(lever.choices), value=lever.value, label=label).classes("full-width")
                choice.props("dense outlined options-dense")

                async def choose(event: ValueChangeEventArguments[Any]) -> None:
                    await self._move(lever.key, str(event.value), sides)

                choice.on_value_change(told(choose))
                return
            with ui.element("div").classes("pp-row"):
                ui.label(label)
                value = ui.element("b")
                with value:
                    words = ui.label(_written(float(lever.value), lever.unit))
            slider = ui.slider(
                min=min(lever.low, float(lever.value)),
                max=max(lever.high, float(lever.value)),
                step=lever.step,
                value=float(lever.value),
            )
            slider.props(f'color=ink aria-label="{label}"').classes("full-width").mark(f"slider-{lever.key}")
            slider.on_value_change(lambda event: words.set_text(_written(float(event.value), lever.unit)))
            if lever.help:
                slider.tooltip(lever.help)

            async def slide() -> None:
                await self._move(lever.key, float(slider.value), sides)

            slider.on("change", told(slide), args=[])  # when it is let go, so that a drag is one intervention


def _written(value: float, unit: str) -> str:
    text = f"{value:.3g}".replace("-", "−")
    return f"{text} {unit}" if unit else text
