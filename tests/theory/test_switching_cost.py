"""V3, V3b, V3c: a logit with a switching cost is a Markov chain with a known law."""

from __future__ import annotations

import math

import numpy as np
import pytest
from markets import incumbents, logit, steps

from sim.market import Market
from sim.scenario import Scenario


def errors(expected: np.ndarray | float, size: float) -> np.ndarray:
    return 4 * np.sqrt(np.asarray(expected) * (1 - np.asarray(expected)) / size)


def moves(market: Market) -> tuple[np.ndarray, np.ndarray]:
    """Seller before and after one tick."""
    before = incumbents(market)
    market.step()
    return before, incumbents(market)


def test_staying_and_leaving() -> None:
    """V3: J = 3, u = 0, s = 1: stay .576117, second eigenvalue .364175, shares a third."""
    size = 200_000
    market = Market(logit(dict.fromkeys("ABC", 0.0), buyers=size, horizon=1, behaviour={"switching_cost": 1.0}))
    before, after = moves(market)
    stay = (before == after).mean()
    assert stay == pytest.approx(0.576117, abs=float(errors(0.576117, size)))
    counts = np.bincount(3 * before + after, minlength=9).reshape(3, 3)
    transition = counts / counts.sum(axis=1, keepdims=True)
    second = sorted(np.abs(np.linalg.eigvals(transition)))[1]
    # eigenvalues are stay less leave: error of (3 stay - 1) / 2
    assert second == pytest.approx(0.364175, abs=4 * 1.5 * math.sqrt(0.5761 * 0.4239 / (size / 3)))
    held = np.bincount(after) / size
    assert (np.abs(held - 1 / 3) <= errors(1 / 3, size) * math.sqrt(2)).all()


@pytest.mark.parametrize(
    ("cost", "law"), [(1.0, (0.498891, 0.250554, 0.250554)), (3.0, (0.560113, 0.219943, 0.219943))]
)
def test_the_stationary_law(cost: float, law: tuple[float, ...]) -> None:
    """V3b: π_j ∝ e^{u_j} [Z + e^{u_j} (e^s - 1)], u = (.5, 0, 0): a market that opens there stays there."""
    size, ticks = 200_000, 6
    scenario = logit({"A": 0.5, "B": 0.0, "C": 0.0}, buyers=size, horizon=ticks, behaviour={"switching_cost": cost})
    words = scenario.tree
    for seller, share in zip(words["sellers"], law, strict=True):
        seller["opening_share"] = share / sum(law)
    record = Market(Scenario(**words)).run()
    expected = np.array(law) / sum(law)
    assert (np.abs(record.shares["share"][-1] - expected) <= errors(expected, size)).all()


def test_half_of_a_gap_is_gone_in_five_ticks() -> None:
    """V3b: s = 3, u = (.5, 0, 0): half-life 4.999 ticks of the way to the stationary law."""
    size = 200_000
    scenario = logit({"A": 0.5, "B": 0.0, "C": 0.0}, buyers=size, horizon=10, behaviour={"switching_cost": 3.0})
    words = scenario.tree
    for seller, share in zip(words["sellers"], (0.01, 0.495, 0.495), strict=True):
        seller["opening_share"] = share
    record = Market(Scenario(**words)).run()
    path = np.append(record.opening_share[0], record.shares["share"][:, 0])
    gap = 0.560113 - path
    expected = gap[0] * 0.5 ** (np.arange(11) / 4.999)
    # each tick adds binomial noise, of which less and less remains
    assert (np.abs(gap - expected) <= 4 * math.sqrt(0.25 / size) * np.sqrt(np.minimum(np.arange(11), 4))).all()


def test_the_switching_cost_is_identified() -> None:
    """V3c: Chen & Hitt 2002: log odds of a seller among its own against new buyers are s = 4.05."""
    size = 200_000
    utilities = {"A": 0.8, "B": 0.3, "C": 0.0}
    old = Market(logit(utilities, buyers=size, horizon=1, behaviour={"switching_cost": 4.05}))
    before, after = moves(old)
    new = incumbents(steps(Market(logit(utilities, buyers=size, horizon=1)), 1))
    # the odds of A against B, among customers of A and among buyers without a past
    mine = after[before == 0]
    cells = np.array([(mine == 0).sum(), (mine == 1).sum(), (new == 0).sum(), (new == 1).sum()])
    found = math.log(cells[0] / cells[1]) - math.log(cells[2] / cells[3])
    assert found == pytest.approx(4.05, abs=4 * math.sqrt((1 / cells).sum()))


def test_loyal_and_random_buyers() -> None:
    """V4: Colombo & Morrison 1989: stay with probability α_c, else draw π; steady state ∝ π_j / (1 - α_j).

    Each brand's quality sets the probability that its buyer looks around, its price the choice
    among all when it does (cracker fit).
    """
    loyalty = np.array([0.6900, 0.7423, 0.2765, 0.4297])
    attraction = np.array([0.4899, 0.2433, 0.1517, 0.1150])
    expected = np.array([0.5383, 0.3216, 0.0714, 0.0687])
    leave = np.log((1 - loyalty) / loyalty)
    temperature, best = 0.5, 5.0
    # P(look) = logistic((best known - own - z0) / τ)
    quality = best - temperature * (leave - leave.min())
    indifference = -temperature * leave.min()
    price = (quality - np.log(attraction)) / 3.0
    size = 100_000
    words = logit(
        dict(zip("ABCD", quality.tolist(), strict=True)),
        buyers=size,
        horizon=30,
        behaviour={
            "research_rate": 0.0,
            "indifference": float(indifference),
            "research_temperature": temperature,
            "aspiration_rate": 1.0,
            "aspiration_reach": 1.0,
            "experience_noise": 0.0,
        },
        mechanisms={"aspiration": True},
    ).tree
    for seller, amount in zip(words["sellers"], price.tolist(), strict=True):
        seller["price"] = amount
    market = Market(Scenario(**words))
    steps(market, 29)
    before, after = moves(market)
    for place in range(4):
        mine = after[before == place]
        stay = loyalty[place] + (1 - loyalty[place]) * attraction[place] / attraction.sum()
        assert (mine == place).mean() == pytest.approx(stay, abs=float(errors(stay, len(mine))))
    held = np.bincount(after, minlength=4) / size
    assert (np.abs(held - expected) <= errors(expected, size) + 1e-4).all()  # printed to four digits
