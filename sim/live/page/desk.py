"""One browser's page: the stage, and everything by which it is played, steered and taken away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from sim.live.page.again import Again
from sim.live.page.diary import Diary
from sim.live.page.entrant import ask_for_entrant
from sim.live.page.hosting import Hosting
from sim.live.page.levers import Levers
from sim.live.page.stage_view import StageView
from sim.live.page.take_home import take_home
from sim.live.page.widgets import button, say, toggle, told
from sim.live.player import Frame, Player
from sim.live.rooms import House, Session
from sim.live.stage import Stage

__all__ = ["SPEEDS", "Desk"]

# Months a second
SPEEDS = {speed: f"{speed:g} a second" for speed in (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)}
FRAMES = 25.0  # at most, a second
STRIDE = 3  # months between two pictures on the way to a later month


class Desk:
    """Where a run is steered.

    Parameters
    ----------
    session : Session
        The run of this browser.
    house : House
        Where rooms are opened.
    address : str
        Under which others find this server.
    top : callable
        Puts its own buttons into the header, to the left of the others.
    """

    def __init__(self, session: Session, house: House, address: str, top: Callable[[], None]) -> None:
        self.session, self._house, self._address = session, house, address
        self._beside_now = self._trouble = ""
        self._changes: tuple[object, ...] = ()
        with ui.element("div").classes("pp-page"):
            with ui.element("header").classes("pp-top"):
                top()
                self._top()
            with ui.element("main").classes("pp-body") as self._body:
                self.view = StageView(
                    readonly=False, on_key=told(self._key), on_seek=told(self.seek), on_frame=self._framed
                )
                with ui.element("aside").classes("pp-side") as self._aside:
                    pass
            with ui.element("footer").classes("pp-bar"):
                self._bar()
        self._show()
        self._unwatch = session.watch(self._watched)
        self._watched()

    @property
    def player(self) -> Player:
        """The clock of what is played."""
        return self.session.player

    @property
    def stage(self) -> Stage:
        """What is played."""
        return self.player.stage

    def _show(self) -> None:
        """Show what the session plays now."""
        self._shown = self.player
        self.player.frames = FRAMES
        self.player.speed = float(self._speed.value)
        self.again.clear()
        self.view.look(self.player, self.session.name)
        self._refresh()

    def leave(self) -> None:
        """The browser is gone."""
        self._unwatch()
        self.again.stop()
        self.view.leave()

    # --- what is on the page ---

    def _top(self) -> None:
        button("Levers", "tune", lambda: self._beside("levers"), tip="Move the market, the buyers, the sellers")
        button("Log", "history", lambda: self._beside("log"), tip="What was changed, and earlier runs")
        button("Room", "groups", lambda: self._beside("room"), tip="Let others follow, or play as teams")
        self._code = ui.label().classes("pp-code")
        with button("Take away", "download", lambda: None):
            take_home(lambda: self.stage, lambda: self.view)

    def _bar(self) -> None:
        self._play = button("Play", "play_arrow", told(self.play), look="pp-main", words="always").classes("pp-play")
        self._playing = next(child for child in self._play if isinstance(child, ui.label))
        button("Back", "skip_previous", told(self.back), look="pp-plain", tip="One month back (←)", words="never")
        button("Step", "skip_next", told(self.step), look="pp-plain", tip="One month (→)", words="never")
        button("Reset", "replay", told(self.reset), look="pp-plain", tip="Back to the start", words="never")
        self._speed = ui.select(SPEEDS, value=4.0, on_change=lambda event: self._hurry(float(event.value)))
        self._speed.props('outlined dense options-dense aria-label="Speed"').mark("speed")
        self._speed.on("popup-hide", js_handler="() => document.activeElement?.blur()")  # the space bar plays
        seconds = {"satisfaction": "Satisfaction", "profit": "Profit"}
        toggle(seconds, "satisfaction", "What the lower charts show", self.view.show_second)
        ui.element("div").classes("pp-gap")
        self.again = Again(lambda: self.stage, self.view.show_bands)
        button("Drop in an entrant", "storefront", self._ask_for_entrant, look="pp-accent")

    def _beside(self, what: str) -> None:
        """Open levers or log beside the stage, or close what is open."""
        self._beside_now = "" if self._beside_now == what else what
        self._body.classes(add="pp-open" if self._beside_now else "", remove="" if self._beside_now else "pp-open")
        self._aside.clear()
        if not self._beside_now:
            return
        with self._aside:
            close = button("Close", "close", lambda: self._beside(what), look="pp-plain", words="never")
            close.classes("pp-close")
            self._panel: Levers | Diary | Hosting
            if what == "levers":
                self._panel = Levers(lambda: self.stage, self.move)
            elif what == "log":
                self._panel = Diary(lambda: self.stage, self.switch)
            else:
                self._panel = Hosting(self._house, self.session, self._address)

    def _refresh(self) -> None:
        if self._beside_now:
            self._panel.refresh()

    def _watched(self) -> None:
        """Something else is played, a room was opened or closed, or something happened in it."""
        room = self.session.room
        if self.player is not self._shown:
            self._show()
        self._code.set_text(room.code if room else "")
        self._code.visible = room is not None
        if self._beside_now == "room":
            self._refresh()

    def _framed(self, frame: Frame) -> None:
        """Keep what stands around the charts in step with them."""
        self._tell_playing()
        changes = (len(self.stage.log), frame.version, frame.sellers)
        if changes != self._changes:
            self._changes = changes
            self.again.changed(len(self.stage.log))
            if self._beside_now != "room":
                self._refresh()

    def _tell_playing(self) -> None:
        """Let the button say what it would do, and tell why a run stopped by itself."""
        playing = self.player.playing
        text, icon = ("Pause", "pause") if playing else ("Play", "play_arrow")
        if self._playing.text != text:
            self._playing.set_text(text)
            self._play.set_icon(icon)
            self._play.props(f'aria-label="{text}"')
        if self.player.trouble and not playing and self.player.trouble != self._trouble:
            with self._body:
                say(self.player.trouble, "negative")
        self._trouble = self.player.trouble

    def _ask_for_entrant(self) -> None:
        ask_for_entrant(self.stage, self._steered)

    # --- what it does ---

    async def play(self) -> None:
        """Play, or pause; from the last month, from the start again."""
        if self.player.playing:
            self.player.pause()
        else:
            if self.stage.over:
                await self.stage.rewind(0)
            self.player.play()
        self._tell_playing()

    async def step(self) -> None:
        """One month."""
        self.player.pause()
        await self.stage.steps(1)
        self.player.changed()

    async def back(self) -> None:
        """One month back."""
        await self.seek(max(self.stage.month - 1, 0))

    async def reset(self) -> None:
        """Back to the start, nothing changed."""
        self.player.pause()
        await self.stage.reset()
        self.again.clear()
        self.player.changed()

    async def seek(self, month: int) -> None:
        """Go to a month: back, forward again, or on by playing as fast as it goes."""
        self.player.pause()
        stage = self.stage
        month = min(max(month, 0), stage.horizon)
        await stage.rewind(min(month, stage.played))
        self.player.changed()
        while stage is self.stage and stage.month < month and not self.player.playing:
            await stage.steps(min(STRIDE, month - stage.month))
            self.player.changed()

    async def move(self, key: str, value: float | str, sides: Sequence[str] | None) -> None:
        """Move a lever."""
        await self.stage.set(key, value, sides)
        await self._steered()

    async def switch(self, branch: int) -> None:
        """Return to an earlier run."""
        self.player.pause()
        await self.stage.switch(branch)
        await self._steered()

    async def _steered(self) -> None:
        self.player.changed()

    def _hurry(self, speed: float) -> None:
        self.player.speed = speed

    async def _key(self, word: str) -> None:
        deeds: dict[str, Callable[[], Awaitable[None]]] = {
            "play": self.play,
            "forward": self.step,
            "back": self.back,
            "home": lambda: self.seek(0),
        }
        await deeds[word]()
