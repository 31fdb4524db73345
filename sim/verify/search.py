"""Search: in an order that pays (Weitzman), and with a sample fixed beforehand (Stigler, Hauser & Wernerfelt).

A box is a rival. Buyers believe N(m, v) of it; an inspection of precision 1 / v moves the belief
by a normal number of standard deviation sqrt(v / 2), and one without noise shows what is in it. The
incumbent is the outside option.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from sim.draws import PURPOSE
from sim.kernels import opening
from sim.rules.research import fixed_sample_size, reservation_index, reservation_value, spread
from sim.scenario import Scenario
from sim.verify.laboratory import Market, incumbents, mean_error, merged, places, share_error, steps
from sim.verify.row import Check, Entries, Panel, Picture, above, close, exact, row


def boxes(
    means: tuple[float, ...], cost: float, size: int, *, rule: str = "weitzman", variance: float = 2.0, **more: Any
) -> Market:
    """A market before its only tick: buyers of `Outside` are to search among as many boxes as there are means."""
    names = [f"Box {place}" for place in range(len(means))]
    # precision of an inspection T / σ²_res, with T = 1
    words: dict[str, Any] = {
        "name": "boxes",
        "horizon": 1,
        "seed": 1979,
        "buyers": {"count": size, "taste": {"kind": "normal", "sd": math.sqrt(variance)}, "network": {"degree": 0}},
        "behaviour": {
            "quality_weight": 1.0, "service_weight": 0.0, "switching_cost": 0.0, "risk_aversion": 0.0,
            "relationship_weight": 0.0, "research_rate": 1.0, "search_cost": cost, "research_variance": variance,
            "review_reading": 0.0, "price_sensitivity": 1.0, "belief_drift": 0.0,
            "experience_noise": 1e6,  # what follows the choice leaves no trace
        },
        "knowledge": {"prior_mean": 0.0, "prior_variance": variance, "opening_variance": 1e-9},
        "research": {"rule": rule},
        "word_of_mouth": {"rule": "none"},
        "mechanisms": {"contacts": False, "relationship": False},
        "economies": {"push": {"pull_share": 0}},
        "sellers": [
            {"name": name, "strategy": "collaborative", "quality": 1.0, "price": 1.0, "opening_share": share,
             "opening_self_service": 1.0}
            for name, share in [("Outside", 1.0 - 1e-3 * len(means)), *((name, 1e-3) for name in names)]
        ],
    }  # fmt: skip
    market = Market(Scenario(**merged(words, more)))
    outside, *rivals = places(market)
    pairs = market.state.pairs
    pairs["belief_mean"][:, outside] = 0.0
    for place, mean in zip(rivals, means, strict=True):
        # the belief is right on average: what is true is drawn from it
        pairs["belief_mean"][:, place] = mean
        pairs["taste"][:, place] += mean - 1.0
    return market


class Search:
    """What the buyers of `Outside` did in the market's only tick."""

    def __init__(self, market: Market) -> None:
        self.buyers = incumbents(market) == 0
        columns = places(market)[1:]
        before = market.state.pairs["belief_variance"][self.buyers][:, columns].copy()
        steps(market, 1)
        self.values = market.state.pairs["belief_mean"][self.buyers][:, columns].astype(float)
        self.inspected = market.state.pairs["belief_variance"][self.buyers][:, columns] < before
        self.size = int(self.buyers.sum())
        self.looks = self.inspected.sum(axis=1)

    @property
    def best(self) -> NDArray[np.float64]:
        """Best value found, the outside option's 0 included."""
        return np.asarray(np.maximum(np.where(self.inspected, self.values, -np.inf).max(axis=1), 0.0))


def filled(market: Market, contents: str) -> Market:
    """Put into each box a uniform number in [0, 1], by the product's own draws; an inspection shows it.

    Parameters
    ----------
    contents : {"uniform", "halves"}
        As it is, or 0 and 1 with equal probability.
    """
    uniforms = np.empty(market.buyer_count)
    for place in places(market)[1:]:
        key = int(market.state.sellers["key"][place])
        opening.draw_uniforms(market.state, 0, market.buyer_count, PURPOSE.TASTE, key, 1, uniforms)
        worth = uniforms if contents == "uniform" else np.round(uniforms)
        market.state.pairs["taste"][:, place] = worth - 1.0  # and quality adds 1
    return market


SHARP: dict[str, Any] = {"research_variance": 1e-9}


def sampled(number: int, contents: str, size: int) -> Search:
    """Buyers who look into so many boxes, a number fixed beforehand; the one at hand is not among them."""
    # the rule's number counts the incumbent: a ratio of cost to spread that gives one more
    ratios = np.linspace(0.6, 0.02, 4000)
    found = np.array([fixed_sample_size(ratio) for ratio in ratios])
    ratio = float(np.median(ratios[found == number + 1]))
    deviation = spread(2.0, 1.0 / SHARP["research_variance"])
    return Search(
        filled(boxes((0.5,) * (number + 1), ratio * deviation, size, rule="fixed-sample", behaviour=SHARP), contents)
    )


def minimum_prices(size: int) -> dict[int, tuple[float, float]]:
    """Expected lowest of n uniform prices, and its standard error, for n = 1, ..., 11."""
    found = {}
    for number in range(1, 12):
        search = sampled(number, "uniform", size)
        if not (search.looks == number).all():
            raise AssertionError(f"{number} looks were wanted")
        found[number] = mean_error(1.0 - search.best)
    return found


@row(
    "V8",
    "A sample fixed beforehand: the lowest price found",
    source="Stigler 1961, his table of $2 and $3",
    read=False,
    setting="n boxes hold 1 less a price, U(0, 1) or $2 and $3 half each; an inspection shows it",
)
def lowest_price(quick: bool) -> Entries:
    """Expected minima, by the size of the sample."""
    size = 20_000 if quick else 200_000
    found = minimum_prices(size)
    for number in (1, 2, 3, 4, 5, 10):
        yield close(f"lowest of {number}, U(0, 1)", 1 / (number + 1), *found[number])
    for number, expected in ((1, 2.5), (2, 2.25), (3, 2.125), (4, 2.0625)):
        got, error = mean_error(3.0 - sampled(number, "halves", size).best)
        yield close(f"lowest of {number}, $2 or $3", expected, got, error)
    counts = np.array(list(found))
    line = np.linspace(1, 11, 100)
    yield Picture(
        "verification_fixed_sample",
        "Stigler: the lowest price found falls with the number of sellers asked",
        "Line: 1 / (n + 1). Marks: buyers in the market whose sample is fixed beforehand.",
        [
            Panel(
                "lowest price found",
                "sellers asked, n",
                "price",
                {"theory": (line, 1 / (line + 1))},
                {"market": (counts, [found[n][0] for n in found], [found[n][1] for n in found])},
            )
        ],
    )


@row(
    "V8d",
    "A sample fixed beforehand: its best size",
    source="Stigler 1961: the last look must save its cost, 1 / (k (k + 1)) >= c",
    setting="as V8; c = 0.05, 0.02, 0.01; what each look saves is measured, the rule's own size is for normal values",
)
def best_size(quick: bool) -> Entries:
    """The largest sample whose last look still saves its cost, and what it costs in all."""
    search = sampled(11, "uniform", 80_000 if quick else 400_000)
    # the lowest price after each further look, without a look the highest of 1
    lowest = 1.0 - np.maximum.accumulate(np.where(search.inspected, search.values, 0.0), axis=1)
    lowest = np.column_stack([np.ones(search.size), lowest[:, search.inspected.any(axis=0)]])
    saved = [mean_error(saving) for saving in (lowest[:, :-1] - lowest[:, 1:]).T]
    for cost, expected, total in ((0.05, 4, 0.40), (0.02, 6, 0.262857), (0.01, 9, 0.19)):
        # a saving of just the cost (k = 4, c = 1/20) is a tie, which chance may break either way
        looks = max(look for look, (saving, error) in enumerate(saved, 1) if saving >= cost - 4 * error)
        yield exact(f"looks, c = {cost:g}", expected, looks, 0)
        paid, error = mean_error(lowest[:, expected])
        yield close(f"price and looks together, c = {cost:g}", total, paid + expected * cost, error)


@row(
    "V9",
    "Search in an order: uniform boxes",
    source="Weitzman 1979",
    setting=(
        "5 boxes U(0, 1), c = 0.02; buyers' beliefs are normal and set so that they stop at z = 0.8; 60 boxes for "
        "infinitely many"
    ),
)
def uniform_boxes(quick: bool) -> Entries:
    """Pay-off and looks at z; that z is the reservation value is seen by moving it."""
    size, cost, z = (40_000 if quick else 400_000), 0.02, 0.8

    def searched(stop: float, number: int, buyers: int) -> Search:
        # with mean 0.5 and sd s, z = 0.5 + s h(κ / s): the κ that stops at `stop`
        deviation = spread(2.0, 1.0 / SHARP["research_variance"])
        kappa = optimize.brentq(lambda k: reservation_value(0.5, deviation, k) - stop, 1e-3, 5.0, xtol=1e-12)
        return Search(filled(boxes((0.5,) * number, kappa, buyers, behaviour=SHARP), "uniform"))

    search = searched(z, 5, size)
    yield close("looks", 3.3616, *mean_error(search.looks))
    payoff = search.best - cost * search.looks
    yield close("pay-off", 0.756309, *mean_error(payoff))
    opened = search.values[search.inspected]
    yield close("what a look beyond z = 0.8 brings", cost, *mean_error(np.maximum(opened - z, 0.0)))
    for stop in (0.7, 0.9):
        other = searched(stop, 5, size)
        lost = payoff - (other.best - cost * other.looks)
        yield above(f"pay-off less that of stopping at {stop:g}", 0.0, *mean_error(lost))
    many = searched(z, 60, size // 10)
    yield close("looks, infinitely many boxes", 5.0, *mean_error(many.looks))
    counts = np.arange(1, 6)
    expected = z ** (counts - 1) * np.where(counts < 5, 1 - z, 1.0)
    got = np.bincount(search.looks, minlength=6)[1:] / search.size
    three = _normal_boxes(size)
    z3 = stats.norm.cdf(0.902346)
    looks = np.arange(1, 4)
    theory = z3 ** (looks - 1) * np.where(looks < 3, 1 - z3, 1.0)
    normal = np.bincount(three.looks, minlength=4)[1:] / three.size
    yield Picture(
        "verification_search",
        "Weitzman: how many sellers are inspected",
        "Bars: buyers in the market. Marks: theory, stopping at the first value above the reservation value.",
        [
            Panel("5 boxes U(0, 1), cost 0.02", "inspections", "part of the buyers", {"theory": (counts, expected)},
                  {"market": (counts, got, share_error(got, search.size))}, bars=True),
            Panel("3 boxes N(0, 1), cost 0.1", "inspections", "part of the buyers", {"theory": (looks, theory)},
                  {"market": (looks, normal, share_error(normal, three.size))}, bars=True),
        ],
    )  # fmt: skip


def _normal_boxes(size: int) -> Search:
    return Search(boxes((0.0, 0.0, 0.0), 0.1, size))


@row(
    "V9d",
    "Search in an order: normal boxes",
    source="Weitzman 1979",
    setting="3 boxes N(0, 1), κ = 0.1, outside option 0",
)
def normal_boxes(quick: bool) -> Entries:
    """Reservation value by rule, pay-off and looks in the market."""
    search = _normal_boxes(50_000 if quick else 500_000)
    yield exact("reservation value, by rule", 0.902346, reservation_value(0.0, 1.0, 0.1), 1e-5)
    yield close("looks", 2.483340, *mean_error(search.looks))
    yield close("pay-off", 0.617135, *mean_error(search.best - 0.1 * search.looks))
    # whoever stopped before the last box had found more than z
    stopped = search.best[search.looks < 3]
    yield exact("stopped below z [part]", 0.0, (stopped < 0.902346 - 1e-4).mean(), 0)


@row(
    "V9c",
    "Eventual purchase",
    source="Armstrong 2017; Choi, Dai & Kim 2018",
    read=False,
    setting="boxes of means 0.5, 0, -0.4, 0.2; κ = 0.02, 0.1, 0.4; closed boxes opened in a market of the same draws",
)
def eventual_purchase(quick: bool) -> Entries:
    """Who is found best is who has the largest of min(value, reservation value)."""
    size, means = (20_000 if quick else 200_000), (0.5, 0.0, -0.4, 0.2)
    for cost in (0.02, 0.1, 0.4):
        found, every = (Search(boxes(means, cost, size, rule=rule)) for rule in ("weitzman", "all"))
        values = np.where(found.inspected, found.values, every.values)
        z = np.array([reservation_value(mean, 1.0, cost) for mean in means])
        effective = np.column_stack([np.zeros(found.size), np.minimum(values, z)])
        held = np.column_stack([np.zeros(found.size), np.where(found.inspected, found.values, -np.inf)])
        yield exact(f"buyers of whom it holds, κ = {cost:g}", 1.0, (held.argmax(1) == effective.argmax(1)).mean(), 0)


@row(
    "V9e",
    "A noisy inspection",
    source="Weitzman 1979 with normal learning",
    setting="v = 2, σ² = 1, κ = 0.05; the outside option at z less and plus 0.001",
)
def noisy_inspection(quick: bool) -> Entries:
    """Spread and reservation value by rule; who looks, and by how much beliefs move, in the market."""
    deviation = spread(2.0, 1.0)
    yield exact("spread of the belief's move, by rule", 1.154701, deviation, 1e-5)
    yield exact("z - m, by rule", 1.528230, deviation * reservation_index(0.05 / deviation), 1e-5)
    for edge, expected in ((-1e-3, 1.0), (1e-3, 0.0)):
        market = boxes((0.0,), 0.05, 20_000 if quick else 200_000, behaviour={"research_variance": 1.0})
        market.state.pairs["belief_mean"][:, places(market)[0]] = 1.528230 + edge
        search = Search(market)
        yield exact(f"part that looks, outside option at z {edge:+g}", expected, search.inspected.mean(), 0)
        if edge < 0:
            moved = search.values[search.inspected]
            yield close(
                "spread of the move, in the market", 1.154701, moved.std(), 1.154701 / math.sqrt(2 * moved.size)
            )


@row(
    "V10",
    "How many to consider",
    source="Hauser & Wernerfelt 1990: add while the expected maximum rises by the cost; maxima from Harter 1961",
    setting="normal values; κ / σ = 0.3, 0.25, 0.2, 0.15, 0.12, 0.1",
)
def considered(quick: bool) -> Entries:
    """By rule, and in a market of 7 boxes with an incumbent."""
    maxima = (0.0, 0.0, 0.5642, 0.8463, 1.0294, 1.1630, 1.2672)
    for ratio, sample in ((0.3, 2), (0.25, 3), (0.2, 3), (0.15, 4), (0.12, 5), (0.1, 6)):
        yield exact(f"n*, by rule, κ / σ = {ratio:g}", sample, fixed_sample_size(ratio), 0)
        search = Search(boxes((0.0,) * 7, ratio, 20_000 if quick else 200_000, rule="fixed-sample"))
        yield from _sample(search, ratio, sample, maxima[sample - 1])


def _sample(search: Search, ratio: float, sample: int, maximum: float) -> list[Check]:
    best = np.where(search.inspected, search.values, -np.inf).max(axis=1)
    return [
        exact(f"n* in the market, the incumbent included, κ / σ = {ratio:g}", sample, search.looks.mean() + 1, 0),
        close(f"best of the {sample - 1} inspected", maximum, *mean_error(best), allowance=5e-5),
    ]
