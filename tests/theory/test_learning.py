"""V6, V6b, V7: Bayesian buyers, buyers who follow a moving truth, and buyers who believe what they are told."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from markets import places, steps

from sim.market import Market
from sim.scenario import Scenario

COUNT = 100_000
SERVICE: dict[str, Any] = {"quality_weight": 0.0, "service_weight": 0.0}  # only taste is left


def learners(noise: float, drift: float, ticks: int, prior_variance: float = 1.0) -> Market:
    """One seller, whose worth to a buyer is its taste ~ N(0, 1); nothing is known of it at first."""
    words: dict[str, Any] = {
        "name": "learning",
        "horizon": ticks,
        "seed": 31_415,
        "buyers": {"count": COUNT, "taste": {"kind": "normal", "sd": 1.0}, "network": {"degree": 0}},
        "behaviour": {**SERVICE, "experience_noise": noise, "belief_drift": drift},
        "knowledge": {"prior_mean": 0.0, "prior_variance": prior_variance, "opening_variance": prior_variance},
        "word_of_mouth": {"rule": "none"},
        "mechanisms": {"contacts": False},
        "economies": {"push": {"pull_share": 0}},
        "sellers": [{"name": "Only", "strategy": "collaborative"}],
    }
    market = Market(Scenario(**words))
    market.state.pairs["belief_mean"] = 0.0
    return market


def test_four_signals() -> None:
    """V6: Erdem & Keane 1996: prior N(0, 1), four experiences of variance 4: v = 1/2, and E (m - Q)² = v_n."""
    market = learners(noise=2.0, drift=0.0, ticks=4)
    truth = market.state.pairs["taste"][:, 0].astype(float)
    for signals in range(1, 5):
        market.step()
        pairs = market.state.pairs
        variance = 1 / (1 + signals / 4)
        np.testing.assert_allclose(pairs["belief_variance"], variance, rtol=1e-5)
        error = (pairs["belief_mean"][:, 0] - truth) ** 2
        assert error.mean() == pytest.approx(variance, abs=4 * error.std() / math.sqrt(COUNT))
        # a belief is shrunk towards the prior by what is known
        slope = np.cov(truth, pairs["belief_mean"][:, 0])[0, 1] / truth.var()
        assert slope == pytest.approx(1 - variance, abs=4 * 0.5 / math.sqrt(COUNT))
    assert variance == 0.5
    record = market.record()
    assert record.market["belief_error"][-1] == pytest.approx(error.mean(), rel=1e-4)
    assert record.buyers["belief_variance"][-1] == pytest.approx(0.5, rel=1e-5)


def test_a_moving_truth() -> None:
    """V6b: the Kalman filter, q = .01, σ² = 1: variance .105125 before a signal, .095125 after it, as is the error."""
    drift, ticks = 0.01, 60
    market = learners(noise=1.0, drift=drift, ticks=ticks, prior_variance=1.0)
    walk = np.random.default_rng(5)
    for _ in range(ticks - 1):
        market.step()
        market.state.pairs["taste"] += walk.normal(0.0, math.sqrt(drift), (COUNT, 1)).astype(np.float32)
    np.testing.assert_allclose(market.state.pairs["belief_variance"], 0.105125, atol=2e-5)
    market.step()
    np.testing.assert_allclose(market.state.pairs["belief_variance"] - drift, 0.095125, atol=2e-5)
    error = (market.state.pairs["belief_mean"] - market.state.pairs["taste"]).astype(float) ** 2
    assert error.mean() == pytest.approx(0.095125, abs=4 * error.std() / math.sqrt(COUNT))


@pytest.mark.parametrize(("naivety", "expected"), [(1.0, 0.72), (0.3, 0.216), (0.0, 0.0)])
def test_nine_biased_visits(naivety: float, expected: float) -> None:
    """V7: bias .8, variance 1, prior N(0, 1), truth 0: the naive believe .72, a debiasing Bayesian 0."""
    nothing = dict.fromkeys(
        ("visits_to_customers", "visits_to_prospects", "messages", "human_service", "self_service", "training"), 0.0
    )
    words: dict[str, Any] = {
        "name": "pushes",
        "horizon": 10,
        "seed": 27,
        "buyers": {"count": 20_000, "taste": {"kind": "normal", "sd": 0.0}, "network": {"degree": 0}},
        "behaviour": {
            **SERVICE, "switching_cost": 1_000.0, "attention": 1.0, "naivety": naivety, "visit_variance": 1.0,
            "belief_drift": 0.0,
        },
        "knowledge": {"prior_mean": 0.0, "prior_variance": 1.0},
        "word_of_mouth": {"rule": "none"},
        "research": {"rule": "none"},
        "selling": {"budget_rate": 0.0},
        "mechanisms": {"skill": False, "exit": False},
        "economies": {"push": {"pull_share": 0}},
        "sellers": [
            {"name": "Home", "strategy": "collaborative", "effort": nothing, "opening_share": 1.0},
            # b (1/2 + K) = .8
            {"name": "Caller", "strategy": "hard-sell", "effort": nothing | {"visits_to_prospects": 1.0},
             "opening_share": 0.0, "overclaim": 0.8, "opening_skill": 0.5},
        ],
    }  # fmt: skip
    market = steps(Market(Scenario(**words)), 1)
    market.seller("Caller").budget = 1e9  # type: ignore[attr-defined]
    record = steps(market, 9).record()
    assert (record.contacts["visits_to_prospects"][1:, 1] == 20_000).all()
    place = places(market)[1]
    np.testing.assert_allclose(market.state.pairs["belief_variance"][:, place], 0.1, rtol=1e-5)
    beliefs = market.state.pairs["belief_mean"][:, place].astype(float)
    assert beliefs.mean() == pytest.approx(expected, abs=4 * 0.3 / math.sqrt(20_000))
    assert beliefs.std() == pytest.approx(0.3, abs=4 * 0.3 / math.sqrt(2 * 20_000))
