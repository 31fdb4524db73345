"""What goes to stdout (results) and to stderr (notices)."""

from __future__ import annotations

import contextlib
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

__all__ = ["ReaderGone", "note", "say", "say_json", "table"]


class ReaderGone(Exception):
    """Whoever read stdout has closed it, as `head` does."""


def say(text: str) -> None:
    """Print a result."""
    try:
        print(text, flush=True)
    except BrokenPipeError as error:
        raise ReaderGone from error


def say_json(document: Any) -> None:
    """Print the one JSON document of a command; what is not a number becomes null."""
    say(json.dumps(_plain(document), indent=2, ensure_ascii=False, allow_nan=False))


def note(text: str) -> None:
    """Print a notice or a mistake."""
    with contextlib.suppress(BrokenPipeError):  # nobody listens; the exit code still tells
        print(text, file=sys.stderr, flush=True)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequence of str
        As long as `header` each.

    Returns
    -------
    str
        Lines without a trailing newline.
    """
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _plain(value: Any) -> Any:
    """Return `value` in terms that JSON has."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if hasattr(value, "item"):  # a numpy scalar
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
