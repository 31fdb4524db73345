"""Service and stocks: queues behind service that congests, relationships, skills, goodwill."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.rules.relationship import after_tick, from_visit
from sim.rules.selling import next_skill
from sim.rules.service import erlang_c, single_queue_length
from sim.scenario import Scenario
from sim.verify.laboratory import NOTHING, Market, mean_error, steps
from sim.verify.row import Entries, close, exact, row


def alone(size: int, horizon: int, **more: Any) -> Market:
    """A monopolist with its whole budget in human service, unless more is said."""
    words: dict[str, Any] = {
        "name": "alone",
        "horizon": horizon,
        "seed": 11,
        "buyers": {"count": size, "network": {"degree": 0}},
        "word_of_mouth": {"rule": "none"},
        "economies": {"push": {"pull_share": 0}},
        "sellers": [{"name": "Only", "strategy": "collaborative", "effort": NOTHING | {"human_service": 1.0}}],
    }
    return Market(Scenario(**(words | more)))


@row(
    "V26",
    "Service that congests",
    source="M/M/1 and Erlang C",
    setting="ρ = 0.8; 8 servers under a load of 6; and in a market of 300 customers with one request each",
)
def queues(quick: bool) -> Entries:
    """By rule, and as the human service that the market delivers."""
    yield exact("L of M/M/1, by rule", 4.0, single_queue_length(0.8))
    yield exact("P(wait), Erlang C(8, 6), by rule", 0.356981, erlang_c(8, 6.0))
    # budget 0.24 a customer and tick: capacity 375 under a load of 300 is ρ = 0.8
    single = {"kind": "mm1", "calls": 1.0, "call_cost": 0.24 * 300 / 375, "answer_within": 0.02}
    market = steps(alone(300, 2, selling={"congestion": single}), 2)
    served = float(market.state.sellers["human_service"][0])
    # service is P(done within t) = 1 - exp(-(μ - λ) t), and L = λ / (μ - λ)
    yield exact("L behind the market's service, M/M/1", 4.0, 300 * 0.02 / -math.log(1 - served), 1e-5)
    centre = {
        "kind": "erlang-c", "calls": 1.0, "calls_per_server": 50.0, "server_cost": 0.24 * 300 / 8.5,
        "answer_within": 0.0,
    }  # fmt: skip
    market = steps(alone(300, 2, selling={"congestion": centre}), 2)
    yield exact("P(wait) behind the market's service", 0.356981, 1 - market.state.sellers["human_service"][0])


@row(
    "V32",
    "Relationships under visits; goodwill of visits",
    source="fixed point η v / (η v + δ); carry-over of a detailing panel, own fit",
    setting="η = 0.5, δ = 0.3, visits of 0.1, 0.5, 1 a month, 40 months; a carry-over of 0.7",
)
def relationships(quick: bool) -> Entries:
    """Where relationships settle, by rule and in the market."""
    size = 10_000 if quick else 100_000
    for visits, expected in ((0.1, 0.1429), (0.5, 0.4545), (1.0, 0.6250)):
        held = 0.0
        for _ in range(200):  # in expectation, as the rule is linear in visits
            held = after_tick(held, 0.3, visits * from_visit(held, 0.5), 0.0)
        yield exact(f"R*, by rule, v = {visits:g}", expected, held, 1e-4)
        behaviour = {"visit_bonding": 0.5, "relationship_decay": 0.3, "experience_bonding": 0.0, "betrayal": 0.0}
        sellers = [{"name": "Only", "strategy": "collaborative", "effort": NOTHING | {"visits_to_customers": 1.0}}]
        # budget 0.24 a customer: the cost of a visit sets how many there are
        market = alone(size, 40, behaviour=behaviour, selling={"visit_cost": 0.24 / visits}, sellers=sellers)
        bonds = steps(market, 40).state.pairs["relationship"][:, 0].astype(float)
        got, error = mean_error(bonds)
        yield close(f"R*, in the market, v = {visits:g}", expected, got, error, allowance=1e-4)
    # a stock far from full is a plain decaying sum of visits
    size_of_visit, stock = 1e-9, 0.0
    for _ in range(200):
        stock = after_tick(stock, 0.3, size_of_visit, 0.0)
    yield exact("G*, carry-over 0.7, by rule", 3.3333, stock / size_of_visit, 1e-4)
    half = math.log(0.5) / math.log(after_tick(stock, 0.3, 0.0, 0.0) / stock)
    yield exact("half-life of goodwill, by rule [months]", 1.943, half, 1e-3)


@row(
    "V33",
    "A skill that is not used",
    source="Tatel & Ackerman, meta-analysis of skill retention",
    setting="decay 0.05, 0.08, 0.101 a month, no selling to prospects, no training",
)
def skill(quick: bool) -> Entries:
    """Half-life by rule, and in the market."""
    for decay, expected in ((0.05, 13.5), (0.08, 8.3), (0.101, 6.5)):
        kept = next_skill(0.5, 0.15, decay, 0.0, 0.0, 5.0) / 0.5
        yield exact(f"half-life, by rule, δ = {decay:g} [months]", expected, math.log(0.5) / math.log(kept), 0.05)
        sellers = [
            {
                "name": "Only",
                "strategy": "relationship-reliant",
                "opening_skill": 0.5,
                "effort": {"visits_to_prospects": 0.0, "messages": 0.0},
            }
        ]
        market = alone(50, 30, selling={"skill_decay": decay}, sellers=sellers)
        held = np.append(0.5, market.run().shares["sales_skill"][:, 0])
        rate = -np.polyfit(np.arange(31), np.log(held), 1)[0]
        yield exact(f"half-life, in the market, δ = {decay:g} [months]", expected, math.log(2) / rate, 0.05)
