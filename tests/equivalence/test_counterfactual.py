"""A change does nothing before it acts, and a study's runs are the market's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markets import ENTRY, small

from sim import compare, sweep
from sim.market import Market
from sim.results import Record, scores
from sim.scenario import Scenario
from sim.studies.changes import changes_of

TURN = {"at": 8, "change": {"seller": "Heritage", "strategy": "collaborative"}}


def run(scenario: Scenario, economy: str, replication: int) -> Record:
    market = Market(scenario, economy, replication)
    try:
        return market.run()
    finally:
        market.release()


def before(record: Record, tick: int, sellers: tuple[str, ...]) -> dict[str, bytes]:
    """All that was measured before a tick, for these sellers, as bytes."""
    places = [record.sellers.index(name) for name in sellers]
    found = {
        f"{group}.{name}": np.ascontiguousarray(values[:tick, places]).tobytes()
        for group in ("shares", "contacts")
        for name, values in getattr(record, group).items()
    }
    found |= {
        f"{group}.{name}": values[:tick].tobytes()
        for group in ("market", "buyers")
        for name, values in getattr(record, group).items()
    }
    early = record.switches["tick"] < tick
    names = np.array(record.sellers)
    for name, values in record.switches.items():
        chosen = values[early]
        found[f"switches.{name}"] = (names[chosen] if name.endswith("_seller") else chosen).tobytes()
    return found


@pytest.mark.parametrize(
    ("change", "acts"),
    [
        ({"without": ["Newcomer"]}, 5),
        ({"events.1.at": 11}, 8),
        ({"add_events": [{"at": 9, "enter": {"name": "Second", "strategy": "hard-sell"}}]}, 9),
        ({"add_events": [{"at": 6, "shock": {"seller": "Closers", "price": 0.5}}]}, 6),
        ({"add_events": [{"at": 10, "exit": "Value"}]}, 10),
    ],
)
def test_both_paths_are_the_same_to_the_byte_before_the_change_acts(change: dict[str, Any], acts: int) -> None:
    scenario = small(4, events=[ENTRY, TURN])
    changed = changes_of(change)[0].of(scenario)
    common = tuple(s.name for s in scenario.all_sellers if s.name in {t.name for t in changed.all_sellers})
    for economy in ("push", "pull"):
        for replication in range(2):
            one, two = run(scenario, economy, replication), run(changed, economy, replication)
            assert before(one, acts, common) == before(two, acts, common)
    one, two = run(scenario, "pull", 0), run(changed, "pull", 0)
    assert before(one, scenario.horizon, common) != before(two, scenario.horizon, common)  # and then it does act


def test_a_comparison_finds_when_the_change_acts_and_nothing_before(tmp_path: Path) -> None:
    scenario = small(4, events=[ENTRY, TURN], replications=3)
    study = compare(scenario, {"events.1.at": 11}, out=tmp_path, economies=["pull"], jobs=1, progress=False)
    differences = study.differences
    early = differences[differences["tick"] < 8]
    assert (early[["mean", "low", "high"]] == 0).to_numpy().all()
    assert len(early) == 8 * 5 * 4  # ticks, sellers, measures
    late = differences[(differences["tick"] == 13) & (differences["measure"] == "profit")]
    assert (late["mean"] != 0).any()


def test_a_comparisons_figures_are_those_of_runs_by_hand(tmp_path: Path) -> None:
    scenario = small(3, events=[ENTRY], replications=4)
    study = compare(scenario, without="Newcomer", out=tmp_path, economies=["pull"], jobs=1, progress=False)
    with_, alone = (
        [run(one, "pull", replication) for replication in range(4)]
        for one in (scenario, changes_of({"without": ["Newcomer"]})[0].of(scenario))
    )
    gaps = [two.shares["share"][:, 0] - one.shares["share"][:, 0] for one, two in zip(with_, alone, strict=True)]
    rows = study.differences.query("seller == 'Heritage' and measure == 'share'").sort_values("tick")
    np.testing.assert_allclose(rows["mean"], np.mean(gaps, axis=0), atol=1e-15)
    gone = study.summary.query("seller == 'Newcomer' and measure == 'final_share'").iloc[0]
    assert gone["changed"] == 0  # a seller that is not there has no share
    assert gone["mean"] == pytest.approx(-np.mean([one.shares["share"][-1, 3] for one in with_]))


def test_a_sweeps_figures_are_those_of_runs_by_hand(tmp_path: Path) -> None:
    scenario = small(3, replications=2)
    factors = {"behaviour.search_cost.pull": [0.02, 1.0], "horizon": [9, 14]}
    study = sweep(scenario, factors, measures=["final_share", "hhi"], out=tmp_path, jobs=1, progress=False)
    measures = study.measures.set_index(["point", "economy", "replication", "measure", "seller"])["value"]
    assert len(measures) == 4 * 3 * 2 * 4
    for point in range(4):
        changed = study.prepared.scenario_at(point)
        for economy in ("push", "pull"):
            found = scores(run(changed, economy, 1), changed)
            for seller, measure in study.prepared.figures:
                assert measures[point, economy, 1, measure, seller] == found[seller, measure]


def test_common_draws_make_differences_surer(tmp_path: Path) -> None:
    scenario = small(4, buyers={"count": 300}, replications=12, horizon=10)
    change = {"sellers.Heritage.price": 0.98}
    study = compare(scenario, change, out=tmp_path, economies=["push"], jobs=1, progress=False)
    row = study.summary.query("seller == 'Heritage' and measure == 'final_share'").iloc[0]
    assert row["variance_reduction"] > 0.5
    assert row["high"] - row["low"] < row["unpaired_high"] - row["unpaired_low"]
