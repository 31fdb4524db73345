"""The store of replications: keys, shards, and shards that are damaged."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from records import a_record, a_scenario

from sim.results import scores
from sim.studies.measuring import (
    OF_ENTRANTS,
    OF_MARKET,
    OF_OPENERS,
    OF_SELLERS,
    Kept,
    known_measures,
    measures_of,
    paths_of,
)
from sim.studies.measuring import _kept as kept_of
from sim.studies.store import STALE, Key, Store, digest_of


def rows(numbers: range, *, scenario: str = "aa", paths: bool = False) -> list[tuple[Key, Kept]]:
    return [
        (Key(scenario, n), Kept('[["", "hhi"]]', np.array([n / 7]), b"path %d" % n if paths else None)) for n in numbers
    ]


def test_names_economies_and_replications_have_no_part_in_a_key() -> None:
    one = a_scenario()
    other = a_scenario(name="other", description="a question", replications=9, economies={"pull": {"pull_share": 1.0}})
    assert digest_of(one, ["pull"]) == digest_of(other, ["pull"])
    again = a_scenario(economies={"renamed": {"pull_share": 1.0}})
    assert digest_of(again, ["renamed"])["renamed"] == digest_of(one, ["pull"])["pull"]


@pytest.mark.parametrize(
    "terms",
    [
        {"seed": 8},
        {"horizon": 25},
        {"buyers": {"count": 201}},
        {"economies": {"pull": {"pull_share": 0.9}}},
        {"events": []},
        {"behaviour": {"search_cost": {"push": 0.5, "pull": 0.06}}},
    ],
)
def test_whatever_changes_the_market_changes_the_key(terms: dict[str, Any]) -> None:
    assert digest_of(a_scenario(**terms), ["pull"]) != digest_of(a_scenario(), ["pull"])


def test_what_is_added_is_found_once_and_bit_for_bit(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(rows(range(3)))
    store.add(rows(range(2, 5)))  # as two processes at the same time would
    store.add([])
    assert store.present(["aa"], paths=False) == {Key("aa", n) for n in range(5)}
    assert store.present(["bb"], paths=False) == set()
    wanted = {Key("aa", n): None for n in (1, 2, 4, 9)}
    found = dict(store.scan(wanted, paths=False))
    assert set(found) == {Key("aa", 1), Key("aa", 2), Key("aa", 4)}
    assert found[Key("aa", 4)].values.tobytes() == np.array([4 / 7]).tobytes()
    assert len(list(store.scan(wanted, paths=False))) == 3


def test_paths_are_asked_for_apart(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(rows(range(2)))
    store.add(rows(range(1, 3), paths=True))
    assert store.present(["aa"], paths=True) == {Key("aa", 1), Key("aa", 2)}
    assert store.present(["aa"], paths=False) == {Key("aa", n) for n in range(3)}
    found = dict(store.scan({Key("aa", n): None for n in range(3)}, paths=True))
    assert {key.replication: kept.paths for key, kept in found.items()} == {1: b"path 1", 2: b"path 2"}


def test_a_damaged_shard_is_set_aside_and_the_rest_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(rows(range(3)))
    (whole,) = store.folder.glob("*.parquet")
    cut = store.folder / "0000.parquet"
    cut.write_bytes(whole.read_bytes()[:-40])
    with pytest.warns(UserWarning, match="cannot be read and is computed anew"):
        assert store.present(["aa"], paths=False) == {Key("aa", n) for n in range(3)}
    assert not cut.exists()


def test_half_a_shard_is_never_read_and_goes_when_it_is_old(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(rows(range(1)))
    old, new = store.folder / ".aa.parquet-1", store.folder / ".bb.parquet-2"
    for file in (old, new):
        file.write_bytes(b"half")
    past = time.time() - 2 * STALE
    os.utime(old, (past, past))
    assert store.present(["aa"], paths=False) == {Key("aa", 0)}
    store.clean()
    assert not old.exists()
    assert new.exists()  # another process may be writing it


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.add(rows(range(3)))
    assert list(store.folder.iterdir()) == []


def test_the_lists_of_measures_are_those_that_a_replication_has() -> None:
    found = set(scores(a_record(), a_scenario()))
    sellers = {"Heritage": OF_SELLERS + OF_OPENERS, "Closers": OF_SELLERS + OF_OPENERS}
    expected = {(seller, name) for seller, names in sellers.items() for name in names}
    expected |= {("Newcomer", name) for name in OF_SELLERS + OF_ENTRANTS}
    expected |= {("Newcomer", f"time_to_overtake.{rival}") for rival in sellers}
    expected |= {("", name) for name in OF_MARKET}
    assert found == expected
    known = known_measures([a_scenario()])
    assert {figure for figures in known.values() for figure in figures} == expected


def test_names_of_measures_stand_for_figures() -> None:
    scenario = [a_scenario()]
    assert measures_of(["final_share.Heritage"], scenario) == [("Heritage", "final_share")]
    assert measures_of(["half_life"], scenario) == [("Heritage", "half_life"), ("Closers", "half_life")]
    assert measures_of(["churn", "churn.Closers"], scenario) == [("", "churn"), ("Closers", "churn")]
    overtaken = measures_of(["time_to_overtake.Heritage.Newcomer"], scenario)
    assert overtaken == [("Newcomer", "time_to_overtake.Heritage")]
    with pytest.raises(ValueError, match="names no seller that has half_life"):
        measures_of(["half_life.Newcomer"], scenario)


def test_what_is_kept_of_a_replication_is_all_of_its_figures_and_its_ledger() -> None:
    record, scenario = a_record(), a_scenario()
    kept = kept_of(record, scenario, with_paths=True)
    np.testing.assert_array_equal(kept.values, list(scores(record, scenario).values()))
    assert kept.paths is not None
    paths = paths_of(kept.paths)
    assert paths["share"].tobytes() == record.shares["share"].tobytes()
    assert list(paths["sellers"]) == list(record.sellers)
    ledger = record.switches
    assert paths["moves"].sum() == ledger["buyers"].sum()
    away = ledger["buyers"][(ledger["from_seller"] == 1) & (ledger["cause"] == 3)].sum()
    assert paths["moves"][1, :, 3].sum() == away
