"""A market that runs in a blink, and the command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TINY = """\
name: tiny
horizon: 6
seed: 7
replications: 3
buyers:
  count: 60
economies:
  push: {pull_share: 0}
  pull: {pull_share: 1}
sellers:
  - {name: Heritage, strategy: relationship-reliant}
  - {name: Closers, strategy: hard-sell}
events:
  - {at: 2, enter: {name: Newcomer, strategy: innovator}}
"""

PLUGIN = '''\
"""A strategy of the user's own."""

from typing import ClassVar, Literal

from sim.strategies import Effort, Policy, register


@register
class Discounter(Policy):
    """Sells below everybody else."""

    source: ClassVar[str] = "a test"
    strategy: Literal["discounter"] = "discounter"
    effort: Effort = Effort(messages=0.4)
    price: float = 0.8
'''

Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tiny(elsewhere: Path) -> Path:
    """`tiny.yaml` in the working directory."""
    (elsewhere / "tiny.yaml").write_text(TINY)
    return elsewhere


@pytest.fixture
def plugin(elsewhere: Path) -> Path:
    """`discounter.py` in the working directory."""
    file = elsewhere / "discounter.py"
    file.write_text(PLUGIN)
    return file


@pytest.fixture
def shell(elsewhere: Path) -> Shell:
    """Run `pushpull ARGUMENTS...` in a process of its own, in the working directory."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sim.cli", *arguments],
            cwd=elsewhere,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
