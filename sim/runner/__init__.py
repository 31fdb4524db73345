"""From (scenario, replication) to a result, on any `concurrent.futures` executor."""

from __future__ import annotations

from sim.runner.errors import Interrupted, PrecisionWarning, RunBroken, RunBusy, RunError, RunFailed
from sim.runner.processes import Processes
from sim.runner.running import folder_of, resolve, run
from sim.runner.units import Failure, Outcome, Unit, simulate
from sim.runner.workers import Workers, available_cores

__all__ = [
    "Failure",
    "Interrupted",
    "Outcome",
    "PrecisionWarning",
    "Processes",
    "RunBroken",
    "RunBusy",
    "RunError",
    "RunFailed",
    "Unit",
    "Workers",
    "available_cores",
    "folder_of",
    "resolve",
    "run",
    "simulate",
]
