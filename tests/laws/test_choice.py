"""Choice in the market: dearer is never likelier, better is never worse, other things and draws equal."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markets import incumbents, logit, market_words, merged, steps

from sim.market import Market
from sim.scenario import Scenario

BEST = "Heritage"


def first_tick(economy: str, **heritage: Any) -> tuple[Market, np.ndarray]:
    """The market after one tick, and the seller of each buyer; `heritage` changes one seller's terms."""
    words = merged(market_words(), {"buyers": {"count": 1_500}, "horizon": 1})
    words["sellers"] = [{**seller, **heritage} if seller["name"] == BEST else seller for seller in words["sellers"]]
    market = steps(Market(Scenario(**words), economy), 1)
    return market, incumbents(market)


@pytest.mark.parametrize("economy", ["push", "pull"])
def test_dearer_is_never_likelier(economy: str) -> None:
    """With the same draws, no buyer comes to a seller because its price rose in the first tick.

    The budget follows the margin, so what is spent must be the same: the cost rises with the price.
    """
    before: set[int] | None = None
    sizes = []
    for price in (0.6, 0.8, 1.0, 1.2, 2.0):
        buyers = set(np.flatnonzero(first_tick(economy, price=price, unit_cost=price - 0.4)[1] == 0).tolist())
        assert before is None or buyers <= before
        before = buyers
        sizes.append(len(buyers))
    assert sizes[0] > sizes[-1]


@given(st.floats(0.2, 3), st.floats(0.2, 3), st.sampled_from(["loggamma", "normal"]))
@settings(max_examples=15)
def test_dearer_is_never_likelier_in_a_plain_logit(one: float, other: float, taste: str) -> None:
    cheap, dear = sorted((one, other))
    tastes: dict[str, Any] = {
        "normal": {"kind": "normal", "sd": 1.0},
        "loggamma": {"kind": "loggamma", "shape": {"A": 0.5, "B": 1.0, "C": 2.0}},
    }
    counts = []
    for price in (cheap, dear):
        words = merged(
            logit(dict.fromkeys("ABC", 0.5), buyers=800, horizon=1).tree, {"buyers": {"taste": tastes[taste]}}
        )
        words["sellers"][0]["price"] = price
        counts.append(incumbents(steps(Market(Scenario(**words)), 1)) == 0)
    assert not (counts[1] & ~counts[0]).any()


def test_better_is_never_worse() -> None:
    """Buyers who know the truth: a rise in quality loses nobody."""
    held = []
    for quality in (0.0, 0.5, 1.0, 3.0):
        market = steps(Market(logit({"A": quality, "B": 1.0, "C": 0.3}, buyers=2_000, horizon=1)), 1)
        held.append(incumbents(market) == 0)
    for worse, better in pairwise(held):
        assert not (worse & ~better).any()
        assert better.sum() > worse.sum()


def test_a_switching_cost_keeps_buyers() -> None:
    """Common draws: with a higher cost nobody leaves who stayed before."""
    stayed = []
    for cost in (0.0, 0.5, 2.0, 8.0):
        market = Market(
            logit({"A": 0.0, "B": 0.0, "C": 0.0}, buyers=2_000, horizon=1, behaviour={"switching_cost": cost})
        )
        before = incumbents(market)
        stayed.append(incumbents(steps(market, 1)) == before)
    for easy, hard in pairwise(stayed):
        assert not (easy & ~hard).any()
    assert stayed[0].mean() == pytest.approx(1 / 3, abs=0.05)
    assert stayed[-1].mean() > 0.99


def test_an_irrelevant_alternative_takes_in_proportion() -> None:
    """IIA: with a third seller the other two keep their ratio; and by common draws none moves between them."""
    two = incumbents(steps(Market(logit({"A": 0.7, "B": 0.0}, buyers=4_000, horizon=1)), 1))
    three = incumbents(steps(Market(logit({"A": 0.7, "B": 0.0, "C": 0.4}, buyers=4_000, horizon=1)), 1))
    kept = three < 2
    assert (three[kept] == two[kept]).all()


def test_who_is_not_looked_at_is_not_chosen() -> None:
    """Without contact and research everybody stays, whatever the others offer."""
    words = logit({"A": 0.0, "B": 50.0}, buyers=500, horizon=4, research={"rule": "none"}).tree
    record = Market(Scenario(**words)).run()
    assert (record.market["churn"] == 0).all()
