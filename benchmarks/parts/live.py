"""Pictures a second on the live page, in real browsers on the machine that also plays the markets."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import socketio

from benchmarks.markets import ROOT, scenario_of
from benchmarks.measuring import Sizes
from benchmarks.page import table

TITLE = "The live page"
BUYERS, HORIZON, SELLERS = 5000, 500, 6  # of the measurement that the page is built for
BROWSERS, PICTURES = 20, 4.0  # of the workshop
SECONDS = 8.0

# A picture is counted when the month that it shows has changed; the charts are painted in the same breath.
COUNT = """() => { window.pictures = 0;
  new MutationObserver(() => { window.pictures += 1; })
    .observe(document.querySelector('.pp-month'), {childList: true, characterData: true, subtree: true}); }"""


def used(process: int, *, family: bool = False) -> float:
    """Processor time that a process has taken so far, if asked with those that came of it, as Linux counts it [s]."""
    times, parents = {}, {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        number = int(file.parent.name)
        parents[number], times[number] = int(fields[1]), int(fields[11]) + int(fields[12])

    def belongs(number: int) -> bool:
        while family and number != process and number in parents:
            number = parents[number]
        return number == process

    return sum(time_ for number, time_ in times.items() if belongs(number)) / os.sysconf("SC_CLK_TCK")


class Server(NamedTuple):
    """A workshop in a process of its own."""

    address: str
    process: int


@contextmanager
def served(buyers: int, horizon: int) -> Iterator[Server]:
    """Serve a workshop."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "live.yaml"
        file.write_text(scenario_of(buyers, SELLERS, horizon=horizon).to_yaml(), encoding="utf-8")
        command = [sys.executable, "-m", "sim.cli", "live", str(file), "--port", str(port)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ}) as server:
            address = f"http://127.0.0.1:{port}"
            for _ in range(600):
                try:
                    urllib.request.urlopen(address, timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.1)
            try:
                yield Server(address, server.pid)
            finally:
                server.terminate()


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser of Debian's."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        if path is None:
            raise RuntimeError("the live page is measured in chromium: apt-get install chromium")
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def page_of(browser: Any, address: str) -> Any:
    """A browser's own run, at its start."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    page.wait_for_selector(".pp-time input")
    page.evaluate(COUNT)
    return page


def at_month(page: Any) -> int:
    words = str(page.locator(".pp-month").inner_text())
    return int(words.split()[-1]) if words.startswith("Month") else -1


def seek(page: Any, month: int) -> None:
    """Let everything up to a month be drawn."""
    page.locator(".pp-time input").evaluate(
        "(line, month) => { line.value = month; line.dispatchEvent(new Event('change')); }", month
    )
    while at_month(page) < month - 1:
        page.wait_for_timeout(100)


def hurry(page: Any, speed: str) -> None:
    page.get_by_label("Speed").click()
    page.get_by_text(f"{speed} a second", exact=True).click()
    page.wait_for_timeout(400)


def painting(server: Server) -> float:
    """Processor time of server and browser, without the processes that wait to run a market many times [s]."""
    return used(os.getpid(), family=True) - used(server.process, family=True) + used(server.process)


def alone(buyers: int, horizon: int, seconds: float) -> tuple[float, float]:
    """One browser, four charts, a line of a point a month for each of six sellers, most of them drawn.

    Returns
    -------
    tuple of float
        Pictures a second, and processor time of one, of server and browser together [s].
    """
    with served(buyers, horizon) as server, chromium() as browser:
        page = page_of(browser, server.address)
        hurry(page, "30")
        seek(page, horizon - round(30 * (seconds + 2)))
        page.keyboard.press("Space")
        page.wait_for_timeout(1000)
        count, begun, spent = page.evaluate("window.pictures"), time.perf_counter(), painting(server)
        page.wait_for_timeout(1000 * seconds)
        count, took = page.evaluate("window.pictures") - count, time.perf_counter() - begun
        return count / took, (painting(server) - spent) / max(count, 1)


class Guest:
    """A browser that speaks the page's protocol, presses play and acknowledges every picture, but paints nothing.

    Twenty browsers that paint without a graphics card would measure themselves, not the server
    that a room has.
    """

    def __init__(self) -> None:
        self.pictures = self.bytes = 0
        self._socket = socketio.AsyncClient()
        self._events: dict[str, tuple[int, str]] = {}
        self._client = ""

    async def come(self, session: aiohttp.ClientSession, address: str) -> None:
        """Open the page, and wait until the stage is there."""
        async with session.get(address) as answer:
            text = await answer.text()
        found = re.search(r"'client_id': '([0-9a-f-]+)'", text)
        assert found is not None
        self._client = found.group(1)
        self._socket.on("update", self._updated)
        self._socket.on("run_javascript", self._told)
        query = {"client_id": self._client, "document_id": str(uuid.uuid4()), "tab_id": str(uuid.uuid4())}
        query |= {"next_message_id": "0", "implicit_handshake": "true"}
        await self._socket.connect(
            f"{address}?{urllib.parse.urlencode(query)}",
            socketio_path="/_nicegui_ws/socket.io",
            transports=["websocket"],
        )
        while "painted" not in self._events:
            await asyncio.sleep(0.05)
        await self._say("ready")

    async def play(self) -> None:
        """Press the space bar."""
        await self._say("key", "play")

    async def go(self) -> None:
        """Close the tab."""
        await self._socket.disconnect()

    async def _say(self, event: str, *terms: object) -> None:
        element, listener = self._events[event]
        # as the page does: each term is JSON of its own
        message = {
            "id": element,
            "client_id": self._client,
            "listener_id": listener,
            "args": list(map(json.dumps, terms)),
        }
        if self._socket.connected:
            await self._socket.emit("event", message)

    async def _updated(self, elements: dict[str, Any]) -> None:
        """Take down under which numbers the stage listens."""
        for name, element in elements.items():
            if not isinstance(element, dict):
                continue
            events = {event["type"]: event["listener_id"] for event in element.get("events", [])}
            if "painted" in events:
                self._events = {event: (int(name), listener) for event, listener in events.items()}

    async def _told(self, message: dict[str, Any]) -> None:
        found = re.match(r'return runMethod\(\d+, "frame", (.*)\)$', message["code"], re.S)
        if found is None:
            return
        self.pictures += 1
        self.bytes += len(message["code"])
        await self._say("painted", json.loads(found.group(1))[0]["frame"])


class Crowd(NamedTuple):
    """Many guests, each with a run of its own."""

    rates: list[float]  # pictures a second of each
    size: float  # of a picture [kB]
    processor: float  # that the server took for a picture [s]


def together(browsers: int, buyers: int, seconds: float) -> Crowd:
    """Let many play."""
    with served(buyers, 120) as server:
        return asyncio.run(_together(server, browsers, seconds))


async def _together(server: Server, browsers: int, seconds: float) -> Crowd:
    guests = [Guest() for _ in range(browsers)]
    async with aiohttp.ClientSession() as session:
        for guest in guests:
            await guest.come(session, server.address)
        for guest in guests:
            await guest.play()
        await asyncio.sleep(1)
        before, begun, spent = (
            [(guest.pictures, guest.bytes) for guest in guests],
            time.perf_counter(),
            used(server.process),
        )
        await asyncio.sleep(seconds)
        took, spent = time.perf_counter() - begun, used(server.process) - spent
        rates = [(guest.pictures - old) / took for guest, (old, _) in zip(guests, before, strict=True)]
        sent = sum(guest.bytes for guest in guests) - sum(size for _, size in before)
        for guest in guests:
            await guest.go()
    number = max(sum(rates) * took, 1)
    return Crowd(rates, sent / 1000 / number, spent / number)


def measure(sizes: Sizes) -> str:
    """Measure and tell."""
    buyers, horizon = (200, 120) if sizes.quick else (BUYERS, HORIZON)
    browsers, seconds = (2, 2.0) if sizes.quick else (BROWSERS, SECONDS)
    one, paint = alone(buyers, horizon, min(seconds, 2.0) if sizes.quick else seconds)
    few = together(2, buyers, seconds)  # who get every month, also on a busy machine
    crowd = together(browsers, buyers, seconds)
    many = crowd.rates
    rows = [
        [f"one browser, 30 months a second, {horizon} months of {SELLERS} sellers in 4 charts", f"{one:.1f}", "15"],
        [
            f"{browsers} browsers, {PICTURES:g} months a second, median",
            f"{sorted(many)[len(many) // 2]:.1f}",
            f"{PICTURES:g}",
        ],
        [f"{browsers} browsers, {PICTURES:g} months a second, slowest", f"{min(many):.1f}", f"{PICTURES:g}"],
    ]
    said = (
        f"Two economies of {buyers} buyers each. The one browser is headless Chromium on the same machine, without a "
        "graphics card; a picture is counted when the month that is shown has changed, and took "
        f"{1000 * paint:.0f} ms of processor time, server and browser together. The many speak the page's "
        f"protocol and acknowledge each picture ({few.size:.1f} kB) without painting it, as in a room everybody's own "
        f"machine does that; at {PICTURES:g} months a second there are no more than {PICTURES:g} to be sent. "
        f"With two of them a picture and its month took {1000 * few.processor:.1f} ms of the server's processor time, "
        f"so that {browsers * PICTURES:.0f} a second take {browsers * PICTURES * few.processor:.2f} cores; a machine "
        "that is busy with other things (see the load) gives fewer."
    )
    return f"{table(['what', 'pictures a second', 'aim'], rows)}\n\n{said}"
