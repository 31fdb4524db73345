"""A room as a follower sees it: the facilitator's stage, and a seat in the game."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from sim.live.page.seat import Seat
from sim.live.page.stage_view import StageView
from sim.live.player import Frame
from sim.live.rooms import Room

__all__ = ["Following"]


class Following:
    """One browser that follows a room.

    Parameters
    ----------
    room : Room
    browser : str
        Which browser it is.
    top : callable
        Fills the header.
    """

    def __init__(self, room: Room, browser: str, top: Callable[[], None]) -> None:
        self._room = room
        self._playing = room.session.player
        with ui.element("div").classes("pp-page"):
            with ui.element("header").classes("pp-top"):
                top()
            with ui.element("main").classes("pp-body") as self._body:
                self.view = StageView(readonly=True, on_key=_nothing, on_seek=_nothing, on_frame=_seen)
                with ui.element("aside").classes("pp-side"):
                    self._seat = Seat(room, browser)
            self._foot = ui.element("footer")
        self.view.look(room.session.player, room.session.name)
        self._unwatch = room.watch(self._changed)
        self._changed()

    def leave(self) -> None:
        """Follow no more."""
        self._unwatch()
        self.view.leave()

    def _changed(self) -> None:
        """Something else than the run itself has changed."""
        if self._room.closed:
            self.view.leave()
            with self._foot:
                ui.navigate.to("/room")
            return
        if self._room.session.player is not self._playing:
            self._playing = self._room.session.player
            self.view.look(self._playing, self._room.session.name)
        self._body.classes(add="pp-open" if self._room.game else "", remove="" if self._room.game else "pp-open")
        self._seat.refresh()


async def _nothing(_: object) -> None:
    """A follower steers nothing."""


def _seen(_: Frame) -> None:
    """A follower has nothing around the charts to keep in step."""
