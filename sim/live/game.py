"""Teams at play: each plays one seller, and decides before each round of months."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np

from sim.live.limits import Refused
from sim.live.player import Player
from sim.live.teams import Decision, Score, Team, template
from sim.scenario import EffortChange
from sim.strategies import Effort, catalogue

__all__ = ["Decision", "Game", "Phase", "Score", "Team"]

Phase = Literal["seats", "deciding", "playing", "over"]
DEAREST = 10.0  # what a team may ask [money/order]


class Game:
    """Rounds of months, with a decision of every team before each; in all sides of the stage alike.

    A seller that a team plays changes course only when the team says so. One whose team has not
    decided keeps its course.

    Parameters
    ----------
    player : Player
        Its stage is played on from where it stands.
    rounds, months : int
        Number of rounds, and length of one [months].
    changed : callable
        Called when anything but rows has changed.

    Attributes
    ----------
    phase : {"seats", "deciding", "playing", "over"}
    round : int
        The round that is decided on or played, from 1; 0 before the first.
    seats : dict from seller to Team or None
    started : int
        Month in which the game began [months].

    Raises
    ------
    Refused
        If so many months are not left.
    """

    def __init__(self, player: Player, rounds: int, months: int, changed: Callable[[], None]) -> None:
        stage = player.stage
        left = stage.horizon - stage.month
        if not (1 <= rounds <= 100 and 1 <= months <= 120):
            raise Refused("a game has 1 to 100 rounds of 1 to 120 months")
        if rounds * months > left:
            most = left // months
            some = f"at most {most} such rounds fit" if most else "no such round fits; go back to the start"
            raise Refused(f"{rounds} rounds of {months} months go beyond month {stage.horizon}; {some}")
        self._player, self._changed = player, changed
        self.rounds, self.months, self.started = rounds, months, stage.month
        self.phase: Phase = "seats"
        self.round = 0
        self.seats: dict[str, Team | None] = dict.fromkeys(self._trading())
        self._decisions: dict[str, Decision] = {}
        self._held: set[str] = set()  # sellers that change course only when told to

    def sit(self, browser: str, team: str, seller: str) -> Team:
        """Take a seat, or join the team that has it under the same name.

        Raises
        ------
        Refused
            If the seat is taken, the name is none or another team's, or the seats are closed.
        """
        name = self._player.stage.limits.text(team, "the name of a team")
        if self.phase == "over":
            raise Refused("the game is over")
        if seller not in self.seats:
            raise Refused(f"choose among {', '.join(self.seats)}")
        there = self.seats[seller]
        if there is not None and there.name != name:
            raise Refused(f"{seller} is played by {there.name}")
        if any(one is not None and one.name == name and one.seller != seller for one in self.seats.values()):
            raise Refused(f"another team is named {name}")
        self.rise(browser)
        seat = self.seats[seller] or Team(name, seller)  # rising may have emptied it
        if self.seats[seller] is None and self._teams() >= self._player.stage.limits.teams:
            raise Refused(f"a game has at most {self._player.stage.limits.teams} teams")
        self.seats[seller] = seat
        seat.browsers.add(browser)
        self._changed()
        return seat

    def rise(self, browser: str) -> None:
        """Leave the seat; one that nobody sits in any more is free, and its course stays as it is."""
        team = self.team_of(browser)
        if team is None:
            return
        team.browsers.discard(browser)
        if not team.browsers:
            self.seats[team.seller] = None
            self._decisions.pop(team.seller, None)
        self._changed()

    def team_of(self, browser: str) -> Team | None:
        """The team of a browser, if it has one."""
        return next((one for one in self.seats.values() if one is not None and browser in one.browsers), None)

    def seller_of(self, browser: str) -> str | None:
        """The seller that a browser plays, if it has a seat."""
        team = self.team_of(browser)
        return team.seller if team is not None else None

    async def open_round(self) -> None:
        """Ask for the first decisions; seats can still be taken.

        Raises
        ------
        Refused
            If nobody sits, or the game has begun.
        """
        if self.phase != "seats":
            raise Refused("the game has begun")
        if not self._teams():
            raise Refused("nobody has taken a seat yet")
        self.phase, self.round = "deciding", 1
        self._changed()

    def decide(
        self,
        browser: str,
        *,
        strategy: str | None = None,
        price: float | None = None,
        effort: Mapping[str, float] | None = None,
    ) -> Decision:
        """Decide for the coming round; until it is played, a later decision takes the place of an earlier one.

        Parameters
        ----------
        browser : str
            One of a team's.
        strategy : str, optional
            In the catalogue; another one than before brings its own price and effort, where none are given.
        price : float, optional
            [money/order]
        effort : mapping of str to float, optional
            Parts of the budget, at most 1 together [-].

        Raises
        ------
        Refused
            With one line for the team.
        """
        team = self.team_of(browser)
        if team is None:
            raise Refused("take a seat first")
        if self.phase != "deciding":
            raise Refused("the round is being played" if self.phase == "playing" else "this is not the time to decide")
        if team.seller not in self._trading():
            raise Refused(f"{team.seller} is out of the market")
        if strategy is not None and strategy not in catalogue():
            raise Refused(f"choose among {', '.join(catalogue())}")
        now = self.decision(team.seller)
        if strategy is not None and strategy != now.strategy:
            now = Decision(strategy, *template(strategy, now))
        if price is not None and not 0 <= price <= DEAREST:
            raise Refused(f"a price lies between 0 and {DEAREST:g}")
        parts = now.effort
        if effort:
            for name, part in effort.items():
                if name not in Effort.model_fields:
                    raise Refused(f"choose among {', '.join(Effort.model_fields)}")
                if isinstance(part, bool) or not isinstance(part, (int, float)) or not 0 <= part <= 1:
                    raise Refused(f"{name.replace('_', ' ')} lies between 0 and 1")
            if sum(effort.values()) > 1 + 1e-9:
                raise Refused(f"the parts add up to {sum(effort.values()):.3g} of the budget; at most 1")
            parts = EffortChange.model_validate(dict(effort)).over(Effort())
        decision = Decision(now.strategy, now.price if price is None else float(price), parts)
        self._decisions[team.seller] = decision
        self._changed()
        return decision

    def decision(self, seller: str) -> Decision:
        """The course for the coming round: as decided, or as it is."""
        decided = self._decisions.get(seller)
        if decided is not None:
            return decided
        strategy, plan = self._player.stage.course_of(seller)
        return Decision(strategy, plan.price, plan.effort)

    def decided(self, seller: str) -> bool:
        """Whether nothing is to be waited for: decided, nobody's seat, or out of the market."""
        return seller in self._decisions or self.seats.get(seller) is None or seller not in self._trading()

    @property
    def all_decided(self) -> bool:
        """Whether every team has decided."""
        return all(self.decided(seller) for seller in self.seats)

    async def play_round(self) -> None:
        """Let the decisions act, and play the months of the round; those who have not decided keep their course.

        Raises
        ------
        Refused
            If this is not the time, or somebody plays with the clock.
        """
        if self.phase != "deciding":
            raise Refused("the round is being played" if self.phase == "playing" else "there is no round to play")
        stage = self._player.stage
        end = self.started + self.round * self.months
        self._player.pause()
        self.phase = "playing"
        self._changed()
        try:
            trading = self._trading()
            if stage.month < end:  # else somebody has played on by hand
                for seller, team in self.seats.items():
                    if team is not None and seller in trading:
                        await self._act(seller)
            self._decisions.clear()
            await self._player.play_to(end)
        finally:
            reached = stage.month >= end
            self.phase = "deciding"
            if reached and self.round >= self.rounds:
                self.phase = "over"
            elif reached:
                self.round += 1
            self._changed()

    async def _act(self, seller: str) -> None:
        """Let a team's decision act: all of it at first, later what it changes."""
        stage, decided = self._player.stage, self._decisions.get(seller)
        if decided is None:
            if seller not in self._held:
                await stage.decide(seller)
        else:
            strategy, plan = stage.course_of(seller)
            known = seller in self._held and strategy == decided.strategy
            price = None if known and plan.price == decided.price else decided.price
            effort = None if known and plan.effort == decided.effort else decided.effort.model_dump()
            if not known or price is not None or effort is not None:
                await stage.decide(seller, strategy=decided.strategy, price=price, effort=effort)
        self._held.add(seller)

    def end(self) -> None:
        """End the game before its last round."""
        self.phase = "over"
        self._changed()

    def scores(self) -> list[Score]:
        """Where the sellers stand that were in the market or are played, the largest profit first."""
        stage = self._player.stage
        found = []
        rows = {side: stage.rows(side, self.started) for side in stage.sides}
        for place, seller in enumerate(stage.sellers):
            if self.seats.get(seller) is None and not any(row.alive[:, place].any() for row in rows.values()):
                continue
            sides = {
                side: (float(row.share[-1, place]) if len(row.share) else 0.0, float(row.profit[:, place].sum()))
                for side, row in rows.items()
            }
            share, profit = np.mean(list(sides.values()), axis=0)
            team = self.seats.get(seller)
            found.append(Score(seller, team.name if team else "", float(share), float(profit), sides))
        return sorted(found, key=lambda score: -score.profit)

    def _teams(self) -> int:
        return sum(team is not None for team in self.seats.values())

    def _trading(self) -> list[str]:
        """Sellers that are in the market on some side."""
        return self._player.stage.trading
