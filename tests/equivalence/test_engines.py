"""One law, two engines: Mesa agents and compiled loops leave the same bytes, in any threads and chunks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from generators import scenario_trees
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from markets import ECONOMIES, ENTRY, merged, sane, shortened, small

from sim.market import Market
from sim.scenario import Scenario

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
NAMES = ("Heritage", "Closers", "Allies", "Value")
FEW: dict[str, Any] = {"horizon": 9, "buyers": {"count": 50}}
TALKATIVE = {"rate": 0.4, "dissatisfied_ratio": 2.5}
CLASSES = [
    {"weight": 0.4, "utility": dict.fromkeys(NAMES, 0.5) | {"Newcomer": 1.0}},
    {"weight": 0.6, "utility": {"Heritage": -0.5, "Closers": 0.3, "Allies": 0.0, "Value": 1.0, "Newcomer": 0.0}},
]
SEGMENTS = [
    {"name": "relationship era", "fraction": 0.6, "relationship_weight": {"pull": 1.2}},
    {"name": "never knew another market", "fraction": 0.4, "pull_threshold": {"max": 0.3}, "search_cost": 0.02},
]

# Together these switch every option of the law on.
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "entrant, exit, change, shocks": {
        "events": [
            ENTRY,
            {"at": 2, "shock": {"seller": "Closers", "quality": -0.3, "price": 0.1, "cost": 0.1, "cash": -1.0}},
            {"at": 3, "change": {"seller": "Heritage", "strategy": "transactional"}},
            {"at": 6, "exit": "Value"},
            {"at": 7, "shock": {"seller": "Allies", "service": -0.6}},
        ]
    },
    "bernoulli orders, segments": {
        "buyers": {"incidence": {"kind": "bernoulli", "rate": 0.6}, "segments": SEGMENTS},
        "word_of_mouth": TALKATIVE,
    },
    "nbd orders, classes of taste, growth": {
        "buyers": {
            "incidence": {"kind": "nbd", "mean": 2.5, "shape": 0.8},
            "taste": {"kind": "segments", "classes": CLASSES, "sd": 0.2},
            "business": {"growth": 0.01, "sd": 0.03, "tenure_effect": -0.002},
        },
        "events": [ENTRY],
    },
    "loggamma tastes, fixed sample": {
        "buyers": {"taste": {"kind": "loggamma", "shape": dict.fromkeys(NAMES, 0.7)}},
        "research": {"rule": "fixed-sample"},
        "behaviour": {"search_cost": 0.2, "research_rate": 0.5},
    },
    "all are inspected, threshold talk": {
        "research": {"rule": "all"},
        "word_of_mouth": {"rule": "threshold", "threshold": 0.25, **TALKATIVE},
        "behaviour": {"research_rate": 0.3},
        "events": [ENTRY],
    },
    "no research, bass talk": {
        "research": {"rule": "none"},
        "word_of_mouth": {"rule": "bass", **TALKATIVE},
        "events": [ENTRY],
    },
    "no talk, mm1": {
        "word_of_mouth": {"rule": "none"},
        "selling": {"congestion": {"kind": "mm1"}},
        "knowledge": {"prior_mean": "auto"},
    },
    "erlang, no noise": {"selling": {"congestion": {"kind": "erlang-c"}}, "behaviour": {"experience_noise": 0.0}},
    "everything off": {
        "mechanisms": dict.fromkeys(
            ["learning", "contacts", "relationship", "aspiration", "patience", "skill", "adaptation", "exit"], False
        )
    },
    "cohort": {
        "economies": {"x": {"pull_share": {"kind": "cohort", "turnover": 0.9, "level": 0.4}, "groups": ["search"]}}
    },
    "all sellers gone": {"events": [{"at": 2 + place, "exit": name} for place, name in enumerate(NAMES)]},
    "bankrupts and strangers": {
        "sellers": [
            {"name": "Heritage", "strategy": "relationship-reliant", "price": 0.5, "cash": 0.0},
            {"name": "Closers", "strategy": "hard-sell", "price": 0.5, "cash": 0.0},
        ],
        "selling": {"exit_after": 3},
        "events": [ENTRY],
        "mechanisms": {"contacts": False},
        "word_of_mouth": {"rule": "none"},
        "behaviour": {"discovery": 0.0},
    },
}


def agree(scenario: Scenario, economy: str) -> None:
    """Check agents against columns, with one thread, two, and odd chunks."""
    columns = Market(scenario, economy)
    record = columns.run()
    agents = Market(scenario, economy, engine="agents")
    try:
        assert agents.run().same(record), "agents"
        for group in ("buyers", "pairs", "sellers"):
            one, other = getattr(columns.state, group), getattr(agents.state, group)
            for name in one.dtype.names:
                assert one[name].tobytes() == other[name].tobytes(), (group, name)
    finally:
        agents.release()
    assert Market(scenario, economy, threads=2).run().same(record), "two threads"
    assert Market(scenario, economy, threads=2, chunk=11).run().same(record), "chunks"


RUNS = [(options, economy) for options, terms in OPTIONS.items() for economy in terms.get("economies", ECONOMIES)]


@pytest.mark.parametrize(("options", "economy"), RUNS, ids=[", ".join(run) for run in RUNS])
def test_agents_are_columns(options: str, economy: str) -> None:
    agree(small(**merged(FEW, OPTIONS[options])), economy)


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_shipped_scenarios_agree(path: Path) -> None:
    scenario = shortened(Scenario.load(path), buyers=40, horizon=14)
    for economy in scenario.economies:
        agree(scenario, economy)


def test_there_are_shipped_scenarios() -> None:
    assert len(SHIPPED) >= 8


@given(scenario_trees(), st.integers(0, 50))
@settings(max_examples=12, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
def test_any_scenario_agrees(tree: dict[str, Any], pick: int) -> None:
    scenario = Scenario(**merged(sane(tree), {"buyers": {"count": 66}}))
    scenario = shortened(scenario, 66, min(scenario.horizon, 7))
    economies = list(scenario.economies)
    try:
        agree(scenario, economies[pick % len(economies)])
    except ValueError as error:
        assert "orders a tick" in str(error)  # noqa: PT017
