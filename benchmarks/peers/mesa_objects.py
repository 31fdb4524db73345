"""The market as plain Mesa: one Python object a buyer, Mesa's own random numbers and DataCollector."""

from __future__ import annotations

import math
from types import SimpleNamespace

import mesa

from benchmarks.peers.reservation import reservation_index
from benchmarks.peers.sellers import Seller, all_sellers
from benchmarks.peers.setting import Setting

SILENT, SATISFIED, DISSATISFIED = range(3)


class Buyer(mesa.Agent):
    """A buyer; lists have one entry a seller."""

    def __init__(self, model: MesaMarket, seller: Seller) -> None:
        super().__init__(model)
        setting, random = model.setting, model.random
        self.pull_threshold = random.random()
        self.seller = self.chosen = seller
        self.neighbours: list[Buyer] = []
        self.talk = SILENT
        self.surprise = 0.0
        self.visitors: list[Seller] = []
        self.contacted: set[Seller] = set()
        self.taste = [random.gauss(0.0, setting.taste_sd) for _ in model.sellers]
        self.known = [one.alive for one in model.sellers]
        self.belief_mean = [setting.prior_mean for _ in model.sellers]
        self.belief_variance = [setting.prior_variance for _ in model.sellers]
        self.relationship = [0.0 for _ in model.sellers]
        truth = self.truth(seller)
        self.belief_mean[seller.place] = truth
        self.belief_variance[seller.place] = setting.opening_variance
        self.relationship[seller.place] = seller.entry.opening_relationship
        self.aspiration = truth
        self.patience = self.how.patience_norm

    @property
    def mode(self) -> int:
        """1 in pull mode."""
        return int(self.pull_threshold < self.model.pull_share)

    @property
    def how(self) -> SimpleNamespace:
        """Behaviour in the present mode."""
        return self.model.behaviour[self.mode]

    def truth(self, seller: Seller) -> float:
        """Mean experience with a seller [utils]."""
        return self.model.appeal[self.mode][seller.place] + self.taste[seller.place]

    def value(self, place: int, how: SimpleNamespace, variance: float) -> float:
        """Value of a seller, without switching cost, persuasion and shock [utils]."""
        bond = self.relationship[place]
        price = how.price_sensitivity * (1 - how.relationship_price_relief * bond) * self.model.sellers[place].price
        return self.belief_mean[place] - 0.5 * how.risk_aversion * variance - price + how.relationship_weight * bond

    def believe(self, place: int, precision: float, signal: float) -> None:
        """Update a belief with signals; `signal` is their precision-weighted sum."""
        variance = self.belief_variance[place]
        scale = 1 + variance * precision
        self.belief_mean[place] = (self.belief_mean[place] + variance * signal) / scale
        self.belief_variance[place] = variance / scale

    # --- from contacts to choice (A13, steps 2 to 5) ---

    def decide(self) -> None:
        """Listen, research, choose."""
        how = self.how
        self.listen(how)
        considered = set(self.contacted)
        if self.seller.trading:
            considered.add(self.seller)
        considered.update(self.research(how))
        self.chosen = self.choose(considered, how)
        self.known[self.chosen.place] = True

    def listen(self, how: SimpleNamespace) -> None:
        """Contacts by sellers and word of mouth, and what they tell."""
        random = self.random.random
        gauss = self.random.gauss
        self.visitors = []
        self.contacted = set()
        aims = []
        for seller in self.model.trading:
            if seller is self.seller:
                if random() < seller.visit_customers:
                    self.visitors.append(seller)
                    self.contacted.add(seller)
                continue
            visit = random() < seller.visit_prospects
            message = random() < seller.message
            if visit or message:
                aims.append((seller, visit, message))
        signals = []  # (place, precision, what was said)
        if aims:
            attention = how.attention * min(1.0, how.attention_span / len(aims))
            for seller, visit, message in aims:
                claim = self.truth(seller) + seller.overclaim * (0.5 + seller.skill) * how.naivety
                if visit and random() < attention:
                    self.visitors.append(seller)
                    self.contacted.add(seller)
                    told = gauss(claim, math.sqrt(how.visit_variance))
                    signals.append((seller.place, 1 / how.visit_variance, told))
                if message and random() < attention:
                    self.contacted.add(seller)
                    told = gauss(claim, math.sqrt(how.message_variance))
                    signals.append((seller.place, 1 / how.message_variance, told))
        talking = self.model.talking
        for neighbour in self.neighbours:
            if random() < talking[neighbour.talk]:
                seller = neighbour.seller
                mean = self.truth(seller) + neighbour.surprise
                told = gauss(mean, math.sqrt(how.word_of_mouth_variance))
                signals.append((seller.place, 1 / how.word_of_mouth_variance, told))
                self.known[seller.place] = True
        for seller in self.contacted:
            self.known[seller.place] = True
        for place, precision, told in signals:
            self.believe(place, precision, precision * told)

    def research(self, how: SimpleNamespace) -> list[Seller]:
        """Search if there is a reason to; return the sellers that were inspected."""
        random = self.random.random
        own = self.seller.place
        if self.seller.trading:
            shield = how.relationship_shield * self.patience * self.relationship[own]
            gap = self.aspiration - self.belief_mean[own] - shield - how.indifference
            drive = 1 / (1 + math.exp(-gap / how.research_temperature))
            if random() >= how.research_rate + (1 - how.research_rate) * drive:
                return []
        setting = self.model.setting
        floor = setting.discovery_floor
        options = []
        for seller in self.model.trading:
            if seller is self.seller:
                continue
            place = seller.place
            if not self.known[place]:
                if random() >= how.discovery * max(seller.self_service, floor):
                    continue
                self.known[place] = True
            precision = (
                max(seller.self_service, floor) / how.research_variance + how.review_reading / how.review_variance
            )
            variance = self.belief_variance[place]
            after = variance / (1 + variance * precision)
            spread = math.sqrt(variance - after)
            reservation = self.value(place, how, after)
            reservation += spread * float(reservation_index(how.search_cost / spread))
            options.append((reservation, place, precision))
        options.sort(reverse=True)
        best = -math.inf
        if self.seller.trading:
            best = self.value(own, how, self.belief_variance[own]) + how.switching_cost
        inspected = []
        for reservation, place, precision in options:
            if reservation <= best:
                break
            seller = self.model.sellers[place]
            seen = self.random.gauss(self.truth(seller), 1 / math.sqrt(precision))
            self.believe(place, precision, precision * seen)
            best = max(best, self.value(place, how, self.belief_variance[place]))
            inspected.append(seller)
        return inspected

    def choose(self, considered: set[Seller], how: SimpleNamespace) -> Seller:
        """The best of those considered, with a Gumbel shock each."""
        if not considered:
            trading = self.model.trading
            considered = {seller for seller in trading if self.known[seller.place]} or set(trading)
            if not considered:
                return self.seller
        if len(considered) == 1:
            return next(iter(considered))
        best, chosen = -math.inf, self.seller
        for seller in sorted(considered, key=lambda one: one.place):  # a set has no order of its own
            utility = self.value(seller.place, how, self.belief_variance[seller.place])
            if seller is self.seller:
                utility += how.switching_cost
            if seller in self.contacted:
                utility += how.persuasion * seller.skill
            utility -= math.log(-math.log(1.0 - self.random.random()))
            if utility > best:
                best, chosen = utility, seller
        return chosen

    # --- delivery and what it leaves (A13, steps 6 and 7) ---

    def experience(self) -> None:
        """Be served; learn, reflect, bond."""
        how, seller = self.how, self.chosen
        place = seller.place
        expected = felt = self.aspiration
        if seller.trading:
            promised = self.truth(seller)
            felt = self.random.gauss(promised, how.experience_noise)
            self.surprise = felt - promised
            precision = 1 / how.experience_noise**2
            self.believe(place, precision, precision * felt)
            best = max(self.belief_mean[one.place] for one in self.model.trading if self.known[one.place])
            goal = (1 - how.aspiration_reach) * felt + how.aspiration_reach * best
            self.aspiration += how.aspiration_rate * (goal - self.aspiration)
        shortfall = max(expected - felt, 0.0)
        patience = self.patience + how.patience_rate * (how.patience_norm - self.patience)
        self.patience = min(max(patience - how.patience_loss * shortfall, 0.0), 1.0)
        self.bond(how, felt, expected, shortfall)
        drift, prior = how.belief_drift, self.model.setting.prior_variance
        self.belief_variance = [min(variance + drift, prior) for variance in self.belief_variance]
        self.talk = SILENT if not seller.trading else DISSATISFIED if felt < self.aspiration else SATISFIED
        self.seller = seller

    def bond(self, how: SimpleNamespace, felt: float, expected: float, shortfall: float) -> None:
        """Relationships: all fade, visits and good experience build, disappointment costs."""
        before = self.relationship
        after = [(1 - how.relationship_decay) * bond for bond in before]
        for visitor in self.visitors:
            after[visitor.place] += how.visit_bonding * (1 - before[visitor.place])
        if self.chosen.trading:
            place = self.chosen.place
            if felt >= expected - 0.5:
                after[place] += how.experience_bonding * (1 - before[place])
            after[place] -= how.betrayal * before[place] * shortfall
        self.relationship = [min(max(bond, 0.0), 1.0) for bond in after]


class MesaMarket(mesa.Model):
    """The market; `run` steps it to the horizon.

    Parameters
    ----------
    setting : Setting
    rng : int
        Seed.
    """

    def __init__(self, setting: Setting, rng: int) -> None:
        super().__init__(rng=rng)
        self.setting = setting
        self.tick = 0
        self.behaviour = (setting.push, setting.pull)
        self.talking = (0.0, setting.talk_rate, min(1.0, setting.talk_rate * setting.dissatisfied_ratio))
        self.sellers = all_sellers(setting)
        self.pull_share = setting.pull_share[0]
        self.set_appeal()
        incumbents = self.sellers[: len(setting.incumbents)]
        weights = [seller.entry.opening_share for seller in incumbents]
        self.buyers = [Buyer(self, seller) for seller in self.random.choices(incumbents, weights, k=setting.buyers)]
        self.link()
        self.count_customers()
        for seller in self.sellers:
            seller.note_share()
        self.trading: list[Seller] = []
        self.datacollector = mesa.DataCollector(
            model_reporters={
                seller.name: lambda model, place=seller.place: model.sellers[place].shares[-1]
                for seller in self.sellers
            }
        )

    def link(self) -> None:
        """A small world of directed lists: half the degree on either side, some links rewired (A17.13)."""
        count = len(self.buyers)
        for position, buyer in enumerate(self.buyers):
            for offset in range(1, self.setting.degree // 2 + 1):
                for other in ((position + offset) % count, (position - offset) % count):
                    if self.random.random() < self.setting.rewiring:
                        other = self.random.randrange(count - 1)
                        other += other >= position
                    buyer.neighbours.append(self.buyers[other])

    def set_appeal(self) -> None:
        """Mean experience of each seller in push and in pull mode."""
        self.appeal = [[seller.appeal(how) for seller in self.sellers] for how in self.behaviour]

    def count_customers(self) -> None:
        """Customers of each seller after the choice."""
        for seller in self.sellers:
            seller.customers = 0
        for buyer in self.buyers:
            buyer.chosen.customers += 1

    def step(self) -> None:
        """Advance one tick."""
        self.pull_share = self.setting.pull_share[self.tick]
        for seller in self.sellers:
            seller.begin_tick(self.tick)
        self.trading = [seller for seller in self.sellers if seller.trading]
        self.set_appeal()
        self.agents.do("decide")
        self.count_customers()
        for seller in self.sellers:
            if seller.alive:
                seller.serve()
        self.set_appeal()
        self.agents.do("experience")
        for seller in self.sellers:
            seller.end_tick()
        self.datacollector.collect(self)
        self.tick += 1
        self.running = self.tick < self.setting.horizon

    def run(self) -> None:
        """Step to the horizon."""
        while self.running:
            self.step()

    @property
    def shares(self) -> list[list[float]]:
        """Market shares: a row a tick, a column a seller [-]."""
        return self.datacollector.get_model_vars_dataframe().to_numpy().tolist()

    def release(self) -> None:
        """Mesa 3.3 keeps every model that has had agents; let go of this one."""
        self.remove_all_agents()
        counters = getattr(mesa.Agent, "_ids", None)
        if counters is not None:
            counters.pop(self, None)
