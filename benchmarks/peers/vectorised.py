"""The market as plain numpy: dense arrays of buyers by sellers, numpy's own random numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.peers.reservation import reservation_index
from benchmarks.peers.sellers import Seller, all_sellers
from benchmarks.peers.setting import Setting

SILENT, SATISFIED, DISSATISFIED = range(3)
Array = np.ndarray


class VectorisedMarket:
    """The market; `run` steps it to the horizon.

    Arrays have shape (buyers,) or (buyers, sellers), real ones in float32.

    Parameters
    ----------
    setting : Setting
    rng : int
        Seed.
    """

    def __init__(self, setting: Setting, rng: int) -> None:
        self.setting = setting
        self.rng = np.random.default_rng(rng)
        self.tick = 0
        self.sellers = all_sellers(setting)
        self.path: list[list[float]] = []
        self._open()

    def _open(self) -> None:
        setting, rng = self.setting, self.rng
        shape = setting.buyers, len(self.sellers)
        self.rows = np.arange(setting.buyers)
        self.pull_threshold = rng.random(setting.buyers, np.float32)
        self.taste = np.float32(setting.taste_sd) * self._normal(shape)
        weights = np.array([seller.entry.opening_share for seller in self.sellers[: len(setting.incumbents)]])
        self.seller = rng.choice(weights.size, setting.buyers, p=weights / weights.sum()).astype(np.int8)
        self.known = np.tile([seller.alive for seller in self.sellers], (setting.buyers, 1))
        self.mean = np.full(shape, setting.prior_mean, np.float32)
        self.variance = np.full(shape, setting.prior_variance, np.float32)
        self.relationship = np.zeros(shape, np.float32)
        self._turn(0)
        own = self.rows, self.seller
        self.aspiration = self._truth()[own]
        self.mean[own] = self.aspiration
        self.variance[own] = setting.opening_variance
        self.relationship[own] = self._of_sellers(lambda one: one.entry.opening_relationship)[self.seller]
        self.patience = self._how("patience_norm")
        self.surprise = np.zeros(setting.buyers, np.float32)
        self.talk = np.full(setting.buyers, SILENT, np.int8)
        self.neighbours = self._linked()
        self._count()
        for seller in self.sellers:
            seller.note_share()

    def _linked(self) -> Array:
        """A small world of directed lists: half the degree on either side, some links rewired (A17.13)."""
        buyers, half = self.setting.buyers, self.setting.degree // 2
        offsets = np.concatenate([np.arange(1, half + 1), -np.arange(1, half + 1)])
        neighbours = ((self.rows[:, None] + offsets) % buyers).astype(np.int32)
        rewired = self.rng.random(neighbours.shape, np.float32) < self.setting.rewiring
        owner = np.nonzero(rewired)[0]
        other = self.rng.integers(0, buyers - 1, owner.size)
        neighbours[rewired] = other + (other >= owner)
        return neighbours

    # --- small words ---

    def _normal(self, shape: int | tuple[int, ...]) -> Array:
        return self.rng.standard_normal(shape, np.float32)

    def _happens(self, chance: Array) -> Array:
        """Independent events of the given probabilities."""
        return self.rng.random(chance.shape, np.float32) < chance

    def _of_sellers(self, what: Callable[[Seller], float]) -> Array:
        """A number of each seller."""
        return np.array([what(seller) for seller in self.sellers], np.float32)

    def _how(self, name: str, rows: Array | slice = slice(None)) -> Array:
        """A behaviour parameter of each buyer, by its mode."""
        push, pull = getattr(self.setting.push, name), getattr(self.setting.pull, name)
        return np.array([push, pull], np.float32)[self.pull[rows]]

    def _truth(self, rows: Array | slice = slice(None)) -> Array:
        """Mean experience with every seller [utils]."""
        modes = self.setting.push, self.setting.pull
        appeal = np.array([[seller.appeal(how) for seller in self.sellers] for how in modes], np.float32)
        return appeal[self.pull[rows]] + self.taste[rows]

    def _value(self, mean: Array, variance: Array, rows: Array | slice = slice(None)) -> Array:
        """Value of every seller, without switching cost, persuasion and shock [utils]."""
        bond = self.relationship[rows]
        cost = self._how("price_sensitivity", rows)[:, None] * self._of_sellers(lambda seller: seller.price)
        relief = self._how("relationship_price_relief", rows)[:, None] * bond
        risk = 0.5 * self._how("risk_aversion", rows)[:, None] * variance
        return mean - risk - cost * (1 - relief) + self._how("relationship_weight", rows)[:, None] * bond

    # --- a tick ---

    def step(self) -> None:
        """Advance one tick (A13)."""
        for seller in self.sellers:
            seller.begin_tick(self.tick)
        self.trading = np.array([seller.trading for seller in self.sellers])
        self._turn(self.tick)
        truth = self._truth()
        mine = np.arange(len(self.sellers)) == self.seller[:, None]
        visit, message = self._contacts(mine)
        self.known |= visit | message
        self._listen(truth, visit & ~mine, message)
        inspected = self._research(truth, mine)
        self.seller = self._choose(visit | message, inspected, mine)
        self.known[self.rows, self.seller] = True
        self._count()
        for seller in self.sellers:
            if seller.alive:
                seller.serve()
        self._experience(visit)
        for seller in self.sellers:
            seller.end_tick()
        self.path.append([seller.shares[-1] for seller in self.sellers])
        self.tick += 1

    def _turn(self, tick: int) -> None:
        """Who is in pull mode, as 0 and 1."""
        self.pull = (self.pull_threshold < self.setting.pull_share[tick]).astype(np.int8)

    def _contacts(self, mine: Array) -> tuple[Array, Array]:
        """Visits and messages that were attended."""
        to_customers = self._of_sellers(lambda seller: seller.visit_customers)
        to_prospects = self._of_sellers(lambda seller: seller.visit_prospects)
        visit = self._happens(np.where(mine, to_customers, to_prospects))
        message = self._happens(np.where(mine, 0, self._of_sellers(lambda seller: seller.message)))
        load = ((visit | message) & ~mine).sum(axis=1)
        attention = self._how("attention") * np.minimum(1, self._how("attention_span") / np.maximum(load, 1))
        attention = np.broadcast_to(attention[:, None], mine.shape)
        return visit & (mine | self._happens(attention)), message & self._happens(attention)

    def _listen(self, truth: Array, visit: Array, message: Array) -> None:
        """Beliefs after what sellers and neighbours tell."""
        precision, signal = np.zeros_like(truth), np.zeros_like(truth)
        exaggeration = self._of_sellers(lambda seller: seller.overclaim * (0.5 + seller.skill))
        for heard, name in ((visit, "visit_variance"), (message, "message_variance")):
            rows, columns = np.nonzero(heard)
            noise = self._how(name, rows)
            claim = truth[rows, columns] + exaggeration[columns] * self._how("naivety", rows)
            precision[rows, columns] += 1 / noise
            signal[rows, columns] += (claim + np.sqrt(noise) * self._normal(rows.size)) / noise
        rate, ratio = self.setting.talk_rate, self.setting.dissatisfied_ratio
        talking = np.array([0, rate, min(1.0, rate * ratio)], np.float32)
        rows, slots = np.nonzero(self._happens(talking[self.talk[self.neighbours]]))
        talker = self.neighbours[rows, slots]
        columns = self.seller[talker]
        noise = self._how("word_of_mouth_variance", rows)
        tale = truth[rows, columns] + self.surprise[talker] + np.sqrt(noise) * self._normal(rows.size)
        np.add.at(precision, (rows, columns), 1 / noise)  # two neighbours may tell of one seller
        np.add.at(signal, (rows, columns), tale / noise)
        self.known[rows, columns] = True
        scale = 1 + self.variance * precision
        self.mean = (self.mean + self.variance * signal) / scale
        self.variance /= scale

    def _research(self, truth: Array, mine: Array) -> Array:
        """Who looks around, and whom they inspect; beliefs after that."""
        inspected = np.zeros_like(mine)
        own = self.rows, self.seller
        gap = self.aspiration - self.mean[own] - self._how("indifference")
        gap -= self._how("relationship_shield") * self.patience * self.relationship[own]
        routine = self._how("research_rate")
        chance = routine + (1 - routine) / (1 + np.exp(-gap / self._how("research_temperature")))
        orphan = ~self.trading[self.seller]
        rows = np.flatnonzero(orphan | self._happens(chance))
        if not rows.size:
            return inspected
        readable = np.maximum(self._of_sellers(lambda seller: seller.self_service), self.setting.discovery_floor)
        found = self._happens(self._how("discovery", rows)[:, None] * readable)
        options = self.trading & ~mine[rows] & (self.known[rows] | found)
        self.known[rows] |= options
        precision = readable / self._how("research_variance", rows)[:, None]
        precision += (self._how("review_reading", rows) / self._how("review_variance", rows))[:, None]
        mean, variance = self.mean[rows], self.variance[rows]
        after = variance / (1 + variance * precision)
        spread = np.sqrt(variance - after)
        index = reservation_index(self._how("search_cost", rows)[:, None] / spread)
        reservation = np.where(options, self._value(mean, after, rows) + spread * index, -np.inf)
        seen = truth[rows] + self._normal(precision.shape) / np.sqrt(precision)
        learned = mean + (seen - mean) * after * precision
        stay = (self._value(mean, variance, rows) + self._how("switching_cost", rows)[:, None])[mine[rows]]
        stay[orphan[rows]] = -np.inf
        # in falling order of the reservation value, until it falls below the best seen so far
        order = np.argsort(-reservation, axis=1)
        realised = np.take_along_axis(self._value(learned, after, rows), order, axis=1)
        best = np.maximum.accumulate(np.column_stack([stay, realised[:, :-1]]), axis=1)
        goes_on = np.take_along_axis(reservation, order, axis=1) > best
        looked = np.zeros_like(options)
        np.put_along_axis(looked, order, goes_on, axis=1)
        self.mean[rows] = np.where(looked, learned, mean)
        self.variance[rows] = np.where(looked, after, variance)
        inspected[rows] = looked
        return inspected

    def _choose(self, contacted: Array, inspected: Array, mine: Array) -> Array:
        """The best of those considered, with a Gumbel shock each."""
        considered = contacted | inspected | (mine & self.trading)
        nobody = ~considered.any(axis=1)
        considered[nobody] = self.known[nobody] & self.trading
        nobody = ~considered.any(axis=1)
        considered[nobody] = self.trading if self.trading.any() else mine[nobody]
        rows = np.flatnonzero(considered.sum(axis=1) > 1)
        chosen = considered.argmax(axis=1).astype(np.int8)
        utility = self._value(self.mean[rows], self.variance[rows], rows)
        utility += self._how("switching_cost", rows)[:, None] * (mine[rows] & self.trading)
        closing = self._how("persuasion", rows)[:, None] * self._of_sellers(lambda seller: seller.skill)
        utility += closing * contacted[rows]
        utility += self.rng.gumbel(size=utility.shape)
        chosen[rows] = np.where(considered[rows], utility, -np.inf).argmax(axis=1)
        return chosen

    def _count(self) -> None:
        for seller, count in zip(self.sellers, np.bincount(self.seller, minlength=len(self.sellers)), strict=True):
            seller.customers = int(count)

    def _experience(self, visit: Array) -> None:
        """Delivery, and what it leaves (A13, steps 6 and 7)."""
        own = self.rows, self.seller
        served = self.trading[self.seller]
        expected = self.aspiration
        noise = self._how("experience_noise")
        surprise = noise * self._normal(noise.size)
        felt = np.where(served, self._truth()[own] + surprise, expected)
        self.surprise = np.where(served, surprise, self.surprise)
        precision = served / noise**2
        variance = self.variance[own]
        self.mean[own] = (self.mean[own] + variance * precision * felt) / (1 + variance * precision)
        self.variance[own] = variance / (1 + variance * precision)
        best = np.where(self.known & self.trading, self.mean, -np.inf).max(axis=1)
        reach = self._how("aspiration_reach")
        goal = (1 - reach) * felt + reach * np.where(served, best, felt)
        self.aspiration = np.where(served, expected + self._how("aspiration_rate") * (goal - expected), expected)
        shortfall = np.maximum(expected - felt, 0)
        patience = self.patience + self._how("patience_rate") * (self._how("patience_norm") - self.patience)
        self.patience = np.clip(patience - self._how("patience_loss") * shortfall, 0, 1)
        self._bond(visit, served, felt, expected, shortfall)
        self.variance += self._how("belief_drift")[:, None]
        np.minimum(self.variance, self.setting.prior_variance, out=self.variance)
        self.talk = np.where(served, np.where(felt < self.aspiration, DISSATISFIED, SATISFIED), SILENT).astype(np.int8)

    def _bond(self, visit: Array, served: Array, felt: Array, expected: Array, shortfall: Array) -> None:
        """Relationships: all fade, visits and good experience build, disappointment costs."""
        own = self.rows, self.seller
        before = self.relationship[own]
        trust = np.where(felt >= expected - 0.5, self._how("experience_bonding") * (1 - before), 0)
        change = served * (trust - self._how("betrayal") * before * shortfall)
        built = self._how("visit_bonding")[:, None] * (1 - self.relationship) * visit
        self.relationship = (1 - self._how("relationship_decay")[:, None]) * self.relationship + built
        self.relationship[own] += change
        np.clip(self.relationship, 0, 1, out=self.relationship)

    def run(self) -> None:
        """Step to the horizon."""
        while self.tick < self.setting.horizon:
            self.step()

    @property
    def shares(self) -> list[list[float]]:
        """Market shares: a row a tick, a column a seller [-]."""
        return self.path

    def release(self) -> None:
        """Nothing holds on to this market; the others have something to let go of here."""
