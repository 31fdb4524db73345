"""Learning: Bayesian buyers, buyers who follow a moving truth, buyers who believe what they are told."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.rules.beliefs import bias, drifted, posterior_mean, posterior_variance
from sim.scenario import Scenario
from sim.verify.laboratory import NOTHING, Market, mean_error, places, steps
from sim.verify.row import Entries, Panel, Picture, close, exact, row

ONLY_TASTE: dict[str, Any] = {"quality_weight": 0.0, "service_weight": 0.0}


def learners(size: int, noise: float, drift: float, ticks: int) -> Market:
    """One seller, whose worth to a buyer is its taste ~ N(0, 1); nothing is known of it at first."""
    words: dict[str, Any] = {
        "name": "learning",
        "horizon": ticks,
        "seed": 31_415,
        "buyers": {"count": size, "taste": {"kind": "normal", "sd": 1.0}, "network": {"degree": 0}},
        "behaviour": {**ONLY_TASTE, "experience_noise": noise, "belief_drift": drift},
        "knowledge": {"prior_mean": 0.0, "prior_variance": 1.0, "opening_variance": 1.0},
        "word_of_mouth": {"rule": "none"},
        "mechanisms": {"contacts": False},
        "economies": {"push": {"pull_share": 0}},
        "sellers": [{"name": "Only", "strategy": "collaborative"}],
    }
    market = Market(Scenario(**words))
    market.state.pairs["belief_mean"][...] = 0.0
    return market


@row(
    "V6",
    "Bayesian learning from experience",
    source="Erdem & Keane 1996",
    setting="prior N(0, 1); four experiences of variance 4",
)
def four_signals(quick: bool) -> Entries:
    """By rule with signals of mean 1; in a market of true tastes N(0, 1)."""
    yield exact("m by rule, signals of mean 1", 0.5, posterior_mean(0.0, 1.0, 4 / 4, 4 * 1.0 / 4))
    yield exact("v by rule", 0.5, posterior_variance(1.0, 4 / 4))
    size = 50_000 if quick else 400_000
    market = learners(size, noise=2.0, drift=0.0, ticks=4)
    truth = market.state.pairs["taste"][:, 0].astype(float)
    paths = [(truth**2).mean()]
    errors = [0.0]
    for signals in range(1, 5):
        market.step()
        variance = 1 / (1 + signals / 4)
        missed = (market.state.pairs["belief_mean"][:, 0] - truth) ** 2
        yield close(f"E (m - Q)² after {signals}", variance, *mean_error(missed))
        paths.append(missed.mean())
        errors.append(mean_error(missed)[1])
    held = market.state.pairs["belief_variance"].astype(float)
    yield exact("v in the market after 4", 0.5, held[np.abs(held - 0.5).argmax()].item(), 1e-6)
    counts = np.arange(5)
    yield Picture(
        "verification_learning",
        "Learning from experience",
        "Line: 1 / (1 + n/4). Marks: mean squared error of buyers' beliefs in the market.",
        [
            Panel(
                "error of beliefs",
                "experiences",
                "E (m − Q)² [utils²]",
                {"theory": (np.linspace(0, 4, 60), 1 / (1 + np.linspace(0, 4, 60) / 4))},
                {"market": (counts, paths, errors)},
            )
        ],
    )


@row(
    "V6b",
    "Learning about a quality that drifts",
    source="Kalman filter of a random walk",
    setting="drift q = 0.01, signal variance 1; 60 ticks, tastes moved by N(0, q) between them",
)
def moving_truth(quick: bool) -> Entries:
    """Steady state by rule and in the market, and the error of tracking."""
    variance = 1.0
    for _ in range(500):
        variance = drifted(posterior_variance(variance, 1.0), 0.01, 1.0)
    yield exact("P before a signal, by rule", 0.105125, variance)
    yield exact("gain = P after a signal, by rule", 0.095125, posterior_variance(variance, 1.0))
    size, ticks, drift = (30_000 if quick else 300_000), 60, 0.01
    market = learners(size, noise=1.0, drift=drift, ticks=ticks)
    walk = np.random.default_rng(5)
    for _ in range(ticks - 1):
        market.step()
        market.state.pairs["taste"][...] += walk.normal(0.0, math.sqrt(drift), (size, 1)).astype(np.float32)
    yield exact("P before a signal, in the market", 0.105125, market.state.pairs["belief_variance"].max(), 2e-5)
    market.step()
    missed = (market.state.pairs["belief_mean"] - market.state.pairs["taste"]).astype(float) ** 2
    yield close("mean squared error of tracking", 0.095125, *mean_error(missed))


@row(
    "V7",
    "Believing biased claims",
    source="Bayesian updating with a bias that is not discounted",
    setting="nine visits, bias 0.8, variance 1, prior N(0, 1), truth 0; naivety 1, 0.3 and 0",
)
def nine_biased_visits(quick: bool) -> Entries:
    """By rule without noise, and over buyers who hear nine visits each."""
    told = bias(0.8, 0.5, 1.0)
    yield exact("naive, by rule", 0.72, posterior_mean(0.0, 1.0, 9.0, 9 * told))
    yield exact("debiased, by rule", 0.0, posterior_mean(0.0, 1.0, 9.0, 9 * bias(0.8, 0.5, 0.0)))
    size = 10_000 if quick else 100_000
    for naivety, expected in ((1.0, 0.72), (0.3, 0.216), (0.0, 0.0)):
        words: dict[str, Any] = {
            "name": "pushes",
            "horizon": 10,
            "seed": 27,
            "buyers": {"count": size, "taste": {"kind": "normal", "sd": 0.0}, "network": {"degree": 0}},
            "behaviour": {
                **ONLY_TASTE, "switching_cost": 1_000.0, "attention": 1.0, "naivety": naivety, "visit_variance": 1.0,
                "belief_drift": 0.0,
            },
            "knowledge": {"prior_mean": 0.0, "prior_variance": 1.0},
            "word_of_mouth": {"rule": "none"},
            "research": {"rule": "none"},
            "selling": {"budget_rate": 0.0},
            "mechanisms": {"skill": False, "exit": False},
            "economies": {"push": {"pull_share": 0}},
            "sellers": [
                {"name": "Home", "strategy": "collaborative", "effort": NOTHING, "opening_share": 1.0},
                # b (1/2 + K) = .8
                {"name": "Caller", "strategy": "hard-sell", "effort": NOTHING | {"visits_to_prospects": 1.0},
                 "opening_share": 0.0, "overclaim": 0.8, "opening_skill": 0.5},
            ],
        }  # fmt: skip
        market = steps(Market(Scenario(**words)), 1)
        caller: Any = market.seller("Caller")
        caller.budget = 1e9  # a visit to everybody from now on
        steps(market, 9)
        beliefs = market.state.pairs["belief_mean"][:, places(market)[1]].astype(float)
        yield close(f"mean belief, naivety {naivety:g}", expected, *mean_error(beliefs))
        yield close(f"spread of beliefs, naivety {naivety:g}", 0.3, beliefs.std(), 0.3 / math.sqrt(2 * size))
