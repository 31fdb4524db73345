"""The clock of a stage, and those who look on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sim.live.limits import Refused
from sim.live.stage import Rows, Stage, Told

__all__ = ["FASTEST", "SLOWEST", "Frame", "Player", "Viewer"]

SLOWEST, FASTEST = 0.5, 60.0  # [months/s]
UNSEEN = 2  # frames on their way to a viewer, beyond which it gets no more


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


Show = Callable[[Frame], Awaitable[None] | None]


class Viewer:
    """One browser that looks at a player; gets no frame while two are unacknowledged."""

    def __init__(self, player: Player, show: Show) -> None:
        self._player, self._show = player, show
        self._sent = self._seen = 0
        self._version = -1
        self._month = self._told = 0
        self._stale = True
        self._left = False

    @property
    def waiting(self) -> bool:
        """Whether so many frames are on their way that it gets no more."""
        return self._sent - self._seen >= UNSEEN

    def acknowledge(self, number: int) -> None:
        """The frame of that number (and all before) has been painted."""
        self._seen = max(self._seen, min(number, self._sent))
        if self._stale:
            self._player.wake()

    def leave(self) -> None:
        """Look on no more."""
        self._left = True
        self._player.viewers.discard(self)

    def due(self) -> Frame | None:
        """The next frame, unless there is nothing new or too many are on their way."""
        if not self._stale or self.waiting or self._left:
            return None
        stage = self._player.stage
        if self._version != stage.version or self._month > stage.month:
            self._version, self._month, self._told = stage.version, 0, 0
        self._sent += 1
        frame = Frame(
            number=self._sent,
            version=self._version,
            month=stage.month,
            horizon=stage.horizon,
            playing=self._player.playing,
            sellers=stage.sellers,
            rows={side: stage.rows(side, self._month) for side in stage.sides},
            told=stage.told[self._told :],
        )
        self._month, self._told, self._stale = stage.month, len(stage.told), False
        return frame

    def mark(self) -> None:
        """Something is new."""
        self._stale = True

    async def send(self, frame: Frame) -> None:
        """Hand a frame over; a browser that cannot take it looks on no more."""
        try:
            waiting = self._show(frame)
            if waiting is not None:
                await waiting
        except Exception:  # whatever became of one browser, the others go on
            self.leave()


class Player:
    """Plays a stage at a speed, and shows it to viewers.

    Nobody waits for a slow viewer: its frames are left out while two are on their way, and what
    it missed comes with the next one.

    Parameters
    ----------
    stage : Stage
    frames : float
        Most frames a second for each viewer.

    Attributes
    ----------
    playing : bool
    viewers : set of Viewer
    trouble : str
        Why it stopped by itself before the horizon, if it did; one line.
    """

    def __init__(self, stage: Stage, frames: float = 15.0) -> None:
        self.stage = stage
        self.frames = frames
        self.playing = False
        self.viewers: set[Viewer] = set()
        self.trouble = ""
        self._speed = 4.0
        self._until = stage.horizon  # where the clock stops by itself
        self._clock: asyncio.Task[None] | None = None
        self._courier: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._closed = False

    @property
    def speed(self) -> float:
        """Months a second, `SLOWEST` to `FASTEST`; may be set at any time [months/s]."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._speed = min(max(float(speed), SLOWEST), FASTEST)

    def play(self) -> None:
        """Start the clock; at the horizon nothing happens."""
        if self.playing or self.stage.over or self._closed:
            return
        self.playing, self.trouble = True, ""
        self._clock = asyncio.ensure_future(self._run())

    async def play_to(self, month: int) -> None:
        """Play up to a month and stop there; returns when it is reached, or when somebody pauses."""
        self._until = month
        self.play()
        if self._clock is not None:
            await asyncio.shield(self._clock)

    def pause(self) -> None:
        """Stop the clock."""
        if self.playing:
            self.playing = False
            self.changed()

    def look(self, show: Show) -> Viewer:
        """Look on: `show` is called with frames, at once with all that was played so far."""
        viewer = Viewer(self, show)
        self.viewers.add(viewer)
        if self._courier is None:
            self._courier = asyncio.ensure_future(self._deliver())
        self.wake()
        return viewer

    def changed(self) -> None:
        """Show viewers what changed (after `Stage.set`, `rewind`, `steps`, ... by hand)."""
        for viewer in self.viewers:
            viewer.mark()
        self.wake()

    def wake(self) -> None:
        """Look again who is due a frame."""
        self._news.set()

    async def close(self) -> None:
        """Stop, send viewers away, and let go of the stage."""
        self._closed, self.playing = True, False
        self.viewers.clear()
        tasks = [task for task in (self._clock, self._courier) if task is not None]
        for task in tasks:
            task.cancel()
        self.stage.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        """Play months as they fall due; what the machine cannot keep up with is played as fast as it can."""
        due, before = 0.0, time.monotonic()
        try:
            while self.playing and self.stage.month < min(self._until, self.stage.horizon):
                await asyncio.sleep(max(1 / self.frames, (1 - due) / self._speed))
                now = time.monotonic()
                # at most a second's worth to catch up
                due = min(due + (now - before) * self._speed, max(self._speed, 1.0))
                before = now
                if int(due) and self.playing:
                    due -= await self.stage.steps(min(int(due), self._until - self.stage.month))
                    self.changed()
        except Refused:
            pass  # the run was closed
        except Exception as error:  # a strategy of the user's own may fail
            self.trouble = f"the run stopped: {' '.join(str(error).split()) or type(error).__name__}"
        finally:
            self._until = self.stage.horizon
            if self.playing:
                self.playing = False
                self.changed()

    async def _deliver(self) -> None:
        """Hand frames to whoever is due one, at most `frames` a second."""
        while not self._closed:
            await self._news.wait()
            self._news.clear()
            due = [(viewer, frame) for viewer in list(self.viewers) if (frame := viewer.due()) is not None]
            for viewer, frame in due:
                # not awaited together with the others: a browser that is slow to take it keeps nobody up
                task = asyncio.ensure_future(viewer.send(frame))
                _under_way.add(task)
                task.add_done_callback(_under_way.discard)
            if due:
                await asyncio.sleep(1 / self.frames)


_under_way: set[asyncio.Task[None]] = set()  # the loop itself keeps only weak references
