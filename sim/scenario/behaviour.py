"""What a buyer does, as numbers: every behaviour parameter with its push and its pull value."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, model_validator

from sim.strategies.strategy import Strict

__all__ = ["GROUPS", "Behaviour", "Group", "NonNegative", "Pair", "Positive", "Probability", "completed"]

Number = TypeVar("Number")
Probability = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]

Group = Literal["search", "experience", "relationship", "persuasion", "switching", "aspiration"]
GROUPS: tuple[Group, ...] = ("search", "experience", "relationship", "persuasion", "switching", "aspiration")


class Pair(Strict, Generic[Number]):
    """A value in push and a value in pull; one number stands for both."""

    push: Number
    pull: Number

    @model_validator(mode="before")
    @classmethod
    def _one_number(cls, raw: Any) -> Any:
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            return {"push": raw, "pull": raw}
        return raw

    def __reduce__(self) -> Any:  # pickle cannot find a generic model by its name
        return _pair, (self.push, self.pull)


def _pair(push: Any, pull: Any) -> Pair[Any]:
    return Pair(push=push, pull=pull)


def _endpoints(
    push: float,
    pull: float | None = None,
    *,
    unit: str,
    meaning: str,
    symbol: str,
    group: Group | None = None,
    low: float | None = None,
    high: float | None = None,
    source: str = "modelling choice",
) -> Any:
    """Declare one parameter: defaults, unit, meaning, the model's letter, its group, usual range, source."""
    pull = push if pull is None else pull
    return Field(
        default=Pair(push=push, pull=pull),
        description=f"{meaning} [{unit}]",
        json_schema_extra={
            "unit": unit,
            "symbol": symbol,
            "group": group or "",
            "range": [low, high],
            "source": source,
        },
        validate_default=True,
    )


class Behaviour(Strict):
    """Behaviour of a buyer (model A3 to A10).

    Each parameter is a pair ``{push: ..., pull: ...}``, or one number for both. A buyer in push
    mode acts on the push value, one in pull mode on the pull value, if the economy turns the
    parameter's group (see `Economy.groups`).
    """

    # choice
    price_sensitivity: Pair[Positive] = _endpoints(
        3.0,
        unit="utils/money",
        symbol="α",
        low=1,
        high=10,
        meaning="loss of utility a unit of price",
        source="own elasticity -2.25 at a share of 25 %; meta-analytic mean -2.62, Bijmolt et al. 2005",
    )
    switching_cost: Pair[NonNegative] = _endpoints(
        3.0,
        0.75,
        unit="utils",
        symbol="s",
        group="switching",
        low=0,
        high=6,
        meaning="advantage of the incumbent at each choice",
        source="groceries 0.5 to 1.7 (own fits), online brokers 2.7 to 8.8: Chen & Hitt 2002",
    )
    risk_aversion: Pair[NonNegative] = _endpoints(
        0.5,
        unit="1/utils",
        symbol="r",
        low=0,
        high=2,
        meaning="dislike of uncertain sellers: half of it times the belief variance",
        source="Erdem & Keane 1996 for the form",
    )
    # experience
    quality_weight: Pair[NonNegative] = _endpoints(
        2.0, unit="utils", symbol="b_Q", low=1, high=4, meaning="weight of the product's quality in experience"
    )
    service_weight: Pair[NonNegative] = _endpoints(
        3.0, unit="utils", symbol="b_S", low=1, high=5, meaning="weight of service in experience"
    )
    self_service_weight: Pair[Probability] = _endpoints(
        0.1,
        0.7,
        unit="-",
        symbol="w_T",
        group="experience",
        low=0,
        high=1,
        meaning="part of service that self-service gives; the rest is human service",
    )
    experience_noise: Pair[NonNegative] = _endpoints(
        0.7, unit="utils", symbol="σ_x", low=0.3, high=1.5, meaning="standard deviation of one experience"
    )
    # beliefs
    belief_drift: Pair[NonNegative] = _endpoints(
        0.03,
        unit="utils²/tick",
        symbol="q_v",
        low=0,
        high=0.1,
        meaning="growth of belief variance a tick: how fast knowledge ages",
    )
    message_variance: Pair[Positive] = _endpoints(
        2.0, unit="utils²", symbol="σ²_push", meaning="variance of what a push message tells"
    )
    visit_variance: Pair[Positive] = _endpoints(
        1.0, unit="utils²", symbol="σ²_visit", meaning="variance of what a visit tells"
    )
    word_of_mouth_variance: Pair[Positive] = _endpoints(
        2.0, unit="utils²", symbol="σ²_wom", meaning="variance of what a neighbour tells"
    )
    research_variance: Pair[Positive] = _endpoints(
        0.5, unit="utils²", symbol="σ²_res", meaning="variance of own research on a fully transparent seller"
    )
    review_variance: Pair[Positive] = _endpoints(
        1.0, unit="utils²", symbol="σ²_rev", meaning="variance of what reviews tell"
    )
    review_reading: Pair[Probability] = _endpoints(
        0.0, 1.0, unit="-", symbol="θ/σ²_rev", low=0, high=1, meaning="weight of reviews in research"
    )
    # search
    search_cost: Pair[NonNegative] = _endpoints(
        0.5, 0.05, unit="utils", symbol="κ", group="search", low=0.02, high=1, meaning="cost of inspecting one seller"
    )
    research_rate: Pair[Probability] = _endpoints(
        0.01,
        0.05,
        unit="1/tick",
        symbol="p0",
        group="search",
        low=0,
        high=0.2,
        meaning="probability of routine research",
    )
    discovery: Pair[Probability] = _endpoints(
        0.02,
        0.25,
        unit="-",
        symbol="disc",
        group="search",
        low=0,
        high=1,
        meaning="probability that research finds an unknown, fully transparent seller",
    )
    indifference: Pair[float] = _endpoints(
        1.0,
        unit="utils",
        symbol="z₀",
        low=0,
        high=3,
        meaning="disappointment that is put up with before research starts",
    )
    research_temperature: Pair[Positive] = _endpoints(
        0.4, unit="utils", symbol="τ_A", low=0.1, high=1, meaning="softness of that threshold"
    )
    relationship_shield: Pair[NonNegative] = _endpoints(
        1.5,
        unit="utils",
        symbol="ζ",
        low=0,
        high=3,
        meaning="disappointment that patience and relationship together cover",
    )
    # persuasion
    persuasion: Pair[NonNegative] = _endpoints(
        1.0,
        0.1,
        unit="utils",
        symbol="ω",
        group="persuasion",
        low=0,
        high=2,
        meaning="effect of a skilled contact at the moment of choice",
    )
    attention: Pair[Probability] = _endpoints(
        0.3,
        0.05,
        unit="-",
        symbol="a",
        group="persuasion",
        low=0,
        high=1,
        meaning="probability of attending a contact from a seller that is not one's own",
    )
    naivety: Pair[Probability] = _endpoints(
        1.0,
        0.3,
        unit="-",
        symbol="χ",
        group="persuasion",
        low=0,
        high=1,
        meaning="part of an overclaim that is believed",
    )
    attention_span: Pair[Positive] = _endpoints(
        1.0, unit="sellers/tick", symbol="a_max", meaning="sellers that can be attended before attention is divided"
    )
    # relationship
    relationship_weight: Pair[NonNegative] = _endpoints(
        1.5,
        0.5,
        unit="utils",
        symbol="λ_R",
        group="relationship",
        low=0,
        high=3,
        meaning="liking: utility of a full relationship",
    )
    relationship_price_relief: Pair[Probability] = _endpoints(
        0.4,
        unit="-",
        symbol="γ_R",
        low=0,
        high=0.8,
        meaning="price sensitivity lost in a full relationship",
        source="loyalty raises willingness to pay: Palmatier, Scheer & Steenkamp 2007 (abstract)",
    )
    visit_bonding: Pair[Probability] = _endpoints(
        0.25,
        0.10,
        unit="1/visit",
        symbol="η_V",
        group="relationship",
        low=0,
        high=1,
        meaning="relationship built by a visit (commitment through contact)",
    )
    experience_bonding: Pair[Probability] = _endpoints(
        0.03,
        0.10,
        unit="1/tick",
        symbol="η_X",
        group="relationship",
        low=0,
        high=1,
        meaning="relationship built by an experience that met expectations (trust)",
    )
    relationship_decay: Pair[Probability] = _endpoints(
        0.05,
        unit="1/tick",
        symbol="δ_R",
        low=0.03,
        high=0.3,
        meaning="relationship lost a tick",
        source="visit goodwill in a detailing panel: 0.30 a month (own fit)",
    )
    betrayal: Pair[NonNegative] = _endpoints(
        0.10, unit="1/utils", symbol="χ_R", low=0, high=0.5, meaning="relationship lost a util of disappointment"
    )
    patience_norm: Pair[Probability] = _endpoints(
        0.9, 0.3, unit="-", symbol="Z̄", group="relationship", low=0, high=1, meaning="patience that is returned to"
    )
    patience_rate: Pair[Probability] = _endpoints(0.05, unit="1/tick", symbol="ρ_Z", meaning="speed of that return")
    patience_loss: Pair[NonNegative] = _endpoints(
        0.05, unit="1/utils", symbol="κ_Z", meaning="patience lost a util of disappointment"
    )
    # aspiration
    aspiration_rate: Pair[Probability] = _endpoints(
        0.10,
        unit="1/tick",
        symbol="ρ_A",
        meaning="speed at which aspiration follows",
        source="Cyert & March 1963, Levinthal & March 1981 for the form (not re-read)",
    )
    aspiration_reach: Pair[Probability] = _endpoints(
        0.0,
        0.5,
        unit="-",
        symbol="ω_A",
        group="aspiration",
        low=0,
        high=1,
        meaning="weight of the best known seller, against own experience, in aspiration",
    )

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, raw: Any) -> Any:
        """Let a file give one endpoint and keep the default of the other."""
        if not isinstance(raw, dict):
            return raw
        defaults = {name: field.default for name, field in cls.model_fields.items()}
        return {name: completed(value, defaults.get(name)) for name, value in raw.items()}


def completed(value: Any, default: Any) -> Any:
    """`value` with the endpoint that it leaves out taken from `default`, a Pair."""
    if not isinstance(default, Pair) or not isinstance(value, dict):
        return value
    if not value:
        return value
    return {"push": default.push, "pull": default.pull, **value}
