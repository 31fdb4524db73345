"""The clock of a stage, and those who look on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sim.live.stage import Rows, Stage, Told

__all__ = ["Frame", "Player", "Viewer"]


@dataclass(frozen=True)
class Frame:
    """What a viewer has not seen yet.

    Attributes
    ----------
    number : int
        To acknowledge, once it is painted.
    version : int
        `Stage.version`; when it differs from the last frame's, forget all rows.
    month, horizon : int
        [months]
    playing : bool
    sellers : tuple of str
    rows : dict from side to Rows
        From the first month that the viewer has not seen; all months after a new version.
    told : list of Told
        New sentences; all of them after a new version.
    """

    number: int
    version: int
    month: int
    horizon: int
    playing: bool
    sellers: tuple[str, ...]
    rows: dict[str, Rows]
    told: list[Told]


class Viewer:
    """One browser that looks at a player; gets no frame while two are unacknowledged."""

    def acknowledge(self, number: int) -> None:
        """The frame of that number (and all before) has been painted."""
        raise NotImplementedError

    def leave(self) -> None:
        """Look on no more."""
        raise NotImplementedError


class Player:
    """Plays a stage at a speed, and shows it to viewers.

    Parameters
    ----------
    stage : Stage
    frames : float
        Most frames a second for each viewer.

    Attributes
    ----------
    playing : bool
    speed : float
        [months/s], 0.5 to 60; may be set at any time.
    """

    def __init__(self, stage: Stage, frames: float = 15.0) -> None:
        self.stage = stage
        self.frames = frames
        self.speed = 4.0
        self.playing = False

    def play(self) -> None:
        """Start the clock; at the horizon nothing happens."""
        raise NotImplementedError

    def pause(self) -> None:
        """Stop the clock."""
        raise NotImplementedError

    def look(self, show: Callable[[Frame], Awaitable[None] | None]) -> Viewer:
        """Look on: `show` is called with frames, at once with all that was played so far."""
        raise NotImplementedError

    def changed(self) -> None:
        """Show viewers what changed (after `Stage.set`, `rewind`, `steps`, ... by hand)."""
        raise NotImplementedError

    async def close(self) -> None:
        """Stop, send viewers away, and let go of the stage."""
        raise NotImplementedError
