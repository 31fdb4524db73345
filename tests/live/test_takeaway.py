"""What is carried home, and the same run many times over."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import numpy as np
import pytest
from markets import small

from sim.live import again, takeaway
from sim.live.again import play_again
from sim.live.limits import Limits, Refused
from sim.live.stage import Stage
from sim.market import Market
from sim.runner import Unit
from sim.scenario import Scenario


class Here:
    """An executor that does at once, in this process, what it is given: processes are slow to start."""

    _max_workers = 1

    def submit(self, work: Any, *arguments: Any) -> Any:
        from concurrent.futures import Future

        future: Any = Future()
        future.set_result(work(*arguments))
        return future


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "_executor", Here)


def played(play: Any, limits: Limits | None = None, **more: Any) -> Any:
    async def run() -> Any:
        stage = Stage.of(small(**more), ("push", "pull"), limits=limits)
        await stage.steps(4)
        await stage.set("sellers.Closers.price", 0.7, ["pull"])
        await stage.enter()
        await stage.steps(4)
        try:
            return await play(stage)
        finally:
            stage.close()

    return asyncio.run(run())


def test_bands_are_quantiles_of_replications_of_what_is_played() -> None:
    told: list[int] = []

    async def play(stage: Stage) -> None:
        bands = await play_again(stage, 6, told.append)
        assert told == [1, 2, 3, 4, 5, 6]
        assert (bands.runs, bands.sellers) == (6, stage.sellers)
        scenario = stage.scenarios[0]
        for side in stage.sides:
            records = [Market(scenario, side, number).run() for number in range(6)]
            shares = np.stack([one.shares["share"] for one in records])
            assert np.allclose(bands.middle[side], np.median(shares, axis=0), atol=1e-6)
            assert (bands.low[side] <= bands.middle[side]).all()
            assert (bands.middle[side] <= bands.high[side]).all()
            assert np.allclose(bands.high[side], np.quantile(shares, 0.95, axis=0), atol=1e-6)
            content = bands.of("satisfaction")[side]
            assert np.isnan(content.middle[:4, 4]).all()  # before the entrant came
            profits = np.stack([one.shares["profit"] for one in records]) / 120
            assert np.allclose(bands.of("profit")[side].low, np.quantile(profits, 0.05, axis=0), atol=1e-6)

    played(play)


def test_runs_again_have_limits_and_tell_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    async def many(stage: Stage) -> None:
        for runs in (1, 21):
            with pytest.raises(Refused, match=f"between 2 and 20 runs, not {runs}"):
                await play_again(stage, runs)

    played(many, Limits(runs=20))

    def fails(unit: Unit, engine: str, threads: int) -> None:
        raise RuntimeError("no luck")

    async def failing(stage: Stage) -> None:
        monkeypatch.setattr(again, "measured", fails)
        with pytest.raises(Refused, match="a run failed: RuntimeError: no luck"):
            await play_again(stage, 4)

    played(failing)


def test_runs_again_can_be_stopped() -> None:
    done: list[int] = []

    async def play(stage: Stage) -> None:
        task = asyncio.ensure_future(play_again(stage, 150, done.append))
        while not done:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        seen = len(done)
        await asyncio.sleep(0.1)
        assert len(done) == seen < 150

    played(play)


def test_the_table_is_what_was_shown() -> None:
    async def play(stage: Stage) -> None:
        lines = list(csv.DictReader(io.StringIO((await takeaway.table(stage)).decode("utf-8"))))
        assert len(lines) == 2 * 8 * 5
        rows = stage.rows("pull")
        line = next(one for one in lines if (one["economy"], one["month"], one["seller"]) == ("pull", "7", "Closers"))
        assert float(line["share"]) == rows.share[7, 1]
        assert float(line["profit"]) == rows.profit[7, 1]
        assert int(line["left"]) == rows.switches[7, :, 1].sum()
        assert int(line["came"]) == rows.switches[7, :, :, 1].sum()
        early = next(one for one in lines if (one["month"], one["seller"]) == ("2", "Entrant"))
        assert (early["satisfaction"], early["in_market"]) == ("", "0")

    played(play)


def test_the_scenario_replays() -> None:
    async def play(stage: Stage) -> None:
        text = takeaway.scenario_text(stage)
        await stage.steps(100)
        scenario = Scenario.from_text(text)
        for side, record in stage.records().items():
            assert Market(scenario, side).run().same(record)
        assert takeaway.file_name(stage, "yaml") == "small-month-14.yaml"

    played(play)


def test_two_scenarios_are_two_files() -> None:
    async def play() -> None:
        other = small(name="other", seed=12)
        stage = Stage.beside({"left": (small(), "pull"), "right": (other, "push")})
        await stage.steps(100)
        assert takeaway.parts(stage) == ["left", "right"]
        names = [takeaway.file_name(stage, "yaml", side) for side in takeaway.parts(stage)]
        assert names == ["left-month-14.yaml", "right-month-14.yaml"]
        for side, record in stage.records().items():
            assert Market(Scenario.from_text(takeaway.scenario_text(stage, side)), side).run().same(record)
        stage.close()

    asyncio.run(play())


def test_the_report_is_of_the_months_that_are_shown() -> None:
    async def play(stage: Stage) -> None:
        page = (await takeaway.report(stage)).decode("utf-8")
        assert page.lower().startswith("<!doctype html>")
        assert "8\xa0months" in page or "8 months" in page
        assert "Closers: price 0.7" in page
        await stage.rewind(0)
        with pytest.raises(Refused, match="nothing has been played"):
            await takeaway.report(stage)

    table = {"Heritage": 0.4, "Closers": 0.8, "Allies": 0.6, "Value": 0.6, "Late": 0.5}
    late = [{"at": 12, "enter": {"name": "Late", "strategy": "innovator"}}]
    played(play, buyers={"taste": {"kind": "loggamma", "shape": table}}, events=late)
