"""`pushpull report`: figures and report of a run, anew from its tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.outcome import WrongInput
from sim.cli.printing import say

__all__ = ["report"]


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN_DIR", help="Folder that a run has left.", show_default=False)
    ],
) -> None:
    """Write figures and report of a run anew, from its tables.

    Example: pushpull report results/office-imaging/0123456789abcdef
    """
    ...
