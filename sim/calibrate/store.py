"""What the market was asked and what it answered, kept so that a stopped calibration goes on from there.

A fit is a deterministic sequence of simulations. Each answer stands in a file of its own that
appears only when whole, under a digest of everything it depends on; a calibration that starts
again asks the same questions and finds the answers.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results import MODEL_VERSION
from sim.results.files import writing
from sim.results.provenance import source_digest
from sim.scenario import Scenario

__all__ = ["Memory", "digest_of", "own_digest"]

FOLDER = ".store"
FORMAT = 1  # of what is kept: raised when it is packed otherwise


class Memory:
    """A folder of answers, for this version of the model and this code; without a folder, nothing is kept.

    Parameters
    ----------
    out : Path, optional
        Folder of results; the store stands in it, hidden.

    Attributes
    ----------
    asked : int
        Simulations wanted so far, each counted once.
    """

    def __init__(self, out: Path | None = None) -> None:
        versions = f"calibrate-{FORMAT}-{MODEL_VERSION}-{source_digest()}-{own_digest()}"
        self.folder = None if out is None else out / FOLDER / versions
        self.asked = 0
        self._heard: dict[str, NDArray[np.float64]] = {}

    def answer(
        self, scenario: Scenario, question: Mapping[str, Any], compute: Callable[[], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """The answer to a question about a scenario: from the store, or computed and kept.

        Parameters
        ----------
        scenario : Scenario
        question : mapping
            What else the answer depends on; plain values.
        compute : callable
            Gives the answer, an array.
        """
        key = digest_of(scenario.resolved(), dict(question))
        if key not in self._heard:
            self.asked += 1
            self._heard[key] = self._kept(key, compute)
        return self._heard[key]

    def _kept(self, key: str, compute: Callable[[], NDArray[np.float64]]) -> NDArray[np.float64]:
        if self.folder is None:
            return np.asarray(compute(), dtype=np.float64)
        path = self.folder / f"{key}.npy"
        with contextlib.suppress(OSError, ValueError, EOFError):  # not there, or damaged and computed anew
            return np.asarray(np.load(path, allow_pickle=False), dtype=np.float64)
        value = np.asarray(compute(), dtype=np.float64)
        self.folder.mkdir(parents=True, exist_ok=True)
        with writing(path, "wb") as file:
            np.save(file, value, allow_pickle=False)
        return value


def digest_of(*what: Any) -> str:
    """24 hexadecimal digits of plain values."""
    text = json.dumps(what, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


@cache
def own_digest() -> str:
    """Digest of the code of this room: what it asks may change with it."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
