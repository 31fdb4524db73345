"""Many replications, anywhere, whatever happens: always the same bytes."""

from __future__ import annotations

import gc
import hashlib
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import records
from records import a_record, a_scenario

from sim.results import Parts, Run, widest_interval
from sim.results.provenance import source_digest
from sim.runner import (
    Interrupted,
    PrecisionWarning,
    RunBroken,
    RunBusy,
    RunFailed,
    Unit,
    Workers,
    available_cores,
    folder_of,
    resolve,
    run,
)
from sim.runner.precision import MINIMUM, next_round
from sim.runner.progress import Progress
from sim.runner.units import Failure, batches_of, perform, seconds_of

TESTS = Path(__file__).parent.parent


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch):
    """Choose what workers do instead of running a market."""

    def choose(function) -> None:
        monkeypatch.setattr("sim.runner.running.Workers", partial(Workers, work=function))

    choose(records.made)
    return choose


def units_of(scenario, replications: int = 4) -> list[Unit]:
    return [Unit(scenario, economy, number) for number in range(replications) for economy in scenario.economies]


def digest(folder: Path) -> dict[str, str]:
    """Bytes of everything that a run left."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def quiet(scenario, out: Path | None, **terms) -> Run:
    return run(scenario, out=out, progress=False, **terms)


class TestWhere:
    def test_small_work_is_done_here(self):
        with Workers(work=records.made_in) as workers:
            assert {outcome.result for outcome in workers.outcomes(units_of(a_scenario()))} == {(os.getpid(), 1)}

    def test_one_job_is_done_here(self):
        scenario = a_scenario(buyers={"count": 1_000_000})
        with Workers(jobs=1, work=records.made_in) as workers:
            assert {outcome.result for outcome in workers.outcomes(units_of(scenario))} == {(os.getpid(), 1)}

    def test_one_large_unit_gets_every_processor(self):
        scenario = a_scenario(buyers={"count": 10_000_000})
        with Workers(work=records.made_in) as workers:
            (outcome,) = workers.outcomes([Unit(scenario, "push", 0)])
        assert outcome.result == (os.getpid(), available_cores())

    def test_agents_are_no_small_work(self):
        assert seconds_of(a_scenario(), "agents") > 10 * seconds_of(a_scenario())

    def test_jobs_are_processes_that_stay_for_the_next_round(self):
        with Workers(jobs=2, work=records.made_in) as workers:
            first = {outcome.result[0] for outcome in workers.outcomes(units_of(a_scenario()))}
            second = {outcome.result[0] for outcome in workers.outcomes(units_of(a_scenario()))}
        assert os.getpid() not in first
        assert second <= first or len(first | second) <= 2

    def test_any_executor(self):
        with ThreadPoolExecutor(2) as executor, Workers(executor=executor, work=records.made) as workers:
            found = list(workers.outcomes(units_of(a_scenario())))
            assert executor.submit(int, "3").result() == 3  # it is left running
        assert {(one.unit.economy, one.unit.replication) for one in found} == {
            (economy, number) for economy in ("push", "pull") for number in range(4)
        }
        assert all(one.result.same(a_record(one.unit.economy, one.unit.replication)) for one in found)

    def test_an_executor_that_does_not_say_how_many_workers_it_has(self):
        class Plain(Executor):
            """Like that of a cluster, but here and at once."""

            def __init__(self) -> None:
                self.tasks = 0

            def submit(self, function, /, *given, **named):
                self.tasks += 1
                future = Future()
                future.set_result(function(*given, **named))
                return future

        plain = Plain()
        units = units_of(a_scenario(), 60)
        assert len(list(Workers(executor=plain, work=records.made).outcomes(units))) == 120
        assert 1 < plain.tasks < 10  # half a second each

    def test_nothing_to_do(self):
        assert list(Workers(jobs=2).outcomes([])) == []

    def test_arguments(self):
        with pytest.raises(ValueError, match="at least 1"):
            Workers(jobs=0)
        with ThreadPoolExecutor(1) as executor, pytest.raises(ValueError, match="jobs or an executor"):
            Workers(jobs=2, executor=executor)


    def test_a_script_needs_no_guard(self, tmp_path: Path):
        script = tmp_path / "plain.py"
        script.write_text(
            f"import sys; sys.path.insert(0, {str(TESTS)!r})\nfrom records import a_scenario\n"
            "from sim.runner import run\nprint(run(a_scenario(), out=None, jobs=2, progress=False), __file__)"
        )
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
        assert done.stdout == f"<Run of tiny: 2 economies, 4 replications> {script}\n"


class TestBatches:
    def batches(self, scenario, workers: int, replications: int = 50):
        return batches_of(units_of(scenario, replications), workers, "columns", 1, records.made)

    def test_a_task_holds_half_a_second_of_work(self):
        scenario = a_scenario()
        batches = self.batches(scenario, workers=2, replications=100)
        assert all(len(batch.units) * seconds_of(scenario) >= 0.5 for batch in batches[:-1])
        assert len(batches) > 2

    def test_no_fewer_tasks_than_workers(self):
        assert len(self.batches(a_scenario(), workers=4, replications=2)) == 4

    def test_a_long_unit_is_a_task_of_its_own(self):
        batches = self.batches(a_scenario(buyers={"count": 1_000_000}), workers=2)
        assert {len(batch.units) for batch in batches} == {1}

    def test_every_unit_once_and_economies_in_turn(self):
        batches = self.batches(a_scenario(), workers=2)
        assert [place for batch in batches for place in batch.places] == list(range(100))
        assert [economy for _, economy, _ in batches[0].units[:4]] == ["push", "pull", "push", "pull"]

    def test_scenarios_of_one_task_may_differ(self):
        first, second = a_scenario(seed=1), a_scenario(seed=2)
        units = [Unit(first, "push", 0), Unit(second, "push", 0), Unit(first, "pull", 0)]
        (batch,) = batches_of(units, 1, "columns", 1, records.made)
        assert len(batch.texts) == 2
        for (place, result, failure), seed in zip(perform(batch), (1, 2, 1), strict=True):
            assert failure is None
            assert result.same(a_record(units[place].economy, 0, seed=seed))


class TestOutcome:
    def test_a_run_in_memory(self, work):
        found = quiet(a_scenario(), None)
        assert found.path is None
        assert len(found.shares) == 2 * 4 * 24 * 3
        assert found.shares["economy"].cat.categories.tolist() == ["push", "pull"]

    def test_a_run_on_disk(self, work, tmp_path: Path):
        found = quiet(a_scenario(), tmp_path)
        assert found.path == folder_of(a_scenario(), tmp_path)
        assert not found.reused
        assert [path.name for path in (tmp_path / "tiny").iterdir()] == [found.path.name]  # and nothing else
        assert found.provenance == Run.read(found.path).provenance

    def test_a_finished_run_is_not_run_again(self, work, tmp_path: Path):
        first = quiet(a_scenario(), tmp_path)
        before = digest(first.path)
        work(records.failing)
        again = quiet(a_scenario(), tmp_path)
        assert again.reused
        assert digest(again.path) == before
        with pytest.raises(RunFailed):
            quiet(a_scenario(), tmp_path, fresh=True)
        assert digest(first.path) == before

    def test_a_run_made_by_other_code_is_run_again(self, work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        quiet(a_scenario(), tmp_path)
        monkeypatch.setattr("sim.runner.running.source_digest", lambda: "edited")
        again = quiet(a_scenario(), tmp_path)
        assert not again.reused

    def test_fresh_runs_again(self, work, tmp_path: Path):
        first = quiet(a_scenario(), tmp_path)
        (first.path / "summary.csv").unlink()
        again = quiet(a_scenario(), tmp_path, fresh=True)
        assert not again.reused
        assert (again.path / "summary.csv").is_file()

    def test_replications_seed_and_economies(self, work, tmp_path: Path):
        found = quiet(a_scenario(), tmp_path, replications=2, seed=11, economies=["pull"])
        assert found.scenario.replications == 2
        assert found.economies == ["pull"]
        assert Run.read(found.path).provenance["parameters"]["seed"] == 11
        assert found.shares["replication"].unique().tolist() == [0, 1]
        assert found.value("final_share", "Heritage", "pull")["mean"] == pytest.approx(
            np.mean([a_record("pull", number, seed=11).shares["share"][-1, 0] for number in range(2)])
        )

    def test_pages_are_made_before_the_folder_takes_its_name(self, work, tmp_path: Path):
        seen: list[Path] = []

        def pages(made: Run) -> None:
            assert made.path is not None
            seen.append(made.path)
            assert len(made.shares) > 0
            (made.path / "report.html").write_text("page")

        found = quiet(a_scenario(), tmp_path, pages=pages)
        assert found.path is not None
        assert seen[0].name.startswith(".")
        assert (found.path / "report.html").read_text() == "page"
        quiet(a_scenario(), tmp_path, pages=pages)
        assert len(seen) == 1

    def test_pages_that_were_not_made_are_made_later(self, work, tmp_path: Path):
        quiet(a_scenario(), tmp_path)
        made = []
        quiet(a_scenario(), tmp_path, pages=made.append)
        assert made[0].path == folder_of(a_scenario(), tmp_path)

    def test_pages_that_fail_lose_no_replication(self, work, tmp_path: Path):
        def pages(made: Run) -> None:
            raise OSError("no ink")

        with pytest.raises(OSError, match="no ink"):
            quiet(a_scenario(), tmp_path, pages=pages)
        place = folder_of(a_scenario(), tmp_path)
        assert not place.exists()
        work(records.failing)  # nothing is run again
        assert quiet(a_scenario(), tmp_path).path == place

    @pytest.mark.parametrize(
        ("terms", "message"),
        [
            ({"replications": 0}, "between 1 and"),
            ({"seed": -1}, "between 0 and"),
            ({"economies": ["pul"]}, "'pul' is not an economy"),
            ({"economies": []}, "at least one economy"),
            ({"precision": 0.0}, "between 0 and 1"),
            ({"precision": 0.01, "replications": 4}, "not both"),
            ({"precision": 0.01, "max_replications": 3}, "at least 8"),
            ({"engine": "steam"}, "not an engine"),
            ({"jobs": 0}, "at least 1"),
        ],
    )
    def test_wrong_arguments_leave_nothing(self, tmp_path: Path, terms, message: str):
        with pytest.raises(ValueError, match=message):
            quiet(a_scenario(), tmp_path / "out", **terms)
        assert not (tmp_path / "out").exists()

    def test_resolve_keeps_the_order_of_the_file(self):
        assert list(resolve(a_scenario(), economies=["pull", "push"]).economies) == ["push", "pull"]


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


class TestPrecision:
    def test_it_stops_when_every_final_share_is_known_well_enough(self, work, tmp_path: Path):
        found = quiet(a_scenario(), tmp_path, precision=0.03)
        cost = found.precision
        assert cost is not None
        assert cost["met"]
        assert cost["reached"] < 0.03
        assert cost["runs"] == 2 * cost["replications"]
        summary = found.summary[found.summary["measure"] == "final_share"]
        assert (summary["high"] - summary["low"]).max() == pytest.approx(cost["reached"])
        assert (summary["replications"] == cost["replications"]).all()
        assert Run.read(found.path).scenario.replications == cost["replications"]
        assert cost["replications"] > MINIMUM

    def test_the_same_figures_as_with_that_many_replications(self, work, tmp_path: Path):
        found = quiet(a_scenario(), tmp_path, precision=0.03)
        plain = quiet(a_scenario(), tmp_path, replications=found.scenario.replications)
        assert plain.path != found.path
        for name in ("shares.parquet", "switches.parquet", "summary.csv", "scenario.yaml"):
            assert (plain.path / name).read_bytes() == (found.path / name).read_bytes()

    def test_processes_take_the_same_rounds(self, work, tmp_path: Path):
        here = quiet(a_scenario(), tmp_path / "here", precision=0.03, jobs=1)
        there = quiet(a_scenario(), tmp_path / "there", precision=0.03, jobs=2)
        assert digest(here.path) == digest(there.path)

    def test_the_limit_is_said_and_not_silent(self, work, tmp_path: Path):
        with pytest.warns(PrecisionWarning, match=r"after 9 replications of each economy.*0\.0001 was asked for"):
            found = quiet(a_scenario(), tmp_path, precision=0.0001, max_replications=9)
        assert found.precision is not None
        assert not found.precision["met"]
        assert found.scenario.replications == 9

    def test_the_width_is_that_of_the_worst_share(self):
        known, unknown = [np.array([0.5, 0.5])] * 8, [np.array([part, 1 - part]) for part in np.linspace(0.3, 0.7, 8)]
        assert widest_interval({"push": known}) == 0
        values = np.linspace(0.3, 0.7, 8)
        expected = 2 * 2.364624 * values.std(ddof=1) / np.sqrt(8)
        assert widest_interval({"push": known, "pull": unknown}) == pytest.approx(expected, rel=1e-6)

    def test_rounds_grow_but_not_wildly(self):
        assert next_round(8, 0.011, 0.01, 1000) == 11
        assert next_round(8, 0.0101, 0.01, 1000) == 10
        assert next_round(8, 0.5, 0.01, 1000) == 16
        assert next_round(900, 0.5, 0.01, 1000) == 1000
        assert next_round(8, 1.0, 1e-300, 1000) == 16

    def test_intervals_cover_nearly_as_promised_in_spite_of_the_stopping(self):
        draws = np.random.default_rng(3)
        covered, runs = 0, 1500
        for _ in range(runs):
            sample, count = draws.normal(size=(400, 1)), MINIMUM
            while (width := widest_interval({"": list(sample[:count])})) >= 1.0 and count < 400:
                count = next_round(count, width, 1.0, 400)
            covered += abs(sample[:count].mean()) <= width / 2
        assert 0.91 < covered / runs < 0.97


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the real market, in this process."""
    found = quiet(a_scenario(), tmp_path_factory.mktemp("here"), jobs=1)
    assert found.path is not None
    return found.path


class TestMarket:
    """The real market through the runner."""

    def test_processes_give_the_same_bytes(self, here: Path, tmp_path: Path):
        assert digest(quiet(a_scenario(), tmp_path, jobs=2).path) == digest(here)

    def test_threads_give_the_same_bytes(self, here: Path, tmp_path: Path):
        with ThreadPoolExecutor(2) as executor:
            assert digest(quiet(a_scenario(), tmp_path, executor=executor).path) == digest(here)

    def test_a_process_pool_of_ones_own_gives_the_same_bytes(self, here: Path, tmp_path: Path):
        import multiprocessing

        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
            assert digest(quiet(a_scenario(), tmp_path, executor=executor).path) == digest(here)

    def test_more_replications_begin_with_the_same_ones(self, here: Path, tmp_path: Path):
        more = quiet(a_scenario(), tmp_path, replications=6).shares
        assert more[more["replication"] < 4].reset_index(drop=True).equals(Run.read(here).shares)

    def test_the_ledger_of_the_market_adds_up(self, here: Path):
        assert (Run.read(here).summary["replications"] > 0).any()  # scores() refuses a ledger that does not

    def test_no_market_is_left_behind(self):
        from sim.market import Market

        def markets():
            gc.collect()
            return {id(thing) for thing in gc.get_objects() if isinstance(thing, Market)}

        before = markets()  # other tests may have left some
        quiet(a_scenario(replications=10), None)
        assert not markets() - before

    def test_both_engines_give_the_same_tables(self, here: Path, tmp_path: Path):
        agents = quiet(a_scenario(), tmp_path, engine="agents", jobs=1)
        assert agents.path is not None
        same = {name for name, bytes_of in digest(agents.path).items() if digest(here)[name] == bytes_of}
        assert same == set(digest(here)) - {"provenance.json"}
        assert agents.provenance["parameters"]["engine"] == "agents"


PLUGIN = '''
from typing import Literal
from sim.strategies import Effort, Policy, register

@register
class Sleeper(Policy):
    """Does nothing."""

    strategy: Literal["sleeper"] = "sleeper"
    effort: Effort = Effort()
'''


class TestStrategies:
    @pytest.fixture
    def plugin(self, tmp_path: Path) -> Iterator[Path]:
        from sim import strategies

        before = dict(strategies._catalogue), list(strategies._plugins)
        path = tmp_path / "sleepers.py"
        path.write_text(PLUGIN)
        strategies.load_plugin(path)
        yield path
        strategies._catalogue.clear()
        strategies._catalogue.update(before[0])
        strategies._plugins[:] = before[1]

    def scenario(self):
        return a_scenario(sellers=[{"name": name, "strategy": "sleeper"} for name in ("Heritage", "Closers")])

    def test_workers_load_the_same_plugins(self, plugin: Path, tmp_path: Path):
        here = quiet(self.scenario(), tmp_path / "here", jobs=1)
        there = quiet(self.scenario(), tmp_path / "there", jobs=2)
        assert digest(here.path) == digest(there.path)
        assert list(there.provenance["parameters"]["strategies"]) == ["sleeper"]
        assert there.provenance["parameters"]["command"].endswith("--plugin sleepers.py")

    def test_another_plugin_of_that_name_is_another_run(self, plugin: Path, tmp_path: Path):
        place = folder_of(self.scenario(), tmp_path)
        plugin.write_text(PLUGIN + "\n# changed")
        assert folder_of(self.scenario(), tmp_path) != place

    def test_what_was_typed_into_a_session_is_run_in_it(self, tmp_path: Path):
        code = (
            f"import sys; sys.path.insert(0, {str(TESTS)!r})\n{PLUGIN}\n"
            "from records import a_scenario\nfrom sim.runner import run\n"
            "scenario = a_scenario(sellers=[{'name': 'Heritage', 'strategy': 'sleeper'}], buyers={'count': 20_000})\n"
            "print(run(scenario, replications=2, out=None, progress=False))\n"
            "try:\n    run(scenario, replications=2, out=None, jobs=2)\n"
            "except ValueError as error:\n    print(error)\n"
        )
        done = subprocess.run([sys.executable, "-"], input=code, capture_output=True, text=True, check=True)
        assert "2 economies, 2 replications" in done.stdout
        assert "'sleeper' was typed into this session" in done.stdout


def test_progress_goes_to_stderr_and_counts_what_was_there(capsys: pytest.CaptureFixture[str]):
    with Progress(True, total=8, done=4) as progress:
        progress.step()
        progress.extend(16)
    out, err = capsys.readouterr()
    assert out == ""
    assert "5/16" in err
    with Progress(False, total=8) as progress:
        progress.step()
    assert capsys.readouterr().err == ""
