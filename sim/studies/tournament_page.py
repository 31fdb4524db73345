"""Figures and report of a tournament: who wins against whom, and which way everybody goes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.measures import Estimate
from sim.plots.curves import plot_curves
from sim.plots.payoffs import plot_payoffs
from sim.plots.sheet import figure_of
from sim.plots.words import SPACE, count
from sim.report.findings import Finding
from sim.report.sections import Section
from sim.report.study import StudyPage, StudyTable, made_of, save_picture, write_study_page
from sim.report.words import economy_words, listed
from sim.results import measure_of
from sim.studies.games import Equilibrium
from sim.studies.tournament_tables import TIMES, Game
from sim.studies.wording import amount, in_words, runs_of, shown_as

if TYPE_CHECKING:
    from sim.studies.study import Study

__all__ = ["equilibrium_in_words", "write_pages"]

WORDS = {
    "against": "Two sellers who are alike but for their strategies. Each pair plays twice on the same draws, in "
    "either place; a pay-off is the mean of both places.",
    "best answer": "The strategy that earns most against a given one.",
    "equilibrium": "A pair of strategies that are best answers to each other: nobody gains by changing alone. In a "
    "mixed one, strategies are played in parts such that all that are played earn the same.",
    "replicator dynamics": "What becomes of a population of sellers if strategies that earn more than the average are "
    "copied more often. It starts with equal parts of all.",
    "95 % interval": "The figures in square brackets, and the bands: where the average of very many runs is to be "
    "expected. It says nothing about whether the assumptions hold.",
}


class _Case:
    """A study, its games, and the economy that the words are about."""

    def __init__(self, study: Study, games: Sequence[Game]) -> None:
        self.study, self.games, self.prepared = study, list(games), study.prepared
        self.experiment = study.prepared.experiment
        self.names: list[str] = study.prepared.experiment.names  # type: ignore[attr-defined]
        economies = study.prepared.economies
        self.focus = "transition" if "transition" in economies else economies[-1]
        self.measures = list(dict.fromkeys(game.measure for game in games))

    def of(self, measure: str) -> dict[str, Game]:
        """By economy."""
        return {game.economy: game for game in self.games if game.measure == measure}


def write_pages(study: Study, games: Sequence[Game]) -> None:
    """Draw a tournament's figures and write its report."""
    case = _Case(study, games)
    prepared = study.prepared
    background: list[str] = prepared.experiment.background  # type: ignore[attr-defined]
    beside = f" Beside them: {listed(background)}." if background else " Nobody else is there."
    plays = len(case.names) ** 2
    page = StudyPage(
        kicker=f"A tournament of {count(len(case.names), 'strategy', 'strategies')}, each against each",
        name=case.experiment.name,
        description=case.experiment.description,
        setting=f"Two sellers in the market of {prepared.base.name}: {count(prepared.base.buyers.count, 'buyer')}, "
        f"{count(prepared.base.horizon, 'month')}. Strategies: {listed(case.names)}.{beside}",
        findings=list(_findings(case)),
        sections=list(_sections(case)),
        tables=list(_tables(case)),
        words=WORDS,
        made=made_of(study.provenance, runs_of(plays, len(prepared.economies), prepared.replications, "play")),
        software=f"{study.provenance['software']['name']} {study.provenance['software']['version']}",
    )
    write_study_page(study.path, page)


def _findings(case: _Case) -> Iterator[Finding]:
    if not case.games:
        yield Finding("Nothing to compare", "no replication has all plays; see failures.parquet.")
        return
    for measure in case.measures[:2]:
        game = case.of(measure).get(case.focus)
        if game is not None:
            yield Finding(f"Who wins by {measure.replace('_', ' ')}", _who_wins(case, game))
    for measure in case.measures[:1]:
        others = [game for economy, game in case.of(measure).items() if economy != case.focus]
        if others:
            yield Finding("In other economies", " ".join(_settles(case, game) for game in others))
    if len(case.study.failures):
        yield Finding(
            "Not all runs are there", f"{count(len(case.study.failures), 'replication')} failed; see failures.parquet."
        )


def _who_wins(case: _Case, game: Game) -> str:
    return f"{_answers(case, game)} {_settles(case, game)}"


def _answers(case: _Case, game: Game) -> str:
    """Which strategy is the best answer to how many."""
    wins: dict[int, list[int]] = {}
    for one in game.responses:
        wins.setdefault(one.best, []).append(one.against)
    total, clear = len(game.responses), sum(one.clear for one in game.responses)
    parts = []
    for best, against in sorted(wins.items(), key=lambda one: -len(one[1])):
        whom = "every strategy" if len(against) == total else listed([case.names[place] for place in against])
        parts.append(f"{case.names[best]} is the best answer to {whom}")
    sure = (
        "all of it is clear of chance"
        if clear == total
        else f"{clear} of the {total} are clear of chance"
        if clear
        else "none of it is clear of chance"
    )
    return f"In {economy_words(game.economy)}, {'; '.join(parts)} ({sure})."


def _settles(case: _Case, game: Game) -> str:
    """Equilibria, and where the dynamics end."""
    where = economy_words(game.economy)
    told = [equilibrium_in_words(one, case.names) for one in game.equilibria]
    stable = f"In {where} no equilibrium was found."
    if told:
        many = "equilibrium is" if len(told) == 1 else f"{len(told)} equilibria are"
        stable = f"In {where} the {many} {'; '.join(told)}."
    ends = [
        f"{listed([case.names[place] for place in left])} ({100 * part:.0f}{SPACE}% of starts)"
        for left, part in game.ends[:3]
    ]
    return f"{stable} Copying what pays leads to {listed(ends)}."


def equilibrium_in_words(one: Equilibrium, names: Sequence[str]) -> str:
    """An equilibrium: who plays what, and how often it stands in other samples of the runs."""

    def mix(weights: np.ndarray) -> str:
        played = [int(place) for place in np.flatnonzero(weights > 0)]
        if len(played) == 1:
            return names[played[0]]
        return listed([f"{100 * weights[place]:.0f}{SPACE}% {names[place]}" for place in played])

    sides = mix(one.weights[0])
    words = f"{sides} on both sides" if one.symmetric else f"{sides} against {mix(one.weights[1])}"
    return words if math.isnan(one.found) else f"{words} (in {100 * one.found:.0f}{SPACE}% of resampled runs)"


def _sections(case: _Case) -> Iterator[Section]:
    runs = min((game.payoffs.shape[2] for game in case.games), default=0)
    note = f"{count(runs, 'run')} of each play on common draws, both in either place."
    for measure in case.measures:
        games, shown = case.of(measure), shown_as(measure)
        words = measure.replace("_", " ")
        heading = f"{words[0].upper()}{words[1:]}"
        title = f"{heading} of the row against the column" + (f" [{shown.unit}]" if shown.unit else "")
        tables = {economy: _grid(game) for economy, game in games.items()}
        best = {
            economy: {one.against: (one.best, one.clear) for one in game.responses} for economy, game in games.items()
        }
        axes = plot_payoffs(tables, case.names, best, title=title, scale=shown.scale, note=f"± 95 % interval. {note}")
        yield Section(
            f"{heading}: who wins against whom",
            [_answers(case, game) for game in games.values()],
            save_picture(figure_of(axes[0]), case.study.path, f"payoffs_{measure}"),
            f"{measure_of(measure).meaning.capitalize()}: the strategy of the row against that of the column.",
            f"Tables of the {words} of every strategy against every other, one for each economy.",
        )
        curves = {
            economy: {name: game.paths[:, :, place] for place, name in enumerate(case.names)}
            for economy, game in games.items()
        }
        axes = plot_curves(
            curves,
            ("time (range of pay-offs = 1)", [float(time) for time in TIMES]),
            title=f"If sellers copy what brings {words}",
            unit="part of sellers [%]",
            sellers=case.names,
            scale=100.0,
            note="Replicator dynamics from equal parts of all. Bands: 95 % of resampled runs.",
        )
        yield Section(
            f"{heading}: which way everybody goes",
            [_settles(case, game) for game in games.values()],
            save_picture(figure_of(axes[0]), case.study.path, f"dynamics_{measure}"),
            "Parts of the strategies over time if what earns more than the average is copied.",
            "Line charts of the parts of the strategies over time, one for each economy. The sentences above say where "
            "they end.",
        )


def _grid(game: Game) -> np.ndarray:
    """Means and half-widths, shape (2, strategies, strategies)."""
    places = range(len(game.payoffs))
    found = [[game.payoff(own, against) for against in places] for own in places]
    return np.array(
        [
            [[one.mean for one in row] for row in found],
            [[max(one.high - one.mean, one.mean - one.low) for one in row] for row in found],
        ]
    )


def _tables(case: _Case) -> Iterator[StudyTable]:
    header = ["measure", "economy", "strategy", *(f"against {name}" for name in case.names)]
    rows = [
        [
            game.measure.replace("_", " "),
            game.economy,
            name,
            *(
                in_words(game.measure, game.payoff(own, against), case.prepared.base.horizon)
                for against in range(len(case.names))
            ),
        ]
        for game in case.games
        for own, name in enumerate(case.names)
    ]
    yield StudyTable(
        "Pay-offs in figures", "Means over runs with 95 % intervals; also in payoffs.parquet.", header, rows
    )
    rows = [
        [
            game.measure.replace("_", " "),
            game.economy,
            case.names[one.against],
            case.names[one.best],
            case.names[one.second],
            amount(game.measure, one.lead),
        ]
        for game in case.games
        for one in game.responses
    ]
    header = ["measure", "economy", "against", "best answer", "next best", "how much better"]
    yield StudyTable("Best answers", "With paired 95 % intervals of what the best earns more.", header, rows)
    rows = [
        [
            game.measure.replace("_", " "),
            game.economy,
            "pure" if one.pure else "mixed",
            equilibrium_in_words(one, case.names),
            *(
                in_words(game.measure, Estimate(float(part), math.nan, math.nan, 1, 0), case.prepared.base.horizon)
                for part in one.payoffs
            ),
        ]
        for game in case.games
        for one in game.equilibria
    ]
    header = ["measure", "economy", "kind", "equilibrium", "first earns", "second earns"]
    yield StudyTable("Equilibria", "Of the mean pay-offs; also in equilibria.parquet.", header, rows)
