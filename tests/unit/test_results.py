"""Records to tables, folders and back."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from records import SELLERS, a_record, a_scenario

from sim import results
from sim.results import (
    CAUSES,
    COLUMNS,
    MEASURES,
    Parts,
    ResultsError,
    Run,
    folder_in_the_making,
    key_of,
    locked,
    measure_of,
    provenance_of,
    scores,
    summarise,
    write_run,
)
from sim.results.files import writing

ECONOMIES = ("push", "pull")


def all_records(replications: int = 4):
    return [a_record(economy, replication) for economy in ECONOMIES for replication in range(replications)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scenario = a_scenario()
    with folder_in_the_making(tmp_path / "run") as making:
        write_run(making, scenario, iter(all_records()), provenance_of(scenario))
    return tmp_path / "run"


class TestRecord:
    def test_a_missing_column_is_named(self):
        record = a_record()
        short = {name: values for name, values in record.shares.items() if name != "cash"}
        with pytest.raises(ValueError, match="shares of a record lack or should not have: cash"):
            dataclasses.replace(record, shares=short)

    def test_a_wrong_shape_is_named(self):
        record = a_record()
        with pytest.raises(ValueError, match=r"market\['hhi'\].*\(23,\), not \(24,\)"):
            dataclasses.replace(record, market={**record.market, "hhi": record.market["hhi"][1:]})

    def test_same_means_the_same_bytes(self):
        assert a_record().same(a_record())
        assert not a_record().same(a_record(replication=1))
        other = a_record()
        other.shares["cash"][3, 1] += 1e-12
        assert not other.same(a_record())


class TestTables:
    def test_columns_are_those_of_the_design(self, folder: Path):
        run = Run.read(folder)
        assert list(run.shares.columns) == [
            "economy", "replication", "tick", "seller", "share", "customers", "revenue", "profit", "cash",
            "satisfaction", "relationship", "self_service", "human_service", "sales_skill", "alive",
        ]
        assert list(run.market.columns) == [
            "economy", "replication", "tick", "pull_share", "churn", "research_rate", "inspections", "hhi",
            "consumer_surplus", "belief_error", "buyer_initiated", "seller_initiated",
        ]
        ledger = ["economy", "replication", "tick", "from_seller", "to_seller", "cause", "buyers"]
        assert list(run.switches.columns) == ledger
        summary = ["economy", "seller", "measure", "mean", "low", "high", "replications", "censored"]
        assert list(run.summary.columns) == summary
        assert sorted(path.name for path in folder.iterdir()) == [
            "buyers.parquet", "contacts.parquet", "market.parquet", "provenance.json", "scenario.yaml",
            "shares.parquet", "summary.csv", "switches.parquet",
        ]

    def test_every_value_is_where_it_belongs(self, folder: Path):
        run = Run.read(folder)
        record = a_record("pull", 2)
        rows = run.shares[(run.shares["economy"] == "pull") & (run.shares["replication"] == 2)]
        for seller, name in enumerate(SELLERS):
            own = rows[rows["seller"] == name]
            assert own["tick"].tolist() == list(range(24))
            np.testing.assert_array_equal(own["cash"], record.shares["cash"][:, seller])
            np.testing.assert_array_equal(own["satisfaction"], record.shares["satisfaction"][:, seller])
            assert own["alive"].tolist() == record.shares["alive"][:, seller].tolist()
        market = run.market[(run.market["economy"] == "pull") & (run.market["replication"] == 2)]
        np.testing.assert_array_equal(market["hhi"], record.market["hhi"])
        ledger = run.switches[(run.switches["economy"] == "pull") & (run.switches["replication"] == 2)]
        assert ledger["from_seller"].tolist() == [SELLERS[place] for place in record.switches["from_seller"]]
        assert ledger["cause"].tolist() == [CAUSES[place] for place in record.switches["cause"]]
        assert ledger["buyers"].tolist() == record.switches["buyers"].tolist()

    def test_the_ledger_sums_to_the_change_in_customers(self, folder: Path):
        run = Run.read(folder)
        keys = ["economy", "replication", "tick"]
        came = run.switches.groupby([*keys, "to_seller"], observed=True)["buyers"].sum()
        left = run.switches.groupby([*keys, "from_seller"], observed=True)["buyers"].sum()
        held = run.shares.set_index([*keys, "seller"])["customers"].unstack("seller")
        change = held.groupby(["economy", "replication"], observed=True).diff().dropna()
        flow = (
            came.rename_axis([*keys, "seller"]).sub(left.rename_axis([*keys, "seller"]), fill_value=0).unstack("seller")
        )
        flow = flow.reindex(change.index).fillna(0)[change.columns]
        np.testing.assert_array_equal(flow.to_numpy(), change.to_numpy())

    def test_in_memory_and_on_disk_are_the_same(self, folder: Path):
        scenario = a_scenario()
        there, here = Run.read(folder), Run.of(scenario, all_records(), provenance_of(scenario))
        for name in (*COLUMNS, "summary"):
            pd.testing.assert_frame_equal(getattr(there, name), getattr(here, name))

    def test_the_same_records_give_the_same_bytes_in_another_process(self, folder: Path, tmp_path: Path):
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from records import *;"
            "from sim.results import *; s = a_scenario(); f = Path(sys.argv[2]); f.mkdir();"
            "write_run(f, s, [a_record(e, r) for e in ('push', 'pull') for r in range(4)], provenance_of(s))"
        )
        tests = str(Path(__file__).parent.parent)
        env = {**os.environ, "PYTHONHASHSEED": "12345"}
        subprocess.run([sys.executable, "-c", code, tests, str(tmp_path / "again")], check=True, env=env)
        for path in folder.iterdir():
            assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name

    def test_many_records_do_not_pass_through_memory_at_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("sim.results.tables.BLOCK", 3)
        alive: list[int] = []

        def counted():
            for place in range(8):
                alive.append(place)
                yield a_record("push", place)

        monkeypatch.setattr(
            "sim.results.tables.tables_of",
            lambda block, economies, real=results.tables.tables_of: (alive.clear(), real(block, economies))[1],
        )
        scenario = a_scenario(replications=8, economies={"push": {"pull_share": 0.0}})
        run = write_run(tmp_path, scenario, counted(), provenance_of(scenario))
        assert len(alive) <= 3
        assert run.shares["replication"].nunique() == 8

    def test_a_run_without_switches(self, tmp_path: Path):
        record = a_record(ticks=2)
        still = {name: values[:0] for name, values in record.switches.items()}
        customers = np.array([[100, 100, 0]] * 2)
        shares = {**record.shares, "customers": customers, "share": customers / 200}
        record = dataclasses.replace(record, switches=still, shares=shares)
        scenario = a_scenario(horizon=2, events=[{"at": 1, "enter": {"name": "Newcomer", "strategy": "innovator"}}])
        assert len(write_run(tmp_path, scenario, [record], provenance_of(scenario)).switches) == 0


class TestReading:
    def test_a_missing_file_is_named(self, folder: Path):
        (folder / "market.parquet").unlink()
        with pytest.raises(ResultsError, match=r"market\.parquet is missing"):
            Run.read(folder)

    def test_no_folder(self, tmp_path: Path):
        with pytest.raises(ResultsError, match="there is no such folder"):
            Run.read(tmp_path / "nowhere")

    def test_a_missing_column_is_named(self, folder: Path):
        pd.read_parquet(folder / "shares.parquet").drop(columns=["cash", "alive"]).to_parquet(folder / "shares.parquet")
        run = Run.read(folder)
        with pytest.raises(ResultsError, match=r"shares\.parquet: columns cash, alive missing"):
            _ = run.shares
        (folder / "summary.csv").write_text("economy,seller\n")
        with pytest.raises(ResultsError, match=r"summary\.csv: columns measure, mean"):
            _ = run.summary

    @pytest.mark.parametrize("name", ["shares.parquet", "summary.csv"])
    def test_a_damaged_table_is_named(self, folder: Path, name: str):
        (folder / name).write_bytes(b"\xff\x00 no table")
        run = Run.read(folder)
        with pytest.raises(ResultsError, match=name):
            getattr(run, name.split(".")[0])

    @pytest.mark.parametrize(
        ("name", "text"), [("provenance.json", "{"), ("provenance.json", "[]"), ("scenario.yaml", "a")]
    )
    def test_damaged_words_are_named(self, folder: Path, name: str, text: str):
        (folder / name).write_text(text)
        with pytest.raises(ResultsError, match=name):
            Run.read(folder)

    def test_sellers_with_names_like_missing_values(self, tmp_path: Path):
        terms = {"sellers": [{"name": name, "strategy": "hard-sell"} for name in ("NA", "null")]}
        scenario = a_scenario(**terms)
        record = dataclasses.replace(a_record(), sellers=("NA", "null", "Newcomer"))
        run = write_run(tmp_path, scenario, [record], provenance_of(scenario))
        assert set(run.summary["seller"]) == {"NA", "null", "Newcomer", ""}
        assert run.value("final_share", "NA", "push")["replications"] == 1

    def test_a_line_that_is_not_there(self, folder: Path):
        with pytest.raises(KeyError, match="no half_life of Newcomer in push"):
            Run.read(folder).value("half_life", "Newcomer")


class TestSummary:
    def test_every_measure_is_declared(self):
        found = scores(a_record(), a_scenario())
        for _, name in found:
            assert measure_of(name).meaning
        plain = {name for _, name in found if "." not in name}
        assert plain == set(MEASURES)

    def test_figures_of_a_record(self):
        record, scenario = a_record(), a_scenario()
        found = scores(record, scenario)
        assert found["Heritage", "final_share"] == record.shares["share"][-1, 0]
        assert found["Newcomer", "mean_share"] == pytest.approx(record.shares["share"][6:, 2].mean())
        assert found["Closers", "cumulative_profit"] == pytest.approx(record.shares["profit"][:, 1].sum())
        assert found["", "survivors"] == 3
        assert found["Newcomer", "leads"] == pytest.approx(record.contacts["inspections"][6:, 2].mean())
        by_experience = record.contacts["relationship_from_experience"][:, 0].sum()
        by_visits = record.contacts["relationship_from_visits"][:, 0].sum()
        part = by_experience / (by_experience + by_visits)
        assert found["Heritage", "relationship_from_experience"] == pytest.approx(part)
        assert found["", "effective_sellers"] == pytest.approx(1 / record.market["hhi"][-1])
        ledger, customers = record.switches, record.shares["customers"]
        lost = ledger["buyers"][ledger["from_seller"] == 1].sum()
        assert found["Closers", "churn"] == pytest.approx(lost / (100 + customers[:-1, 1].sum()))
        assert found["", "final_patience"] == pytest.approx(record.buyers["patience"][-12:].mean())

    def test_an_entrant_has_no_half_life_and_an_incumbent_no_time_to_overtake(self):
        found = scores(a_record(), a_scenario())
        assert ("Heritage", "half_life") in found
        assert ("Newcomer", "half_life") not in found
        assert ("Newcomer", "time_to_overtake.Closers") in found
        assert ("Heritage", "time_to_overtake") not in found

    def test_time_to_overtake_counts_from_the_entry(self):
        record = a_record()
        share = record.shares["share"].copy()
        share[:10] = [0.5, 0.5, 0.0]
        share[10:] = [0.1, 0.5, 0.4]
        found = scores(dataclasses.replace(record, shares={**record.shares, "share": share}), a_scenario())
        assert found["Newcomer", "time_to_overtake.Heritage"] == 10 - 6
        assert found["Newcomer", "time_to_overtake"] == math.inf

    def test_customer_equity_follows_the_formula(self):
        record = a_record(ticks=12)
        found = scores(record, a_scenario(horizon=12))
        counts = np.zeros((3, 3))
        ledger = record.switches
        np.add.at(counts, (ledger["from_seller"], ledger["to_seller"]), ledger["buyers"])
        before = np.vstack([[100, 100, 0], record.shares["customers"][:-1]]).sum(axis=0)
        np.fill_diagonal(counts, before - counts.sum(axis=1))
        orders = np.linalg.inv(np.eye(3) - counts / counts.sum(axis=1, keepdims=True) / 1.01)
        expected = 0.4 * record.shares["customers"][-1] @ orders  # price 1, unit cost .6, an order a tick
        assert [found[name, "customer_equity"] for name in SELLERS] == pytest.approx(expected)

    def test_a_dead_seller_has_no_equity_but_a_time_of_exit(self):
        record = a_record()
        alive = record.shares["alive"].copy()
        alive[20:, 1] = False
        found = scores(dataclasses.replace(record, shares={**record.shares, "alive": alive}), a_scenario())
        assert found["Closers", "customer_equity"] == 0
        assert found["Closers", "time_to_exit"] == 20
        assert found["Closers", "survival"] == 0
        assert found["Heritage", "time_to_exit"] == math.inf

    def test_kinds_of_interval(self):
        found = [
            {("A", "final_share"): 0.2 + 0.1 * place, ("A", "half_life"): life, ("A", "survival"): 1.0}
            for place, life in enumerate([10.0, 12.0, 14.0, 16.0, math.inf, math.inf, math.inf])
        ]
        share, life, survival = summarise({"push": found})
        assert share.estimate.mean == pytest.approx(0.5)
        assert life.estimate == (16, 10, math.inf, 7, 3)
        assert survival.estimate.low == pytest.approx(0.6457, abs=1e-4)

    def test_a_figure_that_is_never_defined_says_so(self):
        (line,) = summarise({"push": [{("A", "satisfaction"): math.nan}] * 3})
        assert line.estimate.replications == 0

    def test_missing_and_infinite_figures_survive_the_csv(self, folder: Path):
        run = Run.read(folder)
        life = run.value("time_to_exit", "Heritage", "pull")
        assert life["mean"] == math.inf
        assert life["censored"] == 4
        assert math.isnan(life["low"])
        lines = (folder / "summary.csv").read_text().splitlines()
        assert "pull,Heritage,time_to_exit,inf,,,4,4" in lines


class TestProvenance:
    def test_four_keys_and_nothing_of_this_machine(self, folder: Path):
        provenance = json.loads((folder / "provenance.json").read_text())
        assert list(provenance) == ["schema_version", "software", "parameters", "environment"]
        assert provenance["parameters"]["seed"] == 7
        assert provenance["parameters"]["model_version"]
        libraries = provenance["environment"]["libraries"]
        assert {"mesa", "numpy", "numba", "pandas", "pyarrow"} <= set(libraries)
        text = json.dumps(provenance)
        for private in (os.uname().nodename, str(Path.home()), str(folder), os.getcwd()):
            assert len(private) < 4 or private not in text

    def test_the_key_follows_all_that_matters(self, monkeypatch: pytest.MonkeyPatch):
        key = key_of(a_scenario())
        assert key == key_of(a_scenario())
        others = {
            key_of(a_scenario(seed=8)),
            key_of(a_scenario(replications=5)),
            key_of(a_scenario(buyers={"count": 201})),
            key_of(a_scenario(), {"precision": 0.01, "maximum": 100}),
        }
        monkeypatch.setattr("sim.results.provenance.MODEL_VERSION", "2000")
        others.add(key_of(a_scenario()))
        assert len(others | {key}) == 6

    def test_the_key_does_not_follow_how_defaults_are_written(self):
        scenario = a_scenario()
        assert key_of(type(scenario).model_validate(scenario.resolved())) == key_of(scenario)


class TestFiles:
    def test_a_file_is_whole_or_not_there(self, tmp_path: Path):
        path = tmp_path / "page.txt"
        with writing(path) as file:
            file.write("old")

        def fail() -> None:
            with writing(path) as file:
                file.write("new")
                raise RuntimeError("stop")

        with pytest.raises(RuntimeError):
            fail()
        assert [found.name for found in tmp_path.iterdir()] == ["page.txt"]
        assert path.read_text() == "old"

    def test_a_folder_is_whole_or_not_there(self, tmp_path: Path):
        def fail() -> None:
            with folder_in_the_making(tmp_path / "run") as folder:
                (folder / "half").touch()
                raise RuntimeError("stop")

        with pytest.raises(RuntimeError):
            fail()
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_is_replaced_whole(self, tmp_path: Path):
        for name in ("old", "new"):
            with folder_in_the_making(tmp_path / "run") as folder:
                (folder / name).touch()
        assert [path.name for path in tmp_path.rglob("*")] == ["run", "new"]


class TestParts:
    def test_there_and_back(self, tmp_path: Path):
        kept = [a_record("push", 0), a_record("pull", 0), a_record("push", 1)]
        Parts(tmp_path / "parts").add(kept)
        parts = Parts(tmp_path / "parts")
        for record in kept:
            assert parts.read((record.economy, record.replication)).same(record)
        assert ("pull", 1) not in parts

    @pytest.mark.parametrize(
        "damage",
        [
            lambda whole: whole[:-1],
            lambda whole: whole.replace(b'"tick"', b'"tick '),
            lambda whole: whole + b"12345678{",
        ],
    )
    def test_a_damaged_part_is_computed_anew(self, tmp_path: Path, damage):
        parts = Parts(tmp_path)
        parts.add([a_record("push", 0)])
        parts.add([a_record("push", 1)])
        path = tmp_path / "0000001-push.part"
        path.write_bytes(damage(path.read_bytes()))
        with pytest.warns(UserWarning, match="computed anew"):
            again = Parts(tmp_path)
        assert ("push", 0) in again
        assert ("push", 1) not in again
        assert not path.exists()

    def test_parts_of_other_code_are_removed(self, tmp_path: Path):
        Parts(tmp_path, "old").add([a_record("push", 0)])
        assert ("push", 0) in Parts(tmp_path, "old")
        assert ("push", 0) not in Parts(tmp_path, "new")
        assert not list(tmp_path.glob("*.part"))

    def test_no_object_is_ever_unpickled(self, tmp_path: Path):
        parts = Parts(tmp_path)
        parts.add([a_record("push", 0)])
        path = tmp_path / "0000000-push.part"
        path.write_bytes(path.read_bytes().replace(b'"<f8"', b'"|O8"'))
        with pytest.raises(ResultsError, match=r"0000000-push\.part"):
            parts.read(("push", 0))

    def test_nothing_to_add_leaves_nothing(self, tmp_path: Path):
        Parts(tmp_path / "parts").add([])
        assert not (tmp_path / "parts").exists()

    def test_one_process_at_a_time(self, tmp_path: Path):
        code = "import sys, pathlib, sim.results\nwith sim.results.locked(pathlib.Path(sys.argv[1])): pass"
        command = [sys.executable, "-c", code, str(tmp_path)]
        with locked(tmp_path):
            other = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "BlockingIOError" in other.stderr
        assert subprocess.run(command, check=False).returncode == 0
