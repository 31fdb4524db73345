"""Whatever happens on the way: the others are kept, and the same bytes come out."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import records
from records import a_scenario
from runs import digest, quiet, units_of

from sim.results import Parts
from sim.results.provenance import source_digest
from sim.runner import Interrupted, RunBroken, RunBusy, RunFailed, Unit, Workers, folder_of, run
from sim.runner.units import Failure

TESTS = Path(__file__).parent.parent


class TestFailures:
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_the_others_go_on_and_are_kept(self, work, tmp_path: Path, jobs: int):
        work(records.failing)
        with pytest.raises(RunFailed) as caught:
            quiet(a_scenario(), tmp_path, jobs=jobs)
        (failure,) = caught.value.failures
        assert failure[:4] == ("pull", 2, 7, "ZeroDivisionError: nobody is left")
        assert "records.py" in failure.trace
        assert "1 of 8 replications failed" in str(caught.value)
        place = folder_of(a_scenario(), tmp_path)
        assert not place.exists()
        parts = Parts(place.with_name(f".parts-{place.name}"), source_digest())
        assert ("pull", 1) in parts
        assert ("pull", 2) not in parts
        work(records.made)
        again = quiet(a_scenario(), tmp_path)
        assert digest(again.path) == digest(quiet(a_scenario(), tmp_path / "never").path)

    def test_the_command_runs_that_replication(self, work, tmp_path: Path):
        work(records.failing)
        with pytest.raises(RunFailed) as caught:
            quiet(a_scenario(), tmp_path)
        (command,) = caught.value.commands
        assert command in str(caught.value)
        words = shlex.split(command)
        # the line as it stands, and a look at what it made
        assert words[:2] == ["python", "-c"]
        code = f"market = {words[2].split('; ')[-1].removesuffix('.run()')}; print(market.economy, market.replication)"
        code = f"{words[2].split('; ')[0]}; {code}"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["pull", "2"]

    def test_a_command_with_plugins_and_engine(self):
        line = Failure("push", 1, 7, "", "").command("a b.yaml", [Path("my plug.py")], "agents")
        assert shlex.split(line)[2] == (
            'from sim.strategies import load_plugin; load_plugin("my plug.py"); from sim import Market, Scenario; '
            'Market(Scenario.load("a b.yaml"), "push", 1, engine="agents").run()'
        )

    def test_failures_of_a_kind_are_told_once(self):
        same = [Failure("push", number, 7, "E: x", "") for number in range(8)]
        odd = [Failure("pull", number, 7, f"E: {number}", "") for number in range(7)]
        lines = str(RunFailed([*same, *odd], [f"c{number}" for number in range(15)], 96)).splitlines()
        assert lines[0] == "15 of 96 replications failed; the others are kept"
        assert lines[1:3] == ["  E: x (push, replication 0, seed 7 and 7 more); to see it again:", "    c0"]
        assert lines[3:5] == ["  E: 0 (pull, replication 0, seed 7); to see it again:", "    c8"]
        assert lines[-1] == "  and 3 other errors"
        assert "others" not in str(RunFailed(same, ["c"] * 8, 8))

    def test_a_unit_that_its_workers_die_of_fails_and_the_others_go_on(self, work, tmp_path: Path):
        work(records.dying)
        with pytest.raises(RunFailed, match="1 of 8 replications failed; the others are kept") as caught:
            quiet(a_scenario(), tmp_path, jobs=2)
        (failure,) = caught.value.failures
        assert failure[:3] == ("pull", 2, 7)
        assert failure.error == "WorkerDied: killed or out of memory, 3 times over this replication"
        work(records.made)
        again = quiet(a_scenario(), tmp_path)
        assert digest(again.path) == digest(quiet(a_scenario(), tmp_path / "never").path)

    def test_what_a_lost_worker_did_is_done_again(
        self, work, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        work(records.dying_once)
        scenario = a_scenario(description=str(tmp_path / "died"))
        made = run(scenario, out=tmp_path, jobs=2)
        assert (tmp_path / "died").exists()
        assert "1 worker lost" in capsys.readouterr().err
        work(records.made)
        assert digest(made.path) == digest(quiet(scenario, tmp_path / "never").path)

    def test_workers_that_do_not_even_begin_end_the_run(
        self, work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sim.runner.processes._enlist", records.stillborn)
        with pytest.raises(RunBroken, match="worker processes end abruptly") as caught:
            quiet(a_scenario(), tmp_path, jobs=2)
        assert isinstance(caught.value.__cause__, BrokenExecutor)

    def test_a_cluster_that_gives_a_task_up_fails_that_unit_alone(self, tmp_path: Path):
        class KilledWorker(Exception):
            """As Dask says it."""

        class Cluster(ThreadPoolExecutor):
            def submit(self, call, batch):  # type: ignore[override]
                future: Future = Future()
                innocent = any(unit[1:] == ("push", 1) for unit in batch.units)
                blamed.append(innocent)
                if any(unit[1:] == ("pull", 2) for unit in batch.units) or (innocent and sum(blamed) < 3):
                    future.set_exception(KilledWorker("perform", None))
                else:
                    future.set_result(call(batch))
                return future

        blamed: list[bool] = []
        units = [Unit(a_scenario(), economy, number) for number in range(4) for economy in ("push", "pull")]
        with Workers(executor=Cluster(1), work=records.made) as workers:
            outcomes = list(workers.outcomes(units))
        assert len(outcomes) == 8
        (failed,) = [one for one in outcomes if one.failure is not None]
        assert failed.unit[1:] == ("pull", 2)
        assert failed.failure == Failure("pull", 2, 7, *["WorkerDied: killed or out of memory"] * 2)

    def test_two_at_the_same_run(self, work, tmp_path: Path):
        place = folder_of(a_scenario(), tmp_path)
        kept = place.with_name(f".parts-{place.name}")
        kept.mkdir(parents=True)
        code = (
            "import sys, pathlib, sim.results\nwith sim.results.locked(pathlib.Path(sys.argv[1])):\n"
            "    print('mine', flush=True)\n    sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, str(kept)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "mine\n"
            with pytest.raises(RunBusy, match="another process"):
                quiet(a_scenario(), tmp_path)
            other.communicate("")
        assert quiet(a_scenario(), tmp_path).path == place


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from functools import partial
from pathlib import Path
import records
from sim.runner import Interrupted, Workers, run, running

if __name__ == "__main__":
    running.Workers = partial(Workers, work=records.slow)
    running.source_digest = lambda: "this"
    try:
        run(records.a_scenario(replications=40), out=Path(sys.argv[1]), jobs={jobs})
    except Interrupted as stop:
        print(stop.done, stop.total, stop.kept, flush=True)
        sys.exit(130)
"""


class TestInterruption:
    @pytest.fixture(autouse=True)
    def this_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Somebody may edit the product while its tests run."""
        monkeypatch.setattr("sim.runner.running.source_digest", lambda: "this")

    def begin(self, tmp_path: Path, jobs: int) -> subprocess.Popen[str]:
        script = tmp_path / "script.py"
        script.write_text(SCRIPT.format(tests=str(TESTS), jobs=jobs))
        begun = subprocess.Popen(
            [sys.executable, str(script), str(tmp_path / "out")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C goes to the whole group, as from a terminal
        )
        until = time.monotonic() + 60
        while not list(tmp_path.glob("out/tiny/.parts-*/*.part")):
            assert time.monotonic() < until, begun.communicate()
            assert begun.poll() is None, begun.communicate()
            time.sleep(0.05)
        return begun

    def workers_of(self, group: int) -> list[int]:
        """Processes of a group that are still there."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                words = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(words[2]) == group and words[0] != "Z":
                found.append(int(path.parent.name))
        return found

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_ctrl_c_keeps_what_is_done(self, work, tmp_path: Path, jobs: int):
        begun = self.begin(tmp_path, jobs)
        pressed = time.monotonic()
        os.killpg(begun.pid, signal.SIGINT)
        out, err = begun.communicate(timeout=30)
        assert time.monotonic() - pressed < 3
        assert begun.returncode == 130, err
        assert "Traceback" not in err
        done, total, kept = out.split()
        assert 0 < int(done) < int(total) == 80
        scenario = a_scenario(replications=40)
        parts = Parts(Path(kept), "this")
        assert sum((unit.economy, unit.replication) in parts for unit in units_of(scenario, 40)) == int(done)
        resumed = quiet(scenario, tmp_path / "out")
        assert not list(tmp_path.glob("out/tiny/.*"))
        assert digest(resumed.path) == digest(quiet(scenario, tmp_path / "never").path)

    @pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
    def test_kill_corrupts_nothing_and_leaves_no_worker(self, work, tmp_path: Path):
        begun = self.begin(tmp_path, jobs=2)
        os.kill(begun.pid, signal.SIGKILL)
        begun.communicate(timeout=30)
        until = time.monotonic() + 10
        while self.workers_of(begun.pid) and time.monotonic() < until:
            time.sleep(0.05)
        assert self.workers_of(begun.pid) == []
        scenario = a_scenario(replications=40)
        resumed = quiet(scenario, tmp_path / "out")
        assert not list(tmp_path.glob("out/tiny/.*"))
        assert digest(resumed.path) == digest(quiet(scenario, tmp_path / "never").path)

    def test_what_a_killed_process_was_writing_is_cleared(self, work, tmp_path: Path):
        place = folder_of(a_scenario(), tmp_path)
        left = place.with_name(f".{place.name}-0123abcd")
        left.mkdir(parents=True)
        quiet(a_scenario(), tmp_path)
        assert not left.exists()

    def test_an_interrupt_in_memory_keeps_nothing_and_says_so(self, monkeypatch: pytest.MonkeyPatch):
        def stop(unit: Unit, engine: str, threads: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("sim.runner.running.Workers", partial(Workers, work=stop))
        with pytest.raises(Interrupted, match="nothing is kept"):
            quiet(a_scenario(), None)
