"""The facilitator's side of a room: its code, and the game of teams."""

from __future__ import annotations

from nicegui import ui

from sim.live.game import Game
from sim.live.page.scoreboard import scoreboard, swatch
from sim.live.page.widgets import button, heading, told
from sim.live.rooms import House, Room, Session

__all__ = ["Hosting"]


class Hosting:
    """Opens a room, and leads a game in it.

    Parameters
    ----------
    house : House
    session : Session
        The run that others follow.
    address : str
        Under which others find this server.
    """

    def __init__(self, house: House, session: Session, address: str) -> None:
        self._house, self._session, self._address = house, session, address
        self._panel()

    def refresh(self) -> None:
        """Show how things stand in the room."""
        self._panel.refresh()

    @ui.refreshable_method
    def _panel(self) -> None:
        heading("Room")
        room = self._session.room
        if room is None:
            ui.label("Others follow this screen on their own, after typing in a short code.").classes("pp-muted")
            button("Open a room", "groups", told(self._open), look="pp-main", words="always")
            self._follow()
            return
        ui.label(f"{self._address}/room").classes("pp-muted")
        with ui.row().classes("items-center"):
            ui.label(room.code).classes("pp-code").mark("room-code")
            ui.label(f"{room.followers} follow{'s' if room.followers == 1 else ''}")
        if room.game is None:
            self._before(room)
        else:
            self._during(room.game)
        ui.separator().classes("q-my-md")
        button("Close the room", "logout", told(self._close), look="pp-plain", words="always")

    def _follow(self) -> None:
        """The other way round: to somebody else's room."""
        ui.separator().classes("q-my-md")
        heading("Follow a room", 3)
        code = ui.input("Code").props("outlined dense maxlength=12").classes("full-width").mark("follow-code")

        async def follow() -> None:
            room = self._house.room(str(code.value))
            ui.navigate.to(f"/room/{room.code}")

        code.on("keydown.enter", told(follow))
        button("Follow", "visibility", told(follow), words="always").classes("q-mt-sm")

    def _before(self, room: Room) -> None:
        ui.separator().classes("q-my-md")
        heading("Teams play the sellers", 3)
        with ui.row().classes("full-width no-wrap"):
            rounds = ui.number("Rounds", value=5, min=1, max=20, step=1).classes("col")
            months = ui.number("Months a round", value=12, min=1, max=60, step=1).classes("col")
        for box in (rounds, months):
            box.props("outlined dense")

        async def begin() -> None:
            await room.begin_game(int(rounds.value or 0), int(months.value or 0))

        button("Begin a game", "sports_esports", told(begin), words="always").classes("q-mt-sm")

    def _during(self, game: Game) -> None:
        sellers = self._session.player.stage.sellers
        ui.separator().classes("q-my-md")
        heading("Final score" if game.phase == "over" else f"Round {max(game.round, 1)} of {game.rounds}", 3)
        if game.phase != "over":
            for seller, team in game.seats.items():
                with ui.row().classes("full-width items-center no-wrap"):
                    with ui.element("div").classes("pp-team col"):
                        swatch(seller, sellers)
                        ui.label(seller).classes("text-weight-bold")
                    ui.label(team.name if team else "nobody").classes("pp-muted")
                    if team is not None and game.phase == "deciding":
                        ui.icon("check" if game.decided(seller) else "hourglass_empty")
            start = game.phase == "seats"
            words = "Let teams decide" if start else f"Play {game.months} months"

            async def go_on() -> None:
                if start:
                    await game.open_round()
                else:
                    await game.play_round()

            made = button(words, "play_arrow", told(go_on), look="pp-main", words="always")
            made.mark("next-phase").set_enabled(game.phase != "playing")
        if game.round > 1 or game.phase == "over":
            scoreboard(game, sellers)
        button("End the game", "stop", told(self._end), look="pp-plain", words="always")

    async def _open(self) -> None:
        self._house.open_room(self._session)

    async def _close(self) -> None:
        if self._session.room is not None:
            self._house.close_room(self._session.room.code)

    async def _end(self) -> None:
        if self._session.room is not None:
            self._session.room.end_game()
