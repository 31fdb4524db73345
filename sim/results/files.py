"""Files and folders that are either whole or not there."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

__all__ = ["ResultsError", "folder_in_the_making", "sync_folder", "writing"]


class ResultsError(ValueError):
    """A results folder, or a file or column in it, is not what it should be."""


@contextmanager
def writing(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Open a file to write that appears under its name only when whole.

    Parameters
    ----------
    path : Path
        Where the file is to stand; one that is there is replaced.
    mode : str
        "w" for text (UTF-8) or "wb" for bytes.
    """
    hidden = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
    binary = "b" in mode
    try:
        with open(hidden, mode, encoding=None if binary else "utf-8", newline=None if binary else "") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(hidden, path)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise


@contextmanager
def folder_in_the_making(place: Path) -> Iterator[Path]:
    """Fill a folder that appears under its name only when whole.

    Parameters
    ----------
    place : Path
        Where the folder is to stand; one that is there is replaced.

    Yields
    ------
    Path
        A hidden folder beside `place`, to be filled.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    mark = uuid.uuid4().hex[:8]
    hidden = place.with_name(f".{place.name}-{mark}")
    hidden.mkdir()
    try:
        yield hidden
        sync_folder(hidden)
        if place.exists():
            old = place.with_name(f".{place.name}-{mark}-old")
            place.rename(old)
            hidden.rename(place)
            shutil.rmtree(old, ignore_errors=True)
        else:
            hidden.rename(place)
        sync_folder(place.parent)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make the names in a folder outlast a power cut, where the system can do that."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
