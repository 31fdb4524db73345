"""Figures and report of a sweep."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.measures import Estimate
from sim.plots.curves import plot_curves, plot_scatter
from sim.plots.phases import plot_leaders, plot_phases
from sim.plots.sheet import figure_of
from sim.plots.words import count
from sim.report.findings import Finding
from sim.report.sections import Section
from sim.report.study import StudyPage, StudyTable, made_of, save_picture, write_study_page
from sim.report.words import economy_words, listed
from sim.results import measure_of
from sim.studies.factors import Factor
from sim.studies.measuring import Measured
from sim.studies.wording import axes_in_words, factor_words, in_words, runs_of, shown_as, title_of

if TYPE_CHECKING:
    from sim.studies.study import Study

__all__ = ["Outcomes", "table_of", "write_pages"]

MOST_ROWS = 200  # points in the page's table; all of them stand in summary.csv

WORDS = {
    "point": "One setting of the factors. Every point is run on the same draws, so that points differ by their "
    "settings and not by luck.",
    "95 % interval": "The figures in square brackets, and the bands: where the average of very many runs is to be "
    "expected. It says nothing about whether the assumptions hold.",
    "leads": "Is the largest seller in the last month.",
    "half-life": "The month in which half of a seller's first-year share is gone; the median over the runs.",
}


class Outcomes:
    """The summary of a sweep as arrays.

    Attributes
    ----------
    estimates : dict of (economy, seller, measure) to list of Estimate
        One a point.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        prepared = study.prepared
        self.economies, self.sellers = prepared.economies, prepared.sellers
        self.ticks = prepared.base.horizon
        self.factors: list[Factor] = prepared.experiment.parts  # type: ignore[attr-defined]
        self.columns = prepared.columns
        frame = study.summary
        self.estimates: dict[tuple[str, str, str], list[Estimate]] = {}
        names = ("economy", "seller", "measure", "mean", "low", "high", "replications", "censored")
        rows = zip(*(frame[name] for name in names), strict=True)
        for economy, seller, measure, *figures in rows:
            self.estimates.setdefault((economy, seller, measure), []).append(Estimate(*figures))

    def bands(self, economy: str, figure: Measured) -> np.ndarray:
        """Mean, low and high at every point, shape (3, points)."""
        found = self.estimates[economy, *figure]
        return np.array([[one[part] if one.replications else math.nan for one in found] for part in range(3)])

    def means(self, economy: str, figure: Measured) -> np.ndarray:
        """Means (medians of durations) at every point."""
        return self.bands(economy, figure)[0]

    @property
    def groups(self) -> dict[str, list[Measured]]:
        """The figures that are measured, by measure."""
        found: dict[str, list[Measured]] = {}
        for seller, measure in self.study.prepared.figures:
            found.setdefault(measure, []).append((seller, measure))
        return found

    @property
    def leads(self) -> list[Measured]:
        """The figures of who leads, if they are there for every seller."""
        figures = self.groups.get("leader", [])
        return figures if len(figures) == len(self.sellers) else []


def write_pages(study: Study) -> None:
    """Draw a sweep's figures and write its report."""
    outcomes = Outcomes(study)
    prepared, experiment = study.prepared, study.prepared.experiment
    design = experiment.design.kind  # type: ignore[attr-defined]
    if len(outcomes.factors) == 2 and design == "grid":
        sections = list(_maps(outcomes))
    elif len(outcomes.factors) == 1:
        sections = list(_curves(outcomes))
    else:
        sections = list(_scatters(outcomes))
    factors = listed([factor_words(factor.path) for factor in outcomes.factors])
    page = StudyPage(
        kicker=f"A sweep over {count(len(outcomes.factors), 'factor')}: {design} of {count(prepared.points, 'point')}",
        name=experiment.name,
        description=experiment.description,
        setting=f"Varies {factors} in the scenario {prepared.base.name}: {count(prepared.base.buyers.count, 'buyer')}, "
        f"{count(prepared.base.horizon, 'month')}. Sellers: {listed(prepared.sellers)}.",
        findings=list(_findings(outcomes)),
        sections=sections,
        tables=[_table(outcomes)],
        words=WORDS,
        made=made_of(study.provenance, runs_of(prepared.points, len(prepared.economies), prepared.replications)),
        software=f"{study.provenance['software']['name']} {study.provenance['software']['version']}",
    )
    write_study_page(study.path, page)


def _note(outcomes: Outcomes, more: str = "") -> str:
    prepared = outcomes.study.prepared
    return f"{count(prepared.replications, 'run')} of each point on common draws. {more}".strip()


def _file(*words: str) -> str:
    """A name for a figure's files and for ids in the page."""
    return "_".join(re.sub(r"[^0-9A-Za-z]", "_", word) for word in words if word)


def _maps(outcomes: Outcomes) -> Iterator[Section]:
    """Phase diagrams: who leads, and every measure (of the first seller, where it is measured for several)."""
    across, up = outcomes.factors
    names = axes_in_words([across.path, up.path])
    columns, rows = (names[across.path], across.levels()), (names[up.path], up.levels())
    over = f"over {factor_words(across.path)} and {factor_words(up.path)}"
    shape = (len(columns[1]), len(rows[1]))

    def grid(values: np.ndarray) -> np.ndarray:
        return values.reshape(shape).T  # the last factor changes first

    if outcomes.leads:
        parts = {
            economy: np.stack([grid(outcomes.means(economy, figure)) for figure in outcomes.leads], axis=-1)
            for economy in outcomes.economies
        }
        note = _note(outcomes, "Figures: in how many per cent of the runs, if not in all; hatched: in at most half.")
        axes = plot_leaders(parts, rows, columns, outcomes.sellers, note=note)
        yield Section(
            "Who leads",
            [_who_leads(outcomes, economy) for economy in outcomes.economies],
            save_picture(figure_of(axes[0]), outcomes.study.path, "who_leads"),
            f"The largest seller at the end, {over}.",
            "Maps of the leading seller, one for each economy. The sentences above give the counts.",
        )
    for measure, figures in outcomes.groups.items():
        if measure == "leader" and outcomes.leads:
            continue
        figure = figures[0]
        levels = {economy: grid(outcomes.means(economy, figure)) for economy in outcomes.economies}
        if not any(np.isfinite(part).any() for part in levels.values()):
            continue
        shown, name = shown_as(measure), title_of(*figure)
        title = f"{name[0].upper()}{name[1:]}" + (f" [{shown.unit}]" if shown.unit else "")
        others = " The other sellers' stand in summary.csv." if len(figures) > 1 else ""
        axes = plot_phases(levels, rows, columns, title=title, scale=shown.scale, note=_note(outcomes))
        yield Section(
            title,
            [_extremes(outcomes, economy, figure) for economy in outcomes.economies],
            save_picture(figure_of(axes[0]), outcomes.study.path, _file(measure, figure[0])),
            f"{measure_of(measure).meaning.capitalize()}, {over}.{others}",
            f"Maps of the {name}, one for each economy. The sentences above give the lowest and the highest.",
        )


def _curves(outcomes: Outcomes) -> Iterator[Section]:
    """One figure a measure: a line a seller, or a line an economy."""
    (factor,) = outcomes.factors
    for measure, figures in outcomes.groups.items():
        shown = shown_as(measure)
        of_sellers = bool(figures[0][0])
        if of_sellers:
            curves = {
                economy: {figure[0]: outcomes.bands(economy, figure) for figure in figures}
                for economy in outcomes.economies
            }
        else:
            curves = {title_of(*figures[0]): {e: outcomes.bands(e, figures[0]) for e in outcomes.economies}}
        if not any(np.isfinite(bands[0]).any() for lines in curves.values() for bands in lines.values()):
            continue
        words = title_of("", measure)
        axes = plot_curves(
            curves,
            (axes_in_words([factor.path])[factor.path], outcomes.columns[factor.path]),
            title=f"{words[0].upper()}{words[1:]}"
            + (f" of {figures[0][0]}" if of_sellers and len(figures) == 1 else ""),
            unit=f"{words} [{shown.unit}]" if shown.unit else words,
            scale=shown.scale,
            sellers=outcomes.sellers if of_sellers else None,
            note=_note(outcomes, "Bands: 95 % intervals."),
        )
        yield Section(
            f"{words[0].upper()}{words[1:]}",
            [_extremes(outcomes, economy, figures[0]) for economy in outcomes.economies],
            save_picture(figure_of(axes[0]), outcomes.study.path, _file(measure)),
            f"{measure_of(measure).meaning.capitalize()}, over {factor_words(factor.path)}.",
            f"Curves of {words} over {factor_words(factor.path)}. The table below has the figures.",
        )


def _scatters(outcomes: Outcomes) -> Iterator[Section]:
    """One figure a measure: every point against one factor at a time."""
    names = axes_in_words(outcomes.columns)
    for measure, figures in outcomes.groups.items():
        figure, shown = figures[0], shown_as(measure)
        found = {economy: outcomes.means(economy, figure) for economy in outcomes.economies}
        if not any(np.isfinite(values).any() for values in found.values()):
            continue
        name = title_of(*figure)
        axes = plot_scatter(
            found,
            {names[path]: values for path, values in outcomes.columns.items()},
            title=f"{name[0].upper()}{name[1:]}",
            unit=f"{title_of('', measure)} [{shown.unit}]" if shown.unit else title_of("", measure),
            scale=shown.scale,
            logarithmic={
                names[one.path] for one in outcomes.factors if one.span is not None and one.span.scale == "log"
            },
            note=_note(outcomes, "A mark is the mean of one point; the other factors differ from mark to mark."),
        )
        others = " The other sellers' stand in summary.csv." if len(figures) > 1 else ""
        yield Section(
            f"{name[0].upper()}{name[1:]}",
            [_extremes(outcomes, economy, figure) for economy in outcomes.economies],
            save_picture(figure_of(axes[0]), outcomes.study.path, _file(measure, figure[0])),
            f"{measure_of(measure).meaning.capitalize()}, against each factor.{others}",
            f"Scatter plots of the {name} against each factor.",
        )


def _findings(outcomes: Outcomes) -> Iterator[Finding]:
    economy = "transition" if "transition" in outcomes.economies else outcomes.economies[-1]
    if outcomes.leads:
        yield Finding("Who leads", _who_leads(outcomes, economy))
    named = [figures[0] for measure, figures in outcomes.groups.items() if measure != "leader"]
    for figure in named[:2]:
        name = title_of(*figure)
        yield Finding(f"{name[0].upper()}{name[1:]}", _extremes(outcomes, economy, figure))
    failures = len(outcomes.study.failures)
    if failures:
        yield Finding("Not all runs are there", f"{count(failures, 'replication')} failed; see failures.parquet.")


def _who_leads(outcomes: Outcomes, economy: str) -> str:
    """How many points each seller leads in most runs, and in how many nobody does."""
    parts = np.array([outcomes.means(economy, figure) for figure in outcomes.leads])
    known = ~np.isnan(parts).all(axis=0)
    best = np.where(known, np.nanmax(np.where(np.isnan(parts), -1.0, parts), axis=0), 0.0)
    first = np.argmax(np.where(np.isnan(parts), -1.0, parts), axis=0)
    said = []
    for place, (seller, _) in enumerate(outcomes.leads):
        points = int(((first == place) & (best > 0.5) & known).sum())
        if points:
            said.append((points, f"{seller} leads in {points}"))
    unsure = int((known & (best <= 0.5)).sum())
    told = [words for _, words in sorted(said, key=lambda one: -one[0])]
    if unsure:
        told.append(f"nobody leads in more than half of the runs in {unsure}")
    total = count(int(known.sum()), "point")
    where = economy_words(economy)
    if not told:
        return f"In {where} there is no point with a leader."
    return f"Of {total} in {where}, {listed(told)}."


def _extremes(outcomes: Outcomes, economy: str, figure: Measured) -> str:
    """Where a figure is lowest and highest; no difference is claimed that the intervals do not carry."""
    estimates = outcomes.estimates[economy, *figure]
    known = [point for point, one in enumerate(estimates) if one.replications and not math.isnan(one.mean)]
    name, measure, where = title_of(*figure), figure[1], economy_words(economy)
    if not known:
        return f"In {where}, the {name} is not defined."
    low, high = (chosen(known, key=lambda point: estimates[point].mean) for chosen in (min, max))
    one, other = estimates[low], estimates[high]
    if one.mean == other.mean:
        return f"In {where}, the {name} is {in_words(measure, one, outcomes.ticks)} at every point."
    told = (
        f"In {where}, the {name} lies between {in_words(measure, one, outcomes.ticks)} "
        f"({_setting(outcomes, low)}) and {in_words(measure, other, outcomes.ticks)} ({_setting(outcomes, high)})"
    )
    apart = one.high < other.low
    return told + ("." if apart or math.isnan(one.high) else "; the intervals overlap.")


def _setting(outcomes: Outcomes, point: int) -> str:
    """The factors' values at a point."""
    return ", ".join(f"{factor_words(path)} {values[point]}" for path, values in outcomes.columns.items())


def table_of(outcomes: Outcomes) -> tuple[list[str], list[list[str]]]:
    """Every point and economy in words: header and rows.

    Where it is known who leads, one column says so instead of one for each seller.
    """
    prepared = outcomes.study.prepared
    leads = outcomes.leads
    figures = [figure for figure in prepared.figures if figure not in leads]
    header = [*outcomes.columns, "economy", *(["leader"] if leads else []), *(title_of(*figure) for figure in figures)]
    rows = []
    for point in range(prepared.points):
        for economy in prepared.economies:
            cells = [
                in_words(measure, outcomes.estimates[economy, seller, measure][point], outcomes.ticks)
                for seller, measure in figures
            ]
            first = [_leader(outcomes, point, economy)] if leads else []
            rows.append([*(str(values[point]) for values in outcomes.columns.values()), economy, *first, *cells])
    return header, rows


def _leader(outcomes: Outcomes, point: int, economy: str) -> str:
    """Who is the largest seller in most runs, and in which part of them."""
    parts = {seller: outcomes.estimates[economy, seller, measure][point] for seller, measure in outcomes.leads}
    known = {seller: one for seller, one in parts.items() if one.replications}
    if not known:
        return "–"
    first = max(known, key=lambda seller: known[seller].mean)
    return f"{first} {in_words('leader', known[first], outcomes.ticks)}"


def _table(outcomes: Outcomes) -> StudyTable:
    header, rows = table_of(outcomes)
    caption = (
        "Means over runs with 95 % intervals; of durations the median; of leader and survival the part of the runs."
    )
    if len(rows) > MOST_ROWS:
        caption += f" The first {MOST_ROWS} of {len(rows)} rows; all stand in summary.csv."
    return StudyTable("All points in figures", caption, header, rows[:MOST_ROWS])
