"""Who plays what: a run for every browser, and rooms whose run others follow."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress

from sim.live.game import Game
from sim.live.limits import Limits, Refused
from sim.live.player import Player
from sim.live.stage import Stage
from sim.scenario import Scenario

__all__ = ["GRACE", "House", "Room", "Session", "new_code"]

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another
GRACE = 60.0  # a browser that was reloaded or lost its network finds its run again for so long [s]
MINUTE = 60.0  # [s]
ADDRESSES = 1000  # whose wrong codes are remembered


def new_code(length: int = 4) -> str:
    """A code that is easy to read out and to type."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


class Session:
    """A browser's own run.

    Attributes
    ----------
    browser : str
        Token of the browser.
    name : str
        Of the scenario.
    player : Player
    room : Room or None
        The room that shows it.
    """

    def __init__(self, browser: str, stage: Stage) -> None:
        self.browser = browser
        self.name = stage.name
        self.player = Player(stage)
        self.room: Room | None = None

    @property
    def stage(self) -> Stage:
        """What is played."""
        return self.player.stage


class Room:
    """A run that others follow.

    Attributes
    ----------
    code : str
        What followers type.
    session : Session
        The facilitator's.
    game : Game or None
        Teams at play.
    """

    def __init__(self, house: House, code: str, session: Session) -> None:
        self._house = house
        self.code, self.session = code, session
        self.game: Game | None = None
        self._followers: set[str] = set()
        self._watchers: list[Callable[[], None]] = []

    @property
    def followers(self) -> int:
        """Browsers that follow now."""
        return len(self._followers)

    def follow(self, browser: str) -> None:
        """A browser follows; its own run, if it had one, is freed."""
        if browser == self.session.browser:
            return
        self._house.free(browser)
        self._followers.add(browser)
        self.changed()

    def unfollow(self, browser: str) -> None:
        """A browser follows no more; its seat, if it had one, stays its own."""
        self._followers.discard(browser)
        self.changed()
        self._house.tidy(self)

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back whenever anything but rows changes (followers, seats, decisions, rounds, another run).

        Returns
        -------
        callable
            Ends it.
        """
        self._watchers.append(callback)

        def unwatch() -> None:
            with suppress(ValueError):
                self._watchers.remove(callback)

        return unwatch

    def changed(self) -> None:
        """Tell those who watch."""
        for callback in list(self._watchers):
            with suppress(Exception):  # one browser's trouble is its own
                callback()

    def begin_game(self, rounds: int, months: int) -> Game:
        """Let teams play sellers; an earlier game ends.

        Raises
        ------
        Refused
            If so many months are not left.
        """
        self.game = Game(self.session.player, rounds, months, self.changed)
        self.changed()
        return self.game

    def end_game(self) -> None:
        """No game any more; the run stays."""
        self.game = None
        self.changed()


class House:
    """All runs and rooms of one process.

    Parameters
    ----------
    limits : Limits, optional
    code : str, optional
        What a browser must know to come in, if anything; the code of an open room will do as well.
    """

    def __init__(self, limits: Limits | None = None, code: str | None = None) -> None:
        self.limits = limits or Limits()
        self.code = code
        self._sessions: dict[str, Session] = {}
        self._rooms: dict[str, Room] = {}
        self._leaving: dict[str, asyncio.TimerHandle] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._wrong: dict[str, deque[float]] = {}

    # --- the door ---

    def admit(self, code: str, address: str) -> Room | None:
        """Let in whoever knows the code of the house, or that of a room.

        Parameters
        ----------
        code : str
            As typed; blanks, dashes and lower case do not matter.
        address : str
            Where it comes from, to count wrong codes.

        Returns
        -------
        Room or None
            The room whose code it is.

        Raises
        ------
        Refused
            If the code is wrong, or too many were.
        """
        now = time.monotonic()
        wrong = self._wrong.get(address, deque())
        while wrong and now - wrong[0] > MINUTE:
            wrong.popleft()
        if len(wrong) >= self.limits.wrong_codes:
            raise Refused("too many wrong codes; wait a minute")
        typed = _plain(code)
        room = next((one for one in self._rooms.values() if secrets.compare_digest(one.code, typed)), None)
        if room is not None or (self.code is not None and secrets.compare_digest(_plain(self.code), typed)):
            self._wrong.pop(address, None)
            return room
        wrong.append(now)
        self._wrong[address] = wrong
        while len(self._wrong) > ADDRESSES:
            del self._wrong[next(iter(self._wrong))]
        raise Refused("this is not the code; it is on the facilitator's screen")

    # --- runs ---

    def open(self, browser: str, sides: Mapping[str, tuple[Scenario, str]]) -> Session:
        """Open a run for a browser, in the place of the one that it had; its room, if any, shows the new one.

        Parameters
        ----------
        browser : str
            Token of the browser.
        sides : mapping from label to (Scenario, economy)

        Raises
        ------
        Refused
            If all runs are taken, or the scenario is too large.
        """
        before = self._sessions.get(browser)
        if before is None and len(self._sessions) >= self.limits.sessions:
            raise Refused(
                f"all {self.limits.sessions} runs of this machine are taken; close a tab elsewhere, or follow a room"
            )
        session = Session(browser, Stage.beside(sides, limits=self.limits))
        self._stay(browser)
        self._sessions[browser] = session
        if before is not None:
            session.room = before.room
            if session.room is not None:
                session.room.session, session.room.game = session, None
                session.room.changed()
            self._end(before)
        return session

    def session(self, browser: str) -> Session | None:
        """The run of a browser, which is there again if it had left; None if it has none, or it was freed."""
        self._stay(browser)
        return self._sessions.get(browser)

    def leave(self, browser: str) -> None:
        """A browser is gone: its run pauses and is freed after `GRACE`, unless others follow it."""
        session = self._sessions.get(browser)
        if session is None or browser in self._leaving:
            return
        if session.room is None or not session.room.followers:
            session.player.pause()
        loop = asyncio.get_running_loop()
        self._leaving[browser] = loop.call_later(GRACE, self._gone, browser)

    def free(self, browser: str) -> None:
        """Close a browser's run at once, and its room."""
        self._stay(browser)
        session = self._sessions.pop(browser, None)
        if session is None:
            return
        if session.room is not None:
            self.close_room(session.room.code)
        self._end(session)

    @property
    def sessions(self) -> int:
        """Runs that are open now."""
        return len(self._sessions)

    # --- rooms ---

    def open_room(self, session: Session) -> Room:
        """Let others follow a run.

        Raises
        ------
        Refused
            If there are too many rooms.
        """
        if session.room is not None:
            return session.room
        if len(self._rooms) >= self.limits.rooms:
            raise Refused(f"there are {self.limits.rooms} rooms already, and no more at a time")
        code = new_code()
        while code in self._rooms:
            code = new_code()
        session.room = self._rooms[code] = Room(self, code, session)
        return session.room

    def room(self, code: str) -> Room:
        """The room of a code, as typed.

        Raises
        ------
        Refused
            If there is none.
        """
        found = self._rooms.get(_plain(code))
        if found is None:
            raise Refused("there is no room with this code")
        return found

    def close_room(self, code: str) -> None:
        """Close a room; the run stays with its browser."""
        room = self._rooms.pop(_plain(code), None)
        if room is not None:
            room.session.room = None
            room.game = None
            room.changed()

    def tidy(self, room: Room) -> None:
        """Free a run that was kept for its followers alone."""
        if not room.followers and room.session.browser not in self._sessions:
            self.close_room(room.code)
            self._end(room.session)

    async def close(self) -> None:
        """Close everything."""
        for handle in self._leaving.values():
            handle.cancel()
        for browser in list(self._sessions):
            self.free(browser)
        for room in list(self._rooms.values()):
            self.close_room(room.code)
            self._end(room.session)
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _stay(self, browser: str) -> None:
        handle = self._leaving.pop(browser, None)
        if handle is not None:
            handle.cancel()

    def _gone(self, browser: str) -> None:
        """The grace is over."""
        self._leaving.pop(browser, None)
        session = self._sessions.get(browser)
        if session is not None and session.room is not None and session.room.followers:
            del self._sessions[browser]  # `tidy` ends it with the last follower
        else:
            self.free(browser)

    def _end(self, session: Session) -> None:
        task = asyncio.ensure_future(session.player.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _plain(code: str) -> str:
    """A code without what does not matter in it."""
    return "".join(letter for letter in code[:40].upper() if letter.isascii() and letter.isalnum())
