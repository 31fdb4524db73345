"""What the parts of the page share: buttons, and messages for whoever asked for too much."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec

from nicegui import ui

from sim.live.limits import Refused

__all__ = ["button", "heading", "say", "toggle", "told"]

Asked = ParamSpec("Asked")


def button(
    text: str, icon: str, on_click: Callable[..., Any], *, look: str = "pp-soft", words: str = "wide", tip: str = ""
) -> ui.button:
    """A button in the page's look; its marker for tests is its text in lower case with hyphens.

    Parameters
    ----------
    text : str
        Its words, also for a screen reader.
    look : {"pp-soft", "pp-main", "pp-accent", "pp-plain"}
    words : {"always", "wide", "never"}
        Whether the words stand beside the icon: always, except on a phone, or never.
    tip : str
        What hovering shows.
    """
    with ui.button(icon=icon, on_click=on_click, color=None) as made:
        made.classes(f"{look} pp-words-{words}").props(f'unelevated no-caps aria-label="{text}"')
        made.mark(text.lower().replace(" ", "-"))
        if words != "never":
            ui.label(text).classes("pp-words")
    return made.tooltip(tip or text) if tip or words == "never" else made


def heading(text: str, level: int = 2) -> ui.element:
    """A heading."""
    with ui.element(f"h{level}") as made:
        ui.label(text)
    return made


def toggle(
    choices: dict[str, str], value: str, label: str, on_change: Callable[[str], None] | None = None
) -> ui.toggle:
    """One of a few choices.

    Parameters
    ----------
    choices : dict from value to str
    label : str
        What is chosen, for a screen reader.
    on_change : callable, optional
        Called with the new value.
    """
    made = ui.toggle(choices, value=value)
    made.props(f'no-caps unelevated toggle-color=ink toggle-text-color=ground aria-label="{label}"')
    if on_change is not None:
        made.on_value_change(lambda event: on_change(str(event.value)))
    return made


def say(text: str, kind: str = "info") -> None:
    """One line at the top of the page for a few seconds."""
    ui.notify(text, type=kind, position="top", timeout=5000, close_button="OK")  # type: ignore[arg-type]


def told(handler: Callable[Asked, Awaitable[None]]) -> Callable[Asked, Awaitable[None]]:
    """The handler, with what was refused shown on the page instead of raised."""

    @functools.wraps(handler)
    async def answering(*args: Asked.args, **kwargs: Asked.kwargs) -> None:
        try:
            await handler(*args, **kwargs)
        except Refused as refused:
            say(str(refused), "warning")

    return answering
