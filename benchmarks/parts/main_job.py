"""The main job: 10 000 buyers, 5 sellers, 120 ticks, 3 economies, 32 replications, figures and report."""

from __future__ import annotations

import resource
import tempfile

from benchmarks.markets import ROOT
from benchmarks.measuring import Sizes, spread
from benchmarks.page import table
from benchmarks.parts.first_run import command

TITLE = "The main job"
SCENARIO = ROOT / "scenarios" / "office_imaging.yaml"


def measure(sizes: Sizes) -> str:
    """Measure and tell."""
    small = ["-n", "2", "--set", "buyers.count=500"] if sizes.quick else []
    with tempfile.TemporaryDirectory() as out:  # everything is compiled after this
        command("run", str(ROOT / "scenarios" / "quick.yaml"), "-q", "-n", "1", "--out", out)
    wall, processor = [], []
    for _ in range(1 if sizes.quick else 2):
        with tempfile.TemporaryDirectory() as out:
            before = _of_children()
            wall.append(command("run", str(SCENARIO), "-q", *small, "--out", out))
            processor.append(_of_children() - before)
    rows = [
        ["`pushpull run scenarios/office_imaging.yaml`, wall [s]", spread(wall)],
        ["the same, processor time of all its processes [s]", spread(processor)],
    ]
    return table(["what", "measured"], rows)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
