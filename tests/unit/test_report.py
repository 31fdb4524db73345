from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic_run import make_run, make_scenario

import sim
from sim.measures import Estimate, mean_interval, median_interval, proportion_interval
from sim.plots.palette import LIGHT
from sim.plots.words import SPACE
from sim.report import Results, Standing, findings, render, results_of, write_report
from sim.report.findings import difference, economy_changes, who_leads, who_loses
from sim.report.page import how_it_was_made
from sim.report.reasons import ranking, reasons_of, why_they_left
from sim.report.standings import NOTHING
from sim.report.table import table_of
from sim.report.words import decimals_for, economy_words, listed, money, points, runs_words, share
from sim.results import ResultsError, Run
from sim.scenario import Scenario

NEVER = Estimate(math.inf, math.inf, math.inf, 4, 4)


def plain(text: str) -> str:
    return text.replace(SPACE, " ")


def standing(
    seller: str,
    start: list[float] | None,
    final: list[float],
    *,
    entry: int | None = None,
    half_life: list[float] | None = None,
    exits: list[float] | None = None,
) -> Standing:
    """A seller's standing from the shares of its replications; `start` None for an entrant."""
    count = len(final)
    gone = exits or [math.inf] * count
    return Standing(
        seller=seller,
        entry=entry,
        start=mean_interval(start) if start else NOTHING,
        final=mean_interval(final),
        kept=mean_interval(np.divide(final, start)) if start else NOTHING,
        half_life=median_interval(half_life or [math.inf] * count) if start else NOTHING,
        survival=proportion_interval([float(math.isinf(when)) for when in gone]),
        exit=median_interval(gone),
        profit=mean_interval(final),
        finals=dict(enumerate(final)),
    )


def results(**economies: list[Standing]) -> Results:
    """The first economy is the one in focus, the second the reference."""
    names = list(economies)
    return Results(
        ticks=120,
        standings={name: {one.seller: one for one in standings} for name, standings in economies.items()},
        focus=names[0],
        reference=names[1] if len(names) > 1 else None,
    )


HALVED = standing("Heritage", [0.25] * 4, [0.091, 0.093, 0.092, 0.092], half_life=[93, 91, 94, 93])
WINNER = standing("Allies", [0.25] * 4, [0.60, 0.61, 0.59, 0.60])
STEADY = standing("Value", [0.25] * 4, [0.24, 0.26, 0.25, 0.25])
DECLINING = standing("Value", [0.25] * 4, [0.20, 0.21, 0.20, 0.21])
ENTRANT = standing("Newcomer", None, [0.12, 0.13, 0.125, 0.125], entry=24)


class TestWhoLoses:
    def test_more_than_half(self) -> None:
        assert plain(who_loses(results(transition=[HALVED, WINNER]))) == (
            "In the transition economy, Heritage ends with less than half of the first year's share: "
            "Heritage goes from 25.0 % to 9.2 % [9.1, 9.3], half gone in month 93 (4 runs: no interval)."
        )

    def test_less_than_half_is_not_called_half(self) -> None:
        said = plain(who_loses(results(transition=[DECLINING, WINNER])))
        assert said.startswith(
            "In the transition economy, Value loses share: Value goes from 25.0 % to 20.5 % [19.6, 21.4]"
        )
        assert "not halved in 120 months (0 of 4 runs)" in said

    def test_a_loss_that_may_or_may_not_reach_half_is_not_called_half(self) -> None:
        near = standing("Value", [0.25] * 4, [0.115, 0.13, 0.12, 0.13], half_life=[110, math.inf, 115, math.inf])
        assert near.kept.mean < 0.5 < near.kept.high
        said = who_loses(results(transition=[near, WINNER]))
        assert "loses share" in said
        assert "less than half" not in said

    def test_a_loss_within_chance_is_no_loss(self) -> None:
        said = who_loses(results(transition=[STEADY, WINNER]))
        assert said == "In the transition economy, no seller of the opening loses share beyond what chance explains."

    def test_one_seller(self) -> None:
        alone = standing("Heritage", [1.0] * 4, [1.0] * 4)
        assert who_loses(results(pull=[alone])) == (
            "In the pull economy, Heritage does not lose share beyond what chance explains."
        )

    def test_one_replication_has_no_interval_and_says_so(self) -> None:
        one = standing("Heritage", [0.25], [0.09], half_life=[93])
        said = plain(who_loses(results(transition=[one, standing("Allies", [0.25], [0.6])])))
        assert said == (
            "In the one run made of the transition economy, without an interval, Heritage ends with less than half of "
            "the first year's share: Heritage goes from 25.0 % to 9.0 %, half gone in month 93 (one run)."
        )

    def test_all_gone(self) -> None:
        dead = [standing(name, [0.5] * 4, [0.0] * 4, exits=[40, 41, 42, 43], half_life=[9] * 4) for name in "AB"]
        assert who_loses(results(pull=dead)) == (
            "In the pull economy, every seller gives up by month 41, and no seller is left at the end."
        )

    def test_some_runs_without_it(self) -> None:
        fading = standing(
            "Closers", [0.25] * 4, [0.0, 0.01, 0.0, 0.01], half_life=[50] * 4, exits=[60, math.inf, 61, math.inf]
        )
        assert "gives up in 2 of 4 runs" in who_loses(results(pull=[fading, WINNER]))

    def test_many_losers_are_counted(self) -> None:
        losers = [
            standing(f"S{number}", [0.2] * 4, [0.01, 0.02, 0.01, 0.02], half_life=[30] * 4) for number in range(5)
        ]
        said = who_loses(results(pull=[*losers, WINNER]))
        assert "S0, S1, S2 and 2 more end with less than half" in said
        assert "S3 goes" not in said


class TestWhoLeads:
    def test_a_clear_leader(self) -> None:
        assert plain(who_leads(results(transition=[HALVED, WINNER, ENTRANT]))) == (
            "In the transition economy, Allies leads at the end with 60 % [59, 61], "
            "ahead of Newcomer (entrant of month 24) with 12.5 % [11.9, 13.1]."
        )

    def test_overlapping_intervals_have_no_clear_leader(self) -> None:
        first = standing("A", [0.5] * 4, [0.30, 0.34, 0.29, 0.33])
        second = standing("B", [0.5] * 4, [0.31, 0.30, 0.28, 0.33])
        said = plain(who_leads(results(pull=[first, second])))
        assert said.startswith("In the pull economy, there is no clear leader at the end: A 32 % [28, 35] and B 30 %")
        assert said.endswith("have intervals that overlap.")
        assert "leads" not in said

    def test_an_entrant_who_never_enters(self) -> None:
        absent = standing("Ghost", None, [0.0] * 4, entry=130, exits=[math.nan] * 4)
        assert "the entrant Ghost never enters" in who_leads(results(pull=[WINNER, HALVED, absent]))

    def test_an_entrant_who_gives_up(self) -> None:
        failed = standing("Newcomer", None, [0.0] * 4, entry=24, exits=[80, 82, 84, 83])
        said = plain(who_leads(results(push=[WINNER, HALVED, failed])))
        assert said.endswith("; the entrant Newcomer (month 24) gives up in all 4 runs (month 82).")

    def test_an_entrant_who_gives_up_at_times(self) -> None:
        shaky = standing("Newcomer", None, [0.0, 0.02, 0.03, 0.02], entry=24, exits=[80, math.inf, math.inf, math.inf])
        assert "and gives up in 1 of 4 runs" in who_leads(results(push=[WINNER, HALVED, shaky]))

    def test_one_seller_left(self) -> None:
        gone = standing("B", [0.5] * 4, [0.0] * 4, exits=[10] * 4)
        said = who_leads(results(pull=[standing("A", [0.5] * 4, [1.0] * 4), gone]))
        assert said == "In the pull economy, A is the only seller with customers at the end."

    def test_nobody_left(self) -> None:
        gone = standing("B", [1.0] * 4, [0.0] * 4, exits=[10] * 4)
        assert who_leads(results(pull=[gone])) == (
            "In the pull economy, nobody leads: no seller has a customer at the end."
        )


class TestEconomyChanges:
    def test_differences_are_paired(self) -> None:
        # each final share varies widely over replications, their difference does not
        here = standing("Heritage", [0.25] * 4, [0.05, 0.10, 0.15, 0.20])
        there = standing("Heritage", [0.25] * 4, [0.10, 0.151, 0.199, 0.25])
        gap = difference(there, here)
        assert gap.mean == pytest.approx(0.05)
        assert 0.048 < gap.low < gap.high < 0.052
        said = plain(economy_changes(results(transition=[here], push=[there])))
        assert said == (
            "Played on the same buyers and draws in the push economy instead of the transition economy, "
            "Heritage would end with 18 %, 5.0 points [4.9, 5.1] more."
        )

    def test_a_difference_that_may_be_zero_is_not_told(self) -> None:
        here = standing("Heritage", [0.25] * 4, [0.20, 0.22, 0.21, 0.21])
        there = standing("Heritage", [0.25] * 4, [0.21, 0.21, 0.22, 0.21])
        assert economy_changes(results(transition=[here], push=[there])).endswith(
            "no seller's final share differs that the intervals of the paired differences carry."
        )

    def test_losses_are_less(self) -> None:
        here, there = standing("A", [0.5] * 4, [0.6, 0.61, 0.6, 0.61]), standing("A", [0.5] * 4, [0.3, 0.31, 0.3, 0.32])
        assert "29.8 points [29.0, 30.5] less" in plain(economy_changes(results(pull=[here], push=[there])))

    def test_only_common_replications_count(self) -> None:
        here, there = standing("A", [0.5] * 4, [0.6, 0.6, 0.6, 0.6]), standing("A", [0.5] * 2, [0.3, 0.4])
        assert difference(there, here).replications == 2

    def test_one_economy(self) -> None:
        assert economy_changes(results(push=[WINNER])) == (
            "Only the push economy was run, so this run cannot say what a turn from push to pull changes."
        )

    def test_one_replication(self) -> None:
        here, there = standing("A", [0.5], [0.6]), standing("A", [0.5], [0.4])
        assert plain(economy_changes(results(pull=[here], push=[there]))).endswith(
            "A would end with 40.0 %, 20.0 points less (one run, no interval)."
        )


class TestWords:
    @pytest.mark.parametrize(
        ("half", "decimals"), [(0.5, 1), (5, 0), (0.05, 2), (0.001, 2), (0, 1), (math.nan, 1), (1, 0)]
    )
    def test_precision_follows_the_interval(self, half: float, decimals: int) -> None:
        assert decimals_for(Estimate(10, 10 - half, 10 + half, 9, 0)) == decimals

    def test_estimates(self) -> None:
        assert plain(share(Estimate(0.087, 0.085, 0.0893, 9, 0))) == "8.7 % [8.5, 8.9]"
        assert plain(share(Estimate(0.0, 0.0, 0.0, 9, 0))) == "0 % [0, 0]"
        assert plain(share(Estimate(0.25, math.nan, math.nan, 1, 0))) == "25.0 %"
        assert share(NOTHING) == "–"
        assert plain(points(Estimate(-0.44, -0.445, -0.431, 9, 0))) == "44.0 points [43.1, 44.5]"
        assert plain(money(Estimate(-0.31, -0.33, -0.29, 9, 0))) == "−0.31 [−0.33, −0.29]"

    def test_lists_and_counts(self) -> None:
        assert [listed(list(names)) for names in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
        assert [runs_words(*pair) for pair in ((4, 4), (1, 4), (0, 4))] == [
            "all 4 runs",
            "1 of 4 runs",
            "none of the 4 runs",
        ]
        assert [economy_words(name) for name in ("pull", "economy 7")] == ["the pull economy", "economy 7"]

    def test_a_ranking_needs_intervals_apart(self) -> None:
        apart = {"visits": Estimate(0.3, 0.29, 0.31, 9, 0), "word of mouth": Estimate(0.6, 0.59, 0.61, 9, 0)}
        assert (
            plain(ranking(apart, "set off"))
            == "word of mouth set off 60 % [59, 61], ahead of visits with 30 % [29, 31]"
        )
        close = {"visits": Estimate(0.3, 0.25, 0.35, 9, 0), "word of mouth": Estimate(0.32, 0.27, 0.37, 9, 0)}
        assert plain(ranking(close, "set off")).endswith("set off about as many")
        assert "ahead" not in ranking(close, "set off")


@pytest.fixture(scope="module")
def run() -> Run:
    return make_run(replications=6, buyers=2000)


class TestNumbers:
    def test_standings_are_those_of_the_summary(self, run: Run) -> None:
        found = results_of(run)
        assert (found.focus, found.reference) == ("transition", "push")
        for economy, standings in found.standings.items():
            for seller, one in standings.items():
                for measure, mine in (
                    ("final_share", one.final),
                    ("survival", one.survival),
                    ("time_to_exit", one.exit),
                ):
                    line = run.value(measure, seller, economy)
                    assert tuple(mine) == pytest.approx(tuple(line[list(Estimate._fields)]), nan_ok=True)
                assert one.profit.mean == pytest.approx(run.value("cumulative_profit", seller, economy)["mean"] / 2000)
                if one.entry is None:
                    assert one.half_life.mean == run.value("half_life", seller, economy)["mean"]

    def test_without_a_turn_the_last_economy_is_in_focus(self) -> None:
        still = make_run(economies=("push", "pull"), replications=2, horizon=12, enter_at=None, buyers=200)
        assert (results_of(still).focus, results_of(still).reference) == ("pull", "push")

    def test_reasons_are_the_ledgers(self, run: Run) -> None:
        ledger = run.switches[(run.switches.economy == "pull") & (run.switches.from_seller == "Heritage")]
        parts = ledger.groupby("replication").apply(
            lambda rows: rows.loc[rows.cause == "disappointment", "buyers"].sum() / rows.buyers.sum()
        )
        case = reasons_of(run, "pull", "Heritage")
        assert case.causes["disappointment"].mean == pytest.approx(parts.mean())
        assert sum(part.mean for part in case.destinations.values()) == pytest.approx(1)
        assert "Heritage" not in case.destinations
        assert case.own.mean == pytest.approx(case.causes["disappointment"].mean + case.causes["routine research"].mean)

    def test_why_names_focus_and_reference(self, run: Run) -> None:
        said = why_they_left(run, results_of(run))
        assert len(said) == 3
        assert said[0].startswith("In the transition economy, ")
        assert "in the push economy" in said[1]
        assert said[2].startswith("Of the switches away from ")

    def test_nobody_switched(self) -> None:
        alone = make_run(sellers=1, enter_at=None, economies=("pull",), replications=2, horizon=6, buyers=100)
        assert why_they_left(alone, results_of(alone)) == ["In the pull economy nobody switched."]

    def test_the_table_has_every_seller_of_every_economy(self, run: Run) -> None:
        table = table_of(run, results_of(run))
        assert [block.economy for block in table.blocks] == ["push", "transition", "pull"]
        assert all([row.seller for row in block.rows] == run.sellers for block in table.blocks)
        closers = table.blocks[2].rows[1]
        assert closers.survival.startswith("none; gone in month")
        assert table.blocks[0].rows[4].start == "enters in month 24"

    def test_an_entrant_of_another_economy_is_not_here(self) -> None:
        terms = make_scenario(replications=2, horizon=30, buyers=100).model_dump(exclude_unset=True)
        for event in terms["events"]:
            event["economies"] = ["pull"]
        played = sim.run(Scenario.model_validate(terms), out=None)
        push, _, pull = (block.rows[-1] for block in table_of(played, results_of(played)).blocks)
        assert (push.start, push.final, push.profit) == ("not here", "–", "–")
        assert pull.start == "enters in month 24"
        assert pull.final != "–"


class Reader(HTMLParser):
    """Reads a page strictly: tags must close in order, ids must be unique."""

    VOID = frozenset({"meta", "br", "link", "img", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.labels: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag not in self.VOID:
            self.open.append(tag)
        if found.get("id"):
            assert found["id"] not in self.ids, found["id"]
            self.ids.add(str(found["id"]))
        self.links += [str(value) for name, value in attrs if name in ("href", "src", "xlink:href")]
        self.labels += [str(value) for name, value in attrs if name == "aria-labelledby"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def page(run: Run) -> str:
    return render(run)


class TestPage:
    def test_it_is_well_formed_and_accessible(self, page: str) -> None:
        reader = read(page)
        assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
        assert set(reader.labels) <= reader.ids
        pictures = [found for tag, found in reader.tags if found.get("role") == "img"]
        assert len(pictures) == 5
        assert all(len(str(found["aria-label"])) > 40 for found in pictures)
        tags = [tag for tag, _ in reader.tags]
        assert tags.count("h1") == tags.count("table") == tags.count("caption") == 1
        assert tags.count("h2") == 9
        assert all("scope" in found for tag, found in reader.tags if tag == "th")
        assert "script" not in tags

    def test_it_needs_no_network(self, page: str) -> None:
        reader = read(page)
        assert all(link.startswith(("#", "data:image/png;base64,")) for link in reader.links)
        assert all(link[1:] in reader.ids for link in reader.links if link.startswith("#"))
        assert not re.search(r"url\((?!#)", page)
        assert "http" not in re.sub(r"http-equiv", "", page)

    def test_it_follows_light_and_dark(self, page: str) -> None:
        style, body = page.split("</style>", 1)
        assert not re.search(r"#[0-9a-f]{6}[;\"]", body)
        used = set(re.findall(r"var\(--([a-z0-9-]+)\)", body))
        assert used <= set(LIGHT.named())
        assert {"ground", "ink", "seller-1", "cause-1", "ramp-1"} <= used
        assert "prefers-color-scheme: dark" in style
        assert "@media print" in style

    def test_it_holds_findings_table_and_making(self, page: str, run: Run) -> None:
        words = plain(" ".join(" ".join(read(page).words).split()))
        for finding in findings(results_of(run)):
            assert plain(finding.text) in words
        assert run.scenario.description in words
        assert "pushpull run scenarios/office_imaging.yaml" in words
        assert "20181002" in words
        assert "6 runs of each of 3 economies" in words
        assert "model version" in words
        assert words.count("relationship-reliant") >= 3
        assert "buyers look at the present" in words.lower()

    def test_the_same_run_gives_the_same_page(self, page: str) -> None:
        assert render(make_run(replications=6, buyers=2000)) == page

    def test_it_is_small_enough_to_forward(self, page: str) -> None:
        assert len(page.encode()) < 3_000_000

    def test_names_and_words_of_users_are_escaped(self) -> None:
        scenario = make_scenario(economies=("pull",), replications=2, buyers=300, horizon=24, enter_at=6).resolved()
        scenario["description"] = '<script>alert(1)</script> & "more"'
        scenario["sellers"][0]["name"] = "<b onclick='x'>Bold & Sons</b>"
        page = render(make_run(Scenario.model_validate(scenario)))
        reader = read(page)
        assert not {"script", "b onclick"} & {tag for tag, _ in reader.tags}
        assert not any("onclick" in found for _, found in reader.tags)
        assert '<script>alert(1)</script> & "more"' in " ".join(reader.words)
        assert "<b onclick='x'>Bold & Sons</b>" in " ".join(reader.words)

    @pytest.mark.parametrize(
        "terms",
        [
            {"sellers": 1, "enter_at": None, "economies": ("pull",), "horizon": 1, "replications": 1, "buyers": 50},
            {
                "sellers": 2,
                "enter_at": 11,
                "economies": ("push", "pull"),
                "horizon": 12,
                "replications": 2,
                "buyers": 80,
            },
        ],
        ids=["smallest", "entrant at the end"],
    )
    def test_edges(self, terms: dict[str, Any]) -> None:
        words = " ".join(read(render(make_run(**terms))).words)
        assert "nan" not in words.lower().split()
        assert "inf" not in words.split()

    def test_precision_is_told_with_its_cost(self, run: Run) -> None:
        asked = {"asked": 0.005, "met": True, "reached": 0.0047, "replications": 6, "runs": 18}
        provenance = {**run.provenance, "parameters": {**run.provenance["parameters"], "precision": asked}}
        words = plain(dict(how_it_was_made(_with(run, provenance)))["Precision"])
        assert "narrower than 0.5 points: reached, the widest is 0.47 points after 18 runs in all" in words


def _with(run: Run, provenance: dict[str, Any]) -> Run:
    return Run(
        run.scenario,
        provenance,
        None,
        {name: getattr(run, name) for name in ("shares", "market", "switches", "summary")},
    )


class TestWriting:
    def test_figures_and_report_stand_in_the_folder(self, run: Run, tmp_path: Path, page: str) -> None:
        there = _with(run, run.provenance)
        there.path = tmp_path
        place = write_report(there)
        assert place == tmp_path / "report.html"
        assert place.read_text(encoding="utf-8") == page
        names = ("economics", "erosion", "market_share", "who_left_for_whom", "why_they_left")
        assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == [
            f"{name}.{ending}" for name in names for ending in ("png", "svg")
        ]
        write_report(there)  # again, over what is there
        assert sorted(path.name for path in tmp_path.iterdir()) == ["figures", "report.html"]

    def test_a_run_in_memory_has_no_place(self, run: Run) -> None:
        with pytest.raises(ResultsError, match="without a folder"):
            write_report(run)
