"""Orphans and empty markets: who is left buys from whom is left, and nobody sells when all are gone."""

from __future__ import annotations

import numpy as np
import pytest
from markets import small

from sim.columns import CAUSES
from sim.market import Market

GONE = CAUSES.index("seller gone")


@pytest.mark.parametrize("economy", ["push", "pull"])
def test_orphans_move_at_once_and_the_ledger_says_why(economy: str) -> None:
    record = Market(small(events=[{"at": 6, "exit": "Heritage"}]), economy).run()
    heritage = record.shares["customers"][:, 0]
    assert heritage[5] > 0
    assert (heritage[6:] == 0).all()
    switches = record.switches
    leaving = (switches["tick"] == 6) & (switches["from_seller"] == 0)
    assert switches["buyers"][leaving].sum() == heritage[5]
    # an episode that was open before the seller left keeps the cause that opened it
    gone = switches["buyers"][leaving & (switches["cause"] == GONE)].sum()
    assert gone > 0.5 * heritage[5]
    assert not (switches["cause"][switches["tick"] < 6] == GONE).any()
    assert not record.shares["alive"][6:, 0].any()


@pytest.mark.parametrize("economy", ["push", "pull"])
def test_orphans_who_know_nobody_choose_among_all(economy: str) -> None:
    """A17.15; the seller that they come to buy from is then known, and aspirations stay finite."""
    scenario = small(
        1,
        word_of_mouth={"rule": "none"},
        mechanisms={"contacts": False},
        events=[{"at": 3, "enter": {"name": "Newcomer", "strategy": "innovator"}}, {"at": 5, "exit": "Heritage"}],
    )
    market = Market(scenario, economy)
    record = market.run()
    assert record.shares["customers"][5].tolist() == [0, 120]
    newcomer = market.seller("Newcomer").place
    assert ((market.state.buyers["known"] >> np.uint64(newcomer)) & np.uint64(1)).all()
    assert np.isfinite(market.state.buyers["aspiration"]).all()
    assert (np.abs(record.buyers["aspiration"]) < 10).all()


def test_when_all_sellers_are_gone_nobody_sells() -> None:
    scenario = small(2, events=[{"at": 4, "exit": "Heritage"}, {"at": 6, "exit": "Closers"}])
    record = Market(scenario, "pull").run()
    after = slice(6, None)
    assert (record.shares["revenue"][after] == 0).all()
    assert (record.shares["profit"][after] == 0).all()
    assert (record.market["churn"][after] == 0).all()
    assert (record.market["consumer_surplus"][after] == 0).all()
    assert np.isnan(record.shares["satisfaction"][after]).all()
    # an orphan is still counted where it was last, so that the ledger holds
    assert (record.shares["customers"][after].sum(axis=1) == 120).all()
    assert not record.shares["alive"][after].any()


def test_a_seller_in_the_red_for_six_ticks_gives_up() -> None:
    """A11: exit after `exit_after` ticks in a row of negative cash, and not a tick before."""
    sellers = [
        {"name": "Heritage", "strategy": "relationship-reliant"},
        {"name": "Closers", "strategy": "hard-sell", "price": 0.5, "unit_cost": 0.6, "cash": 0.0},
    ]
    record = Market(small(sellers=sellers), "push").run()
    cash, alive = record.shares["cash"][:, 1], record.shares["alive"][:, 1]
    assert (cash < 0).all()
    assert alive[:5].all()
    assert not alive[5:].any()
    assert record.shares["customers"][6:, 1].sum() == 0


def test_a_seller_that_recovers_in_time_stays() -> None:
    sellers = [
        {"name": "Heritage", "strategy": "relationship-reliant"},
        {"name": "Closers", "strategy": "hard-sell", "price": 0.5, "unit_cost": 0.6, "cash": 0.0},
    ]
    rescue = [{"at": 5, "shock": {"seller": "Closers", "cash": 10.0}}]
    record = Market(small(sellers=sellers, events=rescue), "push").run()
    assert (record.shares["cash"][:5, 1] < 0).all()
    assert (record.shares["cash"][5:, 1] > 0).all()
    assert record.shares["alive"][:, 1].all()
