"""Finished replications of a run that is not whole yet, kept on disk.

Reading a part runs no code that it holds. Each appears under its name only when whole, so
that whatever ends the process leaves complete parts.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

from sim.results.files import ResultsError, writing
from sim.results.record import Record

__all__ = ["InMemory", "Key", "Parts", "Store", "locked"]

SUFFIX = ".part"
MOST = 1 << 20  # bytes of a head
GROUPS = ("shares", "market", "contacts", "buyers", "switches")
Key = tuple[str, int]  # economy, replication


class Store(Protocol):
    """Where finished replications are kept until the run is whole."""

    def __contains__(self, key: Key) -> bool:
        """Whether a replication is here."""
        ...

    def add(self, records: Sequence[Record]) -> None:
        """Keep some finished replications."""
        ...

    def read(self, key: Key) -> Record:
        """One replication."""
        ...


class InMemory:
    """Finished replications of a run that leaves nothing on disk."""

    def __init__(self) -> None:
        self._records: dict[Key, Record] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._records

    def add(self, records: Sequence[Record]) -> None:
        """Keep some finished replications."""
        self._records.update({(record.economy, record.replication): record for record in records})

    def read(self, key: Key) -> Record:
        """One replication."""
        return self._records[key]


class Parts:
    """A folder of parts, read when opened.

    Parameters
    ----------
    folder : Path
        Made when the first part is added.
    mark : str
        What the parts depend on besides their folder's name; parts with another mark are
        removed.
    """

    def __init__(self, folder: Path, mark: str = "") -> None:
        self.folder = folder
        self._magic = b"pushpull part 1 " + mark.encode() + b"\n"
        self._where: dict[Key, tuple[Path, int]] = {}
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            try:
                with open(path, "rb") as file:
                    if file.read(len(self._magic)) == self._magic:
                        self._where.update({key: (path, offset) for key, offset in _contents(file)})
                        continue
                path.unlink(missing_ok=True)
            except (OSError, ValueError, KeyError, TypeError) as error:
                warnings.warn(f"{path} cannot be read and is computed anew ({error})", stacklevel=2)
                path.unlink(missing_ok=True)

    def __contains__(self, key: Key) -> bool:
        return key in self._where

    def add(self, records: Sequence[Record]) -> None:
        """Keep some finished replications, all or none.

        Parameters
        ----------
        records : sequence of Record
            None of which is here already.
        """
        if not records:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        # a record is in one part only, so parts named by their first record never clash
        path = self.folder / f"{records[0].replication:07d}-{records[0].economy}{SUFFIX}"
        places: dict[Key, tuple[Path, int]] = {}
        with writing(path, "wb") as file:
            file.write(self._magic)
            for record in records:
                places[record.economy, record.replication] = path, file.tell()
                _write(file, record)
        self._where.update(places)

    def read(self, key: Key) -> Record:
        """One replication.

        Raises
        ------
        ResultsError
            If it is no longer readable.
        """
        path, offset = self._where[key]
        try:
            with open(path, "rb") as file:
                file.seek(offset)
                return _read(file)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ResultsError(f"{path}: cannot be read ({error}); remove it and run the same command again") from error

    def remove(self) -> None:
        """Remove the folder and everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._where.clear()


# A part is a line that says what it is, and then its records. A record is the length of its head (8 bytes), the head
# (JSON: who it is, and name, dtype and shape of each array), and the bytes of the arrays.


def _write(file: IO[bytes], record: Record) -> None:
    arrays = {("", "opening_share"): record.opening_share}
    for group in GROUPS:
        arrays |= {(group, name): values for name, values in getattr(record, group).items()}
    head = {
        "economy": record.economy,
        "replication": record.replication,
        "sellers": record.sellers,
        "ticks": record.ticks,
        "arrays": [(group, name, values.dtype.str, values.shape) for (group, name), values in arrays.items()],
    }
    text = json.dumps(head).encode()
    file.write(len(text).to_bytes(8, "little"))
    file.write(text)
    for values in arrays.values():
        file.write(values.tobytes())


def _head(file: IO[bytes]) -> dict[str, Any] | None:
    """Head of the record that begins here; None at the end of the file."""
    first = file.read(8)
    if not first:
        return None
    length = int.from_bytes(first, "little")
    if length > MOST:
        raise ValueError("it is damaged")
    head: dict[str, Any] = json.loads(file.read(length))
    return head


def _read(file: IO[bytes]) -> Record:
    """Record that begins here."""
    head = _head(file)
    if head is None:
        raise ValueError("it ends too early")
    groups: dict[str, dict[str, Any]] = {group: {} for group in ("", *GROUPS)}
    for group, name, dtype, shape in head["arrays"]:
        values = np.frombuffer(file.read(_size(dtype, shape)), np.dtype(dtype))
        groups[group][name] = values.reshape(shape)
    return Record(
        economy=head["economy"],
        replication=head["replication"],
        sellers=tuple(head["sellers"]),
        ticks=head["ticks"],
        opening_share=groups.pop("")["opening_share"],
        **groups,
    )


def _contents(file: IO[bytes]) -> Iterator[tuple[Key, int]]:
    """Each record from here on, and where it begins."""
    start = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(start)
    while True:
        offset = file.tell()
        head = _head(file)
        if head is None:
            return
        if file.seek(sum(_size(dtype, shape) for _, _, dtype, shape in head["arrays"]), os.SEEK_CUR) > end:
            raise ValueError("it ends too early")
        yield (head["economy"], head["replication"]), offset


def _size(dtype: str, shape: Sequence[int]) -> int:
    return int(np.dtype(dtype).itemsize * math.prod(shape))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from the same parts meanwhile.

    The lock belongs to the process: whatever ends it, the lock ends.

    Parameters
    ----------
    folder : Path
        Folder of the parts; made if it is not there.

    Raises
    ------
    BlockingIOError
        If another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "ab") as file:
        _lock(file.fileno())
        yield


def _lock(handle: int) -> None:
    if os.name == "posix":
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError as error:
            raise BlockingIOError(*error.args) from None
