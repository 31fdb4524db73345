"""Every file in scenarios/ is right, runs, and gives what its question needs."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from sim.cli import main
from sim.results import Run
from sim.runner import run
from sim.scenario import Scenario
from sim.scenario.behaviour import GROUPS
from sim.scenario.buyers import Taste
from sim.scenario.market import Congestion
from sim.scenario.schedules import PullSchedule
from sim.scenario.sellers import VERBS

FOLDER = Path(__file__).parents[2] / "scenarios"
FILES = {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}

# What the question of each file is about: measures by seller, "" for the market, and whose leaving is asked for.
NEEDS: dict[str, list[tuple[str, str]]] = {
    "ally": [(seller, "survival") for seller in ("Allies", "Partners", "Heritage", "Closers", "Value", "Mimic")]
    + [("Newcomer", "cumulative_profit"), ("Allies", "final_share"), ("Partners", "final_share")],
    "answer": [("Heritage", "final_share"), ("Heritage", "cumulative_profit")],
    "attention_elsewhere": [(seller, "final_share") for seller in ("Watchful", "Tardy", "Blinkered")],
    "commodity": [("Value", "cumulative_profit"), ("Value", "final_share"), ("Clicker", "final_profit"), ("", "hhi")],
    "generations": [("Heritage", "half_life"), ("Heritage", "mean_share"), ("Heritage", "cumulative_profit")],
    "hard_sell": [("Closers", "final_share"), ("Closers", "survival"), ("Pressers", "final_share")],
    "lost_skill": [("Drifter", "final_share"), ("Rower", "final_share"), ("Drifter", "hazard"), ("Rower", "hazard")],
    "office_imaging": [("Heritage", "half_life"), ("Heritage", "final_share"), ("Newcomer", "time_to_overtake")],
    "quick": [("Heritage", "half_life"), ("Allies", "leader"), ("Newcomer", "final_share")],
    "shrinking_customers": [("Heritage", "revenue_share"), ("Heritage", "final_share"), ("Heritage", "churn")],
    "stubborn": [(seller, "cumulative_profit") for seller in ("Oak", "Reed", "Willow")] + [("Newcomer", "final_share")],
    "two_rings": [("TwoRings", "final_share"), ("NoCalls", "final_share"), ("TwoRings", "survival")],
    "two_rings_call_centre": [("TwoRings", "satisfaction"), ("TwoRings", "final_share"), ("NoCalls", "final_share")],
}

STRATEGIES = {"relationship-reliant", "hard-sell", "collaborative", "transactional", "innovator"}

every_file = pytest.mark.parametrize("stem", FILES)


def load(stem: str) -> Scenario:
    return Scenario.load(FILES[stem])


@cache
def shortened(stem: str) -> Run:
    """The whole horizon, so that every event takes place, on few buyers."""
    few = Scenario.load(FILES[stem], {"buyers.count": 300})
    return run(few, replications=2, out=None, jobs=1, progress=False)


def differences(scenario: Scenario, first: str, second: str) -> set[str]:
    """Parameters in which two sellers differ."""
    one, other = (scenario.settled().sellers[names_of(scenario).index(name)].model_dump() for name in (first, second))
    return {name for name in one if one[name] != other[name]}


def names_of(scenario: Scenario) -> list[str]:
    return [seller.name for seller in scenario.all_sellers]


def effort_of(scenario: Scenario, seller: str) -> dict[str, float]:
    return scenario.all_sellers[names_of(scenario).index(seller)].effort.model_dump()


def kinds(union: Any) -> set[str]:
    """What `kind` can be in a union of the schema."""
    return {model.model_fields["kind"].default for model in get_args(get_args(union)[0])}


# --- every file ---


def test_there_is_a_file_for_each_situation() -> None:
    assert set(FILES) == set(NEEDS)


@every_file
def test_it_is_right(stem: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(FILES[stem])]) == 0
    assert capsys.readouterr().out == f"{FILES[stem]}: OK\n"
    assert load(stem).name == stem.replace("_", "-")


@every_file
def test_its_description_asks(stem: str) -> None:
    scenario = load(stem)
    description = scenario.description.strip()
    assert description.endswith("?")
    assert 2 <= len(re.findall(r"[.?!](?=\s|$)", description)) <= 4
    # a capital inside a sentence is a seller's name
    named = set(re.findall(r"(?<=[a-z,;:] )[A-Z]\w*", description))
    assert named <= set(names_of(scenario))
    assert {seller for seller, _ in NEEDS[stem] if seller in description} or stem == "quick"


@every_file
def test_it_has_a_row_in_the_table(stem: str) -> None:
    table = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in table if f"[{stem}.yaml]({stem}.yaml)" in line]
    assert len(rows) == 1


@every_file
def test_it_runs_and_the_books_are_whole(stem: str) -> None:
    done = shortened(stem)
    assert list(done.scenario.economies) == list(load(stem).economies)
    ticks = ["economy", "replication", "tick"]
    customers = done.shares.groupby(ticks, observed=True)["customers"].sum()
    assert len(customers) == len(done.scenario.economies) * 2 * done.scenario.horizon
    assert (customers == 300).all()
    assert np.isfinite(done.shares[["share", "revenue", "profit", "cash"]]).all(axis=None)


@every_file
def test_nothing_is_decided_from_the_start(stem: str) -> None:
    """Who is there at the opening lives through the first year, and two or more sellers to the end."""
    done = shortened(stem)
    opening = {seller.name for seller in done.scenario.sellers}
    first_year = done.shares[(done.shares["tick"] < 12) & done.shares["seller"].isin(opening)]
    assert first_year["alive"].all()
    last = done.shares[done.shares["tick"] == done.scenario.horizon - 1]
    assert (last.groupby(["economy", "replication"], observed=True)["alive"].sum() >= 2).all()


@every_file
def test_its_question_can_be_answered(stem: str) -> None:
    done = shortened(stem)
    summary = done.summary.set_index(["economy", "seller", "measure"])
    leaving = set(done.switches["from_seller"])
    for economy in done.economies:
        for seller, measure in NEEDS[stem]:
            line = summary.loc[(economy, seller, measure)]
            assert line["replications"] > 0, (economy, seller, measure)
    assert {seller for seller, _ in NEEDS[stem] if seller} <= leaving


@every_file
def test_its_economies_part_ways(stem: str) -> None:
    """No economy is a copy of another."""
    shares = shortened(stem).shares
    paths = {economy: rows["share"].to_numpy() for economy, rows in shares.groupby("economy", observed=True)}
    names = list(paths)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            assert np.abs(paths[one] - paths[other]).max() > 0.05, (one, other)


# --- what some of them promise in words ---


def test_the_main_job() -> None:
    scenario = load("office_imaging")
    assert (scenario.buyers.count, scenario.horizon, scenario.replications) == (10_000, 120, 32)
    assert list(scenario.economies) == ["push", "transition", "pull"]
    assert names_of(scenario) == ["Heritage", "Closers", "Allies", "Value", "Newcomer"]
    assert [(event.at, event.verb, event.seller) for event in scenario.events] == [(24, "enter", "Newcomer")]


def test_the_rep_and_the_twin_who_keeps_winning_serve_alike() -> None:
    scenario = load("lost_skill")
    assert differences(scenario, "Drifter", "Rower") == {"name", "effort"}
    drifter, rower = effort_of(scenario, "Drifter"), effort_of(scenario, "Rower")
    assert sum(drifter.values()) == pytest.approx(sum(rower.values()))
    assert all(drifter[service] == rower[service] for service in ("human_service", "self_service"))


@pytest.mark.parametrize("stem", ["two_rings", "two_rings_call_centre"])
def test_the_phone_and_the_screen_differ_in_service_only(stem: str) -> None:
    scenario = load(stem)
    assert differences(scenario, "TwoRings", "NoCalls") == {"name", "effort"}
    phone, screen = effort_of(scenario, "TwoRings"), effort_of(scenario, "NoCalls")
    assert (phone["human_service"], phone["self_service"]) == (screen["self_service"], screen["human_service"])
    assert all(phone[name] == screen[name] for name in phone if name not in ("human_service", "self_service"))


def test_the_call_centres_open_with_the_staff_that_is_said() -> None:
    scenario = load("two_rings_call_centre")
    centre = scenario.selling.congestion
    sellers = scenario.settled().sellers
    assert {seller.opening_share for seller in sellers} == {0.25}
    staff = {}
    for seller in sellers:
        margin = (seller.price - seller.unit_cost) * 0.25 * scenario.buyers.count
        staff[seller.name] = int(seller.budget_share * margin * seller.effort.human_service / centre.server_cost)
    assert staff == {"TwoRings": 79, "NoCalls": 0, "Branches": 56, "Heritage": 56}
    assert 0.25 * scenario.buyers.count * centre.calls / centre.calls_per_server == 50


def test_the_three_houses_differ_in_stubbornness_or_not_at_all() -> None:
    scenario = load("stubborn")
    assert differences(scenario, "Oak", "Reed") == {"name", "stubbornness"}
    assert differences(scenario, "Oak", "Willow") == {"name"}


def test_the_watchers_differ_in_what_they_watch() -> None:
    scenario = load("attention_elsewhere")
    assert differences(scenario, "Watchful", "Tardy") == {"name", "adaptation"}
    assert differences(scenario, "Watchful", "Blinkered") == {"name", "adaptation"}


def test_all_products_become_alike() -> None:
    scenario = load("commodity")
    quality = [seller.quality + scenario.horizon * seller.quality_drift for seller in scenario.all_sellers]
    assert quality == pytest.approx([0.6] * len(quality))


def test_generations_start_with_one_in_ten() -> None:
    market = shortened("generations").market
    by_tick = market.pivot_table("pull_share", "tick", "economy", observed=True)
    start, end = by_tick.iloc[0], by_tick.iloc[-1]
    assert dict(start) == pytest.approx({"old generation": 0.1, "succession": 0.1, "overnight": 0.1}, abs=0.05)
    assert end["old generation"] == start["old generation"]
    assert 0.45 < end["succession"] < 0.7
    assert end["overnight"] == 1


# --- all together ---


def test_together_they_show_what_the_schema_offers() -> None:
    scenarios = [load(stem) for stem in FILES]
    economies = [economy for one in scenarios for economy in one.economies.values()]
    sellers = [seller for one in scenarios for seller in one.all_sellers]
    events = [event for one in scenarios for event in one.events]
    assert {economy.pull_share.kind for economy in economies} == kinds(PullSchedule)
    assert any(set(economy.groups) < set(GROUPS) for economy in economies)
    assert {one.buyers.taste.kind for one in scenarios} == kinds(Taste)
    assert {one.selling.congestion.kind for one in scenarios} == kinds(Congestion)
    assert {event.verb for event in events} == set(VERBS)
    assert {seller.strategy for seller in sellers} == STRATEGIES
    assert {seller.adaptation.monitor for seller in sellers} == {"market", "known-rivals"}
    assert "fastest-gainer" in {seller.adaptation.toward for seller in sellers}
    assert max(seller.adaptation.perception_lag for seller in sellers) > 0
    assert any(sum(event.verb == "enter" for event in one.events) > 1 for one in scenarios)
