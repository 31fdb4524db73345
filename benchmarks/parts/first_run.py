"""The very first run, the second, and how long `--help` takes: each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time

from benchmarks.markets import ROOT
from benchmarks.measuring import Sizes, spread
from benchmarks.page import table

TITLE = "The first run and the second"
QUICK = ROOT / "scenarios" / "quick.yaml"


def command(*words: str, cache: str | None = None) -> float:
    """Run a `pushpull` command; seconds of wall time."""
    environment = {**os.environ, **({"PUSHPULL_CACHE": cache} if cache else {})}
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "sim.cli", *words], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - begun


def compilations(cache: str) -> dict[str, float]:
    """What a small market compiles in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.parts.first_run"],
        cwd=ROOT,
        env={**os.environ, "PUSHPULL_CACHE": cache},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def compiled_here() -> dict[str, float]:
    """Functions that numba compiles for a market in this process, and the seconds it takes."""
    from numba.core import event

    with event.install_recorder("numba:compile") as recorder:
        from sim import Market, Scenario

        market = Market(Scenario.load(QUICK))
        market.step()
        market.step()
    depth, seconds, functions, since = 0, 0.0, 0, 0.0
    for at, one in recorder.buffer:  # compiling one function may compile another
        if one.is_start:
            functions += 1
            since = at if depth == 0 else since
            depth += 1
        else:
            depth -= 1
            seconds += at - since if depth == 0 else 0.0
    return {"functions": functions, "seconds": seconds}


def measure(sizes: Sizes) -> str:
    """Measure and tell."""
    rounds = 1 if sizes.quick else 3
    small = ["-n", "1", "--set", "buyers.count=200"] if sizes.quick else []
    first, second, compiling, again, functions = [], [], [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as out:
            words = ["run", str(QUICK), "-q", *small, "--out"]
            first.append(command(*words, f"{out}/first", cache=cache))
            second.append(command(*words, f"{out}/second", cache=cache))
        with tempfile.TemporaryDirectory() as cache:
            cold, warm = compilations(cache), compilations(cache)
            compiling.append(cold["seconds"])
            functions.append(int(cold["functions"]))
            again.append(int(warm["functions"]))
    helps = [command("--help") for _ in range(2 * rounds + 1)]
    rows: list[list[object]] = [
        ["`pushpull run scenarios/quick.yaml`, nothing compiled yet [s]", spread(first)],
        ["the same again [s]", spread(second)],
        ["compiling, in the first run [s]", spread(compiling)],
        ["functions compiled in the first run", max(functions)],
        ["functions compiled in the second run", max(again)],
        ["`pushpull --help` [s]", spread(helps)],
    ]
    return table(["what", "measured"], rows)


if __name__ == "__main__":
    print(json.dumps(compiled_here()))
