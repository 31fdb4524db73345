"""What a run leaves, and how many replications it takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import records
from records import a_record, a_scenario
from runs import digest, quiet

from sim.results import Run, widest_interval
from sim.runner import PrecisionWarning, RunFailed, folder_of, resolve
from sim.runner.precision import MINIMUM, next_round


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
