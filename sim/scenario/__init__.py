"""Scenarios: what a market is, read from YAML with every mistake in its place."""

from sim.scenario.behaviour import GROUPS, Behaviour, Group, Pair
from sim.scenario.buyers import (
    Bernoulli,
    Business,
    Buyers,
    EachTick,
    LogGammaTaste,
    NegativeBinomial,
    Network,
    NormalTaste,
    Segment,
    SegmentedTaste,
    TasteClass,
)
from sim.scenario.checks import MAX_SELLERS
from sim.scenario.market import (
    CallCentre,
    Economy,
    Exponential,
    Knowledge,
    Mechanisms,
    Research,
    Selling,
    SingleQueue,
    WordOfMouth,
)
from sim.scenario.mistakes import Mistake, ScenarioError
from sim.scenario.reading import Reading, read_file, read_text
from sim.scenario.scenario import Scenario, scenario_json_schema, with_values
from sim.scenario.schedules import Cohort, Constant, Logistic, Piecewise, PullSchedule, Range, Step, UpAndBack
from sim.scenario.sellers import Change, Event, Seller, Shock, change_model, seller_model
from sim.scenario.starter import starter
from sim.scenario.steering import Adjustment, EffortChange, Endpoints, NewTerms

__all__ = [
    "GROUPS",
    "MAX_SELLERS",
    "Adjustment",
    "Behaviour",
    "Bernoulli",
    "Business",
    "Buyers",
    "CallCentre",
    "Change",
    "Cohort",
    "Constant",
    "EachTick",
    "Economy",
    "EffortChange",
    "Endpoints",
    "Event",
    "Exponential",
    "Group",
    "Knowledge",
    "LogGammaTaste",
    "Logistic",
    "Mechanisms",
    "Mistake",
    "NegativeBinomial",
    "Network",
    "NewTerms",
    "NormalTaste",
    "Pair",
    "Piecewise",
    "PullSchedule",
    "Range",
    "Reading",
    "Research",
    "Scenario",
    "ScenarioError",
    "Segment",
    "SegmentedTaste",
    "Seller",
    "Selling",
    "Shock",
    "SingleQueue",
    "Step",
    "TasteClass",
    "UpAndBack",
    "WordOfMouth",
    "change_model",
    "read_file",
    "read_text",
    "scenario_json_schema",
    "seller_model",
    "starter",
    "with_values",
]
