"""Many replications, anywhere: always the same bytes."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
import records
from records import a_record, a_scenario
from runs import digest, quiet, units_of

from sim.results import Run
from sim.runner import Unit, Workers, available_cores, folder_of
from sim.runner.progress import Progress
from sim.runner.units import batches_of, perform, seconds_of

TESTS = Path(__file__).parent.parent


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
