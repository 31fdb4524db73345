"""A market at its opening: who the buyers are, what they know, what the sellers own (A17)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from markets import incumbents, small
from scipy import stats

from sim import draws, population
from sim.market import Market
from sim.scenario import Scenario

COUNT = 20_000


def large(first: int = 4, /, **more: object) -> Scenario:
    return small(first, **({"buyers": {"count": COUNT}} | more))


def binomial(fraction: float, size: int = COUNT) -> float:
    """Four standard errors of a fraction."""
    return 4 * math.sqrt(fraction * (1 - fraction) / size)


def sellers_of(*shares: float) -> list[dict[str, object]]:
    return [
        {"name": f"S{number}", "strategy": "collaborative", "opening_share": share}
        for number, share in enumerate(shares)
    ]


def test_opening_shares() -> None:
    market = Market(large(sellers=sellers_of(0.5, 0.3, 0.2, 0.0)))
    held = np.bincount(incumbents(market), minlength=4) / COUNT
    for found, share in zip(held, (0.5, 0.3, 0.2, 0.0), strict=True):
        assert found == pytest.approx(share, abs=binomial(share) if share else 0.0)
    np.testing.assert_array_equal(market.record().opening_share, held)


def test_thresholds_are_uniform_and_modes_follow() -> None:
    market = Market(large(economies={"half": {"pull_share": 0.3}}), "half")
    thresholds = market.state.buyers["pull_threshold"]
    assert stats.kstest(thresholds, "uniform").pvalue > 1e-6
    assert (thresholds < 0.3).mean() == pytest.approx(0.3, abs=binomial(0.3))


def test_segments_have_their_fractions_thresholds_and_behaviour() -> None:
    segments = [
        {"name": "old", "fraction": 0.7, "pull_threshold": {"min": 0.4, "max": 0.9}},
        {"name": "new", "fraction": 0.3, "pull_threshold": {"max": 0.3}, "search_cost": {"pull": 0.7}},
    ]
    market = Market(large(buyers={"count": COUNT, "segments": segments}), "pull")
    buyers = market.state.buyers
    assert (buyers["segment"] == 1).mean() == pytest.approx(0.3, abs=binomial(0.3))
    for segment, (low, high) in enumerate([(0.4, 0.9), (0.0, 0.3)]):
        mine = buyers["pull_threshold"][buyers["segment"] == segment]
        assert stats.kstest(mine, stats.uniform(low, high - low).cdf).pvalue > 1e-6
    # rows: push and pull of the first segment, then of the second
    assert market.state.behaviour["search_cost"].tolist() == [0.5, 0.05, 0.5, 0.7]
    assert market.state.behaviour["switching_cost"].tolist() == [3.0, 0.75, 3.0, 0.75]


def test_only_the_groups_of_an_economy_turn() -> None:
    scenario = small(economies={"search only": {"pull_share": 1, "groups": ["search"]}})
    table = Market(scenario, "search only").state.behaviour
    assert table["search_cost"].tolist() == [0.5, 0.05]
    assert table["research_rate"].tolist() == [0.01, 0.05]
    assert table["switching_cost"].tolist() == [3.0, 3.0]
    assert table["relationship_weight"].tolist() == [1.5, 1.5]
    # what belongs to no group turns with the mode: a buyer in pull mode reads reviews (A17.12)
    assert table["review_reading"].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("economy", ["push", "pull"])
def test_opening_books_of_a_buyer(economy: str) -> None:
    """A17.7: the own seller is known well, the others by the prior; A = X, Z = Z̄, R = R₀."""
    market = Market(large(), economy)
    buyers, pairs, sellers = market.state.buyers, market.state.pairs, market.state.sellers
    rows, own = np.arange(COUNT), buyers["seller"]
    others = np.ones((COUNT, 4), bool)
    others[rows, own] = False
    truth = market.state.appeal[int(economy == "pull")][own] + pairs["taste"][rows, own]
    np.testing.assert_allclose(pairs["belief_mean"][rows, own], truth, rtol=1e-6)
    np.testing.assert_allclose(pairs["belief_variance"][rows, own], 0.15)
    np.testing.assert_allclose(pairs["belief_mean"][others], 2.8)
    np.testing.assert_allclose(pairs["belief_variance"][others], 2.0)
    assert (pairs["relationship"][others] == 0).all()
    np.testing.assert_allclose(buyers["aspiration"], truth, rtol=1e-6)
    np.testing.assert_allclose(buyers["experience"], truth, rtol=1e-6)
    np.testing.assert_allclose(buyers["patience"], 0.9 if economy == "push" else 0.3)
    assert (buyers["known"] == 0b1111).all()
    for name, bond in (("Heritage", 0.8), ("Closers", 0.2), ("Allies", 0.4), ("Value", 0.1)):
        place = market.seller(name).place
        np.testing.assert_allclose(pairs["relationship"][own == place, place], bond)
    assert sellers["alive"].all()


def test_opening_books_of_a_seller() -> None:
    """Cash 0.5 a customer (A17.7); self-service at its fixed point under the opening budget (A17.4)."""
    market = Market(large(), "push")
    budget = 0.6 * 0.4 * COUNT / 4
    heritage = market.seller("Heritage")
    assert heritage.cash == pytest.approx(0.5 * COUNT / 4)
    assert heritage.budget == pytest.approx(budget)
    assert heritage.self_service == pytest.approx(1 - math.exp(-budget * 0.05 / COUNT / 0.02))
    assert market.seller("Closers").self_service == 0.0
    assert heritage.human_service == pytest.approx(1 - math.exp(-0.6 * 0.4 * 0.30 / 0.05), abs=1e-3)
    assert heritage.sales_skill == 0.5


def test_the_stock_rests_at_its_fixed_point() -> None:
    """With one seller the opening budget is its target, and the stock does not move."""
    market = Market(small(1), "push")
    stock = market.sellers[0].self_service
    assert stock == pytest.approx(1 - math.exp(-0.6 * 0.4 * 0.05 / 0.02))
    market.step()
    assert market.sellers[0].self_service == pytest.approx(stock, rel=1e-12)


def test_a_given_stock_is_taken() -> None:
    scenario = small(sellers=[{"name": "Heritage", "strategy": "relationship-reliant", "opening_self_service": 0.4}])
    assert Market(scenario).sellers[0].self_service == 0.4


def test_the_prior_may_be_the_mean_experience() -> None:
    market = Market(large(knowledge={"prior_mean": "auto"}), "pull")
    buyers, pairs = market.state.buyers, market.state.pairs
    truth = market.state.appeal[1] + pairs["taste"]
    elsewhere = buyers["seller"] != 0
    np.testing.assert_allclose(pairs["belief_mean"][elsewhere, 0], truth.mean(dtype=float), rtol=1e-5)


def test_an_entrant_is_not_there_yet() -> None:
    scenario = small(events=[{"at": 5, "enter": {"name": "Newcomer", "strategy": "innovator"}}])
    market = Market(scenario)
    newcomer = market.seller("Newcomer")
    assert not newcomer.alive
    assert (newcomer.cash, newcomer.budget, newcomer.self_service, newcomer.sales_skill) == (0.0, 0.0, 0.0, 0.0)
    assert not (market.state.buyers["known"] >> np.uint64(newcomer.place) & np.uint64(1)).any()
    assert market.record().opening_share[-1] == 0.0


def test_normal_tastes() -> None:
    market = Market(large(buyers={"count": COUNT, "taste": {"kind": "normal", "sd": 0.8}}))
    tastes = market.state.pairs["taste"].astype(float)
    for taste in tastes.T:
        assert stats.kstest(taste, stats.norm(0, 0.8).cdf).pvalue > 1e-6
    off = np.corrcoef(tastes.T)[np.triu_indices(4, 1)]
    assert np.abs(off).max() < 4.5 / math.sqrt(COUNT)


def test_no_taste() -> None:
    market = Market(small(buyers={"taste": {"kind": "normal", "sd": 0.0}}))
    assert not market.state.pairs["taste"].any()


def test_tastes_by_class() -> None:
    classes = [
        {"weight": 0.2, "utility": {"Heritage": 1.0, "Closers": -1.0}},
        {"weight": 0.8, "utility": {"Heritage": 0.25, "Closers": 2.0}},
    ]
    market = Market(large(2, buyers={"count": COUNT, "taste": {"kind": "segments", "classes": classes}}))
    heritage, closers = (market.state.pairs["taste"][:, market.seller(name).place] for name in ("Heritage", "Closers"))
    assert set(zip(heritage.tolist(), closers.tolist(), strict=True)) == {(1.0, -1.0), (0.25, 2.0)}
    assert (heritage == 1.0).mean() == pytest.approx(0.2, abs=binomial(0.2))


def test_tastes_of_the_dirichlet() -> None:
    shape = {"Heritage": 0.6, "Closers": 2.5}
    market = Market(large(2, buyers={"count": COUNT, "taste": {"kind": "loggamma", "shape": shape}}))
    for name, alpha in shape.items():
        taste = market.state.pairs["taste"][:, market.seller(name).place].astype(float)
        assert stats.kstest(np.exp(taste), stats.gamma(alpha).cdf).pvalue > 1e-6


def test_tastes_of_a_dirichlet_that_is_all_or_nothing() -> None:
    """With a shape near 0 the gamma numbers leave the range of a float; their logarithms do not."""
    shape = {"Heritage": 0.005, "Closers": 0.005}
    market = Market(large(2, buyers={"count": COUNT, "taste": {"kind": "loggamma", "shape": shape}}))
    taste = market.state.pairs["taste"][:, 0].astype(float)
    assert np.isfinite(taste).all()
    assert taste.min() < -1_000
    # -shape times the logarithm is nearly exponential, up to the constant ln Γ(a + 1)
    assert stats.kstest(-0.005 * taste, "expon").pvalue > 1e-6


def test_purchase_rates_of_the_nbd() -> None:
    incidence = {"kind": "nbd", "mean": 1.456, "shape": 0.7788}
    market = Market(large(buyers={"count": COUNT, "incidence": incidence}))
    rates = market.state.buyers["purchase_rate"].astype(float)
    assert stats.kstest(rates, stats.gamma(0.7788, scale=1.456 / 0.7788).cdf).pvalue > 1e-6


def test_a_rate_beyond_reason_is_refused() -> None:
    incidence = {"kind": "nbd", "mean": 150.0, "shape": 0.5}
    with pytest.raises(ValueError, match="943 orders a tick"):
        Market(small(buyers={"incidence": incidence}))


def neighbours(rewiring: float, degree: int = 6, count: int = 2_000) -> np.ndarray:
    network = {"degree": degree, "rewiring": rewiring}
    return Market(small(1, buyers={"count": count, "network": network})).neighbours


def test_a_ring() -> None:
    """A17.13: half the links on either side."""
    ring = neighbours(0.0)
    distance = (ring - np.arange(2_000)[:, None]) % 2_000
    assert {tuple(sorted(row)) for row in distance.tolist()} == {(1, 2, 3, 1_997, 1_998, 1_999)}


@pytest.mark.parametrize("rewiring", [0.1, 1.0])
def test_rewired_links_lead_anywhere_but_home(rewiring: float) -> None:
    links = neighbours(rewiring)
    here = np.arange(2_000)[:, None]
    assert links.shape == (2_000, 6)
    assert (links != here).all()
    assert links.min() >= 0
    assert links.max() < 2_000
    distance = (links - here) % 2_000
    far = np.minimum(distance, 2_000 - distance) > 3
    # a rewired link may fall into the neighbourhood by chance
    expected = rewiring * (1 - 6 / 1_999)
    assert far.mean() == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / far.size) + 1e-12)
    if rewiring == 1.0:
        assert stats.chisquare(np.bincount(distance.ravel(), minlength=2_000)[1:]).pvalue > 1e-6


def test_no_network() -> None:
    assert neighbours(0.0, degree=0).shape == (2_000, 0)


def test_more_buyers_change_nothing_about_the_first() -> None:
    few, many = (Market(small(buyers={"count": count})) for count in (500, 900))
    for name in ("segment", "pull_threshold", "seller"):
        np.testing.assert_array_equal(few.state.buyers[name], many.state.buyers[name][:500])
    np.testing.assert_array_equal(few.state.pairs["taste"], many.state.pairs["taste"][:500])


def test_sellers_of_one_key_are_told_to_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "seller_key", lambda name: np.uint32(7))
    with pytest.raises(ValueError, match="share a key of the random numbers; rename one"):
        Market(small(2))


def test_mean_orders() -> None:
    assert population.mean_orders(small()) == 1.0
    assert population.mean_orders(small(buyers={"incidence": {"kind": "bernoulli", "rate": 0.3}})) == 0.3
    assert population.mean_orders(small(buyers={"incidence": {"kind": "nbd", "mean": 2.0, "shape": 1.0}})) == 2.0


@pytest.mark.parametrize("rule", ["simple", "threshold"])
def test_a_network_of_ones_own(rule: str) -> None:
    words: dict[str, Any] = {"word_of_mouth": {"rule": rule, "rate": 0.4}, "events": []}
    market, same, other = (Market(small(3, **words), "push") for _ in range(3))
    same.neighbours = market.neighbours
    other.neighbours = np.roll(market.neighbours, 7, axis=0)
    np.testing.assert_array_equal(other.neighbours, np.roll(market.neighbours, 7, axis=0))
    record = market.run()
    assert record.same(same.run())
    assert not record.same(other.run())


def test_terms_that_change_leave_a_network_of_ones_own() -> None:
    louder = {"at": 1, "set": {"word_of_mouth": {"rate": 0.5}}}
    market = Market(small(3, events=[louder]), "push")
    market.neighbours = market.neighbours[:, :2]
    market.step()
    market.step()
    terms = market.state.terms[0]
    assert terms["degree"] == 2
    assert terms["all_silent"] == pytest.approx((1 - terms["talk_ceiling"]) ** 2)


@pytest.mark.parametrize("table", [[[0, 1]], [[-1]] * 200, [[200]] * 200, [[2**32]] * 200, [[0.5]] * 200, [1] * 200])
def test_links_lead_to_buyers(table: list[Any]) -> None:
    market = Market(small(3, buyers={"count": 200}), "push")
    with pytest.raises(ValueError, match="a row for each of 200 buyers and whole numbers from 0 to 199"):
        market.neighbours = table
