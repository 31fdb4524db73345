"""`pushpull new`: a scenario to start from."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.outcome import WrongInput
from sim.cli.printing import say

__all__ = ["new"]

def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the scenario, or a path that ends in it.", show_default=False)
    ],
) -> None:
    """Write a commented scenario to start from.

    It has four sellers, a newcomer and three economies, and stands in NAME.yaml; a file that
    is there already is left alone.

    Example: pushpull new my_market
    """
    from sim.scenario import ScenarioError, starter

    file = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    try:
        text = starter(file.stem)
    except ScenarioError as error:
        raise WrongInput(f"NAME {error}") from None
    if not file.parent.is_dir():
        raise WrongInput(f"{file}: there is no such folder")
    _write_once(file, text)
    shown = f'"{file}"' if " " in str(file) else str(file)
    say(f"{file}\nnext: pushpull run {shown}")


def _write_once(file: Path, text: str) -> None:
    """Write `text` whole or not at all, and never over a file that is there."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))  # from here on the name is ours
    except FileExistsError:
        raise WrongInput(f"{file}: is there already, and stays as it is") from None
    except OSError as error:
        raise WrongInput(f"{file}: {(error.strerror or str(error)).lower()}") from error
    temporary = None
    try:
        with tempfile.NamedTemporaryFile("wb", dir=file.parent, prefix=".new-", delete=False) as handle:
            temporary = handle.name
            handle.write(text.encode())
            handle.flush()
            os.fsync(handle.fileno())
        os.chmod(temporary, file.stat().st_mode)  # a temporary file is private, a new one follows the umask
        os.replace(temporary, file)
    except BaseException:
        file.unlink(missing_ok=True)
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise
