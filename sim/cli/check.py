"""`pushpull check`: are these files right?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson, Plugins, load_plugins
from sim.cli.outcome import WRONG
from sim.cli.printing import say, say_json

if TYPE_CHECKING:
    from sim.scenario import Mistake

__all__ = ["check", "mistakes_in"]


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files to check.", show_default=False)],
    plugin: Plugins = None,
    as_json: AsJson = False,
) -> None:
    """Tell every mistake in files, with line and column.

    Example: pushpull check scenarios/*.yaml experiments/*.yaml
    """
    load_plugins(plugin)
    found = {file: mistakes_in(file) for file in files}
    if as_json:
        parts = ("line", "column", "where", "message")
        say_json(
            [
                {
                    "file": str(file),
                    "ok": not mistakes,
                    "mistakes": [{part: getattr(mistake, part) for part in parts} for mistake in mistakes],
                }
                for file, mistakes in found.items()
            ]
        )
    else:
        for file, mistakes in found.items():
            for mistake in mistakes:
                say(str(mistake))
            if not mistakes:
                say(f"{file}: OK")
    if any(found.values()):
        raise typer.Exit(WRONG)


def mistakes_in(file: Path) -> list[Mistake]:
    """Every mistake in a file: of an experiment, which says its `kind` and its scenario, or of a scenario."""
    from sim.scenario import Scenario, ScenarioError, read_file

    try:
        if not {"kind", "scenario"}.isdisjoint(read_file(file).tree):
            from sim.studies import mistakes_in as in_experiment

            return in_experiment(file)
        Scenario.load(file)
    except ScenarioError as error:
        return list(error.mistakes)
    return []
