"""Columns: each declared once, with its unit and meaning, and laid out as declared."""

from __future__ import annotations

import numpy as np
import pytest

from sim import columns
from sim.columns import CAUSES, EFFORTS, Buyers, Notes, Pairs, Places, Sellers, SellerTally, Terms, allocate, columns_of
from sim.strategies import Effort

GROUPS = (Buyers, Pairs, Sellers, Terms, SellerTally, Places, Notes)


@pytest.mark.parametrize("group", GROUPS)
def test_every_column_says_what_it_is(group: type) -> None:
    declared = columns_of(group)
    assert declared
    for name, column in declared.items():
        assert name.isidentifier()
        assert column.unit
        assert len(column.meaning) >= 4
        assert np.dtype(column.dtype)


@pytest.mark.parametrize("group", GROUPS)
def test_columns_are_laid_out_as_declared(group: type) -> None:
    array = allocate(group, 3, 2)
    assert array.shape == (3, 2)
    assert list(array.dtype.names or ()) == list(columns_of(group))
    for name, column in columns_of(group).items():
        assert array[name].dtype == np.dtype(column.dtype).base
        assert not array[name].any()
    assert array.dtype.isalignedstruct


def test_a_buyer_and_a_pair_take_little_room() -> None:
    """Per million buyers and five sellers 144 MB."""
    assert allocate(Buyers, 1).nbytes == columns.CACHE_LINE
    assert allocate(Pairs, 1, 1).nbytes == 16


def test_codes_are_places() -> None:
    assert [CAUSES[code] for code in (columns.PUSH_MESSAGE, columns.VISIT, columns.WORD_OF_MOUTH)] == [
        "push message",
        "visit",
        "word of mouth",
    ]
    assert [CAUSES[code] for code in (columns.DISAPPOINTMENT, columns.ROUTINE_RESEARCH, columns.SELLER_GONE)] == [
        "disappointment",
        "routine research",
        "seller gone",
    ]
    assert tuple(Effort.model_fields) == EFFORTS
    # an open episode is its cause + 1, and the mark of a met contact is a bit beyond
    assert len(CAUSES) < columns.MET
    assert columns.MET & (columns.MET - 1) == 0


def test_a_set_of_sellers_fits_its_bits() -> None:
    assert columns.MAX_SELLERS == 64
    assert columns_of(Buyers)["known"].dtype == columns_of(Buyers)["visited"].dtype == "uint64"
    assert np.iinfo(columns_of(Buyers)["seller"].dtype).max >= columns.MAX_SELLERS - 1


def test_a_tally_is_empty_and_of_integers() -> None:
    tally = columns.allocate_tally(5)
    assert tally.switches.shape == (len(CAUSES), 5, 5)
    assert tally.sellers.shape == (5,)
    assert tally.totals.shape == (columns.TOTALS,)
    for counts in (tally.switches, tally.totals, *(tally.sellers[name] for name in columns_of(SellerTally))):
        assert counts.dtype == np.int64  # sums of integers do not depend on their order
        assert not counts.any()


def test_totals_have_places_of_their_own() -> None:
    names = [
        "PULL_BUYERS", "RESEARCHED", "BUYER_INITIATED", "SELLER_INITIATED", "SURPLUS", "LOGSUM", "ORDERED",
        "BELIEF_ERROR", "BELIEF_VARIANCE", "BELIEFS", "ASPIRATION", "PATIENCE", "HOMEWORK", "HOMEWORKS",
        "DECIDED_BEFORE_CONTACT", "SWITCHES", "CONSIDERED", "CHOICES",
    ]  # fmt: skip
    assert sorted(getattr(columns, name) for name in names) == list(range(columns.TOTALS))
