"""The workshop as a web server: its pages, who is let in, and what is freed when a tab is closed."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence

from fastapi import Request
from fastapi.responses import Response
from nicegui import app, ui

from sim.live import again
from sim.live.limits import Limits, Refused
from sim.live.page.choosing import Sides, choose_sides, first_sides
from sim.live.page.desk import Desk
from sim.live.page.entry import Door
from sim.live.page.following import Following
from sim.live.page.look import dress, serve_files
from sim.live.page.widgets import button, heading, told
from sim.live.rooms import House
from sim.scenario import Scenario

__all__ = ["Workshop", "serve"]

TITLE = "pushpull, live"


def serve(
    scenario: Scenario,
    *,
    others: Sequence[Scenario] = (),
    host: str = "127.0.0.1",
    port: int = 8765,
    code: str | None = None,
    limits: Limits | None = None,
    show: bool = False,
    address: str | None = None,
) -> None:
    """Serve the workshop until it is interrupted.

    Parameters
    ----------
    scenario : Scenario
        What every browser begins with.
    others : sequence of Scenario
        What else a page offers.
    host, port : str, int
        Where to listen.
    code : str, optional
        Asked of every browser.
    limits : Limits, optional
        What a browser may ask for.
    show : bool
        Whether to open a browser here.
    address : str, optional
        What others type to come here; by default made of host and port.

    Raises
    ------
    ModuleNotFoundError
        If the packages of the extra `live` are missing.
    """
    Workshop(scenario, others, address=address or f"http://{host}:{port}", code=code, limits=limits or Limits())
    app.on_startup(again.warm_up)
    app.on_shutdown(again.close)
    # a second Ctrl-C while the server closes is no error to tell of
    logging.getLogger("uvicorn.error").addFilter(lambda record: "KeyboardInterrupt" not in record.getMessage())
    ui.run(
        host=host,
        port=port,
        title=TITLE,
        language="en-US",
        favicon="\N{RIGHTWARDS ARROW OVER LEFTWARDS ARROW}",
        reload=False,
        show=show,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=10,
        ws_per_message_deflate=False,  # pictures are small; packing them would take longer than sending them
        message_history_length=100,
    )


class Workshop:
    """The pages of one workshop.

    Parameters
    ----------
    scenario, others : Scenario, sequence of Scenario
        What every browser begins with, and what else there is.
    address : str
        Under which browsers find it, for people to type in.
    code : str or None
        Asked of every browser.
    limits : Limits
    """

    def __init__(
        self, scenario: Scenario, others: Sequence[Scenario], *, address: str, code: str | None, limits: Limits
    ) -> None:
        self.house = House(limits, code)
        self.address = address
        self._first = scenario
        self._scenarios = {one.name: one for one in (scenario, *others)}
        self._present: Counter[str] = Counter()
        self._door = Door(self.house, code is not None)
        serve_files()
        ui.page("/", title=TITLE, response_timeout=20)(self.own)
        ui.page("/room", title=TITLE)(self.ask)
        ui.page("/room/{code}", title=TITLE, response_timeout=20)(self.room)
        app.on_shutdown(self.house.close)

    # --- pages ---

    async def own(self, request: Request) -> Response | None:
        """Everybody's own run."""
        stopped = self._door.stops(request)
        if stopped is not None:
            return stopped
        dark = dress()
        await ui.context.client.connected()
        browser = str(ui.context.client.tab_id)
        try:
            session = self.house.session(browser)
            session = session or await self.house.open(browser, first_sides(self._first))
        except Refused as refused:
            self._sorry(str(refused))
            return None
        if ui.context.client.is_deleted:  # closed while its run was opened
            self.house.leave(browser)
            return None

        def top() -> None:
            _mark()
            name = ui.label(session.name).classes("pp-name")
            ui.element("div").classes("pp-gap")

            async def begin(sides: Sides) -> None:
                await self.house.begin(session, sides)
                name.set_text(session.name)

            button(
                "Compare",
                "compare_arrows",
                lambda: choose_sides(self._scenarios, session.sides, begin),
                tip="Choose what stands side by side",
            )
            _dark_button(dark)

        desk = Desk(session, self.house, self.address, top)
        ui.context.client.on_delete(desk.leave)
        self._here(browser, lambda: self.house.leave(browser))
        return None

    async def ask(self, request: Request) -> Response | None:
        """The code of a room, typed in."""
        stopped = self._door.stops(request)
        if stopped is not None:
            return stopped
        dress()
        with ui.element("main").classes("pp-welcome"):
            _mark()
            heading("Which room?", 1)
            code = ui.input("Code on the screen").props("outlined autofocus maxlength=12").mark("room-to-follow")

            async def follow() -> None:
                ui.navigate.to(f"/room/{self.house.room(str(code.value)).code}")

            code.on("keydown.enter", told(follow))
            button("Follow", "visibility", told(follow), look="pp-main", words="always").classes("q-mt-md")
        return None

    async def room(self, request: Request, code: str) -> Response | None:
        """A room that is followed."""
        stopped = self._door.stops(request)
        if stopped is not None:
            return stopped
        dark = dress()
        await ui.context.client.connected()
        browser = str(ui.context.client.tab_id)
        try:
            room = self.house.room(code)
        except Refused as refused:
            self._sorry(str(refused))
            return None

        def top() -> None:
            _mark()
            ui.label(room.code).classes("pp-code")
            ui.element("div").classes("pp-gap")
            _dark_button(dark)

        room.follow(browser)
        following = Following(room, browser, top)
        ui.context.client.on_delete(following.leave)
        self._here(f"{browser} {room.code}", lambda: room.unfollow(browser))
        return None

    # --- who is here ---

    def _here(self, who: str, gone: Callable[[], None]) -> None:
        """Count pages of a browser, and call when its last one is closed.

        A page that is loaded anew comes before the old one goes.
        """
        self._present[who] += 1

        def left() -> None:
            self._present[who] -= 1
            if not self._present[who]:
                del self._present[who]
                gone()

        ui.context.client.on_delete(left)

    def _sorry(self, words: str) -> None:
        with ui.element("main").classes("pp-welcome"):
            _mark()
            heading("Not possible now", 1)
            ui.label(words)
            ui.link("To your own run", "/")


def _mark() -> None:
    """The name of the program, which leads to one's own run."""
    with ui.link(target="/").classes("pp-mark"):
        ui.label("push")
        with ui.element("b"):
            ui.label("pull")


def _dark_button(dark: ui.dark_mode) -> None:
    def turn() -> None:
        dark.set_value(not dark.value)

    button("Dark or light", "contrast", turn, words="never")
