"""The scenario: one market question, complete, with every default written out."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from sim.scenario.behaviour import Behaviour, completed
from sim.scenario.buyers import Buyers
from sim.scenario.market import Economy, Knowledge, Mechanisms, Research, Selling, WordOfMouth
from sim.scenario.schedules import Constant, Logistic
from sim.scenario.sellers import Event, Seller, SellerEntry
from sim.strategies.strategy import Strict

__all__ = ["MAX_SELLERS", "Scenario"]

MAX_SELLERS = 64
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]*$", max_length=80)]


def _three_economies() -> dict[str, Economy]:
    return {
        "push": Economy(pull_share=Constant(level=0.0)),
        "transition": Economy(pull_share=Logistic()),
        "pull": Economy(pull_share=Constant(level=1.0)),
    }


class Scenario(Strict):
    """A market, its buyers and sellers, what happens to them, and the economies to compare."""

    name: Name = Field(description="name; results are filed under it")
    description: str = Field("", description="what the scenario asks")
    horizon: Annotated[int, Field(ge=1, le=100_000)] = Field(120, description="ticks to run [ticks = months]")
    seed: Annotated[int, Field(ge=0, lt=2**63)] = Field(1, description="seed from which every draw derives")
    replications: Annotated[int, Field(ge=1, le=1_000_000)] = Field(32, description="independent runs of each economy")
    buyers: Buyers = Field(default_factory=Buyers, description="the buyers")
    behaviour: Behaviour = Field(default_factory=Behaviour, description="what buyers do")
    knowledge: Knowledge = Field(default_factory=Knowledge, description="what buyers know at the opening")
    research: Research = Field(default_factory=Research, description="which sellers a researching buyer inspects")
    word_of_mouth: WordOfMouth = Field(default_factory=WordOfMouth, description="how buyers hear from neighbours")
    selling: Selling = Field(default_factory=Selling, description="what selling costs and does")
    mechanisms: Mechanisms = Field(default_factory=Mechanisms, description="switches that turn a mechanism off")
    economies: Annotated[dict[Name, Economy], Field(min_length=1)] = Field(
        default_factory=_three_economies, description="economies to run on the same buyers, sellers and draws"
    )
    sellers: Annotated[list[SellerEntry], Field(min_length=1)] = Field(description="the sellers at the opening")
    events: list[Event] = Field(default_factory=list, description="what happens on the way")

    @model_validator(mode="before")
    @classmethod
    def _complete_segments(cls, raw: Any) -> Any:
        """Let a segment give one endpoint and keep the scenario's own value of the other."""
        if not isinstance(raw, dict) or not isinstance(raw.get("buyers"), dict):
            return raw
        segments = raw["buyers"].get("segments")
        if not isinstance(segments, list):
            return raw
        try:
            behaviour = Behaviour.model_validate(raw.get("behaviour", {}))
        except ValidationError:  # reported where it stands
            behaviour = Behaviour()
        whole = [
            {name: completed(value, getattr(behaviour, str(name), None)) for name, value in segment.items()}
            if isinstance(segment, dict)
            else segment
            for segment in segments
        ]
        return {**raw, "buyers": {**raw["buyers"], "segments": whole}}

    @property
    def all_sellers(self) -> list[Seller]:
        """The sellers at the opening and then the entrants, in the order of the file."""
        return [*self.sellers, *(event.enter for event in self.events if event.enter is not None)]

    def behaviour_of(self, segment: Any) -> Behaviour:
        """Behaviour of one of `buyers.segments`: the scenario's with the segment's overrides."""
        overrides = {name: getattr(segment, name) for name in Behaviour.model_fields if getattr(segment, name) is not None}
        return self.behaviour.model_copy(update=overrides)
