"""How a command ends: exit codes, and the one line that says why."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path

import typer

__all__ = [
    "DEBUG",
    "DONE",
    "FAILED",
    "INTERRUPTED",
    "WRONG",
    "WrongInput",
    "explained",
    "is_usage_error",
    "reason",
    "usage_line",
]

DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130
DEBUG = "PUSHPULL_DEBUG"


class WrongInput(Exception):
    """The user's input is wrong; the message is the line to show."""


def is_usage_error(error: Exception) -> bool:
    """Whether the command-line parser itself refused the arguments.

    Its exceptions live in click or in typer, depending on typer's version; both have these.
    """
    return hasattr(error, "format_message") and hasattr(error, "exit_code") and not isinstance(error, typer.Exit)


def usage_line(error: Exception) -> str:
    """Return the parser's complaint and where help is, on one line."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "pushpull"
    message = " ".join(error.format_message().split())  # type: ignore[attr-defined]
    return f"{command}: {message} (see {command} --help)"


def explained(error: Exception) -> tuple[int, list[str]]:
    """Return the exit code for an error, and the lines to show.

    Parameters
    ----------
    error : Exception
        Whatever a command raised.

    Returns
    -------
    code : int
    lines : list of str
        One a mistake.
    """
    if isinstance(error, WrongInput):
        return WRONG, [f"pushpull: {error}"]
    from sim.results import ResultsError
    from sim.runner import RunError
    from sim.scenario import ScenarioError

    if isinstance(error, ScenarioError):
        return WRONG, [str(mistake) for mistake in error.mistakes]
    if isinstance(error, ResultsError):
        return WRONG, [f"pushpull: {error}"]
    if isinstance(error, RunError):
        return FAILED, [f"pushpull: {error}"]
    if isinstance(error, OSError):
        return FAILED, [f"pushpull: {reason(error)}"]
    if isinstance(error, MemoryError):
        return FAILED, ["pushpull: out of memory; fewer buyers, or fewer --jobs, need less"]
    return FAILED, [f"pushpull: it failed with {told(error)}; {DEBUG}=1 shows the whole traceback"]


def told(error: BaseException) -> str:
    """Return an unexpected error on one line, with the place where it was raised."""
    message = " ".join(str(error).split())
    frames = traceback.extract_tb(error.__traceback__)
    known = frames and not isinstance(error, SyntaxError)  # which names its place itself
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if known else ""
    return f"{type(error).__name__}{': ' if message else ''}{message}{place}"


def reason(error: OSError) -> str:
    """Return what the system complains of, in its words."""
    place = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"{place}the disk is full"
    return f"{place}{(error.strerror or str(error)).lower()}"
