"""However a study ends, the next call does only what is missing, and leaves the same bytes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

PLUGIN = '''\
"""Sellers that take their time, and that can fail or kill."""

import os
import signal
import time
from typing import ClassVar, Literal

from sim.strategies import Effort, Plan, Policy, View, register


@register
class Sleeper(Policy):
    """Thinks about every plan."""

    source: ClassVar[str] = "a test"
    strategy: Literal["sleeper"] = "sleeper"
    effort: Effort = Effort(messages=0.4)
    pause: float = 0.006
    nerve: float = 1.0

    def plan(self, view: View) -> Plan:
        time.sleep(self.pause)
        if self.nerve < 0:
            raise ZeroDivisionError("lost its nerve")
        if self.nerve > 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().plan(view)
'''
SCENARIO = """\
name: tiny
horizon: 6
seed: 3
buyers: {count: 40}
economies:
  push: {pull_share: 0}
  pull: {pull_share: 1}
sellers:
  - {name: Heritage, strategy: relationship-reliant}
  - {name: Dreamer, strategy: sleeper}
"""
SWEEP = """\
name: slow
kind: sweep
scenario: tiny.yaml
factors:
  behaviour.search_cost.pull: [0.02, 0.2, 1.0]
replications: 12
measures: [final_share.Heritage, half_life.Heritage]
"""
RUNS = 72
POSIX = pytest.mark.skipif(os.name != "posix", reason="kills and limits processes as POSIX does")
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resumed")
    for name, text in (("sleepers.py", PLUGIN), ("tiny.yaml", SCENARIO), ("slow.yaml", SWEEP)):
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def start(files: Path) -> Iterator[Start]:
    """Start `pushpull sweep slow.yaml` into a folder of its own."""
    running: list[subprocess.Popen[str]] = []

    def begin(out: str, *more: str, **settings: object) -> subprocess.Popen[str]:
        words = [sys.executable, "-m", "sim.cli", "sweep", "slow.yaml", "--plugin", "sleepers.py", "--out", out, *more]
        process = subprocess.Popen(  # type: ignore[call-overload]
            words, cwd=files, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings
        )
        running.append(process)
        return process  # type: ignore[no-any-return]

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def whole(files: Path, start: Start) -> dict[str, bytes]:
    """Every file of a study that was never interrupted."""
    process = start("whole", "--jobs", "1")
    _, notes = process.communicate(timeout=240)
    assert process.returncode == 0, notes
    return content(files / "whole")


def content(out: Path) -> dict[str, bytes]:
    (folder,) = [path for path in (out / "slow").iterdir() if not path.name.startswith(".")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def stored(out: Path) -> int:
    """Replications in the store."""
    return sum(pq.read_metadata(path).num_rows for path in out.glob(".store/*/[!.]*.parquet"))


def wait_for_shard(out: Path, process: subprocess.Popen[str]) -> None:
    """Wait until something is kept, but not everything."""
    deadline = time.monotonic() + 240
    while not list(out.glob(".store/*/[!.]*.parquet")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def finished(start: Start, out: str, *more: str) -> str:
    process = start(out, *(more or ("--jobs", "1")))
    _, notes = process.communicate(timeout=240)
    assert process.returncode == 0, notes
    return str(notes)


@POSIX
def test_a_parent_that_is_killed_loses_little_and_the_next_call_finishes(
    files: Path, start: Start, whole: dict[str, bytes]
) -> None:
    out = files / "killed"
    kept = 0
    for _ in range(2):
        process = start("killed", "--jobs", "1")
        deadline = time.monotonic() + 240
        while stored(out) <= kept:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert kept < stored(out) < RUNS
        kept = stored(out)
    assert not [
        path for path in (out / "slow").iterdir() if not path.name.startswith(".")
    ]  # nothing half-made is shown
    notes = finished(start, "killed")
    assert stored(out) == RUNS  # nothing is done twice
    assert f"{RUNS}/{RUNS}" in notes
    assert content(out) == whole


@POSIX
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds the workers in /proc")
def test_a_worker_that_is_killed_is_replaced_and_the_study_goes_on(
    files: Path, start: Start, whole: dict[str, bytes]
) -> None:
    out = files / "worker"
    process = start("worker", "--jobs", "2")
    wait_for_shard(out, process)
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    workers = [pid for pid in listed if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert len(workers) == 2
    os.kill(int(workers[0]), signal.SIGKILL)
    _, notes = process.communicate(timeout=240)
    assert process.returncode == 0, notes
    assert "1 worker lost" in notes
    assert "Traceback" not in notes
    assert stored(out) == RUNS  # nothing is done twice
    assert content(out) == whole


@POSIX
def test_a_replication_that_kills_its_workers_is_told_and_the_rest_goes_on(files: Path) -> None:
    text = SWEEP.replace("name: slow", "name: deadly\neconomies: [push]").replace(
        "  behaviour.search_cost.pull: [0.02, 0.2, 1.0]", "  sellers.Dreamer.nerve: [1.0, 2.0, 0.5]"
    )
    (files / "deadly.yaml").write_text(text.replace("replications: 12", "replications: 1"))
    words = ["sweep", "deadly.yaml", "--plugin", "sleepers.py", "--out", "deadly", "--jobs", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", *words], cwd=files, check=False, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 1
    assert "1 of 3 replications failed; the others are in" in done.stderr
    error = "WorkerDied: killed or out of memory, 3 times over this replication"
    assert f"{error} (point 1, push, replication 0, seed 3); to see it again:" in done.stderr
    assert "Traceback" not in done.stderr
    (folder,) = [path for path in (files / "deadly" / "deadly").iterdir() if not path.name.startswith(".")]
    (failure,) = pq.read_table(folder / "failures.parquet").to_pylist()
    assert (failure["point"], failure["seed"], failure["error"]) == (1, 3, error)
    assert set(pq.read_table(folder / "measures.parquet")["point"].to_pylist()) == {0, 2}
    again = failure["command"].replace("python ", f"exec {sys.executable} ", 1)
    done = subprocess.run(again, shell=True, cwd=files, check=False, capture_output=True, timeout=240)
    assert done.returncode == -signal.SIGKILL


@POSIX
def test_a_user_who_interrupts_keeps_what_is_done(files: Path, start: Start, whole: dict[str, bytes]) -> None:
    out = files / "interrupted"
    process = start("interrupted", "--jobs", "1")
    wait_for_shard(out, process)
    process.send_signal(signal.SIGINT)
    _, notes = process.communicate(timeout=240)
    assert process.returncode == 130
    assert f"{stored(out)} of {RUNS} replications are kept" in notes
    finished(start, "interrupted")
    assert stored(out) == RUNS
    assert content(out) == whole


@POSIX
def test_a_full_disk_is_said_and_leaves_no_half_of_a_shard(files: Path, start: Start, whole: dict[str, bytes]) -> None:
    import resource

    out = files / "full"

    def no_room() -> None:  # a file may have no more than a few bytes: writing fails as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))

    process = start("full", "--jobs", "1", "--quiet", preexec_fn=no_room)
    _, notes = process.communicate(timeout=240)
    assert process.returncode == 1
    assert "too large; what is done is kept, and the same command goes on from there" in notes
    assert "Traceback" not in notes
    assert not list(out.glob(".store/*/*")) + list(out.glob(".store/*/.*"))  # and no half of one
    finished(start, "full")
    assert content(out) == whole


def test_a_finished_study_is_found_and_another_shares_its_runs(
    files: Path, start: Start, whole: dict[str, bytes]
) -> None:
    out = files / "shared"
    shutil.copytree(files / "whole", out)
    notes = finished(start, "shared")
    assert "this very study was there already" in notes
    finished(start, "shared", "-n", "5", "--jobs", "1")  # an early look at what is there
    assert stored(out) == RUNS
    text = (
        (files / "slow.yaml").read_text().replace("name: slow", "name: other").replace("[0.02, 0.2, 1.0]", "[0.2, 3.0]")
    )
    (files / "other.yaml").write_text(text)
    words = ["sweep", "other.yaml", "--plugin", "sleepers.py", "--out", "shared", "--jobs", "1", "-q"]
    subprocess.run([sys.executable, "-m", "sim.cli", *words], cwd=files, check=True, capture_output=True, timeout=240)
    assert stored(out) == RUNS + 24  # one of its two points was there


def test_replications_that_fail_are_told_and_the_rest_goes_on(files: Path) -> None:
    text = SWEEP.replace("name: slow", "name: nervous").replace(
        "  behaviour.search_cost.pull: [0.02, 0.2, 1.0]", "  sellers.Dreamer.nerve: [1.0, -1.0]"
    )
    (files / "nervous.yaml").write_text(text.replace("replications: 12", "replications: 2"))
    words = [sys.executable, "-m", "sim.cli", "sweep", "nervous.yaml", "--plugin", "sleepers.py", "--out", "nervous"]
    for _ in range(2):  # the next call tries again what failed
        done = subprocess.run(words, cwd=files, check=False, capture_output=True, text=True, timeout=240)
        assert done.returncode == 1
        assert "4 of 8 replications failed; the others are in" in done.stderr
        assert "ZeroDivisionError: lost its nerve (point 1, push, replication 0, seed 3 and 3 more)" in done.stderr
        assert "Traceback" not in done.stderr
    (folder,) = [path for path in (files / "nervous" / "nervous").iterdir() if not path.name.startswith(".")]
    failures = pq.read_table(folder / "failures.parquet").to_pandas()
    assert list(failures.columns) == ["point", "economy", "replication", "seed", "error", "command"]
    assert list(failures["point"]) == [1] * 4
    assert set(failures["error"]) == {"ZeroDivisionError: lost its nerve"}
    measures = pq.read_table(folder / "measures.parquet").to_pandas()
    assert set(measures["point"]) == {0}
    assert len(measures) == 2 * 2 * 2
    assert (folder / "report.html").is_file()
    again = failures["command"].iloc[0].replace("python ", f"{sys.executable} ", 1)
    done = subprocess.run(again, shell=True, cwd=files, check=False, capture_output=True, text=True, timeout=240)
    assert done.returncode == 1
    assert "ZeroDivisionError: lost its nerve" in done.stderr


@POSIX
def test_a_dask_cluster_that_loses_a_worker_gives_the_same_bytes(
    files: Path, start: Start, whole: dict[str, bytes]
) -> None:
    pytest.importorskip("distributed", reason="a cluster needs Dask: pip install 'pushpull[cluster]'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    words = ["--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard"]
    cluster = [subprocess.Popen([*dask, *words], cwd=files, stderr=subprocess.DEVNULL)]
    worker = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--no-nanny",
        "--nthreads",
        "1",
        "--no-dashboard",
    ]
    try:
        cluster += [subprocess.Popen(worker, cwd=files, stderr=subprocess.DEVNULL) for _ in range(2)]
        process = start("dask", "--scheduler", address)
        wait_for_shard(files / "dask", process)
        cluster[1].kill()
        _, notes = process.communicate(timeout=240)
        assert process.returncode == 0, notes
        assert stored(files / "dask") == RUNS
        assert content(files / "dask") == whole
    finally:
        for one in reversed(cluster):
            one.kill()
            one.wait()
