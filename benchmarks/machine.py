"""What the figures were measured on, and how busy it was."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("pushpull", "numba", "numpy", "mesa", "pandas", "pydantic")


def processor() -> str:
    """Name of the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory() -> str:
    """Memory of the machine [GB]."""
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"
    except (AttributeError, ValueError, OSError):
        return "unknown memory"


def load() -> float:
    """Processes that ran or wanted to run over the last minute, this one included; NaN where unknown."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def commit() -> str:
    """What was measured: the commit, `-dirty` if it had been edited; empty outside a clone."""
    try:
        asked = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
        done = subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def described() -> str:
    """One line on machine and versions."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{processor()}, {cores()} cores, {memory()}, {platform.system()}; "
        f"Python {platform.python_version()}, {libraries}; commit {commit() or 'unknown'}"
    )
