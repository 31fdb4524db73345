"""A browser's own run, and the room in which others follow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from sim.live.game import Game
from sim.live.player import Player
from sim.live.stage import Stage
from sim.scenario import Scenario

if TYPE_CHECKING:
    from sim.live.rooms import House

__all__ = ["Room", "Session", "Sides"]

Sides = Mapping[str, tuple[Scenario, str]]  # from the label of a side to scenario and economy


class _Watchers:
    """Those who want to know of changes."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[], None]] = []

    def add(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._callbacks.append(callback)

        def end() -> None:
            with suppress(ValueError):
                self._callbacks.remove(callback)

        return end

    def call(self) -> None:
        for callback in list(self._callbacks):
            with suppress(Exception):  # one browser's trouble is its own
                callback()


class Session:
    """A browser's own run.

    Attributes
    ----------
    browser : str
        Token of the browser.
    name : str
        Of the scenario.
    sides : dict from label to (Scenario, economy)
        What was asked for.
    player : Player
    room : Room or None
        The room that shows it.
    """

    def __init__(self, browser: str, sides: Sides, stage: Stage) -> None:
        self.browser = browser
        self.room: Room | None = None
        self._watchers = _Watchers()
        self.put(sides, stage)

    def put(self, sides: Sides, stage: Stage) -> None:
        """Begin with another stage."""
        self.sides, self.name, self.player = dict(sides), stage.name, Player(stage)

    @property
    def stage(self) -> Stage:
        """What is played."""
        return self.player.stage

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back whenever another stage, a room or a game begins or ends, or something changes in it.

        Returns
        -------
        callable
            Ends it.
        """
        return self._watchers.add(callback)

    def changed(self) -> None:
        """Tell those who watch, here and in the room."""
        self._watchers.call()
        if self.room is not None:
            self.room.tell()


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
    closed : bool
    """

    def __init__(self, house: House, code: str, session: Session) -> None:
        self._house = house
        self.code, self.session = code, session
        self.game: Game | None = None
        self._followers: set[str] = set()
        self._watchers = _Watchers()
        self.closed = False

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
        self.session.changed()

    def unfollow(self, browser: str) -> None:
        """A browser follows no more; its seat, if it had one, stays its own."""
        self._followers.discard(browser)
        self.session.changed()
        self._house.tidy(self)

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back whenever anything but rows changes (followers, seats, decisions, rounds, another run).

        Returns
        -------
        callable
            Ends it.
        """
        return self._watchers.add(callback)

    def tell(self) -> None:
        """Tell those who watch."""
        self._watchers.call()

    async def begin_game(self, rounds: int, months: int) -> Game:
        """Let teams play sellers; an earlier game ends.

        Raises
        ------
        Refused
            If so many months are not left.
        """
        self.game = Game(self.session.player, rounds, months, self.session.changed)
        self.session.changed()
        return self.game

    def end_game(self) -> None:
        """No game any more; the run stays."""
        self.game = None
        self.session.changed()
