"""The page's logic, by NiceGUI's simulated user: no browser, so that nothing is painted."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

nicegui = pytest.importorskip("nicegui", reason="the live page needs the extra live")
pytest.importorskip("uplot", reason="the live page needs the extra live")

from nicegui.testing import User, user_simulation  # noqa: E402

from sim import Scenario  # noqa: E402
from sim.live.limits import Limits  # noqa: E402
from sim.live.page.app import Workshop  # noqa: E402
from sim.live.page.choosing import first_sides  # noqa: E402
from sim.live.page.stage_view import Charts  # noqa: E402
from sim.live.rooms import Session  # noqa: E402

QUICK = Scenario.load(Path(__file__).parents[2] / "scenarios" / "quick.yaml")
SMALL = QUICK.with_values({"name": "small", "buyers.count": 200, "horizon": 40})


def simulated(code: str | None = None) -> Callable[[Callable[..., Awaitable[None]]], Callable[[], None]]:
    """Run a test with a workshop and a way to make users of it."""

    def around(test: Callable[..., Awaitable[None]]) -> Callable[[], None]:
        @wraps(test)
        def run() -> None:
            async def main() -> None:
                async with user_simulation(lambda: None) as user:
                    workshop = Workshop(SMALL, [QUICK], address="http://test", code=code, limits=Limits())
                    await test(user, workshop)

            # afterwards the simulation drops the modules of all pages, and with them the package of ours
            kept = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "sim"}
            try:
                asyncio.run(main())
            finally:
                sys.modules.update(kept)

        del run.__wrapped__  # else pytest takes its parameters for fixtures
        return run

    return around


async def opened(user: User, path: str = "/") -> None:
    """Open a page and let its stage be ready to draw, as a browser would say."""
    await user.open(path)
    await see(user, kind=Charts)
    user.find(kind=Charts).trigger("ready")


async def see(user: User, *what: str, **which: Any) -> None:
    """Wait until it is on the page, however busy the machine is."""
    await user.should_see(*what, retries=600, **which)


async def until(true: Callable[[], object]) -> None:
    """Wait for what happens on its own."""
    for _ in range(3000):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


def run_of(workshop: Workshop, user: User) -> Session:
    """The run of a user's browser."""
    session = workshop.house.session(user.tab_id)
    assert session is not None
    return session


@simulated()
async def test_step_back_and_reset(user: User, workshop: Workshop) -> None:
    await opened(user)
    stage = run_of(workshop, user).stage
    for month in (1, 2):
        user.find(marker="step").click()
        await until(lambda month=month: stage.month == month)
    user.find(marker="back").click()
    await until(lambda: stage.month == 1)
    assert stage.played == 2
    user.find(marker="reset").click()
    await until(lambda: stage.month == 0 and stage.played == 0)


@simulated()
async def test_play_pauses_and_the_button_says_so(user: User, workshop: Workshop) -> None:
    await opened(user)
    player = run_of(workshop, user).player
    user.find(marker="speed").elements.copy().pop().set_value(30.0)
    assert player.speed == 30
    user.find(kind=Charts).trigger("key", "play")
    await until(lambda: player.playing and player.stage.month > 2)
    await see(user, "Pause")
    user.find(marker="play").click()
    await until(lambda: not player.playing)
    await see(user, "Play")


@simulated()
async def test_frames_stop_until_they_are_painted(user: User, workshop: Workshop) -> None:
    await opened(user)
    (viewer,) = run_of(workshop, user).player.viewers
    for _ in range(5):
        user.find(marker="step").click()
        await asyncio.sleep(0.1)
    await until(lambda: viewer.waiting)
    user.find(kind=Charts).trigger("painted", 2)
    await until(lambda: not viewer.waiting)


@simulated()
async def test_a_lever_acts_and_is_logged(user: User, workshop: Workshop) -> None:
    await opened(user)
    stage = run_of(workshop, user).stage
    user.find(marker="levers").click()
    await see(user, marker="slider-sellers.Heritage.price")
    (slider,) = user.find(marker="slider-sellers.Heritage.price").elements
    slider.set_value(0.8)
    assert not stage.log  # only when it is let go
    user.find(marker="slider-sellers.Heritage.price").trigger("change")
    await until(lambda: stage.log)
    assert [entry.key for entry in stage.log] == ["sellers.Heritage.price"]
    assert {lever.value for lever in stage.levers("pull") if lever.key == "sellers.Heritage.price"} == {0.8}
    user.find(marker="log").click()
    await see(user, stage.log[0].text)


@simulated()
async def test_a_lever_of_one_side_leaves_the_other(user: User, workshop: Workshop) -> None:
    await opened(user)
    stage = run_of(workshop, user).stage
    user.find(marker="levers").click()
    await see(user, "Push: Buyers who hunt")
    for slider in user.find(marker="slider-pull_share").elements:
        if "Push" in str(slider.props["aria-label"]):
            slider.set_value(0.5)
            for listener in slider._event_listeners.values():
                if listener.type == "change":
                    slider._handle_event({"listener_id": listener.id, "args": None})
    await until(lambda: stage.log)
    now = {side: next(one.value for one in stage.levers(side) if one.key == "pull_share") for side in stage.sides}
    assert now == {"push": 0.5, "pull": 1.0}


@simulated()
async def test_an_entrant_enters_or_the_page_says_why_not(user: User, workshop: Workshop) -> None:
    await opened(user)
    stage = run_of(workshop, user).stage
    user.find(marker="step").click()
    await until(lambda: stage.month == 1)
    user.find(marker="drop-in-an-entrant").click()
    await see(user, "Enter now")
    user.find(marker="entrant-name").type("Heritage")
    user.find(marker="enter-now").click()
    await until(lambda: user.notify.messages)
    assert "Heritage" in user.notify.messages[-1]
    user.find(marker="entrant-name").clear().type("Upstart")
    user.find(marker="enter-now").click()
    await until(lambda: "Upstart" in stage.sellers)
    assert stage.sellers[-1] == "Upstart"  # colours of the others stay


@simulated()
async def test_rewind_change_and_return(user: User, workshop: Workshop) -> None:
    await opened(user)
    stage = run_of(workshop, user).stage
    charts = user.find(kind=Charts)
    charts.trigger("seek", 9)
    await until(lambda: stage.month == 9)
    first = stage.rows("pull").share
    charts.trigger("seek", 4)
    await until(lambda: stage.month == 4)
    await stage.set("sellers.Heritage.price", 0.5)
    charts.trigger("seek", 9)
    await until(lambda: stage.month == 9)
    assert (stage.rows("pull").share[:4] == first[:4]).all()
    assert (stage.rows("pull").share[4:] != first[4:]).any()
    user.find(marker="log").click()
    await see(user, "Earlier runs")
    version = stage.version
    user.find(marker="return").click()
    await until(lambda: not stage.log and stage.version > version)
    assert (stage.rows("pull").share == first).all()


@simulated()
async def test_another_scenario_side_by_side(user: User, workshop: Workshop) -> None:
    await opened(user)
    session = run_of(workshop, user)
    before = session.player
    user.find(marker="compare").click()
    await see(user, "Side by side")
    user.find(marker="economy-left").elements.copy().pop().set_value("pull")
    user.find(marker="begin").click()
    await until(lambda: session.player is not before)
    assert session.stage.sides == ("pull", "pull 2")


@simulated()
async def test_a_follower_sees_and_steers_nothing(user: User, workshop: Workshop) -> None:
    await opened(user)
    session = run_of(workshop, user)
    user.find(marker="room").click()
    await see(user, "Open a room")
    user.find(marker="open-a-room").click()
    await until(lambda: session.room is not None)
    assert session.room is not None
    follower = User(user.http_client)
    await opened(follower, f"/room/{session.room.code.lower()}")
    await until(lambda: len(session.player.viewers) == 2)
    assert session.room.followers == 1
    charts = follower.find(kind=Charts)
    charts.trigger("seek", 5)
    charts.trigger("key", "play")
    await asyncio.sleep(0.3)
    assert session.stage.month == 0
    assert not session.player.playing
    await follower.should_not_see(marker="play")


@simulated()
async def test_teams_play_a_game(user: User, workshop: Workshop) -> None:
    await opened(user)
    session = run_of(workshop, user)
    session.player.speed = 60
    room = workshop.house.open_room(session)
    user.find(marker="room").click()
    await see(user, "Teams play the sellers")
    await room.begin_game(1, 3)
    team = User(user.http_client)
    await opened(team, f"/room/{room.code}")
    await see(team, "Take a seller")
    team.find(marker="team-name").type("Blue")
    team.find(marker="take-Allies").click()
    await until(lambda: room.game is not None and room.game.seats["Allies"] is not None)
    await see(user, "Blue")
    user.find(marker="next-phase").click()
    await see(team, "Allies, round 1 of 1")
    team.find(marker="decide-price").elements.copy().pop().set_value(0.9)
    team.find(marker="decide").click()
    await see(team, "Your decision is in.")
    user.find(marker="next-phase").click()
    await until(lambda: room.game is not None and room.game.phase == "over")
    assert session.stage.month == 3
    assert any("0.9" in entry.text for entry in session.stage.log)
    await see(team, "Final score")
    await see(user, "Blue, Allies")


@simulated()
async def test_two_users_play_apart(user: User, workshop: Workshop) -> None:
    other = User(user.http_client)
    await opened(user)
    await opened(other)
    mine, theirs = run_of(workshop, user), run_of(workshop, other)
    assert mine is not theirs
    user.find(marker="step").click()
    await until(lambda: mine.stage.month == 1)
    assert theirs.stage.month == 0


@simulated()
async def test_a_reloaded_page_finds_its_run(user: User, workshop: Workshop) -> None:
    await opened(user)
    session = run_of(workshop, user)
    await session.stage.steps(3)
    await opened(user)
    assert run_of(workshop, user) is session


@simulated()
async def test_no_such_room(user: User, workshop: Workshop) -> None:
    await user.open("/room/XXXX")
    await see(user, "there is no room with this code")


@simulated(code="OPEN42")
async def test_the_door(user: User, workshop: Workshop) -> None:
    client = user.http_client
    for path in ("/", "/room", "/room/ABCD"):
        asked = await client.get(path)
        assert "Code of this workshop" in asked.text
        assert "X-Nicegui-Content" not in asked.headers
    wrong = await client.post("/enter", data={"code": "nonsense", "to": "/"})
    assert wrong.status_code == 401
    assert "this is not the code" in wrong.text
    right = await client.post("/enter", data={"code": "open42", "to": "//elsewhere.example"})
    assert right.status_code == 303
    assert right.headers["location"] == "/"
    assert (await client.get("/")).headers["X-Nicegui-Content"] == "page"


@simulated(code="OPEN42")
async def test_the_code_of_a_room_opens_the_door_and_leads_there(user: User, workshop: Workshop) -> None:
    session = await workshop.house.open("facilitator", first_sides(SMALL))
    room = workshop.house.open_room(session)
    answer = await user.http_client.post("/enter", data={"code": room.code.lower(), "to": "/"})
    assert answer.headers["location"] == f"/room/{room.code}"


@simulated(code="OPEN42")
async def test_the_door_closes_after_many_wrong_codes(user: User, workshop: Workshop) -> None:
    client = user.http_client
    for _ in range(Limits().wrong_codes):
        assert (await client.post("/enter", data={"code": "nonsense"})).status_code == 401
    late = await client.post("/enter", data={"code": "OPEN42"})
    assert late.status_code == 401
    assert "wait" in late.text


@simulated(code="OPEN42")
async def test_what_is_typed_at_the_door_is_not_believed(user: User, workshop: Workshop) -> None:
    for body in (b"x" * 100_000, b"&".join([b"a=b"] * 50), b"\xff\xfe", b'code="><script>alert(1)</script>'):
        answer = await user.http_client.post("/enter", content=body)
        assert answer.status_code == 401
        assert "<script>alert" not in answer.text
