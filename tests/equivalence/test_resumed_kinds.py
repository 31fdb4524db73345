"""Every kind of study survives the kill of its process and a full disk, and its report is its tables' alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.cli import main
from sim.strategies import load_plugin
from sim.studies import conduct, load

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills and limits processes as POSIX does")

PLUGIN = '''\
"""Sellers that take their time."""

import time
from typing import ClassVar, Literal

from sim.strategies import Effort, Plan, Policy, View, register


@register
class Ponderer(Policy):
    """Thinks about every plan."""

    source: ClassVar[str] = "a test"
    strategy: Literal["ponderer"] = "ponderer"
    effort: Effort = Effort(messages=0.4)
    pause: float = 0.015

    def plan(self, view: View) -> Plan:
        time.sleep(self.pause)
        return super().plan(view)
'''
SCENARIO = """\
name: tiny
horizon: 6
seed: 3
buyers: {count: 40}
economies:
  pull: {pull_share: 1}
sellers:
  - {name: Heritage, strategy: relationship-reliant}
  - {name: Dreamer, strategy: ponderer}
"""
FACTORS = "{behaviour.search_cost.pull: {low: 0.02, high: 1}, sellers.Heritage.price: {low: 1, high: 2}}"
CASE = "{name: Heritage loses, measure: final_share.Heritage, at_most: 0.4}"
KINDS = {
    "compare": "change: {sellers.Heritage.price: 1.5}\nmeasures: [final_share]\nreplications: 12",
    "sensitivity": f"factors: {FACTORS}\ndesign: {{kind: factorial}}\nmeasures: [final_share]\nreplications: 6",
    "discovery": f"factors: {FACTORS}\ncases: [{CASE}]\ndesign: {{kind: latin-hypercube, points: 12}}\nreplications: 2",
    "tournament": "strategies: [ponderer, hard-sell]\nmeasures: [final_share]\nreplications: 6",
}
RUNS = 24
STUDY = """\
import sys
from sim.strategies import load_plugin
from sim.studies import conduct, load
load_plugin("ponderers.py")
conduct(load(sys.argv[1]), jobs=1, out="broken", progress=False)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("ponderers.py", PLUGIN), ("tiny.yaml", SCENARIO)):
        (tmp_path / name).write_text(text)
    load_plugin("ponderers.py")
    return tmp_path


def stored() -> int:
    return sum(pq.read_metadata(path).num_rows for path in Path("broken").glob(".store/*/[!.]*.parquet"))


def content(path: Path) -> dict[str, bytes]:
    return {str(one.relative_to(path)): one.read_bytes() for one in sorted(path.rglob("*")) if one.is_file()}


def no_room() -> None:
    """No file may have more than a few bytes, as on a disk that is nearly full."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))


@pytest.mark.parametrize("kind", KINDS)
def test_a_study_that_was_killed_and_met_a_full_disk_leaves_the_same_bytes(folder: Path, kind: str) -> None:
    if kind == "tournament":
        pytest.importorskip("nashpy", reason="a tournament needs it: pip install 'pushpull[studies]'")
    Path("x.yaml").write_text(f"name: x\nkind: {kind}\nscenario: tiny.yaml\n{KINDS[kind]}\n")
    words = [sys.executable, "-c", STUDY, "x.yaml"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 240
        while not stored():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    kept = stored()
    assert 0 < kept < RUNS
    done = subprocess.run(words, preexec_fn=no_room, capture_output=True, text=True, timeout=240, check=False)
    assert "File too large" in done.stderr
    assert stored() >= kept
    assert [path.name for path in Path("broken/x").iterdir() if not path.name.startswith(".lock-")] == []

    finished = conduct(load("x.yaml"), jobs=1, out="broken", progress=False)
    assert stored() == RUNS  # nothing is done twice
    whole = content(conduct(load("x.yaml"), jobs=1, out="whole", progress=False).path)
    assert content(finished.path) == whole

    shutil.rmtree(finished.path / "figures", ignore_errors=True)  # a discovery may find no box to draw
    (finished.path / "report.html").unlink()
    assert main(["report", str(finished.path)]) == 0
    assert content(finished.path) == whole
