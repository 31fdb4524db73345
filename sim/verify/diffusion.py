"""Diffusion: Bass 1969 as the limit of word of mouth from random buyers, small worlds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.verify.laboratory import Market, market_of, mean_error
from sim.verify.row import Entries, Panel, Picture, close, exact, row

P, Q = 0.03, 0.38
TICKS = 20  # to one of Bass's periods
# so much better that who knows it buys it
NEW: dict[str, Any] = {
    "name": "New",
    "strategy": "innovator",
    "quality": 100.0,
    "price": 1.0,
    "effort": {"self_service": 0.0, "messages": 0.0, "visits_to_prospects": 0.0, "training": 0.1},
}


def diffusion(size: int, ticks: int, p: float, q: float, replication: int) -> Market:
    """A seller unknown to all is found by research with probability p a tick, and heard of from two random buyers.

    It enters at tick 1; each of the two talks with probability q / 2.
    """
    words: dict[str, Any] = {
        "name": "bass",
        "horizon": ticks + 1,
        "seed": 1969,
        "buyers": {"count": size, "taste": {"kind": "normal", "sd": 0.0}, "network": {"degree": 2}},
        "word_of_mouth": {"rule": "bass", "rate": q / 2, "dissatisfied_ratio": 1.0},
        # discovery of a seller without self-service is discovery times the floor
        "behaviour": {"research_rate": 1.0, "discovery": 1.0, "switching_cost": 0.0, "service_weight": 0.0,
                      "quality_weight": 1.0},
        "research": {"rule": "all", "discovery_floor": p},
        "mechanisms": {"learning": False, "contacts": False, "relationship": False, "exit": False, "adaptation": False},
        "economies": {"pull": {"pull_share": 1}},
        "sellers": [{"name": "Old", "strategy": "hard-sell", "quality": 0.0}],
        "events": [{"at": 1, "enter": NEW | {"opening_self_service": 0.0}}],
    }  # fmt: skip
    return market_of(words, "pull", replication)


def adoption(
    size: int, periods: float, p: float, q: float, replication: int, ticks: int = TICKS
) -> NDArray[np.float64]:
    """Share of the new seller after each tick since its entry, from 0."""
    record = diffusion(size, math.ceil(periods * ticks), p / ticks, q / ticks, replication).run()
    return np.concatenate([[0.0], record.shares["share"][1:, 1]])


def one_talker(market: Market, p: float, q: float) -> Market:
    """Let each buyer hear one other a tick instead of two, so that p + q F is the law of a tick exactly.

    With a talk of probability q / (1 - p), independent of discovery, a buyer adopts with p when
    the other has not, and with 1 - (1 - p) (1 - q / (1 - p)) = p + q when it has.
    """
    rate = q / (1 - p)
    market.neighbours = market.neighbours[:, :1]
    market.state.terms["talk_rate"] = market.state.terms["talk_ceiling"] = rate
    market.state.terms["all_silent"] = 1 - rate
    return market


def bass(t: float, p: float = P, q: float = Q) -> float:
    """Cumulative adoption by the continuous formula [-]."""
    rise = math.exp(-(p + q) * t)
    return (1 - rise) / (1 + q / p * rise)


def crossing(path: NDArray[np.float64], level: float) -> float:
    """When a rising path passes a level, in periods [-]."""
    after = int(np.argmax(path >= level))
    return (after - (path[after] - level) / (path[after] - path[after - 1])) / TICKS


def late(q: float, time: float) -> float:
    """How late a market in short ticks may be: half a tick, and a growth of q a period that is compounded by ticks."""
    return 0.5 / TICKS + 0.5 * q / TICKS * time


@row(
    "V14",
    "Diffusion: innovators and imitators",
    source="Bass 1969",
    setting=(
        "p = 0.03, q = 0.38; word of mouth from buyers drawn at random, adopters stay; in ticks of a whole period, "
        "and of a twentieth, which come near the continuous curve"
    ),
)
def curve(quick: bool) -> Entries:
    """Ticks of a period against the recursion, short ticks against the curve."""
    size, runs = (10_000, 10) if quick else (20_000, 20)
    coarse = []
    for replication in range(runs):
        record = one_talker(diffusion(size, 20, P, Q, replication), P, Q).run()
        coarse.append(np.concatenate([[0.0], record.shares["share"][1:, 1]]))
    for tick, expected in ((1, 0.03), (2, 0.0702), (5, 0.2729), (10, 0.7826), (15, 0.9782), (20, 0.9984)):
        got, error = mean_error([path[tick] for path in coarse])
        yield close(f"F after {tick} ticks of a period", expected, got, error, allowance=5e-5)
    fine = np.array([adoption(size // 2, 12, P, Q, replication) for replication in range(runs)])
    peak = math.log(Q / P) / (P + Q)
    for period, expected in ((5.0, 0.3312), (peak, 0.460526), (10.0, 0.8128)):
        lag = bass(period) - bass(period - 0.5 / TICKS)  # ticks lag the curve by about half a tick
        got, error = mean_error([np.interp(period * TICKS, np.arange(path.size), path) for path in fine])
        yield close(f"F({period:.4g}), short ticks", expected, got, error, allowance=1.5 * lag)
    got, error = mean_error([crossing(path, 0.460526) for path in fine])
    yield close("peak t* = when F is 0.460526 [periods]", 6.1926, got, error, allowance=late(Q, peak))
    around = [np.interp((peak + half) * TICKS, np.arange(fine.shape[1]), fine.mean(0)) for half in (-0.25, 0.25)]
    spread = math.sqrt(2 * 0.11 * 0.5 / (size // 2 * runs)) / 0.5
    yield close("adoption at the peak f* [1/period]", 0.110592, (around[1] - around[0]) / 0.5, spread, allowance=1e-3)
    line = np.linspace(0, 12, 200)
    periods = np.arange(0, 12.01, 0.5)
    at = [np.array([np.interp(t * TICKS, np.arange(path.size), path) for t in periods]) for path in fine]
    mean, error_at = np.mean(at, axis=0), np.std(at, axis=0, ddof=1) / math.sqrt(runs)
    whole = np.arange(13)
    steps_ = [0.0]
    for _ in range(12):
        steps_.append(steps_[-1] + (P + Q * steps_[-1]) * (1 - steps_[-1]))
    found = np.mean(coarse, axis=0)[:13]
    yield Picture(
        "verification_bass",
        "Bass: adoption by innovators and imitators",
        "Lines: theory, p = 0.03 and q = 0.38. Marks: the market. A market that moves once a period lags the curve.",
        [
            Panel("short ticks: the continuous curve", "periods", "adopted",
                  {"theory": (line, [bass(t) for t in line])},
                  {"market": (periods, mean, error_at)}),
            Panel("a tick is a period", "periods", "adopted", {"theory": (whole, steps_)},
                  {"market": (whole, found, np.std(coarse, axis=0, ddof=1)[:13] / math.sqrt(runs))}),
        ],
    )  # fmt: skip


@row(
    "V14b",
    "Diffusion: when adoption peaks",
    source="t* = ln(q / p) / (p + q), Bass 1969; p and q of three products from a secondary source",
    setting="colour TV (0.005, 0.84), clothes dryers (0.017, 0.36), air conditioners (0.010, 0.42)",
)
def peaks(quick: bool) -> Entries:
    """When the market's path passes the formula's F(t*) = 1/2 - p / (2 q)."""
    size, runs = (6_000, 5) if quick else (10_000, 12)
    for name, p, q in (("colour TV", 0.005, 0.84), ("clothes dryers", 0.017, 0.36), ("air conditioners", 0.010, 0.42)):
        peak = math.log(q / p) / (p + q)
        paths = (adoption(size, peak * 1.5, p, q, replication) for replication in range(runs))
        got, error = mean_error([crossing(path, 0.5 - p / (2 * q)) for path in paths])
        yield close(f"{name} [periods]", peak, got, error, allowance=late(q, peak))


@row(
    "V16",
    "Small world: clustering",
    source="Watts & Strogatz 1998; C(0) = 3 (K - 2) / (4 (K - 1))",
    setting="listening lists of 10, 6, 4; rewiring 0 and 0.1",
)
def clustering(quick: bool) -> Entries:
    """Part of the pairs on a list of which the first listens to the second."""
    size = 3_000 if quick else 10_000

    def part(degree: int, rewiring: float) -> NDArray[np.float64]:
        words = {
            "name": "small-world", "horizon": 1,
            "buyers": {"count": size, "network": {"degree": degree, "rewiring": rewiring}},
            "sellers": [{"name": "Only", "strategy": "collaborative"}],
        }  # fmt: skip
        links = Market(Scenario(**words)).neighbours
        found = np.zeros(size)
        for first in range(degree):
            for second in range(degree):
                if first != second:
                    found += (links[links[:, first]] == links[:, second, None]).any(axis=1)
        return found / (degree * (degree - 1))

    for degree, expected in ((10, 0.6667), (6, 0.6), (4, 0.5)):
        ring = part(degree, 0.0).mean()
        yield exact(f"C(0), K = {degree}", expected, ring, 5e-5)
        got, error = mean_error(part(degree, 0.1) / ring)
        # neighbours on the ring share triangles: as if there were size / K of them
        yield close(f"C(0.1) / C(0), K = {degree}", 0.9**3, got, error * math.sqrt(degree), allowance=2 * degree / size)
