"""Teams decide, rounds are played, and what the teams did replays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from markets import small

from sim.live.game import Game
from sim.live.limits import Limits, Refused
from sim.live.player import FASTEST, Player
from sim.live.stage import Stage
from sim.market import Market
from sim.scenario import Scenario
from sim.strategies.adaptation import COLLABORATION

LATE: dict[str, Any] = {"at": 12, "enter": {"name": "Late", "strategy": "innovator"}}


def with_game(
    play: Callable[[Game, Player], Awaitable[Any]], rounds: int = 2, months: int = 5, limits: Limits | None = None
) -> None:
    async def played() -> None:
        player = Player(Stage.of(small(events=[LATE]), ("push", "pull"), limits=limits), frames=200)
        player.speed = FASTEST
        try:
            await asyncio.wait_for(play(Game(player, rounds, months, lambda: None), player), 20)
        finally:
            await player.close()

    asyncio.run(played())


def test_a_game() -> None:
    async def play(game: Game, player: Player) -> None:
        game.sit("a", "Reds", "Heritage")
        game.sit("b", "Reds", "Heritage")
        game.sit("c", "Blues", "Closers")
        assert game.seller_of("b") == "Heritage"
        await game.open_round()
        assert (game.phase, game.round, game.all_decided) == ("deciding", 1, False)
        first = game.decide("a", strategy="collaborative", price=0.9)
        assert first.effort == COLLABORATION  # another strategy brings its own effort
        last = game.decide("b", price=0.7, effort={"messages": 0.2, "human_service": 0.5})
        assert (last.strategy, last.price, last.effort.messages, last.effort.training) == ("collaborative", 0.7, 0.2, 0)
        assert game.decided("Heritage")
        await game.play_round()
        assert (player.stage.month, game.round, game.phase) == (5, 2, "deciding")
        record = player.stage.records()["push"]
        assert record.contacts["price"][:, 0].tolist() == [0.7] * 5
        assert record.contacts["effort_messages"][-1, 0] == 0.2
        # nobody's decision is taken along into the next round, but the course is
        assert not game.decided("Heritage")
        assert game.decision("Heritage") == last
        game.decide("a")  # as it is
        game.decide("c", price=0.85)
        entries = len(player.stage.log)
        await game.play_round()
        assert [entry.text for entry in player.stage.log[entries:]] == ["Closers: price 0.85, stubbornness 1"]
        assert (game.phase, player.stage.month) == ("over", 10)
        with pytest.raises(Refused, match="no round to play"):
            await game.play_round()
        scores = {score.seller: score for score in game.scores()}
        assert "Late" not in scores  # who has not come has no score
        assert (scores["Heritage"].team, scores["Allies"].team) == ("Reds", "")
        rows = player.stage.rows("pull")
        assert scores["Allies"].sides["pull"] == (rows.share[-1, 2], pytest.approx(rows.profit[:, 2].sum()))
        assert [one.profit for one in game.scores()] == sorted((one.profit for one in scores.values()), reverse=True)
        # a seller that a team plays changes course only when told to
        levers = {one.key: one.value for one in player.stage.levers("push")}
        assert levers["sellers.Closers.stubbornness"] == 1
        await player.stage.steps(100)
        scenario = Scenario.from_text(player.stage.scenarios[0].to_yaml())
        for side, played in player.stage.records().items():
            assert Market(scenario, side).run().same(played)

    with_game(play)


def test_seats() -> None:
    async def play(game: Game, player: Player) -> None:
        with pytest.raises(Refused, match="nobody has taken a seat"):
            await game.open_round()
        game.sit("a", "Reds", "Heritage")
        for team, seller, message in (
            ("Blues", "Heritage", "Heritage is played by Reds"),
            ("Reds", "Allies", "another team is named Reds"),
            ("Blues", "Nobody", "choose among Heritage"),
            (" ", "Allies", "cannot be empty"),
        ):
            with pytest.raises(Refused, match=message):
                game.sit("b", team, seller)
        game.sit("b", "Blues", "Allies")
        with pytest.raises(Refused, match="at most 2 teams"):
            game.sit("c", "Greens", "Value")
        game.sit("b", "Blue", "Value")  # moves over
        assert game.seats["Allies"] is None
        game.rise("a")
        assert game.seats["Heritage"] is None
        await game.open_round()
        with pytest.raises(Refused, match="the game has begun"):
            await game.open_round()

    with_game(play, limits=Limits(teams=2))


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"price": -1.0}, "a price lies between 0 and 10"),
        ({"price": float("nan")}, "a price lies between 0 and 10"),
        ({"strategy": "nothing"}, "choose among relationship-reliant"),
        ({"effort": {"messages": 1.2}}, "messages lies between 0 and 1"),
        ({"effort": {"messages": "much"}}, "messages lies between 0 and 1"),
        ({"effort": {"bribes": 0.2}}, "choose among visits_to_customers"),
        ({"effort": {"messages": 0.6, "training": 0.6}}, "add up to 1.2 of the budget"),
    ],
)
def test_a_decision_that_cannot_be(terms: dict[str, Any], message: str) -> None:
    async def play(game: Game, player: Player) -> None:
        with pytest.raises(Refused, match="take a seat first"):
            game.decide("a")
        game.sit("a", "Reds", "Heritage")
        with pytest.raises(Refused, match="not the time"):
            game.decide("a")
        await game.open_round()
        with pytest.raises(Refused, match=message):
            game.decide("a", **terms)
        assert not game.decided("Heritage")

    with_game(play)


def test_a_game_must_fit_into_the_months_that_are_left() -> None:
    async def nothing(game: Game, player: Player) -> None: ...

    with pytest.raises(Refused, match="go beyond month 14; at most 2 such rounds fit"):
        with_game(nothing, rounds=3, months=6)
    with pytest.raises(Refused, match="1 to 100 rounds"):
        with_game(nothing, rounds=0)


def test_a_round_that_is_interrupted_is_played_to_its_end_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(game: Game, player: Player) -> None:
        async def pauses(month: int) -> None:
            with pytest.raises(Refused, match="being played"):
                game.decide("a")
            await player.stage.steps(2)

        game.sit("a", "Reds", "Heritage")
        await game.open_round()
        with monkeypatch.context() as patch:
            patch.setattr(player, "play_to", pauses)
            await game.play_round()
        assert (game.phase, game.round, player.stage.month) == ("deciding", 1, 2)
        await game.play_round()
        assert (game.round, player.stage.month) == (2, 5)

    with_game(play)
