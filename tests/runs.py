"""Runs of made-up records: short ways to ask for them, and to compare what they left."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sim.results import Run
from sim.runner import Unit, run


def units_of(scenario, replications: int = 4) -> list[Unit]:
    return [Unit(scenario, economy, number) for number in range(replications) for economy in scenario.economies]


def digest(folder: Path) -> dict[str, str]:
    """Bytes of everything that a run left."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def quiet(scenario, out: Path | None, **terms) -> Run:
    return run(scenario, out=out, progress=False, **terms)
