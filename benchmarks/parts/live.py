"""Pictures a second on the live page, in real browsers on the machine that also plays the markets."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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


@contextmanager
def served(buyers: int, horizon: int) -> Iterator[str]:
    """A workshop in a process of its own; gives its address."""
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
                yield address
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


def pictures(pages: list[Any], seconds: float) -> list[float]:
    """Pictures a second of each page while all of them play."""
    for page in pages:
        page.keyboard.press("Space")
    pages[0].wait_for_timeout(1000)
    counts, begun = [page.evaluate("window.pictures") for page in pages], time.perf_counter()
    pages[0].wait_for_timeout(1000 * seconds)
    ends = [(page.evaluate("window.pictures"), time.perf_counter()) for page in pages]
    return [(end - count) / (at - begun) for count, (end, at) in zip(counts, ends, strict=True)]


def alone(buyers: int, horizon: int, seconds: float) -> float:
    """One browser, four charts, a line of a point a month for each of six sellers, most of them drawn."""
    with served(buyers, horizon) as address, chromium() as browser:
        page = page_of(browser, address)
        hurry(page, "30")
        seek(page, horizon - round(30 * (seconds + 2)))
        return pictures([page], seconds)[0]


def together(browsers: int, buyers: int, seconds: float) -> list[float]:
    """Many browsers, each with a run of its own at its own pace."""
    with served(buyers, 120) as address, chromium() as browser:
        pages = [page_of(browser, address) for _ in range(browsers)]
        return pictures(pages, seconds)


def measure(sizes: Sizes) -> str:
    """Measure and tell."""
    buyers, horizon = (200, 120) if sizes.quick else (BUYERS, HORIZON)
    browsers, seconds = (2, 2.0) if sizes.quick else (BROWSERS, SECONDS)
    one = alone(buyers, horizon, min(seconds, 2.0) if sizes.quick else seconds)
    many = together(browsers, buyers, seconds)
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
        f"Two economies of {buyers} buyers each. Server and all browsers (headless Chromium, painting without a "
        "graphics card) share the machine, which in a room they do not."
    )
    return f"{table(['what', 'pictures a second', 'aim'], rows)}\n\n{said}"
