"""Scenarios: what a market is, read from YAML with every mistake in its place."""

from sim.scenario.behaviour import GROUPS, Behaviour, Group, Pair
from sim.scenario.buyers import Business, Buyers, Network, Segment
from sim.scenario.checks import MAX_SELLERS
from sim.scenario.market import Economy, Knowledge, Mechanisms, Research, Selling, WordOfMouth
from sim.scenario.mistakes import Mistake, ScenarioError
from sim.scenario.reading import Reading, read_file, read_text
from sim.scenario.scenario import Scenario, scenario_json_schema, with_values
from sim.scenario.schedules import Cohort, Constant, Logistic, Piecewise, PullSchedule, Range, Step, UpAndBack
from sim.scenario.sellers import Change, Event, Seller, Shock, change_model, seller_model
from sim.scenario.starter import starter

__all__ = [
    "GROUPS",
    "MAX_SELLERS",
    "Behaviour",
    "Business",
    "Buyers",
    "Change",
    "Cohort",
    "Constant",
    "Economy",
    "Event",
    "Group",
    "Knowledge",
    "Logistic",
    "Mechanisms",
    "Mistake",
    "Network",
    "Pair",
    "Piecewise",
    "PullSchedule",
    "Range",
    "Reading",
    "Research",
    "Scenario",
    "ScenarioError",
    "Segment",
    "Seller",
    "Selling",
    "Shock",
    "Step",
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
