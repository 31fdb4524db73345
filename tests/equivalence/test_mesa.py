"""Real Mesa: agents in `market.agents`, a plain loop, Mesa's own DataCollector; and models that are let go."""

from __future__ import annotations

import gc
import resource
import weakref
from typing import Any, Literal

import mesa
import numpy as np
import pytest
from markets import ENTRY, small

from sim.agents import BuyerAgent, SellerAgent
from sim.market import Market


@pytest.mark.parametrize("engine", ["columns", "agents"])
def test_a_plain_mesa_loop_with_mesas_datacollector(engine: str) -> None:
    market: Any = Market(small(events=[ENTRY]), "pull", engine=engine)  # type: ignore[arg-type]
    collector = mesa.DataCollector(
        model_reporters={"Heritage": lambda model: model.share("Heritage"), "pull": "pull_share"},
        agenttype_reporters={SellerAgent: {"share": "share", "cash": lambda seller: seller.cash}},
    )
    while market.running:
        market.step()
        collector.collect(market)
    record = market.record()
    model = collector.get_model_vars_dataframe()
    np.testing.assert_array_equal(model["Heritage"], record.shares["share"][:, 0])
    np.testing.assert_array_equal(model["pull"], 1.0)
    sellers = collector.get_agenttype_vars_dataframe(SellerAgent)
    assert len(sellers) == 14 * 5
    names = {agent.unique_id: agent.name for agent in market.sellers}
    for unique_id, name in names.items():
        position = record.sellers.index(name)
        cash = sellers["cash"].xs(unique_id, level="AgentID")
        np.testing.assert_array_equal(cash, record.shares["cash"][:, position])


def test_buyers_are_reported_agent_by_agent() -> None:
    market: Any = Market(small(horizon=3), "pull", engine="agents")
    collector = mesa.DataCollector(agenttype_reporters={BuyerAgent: {"patience": "patience", "pull": "pull_mode"}})
    while market.running:
        market.step()
        collector.collect(market)
    frame = collector.get_agenttype_vars_dataframe(BuyerAgent)
    assert len(frame) == 3 * 120
    assert frame["pull"].all()
    last = frame["patience"].groupby(level=0).mean().iloc[-1]
    assert last == pytest.approx(market.record().buyers["patience"][-1], abs=1e-6)


def test_agents_are_counted_and_found() -> None:
    market = Market(small(), engine="agents")
    assert len(market.agents) == 124
    assert {agent.row for agent in market.agents_by_type[BuyerAgent]} == set(range(120))
    heritage = market.agents.select(lambda agent: getattr(agent, "name", "") == "Heritage")
    assert list(heritage) == [market.seller("Heritage")]
    patient = market.agents_by_type[BuyerAgent].agg("patience", np.mean)
    assert patient == pytest.approx(0.9)


@pytest.mark.parametrize("engine", ["columns", "agents"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_released_market_is_collected(engine: str, threads: int) -> None:
    market: Any = Market(small(horizon=3), engine=engine, threads=threads)  # type: ignore[arg-type]
    market.run()
    left = [
        weakref.ref(market),
        weakref.ref(market.state.pairs),
        weakref.ref(market.buyer(3)),
        weakref.ref(market.sellers[0]),
    ]
    market.release()
    del market
    gc.collect()
    assert [reference() for reference in left] == [None] * 4


def test_a_record_outlives_its_market() -> None:
    market = Market(small(), "pull")
    record = market.run()
    kept = record.shares["share"].copy()
    market.release()
    del market
    gc.collect()
    np.testing.assert_array_equal(record.shares["share"], kept)


@pytest.mark.parametrize("engine", ["columns", "agents"])
def test_a_released_market_is_gone_without_the_garbage_collector(engine: Literal["columns", "agents"]) -> None:
    market = Market(small(horizon=2, buyers={"count": 20}), "pull", engine=engine)
    market.run()
    there = weakref.ref(market)
    gc.disable()
    try:
        market.release()
        del market
        assert there() is None
    finally:
        gc.enable()


def test_five_hundred_runs_do_not_grow() -> None:
    """Resident memory after 500 markets is that after the first 100, within a few megabytes.

    A market that stayed would leave its columns (here 0.3 MB) and its agents behind: 400 of them
    are more than a hundred megabytes.
    """
    scenario = small(horizon=2, buyers={"count": 2_000})

    def run_some(count: int) -> int:
        for replication in range(count):
            market = Market(scenario, "pull", replication)
            market.run()
            market.release()
        gc.collect()
        return resident()

    before = run_some(100)
    after = run_some(400)
    assert after - before < 16 * 2**20, f"grew by {(after - before) / 2**20:.1f} MB"


def resident() -> int:
    """Resident memory of this process [bytes]."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:  # no /proc: the peak is the best there is
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
