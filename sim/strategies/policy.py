"""What all strategies share: their parameters, and how they open and adapt."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field, model_validator

from sim.strategies.adaptation import Adaptation, adapted
from sim.strategies.strategy import Effort, Fraction, Plan, Strict, View

__all__ = ["Policy"]


class Policy(Strict):
    """Parameters shared by all strategies; a strategy is a subclass with its own template as defaults.

    A subclass fixes ``strategy: Literal["its-name"]``, gives defaults, and may override `plan`.
    """

    source: ClassVar[str] = ""

    strategy: str = Field(description="name of the strategy in the catalogue")
    effort: Effort = Field(
        description="division of the budget at the start; entries left out keep the strategy's own [-]"
    )
    quality: float = Field(0.7, ge=0, description="quality of the product [-]")
    price: float = Field(1.0, ge=0, description="posted price [money/order]")
    unit_cost: float = Field(0.6, ge=0, description="cost of an order [money/order]")
    overclaim: float = Field(0.0, ge=0, description="how far claims exceed the truth [utils]")
    opening_relationship: Fraction = Field(0.0, description="relationship with its own customers at the opening [-]")
    opening_skill: Fraction = Field(0.5, description="sales skill at the opening or entry [-]")
    opening_self_service: Fraction | None = Field(
        None,
        description=(
            "self-service stock at the opening or entry [-]; left out: an incumbent's is the fixed point under its "
            "opening budget, an entrant's is 0"
        ),
    )
    stubbornness: Fraction = Field(0.0, description="resistance to a change of course: 0 yields, 1 never [-]")
    adaptation: Adaptation = Field(default_factory=Adaptation, description="when and how the course is changed")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, raw: Any) -> Any:
        """Let a file name only the effort entries that differ from the template."""
        if isinstance(raw, dict) and isinstance(raw.get("effort"), dict):
            template = cls.model_fields["effort"].default
            if isinstance(template, Effort):
                raw = {**raw, "effort": {**template.model_dump(), **raw["effort"]}}
        return raw

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Let a field that a strategy declares anew keep its description, and with it its unit."""
        super().__pydantic_init_subclass__(**kwargs)
        bare = [name for name, field in cls.model_fields.items() if field.description is None]
        for name in bare:
            for parent in cls.__mro__[1:]:
                inherited = getattr(parent, "model_fields", {}).get(name)
                if inherited is not None and inherited.description:
                    cls.model_fields[name].description = inherited.description
                    break
        if bare:
            cls.model_rebuild(force=True)

    def opening_plan(self) -> Plan:
        """The plan of the first tick."""
        return Plan(self.effort, self.price, self.overclaim)

    def reviews(self, tick: int) -> bool:
        """Whether `plan` wants to be asked at a tick after the opening; a strategy with its own `plan` always.

        Parameters
        ----------
        tick : int
            [ticks]
        """
        if type(self).plan is not Policy.plan:
            return True
        return self.stubbornness < 1 and tick % self.adaptation.every == 0

    def plan(self, view: View) -> Plan:
        """Open with the template; afterwards stay the course or adapt it at each review."""
        if view.plan is None:
            return self.opening_plan()
        return adapted(view.plan, view, self.adaptation, self.stubbornness)
