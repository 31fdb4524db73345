"""Prices as a game: what markup each seller sets when it knows how the market's buyers choose.

Demand is read off the market itself: the log-sum surplus that it records falls by an order for
each unit of a seller's price (Williams 1977; Small & Rosen 1981), so that a difference of two
records gives the demand without chance in it.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize

from sim.columns import FIXED, LOGSUM
from sim.scenario import Scenario
from sim.verify.laboratory import Market, incumbents, logit, steps
from sim.verify.row import Entries, Panel, Picture, between, close, exact, row

STEP = 0.1


class Buyers:
    """The buyers of a market with a customer of each seller, asked at one set of prices after another.

    Parameters
    ----------
    sellers : int
        All alike, at a cost of 0; the price sensitivity is 1.
    switching_cost : float
        [utils]
    """

    def __init__(self, sellers: int, switching_cost: float) -> None:
        words = logit(
            dict.fromkeys("ABCDEFGH"[:sellers], 0.0), buyers=sellers, horizon=100_000,
            behaviour={"price_sensitivity": 1.0, "switching_cost": switching_cost},
        )  # fmt: skip
        self.market = Market(words)
        self.places = [seller.place for seller in self.market.sellers]
        self.market.step()  # sellers have planned; their prices stay as they are set from here on

    def surplus(self, mine: float, theirs: float) -> float:
        """Log-sum surplus of a buyer [money], averaged over one customer of each seller."""
        state = self.market.state
        state.sellers["price"] = theirs
        state.sellers["price"][self.places[0]] = mine
        state.sellers["customers"] = 1
        state.buyers["seller"] = self.places
        self.market.step()
        return float(self.market.tally.totals[LOGSUM] / FIXED / len(self.places))

    def orders(self, mine: float, theirs: float) -> float:
        """Orders a buyer of the first seller [-]: the fall of the surplus with its price, to the fourth order."""
        at = {step: self.surplus(mine + step * STEP, theirs) for step in (-2, -1, 1, 2)}
        return (8 * (at[-1] - at[1]) - (at[-2] - at[2])) / (12 * STEP)

    def gain(self, price: float) -> float:
        """What a little more of the first seller's price brings if all others stay at `price`: D + p D'."""
        at = {step: self.surplus(price + step * STEP, price) for step in (-2, -1, 0, 1, 2)}
        fall = (8 * (at[-1] - at[1]) - (at[-2] - at[2])) / (12 * STEP)
        slope = (16 * (at[-1] + at[1]) - (at[-2] + at[2]) - 30 * at[0]) / (12 * STEP**2)
        return fall - price * slope

    def equilibrium(self, near: float) -> float:
        """The price at which nobody gains by a little more or less."""
        return float(optimize.brentq(self.gain, 0.5 * near, 1.5 * near, xtol=1e-7))

    def best(self, price: float) -> float:
        """The best of 57 prices from a fifth to three times that of the others."""
        tried = price * np.linspace(0.2, 3.0, 57)  # holds `price` itself
        return float(tried[np.argmax([own * self.orders(own, price) for own in tried])])


@row(
    "V27",
    "Price competition of equal sellers",
    source="Bertrand with logit demand: J / (α (J - 1))",
    setting="J = 2, 3, 5 sellers alike, α = 1, cost 0; demand from the market's log-sum, best answers by search",
)
def bertrand(quick: bool) -> Entries:
    """The markup at which a little more neither gains nor loses, and that no other price beats."""
    for sellers, expected in ((2, 2.0), (3, 1.5), (5, 1.25)):
        buyers = Buyers(sellers, 0.0)
        found = buyers.equilibrium(expected)
        yield exact(f"markup, J = {sellers}", expected, found, 1e-3)
        yield exact(f"best answer to it less it, J = {sellers}", 0.0, buyers.best(found) - found, 1e-9)
    # the log-sum's demand is what buyers do
    size = 100_000 if quick else 1_000_000
    words = logit(dict.fromkeys("ABC", 0.0), buyers=size, horizon=1, behaviour={"price_sensitivity": 1.0}).tree
    words["sellers"][0]["price"] = 1.5
    chosen = (incumbents(steps(Market(Scenario(**words)), 1)) == 0).mean()
    by_surplus = Buyers(3, 0.0).orders(1.5, 1.0)
    error = math.sqrt(by_surplus * (1 - by_surplus) / size)
    yield close("orders at 1.5 against 1, by choices", by_surplus, chosen, error)


@row(
    "V28",
    "Price competition with switching costs",
    source="Klemperer 1987, in a logit duopoly: 1 / (2 α r (1 - r)), r = 1 / (1 + e^-s); derived",
    setting=(
        "two sellers with half of the buyers each, α = 1, cost 0, s = 0, 1, 2, 3; at s = 3 the markup holds only "
        "against small steps: a seller who cuts by a third takes the other's customers and gains"
    ),
)
def klemperer(quick: bool) -> Entries:
    """The markup rises with what it costs to leave."""
    costs, expected = (0.0, 1.0, 2.0, 3.0), (2.000, 2.543, 4.762, 11.068)
    found = []
    for cost, markup in zip(costs, expected, strict=True):
        buyers = Buyers(2, cost)
        found.append(buyers.equilibrium(markup))
        yield exact(f"markup at which a little more neither gains nor loses, s = {cost:g}", markup, found[-1], 1e-3)
        best = buyers.best(found[-1])
        if cost < 3:
            yield exact(f"best answer to it less it, s = {cost:g}", 0.0, best - found[-1], 1e-9)
        else:  # locked in so well that the others' customers are worth a deep cut: no equilibrium in pure prices
            gain = best * buyers.orders(best, found[-1]) / (found[-1] * buyers.orders(found[-1], found[-1])) - 1
            yield between(f"what the best cut brings, s = {cost:g} [part of profit]", 0.05, 0.2, gain)
    line = np.linspace(0, 3.2, 100)
    stay = 1 / (1 + np.exp(-line))
    yield Picture(
        "verification_switching_cost_prices",
        "Klemperer: buyers who cannot leave pay more",
        "Line: 1 / (2 α r (1 − r)) with r = 1 / (1 + e^−s). Marks: the markup at which a price rise in the market "
        "neither gains nor loses.",
        [
            Panel("markup of a duopoly", "switching cost s [utils]", "markup [1/α]",
                  {"theory": (line, 1 / (2 * stay * (1 - stay)))}, {"market": (costs, found, np.zeros(4))}),
        ],
    )  # fmt: skip
