from __future__ import annotations

import itertools
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from synthetic_run import make_run, make_scenario

from sim.columns import CAUSES
from sim.measures import Estimate, median_interval
from sim.plots import (
    FIGURES,
    draw_figures,
    looks_of,
    plot_causes,
    plot_economics,
    plot_erosion,
    plot_flows,
    plot_market_share,
    save_figures,
    svg_of,
    theme_of,
)
from sim.plots.causes import cause_shares
from sim.plots.erosion import half_life_words
from sim.plots.marks import nudged
from sim.plots.milestones import EVENT_SIZE, Milestone, milestones_of, rows_of
from sim.plots.palette import DARK, LIGHT
from sim.plots.series import by_cause, by_seller, by_tick, moved
from sim.plots.sheet import figure_of, short, width_of, wrap
from sim.plots.words import SPACE, count, percent
from sim.scenario import Scenario

# Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB
SIGHT = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_LMS = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566]]
TO_LMS += [[0.0883024619, 0.2817188376, 0.6299787005]]
TO_LAB = [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099]]
TO_LAB += [[0.0259040371, 0.7827717662, -0.8086757660]]


def linear(colour: str) -> Any:
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    high, low = sorted(
        (float(np.dot([0.2126, 0.7152, 0.0722], linear(colour))) for colour in (one, other)), reverse=True
    )
    return (high + 0.05) / (low + 0.05)


def distance(one: str, other: str, sight: str) -> float:
    seen = [np.clip(np.array(SIGHT[sight]) @ linear(colour), 0, 1) for colour in (one, other)]
    labs = [np.array(TO_LAB) @ np.cbrt(np.array(TO_LMS) @ colour) for colour in seen]
    return float(100 * np.linalg.norm(labs[0] - labs[1]))


@pytest.fixture(scope="module")
def run() -> Any:
    return make_run(replications=6, buyers=2000)


class TestPalette:
    @pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
    @pytest.mark.parametrize("sight", SIGHT)
    def test_colours_stay_apart_for_every_sight(self, theme: Any, sight: str) -> None:
        for row, least in ((theme.sellers, 8.0), (theme.sellers[:5], 10.0), (theme.causes, 8.0)):
            assert min(distance(*pair, sight) for pair in itertools.combinations(row, 2)) >= least

    @pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
    def test_lines_and_text_stand_out_from_the_ground(self, theme: Any) -> None:
        assert min(contrast(colour, theme.ground) for colour in theme.sellers) >= 3 - 0.02
        assert min(contrast(ink, theme.ground) for ink in (*theme.seller_inks, theme.ink, theme.muted)) >= 4.5

    def test_figures_in_cells_can_be_read(self) -> None:
        for theme in (LIGHT, DARK):
            for step, colour in enumerate(theme.ramp):
                assert contrast(colour, theme.ground if step >= 5 else theme.ink) >= 3.8

    def test_a_light_colour_has_one_dark_counterpart(self) -> None:
        pairs = {(light, DARK.named()[name]) for name, light in LIGHT.named().items()}
        assert len(pairs) == len({light for light, _ in pairs})

    def test_64_sellers_look_different(self) -> None:
        looks = looks_of([f"seller {number}" for number in range(64)]).values()
        assert len({(look.colour(LIGHT), look.dashes, look.marker) for look in looks}) == 64
        assert len({(look.colour(LIGHT), look.dashes) for look in looks}) == 64

    def test_an_entrant_changes_nobody_elses_look(self) -> None:
        before, after = looks_of(["Heritage", "Closers"]), looks_of(["Heritage", "Closers", "Newcomer"])
        assert all(after[name] == look for name, look in before.items())

    def test_an_unknown_style_is_refused(self) -> None:
        with pytest.raises(ValueError, match="'light' or 'dark'"):
            theme_of("sepia")  # type: ignore[arg-type]


class TestPlaces:
    @given(st.lists(st.floats(-5, 15), max_size=10), st.floats(0.01, 1.0))
    def test_labels_keep_apart_and_inside(self, wanted: list[float], apart: float) -> None:
        places = nudged(wanted, apart, 0.0, 10.0)
        assert all(-1e-9 <= place <= 10 + 1e-9 for place in places)
        for one, other in itertools.pairwise(sorted(places)):
            assert other - one >= apart - 1e-9
        order = sorted(range(len(wanted)), key=lambda place: wanted[place])
        assert [places[place] for place in order] == sorted(places)

    def test_labels_that_have_room_stay(self) -> None:
        assert nudged([1.0, 5.0, 3.0], 0.5, 0.0, 10.0) == [1.0, 5.0, 3.0]

    def test_labels_that_meet_move_as_little_as_possible(self) -> None:
        assert nudged([5.0, 5.0], 1.0, 0.0, 10.0) == pytest.approx([4.5, 5.5])

    @given(st.lists(st.tuples(st.integers(0, 99), st.text("abc ", min_size=1, max_size=24)), max_size=8))
    def test_events_never_share_a_place(self, events: list[tuple[int, str]]) -> None:
        milestones = [Milestone(tick, text) for tick, text in sorted(events)]
        placed = rows_of(milestones, 100, 2.5, 1.5)
        assert len(placed) == len(milestones)
        spans = []
        for milestone, row, left in placed:
            mark, size = 2.5 * milestone.tick / 99, width_of(milestone.text, EVENT_SIZE)
            assert left or mark + size <= 4.0
            spans.append((mark - size, mark, row) if left else (mark, mark + size, row))
        for one, other in itertools.combinations(spans, 2):
            assert one[2] != other[2] or one[1] <= other[0] or other[1] <= one[0]

    def test_a_later_events_line_ends_below_an_earlier_label(self) -> None:
        placed = rows_of([Milestone(10, "a long label here"), Milestone(14, "another")], 120, 2.5, 1.5)
        rows = {milestone.tick: row for milestone, row, _ in placed}
        assert rows[10] > rows[14]

    def test_wrapping_keeps_words_and_width(self) -> None:
        text = "one two three four five six seven eight"
        lines = wrap(text, 10, 1.0).split("\n")
        assert " ".join(lines) == text
        assert len(lines) > 1
        assert all(width_of(line, 10) <= 1.0 for line in lines)

    def test_a_label_is_one_short_line(self) -> None:
        assert short("A\nvery long name of a seller") == "A very long name…"
        assert short("Value") == "Value"


class TestWords:
    @pytest.mark.parametrize(
        ("share", "words"),
        [(0, "0 %"), (0.0003, "<0.1 %"), (0.0871, "8.7 %"), (0.0996, "10 %"), (0.6, "60 %"), (1, "100 %")],
    )
    def test_percentages(self, share: float, words: str) -> None:
        assert percent(share).replace(SPACE, " ") == words

    def test_counts(self) -> None:
        assert count(1, "run") == "1 run"
        assert count(10_000, "buyer") == f"10{SPACE}000 buyers"
        assert count(2, "economy", "economies") == "2 economies"

    @pytest.mark.parametrize(
        ("life", "words"),
        [
            (Estimate(84, 83, 88, 16, 0), "half gone in month 84 [83, 88]"),
            (Estimate(math.inf, math.inf, math.inf, 32, 32), "not halved in 120 months (0 of 32 runs)"),
            (Estimate(math.inf, 110, math.inf, 32, 20), "not halved in 120 months (12 of 32 runs)"),
            (Estimate(110, 101, math.inf, 32, 10), "half gone in month 110 [101, later than 119] (22 of 32 runs)"),
            (Estimate(37, math.nan, math.nan, 3, 0), "half gone in month 37 (3 runs: no interval)"),
            (Estimate(37, math.nan, math.nan, 1, 0), "half gone in month 37 (one run)"),
            (Estimate(math.inf, math.nan, math.nan, 1, 1), "not halved in 120 months (one run)"),
            (Estimate(math.nan, math.nan, math.nan, 0, 0), "no share to lose"),
        ],
    )
    def test_half_lives(self, life: Estimate, words: str) -> None:
        assert half_life_words(life, 120).replace(SPACE, " ") == words

    def test_events(self) -> None:
        scenario = make_scenario(
            events=[
                {"at": 72, "shock": {"seller": "Closers", "quality": -0.2, "price": 0.1}},
                {"at": 60, "change": {"seller": "Heritage", "strategy": "collaborative"}},
                {"at": 90, "change": {"seller": "Heritage", "strategy": "collaborative"}},
                {"at": 100, "exit": "Value"},
            ]
        )
        told = [(one.tick, one.text) for one in milestones_of(type("Run", (), {"scenario": scenario})())]  # type: ignore[arg-type]
        assert told == [
            (24, "Newcomer enters"),
            (60, "Heritage turns collaborative"),
            (72, "Closers: quality −0.2, price +0.1"),
            (90, "Heritage changes course"),
            (100, "Value leaves"),
        ]


class TestSeries:
    def test_shares_are_those_of_the_frame(self, run: Any) -> None:
        share = by_seller(run, "pull", "share")
        frame = run.shares[
            (run.shares.economy == "pull") & (run.shares.seller == "Allies") & (run.shares.replication == 3)
        ]
        assert share.shape == (6, 120, 5)
        assert share[3, :, 2].tolist() == frame.sort_values("tick").share.tolist()

    def test_the_order_of_rows_does_not_matter(self, run: Any) -> None:
        shuffled = make_run(replications=6, buyers=2000)
        shuffled.shares = shuffled.shares.sample(frac=1, random_state=1)
        assert np.array_equal(by_seller(run, "push", "profit"), by_seller(shuffled, "push", "profit"))

    def test_flows_are_the_ledgers(self, run: Any) -> None:
        flow = moved(run, "transition")
        ledger = run.switches[run.switches.economy == "transition"]
        one = ledger[(ledger.replication == 2) & (ledger.from_seller == "Heritage") & (ledger.to_seller == "Allies")]
        assert flow[2, 0, 2] == one.buyers.sum() > 0
        assert flow.sum() == ledger.buyers.sum()

    def test_a_replication_without_a_switch_counts(self, run: Any) -> None:
        quiet = make_run(replications=6, buyers=2000)
        quiet.switches = quiet.switches[quiet.switches.replication != 4]
        assert moved(quiet, "pull").shape[0] == 6
        assert moved(quiet, "pull")[4].sum() == 0
        assert moved(quiet, "pull")[5].sum() == moved(run, "pull")[5].sum()

    def test_causes_add_up_to_churn(self, run: Any) -> None:
        total = by_cause(run, "pull").sum(axis=2) / run.scenario.buyers.count
        assert total == pytest.approx(by_tick(run, "pull", "churn"))
        assert sum(by_cause(run, "pull", seller).sum() for seller in run.sellers) == by_cause(run, "pull").sum()

    def test_an_economy_that_was_not_run_is_refused(self, run: Any) -> None:
        with pytest.raises(ValueError, match="no economy 'barter'; it has push, transition, pull"):
            plot_market_share(run, economies=["barter"])


def texts(figure: Figure) -> list[Any]:
    FigureCanvasAgg(figure).draw()
    return [
        text for text in figure.findobj(lambda one: hasattr(one, "get_text")) if text.get_visible() and text.get_text()
    ]


def unseen(figure: Figure) -> set[Any]:
    """Labels of ticks beyond the ends of an axis, which are kept but not drawn."""
    found = set()
    for axes in figure.axes:
        for axis, label_of in ((axes.xaxis, 0), (axes.yaxis, 1)):
            low, high = sorted(axis.get_view_interval())
            found |= {label for label in axis.get_ticklabels() if not low <= label.get_position()[label_of] <= high}
    return found


MARKETS: dict[str, dict[str, Any]] = {
    "usual": {},
    "one seller": {"sellers": 1, "enter_at": None, "economies": ("pull",), "horizon": 12, "replications": 1},
    "one tick": {"sellers": 2, "enter_at": None, "horizon": 1},
    "two": {"sellers": 2, "enter_at": 1, "economies": ("push", "pull")},
    "twelve": {"sellers": 12, "enter_at": 119},
    "nine economies": {"economies": tuple(f"economy {number}" for number in range(9)), "horizon": 24, "enter_at": 6},
    "thirty sellers": {"sellers": 30, "economies": ("pull", "push"), "horizon": 36},
    "long": {"horizon": 600, "replications": 1},
    "many events": {
        "events": [
            {"at": tick, "shock": {"seller": seller, "quality": 0.1}}
            for tick, seller in ((5, "Heritage"), (5, "Closers"), (50, "Allies"), (52, "Value"), (110, "Value"))
        ]
    },
}


@pytest.mark.parametrize("market", MARKETS)
def test_no_text_overlaps_or_is_clipped(market: str) -> None:
    drawn = make_run(**{"replications": 3, "buyers": 1000, **MARKETS[market]})
    for name, figure in draw_figures(drawn):
        size = figure.get_window_extent()
        boxes = []
        drawn_texts, beyond = texts(figure), unseen(figure)
        for text in drawn_texts:
            box = text.get_window_extent()
            inside = box.x0 >= size.x0 - 1 and box.x1 <= size.x1 + 1 and box.y0 >= size.y0 - 1 and box.y1 <= size.y1 + 1
            if text in beyond:
                continue
            assert inside, f"{name}: {text.get_text()!r} is clipped"
            if text.get_rotation() == 0:
                boxes.append((text.get_text(), box.shrunk(0.98, 0.7)))
        for (one, first), (other, second) in itertools.combinations(boxes, 2):
            assert not first.overlaps(second), f"{name}: {one!r} overlaps {other!r}"


class TestMarketShare:
    def test_lines_are_means_and_bands_hold_the_middle(self, run: Any) -> None:
        axes = plot_market_share(run)[2]
        share = 100 * by_seller(run, "pull", "share")[:, :, 2]
        line = next(line for line in axes.lines if line.get_color() == LIGHT.sellers[2])
        assert line.get_ydata() == pytest.approx(share.mean(axis=0))
        band = axes.collections[2].get_paths()[0].vertices
        assert band[:, 1].max() == pytest.approx(np.quantile(share, 0.975, axis=0).max())

    def test_panels_have_common_axes(self, run: Any) -> None:
        panels = plot_market_share(run)
        assert len({(axes.get_xlim(), axes.get_ylim()) for axes in panels}) == 1
        assert panels[0].get_ylabel() == "market share [%]"

    def test_an_entrant_has_no_line_before_its_entry_and_is_marked(self, run: Any) -> None:
        axes = plot_market_share(run)[0]
        line = next(line for line in axes.lines if line.get_color() == LIGHT.sellers[4] and len(line.get_xdata()) > 2)
        assert line.get_xdata()[0] == 24
        assert "Newcomer enters" in [text.get_text() for text in axes.texts]
        assert any(list(one.get_xdata()) == [24, 24] for one in axes.lines)

    def test_an_exit_is_marked_and_said(self, run: Any) -> None:
        axes = plot_market_share(run)[2]
        crosses = [line for line in axes.lines if line.get_marker() == "x"]
        alive = by_seller(run, "pull", "alive")[:, :, 1]
        assert len(crosses) == 1
        when = int(crosses[0].get_xdata()[0])
        assert when == median_interval([int(np.argmin(path)) for path in alive]).mean
        assert f"Closers gone m{when}" in [text.get_text() for text in axes.texts]

    def test_one_run_has_no_band_and_says_so(self) -> None:
        figure = figure_of(plot_market_share(make_run(replications=1, buyers=500))[0])
        assert not any(len(axes.collections) for axes in figure.axes[:3])
        assert any("no band" in text.get_text() for text in figure.texts)

    def test_given_axes_are_used(self, run: Any) -> None:
        mine = Figure(figsize=(9, 3)).subplots(1, 2)
        assert list(plot_market_share(run, mine, economies=["pull", "push"])) == list(mine)
        assert plot_market_share(run, Figure().subplots(), economies=["pull"]).shape == (1,)

    def test_the_number_of_axes_must_fit(self, run: Any) -> None:
        with pytest.raises(ValueError, match="3 Axes are needed, one for each economy; 2 were given"):
            plot_market_share(run, Figure().subplots(1, 2))

    def test_looks_can_be_kept_over_runs(self, run: Any) -> None:
        looks = looks_of(["Someone", *run.sellers])
        axes = plot_market_share(run, looks=looks)[0]
        assert LIGHT.sellers[1] in {line.get_color() for line in axes.lines}
        assert LIGHT.sellers[0] not in {line.get_color() for line in axes.lines}


class TestErosion:
    def test_half_lives_are_marked_at_half(self, run: Any) -> None:
        axes = plot_erosion(run)[1]
        marks = {line.get_color(): line for line in axes.lines if line.get_marker() == "D"}
        summary = run.summary
        rows = summary[
            (summary.economy == "transition") & (summary.measure == "half_life") & np.isfinite(summary["mean"])
        ]
        assert len(marks) == len(rows) > 0
        for seller, month in zip(rows.seller, rows["mean"], strict=True):
            mark = marks[LIGHT.sellers[run.sellers.index(seller)]]
            assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (month, 50)

    def test_censored_ones_are_said_so_and_entrants_left_out(self, run: Any) -> None:
        said = [text.get_text().replace(SPACE, " ") for text in plot_erosion(run)[0].texts]
        assert "Heritage: not halved in 120 months (0 of 6 runs)" in said
        assert not any(text.startswith("Newcomer:") for text in said)

    def test_growth_beyond_the_axis_is_said(self, run: Any) -> None:
        axes = plot_erosion(run)[1]
        kept = by_seller(run, "transition", "share")[:, :, 2]
        grown = (100 * kept[:, -1] / kept[:, :12].mean(axis=1)).mean()
        assert axes.get_ylim()[1] == 200 < grown
        assert f"Allies {grown:.0f} % ↑" in [text.get_text().replace(SPACE, " ") for text in axes.texts]


class TestFlows:
    def test_cells_hold_switches_per_100_buyers(self, run: Any) -> None:
        axes = plot_flows(run)[2]
        ledger = run.switches[run.switches.economy == "pull"]
        moves = ledger[(ledger.from_seller == "Value") & (ledger.to_seller == "Allies")].buyers.sum()
        cells = {
            (round(x - 0.5, 1), round(y - 0.42, 1)): text.get_text()
            for text in axes.texts
            for x, y in [text.get_position()]
        }
        assert cells[2, 3] == f"{100 * moves / 6 / 2000:.0f}"
        assert (0, 0) not in cells
        everything = float(cells[5.1, 5.1])
        assert everything == pytest.approx(100 * ledger.buyers.sum() / 6 / 2000, abs=0.5)

    def test_small_sellers_are_added_up_without_loss(self) -> None:
        many = make_run(sellers=20, replications=2, buyers=1000, horizon=24, enter_at=6)
        axes = plot_flows(many)[0]
        assert "10 others" in [text.get_text() for text in axes.texts]
        total = many.switches[many.switches.economy == "push"].buyers.sum() / 2 / 10
        among = [text for text in axes.texts if text.get_weight() == "bold"][-1].get_text()
        assert float(among) == pytest.approx(total, abs=0.5)

    def test_nobody_switched(self) -> None:
        alone = make_run(sellers=1, enter_at=None, replications=2, horizon=6, buyers=100)
        assert "nobody switched" in [text.get_text() for text in plot_flows(alone)[0].texts]
        assert "nobody switched" in [text.get_text() for text in plot_causes(alone)[0].texts]


class TestCauses:
    def test_areas_stack_up_to_the_quarterly_mean(self, run: Any) -> None:
        axes = plot_causes(run)[1]
        total = 1000 * by_tick(run, "transition", "churn").mean(axis=0)
        top = axes.collections[len(CAUSES) - 1].get_paths()[0].vertices
        at_60 = top[(top[:, 0] == 60)][:, 1].max()
        assert at_60 == pytest.approx(total[59:62].mean())

    def test_parts_add_up_to_one(self, run: Any) -> None:
        parts = cause_shares(by_cause(run, "pull"))
        assert sum(part.mean for part in parts) == pytest.approx(1)
        assert all(part.replications == 6 for part in parts)

    def test_a_peak_is_cut_and_its_height_written(self, run: Any) -> None:
        peaked = make_run(replications=6, buyers=2000)
        frame = peaked.switches
        at = (frame.economy == "push") & (frame.tick == 60)
        frame.loc[at, "buyers"] = frame.loc[at, "buyers"] * 60
        axes = plot_causes(peaked)[0]
        written = [text.get_text() for text in axes.texts if text.get_text().startswith("↑ ")]
        assert len(written) == 1
        assert float(written[0][2:]) > axes.get_ylim()[1]

    def test_only_those_who_left_one_seller(self, run: Any) -> None:
        figure = figure_of(plot_causes(run, seller="Heritage")[0])
        assert figure.texts[0].get_text() == "Why customers left Heritage"


class TestEconomics:
    def test_profit_is_that_of_the_summary_per_buyer(self, run: Any) -> None:
        axes = plot_economics(run)[3]
        marks = [line for line in axes.lines if line.get_marker() == "o" and line.get_color() == LIGHT.sellers[0]]
        profit = run.value("cumulative_profit", "Heritage", "push")["mean"] / 2000
        assert [line.get_xdata()[0] for line in marks] == pytest.approx([profit])

    def test_four_axes_are_needed(self, run: Any) -> None:
        with pytest.raises(ValueError, match="4 Axes are needed"):
            plot_economics(run, Figure().subplots(1, 3))


class TestSaving:
    def test_the_same_run_gives_the_same_bytes(self, tmp_path: Any) -> None:
        first = save_figures(make_run(replications=2, buyers=500, economies=("transition",)), tmp_path / "one")
        second = save_figures(make_run(replications=2, buyers=500, economies=("transition",)), tmp_path / "two")
        assert [path.name for path in first] == [f"{name}.{ending}" for name in FIGURES for ending in ("png", "svg")]
        assert all(one.read_bytes() == other.read_bytes() for one, other in zip(first, second, strict=True))
        assert {path.name for path in (tmp_path / "one").iterdir()} == {path.name for path in first}

    def test_no_date_and_no_foreign_colour(self, run: Any) -> None:
        known = set(DARK.named().values())
        for name, figure in draw_figures(run, style="dark"):
            svg = svg_of(figure)
            used = {
                part[:7]
                for part in svg.replace("fill: ", "|").replace("stroke: ", "|").split("|")[1:]
                if part[0] == "#"
            }
            assert used <= known, name
            assert "<dc:date>" not in svg

    def test_odd_names_are_drawn_as_they_are(self) -> None:
        names = ("$x_1$ & <b>", "A name that is far too long to stand beside a line")
        scenario = make_scenario(replications=2, buyers=300, horizon=24, enter_at=None).resolved()
        scenario["sellers"] = [{"name": name, "strategy": "collaborative"} for name in names]
        odd = make_run(Scenario.model_validate(scenario))
        for _, figure in draw_figures(odd):
            assert svg_of(figure).startswith("<?xml")
        label = [text.get_text() for text in plot_market_share(odd)[0].texts]
        assert any(text.startswith("$x_1$ & <b> ") for text in label)
        assert any(text.startswith("A name that is fa… ") for text in label)

    def test_pyplot_is_not_touched(self) -> None:
        code = "import sys, sim.plots; sys.exit('matplotlib.pyplot' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
