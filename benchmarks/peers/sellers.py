"""A seller of the peers: plan, books and stocks (model A3, A5, A11, A17). A handful a market, so plain Python."""

from __future__ import annotations

import math
from typing import Any

from benchmarks.peers.setting import Setting
from sim.strategies import Collaborative

VISITS, PROSPECTS, MESSAGES, HUMAN, SELF, TRAINING = range(6)
COLLABORATIVE = Collaborative().effort.shares
REVIEW, STEP, TOLERANCE, LOOKBACK = 6, 0.3, 0.1, 24


class Seller:
    """One seller, from before its entry to after its exit.

    Parameters
    ----------
    entry : sim.scenario.sellers.Seller
        Settled.
    place : int
        Its column.
    setting : Setting
    entered : int
        Tick of entry; 0 for an incumbent [ticks].
    """

    def __init__(self, entry: Any, place: int, setting: Setting, entered: int) -> None:
        self.entry, self.place, self.name = entry, place, entry.name
        self.terms, self.market = setting.selling, setting.buyers
        self.entered = entered
        self.launch_until = entered + entry.launch if entered else 0
        self.effort = list(entry.effort.shares)
        self.price, self.unit_cost, self.quality = entry.price, entry.unit_cost, entry.quality
        self.overclaim, self.skill = entry.overclaim, entry.opening_skill
        self.self_service = entry.opening_self_service or 0.0
        self.human_service = 0.0
        self.cash = entry.cash * self.market
        self.alive = self.trading = False
        self.customers = 0
        self.budget = 0.0
        self.in_red = 0
        self.visit_customers = self.visit_prospects = self.message = 0.0
        self.shares: list[float] = []
        self.smoothed = 0.0

    @property
    def margin(self) -> float:
        """[money/order]"""
        return self.price - self.unit_cost

    def open(self) -> None:
        """An incumbent's service stocks under its opening budget."""
        self.alive = True
        self.customers = round(self.entry.opening_share * self.market)
        self.budget = self.terms.budget_share * self.margin * self.entry.opening_share * self.market
        if self.entry.opening_self_service is None:
            self.self_service = self._self_service_target()
        self.serve()

    def note_share(self) -> None:
        """Take down the share of the opening or of a tick that has ended."""
        share = self.customers / self.market
        self.smoothed = 0.8 * self.smoothed + 0.2 * share if self.shares else share
        self.shares.append(share)

    def begin_tick(self, tick: int) -> None:
        """Plan, budget, and the probabilities of contact (A13, steps 0 to 2)."""
        if tick == self.entered:
            self.alive = True
        self.visit_customers = self.visit_prospects = self.message = 0.0
        if not self.alive:
            self.trading = False
            self.budget = 0.0
            return
        if tick > self.entered and tick % REVIEW == 0:
            self._review(tick)
        terms = self.terms
        target = terms.budget_share * self.margin * self.customers
        floor = 0.0
        if tick < self.launch_until and self.cash > 0:
            floor = terms.budget_share * self.margin * terms.launch_share * self.market
        wanted = max(target, floor)
        if tick == self.entered:
            self.budget = wanted
        else:
            self.budget = max(self.budget + terms.budget_rate * (wanted - self.budget), floor)
        self.trading = self.budget > 0 or self.customers > 0
        prospects = self.market - self.customers
        visits = terms.visit_cost
        self.visit_customers = min(1.0, self.budget * self.effort[VISITS] / (visits * max(self.customers, 1)))
        self.visit_prospects = min(1.0, self.budget * self.effort[PROSPECTS] / (visits * max(prospects, 1)))
        self.message = 1 - math.exp(-self.budget * self.effort[MESSAGES] / (terms.message_cost * self.market))
        if tick == self.entered:
            self.serve()  # buyers listen before anybody has been served

    def _review(self, tick: int) -> None:
        """Move towards the collaborative template when the share has fallen (A11, A17.14)."""
        step = STEP * (1 - self.entry.stubbornness)
        past = self.shares[max(1, tick - LOOKBACK)]
        if self.smoothed < past * (1 - TOLERANCE):
            self.effort = [
                mine + step * (theirs - mine) for mine, theirs in zip(self.effort, COLLABORATIVE, strict=True)
            ]
            self.overclaim *= 1 - step

    def serve(self) -> None:
        """Human service, shared by the customers."""
        spending = self.budget * self.effort[HUMAN] / max(self.customers, 1)
        self.human_service = 1 - math.exp(-spending / self.terms.human_service_cost)

    def _self_service_target(self) -> float:
        return 1 - math.exp(-self.budget * self.effort[SELF] / self.market / self.terms.self_service_cost)

    def appeal(self, how: Any) -> float:
        """Mean experience without taste, for a buyer who behaves like `how` [utils]."""
        service = (1 - how.self_service_weight) * self.human_service + how.self_service_weight * self.self_service
        return how.quality_weight * self.quality + how.service_weight * service

    def end_tick(self) -> None:
        """Books and stocks (A13, step 8)."""
        self.note_share()
        if not self.alive:
            return
        terms, effort = self.terms, self.effort
        self.cash += self.margin * self.customers - self.budget * sum(effort) - terms.fixed_cost * self.market
        self.in_red = self.in_red + 1 if self.cash < 0 else 0
        if self.in_red >= terms.exit_after:
            self.alive = False
        selling = effort[VISITS] + effort[PROSPECTS] + effort[MESSAGES]
        practice = (effort[PROSPECTS] + effort[MESSAGES]) / max(selling, 1e-9)
        gain = terms.skill_gain * (0.5 * practice + terms.training_effect * effort[TRAINING]) * (1 - self.skill)
        self.skill = min(max(self.skill + gain - terms.skill_decay * (1 - practice) * self.skill, 0.0), 1.0)
        self.self_service += terms.self_service_rate * (self._self_service_target() - self.self_service)


def all_sellers(setting: Setting) -> list[Seller]:
    """Incumbents, opened, and entrants yet to come."""
    entries = [(entry, 0) for entry in setting.incumbents]
    entries += [(entry, tick) for tick, group in setting.entrants.items() for entry in group]
    sellers = [Seller(entry, place, setting, tick) for place, (entry, tick) in enumerate(entries)]
    for seller in sellers[: len(setting.incumbents)]:
        seller.open()
    return sellers
