"""The whole law as plain Python, the compiler turned off, leaves the same bytes.

What the compiler decides for itself (types that widen, branches that it merges, loops that it
turns into vectors) can so be told from what the law says.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from markets import ENTRY, small

from sim.market import Market
from sim.results.record import Record

TESTS = Path(__file__).parents[1]
CASES: dict[str, dict[str, Any]] = {
    "push": {"events": [ENTRY]},
    "pull": {"events": [ENTRY], "word_of_mouth": {"rate": 0.4}},
    "transition": {
        "buyers": {"incidence": {"kind": "nbd", "mean": 2.0, "shape": 0.8}, "business": {"growth": 0.01, "sd": 0.02}},
        "selling": {"congestion": {"kind": "erlang-c"}},
        "research": {"rule": "fixed-sample"},
        "word_of_mouth": {"rule": "threshold", "rate": 0.4},
    },
}
SIZE: dict[str, Any] = {"horizon": 6, "buyers": {"count": 30, "network": {"degree": 4}}}

# Plain numpy gives an entry of a structured array no attributes; an entry of a recarray has them.
SCRIPT = """
import sys, warnings
import numpy as np
def attributed(make):
    def made(*arguments, **words):
        array = make(*arguments, **words)
        return array.view(np.recarray) if array.dtype.names else array
    return made
np.zeros = attributed(np.zeros)
from sim import columns
columns.allocate = attributed(columns.allocate)
warnings.simplefilter("ignore")
sys.path.insert(0, {tests!r})
import json, numba
from equivalence_cases import digests
assert numba.config.DISABLE_JIT
print(json.dumps(digests()))
"""


def digest(record: Record) -> str:
    """Fingerprint of everything that a record holds."""
    found = hashlib.sha256(record.opening_share.tobytes())
    for group in ("shares", "market", "contacts", "buyers", "switches"):
        for name, column in getattr(record, group).items():
            found.update(name.encode() + column.tobytes())
    return found.hexdigest()


def digests() -> dict[str, str]:
    """Fingerprint of each case."""
    found = {}
    for economy, terms in CASES.items():
        market = Market(small(**{**SIZE, **terms, "buyers": SIZE["buyers"] | terms.get("buyers", {})}), economy)
        found[economy] = digest(market.run())
    return found


@pytest.fixture(scope="module")
def interpreted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("interpreted")
    (folder / "equivalence_cases.py").write_text(Path(__file__).read_text("utf-8"), encoding="utf-8")
    surroundings = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(tests=str(TESTS))],
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("economy", CASES)
def test_interpreted_is_compiled(interpreted: dict[str, str], economy: str) -> None:
    assert interpreted[economy] == digests()[economy]
