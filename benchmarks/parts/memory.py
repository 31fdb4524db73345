"""Bytes a buyer beyond the interpreter, and how many buyers fit. A process of its own for each figure; Linux only."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.measuring import Sizes
from benchmarks.page import table

TITLE = "Memory a buyer"
ROOT = Path(__file__).resolve().parents[2]
TICKS = 3  # enough to have met every array that a tick makes


def resident(name: str) -> int:
    """An entry of this process's memory: VmRSS now, VmHWM at most [bytes]."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {name}")


def taken(engine: str, buyers: int, sellers: int) -> dict[str, float]:
    """Bytes a buyer in this process: declared columns, steady and peak."""
    from benchmarks.markets import build, scenario_of

    # imports, compiled code and all that does not grow come first
    warm = _stepped(build(engine, scenario_of(200, sellers), 1))
    warm.release()
    del warm
    gc.collect()
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak is counted from here
    market = _stepped(build(engine, scenario_of(buyers, sellers), 1))
    gc.collect()
    steady, peak = resident("VmRSS") - before, resident("VmHWM") - before
    state = getattr(market, "state", ())
    columns = sum(part.nbytes for part in state)
    return {"columns": columns / buyers, "steady": steady / buyers, "peak": peak / buyers, "interpreter": before}


def _stepped(market: Any) -> Any:
    for _ in range(TICKS):
        market.step()
    return market


def measured(engine: str, buyers: int, sellers: int) -> dict[str, float]:
    """`taken` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.parts.memory", engine, str(buyers), str(sellers)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(sizes: Sizes) -> str:
    """Measure and tell."""
    if not Path("/proc/self/clear_refs").exists():
        return "Memory is measured on Linux only."
    large, middle, small = (20_000, 5000, 1000) if sizes.quick else (1_000_000, 1_000_000, 20_000)
    cases = [("columns", large, 5), ("columns", large, 10), ("agents", small, 5)]
    cases += [("mesa objects", small, 5), ("numpy", middle, 5)]
    rows, found = [], {}
    for engine, buyers, sellers in cases:
        figures = found[engine, sellers] = measured(engine, buyers, sellers)
        declared = f"{figures['columns']:.0f}" if figures["columns"] else "–"
        rows.append([engine, f"{buyers:,}", sellers, declared, f"{figures['steady']:.0f}", f"{figures['peak']:.0f}"])
    header = ["engine", "buyers", "sellers", "bytes, columns", "bytes, steady", "bytes, peak"]
    return f"{table(header, rows)}\n\n{_formula(found['columns', 5], found['columns', 10])}"


def _formula(five: dict[str, float], ten: dict[str, float]) -> str:
    seller = (ten["peak"] - five["peak"]) / 5
    buyer = five["peak"] - 5 * seller
    beside = five["interpreter"] / 1e6
    return (
        f"A market of the columns engine takes, at its peak, {beside:.0f} MB + buyers × ({buyer:.0f} + "
        f"{seller:.1f} × sellers) bytes: with five sellers {(1e9 - 1e6 * beside) / five['peak'] / 1e6:.1f} million "
        f"buyers fit into 1 GB and {(8e9 - 1e6 * beside) / five['peak'] / 1e6:.0f} million into 8 GB."
    )


if __name__ == "__main__":
    print(json.dumps(taken(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
