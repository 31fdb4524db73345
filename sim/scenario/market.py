"""The market's own terms: knowledge, word of mouth, research rule, selling, mechanisms, economies."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.behaviour import GROUPS, Group, NonNegative, Positive, Probability
from sim.scenario.schedules import PullSchedule
from sim.strategies.strategy import Strict

__all__ = [
    "CallCentre",
    "Congestion",
    "Economy",
    "Exponential",
    "Knowledge",
    "Mechanisms",
    "Research",
    "Selling",
    "SingleQueue",
    "WordOfMouth",
]


class Knowledge(Strict):
    """What buyers know at the opening (model A4, A17.5, A17.7)."""

    prior_mean: float | Literal["auto"] = Field(
        2.8,
        description="belief about a seller one has no experience with [utils]; "
        "auto: the mean experience of the sellers at the opening",
    )
    prior_variance: Positive = Field(
        2.0, description="variance of that belief, and the most a variance can be, usually 1 to 4 [utils²]"
    )
    opening_variance: Positive = Field(
        0.15, description="variance of the belief about one's own seller at the opening [utils²]"
    )


class Research(Strict):
    """Which sellers a researching buyer inspects (model A6)."""

    rule: Literal["weitzman", "fixed-sample", "all", "none"] = Field(
        "weitzman",
        description="weitzman: while the next reservation value beats the best seen; "
        "fixed-sample: a number fixed beforehand; all: every known seller; none: no research",
    )
    discovery_floor: Probability = Field(
        0.1, description="self-service stock with which a seller without any is found and read [-]"
    )


class WordOfMouth(Strict):
    """How buyers hear from neighbours (model A10)."""

    rule: Literal["simple", "threshold", "bass", "none"] = Field(
        "simple",
        description="simple: each neighbour talks on its own; "
        "threshold: heard only when enough neighbours use the same other seller; "
        "bass: as simple, from random buyers instead of neighbours; none",
    )
    rate: Probability = Field(
        0.05, description="probability that a satisfied neighbour talks, usually 0.01 to 0.07 [1/tick]"
    )
    dissatisfied_ratio: NonNegative = Field(
        1.5, description="how much likelier a dissatisfied neighbour talks; contested, 0.33 to 3 [-]"
    )
    threshold: Probability = Field(
        0.25, description="fraction of neighbours with the same seller from which a buyer listens (rule threshold) [-]"
    )


class Exponential(Strict):
    """Service rises with spending a customer, with diminishing returns."""

    kind: Literal["exponential"] = "exponential"


class SingleQueue(Strict):
    """M/M/1: service is the probability of an answer within the limit."""

    kind: Literal["mm1"] = "mm1"
    calls: Positive = Field(1.0, description="requests a customer makes [1/tick]")
    call_cost: Positive = Field(0.05, description="cost of the capacity for one request a tick [money/tick]")
    answer_within: Positive = Field(0.02, description="time within which an answer counts as service [ticks]")


class CallCentre(Strict):
    """M/M/c (Erlang C): service is the probability of being answered within the limit."""

    kind: Literal["erlang-c"] = "erlang-c"
    calls: Positive = Field(1.0, description="requests a customer makes [1/tick]")
    calls_per_server: Positive = Field(50.0, description="requests one server can handle [1/tick]")
    server_cost: Positive = Field(2.5, description="cost of one server [money/tick]")
    answer_within: NonNegative = Field(
        0.005, description="waiting time within which an answer counts as service [ticks]"
    )


Congestion = Annotated[Exponential | SingleQueue | CallCentre, Field(discriminator="kind")]


class Selling(Strict):
    """What selling costs and how sellers' stocks move (model A3, A5, A11, A17)."""

    budget_share: Probability = Field(0.6, description="selling budget as a part of gross margin [-]")
    budget_rate: Probability = Field(0.03, description="speed at which a budget follows its target; 1 at once [1/tick]")
    launch_share: Probability = Field(0.2, description="market share to whose budget a launch is lifted [-]")
    visit_cost: Positive = Field(0.15, description="cost of a visit [money]")
    message_cost: Positive = Field(0.03, description="cost of a push message [money]")
    human_service_cost: Positive = Field(
        0.05, description="spending a customer that gives 63 % of full human service [money/tick]"
    )
    self_service_cost: Positive = Field(
        0.02, description="spending a market buyer that gives 63 % of full self-service [money/tick]"
    )
    self_service_rate: Probability = Field(0.08, description="speed at which self-service follows spending [1/tick]")
    congestion: Congestion = Field(
        default_factory=Exponential, description="how human service suffers when customers share it"
    )
    skill_gain: Probability = Field(0.15, description="sales skill gained by practice or training [1/tick]")
    skill_decay: Probability = Field(
        0.08, description="sales skill lost without practice, 0.05 to 0.11 from skill-retention studies [1/tick]"
    )
    training_effect: NonNegative = Field(
        5.0, description="practice that the whole budget spent on training replaces [-]"
    )
    exit_after: Annotated[int, Field(ge=1)] = Field(
        6, description="ticks in a row with negative cash after which a seller gives up [ticks]"
    )
    fixed_cost: NonNegative = Field(0.0, description="fixed cost of a seller [money/tick a market buyer]")
    opening_cash: NonNegative = Field(0.5, description="cash of an incumbent at the opening [money a customer]")
    entrant_cash: NonNegative = Field(2.0, description="cash of an entrant that names none [money a market buyer]")
    entrant_launch: Annotated[int, Field(ge=0)] = Field(
        36, description="length of the launch of an entrant that names none [ticks]"
    )


class Mechanisms(Strict):
    """Switches: each turned off gives a limiting case (word of mouth and research have `none`)."""

    learning: bool = Field(True, description="off: buyers know the true mean experience, with no variance")
    contacts: bool = Field(True, description="off: sellers neither visit nor send messages")
    relationship: bool = Field(True, description="off: relationships stay at 0")
    aspiration: bool = Field(True, description="off: aspirations stay as they were at the opening")
    patience: bool = Field(True, description="off: patience stays at its norm")
    skill: bool = Field(True, description="off: sales skill stays as it was at the opening or entry")
    adaptation: bool = Field(True, description="off: each seller stays with its opening plan")
    exit: bool = Field(True, description="off: sellers never give up")


class Economy(Strict):
    """One economy: when buyers turn to pull, and what turns with them."""

    pull_share: PullSchedule = Field(description="share of buyers in pull mode over time")
    groups: list[Group] = Field(
        default_factory=lambda: list(GROUPS),
        description="groups of behaviour that take their pull value in pull mode; the others stay at push",
    )
