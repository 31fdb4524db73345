"""The commands under one name, and what becomes of whatever goes wrong in them."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from sim.cli import (
    calibrate,
    check,
    claims,
    compare,
    discovery,
    live,
    new,
    report,
    run,
    schema,
    sensitivity,
    strategies,
    sweep,
    tournament,
    verify,
)
from sim.cli.outcome import DEBUG, DONE, INTERRUPTED, explained, is_usage_error, usage_line
from sim.cli.printing import ReaderGone, note, say

__all__ = ["app", "main"]

app = typer.Typer(
    name="pushpull",
    help="Who loses the market when buyers start to hunt for themselves.",
    epilog="Example: pushpull run scenarios/quick.yaml",
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (
    run.run,
    compare.compare,
    sweep.sweep,
    sensitivity.sensitivity,
    discovery.discovery,
    tournament.tournament,
    calibrate.calibrate,
    claims.claims,
    live.live,
    verify.verify,
    check.check,
    new.new,
    strategies.strategies,
    schema.schema,
    report.report,
):
    text, _, example = (command.__doc__ or "").partition("Example:")
    app.command(
        command.__name__,
        short_help=text.partition("\n")[0],
        help=" ".join(text.split()),
        epilog=f"Example: {' '.join(example.split())}",
    )(command)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(f"pushpull {version('pushpull')}")
        raise typer.Exit


@app.callback()
def _pushpull(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        say(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        Exit code: 0 done, 1 the run failed, 2 the input is wrong, 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Greek letters is no reason to fail
    given = None if arguments is None else list(arguments)
    if given is None:
        atexit.register(gc.freeze)  # else the process goes through all that it loaded once more when it ends
    try:
        code = typer.main.get_command(app).main(args=given, prog_name="pushpull", standalone_mode=False)
        sys.stdout.flush()
    except (ReaderGone, BrokenPipeError):
        _forget_stdout()
        return DONE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:
        if is_usage_error(error):
            note(usage_line(error))
            return 2
        if os.environ.get(DEBUG):
            raise
        code, lines = explained(error)
        for line in lines:
            note(line)
    return int(code or DONE)


def _forget_stdout() -> None:
    """Point stdout to nowhere, so that the interpreter's own last flush has nobody to miss."""
    with contextlib.suppress(OSError, ValueError):  # where stdout is no real file, as under a test
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
