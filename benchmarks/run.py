"""Measure pushpull against its peers, and write docs/benchmarks.md: `python benchmarks/run.py`.

`--only kernel,memory` measures parts of it, `--full` adds ten million buyers, `--quick` takes tiny
sizes and writes nothing.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a script finds only its own folder

from benchmarks import machine
from benchmarks.measuring import FULL, QUICK, USUAL, Sizes
from benchmarks.page import write_section

# In the order of the page
PARTS = ("kernel", "engines", "memory", "small_run", "first_run", "main_job", "sweep", "docking", "live")


def measured(name: str, sizes: Sizes) -> str:
    """One section: when, on what, how busy, and the figures."""
    part = importlib.import_module(f"benchmarks.parts.{name}")
    before = machine.load()
    figures = part.measure(sizes)
    when = datetime.datetime.now(datetime.UTC).date().isoformat()
    circumstances = f"{when}, load {before:.1f} before and {machine.load():.1f} after. {machine.described()}."
    return f"### {part.TITLE}\n\n{circumstances}\n\n{figures}"


def parsed(words: list[str] | None = None) -> argparse.Namespace:
    """What was asked."""
    parser = argparse.ArgumentParser(description="Measure pushpull against its peers and write docs/benchmarks.md.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="tiny sizes; prints and writes nothing")
    size.add_argument("--full", action="store_true", help="with a market of ten million buyers")
    parser.add_argument("--only", metavar="PART,...", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    asked = parser.parse_args(words)
    asked.parts = asked.only.split(",")
    unknown = [name for name in asked.parts if name not in PARTS]
    if unknown:
        parser.error(f"--only: {', '.join(unknown)} is none of {', '.join(PARTS)}")
    return asked


def main() -> None:
    """Measure part by part; each is written as it is done."""
    asked = parsed()
    from benchmarks.markets import warm

    print(f"load {machine.load():.1f} on {machine.cores()} cores; {machine.described()}", file=sys.stderr)
    warm()
    for name in asked.parts:
        section = measured(name, QUICK if asked.quick else FULL if asked.full else USUAL)
        print(f"\n{section}", flush=True)
        if not asked.quick:
            write_section(name, section)


if __name__ == "__main__":
    main()
