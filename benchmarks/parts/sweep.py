"""A sweep: what a second core is worth, and whether memory stays flat. Linux only."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.machine import cores
from benchmarks.markets import ECONOMY, ROOT, scenario_of
from benchmarks.measuring import Sizes, ratios, spread
from benchmarks.page import table
from sim.studies import of_words, performing
from sim.studies.performing import Plan, perform
from sim.studies.store import Store

TITLE = "A sweep: two cores, and memory"
LOOKS = 10  # at memory, evenly over the runs


def plan_of(points: int, replications: int, buyers: int, ticks: int) -> Plan:
    """A sweep over the search cost in the transition."""
    words = {
        "name": "benchmark",
        "kind": "sweep",
        "economies": [ECONOMY],
        "factors": {"behaviour.search_cost.pull": {"low": 0.02, "high": 1.0, "levels": points}},
        "measures": ["leader"],
        "replications": replications,
    }
    return Plan(of_words(words, scenario_of(buyers, horizon=ticks)))


def performed(plan: Plan, jobs: int) -> tuple[float, float]:
    """Run all of it into a new store: wall and processor time of all processes, their start included [s]."""
    with tempfile.TemporaryDirectory() as out:
        begun, used = time.perf_counter(), _used()
        failed = perform(plan, Store(Path(out)), jobs=jobs, progress=False, kept_in=Path(out))
        wall, processor = time.perf_counter() - begun, _used() - used
    if failed:
        raise RuntimeError(f"{len(failed)} replications failed")
    return wall, processor


def _used() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds))


def looks(plan: Plan, jobs: int) -> list[tuple[int, float, float]]:
    """Run all of it, and look at the memory on the way: runs done, bytes of this process, of the mean worker."""
    found: list[tuple[int, float, float]] = []
    every = max(1, plan.prepared.runs // LOOKS)

    class Watched(performing.Progress):
        """Looks at the memory instead of showing how far it is."""

        done = 0

        def step(self, failed: bool = False, lost: int = 0) -> None:
            self.done += 1
            if self.done % every == 0:
                workers = [_resident(pid) for pid in _workers()]
                found.append((self.done, _resident(os.getpid()), statistics.mean(workers) if workers else 0.0))

    performing.Progress = Watched  # type: ignore[misc]
    performed(plan, jobs)
    return found


def _workers() -> list[int]:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf-8").split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


def measure(sizes: Sizes) -> str:
    """Measure and tell."""
    if not Path("/proc/self/task").is_dir():
        return "A sweep is measured on Linux only."
    points, replications, buyers = (5, 8, 300) if sizes.quick else (50, 20, 1000)
    plan, jobs = plan_of(points, replications, buyers, 120), max(2, cores())
    performed(plan_of(2, 1, buyers, 120), 1)  # everything is compiled and loaded after this
    laps: dict[int, list[tuple[float, float]]] = {1: [], jobs: []}
    for _ in range(1 if sizes.quick else 2):
        for number, kept in laps.items():
            kept.append(performed(plan, number))
    runs = f"{plan.prepared.runs:,} runs of {buyers:,} buyers and 120 ticks"
    told = [
        [f"{runs}, {number} at a time", *(spread([lap[clock] for lap in kept]) for clock in (0, 1))]
        for number, kept in laps.items()
    ]
    both = [ratios([lap[clock] for lap in laps[1]], [lap[clock] for lap in laps[jobs]]) for clock in (0, 1)]
    told.append([f"efficiency: one at a time over {jobs} at a time", spread(both[0], jobs), spread(both[1])])
    flat = _told(_in_a_process_of_its_own(20 if sizes.quick else 100, 10 if sizes.quick else 100, jobs))
    return f"{table(['what', 's, wall', 's, processor'], told)}\n\n{flat}"


def _in_a_process_of_its_own(points: int, replications: int, jobs: int) -> Any:
    words = [sys.executable, "-m", "benchmarks.parts.sweep", str(points), str(replications), str(jobs)]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _told(found: list[tuple[int, float, float]]) -> str:
    """Memory at the first look, half-way and at the last, and what a thousand runs add."""
    megabytes: Callable[[float], str] = lambda size: f"{size / 1e6:.0f}"  # noqa: E731
    rows = [
        [f"{done:,} runs done", megabytes(parent), megabytes(worker)]
        for done, parent, worker in (found[0], found[len(found) // 2], found[-1])
    ]
    half = found[len(found) // 2]
    thousands = (found[-1][0] - half[0]) / 1000
    added = [f"{(last - middle) / 1e6 / thousands:+.1f}" for last, middle in zip(found[-1][1:], half[1:], strict=True)]
    rows.append(["a thousand more, in the second half", *added])
    return table(["100 buyers, 30 ticks", "MB, parent", "MB, each worker"], rows)


if __name__ == "__main__":
    size, times, at_once = map(int, sys.argv[1:])
    print(json.dumps(looks(plan_of(size, times, 100, 30), at_once)))
