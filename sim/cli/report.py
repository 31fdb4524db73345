"""`pushpull report`: figures and report of a run, anew from its tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import Plugins, load_plugins
from sim.cli.printing import say

__all__ = ["report"]


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN_DIR", help="Folder that a run has left.", show_default=False)
    ],
    plugin: Plugins = None,
) -> None:
    """Write figures and report of a run anew, from its tables.

    A run with strategies of your own needs them again: --plugin.

    Example: pushpull report results/office-imaging/0123456789ab
    """
    load_plugins(plugin)
    from sim.report import write_report
    from sim.results import Run

    say(str(write_report(Run.read(folder))))
