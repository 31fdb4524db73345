"""What the peers need to know of a scenario, as plain numbers; what they cannot do is refused."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sim import Scenario
from sim.scenario.buyers import Business, EachTick, NormalTaste
from sim.scenario.market import Exponential, Mechanisms
from sim.scenario.schedules import Cohort
from sim.strategies import Adaptation


@dataclass(frozen=True)
class Setting:
    """One economy of a scenario.

    Attributes
    ----------
    buyers, horizon : int
        [buyers], [ticks].
    pull_share : tuple of float
        Share of buyers in pull mode, tick by tick [-].
    push, pull : namespace
        What a buyer does in either mode: `price_sensitivity`, `switching_cost`, ... as numbers.
    taste_sd : float
        [utils]
    degree, rewiring
        Of the small world [buyers], [-].
    prior_mean, prior_variance, opening_variance : float
        [utils], [utils²], [utils²].
    talk_rate, dissatisfied_ratio, discovery_floor : float
        [1/tick], [-], [-].
    selling : sim.scenario.market.Selling
        What selling costs.
    incumbents : list of sim.scenario.sellers.Seller
    entrants : dict from tick to list of sim.scenario.sellers.Seller
    """

    buyers: int
    horizon: int
    pull_share: tuple[float, ...]
    push: SimpleNamespace
    pull: SimpleNamespace
    taste_sd: float
    degree: int
    rewiring: float
    prior_mean: float
    prior_variance: float
    opening_variance: float
    talk_rate: float
    dissatisfied_ratio: float
    discovery_floor: float
    selling: Any
    incumbents: list[Any]
    entrants: dict[int, list[Any]]

    @property
    def names(self) -> list[str]:
        """Sellers, incumbents first."""
        return [entry.name for entry in [*self.incumbents, *(one for group in self.entrants.values() for one in group)]]


def setting_of(scenario: Scenario, economy: str) -> Setting:
    """The numbers of one economy.

    Raises
    ------
    ValueError
        If the scenario asks for something that the peers do not do.
    """
    scenario = scenario.settled()
    _refuse_the_rest(scenario, economy)
    taste, prior_mean, groups = scenario.buyers.taste, scenario.knowledge.prior_mean, scenario.economies[economy].groups
    assert isinstance(taste, NormalTaste)
    assert prior_mean != "auto"
    push, pull = SimpleNamespace(), SimpleNamespace()
    for name, field in type(scenario.behaviour).model_fields.items():
        pair, terms = getattr(scenario.behaviour, name), field.json_schema_extra
        group = terms["group"] if isinstance(terms, dict) else ""
        setattr(push, name, pair.push)
        setattr(pull, name, pair.pull if not group or group in groups else pair.push)
    entrants: dict[int, list[Any]] = {}
    for event in scenario.events:
        entrants.setdefault(event.at, []).append(event.enter)
    return Setting(
        buyers=scenario.buyers.count,
        horizon=scenario.horizon,
        pull_share=tuple(scenario.economies[economy].pull_share.at(tick) for tick in range(scenario.horizon)),
        push=push,
        pull=pull,
        taste_sd=taste.sd,
        degree=scenario.buyers.network.degree,
        rewiring=scenario.buyers.network.rewiring,
        prior_mean=prior_mean,
        prior_variance=scenario.knowledge.prior_variance,
        opening_variance=scenario.knowledge.opening_variance,
        talk_rate=scenario.word_of_mouth.rate,
        dissatisfied_ratio=scenario.word_of_mouth.dissatisfied_ratio,
        discovery_floor=scenario.research.discovery_floor,
        selling=scenario.selling,
        incumbents=list(scenario.sellers),
        entrants=dict(sorted(entrants.items())),
    )


def _refuse_the_rest(scenario: Scenario, economy: str) -> None:
    buyers = scenario.buyers
    wrong = {
        "segments": bool(buyers.segments),
        "tastes other than normal": not isinstance(buyers.taste, NormalTaste),
        "orders other than one a tick": not isinstance(buyers.incidence, EachTick),
        "buyers whose business grows": buyers.business != Business(),
        "a prior that is not a number": scenario.knowledge.prior_mean == "auto",
        "research other than weitzman": scenario.research.rule != "weitzman",
        "word of mouth other than simple": scenario.word_of_mouth.rule != "simple",
        "congestion other than exponential": not isinstance(scenario.selling.congestion, Exponential),
        "mechanisms that are off": scenario.mechanisms != Mechanisms(),
        "generations of buyers": isinstance(scenario.economies[economy].pull_share, Cohort),
        "events other than entries": any(event.enter is None or event.at == 0 for event in scenario.events),
        "sellers of another kind": any(
            seller.adaptation != Adaptation() or seller.quality_drift for seller in scenario.all_sellers
        ),
    }
    found = [what for what, there in wrong.items() if there]
    if found:
        raise ValueError(f"the peers do not do {', '.join(found)}")
