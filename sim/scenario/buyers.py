"""Who the buyers are: number, tastes, network, purchases, segments (model A1, A3, A7, A10)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, create_model, model_validator

from sim.scenario.behaviour import Behaviour, NonNegative, Positive, Probability
from sim.scenario.names import Label
from sim.scenario.schedules import Range
from sim.strategies.strategy import Strict

__all__ = [
    "Bernoulli",
    "Business",
    "Buyers",
    "EachTick",
    "Incidence",
    "LogGammaTaste",
    "NegativeBinomial",
    "Network",
    "NormalTaste",
    "Segment",
    "SegmentedTaste",
    "Taste",
    "TasteClass",
]


class NormalTaste(Strict):
    """Independent normal tastes."""

    kind: Literal["normal"] = "normal"
    sd: NonNegative = Field(0.5, description="standard deviation of taste, usually 0 to 2 [utils]")


class TasteClass(Strict):
    """One class of buyers with the same tastes."""

    weight: Positive = Field(description="fraction of buyers; all classes add up to 1 [-]")
    utility: dict[str, float] = Field(description="taste for each seller by name [utils]")


class SegmentedTaste(Strict):
    """Lumpy tastes: a few classes, each with a utility for each seller."""

    kind: Literal["segments"] = "segments"
    classes: Annotated[list[TasteClass], Field(min_length=1, max_length=64)] = Field(description="the classes")
    sd: NonNegative = Field(0.0, description="normal taste inside a class [utils]")

    @model_validator(mode="after")
    def _whole(self) -> SegmentedTaste:
        total = sum(one.weight for one in self.classes)
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the weights of the classes add up to {total:.6g}, not 1")
        return self


class LogGammaTaste(Strict):
    """Tastes ln Gamma(shape): with Gumbel shocks and nothing else, the Dirichlet-multinomial."""

    kind: Literal["loggamma"] = "loggamma"
    shape: dict[str, Positive] = Field(description="gamma shape for each seller by name [-]")


Taste = Annotated[NormalTaste | SegmentedTaste | LogGammaTaste, Field(discriminator="kind")]


class Network(Strict):
    """Whom a buyer listens to: a Watts-Strogatz small world of directed lists."""

    degree: Annotated[int, Field(ge=0, le=64, multiple_of=2)] = Field(
        8, description="neighbours a buyer listens to, usually 5 to 29 [buyers]"
    )
    rewiring: Probability = Field(0.1, description="probability that a link leads to a random buyer [-]")


class EachTick(Strict):
    """One order a tick."""

    kind: Literal["each-tick"] = "each-tick"


class Bernoulli(Strict):
    """An order in a tick with a fixed probability."""

    kind: Literal["bernoulli"] = "bernoulli"
    rate: Probability = Field(description="probability of an order in a tick [1/tick]")


class NegativeBinomial(Strict):
    """Poisson orders at a rate that is gamma distributed over buyers (NBD)."""

    kind: Literal["nbd"] = "nbd"
    mean: Positive = Field(description="mean orders a buyer and tick, M [orders/tick]")
    shape: Positive = Field(description="shape of the gamma distribution, K [-]")


Incidence = Annotated[EachTick | Bernoulli | NegativeBinomial, Field(discriminator="kind")]


class Business(Strict):
    """How a buyer's own business, and so the size of its orders, grows or declines."""

    growth: float = Field(0.0, gt=-1, description="mean growth of the order size [1/tick]")
    sd: NonNegative = Field(0.0, description="standard deviation of growth over buyers [1/tick]")
    tenure_effect: float = Field(0.0, description="growth added for each tick with the same seller [1/tick²]")


_overrides: dict[str, Any] = {
    name: (field.annotation | None, Field(None, description=field.description))  # type: ignore[operator]
    for name, field in Behaviour.model_fields.items()
}


class _SegmentTerms(Strict):
    name: Label = Field(description="name of the segment")
    fraction: Annotated[float, Field(gt=0, le=1)] = Field(
        description="fraction of the buyers; all segments add up to 1 [-]"
    )
    pull_threshold: Range = Field(
        default_factory=Range, description="range of the threshold that the pull share must pass [-]"
    )
    business: Business | None = Field(
        None, description="growth of the buyers' own business; left out: as for all buyers"
    )


Segment = create_model(
    "Segment",
    __base__=_SegmentTerms,
    __module__=__name__,
    __doc__="A part of the buyers; any behaviour parameter may be overridden.",
    **_overrides,
)


class Buyers(Strict):
    """The buyers of the market."""

    count: Annotated[int, Field(ge=2, le=1_000_000_000)] = Field(10_000, description="number of buyers [buyers]")
    taste: Taste = Field(default_factory=NormalTaste, description="tastes for sellers")
    network: Network = Field(default_factory=Network, description="whom a buyer listens to")
    incidence: Incidence = Field(default_factory=EachTick, description="when a buyer orders")
    business: Business = Field(default_factory=Business, description="growth of the buyers' own business")
    segments: list[Segment] = Field(
        default_factory=list, max_length=64, description="parts of the buyers that behave differently"
    )
