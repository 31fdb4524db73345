"""The clock, and viewers who are quick, slow, or gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from markets import small

from sim.live.player import FASTEST, SLOWEST, Frame, Player, Viewer
from sim.live.stage import Stage


def with_player(play: Callable[[Player], Awaitable[Any]], **more: Any) -> None:
    async def played() -> None:
        player = Player(Stage.of(small(**more), ("push", "pull")), frames=200)
        player.speed = FASTEST
        try:
            await asyncio.wait_for(play(player), 20)
        finally:
            await player.close()

    asyncio.run(played())


class Screen:
    """A browser that puts together what it is sent, and acknowledges or not."""

    def __init__(self, player: Player, acknowledges: bool = True) -> None:
        self.frames: list[Frame] = []
        self.share = np.zeros((0, 0))
        self.version = -1
        self.acknowledges = acknowledges
        self.viewer: Viewer = player.look(self.show)

    def show(self, frame: Frame) -> None:
        rows = frame.rows["pull"]
        if frame.version != self.version:
            assert rows.start == 0
            self.version, self.share = frame.version, rows.share
        else:
            assert rows.start == len(self.share)  # no month twice, none left out
            self.share = np.concatenate([self.share, rows.share])
        self.frames.append(frame)
        if self.acknowledges:
            asyncio.get_running_loop().call_soon(self.viewer.acknowledge, frame.number)


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.005)


def test_a_viewer_sees_every_month_once_whatever_happens() -> None:
    async def play(player: Player) -> None:
        stage, screen = player.stage, Screen(player)
        player.play()
        await until(lambda: stage.month > 4)
        player.pause()
        await stage.rewind(2)
        player.changed()
        await stage.set("sellers.Closers.price", 0.6)
        await stage.enter()
        player.changed()
        late = Screen(player)
        player.play()
        await until(lambda: stage.over and not player.playing)
        await until(lambda: bool(len(screen.share) == len(late.share) == 14))
        for one in (screen, late):
            assert np.array_equal(one.share, stage.rows("pull").share)
            assert one.frames[-1].sellers[-1] == "Entrant"
            assert not one.frames[-1].playing

    with_player(play)


def test_a_slow_viewer_keeps_nobody_up_and_gets_the_rest_later() -> None:
    async def play(player: Player) -> None:
        quick, slow = Screen(player), Screen(player, acknowledges=False)
        for month in range(1, 15):
            await player.stage.steps(1)
            player.changed()
            await until(lambda month=month: len(quick.share) == month)  # type: ignore[misc]
        assert len(slow.frames) == 2  # on their way, and no more
        assert len(quick.frames) == 15
        slow.acknowledges = True
        slow.viewer.acknowledge(slow.frames[-1].number)
        await until(lambda: len(slow.share) == 14)
        assert len(slow.frames) == 3
        assert np.array_equal(slow.share, quick.share)

    with_player(play)


def test_a_browser_that_hangs_or_fails_is_its_own_trouble() -> None:
    async def play(player: Player) -> None:
        async def hangs(frame: Frame) -> None:
            await asyncio.sleep(3600)

        async def fails(frame: Frame) -> None:
            raise ConnectionError

        player.look(hangs)
        broken = player.look(fails)
        screen = Screen(player)
        player.play()
        await until(lambda: len(screen.share) == 14)
        assert broken not in player.viewers
        assert screen.viewer in player.viewers
        screen.viewer.leave()
        player.changed()
        seen = len(screen.frames)
        await asyncio.sleep(0.05)
        assert len(screen.frames) == seen

    with_player(play)


def test_speed_is_months_a_second() -> None:
    async def play(player: Player) -> None:
        player.speed = 20
        loop = asyncio.get_running_loop()
        start = loop.time()
        player.play()
        await until(lambda: player.stage.month >= 8)
        assert 0.35 <= loop.time() - start < 5  # 0.4 s, or later on a busy machine
        player.speed = 0
        assert player.speed == SLOWEST
        await until(lambda: player.stage.month >= 9)  # two seconds later
        assert loop.time() - start > 1.4
        player.speed = 1000
        assert player.speed == FASTEST

    with_player(play)


def test_played_to_a_month_and_no_further() -> None:
    async def play(player: Player) -> None:
        await player.play_to(5)
        assert (player.stage.month, player.playing) == (5, False)
        await player.play_to(5)
        player.play()
        await until(lambda: player.stage.over)

    with_player(play)


def test_a_run_that_fails_stops_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(player: Player) -> None:
        async def broken(count: int) -> int:
            raise RuntimeError("the strategy\nfailed")

        monkeypatch.setattr(player.stage, "steps", broken)
        player.play()
        await until(lambda: not player.playing)
        assert player.trouble == "the run stopped: the strategy failed"

    with_player(play)
