"""Who plays what: a run for every browser, and rooms whose run others follow."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque

from sim.live.limits import Limits, Refused
from sim.live.player import Player
from sim.live.sessions import Room, Session, Sides
from sim.live.stage import Stage

__all__ = ["GRACE", "House", "Room", "Session", "Sides", "new_code"]

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another
GRACE = 60.0  # a browser that was reloaded or lost its network finds its run again for so long [s]
MINUTE = 60.0  # [s]
ADDRESSES = 1000  # whose wrong codes are remembered


def new_code(length: int = 4) -> str:
    """A code that is easy to read out and to type."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


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
        self._opening = 0
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

    async def open(self, browser: str, sides: Sides) -> Session:
        """Open a run for a browser, in the place of the one that it had.

        Parameters
        ----------
        browser : str
            Token of the browser.
        sides : mapping from label to (Scenario, economy)

        Raises
        ------
        Refused
            If all runs are taken, or a scenario is too large.
        """
        there = self.session(browser)
        if there is not None:
            await self.begin(there, sides)
            return there
        if len(self._sessions) + self._opening >= self.limits.sessions:
            raise Refused(
                f"all {self.limits.sessions} runs of this machine are taken; close a tab elsewhere, or follow a room"
            )
        self._opening += 1
        try:
            session = Session(browser, sides, await self._staged(sides))
        finally:
            self._opening -= 1
        before, self._sessions[browser] = self._sessions.get(browser), session
        if before is not None:  # two tabs of one browser at once
            self._end(before.player)
        return session

    async def begin(self, session: Session, sides: Sides) -> None:
        """Put another stage into a run; its room, if any, shows that, and a game in it ends.

        Raises
        ------
        Refused
            If a scenario is too large.
        """
        stage = await self._staged(sides)
        self._end(session.player)
        session.put(sides, stage)
        if session.room is not None:
            session.room.game = None
        session.changed()

    async def _staged(self, sides: Sides) -> Stage:
        return await asyncio.to_thread(Stage.beside, sides, limits=self.limits)

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
        self._end(session.player)

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
        session.room = room = self._rooms[code] = Room(self, code, session)
        session.changed()
        return room

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
            room.closed, room.game = True, None
            room.session.changed()
            room.session.room = None

    def tidy(self, room: Room) -> None:
        """Free a run that was kept for its followers alone."""
        if not room.closed and not room.followers and self._sessions.get(room.session.browser) is not room.session:
            self.close_room(room.code)
            self._end(room.session.player)

    async def close(self) -> None:
        """Close everything."""
        for handle in self._leaving.values():
            handle.cancel()
        for browser in list(self._sessions):
            self.free(browser)
        for room in list(self._rooms.values()):
            self.close_room(room.code)
            self._end(room.session.player)
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

    def _end(self, player: Player) -> None:
        task = asyncio.ensure_future(player.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _plain(code: str) -> str:
    """A code without what does not matter in it."""
    return "".join(letter for letter in code[:40].upper() if letter.isascii() and letter.isalnum())
