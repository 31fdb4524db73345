"""From a scenario to columns: buyers with segments, tastes and a network; sellers at the opening."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.special import gammaincinv, gammaln

from sim import columns, draws
from sim.columns import Buyers, Pairs, Sellers, State, Terms
from sim.kernels import opening
from sim.kernels import sellers as seller_kernels
from sim.kernels.links import draw_links
from sim.rules import selling, service, word_of_mouth
from sim.scenario.behaviour import Behaviour
from sim.scenario.buyers import Bernoulli, NegativeBinomial, Segment
from sim.scenario.market import Economy
from sim.scenario.scenario import Scenario
from sim.scenario.schedules import Cohort
from sim.scenario.sellers import Seller

__all__ = ["Population", "install", "links_of", "populate", "renew", "with_links"]

CHUNK = 65_536  # buyers at a time where an intermediate array is needed


class Population(NamedTuple):
    """A market at its opening.

    Attributes
    ----------
    state : State
        Columns.
    selling : recarray
        One record: the scenario's `Selling`.
    names : tuple of str
        Sellers in the order of the columns, which is that of their keys.
    """

    state: State
    selling: np.ndarray
    names: tuple[str, ...]


def populate(scenario: Scenario, economy: Economy, seed: int, replication: int) -> Population:
    """Fill the columns of a market.

    Parameters
    ----------
    scenario : Scenario
        Settled: no seller term left open.
    economy : Economy
    seed, replication : int
        What all draws derive from.

    Raises
    ------
    ValueError
        If two sellers' names hash to the same key; rename one.
    """
    entries = sorted(scenario.all_sellers, key=lambda seller: int(draws.seller_key(seller.name)))
    names = tuple(seller.name for seller in entries)
    keys = [int(draws.seller_key(name)) for name in names]
    for first, second, key, following in zip(names, names[1:], keys, keys[1:], strict=False):
        if key == following:
            raise ValueError(f"sellers {first!r} and {second!r} share a key of the random numbers; rename one")
    count = scenario.buyers.count
    opening_names = {seller.name for seller in scenario.sellers}
    share = np.array([seller.opening_share or 0.0 if seller.name in opening_names else 0.0 for seller in entries])
    sellers = columns.allocate(Sellers, len(entries))
    sellers["key"] = keys
    behaviour = _behaviour_table(scenario, economy)
    state = State(
        buyers=columns.allocate(Buyers, count),
        pairs=columns.allocate(Pairs, count, len(entries)),
        neighbours=np.empty((0, 0), np.int32),
        sellers=sellers,
        behaviour=behaviour,
        appeal=np.zeros((len(behaviour), len(entries))),
        terms=_terms(scenario, economy, seed, replication),
    )
    record = _selling_record(scenario)
    for place, seller in enumerate(entries):
        if seller.name in opening_names:
            install(state, place, seller, 0, count)
    _open_stocks(scenario, state, share)
    _open_buyers(scenario, economy, state, names, share)
    return Population(state, record, names)


def install(state: State, place: int, seller: Seller, tick: int, buyers: int) -> None:
    """Put a seller into the market: at the opening or as an entrant.

    Parameters
    ----------
    state : State
    place : int
        Its column.
    seller : Seller
        Settled.
    tick : int
        [ticks]
    buyers : int
        Size of the market.
    """
    sellers = state.sellers
    sellers["alive"][place] = True
    sellers["entered"][place] = tick
    sellers["launch_until"][place] = tick + (seller.launch or 0) if tick else 0
    sellers["quality"][place] = seller.quality
    sellers["unit_cost"][place] = seller.unit_cost
    sellers["price"][place] = seller.price
    sellers["overclaim"][place] = seller.overclaim
    sellers["budget_share"][place] = seller.budget_share
    sellers["sales_skill"][place] = seller.opening_skill
    sellers["self_service"][place] = seller.opening_self_service or 0.0
    sellers["cash"][place] = (seller.cash or 0.0) * buyers
    sellers["effort"][place] = seller.effort.shares
    sellers["quality_drift"][place] = seller.quality_drift


def links_of(state: State) -> np.ndarray:
    """Whom each buyer listens to.

    Returns
    -------
    ndarray of int32, shape (buyers, degree)
        Rows of `State.buyers`.
    """
    table = np.empty((state.buyers.size, int(state.terms["degree"][0])), np.int32)
    draw_links(state, table)
    return table


def with_links(state: State, table: np.ndarray) -> State:
    """The state with links of its own instead of the small world.

    Parameters
    ----------
    state : State
    table : array_like of int, shape (buyers, degree)
        Whom each buyer listens to: rows of `State.buyers`.

    Raises
    ------
    ValueError
        If a row is missing or an entry is no buyer.
    """
    table = np.asarray(table)
    buyers = state.buyers.size
    whole = table.size == 0 or (table.dtype.kind in "iu" and 0 <= table.min() <= table.max() < buyers)
    if table.ndim != 2 or len(table) != buyers or not whole:
        raise ValueError(
            f"links are a table with a row for each of {buyers} buyers and whole numbers from 0 to {buyers - 1}"
        )
    terms = state.terms
    terms["degree"] = table.shape[1]
    terms["all_silent"] = word_of_mouth.all_silent(float(terms["talk_ceiling"][0]), table.shape[1])
    return state._replace(neighbours=np.ascontiguousarray(table, np.int32))


def _terms(scenario: Scenario, economy: Economy, seed: int, replication: int) -> np.ndarray:
    key0, key1 = draws.key_of(seed, replication)
    schedule = economy.pull_share
    cohort = schedule if isinstance(schedule, Cohort) else None
    businesses = [scenario.buyers.business, *(segment.business for segment in scenario.buyers.segments)]
    talk = scenario.word_of_mouth
    ceiling = word_of_mouth.ceiling(talk.rate, talk.dissatisfied_ratio)
    switches = scenario.mechanisms
    values: dict[str, Any] = dict(  # noqa: C408
        key0=key0,
        key1=key1,
        orders=("each-tick", "bernoulli", "nbd").index(scenario.buyers.incidence.kind),
        research=("weitzman", "fixed-sample", "all", "none").index(scenario.research.rule),
        talk=("simple", "threshold", "bass", "none").index(talk.rule),
        learning=switches.learning,
        contacts=switches.contacts,
        relationship=switches.relationship,
        aspiration=switches.aspiration,
        patience=switches.patience,
        turnover=cohort.turnover_per_tick if cohort else 0.0,
        newcomer_low=cohort.newcomers.min if cohort else 0.0,
        newcomer_high=cohort.newcomers.max if cohort else 0.0,
        growing=any(one and (one.growth or one.sd or one.tenure_effect) for one in businesses),
        prior_variance=float(scenario.knowledge.prior_variance),
        discovery_floor=float(scenario.research.discovery_floor),
        degree=scenario.buyers.network.degree,
        rewiring=scenario.buyers.network.rewiring,
        talk_rate=float(talk.rate),
        talk_ratio=float(talk.dissatisfied_ratio),
        talk_ceiling=ceiling,
        all_silent=word_of_mouth.all_silent(ceiling, scenario.buyers.network.degree),
        talk_threshold=float(talk.threshold),
    )
    terms = columns.allocate(Terms, 1)
    for name, value in values.items():
        terms[name] = value
    return terms


def _behaviour_table(scenario: Scenario, economy: Economy) -> np.ndarray:
    """One record a segment and mode; a group that does not turn keeps its push value in pull."""
    names = (*Behaviour.model_fields, "growth", "growth_sd", "tenure_effect")
    fields = tuple((name, "float64") for name in names)
    segments: list[Segment | None] = [*scenario.buyers.segments] or [None]
    table = np.zeros(2 * len(segments), columns.structure(fields))
    for place, segment in enumerate(segments):
        behaviour = scenario.behaviour if segment is None else scenario.behaviour_of(segment)
        business = (segment.business if segment is not None else None) or scenario.buyers.business
        for name, field in Behaviour.model_fields.items():
            pair = getattr(behaviour, name)
            group = field.json_schema_extra["group"]  # type: ignore[index]
            table[name][2 * place] = pair.push
            table[name][2 * place + 1] = pair.pull if not group or group in economy.groups else pair.push
        for mode in (0, 1):
            table["growth"][2 * place + mode] = business.growth
            table["growth_sd"][2 * place + mode] = business.sd
            table["tenure_effect"][2 * place + mode] = business.tenure_effect
    return table


def _selling_record(scenario: Scenario) -> np.ndarray:
    terms = scenario.selling.model_dump(exclude={"congestion"})
    congestion = scenario.selling.congestion.model_dump()
    terms["skill"] = scenario.mechanisms.skill
    terms["exit"] = scenario.mechanisms.exit
    terms["congestion"] = ("exponential", "mm1", "erlang-c").index(congestion.pop("kind"))
    for name in ("calls", "call_cost", "calls_per_server", "server_cost", "answer_within"):
        terms[name] = congestion.get(name, 0.0)
    record = np.zeros(1, columns.structure(tuple((name, "float64") for name in terms)))
    for name, number in terms.items():
        record[name] = number
    return record


def _open_stocks(scenario: Scenario, state: State, share: np.ndarray) -> None:
    """Service stocks at their fixed points under the opening budget (A17.4)."""
    sellers, count = state.sellers, scenario.buyers.count
    for seller in scenario.sellers:
        place = int(np.flatnonzero(sellers["key"] == draws.seller_key(seller.name))[0])
        volume = share[place] * count * mean_orders(scenario)
        sellers["customers"][place] = round(share[place] * count)
        budget = selling.budget_target(sellers["budget_share"][place], seller.price, seller.unit_cost, volume)
        sellers["budget"][place] = budget
        if seller.opening_self_service is None:
            sellers["self_service"][place] = service.self_service_target(
                budget * seller.effort.self_service, count, scenario.selling.self_service_cost
            )
    seller_kernels.serve(state, _selling_record(scenario), 0)


def mean_orders(scenario: Scenario) -> float:
    """Expected orders of a buyer in a tick [orders/tick]."""
    incidence = scenario.buyers.incidence
    if isinstance(incidence, Bernoulli):
        return float(incidence.rate)
    return float(incidence.mean) if isinstance(incidence, NegativeBinomial) else 1.0


def _open_buyers(scenario: Scenario, economy: Economy, state: State, names: tuple[str, ...], share: np.ndarray) -> None:
    buyers = scenario.buyers
    segments = buyers.segments
    fractions = np.array([segment.fraction for segment in segments] or [1.0])
    low = np.array([segment.pull_threshold.min for segment in segments] or [0.0])
    high = np.array([segment.pull_threshold.max for segment in segments] or [1.0])
    total = share.sum()
    opening.draw_buyers(state, 0, buyers.count, np.cumsum(fractions), low, high, np.cumsum(share / total))
    _open_tastes(scenario, state, names)
    _open_purchase_rates(scenario, state)
    seller_kernels.set_appeal(state)
    pull_share = economy.pull_share.at(0)
    incumbents = state.sellers["alive"].copy()
    opening_relationship = np.zeros(len(names))
    for seller in scenario.sellers:
        opening_relationship[names.index(seller.name)] = seller.opening_relationship
    prior = scenario.knowledge.prior_mean
    opening.open_books(
        state,
        0,
        buyers.count,
        pull_share,
        _mean_experience(state, pull_share, incumbents) if prior == "auto" else float(prior),
        float(scenario.knowledge.prior_variance),
        float(scenario.knowledge.opening_variance),
        opening_relationship,
        incumbents,
    )
    state.sellers["customers"] = np.bincount(state.buyers["seller"], minlength=len(names))
    state.sellers["volume"] = state.sellers["customers"] * mean_orders(scenario)


def _open_tastes(scenario: Scenario, state: State, names: tuple[str, ...]) -> None:
    taste, count = scenario.buyers.taste, scenario.buyers.count
    for place, name in enumerate(names):
        if taste.kind == "loggamma":
            shape = taste.shape[name]
            for start, stop, uniforms in _uniforms(state, draws.PURPOSE.TASTE, int(state.sellers["key"][place]), count):
                state.pairs["taste"][start:stop, place] = _log_gamma(shape, uniforms)
            continue
        classes = getattr(taste, "classes", [])
        weights = np.cumsum([one.weight for one in classes] or [1.0])
        utility = np.array([one.utility[name] for one in classes] or [0.0])
        opening.set_taste(state, 0, count, place, float(taste.sd), utility, weights)


def _log_gamma(shape: float, uniforms: np.ndarray) -> np.ndarray:
    """Logarithms of gamma numbers by inversion; those that leave the range of a float by x -> 0."""
    gamma = gammaincinv(shape, uniforms)
    far = (np.log(uniforms) + gammaln(shape + 1.0)) / shape  # P(a, x) = x^a / Γ(a + 1) for small x
    return np.where(gamma > 1e-280, np.log(np.maximum(gamma, 1e-280)), far)


def _open_purchase_rates(scenario: Scenario, state: State) -> None:
    incidence, count = scenario.buyers.incidence, scenario.buyers.count
    state.buyers["purchase_rate"] = mean_orders(scenario)
    if incidence.kind == "nbd":
        for start, stop, uniforms in _uniforms(state, draws.PURPOSE.BUSINESS, draws.NOBODY, count):
            rates = gammaincinv(incidence.shape, uniforms) * (incidence.mean / incidence.shape)
            if rates.max() > 200:
                raise ValueError(f"a buyer would place {rates.max():.0f} orders a tick, and 200 is the most")
            state.buyers["purchase_rate"][start:stop] = rates


def _uniforms(state: State, purpose: int, seller_key: int, count: int) -> Iterator[tuple[int, int, np.ndarray]]:
    """Uniform numbers a chunk of buyers at a time: word 0 of their block."""
    for start in range(0, count, CHUNK):
        stop = min(start + CHUNK, count)
        uniforms = np.empty(stop - start)
        opening.draw_uniforms(state, start, stop, purpose, seller_key, 0, uniforms)
        yield start, stop, uniforms


def _mean_experience(state: State, pull_share: float, incumbents: np.ndarray) -> float:
    """Mean experience over buyers and incumbents [utils]."""
    rows = 2 * state.buyers["segment"].astype(np.int64) + (state.buyers["pull_threshold"] < pull_share)
    weight = np.bincount(rows, minlength=len(state.behaviour)) / len(rows)
    taste = np.array([column.mean(dtype=np.float64) for column in state.pairs["taste"].T[incumbents]])
    return float((weight @ state.appeal[:, incumbents] + taste).mean())


def renew(state: State, scenario: Scenario, economy: Economy) -> None:
    """Put the terms of a scenario into a market that runs: behaviour, word of mouth, turnover.

    Parameters
    ----------
    state : State
    scenario : Scenario
        Settled; with the sellers, segments and mechanisms of the market's own.
    economy : Economy
    """
    state.behaviour[...] = _behaviour_table(scenario, economy)
    terms = _terms(scenario, economy, 0, 0)
    for name in terms.dtype.names or ():
        if name not in ("key0", "key1", "trading", "degree", "rewiring"):  # the market's own
            state.terms[name] = terms[name]
    ceiling, degree = float(terms["talk_ceiling"][0]), int(state.terms["degree"][0])
    state.terms["all_silent"] = word_of_mouth.all_silent(ceiling, degree)
