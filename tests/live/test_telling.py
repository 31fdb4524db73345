"""Sentences are what the numbers say."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sim.live.lane import Rows
from sim.live.telling import Teller, Told, joined
from sim.results.record import CAUSES

NAMES = ("Heritage", "Newcomer", "Allies")


def rows(share: np.ndarray, alive: np.ndarray | None = None, switches: np.ndarray | None = None) -> Rows:
    months, sellers = share.shape
    return Rows(
        0,
        share,
        np.zeros_like(share),
        np.zeros_like(share),
        np.ones(share.shape, bool) if alive is None else alive,
        np.zeros(months),
        np.zeros((months, len(CAUSES), sellers, sellers), int) if switches is None else switches,
    )


def told(told_rows: Rows, exits: dict[int, list[str]] | None = None) -> list[str]:
    months = len(told_rows.share)
    teller = Teller("pull", NAMES, exits)
    halves = (0, months // 2, months)
    found = [one for start, stop in pairwise(halves) for one in teller.follow(told_rows, start, stop)]
    assert [one.month for one in found] == sorted(one.month for one in found)
    return [one.text for one in found]


def falling(months: int = 40) -> np.ndarray:
    """Heritage falls from 60 %, the newcomer rises from 10 %, evenly."""
    step = np.linspace(0, 0.4, months)
    return np.stack([0.6 - step, 0.1 + step, np.full(months, 0.3)], axis=1)


def test_an_overtaking_is_told_once_with_the_reason_of_most() -> None:
    share = falling()
    switches = np.zeros((40, len(CAUSES), 3, 3), int)
    switches[:, CAUSES.index("disappointment"), 0, 1] = 5
    switches[:, CAUSES.index("routine research"), 0, 1] = 4
    switches[:, CAUSES.index("visit"), 0, 2] = 8
    month = int(np.argmax(share[:, 1] - share[:, 0] >= 0.005))
    found = told(rows(share, switches=switches))
    about = "most who left Heritage had looked around on their own"
    assert found.count(f"Newcomer overtook Heritage and leads in the pull economy in month {month}; {about}.") == 1
    assert sum("overtook Heritage" in one for one in found) == 2  # Allies too, before


def test_without_a_majority_no_reason_is_told() -> None:
    switches = np.zeros((40, len(CAUSES), 3, 3), int)
    switches[:, :, 0, 1] = 5
    found = told(rows(falling(), switches=switches))
    assert not any("most who left" in one for one in found)


def test_who_runs_level_is_not_told_each_month() -> None:
    share = np.full((60, 3), 1 / 3)
    share[::2, 0] += 0.004
    share[1::2, 1] += 0.004
    assert told(rows(share)) == ["At the end of the pull economy: Newcomer 34%, Heritage 33% and Allies 33%."]


def test_half_of_the_share() -> None:
    found = told(rows(falling(60)))
    start = falling(60)[:12, 0].mean()
    month = int(np.argmax(falling(60)[:, 0] <= start / 2))
    assert f"Heritage has lost half of its share in the pull economy by month {month}." in found


def test_who_comes_and_goes() -> None:
    alive = np.ones((20, 3), bool)
    alive[:5, 1] = False
    alive[9:, 2] = False
    alive[15:, 0] = False
    found = told(rows(np.full((20, 3), 0.3), alive), {15: ["Heritage"]})
    assert found[:3] == [
        "Newcomer enters in the pull economy in month 5.",
        "Allies runs out of cash and gives up in the pull economy in month 9.",
        "Heritage leaves the market in the pull economy in month 15.",
    ]


def test_a_new_majority_among_all_causes() -> None:
    switches = np.zeros((40, len(CAUSES), 3, 3), int)
    switches[:20, CAUSES.index("push message"), 0, 1] = 6
    switches[20:, CAUSES.index("word of mouth"), 0, 1] = 6
    found = told(rows(np.full((40, 3), 1 / 3), switches=switches))
    assert found[0] == "Most who now change sellers in the pull economy had heard from other buyers."
    assert len(found) == 2


def test_what_happens_alike_on_all_sides_is_said_once() -> None:
    both = [Told(5, side, f"Newcomer enters in the {side} economy in month 5.") for side in ("push", "pull")]
    one = Told(5, "pull", "Allies overtook Value in the pull economy in month 5.")
    later = Told(6, "pull", "Newcomer enters in the pull economy in month 6.")
    expected = [Told(5, "", "Newcomer enters in month 5."), one, later]
    assert joined([both[0], one, both[1], later], ("push", "pull")) == expected
    assert joined(both[:1], ("push",)) == both[:1]
