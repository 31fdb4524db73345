"""Finished replications of a run that is not whole yet, kept on disk.

Parts are numpy archives without pickles: reading one runs no code. Each appears under its
name only when whole, so that whatever ends the process leaves complete parts.
"""

from __future__ import annotations

import json
import os
import shutil
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from sim.results.files import ResultsError, writing
from sim.results.record import Record

__all__ = ["InMemory", "Key", "Parts", "Store", "locked"]

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
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._where: dict[Key, tuple[Path, int]] = {}
        for path in sorted(folder.glob("*.npz")):
            try:
                with np.load(path, allow_pickle=False) as archive:
                    for place, head in enumerate(_heads(archive)):
                        self._where[head["economy"], head["replication"]] = path, place
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
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
        heads = json.dumps([_head(record) for record in records]).encode()
        arrays: dict[str, Any] = {"heads": np.frombuffer(heads, np.uint8)}
        for place, record in enumerate(records):
            arrays[f"{place}/opening_share"] = record.opening_share
            for group in GROUPS:
                for name, values in getattr(record, group).items():
                    arrays[f"{place}/{group}/{name}"] = values
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{_name(records[0])}.npz"
        with writing(path, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        for place, record in enumerate(records):
            self._where[record.economy, record.replication] = path, place

    def read(self, key: Key) -> Record:
        """One replication.

        Raises
        ------
        ResultsError
            If it is not here, or no longer readable.
        """
        path, place = self._where[key]
        try:
            with np.load(path, allow_pickle=False) as archive:
                head = _heads(archive)[place]
                groups = {
                    group: {name: archive[f"{place}/{group}/{name}"] for name in head[group]} for group in GROUPS
                }
                return Record(
                    economy=head["economy"],
                    replication=head["replication"],
                    sellers=tuple(head["sellers"]),
                    ticks=head["ticks"],
                    opening_share=archive[f"{place}/opening_share"],
                    **groups,
                )
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ResultsError(f"{path}: cannot be read ({error}); remove it and run the same command again") from error

    def remove(self) -> None:
        """Remove the folder and everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._where.clear()


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


def _name(record: Record) -> str:
    """Name of the part that begins with a record: a record is in one part only, so names never clash."""
    return f"{record.replication:07d}-{record.economy}"


def _head(record: Record) -> dict[str, Any]:
    return {
        "economy": record.economy,
        "replication": record.replication,
        "sellers": list(record.sellers),
        "ticks": record.ticks,
        **{group: list(getattr(record, group)) for group in GROUPS},
    }


def _heads(archive: Any) -> list[dict[str, Any]]:
    heads: list[dict[str, Any]] = json.loads(archive["heads"].tobytes().decode())
    return heads
