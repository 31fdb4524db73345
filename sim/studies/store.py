"""Replications that are done, kept under their keys and shared between studies.

A shard is a Parquet file of finished replications that appears under its name only when whole.
Whatever ends the process that writes leaves complete shards; nothing is ever changed in one.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.results import MODEL_VERSION, ResultsError
from sim.results.files import sync_folder, writing
from sim.results.provenance import source_digest, sources_of
from sim.scenario import Scenario
from sim.studies.measuring import Kept

__all__ = ["Key", "Store", "digest_of"]

FOLDER = ".store"
FORMAT = 1  # of what a replication leaves here: raised when `sim.studies.measuring` packs it otherwise
STALE = 3600.0  # seconds after which an unfinished shard is left over from a process that was killed
BLOCK = 256  # rows read at a time
SCHEMA = pa.schema(
    [
        ("scenario", pa.dictionary(pa.int32(), pa.string())),
        ("replication", pa.int32()),
        ("names", pa.dictionary(pa.int32(), pa.string())),
        ("values", pa.list_(pa.float64())),
        ("paths", pa.large_binary()),
    ]
)


class Key(NamedTuple):
    """What a replication is stored under: digest of its scenario in its economy, and its number."""

    scenario: str
    replication: int


def digest_of(scenario: Scenario, economies: Iterable[str]) -> dict[str, str]:
    """Digest of a scenario in each of some economies.

    Names and descriptions, other economies and the number of replications have no part in it:
    studies that ask different things of the same market share its runs.

    Parameters
    ----------
    scenario : Scenario
    economies : iterable of str

    Returns
    -------
    dict of str to str
        24 hexadecimal digits by economy.
    """
    tree = scenario.resolved()
    terms = tree.pop("economies")
    for word in ("name", "description", "replications"):
        tree.pop(word, None)
    market = json.dumps({"scenario": tree, "strategies": sources_of(scenario)}, sort_keys=True, allow_nan=False)
    found = {}
    for economy in economies:
        digest = hashlib.sha256(market.encode())
        digest.update(json.dumps(terms[economy], sort_keys=True, allow_nan=False).encode())
        found[economy] = digest.hexdigest()[:24]
    return found


class Store:
    """A folder of shards, for this version of the model and this code.

    Parameters
    ----------
    out : Path
        Folder of results; the store stands in it, hidden.
    """

    def __init__(self, out: Path) -> None:
        self.folder = out / FOLDER / f"{FORMAT}-{MODEL_VERSION}-{source_digest()}"

    def add(self, rows: Iterable[tuple[Key, Kept]]) -> None:
        """Keep finished replications, all or none.

        Raises
        ------
        OSError
            If they cannot be written; then nothing of them is there.
        """
        listed = list(rows)
        if not listed:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        columns: dict[str, list[Any]] = {
            "scenario": [key.scenario for key, _ in listed],
            "replication": [key.replication for key, _ in listed],
            "names": [kept.names for _, kept in listed],
            "values": [kept.values for _, kept in listed],
            "paths": [kept.paths for _, kept in listed],
        }
        arrays = [pa.array(columns[field.name], field.type) for field in SCHEMA]
        path = self.folder / f"{uuid.uuid4().hex[:16]}.parquet"
        with writing(path, "wb") as file:
            pq.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA), file, compression="zstd", row_group_size=BLOCK)
        sync_folder(self.folder)

    def clean(self) -> None:
        """Remove what killed processes left half written."""
        for path in self.folder.glob(".*.parquet-*"):
            try:
                if time.time() - path.stat().st_mtime > STALE:
                    path.unlink()
            except OSError:
                continue  # another process was faster

    def present(self, wanted: Iterable[str], *, paths: bool) -> set[Key]:
        """Which replications of some scenarios are here.

        Parameters
        ----------
        wanted : iterable of str
            Digests of scenarios.
        paths : bool
            Only those kept with their paths.
        """
        digests, found = frozenset(wanted), set()
        for path in self._shards():
            for rows in self._read(path, ("scenario", "replication", *(("paths",) if paths else ()))):
                kept = rows.column("paths").is_valid().to_pylist() if paths else [True] * rows.num_rows
                for digest, number, here in zip(
                    rows.column("scenario").to_pylist(), rows.column("replication").to_pylist(), kept, strict=True
                ):
                    if here and digest in digests:
                        found.add(Key(digest, number))
        return found

    def scan(self, wanted: Mapping[Key, Any], *, paths: bool) -> Iterator[tuple[Key, Kept]]:
        """Go through the replications that are wanted, each once, in any order.

        Parameters
        ----------
        wanted : mapping or set of Key
        paths : bool
            Only those kept with their paths.
        """
        given: set[Key] = set()
        columns = ("scenario", "replication", "names", "values", *(("paths",) if paths else ()))
        for path in self._shards():
            for rows in self._read(path, columns):
                digests = rows.column("scenario").to_pylist()
                numbers = rows.column("replication").to_pylist()
                for place, key in enumerate(map(Key, digests, numbers)):
                    if key not in wanted or key in given:
                        continue
                    packed = rows.column("paths")[place].as_py() if paths else None
                    if paths and packed is None:
                        continue
                    given.add(key)
                    values = np.asarray(rows.column("values")[place].values, dtype=np.float64)
                    yield key, Kept(rows.column("names")[place].as_py(), values, packed)

    def _shards(self) -> list[Path]:
        return sorted(self.folder.glob("[!.]*.parquet"))

    def _read(self, path: Path, columns: Iterable[str]) -> Iterator[pa.RecordBatch]:
        """Blocks of a shard; one that is damaged is set aside and computed anew."""
        try:
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches(BLOCK, columns=list(columns))
        except (pa.ArrowInvalid, pa.ArrowTypeError, KeyError, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise ResultsError(f"{path} is gone while it was read; run the same command again") from error
            warnings.warn(f"{path} cannot be read and is computed anew ({error})", stacklevel=2)
            path.unlink(missing_ok=True)
