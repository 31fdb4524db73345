"""What must not matter does not: V40, to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markets import ECONOMIES, ENTRY, incumbents, market_words, merged, small, steps

from sim.market import Market
from sim.results.record import BUYERS, CONTACTS, MARKET, SHARES, Record
from sim.scenario import Scenario

RICH: dict[str, Any] = {
    "buyers": {
        "incidence": {"kind": "nbd", "mean": 1.5, "shape": 0.8},
        "business": {"growth": 0.01, "sd": 0.02, "tenure_effect": -0.001},
    },
    "events": [ENTRY, {"at": 8, "exit": "Value"}, {"at": 9, "shock": {"seller": "Allies", "service": -0.4}}],
}


def rich(**more: Any) -> Scenario:
    return Scenario(**merged(market_words(**RICH), more))


def same_paths(one: Record, other: Record, names: tuple[str, ...]) -> None:
    """Whether the sellers of those names, and the market, have the same path in both, to the bit."""
    mine = [one.sellers.index(name) for name in names]
    theirs = [other.sellers.index(name) for name in names]
    for group, declared in (("shares", SHARES), ("contacts", CONTACTS)):
        for name in declared:
            left, right = getattr(one, group)[name][:, mine], getattr(other, group)[name][:, theirs]
            assert np.array_equal(left, right, equal_nan=left.dtype.kind == "f"), (group, name)
    for group, declared in (("market", MARKET), ("buyers", BUYERS)):
        for name in declared:
            assert getattr(one, group)[name].tobytes() == getattr(other, group)[name].tobytes(), (group, name)


def ledger(record: Record) -> set[tuple[int, str, str, int, int]]:
    columns = (record.switches[name].tolist() for name in ("tick", "from_seller", "to_seller", "cause", "buyers"))
    return {
        (tick, record.sellers[origin], record.sellers[target], cause, buyers)
        for tick, origin, target, cause, buyers in zip(*columns, strict=True)
    }


@pytest.mark.parametrize("economy", ECONOMIES)
def test_same_seed_same_bytes(economy: str) -> None:
    assert Market(rich(), economy, 3).run().same(Market(rich(), economy, 3).run())


def test_another_replication_or_seed_is_another_run() -> None:
    runs = [Market(rich(), "pull", 0), Market(rich(), "pull", 1), Market(rich(), "pull", 0, rng=12)]
    records = [market.run() for market in runs]
    for group in ("shares", "market", "buyers"):
        name = {"shares": "customers", "market": "churn", "buyers": "aspiration"}[group]
        assert len({getattr(record, group)[name].tobytes() for record in records}) == 3


def test_economies_share_their_buyers() -> None:
    """The same tastes, thresholds and opening sellers: the comparison is paired."""
    push, pull = Market(rich(), "push"), Market(rich(), "pull")
    for name in ("pull_threshold", "seller", "segment", "purchase_rate"):
        np.testing.assert_array_equal(push.state.buyers[name], pull.state.buyers[name])
    np.testing.assert_array_equal(push.state.pairs["taste"], pull.state.pairs["taste"])
    np.testing.assert_array_equal(push.neighbours, pull.neighbours)


@given(threads=st.integers(1, 3), chunk=st.one_of(st.none(), st.integers(1, 130)))
@settings(max_examples=15)
def test_threads_and_chunks_do_not_matter(threads: int, chunk: int | None) -> None:
    assert Market(rich(), "transition", threads=threads, chunk=chunk).run().same(Market(rich(), "transition").run())


def test_every_chunking_fills_the_same_columns() -> None:
    whole, parts = Market(rich(), "pull"), Market(rich(), "pull", threads=2, chunk=7)
    whole.run()
    parts.run()
    for group in ("buyers", "pairs", "sellers"):
        one, other = getattr(whole.state, group), getattr(parts.state, group)
        for name in one.dtype.names:
            assert one[name].tobytes() == other[name].tobytes(), (group, name)


@given(st.permutations(range(4)))
@settings(max_examples=8)
def test_the_order_of_the_sellers_does_not_matter(order: list[int]) -> None:
    words = market_words(**RICH)
    base = Market(Scenario(**words), "transition").run()
    turned = Scenario(**{**words, "sellers": [words["sellers"][position] for position in order]})
    other = Market(turned, "transition").run()
    assert other.sellers[:4] == tuple(base.sellers[position] for position in order)
    same_paths(base, other, base.sellers)
    assert ledger(base) == ledger(other)
    np.testing.assert_array_equal(other.opening_share[:4], base.opening_share[:4][order])


SILENT = {"name": "Nobody", "strategy": "innovator", "cash": 0.0, "launch": 0, "opening_self_service": 0.0}


@pytest.mark.parametrize("economy", ECONOMIES)
@pytest.mark.parametrize("name", ["Nobody", "Silence", "A Third"])
def test_a_silent_entrant_changes_nobody(economy: str, name: str) -> None:
    base = Market(rich(), economy).run()
    silent = {"at": 3, "enter": {**SILENT, "name": name}}
    other = Market(rich(events=[*RICH["events"], silent]), economy).run()
    same_paths(base, other, base.sellers)
    assert ledger(base) == ledger(other)
    assert other.shares["customers"][:, other.sellers.index(name)].sum() == 0
    assert other.contacts["inspections"][:, other.sellers.index(name)].sum() == 0


def test_a_seller_without_customers_or_money_changes_nobody() -> None:
    """The same from the opening on."""
    base = Market(small(), "pull").run()
    words = market_words()
    quiet = {**SILENT, "opening_share": 0.0}
    del quiet["launch"]
    shares = [{**seller, "opening_share": 0.25} for seller in words["sellers"]]
    other = Market(Scenario(**{**words, "sellers": [*shares, quiet]}), "pull").run()
    same_paths(base, other, base.sellers)


def test_an_entrant_disturbs_no_draw_of_the_others() -> None:
    """Paired experiment: before the entry the paths are identical, and so are the draws after it."""
    base = Market(small(), "pull")
    entered = Market(small(events=[ENTRY]), "pull")
    np.testing.assert_array_equal(incumbents(base), incumbents(entered))
    for name in ("Heritage", "Closers", "Allies", "Value"):
        np.testing.assert_array_equal(
            base.state.pairs["taste"][:, base.seller(name).place],
            entered.state.pairs["taste"][:, entered.seller(name).place],
        )
    one, other = base.run(), entered.run()
    at = ENTRY["at"]
    for name in SHARES:
        left, right = one.shares[name][:at], other.shares[name][:at, :4]
        assert np.array_equal(left, right, equal_nan=left.dtype.kind == "f"), name
    assert not np.array_equal(one.shares["customers"][at:], other.shares["customers"][at:, :4])


def test_a_new_name_is_only_new_draws() -> None:
    """Renaming a seller changes its tastes and luck, and no one else's."""
    words = market_words()
    renamed = [{**words["sellers"][0], "name": "Inheritance"}, *words["sellers"][1:]]
    base, other = Market(Scenario(**words)), Market(Scenario(**{**words, "sellers": renamed}))
    for name in ("pull_threshold", "segment"):
        np.testing.assert_array_equal(base.state.buyers[name], other.state.buyers[name])
    for old, new in (("Closers", "Closers"), ("Allies", "Allies"), ("Value", "Value")):
        np.testing.assert_array_equal(
            base.state.pairs["taste"][:, base.seller(old).place], other.state.pairs["taste"][:, other.seller(new).place]
        )
    assert not np.array_equal(
        base.state.pairs["taste"][:, base.seller("Heritage").place],
        other.state.pairs["taste"][:, other.seller("Inheritance").place],
    )
    columns = [
        name for name in base.state.sellers.dtype.names if name not in ("key", "customers", "volume", "human_service")
    ]
    old, new = base.seller("Heritage").place, other.seller("Inheritance").place
    for name in columns:
        np.testing.assert_array_equal(base.state.sellers[name][old], other.state.sellers[name][new], err_msg=name)


def test_rows_are_worked_through_in_any_order() -> None:
    """Within a tick nobody reads what another wrote in it: backwards gives the same bytes."""
    forwards = steps(Market(rich(), "transition", engine="agents"), 10)
    backwards = Market(rich(), "transition", engine="agents")
    rows = list(backwards.buyers)
    backwards.buyers = rows[::-1]
    steps(backwards, 10)
    for name in forwards.state.buyers.dtype.names:
        assert forwards.state.buyers[name].tobytes() == backwards.state.buyers[name].tobytes(), name
    for name in forwards.state.pairs.dtype.names:
        assert forwards.state.pairs[name].tobytes() == backwards.state.pairs[name].tobytes(), name
    assert forwards.record().same(backwards.record())
