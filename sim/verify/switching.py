"""Switching: a logit with a switching cost is a Markov chain with a known law; erosion."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.measures import (
    gap_half_life,
    half_life,
    half_life_of_hazard,
    hazard,
    second_eigenvalue,
    stationary_shares,
    switching_probabilities,
)
from sim.scenario import Scenario
from sim.verify.laboratory import Market, batches, incumbents, jackknife, logit, moves, share_error, steps
from sim.verify.row import Entries, Panel, Picture, close, exact, row


def transition(before: NDArray[np.int64], after: NDArray[np.int64], sellers: int) -> NDArray[np.float64]:
    """Switching matrix of one tick, by the product's measure."""
    counts = np.bincount(sellers * before + after, minlength=sellers**2).reshape(sellers, sellers)
    return switching_probabilities(counts)


@row(
    "V3",
    "Switching cost: staying and leaving",
    source="logit with a switching cost",
    setting="three sellers alike, s = 1",
)
def staying(quick: bool) -> Entries:
    """One tick from equal shares."""
    size = 100_000 if quick else 1_000_000
    market = Market(logit(dict.fromkeys("ABC", 0.0), buyers=size, horizon=1, behaviour={"switching_cost": 1.0}))
    before, after = moves(market)
    stay = 0.576117
    yield close("part that stays", stay, (before == after).mean(), share_error(stay, size))
    # an eigenvalue is (3 stay - 1) / 2 where all rows are alike
    error = 1.5 * share_error(stay, size / 3)
    yield close("second eigenvalue", 0.364175, second_eigenvalue(transition(before, after, 3)), error)
    held = np.bincount(after) / size
    for name, got in zip("ABC", held, strict=True):
        yield close(f"share of {name}", 1 / 3, got, math.sqrt(2) * share_error(1 / 3, size))


@row(
    "V3b",
    "Switching cost: the stationary law",
    source="reversible chain: π ∝ e^u [Z + e^u (e^s - 1)], derived",
    setting="u = (0.5, 0, 0), s = 1 and s = 3, from the stationary shares and from far off",
)
def stationary(quick: bool) -> Entries:
    """A market that opens at the law stays there; one that opens elsewhere goes half of the way in 5 ticks."""
    size = 100_000 if quick else 1_000_000
    utilities = {"A": 0.5, "B": 0.0, "C": 0.0}
    for cost, law in ((1.0, (0.498891, 0.250554, 0.250554)), (3.0, (0.560113, 0.219943, 0.219943))):
        words = logit(utilities, buyers=size, horizon=6, behaviour={"switching_cost": cost}).tree
        for seller, share in zip(words["sellers"], law, strict=True):
            seller["opening_share"] = share / sum(law)
        held = Market(Scenario(**words)).run().shares["share"][-1]
        for name, expected, got in zip("ABC", law, held, strict=True):
            yield close(f"share of {name} after 6 ticks, s = {cost:g}", expected, got, share_error(expected, size))
    words = logit(utilities, buyers=size, horizon=8, behaviour={"switching_cost": 3.0}).tree
    for seller, share in zip(words["sellers"], (0.01, 0.495, 0.495), strict=True):
        seller["opening_share"] = share
    customers = path_of(Market(Scenario(**words)), 8)
    sizes = np.bincount(batches(size))

    def half_way(held: NDArray[np.float64]) -> float:
        gap = 0.560113 - held[:-1] / held[-1]
        return math.log(2) / -float(np.polyfit(np.arange(9), np.log(gap), 1)[0])

    yield close("half-life of the way there [ticks]", 4.999, *jackknife(np.column_stack([customers, sizes]), half_way))


@row(
    "V3c",
    "Switching cost: identified from old and new buyers",
    source="Chen & Hitt 2002, equation 1",
    setting="u = (0.8, 0.3, 0); s = 4.05 for those with a seller, 0 for those without",
)
def identified(quick: bool) -> Entries:
    """Log odds of A against B among its own customers, less those among new buyers."""
    size = 200_000 if quick else 2_000_000
    utilities = {"A": 0.8, "B": 0.3, "C": 0.0}
    before, after = moves(Market(logit(utilities, buyers=size, horizon=1, behaviour={"switching_cost": 4.05})))
    new = incumbents(steps(Market(logit(utilities, buyers=size, horizon=1)), 1))
    mine = after[before == 0]
    cells = np.array([(mine == 0).sum(), (mine == 1).sum(), (new == 0).sum(), (new == 1).sum()])
    got = math.log(cells[0] / cells[1]) - math.log(cells[2] / cells[3])
    yield close("s [utils]", 4.05, got, math.sqrt((1 / cells).sum()))


LOYALTY = np.array([0.6900, 0.7423, 0.2765, 0.4297])
ATTRACTION = np.array([0.4899, 0.2433, 0.1517, 0.1150])


@row(
    "V4",
    "Hard-core loyal and potential switchers",
    source="Colombo & Morrison 1989; cracker fit from the Ecdat panel (Jain, Vilcassim & Chintagunta 1994)",
    setting="a buyer of seller c looks around with probability 1 - α_c and then draws π; 30 ticks",
)
def loyal_and_random(quick: bool) -> Entries:
    """A brand's quality sets how often its buyers look around, its price the choice when they do."""
    leave = np.log((1 - LOYALTY) / LOYALTY)
    temperature = 0.5
    quality = 5.0 - temperature * (leave - leave.min())  # P(look) = logistic((best known - own - z0) / τ)
    price = (quality - np.log(ATTRACTION)) / 3.0
    size = 60_000 if quick else 400_000
    words = logit(
        dict(zip("ABCD", quality.tolist(), strict=True)),
        buyers=size,
        horizon=30,
        behaviour={
            "research_rate": 0.0,
            "indifference": float(-temperature * leave.min()),
            "research_temperature": temperature,
            "aspiration_rate": 1.0,
            "aspiration_reach": 1.0,
            "experience_noise": 0.0,
        },
        mechanisms={"aspiration": True},
    ).tree
    for seller, amount in zip(words["sellers"], price.tolist(), strict=True):
        seller["price"] = amount
    before, after = moves(steps(Market(Scenario(**words)), 29))
    held = np.bincount(after, minlength=4) / size
    for place, expected in enumerate((0.5383, 0.3216, 0.0714, 0.0687)):
        # the expected shares are printed to four digits
        yield close(f"share of brand {place + 1}", expected, held[place], share_error(expected, size), allowance=5e-5)
        mine = after[before == place]
        stay = LOYALTY[place] + (1 - LOYALTY[place]) * ATTRACTION[place] / ATTRACTION.sum()
        yield close(f"repeat of brand {place + 1}", stay, (mine == place).mean(), share_error(stay, len(mine)))


def path_of(market: Market, ticks: int) -> NDArray[np.int64]:
    """Customers of the first seller at the opening and after each tick, by batch; shape (batches, ticks + 1)."""
    mine = batches(market.buyer_count)
    path = [np.bincount(mine[incumbents(market) == 0], minlength=mine[-1] + 1)]
    for _ in range(ticks):
        market.step()
        path.append(np.bincount(mine[incumbents(market) == 0], minlength=mine[-1] + 1))
    return np.stack(path, axis=1)


def chain(losses: tuple[float, float], size: int, horizon: int) -> Market:
    """Two sellers who lose these parts of their customers to one another in each tick; all begin with the first."""
    # stay odds are e^(s + u) and e^(s - u)
    odds = [math.log((1 - loss) / loss) for loss in losses]
    cost, utility = sum(odds) / 2, (odds[0] - odds[1]) / 2
    utilities = {"A": max(utility, 0.0), "B": max(-utility, 0.0)}
    market = Market(logit(utilities, buyers=size, horizon=horizon, behaviour={"switching_cost": cost}))
    market.state.buyers["seller"] = market.seller("A").place
    return market


@row(
    "V5",
    "Erosion of a two-seller market",
    source="two-state Markov chain",
    setting="loss 0.10 and win-back 0.02 a tick, from a share of 1",
)
def erosion(quick: bool) -> Entries:
    """The path, tick by tick, and the product's measures of it."""
    size, ticks = (50_000 if quick else 400_000), 30
    market = chain((0.10, 0.02), size, ticks)
    mine = batches(size)
    counts = np.zeros((mine[-1] + 1, 2, 2))
    path = [1.0]
    for _ in range(ticks):
        before, after = moves(market)
        np.add.at(counts, (mine, before, after), 1)
        path.append(float((after == 0).mean()))
    expected = 1 / 6 + 5 / 6 * 0.88 ** np.arange(ticks + 1)
    for tick in (1, 5, 10, 20, 30):
        yield close(f"share at tick {tick}", expected[tick], path[tick], share_error(expected[tick], size))
    yield exact("first tick at or below half", 8, half_life(path, window=1), 0)

    def value(moved: NDArray[np.float64]) -> float:
        return second_eigenvalue(switching_probabilities(moved))

    def in_the_end(moved: NDArray[np.float64]) -> float:
        return float(stationary_shares(switching_probabilities(moved))[0])

    def half_gone(moved: NDArray[np.float64]) -> float:
        return math.log((0.5 - in_the_end(moved)) / (1 - in_the_end(moved))) / math.log(value(moved))

    yield close("second eigenvalue", 0.88, *jackknife(counts, value))
    yield close("share in the end", 1 / 6, *jackknife(counts, in_the_end))
    life = jackknife(counts, lambda moved: gap_half_life(value(moved)))
    yield close("half-life of the gap [ticks]", 5.422, *life, allowance=5e-4)
    yield close("half of the share gone [ticks]", 7.168, *jackknife(counts, half_gone), allowance=5e-4)
    ticked = np.arange(ticks + 1)
    yield Picture(
        "verification_erosion",
        "Erosion: a tenth is lost and a fiftieth won back each month",
        "Line: 1/6 + 5/6 · 0.88^t. Marks: the market, with two standard errors either way (smaller than the marks).",
        [
            Panel(
                "share of the eroding seller",
                "month",
                "share",
                {"theory": (ticked, expected)},
                {"market": (ticked, path, share_error(expected, size))},
            )
        ],
    )


@row(
    "V31",
    "Erosion at a constant hazard",
    source="geometric law: ln 2 / -ln(1 - h)",
    setting="losses of 1, 2, 5 and 10 % a tick, nobody comes back",
)
def constant_hazard(quick: bool) -> Entries:
    """Half-life of the path to a tick, and of its hazard."""
    size = 20_000 if quick else 200_000
    for loss, expected in ((0.01, 68.97), (0.02, 34.31), (0.05, 13.51), (0.10, 6.58)):
        ticks = math.ceil(expected) + 4
        customers = path_of(chain((loss, 1e-12), size, ticks), ticks)
        path = customers.sum(axis=0) / size
        # binomial error of the share at half over its fall a tick; and a tick for whole ones
        late = 0.5 / math.sqrt(size) / (-0.5 * math.log(1 - loss))
        first = half_life(path, window=1)
        yield close(f"first tick at or below half, h = {loss:g}", expected, first, late, allowance=1.0)
        found = jackknife(customers, lambda held: half_life_of_hazard(hazard(held)))
        yield close(f"half-life of the hazard, h = {loss:g} [ticks]", expected, *found, allowance=5e-3)
