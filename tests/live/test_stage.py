"""The stage: what is played, changed, left and returned to is what the scenario with the log says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from markets import small

from sim.live.limits import Limits, Refused
from sim.live.stage import Stage
from sim.market import Market
from sim.scenario import Scenario


def on_stage(play: Callable[[Stage], Awaitable[Any]], *sides: str, limits: Limits | None = None, **more: Any) -> Any:
    """Play on a small stage, and close it."""

    async def played() -> Any:
        stage = Stage.of(small(**more), sides or ("push", "pull"), limits=limits)
        try:
            return await play(stage)
        finally:
            stage.close()

    return asyncio.run(played())


def replays(stage: Stage) -> bool:
    """Whether the exported YAML gives, side by side, the bytes that were played."""
    scenario = Scenario.from_text(stage.scenarios[0].to_yaml())
    return all(
        Market(scenario, side).run().same(record)
        for side, record in stage.records().items()
        if record.ticks == scenario.horizon
    )


async def busy(stage: Stage) -> None:
    """A run with every kind of lever."""
    await stage.steps(3)
    await stage.set("pull_share", 0.4, ["push"])
    await stage.set("behaviour.search_cost.pull", 0.3)
    await stage.set("behaviour.switching_cost", 1)
    await stage.set("word_of_mouth.rate", 0.2)
    await stage.set("sellers.Closers.price", 0.8)
    await stage.steps(2)
    await stage.set("sellers.Closers.effort.messages", 0.1)
    await stage.set("sellers.Heritage.stubbornness", 0.0)
    await stage.set("sellers.Allies.strategy", "transactional", ["pull"])
    await stage.enter("innovator", cash=1.5)
    await stage.steps(2)
    await stage.enter("hard-sell", "Second", sides=["push"])
    await stage.exit("Value", ["pull"])
    await stage.set("pull_share", {"kind": "logistic", "midpoint": 9, "width": 1}, ["pull"])


def test_what_was_played_is_what_the_scenario_with_the_log_gives() -> None:
    async def play(stage: Stage) -> None:
        await busy(stage)
        assert await stage.steps(100) == 14 - 7
        assert stage.over
        assert replays(stage)
        assert [entry.at for entry in stage.log] == sorted(entry.at for entry in stage.log)
        assert stage.sellers[4:] == ("Entrant", "Second")

    on_stage(play)


def test_rows_are_those_of_the_record() -> None:
    async def play(stage: Stage) -> None:
        await busy(stage)
        await stage.steps(100)
        for side, record in stage.records().items():
            rows = stage.rows(side)
            assert np.array_equal(rows.share, record.shares["share"])
            assert np.array_equal(rows.satisfaction, record.shares["satisfaction"], equal_nan=True)
            assert np.allclose(rows.profit * 120, record.shares["profit"], rtol=1e-12)
            assert np.array_equal(rows.alive, record.shares["alive"])
            assert rows.switches.sum() == record.switches["buyers"].sum()
            assert np.array_equal(rows.switches.sum(axis=(1, 2, 3)) / 120, record.market["churn"])
            late = stage.rows(side, 10)
            assert (late.start, len(late.share)) == (10, 4)
            assert np.array_equal(late.share, rows.share[10:])

    on_stage(play)


def test_going_back_and_on_is_having_gone_straight_on() -> None:
    async def play(stage: Stage) -> None:
        await busy(stage)
        await stage.steps(100)
        before = {side: stage.rows(side) for side in stage.sides}
        told, version = list(stage.told), stage.version
        for month in (9, 0, 5):
            await stage.rewind(month)
            assert (stage.month, stage.played, len(stage.log)) == (month, 14, 12)
            assert np.array_equal(stage.rows("pull").share, before["pull"].share[:month])
            assert stage.told == [one for one in told if one.month < month]
        assert stage.version > version
        await stage.rewind(12)  # forward again
        await stage.steps(100)
        assert replays(stage)
        assert stage.told == told
        assert not stage.branches
        for side in stage.sides:
            assert np.array_equal(stage.rows(side).share, before[side].share)

    on_stage(play)


def test_a_change_in_the_past_forks_and_the_branch_can_be_returned_to() -> None:
    async def play(stage: Stage) -> None:
        await busy(stage)
        await stage.steps(100)
        before = stage.rows("pull").share.copy()
        await stage.rewind(6)
        await stage.set("sellers.Heritage.price", 0.5)
        assert stage.played == 6
        assert all(entry.at <= 6 for entry in stage.log)
        await stage.steps(100)
        assert replays(stage)
        (branch,) = stage.branches
        assert (branch.forked_at, branch.played) == (6, 14)
        assert np.array_equal(branch.shares["pull"][:6], before[:6])
        after = stage.rows("pull").share.copy()
        await stage.switch(branch.number)
        assert stage.month == 14
        assert np.array_equal(stage.rows("pull").share, before)
        assert replays(stage)
        await stage.switch(stage.branches[-1].number)
        assert np.array_equal(stage.rows("pull").share, after)
        with pytest.raises(Refused, match="no such branch"):
            await stage.switch(999)

    on_stage(play)


def test_the_start_again() -> None:
    async def play(stage: Stage) -> None:
        await busy(stage)
        await stage.reset()
        assert (stage.month, stage.played, stage.log, len(stage.branches)) == (0, 0, [], 1)
        await stage.steps(100)
        assert Market(small(), "pull").run().same(stage.records()["pull"])

    on_stage(play)


def test_the_same_lever_in_the_same_month_is_one_entry() -> None:
    async def play(stage: Stage) -> None:
        await stage.steps(4)
        for share in (0.1, 0.5, 0.9):
            await stage.set("pull_share", share)
        await stage.set("pull_share", 0.2, ["pull"])
        assert [(entry.sides, entry.value) for entry in stage.log] == [(("push", "pull"), 0.9), (("pull",), 0.2)]
        levers = {side: {one.key: one.value for one in stage.levers(side)} for side in stage.sides}
        assert (levers["push"]["pull_share"], levers["pull"]["pull_share"]) == (0.9, 0.2)
        await stage.steps(1)
        after = {side: {one.key: one.value for one in stage.levers(side)} for side in stage.sides}
        assert after == levers

    on_stage(play)


def test_every_lever_that_is_offered_can_be_moved() -> None:
    async def play(stage: Stage) -> None:
        await stage.steps(2)
        for lever in stage.levers("pull"):
            await stage.set(lever.key, lever.choices[0] if lever.kind == "choice" else (lever.low + lever.high) / 20)
        now = {one.key: one for one in stage.levers("pull")}
        assert now["sellers.Allies.strategy"].value == now["sellers.Allies.strategy"].choices[0]
        await stage.steps(100)
        assert replays(stage)

    on_stage(play)


def test_a_course_that_is_decided_is_held() -> None:
    async def play(stage: Stage) -> None:
        await stage.steps(2)
        await stage.decide("Closers", strategy="collaborative", price=0.9, effort={"messages": 0.6})
        await stage.decide("Allies", price=0.95)
        await stage.steps(1)
        strategy, plan = stage.course_of("Closers")
        assert (strategy, plan.price, plan.effort.messages) == ("collaborative", 0.9, 0.6)
        assert plan.effort.human_service == pytest.approx(0.3 * 0.4 / 0.95)  # what is left, in proportion
        levers = {one.key: one.value for one in stage.levers("pull")}
        assert levers["sellers.Closers.stubbornness"] == levers["sellers.Allies.stubbornness"] == 1
        await stage.decide("Closers", strategy="collaborative")  # the same once more leaves all as it is
        assert stage.course_of("Closers") == (strategy, plan)
        with pytest.raises(Refused, match=r"adds up to 1\.2 of the budget"):
            await stage.decide("Closers", strategy="hard-sell", effort={"messages": 0.6, "training": 0.6})
        with pytest.raises(Refused, match="is not a strategy"):
            await stage.decide("Closers", strategy="nothing", effort={"messages": 0.6})
        await stage.steps(100)
        assert replays(stage)

    on_stage(play)


def test_variants_and_one_economy_twice() -> None:
    async def twice(stage: Stage) -> None:
        assert stage.sides == ("pull", "pull 2")
        await stage.steps(3)
        assert np.array_equal(stage.rows("pull").share, stage.rows("pull 2").share)
        await stage.set("sellers.Closers.price", 0.5, ["pull 2"])
        await stage.steps(100)
        assert not np.array_equal(stage.rows("pull").share, stage.rows("pull 2").share)
        assert replays(stage)

    on_stage(twice, "pull", "pull")

    async def variants() -> None:
        other = small(events=[{"at": 3, "enter": {"name": "Newcomer", "strategy": "innovator"}}])
        stage = Stage.beside({"without": (small(), "pull"), "with": (other, "pull")})
        await stage.steps(100)
        assert stage.sellers[-1] == "Newcomer"
        assert not stage.rows("without").alive[:, -1].any()
        assert stage.rows("with").share[-1, -1] > 0
        assert stage.rows("without").switches.shape == stage.rows("with").switches.shape
        for scenario in stage.scenarios:
            side = next(iter(scenario.economies))
            assert Market(scenario, side).run().same(stage.records()[side])
        stage.close()

    asyncio.run(variants())


def test_an_entrant_where_tastes_stand_seller_by_seller() -> None:
    table = {"Heritage": 0.4, "Closers": 0.8, "Allies": 0.6, "Value": 0.6}

    async def play(stage: Stage) -> None:
        await stage.steps(2)
        await stage.enter()
        assert stage.scenarios[0].buyers.taste.shape["Entrant"] == pytest.approx(0.6)
        await stage.steps(100)
        assert replays(stage)

    on_stage(play, buyers={"taste": {"kind": "loggamma", "shape": table}})


def test_calls_at_once_follow_one_another() -> None:
    async def play(stage: Stage) -> None:
        await asyncio.gather(stage.steps(3), stage.set("pull_share", 0.5), stage.steps(3), stage.rewind(2))
        assert (stage.month, stage.played, stage.log[0].at) == (2, 6, 3)

    on_stage(play)


def test_what_nobody_waits_for_any_more_is_still_whole() -> None:
    async def play(stage: Stage) -> None:
        task = asyncio.ensure_future(stage.steps(10))
        await asyncio.sleep(0.001)
        task.cancel()
        await stage.steps(2)
        assert stage.month == 12
        await stage.steps(100)
        assert replays(stage)

    on_stage(play)


@pytest.mark.parametrize(
    ("deed", "message"),
    [
        (lambda stage: stage.set("pull_share", 2), "must be a number between 0 and 1"),
        (lambda stage: stage.set("pull_shore", 1), "no lever 'pull_shore'; did you mean 'pull_share'"),
        (lambda stage: stage.set("pull_share", 1, ["nowhere"]), "choose among push, pull"),
        (lambda stage: stage.set("pull_share", 1, []), "choose among push, pull"),
        (lambda stage: stage.set("behaviour.search_cost.pull", float("nan")), "not NaN"),
        (lambda stage: stage.set("sellers.Nobody.price", 1), "no lever"),
        (lambda stage: stage.set("sellers.Allies.price", "cheap"), "must be a number of at least 0"),
        (lambda stage: stage.set("sellers.Allies.strategy", "hardsell"), "did you mean 'hard-sell'"),
        (lambda stage: stage.set("sellers.Allies.cash", 1), "no lever"),
        (lambda stage: stage.enter(name="Allies"), "another seller is named 'Allies' already"),
        (lambda stage: stage.enter(name="=1+1"), "begins with a letter or a digit"),
        (lambda stage: stage.enter(name="x" * 25), "at most 24 characters"),
        (lambda stage: stage.enter(name="  "), "cannot be empty"),
        (lambda stage: stage.enter(cash=float("inf")), "not infinity"),
        (lambda stage: stage.enter("nothing"), "is not a strategy"),
        (lambda stage: stage.exit("Nobody"), "there is no seller 'Nobody'"),
        (lambda stage: stage.rewind(7), "month 7 has not been played; 4 have"),
        (lambda stage: stage.rewind(-1), "month -1 has not been played"),
    ],
)
def test_what_is_refused_changes_nothing(deed: Callable[[Stage], Awaitable[Any]], message: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.steps(4)
        with pytest.raises(Refused) as refused:
            await deed(stage)
        assert message in str(refused.value)
        assert "\n" not in str(refused.value)
        assert (stage.month, stage.log, stage.branches) == (4, [], [])
        await stage.steps(100)
        assert Market(small(), "push").run().same(stage.records()["push"])

    on_stage(play)


def test_limits_are_told() -> None:
    with pytest.raises(Refused, match="has 120 buyers; here at most 100"):
        on_stage(lambda stage: stage.steps(1), limits=Limits(buyers=100))
    with pytest.raises(Refused, match="14 months; here at most 10"):
        on_stage(lambda stage: stage.steps(1), limits=Limits(horizon=10))
    with pytest.raises(Refused, match="side by side stand 1 to 1 economies, not 2"):
        on_stage(lambda stage: stage.steps(1), limits=Limits(sides=1))
    with pytest.raises(Refused, match="'nowhere' is not an economy of small"):
        on_stage(lambda stage: stage.steps(1), "nowhere")

    async def many(stage: Stage) -> None:
        await stage.steps(2)
        await stage.enter()
        with pytest.raises(Refused, match="6 sellers, entrants counted; here at most 5"):
            await stage.enter()
        await stage.set("pull_share", 0.5)
        with pytest.raises(Refused, match="at most 2 interventions"):
            await stage.set("word_of_mouth.rate", 0.5)
        await stage.set("pull_share", 0.6)  # in the place of another
        await stage.steps(100)
        with pytest.raises(Refused, match="the last month has been played"):
            await stage.set("pull_share", 0.5)

    on_stage(many, limits=Limits(sellers=5, interventions=2))


def test_only_so_many_branches_are_kept() -> None:
    async def play(stage: Stage) -> None:
        for price in (0.5, 0.6, 0.7, 0.8):
            await stage.steps(2)
            await stage.rewind(1)
            await stage.set("sellers.Allies.price", price)
        assert [branch.number for branch in stage.branches] == [3, 4]

    on_stage(play, limits=Limits(branches=2))


def test_a_closed_stage_plays_no_more() -> None:
    async def play() -> None:
        stage = Stage.of(small())
        task = asyncio.ensure_future(stage.steps(14))
        await asyncio.sleep(0)
        stage.close()
        with pytest.raises(Refused, match="closed"):
            await stage.steps(1)
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(play())
