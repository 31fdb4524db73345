"""Time of `pushpull [COMMAND] --help`: python benchmarks/help.py"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

REPEATS = 7


def seconds(arguments: list[str]) -> float:
    """Median wall time of a command [s]."""
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "sim.cli", *arguments, "--help"], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


if __name__ == "__main__":
    for command in ("", "run", "check", "new", "strategies", "schema", "report"):
        print(f"{f'pushpull {command} --help'.replace('  ', ' '):30}{seconds([command] if command else []):6.3f} s")
