"""Who may come in, whose run is whose, and what is freed when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from markets import small

from sim.live import rooms
from sim.live.limits import Limits, Refused
from sim.live.rooms import House, Sides

SCENARIO = small()
SIDES: Sides = {"push": (SCENARIO, "push"), "pull": (SCENARIO, "pull")}


def in_house(play: Callable[[House], Awaitable[Any]], limits: Limits | None = None, code: str | None = None) -> None:
    async def played() -> None:
        house = House(limits, code)
        try:
            await asyncio.wait_for(play(house), 20)
        finally:
            await house.close()
            assert house.sessions == 0

    asyncio.run(played())


def test_every_browser_has_its_own_run_and_finds_it_again() -> None:
    async def play(house: House) -> None:
        one, two = await house.open("one", SIDES), await house.open("two", SIDES)
        await one.stage.steps(3)
        assert (one.stage.month, two.stage.month) == (3, 0)
        house.leave("one")
        assert house.session("one") is one
        assert (await house.open("one", SIDES)) is one  # begun anew
        assert one.stage.month == 0
        assert house.session("three") is None

    in_house(play)


def test_a_closed_tab_frees_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "GRACE", 0.05)

    async def play(house: House) -> None:
        session = await house.open("one", SIDES)
        session.player.play()
        house.leave("one")
        assert not session.player.playing
        await asyncio.sleep(0.1)
        assert house.sessions == 0
        with pytest.raises(Refused, match="closed"):
            await session.stage.steps(1)

    in_house(play)


def test_a_run_that_others_follow_stays_until_the_last_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "GRACE", 0.02)

    async def play(house: House) -> None:
        session = await house.open("one", SIDES)
        room = house.open_room(session)
        room.follow("two")
        house.leave("one")
        await asyncio.sleep(0.06)
        await session.stage.steps(1)
        room.unfollow("two")
        assert room.closed
        with pytest.raises(Refused, match="no room with this code"):
            house.room(room.code)
        await asyncio.sleep(0.01)
        with pytest.raises(Refused, match="closed"):
            await session.stage.steps(1)

    in_house(play)


def test_followers_and_what_they_are_told() -> None:
    async def play(house: House) -> None:
        session = await house.open("one", SIDES)
        told: list[str] = []
        session.watch(lambda: told.append("session"))
        room = house.open_room(session)
        unwatch = room.watch(lambda: told.append("room"))
        await house.open("two", SIDES)
        room.follow("two")
        assert (house.sessions, room.followers) == (1, 1)  # who follows needs no run of its own
        await house.begin(session, SIDES)
        assert session.room is room
        assert told.count("room") == 2
        unwatch()
        house.close_room(room.code)
        assert (room.closed, session.room) == (True, None)
        assert told.count("room") == 2
        assert told.count("session") == 4

    in_house(play)


def test_codes_open_the_door() -> None:
    async def play(house: House) -> None:
        session = await house.open("one", SIDES)
        room = house.open_room(session)
        assert house.admit("open-sesame ", "here") is None
        assert house.admit(f" {room.code[:2]}-{room.code[2:].lower()}", "here") is room
        assert house.room(room.code.lower()) is room
        for _ in range(3):
            with pytest.raises(Refused, match="not the code"):
                house.admit("WRONG", "there")
        with pytest.raises(Refused, match="too many wrong codes"):
            house.admit("OPENSESAME", "there")
        house.admit("OPENSESAME", "elsewhere")
        house.close_room(room.code)
        with pytest.raises(Refused, match="not the code"):
            house.admit(room.code, "here")

    in_house(play, Limits(wrong_codes=3), "OPENSESAME")


def test_codes_are_easy_to_read_and_hard_to_guess() -> None:
    codes = {rooms.new_code() for _ in range(200)}
    assert len(codes) > 190
    assert not set("".join(codes)) & set("ILO01")


def test_limits_are_told() -> None:
    async def play(house: House) -> None:
        one = await house.open("one", SIDES)
        house.open_room(one)
        two = await house.open("two", SIDES)
        with pytest.raises(Refused, match="all 2 runs of this machine are taken"):
            await house.open("three", SIDES)
        with pytest.raises(Refused, match="1 rooms already"):
            house.open_room(two)
        house.free("one")
        await house.open("three", SIDES)
        large = small(buyers={"count": 300})
        with pytest.raises(Refused, match="300 buyers; here at most 200"):
            await house.begin(two, {"push": (large, "push")})
        await two.stage.steps(1)  # what it had is still there
        with pytest.raises(Refused, match="must be a name"):
            await house.begin(two, {"push, small": (SCENARIO, "push")})

    in_house(play, Limits(sessions=2, rooms=1, buyers=200))
