"""The live page in a real browser: painted, clicked, saved and followed, and nothing leaves this machine."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("nicegui", reason="the live page needs the extra live")
playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright, of the extra test")

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")

ROOT = Path(__file__).parents[2]
WAIT = 60_000  # for anything that takes time on a busy machine [ms]
HORIZON = 48


def surroundings() -> dict[str, str]:
    """For a command that is to be this checkout's, and is not to know that it is tested."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "NICEGUI"))}
    return kept | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A workshop, served by the command."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "sim.cli", "live", str(ROOT / "scenarios" / "quick.yaml"), "--port", str(port)]
    command += ["--set", "buyers.count=400", "--set", f"horizon={HORIZON}"]
    log = (tmp_path_factory.mktemp("live") / "log").open("w+")
    with subprocess.Popen(command, stdout=log, stderr=log, env=surroundings()) as server:
        place = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(place, timeout=5).close()
                    break
                except OSError:
                    assert server.poll() is None, Path(log.name).read_text()
                    time.sleep(0.1)
            yield place
        finally:
            server.terminate()
            server.wait(20)
    said = Path(log.name).read_text()
    assert "Traceback" not in said, said


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Opens pages, each in a browser of its own from which only this machine can be reached."""
    contexts, outside, errors = [], [], []

    def opened(path: str = "/", width: int = 1280, height: int = 720, scheme: str = "light") -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)

        def only_here(route: Any) -> None:
            if re.match(rf"(data|blob):|{re.escape(address)}/", route.request.url):
                route.continue_()
            else:
                outside.append(route.request.url)
                route.abort()

        context.route("**/*", only_here)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.on(
            "websocket",
            lambda one: None if one.url.startswith(address.replace("http", "ws")) else outside.append(one.url),
        )
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address + path)
        page.wait_for_selector(".pp-time input")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not outside
    assert not errors


def said(page: Any) -> int:
    """The month that stands on the page; -1 at the start."""
    words = page.locator(".pp-month").inner_text()
    return int(words.removeprefix("Month ")) if words.startswith("Month") else -1


def wait_for(page: Any, true: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT / 1000
    while not true():
        assert time.monotonic() < end, "it did not happen"
        page.wait_for_timeout(50)


def seek(page: Any, month: int) -> None:
    """Move the timeline, as a hand would."""
    page.locator(".pp-time input").evaluate(
        "(line, month) => { line.value = month; line.dispatchEvent(new Event('change')); }", month
    )
    wait_for(page, lambda: said(page) == month - 1)


def shares(page: Any, side: int) -> str:
    """What the share chart of a side says to a screen reader."""
    return str(page.locator(".pp-share .pp-plot").nth(side).get_attribute("aria-label"))


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def saved(page: Any, what: str) -> bytes:
    """What the browser saves when something is taken away."""
    press(page, "Take away")
    with page.expect_download() as download:
        page.locator(".q-menu").get_by_text(what, exact=True).click()
    return Path(download.value.path()).read_bytes()


def test_space_and_arrows_play(browse: Callable[..., Any]) -> None:
    page = browse()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    wait_for(page, lambda: said(page) >= 2)
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    page.wait_for_timeout(600)
    stopped = said(page)
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: said(page) == stopped + 1)
    page.keyboard.press("ArrowLeft")
    wait_for(page, lambda: said(page) == stopped)
    press(page, "Step")  # with the mouse: the button must not keep the space bar to itself
    wait_for(page, lambda: said(page) == stopped + 1)
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press("Space")
    assert "Heritage" in shares(page, 0)
    # something is painted in every chart
    for canvas in page.locator("canvas").all():
        colours = canvas.evaluate(
            "c => new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size"
        )
        assert colours > 5


def test_a_lever_of_one_side(browse: Callable[..., Any]) -> None:
    page = browse()
    seek(page, 6)
    press(page, "Levers")
    page.locator("[role=slider][aria-label='Push: Buyers who hunt'] [tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    press(page, "Log")
    page.locator(".pp-log li").first.wait_for()
    assert "Month 6" in page.locator(".pp-log").inner_text()
    assert "(Push)" in page.locator(".pp-log").inner_text()


def test_an_entrant_is_drawn_and_told(browse: Callable[..., Any]) -> None:
    page = browse()
    seek(page, 5)
    press(page, "Drop in an entrant")
    page.get_by_label("Name").fill("Upstart")
    press(page, "Enter now")
    page.locator(".q-dialog").wait_for(state="detached")
    seek(page, 12)
    assert "Upstart" in shares(page, 0)
    assert "Upstart" in shares(page, 1)


def test_rewind_fork_and_return(browse: Callable[..., Any]) -> None:
    page = browse()
    seek(page, 30)
    first = shares(page, 1)
    seek(page, 10)
    press(page, "Drop in an entrant")
    press(page, "Enter now")
    page.locator(".q-dialog").wait_for(state="detached")
    seek(page, 30)
    assert shares(page, 1) != first
    press(page, "Log")
    press(page, "Return")
    wait_for(page, lambda: shares(page, 1) == first)


def test_what_is_saved_replays(browse: Callable[..., Any], tmp_path: Path) -> None:
    page = browse()
    seek(page, 8)
    press(page, "Drop in an entrant")
    press(page, "Enter now")
    page.locator(".q-dialog").wait_for(state="detached")
    seek(page, HORIZON)
    shown = list(csv.DictReader(io.StringIO(saved(page, "Table").decode())))
    (tmp_path / "live.yaml").write_bytes(saved(page, "Scenario"))
    picture = saved(page, "Picture")
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000

    command = [sys.executable, "-m", "sim.cli", "run", "live.yaml", "-n", "1", "--jobs", "1", "--out", "run"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    (file,) = tmp_path.rglob("shares.parquet")
    run = pd.read_parquet(file)
    replayed = {(row.economy, row.tick, row.seller): (row.share, row.satisfaction) for row in run.itertuples()}
    assert len(shown) == len(replayed) == HORIZON * 2 * 5
    for row in shown:
        share, satisfaction = replayed[row["economy"], int(row["month"]), row["seller"]]
        assert float(row["share"]) == share  # to the last bit
        assert (row["satisfaction"] == "") == (satisfaction != satisfaction)
        assert row["satisfaction"] == "" or float(row["satisfaction"]) == satisfaction


def test_bands_behind_the_lines(browse: Callable[..., Any]) -> None:
    page = browse()
    seek(page, HORIZON)
    page.mouse.move(5, 5)

    def painted() -> str:
        return str(page.locator(".pp-share canvas").first.evaluate("canvas => canvas.toDataURL()"))

    plain = painted()
    press(page, "Run this 50 times")
    page.get_by_text("50 runs, the middle 90 %").wait_for(timeout=3 * WAIT)
    wait_for(page, lambda: painted() != plain)
    press(page, "Take bands away")
    wait_for(page, lambda: painted() == plain)


def test_two_browsers_play_apart(browse: Callable[..., Any]) -> None:
    one, other = browse(), browse()
    seek(one, 4)
    other.wait_for_timeout(300)
    assert said(other) == -1


def test_a_room_is_followed(browse: Callable[..., Any]) -> None:
    lead = browse()
    press(lead, "Room")
    press(lead, "Open a room")
    code = lead.locator(".pp-side .pp-code").inner_text()
    follower = browse(f"/room/{code}", 390, 844, "dark")
    seek(lead, 7)
    wait_for(follower, lambda: said(follower) == 6)
    assert shares(follower, 1) == shares(lead, 1)
    assert follower.locator(".pp-time input").is_disabled()
    lead.get_by_text("1 follows").wait_for()
    press(lead, "Close the room")
    follower.get_by_text("Which room?").wait_for()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_it_fits(browse: Callable[..., Any], width: int, height: int) -> None:
    page = browse("/", width, height)
    seek(page, 3)
    across, down = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert across <= width
    assert width < 700 or down <= height
    bare = page.locator("button, input, canvas[role=img], [role=slider]").evaluate_all(
        "all => all.filter(e => e.offsetParent && !e.getAttribute('aria-label') && !e.textContent.trim()"
        " && !e.labels?.length && !e.closest('[aria-label]')).map(e => e.outerHTML)"
    )
    assert not bare
