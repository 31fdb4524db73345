"""`pushpull report`: figures and report of a run or a study, anew from its tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import Plugins, load_plugins
from sim.cli.printing import say

__all__ = ["report"]


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder that a run or a study has left.", show_default=False)
    ],
    plugin: Plugins = None,
) -> None:
    """Write figures and report of a run or a study anew, from its tables.

    One with strategies of your own needs them again: --plugin.

    Example: pushpull report results/office-imaging/0123456789ab
    """
    load_plugins(plugin)
    if (folder / "experiment.yaml").is_file():
        from sim.studies import Study

        say(str(Study.read(folder).write_report()))
        return
    from sim.report import write_report
    from sim.results import Run

    say(str(write_report(Run.read(folder))))
