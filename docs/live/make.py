"""Take the picture of the live page: `python docs/live/make.py`.

Needs the extras `live` and `test`, and Debian's chromium. Plays office_imaging.yaml with 5000
buyers in a browser, drops in an entrant, runs it 50 times, and saves docs/pictures/live.png.
"""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "pictures" / "live.png"
COLOURS = 192  # of the palette: enough for shaded bands, and a third of the bytes
ENTRY, SHOWN = 48, 84  # months: when the entrant is dropped in, and what the picture shows


def seek(page: Page, month: int) -> None:
    """Move the timeline, and wait until the month is drawn."""
    move = "(line, month) => { line.value = month; line.dispatchEvent(new Event('change')); }"
    page.locator(".pp-time input").evaluate(move, month)
    page.locator(".pp-month", has_text=f"Month {month - 1}").wait_for()


def play(page: Page) -> bytes:
    """What a facilitator would do in a minute; gives the picture."""
    page.wait_for_selector(".pp-time input")
    seek(page, ENTRY)
    page.get_by_role("button", name="Drop in an entrant").click()
    page.get_by_label("Name").fill("Upstart")
    page.get_by_role("button", name="Enter now").click()
    page.locator(".q-dialog").wait_for(state="detached")
    page.get_by_role("button", name="Run this 50 times").click()
    page.get_by_text("50 runs, the middle 90 %").wait_for(timeout=600_000)
    seek(page, SHOWN)
    page.mouse.move(2, 2)
    page.wait_for_timeout(500)
    return page.screenshot()


def main() -> None:
    """Serve, play, save."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "sim.cli", "live", "scenarios/office_imaging.yaml"]
    command += ["--set", "buyers.count=5000", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(address, timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.1)
            with sync_playwright() as started:
                browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1280, "height": 720})
                page.set_default_timeout(120_000)
                page.goto(address)
                taken = play(page)
                browser.close()
        finally:
            server.terminate()
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    print(f"wrote {PICTURE}: {PICTURE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
