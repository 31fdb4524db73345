"""Help answers at once: no room is imported for it, and each command shows an example."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

COMMANDS = (
    "run",
    "compare",
    "sweep",
    "sensitivity",
    "discovery",
    "tournament",
    "claims",
    "calibrate",
    "live",
    "verify",
    "check",
    "schema",
    "new",
    "strategies",
    "report",
)
HEAVY = ("jinja2", "matplotlib", "mesa", "networkx", "numba", "numpy", "optuna", "pandas", "pyarrow", "scipy", "tqdm")


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_has_an_example_and_loads_no_room(command: str | None) -> None:
    code = "\n".join(
        (
            "import json, sys",
            "from sim.cli import main",
            "code = main()",
            "print(json.dumps(sorted(sys.modules)), file=sys.stderr)",
            "sys.exit(code)",
        )
    )
    arguments = [*([command] if command else []), "--help"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert f"Example: pushpull {command or 'run'}" in done.stdout
    loaded = json.loads(done.stderr)
    assert not {*HEAVY, "sim.scenario", "sim.strategies"} & set(loaded)


def test_without_a_command_the_commands_are_listed() -> None:
    done = subprocess.run([sys.executable, "-m", "sim.cli"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert all(f"  {command} " in done.stdout for command in COMMANDS)
