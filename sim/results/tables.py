"""From records to tidy tables, and from tables to Parquet that is the same to the byte."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.results.record import BUYERS, CAUSES, CONTACTS, MARKET, SHARES, SWITCHES, Record

__all__ = ["COLUMNS", "TABLES", "tables_of", "write_tables"]

BLOCK = 64  # records a row group: fixed, so that bytes depend on nothing but the records

# Columns of every table, in order. Keys come first.
COLUMNS: dict[str, tuple[str, ...]] = {
    "shares": ("economy", "replication", "tick", "seller", *SHARES),
    "market": ("economy", "replication", "tick", *MARKET),
    "switches": ("economy", "replication", *SWITCHES),
    "contacts": ("economy", "replication", "tick", "seller", *CONTACTS),
    "buyers": ("economy", "replication", "tick", *BUYERS),
}
TABLES = tuple(COLUMNS)


def _words(codes: np.ndarray[Any, Any], words: Sequence[str]) -> pa.Array:
    """Strings of which there are few, stored once each."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(list(words), pa.string()))


def _table(record: Record, name: str, economies: Sequence[str]) -> pa.Table:
    """One table of one record."""
    columns: dict[str, Any] = {}
    if name == "switches":
        rows = len(record.switches["tick"])
    else:
        rows = record.ticks * (len(record.sellers) if name in ("shares", "contacts") else 1)
    columns["economy"] = _words(np.full(rows, list(economies).index(record.economy)), economies)
    columns["replication"] = np.full(rows, record.replication, np.int32)
    if name == "switches":
        words = {"from_seller": record.sellers, "to_seller": record.sellers, "cause": CAUSES}
        for column, dtype in SWITCHES.items():
            values = record.switches[column]
            columns[column] = _words(values, words[column]) if column in words else values.astype(dtype)
    else:
        sellers = len(record.sellers) if name in ("shares", "contacts") else 1
        columns["tick"] = np.repeat(np.arange(record.ticks, dtype=np.int32), sellers)
        if name in ("shares", "contacts"):
            columns["seller"] = _words(np.tile(np.arange(sellers), record.ticks), record.sellers)
        dtypes = {"shares": SHARES, "contacts": CONTACTS, "market": MARKET, "buyers": BUYERS}[name]
        for column, dtype in dtypes.items():
            columns[column] = getattr(record, name)[column].astype(dtype).ravel()
    return pa.table({column: columns[column] for column in COLUMNS[name]})


def tables_of(records: Iterable[Record], economies: Sequence[str]) -> dict[str, pa.Table]:
    """Every table of some records, in the order of the records.

    Parameters
    ----------
    records : iterable of Record
        At least one.
    economies : sequence of str
        All economies of the run.

    Returns
    -------
    dict of str to pyarrow.Table
        By the names in `TABLES`, with the columns in `COLUMNS`.
    """
    parts: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
    for record in records:
        for name in TABLES:
            parts[name].append(_table(record, name, economies))
    return {name: pa.concat_tables(tables) for name, tables in parts.items()}


def write_tables(folder: Path, records: Iterable[Record], economies: Sequence[str]) -> None:
    """Write every table of a run as Parquet, a block of records at a time.

    The same records give the same bytes: row groups hold a fixed number of records, strings
    are dictionary-encoded, nothing of the moment or the machine is stored.

    Parameters
    ----------
    folder : Path
        Existing folder to write ``<table>.parquet`` into.
    records : iterable of Record
        At least one; in the order in which they are to stand.
    economies : sequence of str
        All economies of the run.
    """
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for block in _blocks(records):
            for name, table in tables_of(block, economies).items():
                if name not in writers:
                    sink = stack.enter_context(open(folder / f"{name}.parquet", "wb"))
                    stack.callback(_sync, sink)
                    writers[name] = stack.enter_context(pq.ParquetWriter(sink, table.schema, compression="zstd"))
                writers[name].write_table(table, row_group_size=max(table.num_rows, 1))


def _blocks(records: Iterable[Record]) -> Iterator[list[Record]]:
    remaining = iter(records)
    while block := list(islice(remaining, BLOCK)):
        yield block


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
