"""The peers of the benchmarks are the same market as the product, written another time."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from sim.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # the benchmarks are no part of the package

from benchmarks.markets import build  # noqa: E402
from benchmarks.parts.docking import scores  # noqa: E402
from benchmarks.peers.reservation import reservation_index  # noqa: E402
from benchmarks.peers.setting import setting_of  # noqa: E402

SEEDS = 12
# The turn and the entrant come early, so that a short run has met push, transition and pull.
EARLY = {
    "horizon": 40,
    "economies.transition.pull_share": {"kind": "logistic", "midpoint": 16, "width": 3},
    "events.Newcomer.at": 8,
}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load(ROOT / "benchmarks" / "market.yaml", {**EARLY, "buyers.count": 400})


def paths(engine: str, scenario: Scenario) -> np.ndarray:
    """Market shares, shape (seeds, ticks, sellers)."""
    found = []
    for seed in range(1, SEEDS + 1):
        market = build(engine, scenario, seed)
        record = market.run()
        found.append(record.shares["share"] if engine == "columns" else np.array(market.shares))
        market.release()
    return np.array(found)


@pytest.fixture(scope="module")
def product(scenario: Scenario) -> np.ndarray:
    return paths("columns", scenario)


@pytest.mark.parametrize("peer", ["mesa objects", "numpy"])
def test_a_peer_gives_the_products_shares_within_error(peer, product, scenario):
    own = paths(peer, scenario)
    assert own.shape == product.shape
    assert np.allclose(own.sum(axis=2), 1.0)
    for tick in (6, 12, 20, 39):
        # beyond 4.5 standard errors in one of 40 comparisons: less than once in a hundred markets
        assert np.abs(scores(product[:, tick], own[:, tick])).max() < 4.5


@pytest.mark.parametrize("peer", ["mesa objects", "numpy"])
def test_a_seed_gives_one_path(peer, scenario):
    small = scenario.with_values({"buyers.count": 50})
    found = []
    for seed in (3, 3, 4):
        market = build(peer, small, seed)
        market.run()
        found.append(market.shares)
        market.release()
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    "values",
    [
        {"buyers.taste.sd": 1.0, "word_of_mouth.rule": "threshold"},
        {"research.rule": "all"},
        {"mechanisms.exit": False},
        {"selling.congestion": {"kind": "mm1"}},
        {"buyers.incidence": {"kind": "bernoulli", "rate": 0.5}},
        {"knowledge.prior_mean": "auto"},
    ],
)
def test_what_the_peers_do_not_do_is_refused(values, scenario):
    with pytest.raises(ValueError, match="the peers do not do"):
        setting_of(scenario.with_values(values), "transition")


def test_the_reservation_index_solves_its_equation():
    # model A6: h(.05), h(.1), h(.2); and far out, where buying a look costs more than it can give
    assert reservation_index(np.array([0.05, 0.1, 0.2, 50.0])) == pytest.approx([1.2556, 0.9023, 0.4929, -50], abs=1e-4)
