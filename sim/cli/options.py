"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.outcome import WrongInput, told

__all__ = ["AsJson", "Changes", "Plugins", "load_plugins", "parse_changes"]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Plugins = Annotated[
    list[Path] | None,
    typer.Option("--plugin", metavar="FILE", help="Python file that registers strategies; may be repeated."),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change one value, as in sellers.Heritage.stubbornness=0.5; may be repeated.",
    ),
]


def load_plugins(files: Sequence[Path] | None) -> None:
    """Load the user's strategies into the catalogue.

    Raises
    ------
    WrongInput
        If a file is missing or its code fails.
    """
    from sim.strategies import load_plugin

    for file in files or ():
        if not file.is_file():
            raise WrongInput(f"--plugin {file}: no such file")
        try:
            load_plugin(file)
        except (Exception, SystemExit) as error:  # the user's own code: anything can happen
            raise WrongInput(f"--plugin {file}: {told(error)}") from error


def parse_changes(changes: Sequence[str] | None) -> dict[str, Any]:
    """Read `PATH=VALUE` pairs; values are read as in a scenario file.

    Raises
    ------
    WrongInput
        If a pair has no `=`, a value is no YAML, or a path stands twice.
    """
    from sim.scenario.reading import read_value

    values: dict[str, Any] = {}
    for change in changes or ():
        path, equals, text = change.partition("=")
        path = path.strip()
        if not equals or not path:
            raise WrongInput(f"--set {change}: write PATH=VALUE, as in horizon=60")
        if path in values:
            raise WrongInput(f"--set {path}: given twice")
        values[path], wrong = read_value(text)
        if wrong:
            raise WrongInput(f"--set {change}: {wrong}")
    return values
