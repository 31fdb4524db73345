"""What a tournament leaves in figures: pay-offs, equilibria and dynamics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.measures import Estimate, mean_interval
from sim.studies.games import Equilibrium, Response, basins, best_responses, equilibria, payoffs_of, populations
from sim.studies.replicated import complete, replicated
from sim.studies.study import write_parquet
from sim.studies.tournament import PLACES
from sim.studies.wording import shown_as

if TYPE_CHECKING:
    from sim.studies.study import Study

__all__ = ["Game", "write_tables"]

TIMES = np.linspace(0.0, 60.0, 25)


@dataclass(frozen=True)
class Game:
    """The game that one measure makes of a tournament in one economy.

    Attributes
    ----------
    economy, measure : str
    payoffs : ndarray, shape (strategies, strategies, replications)
        What the strategy of the row earns against that of the column; only replications in which
        it is defined in every play.
    responses : list of Response
        To each strategy.
    equilibria : list of Equilibrium
    paths : ndarray, shape (3, times, strategies)
        Replicator dynamics from equal parts: parts, and bounds of 95 %.
    ends : list of (strategies, part)
        Where the dynamics end from starts all over.
    """

    economy: str
    measure: str
    payoffs: NDArray[np.float64]
    responses: list[Response]
    equilibria: list[Equilibrium]
    paths: NDArray[np.float64]
    ends: list[tuple[tuple[int, ...], float]]

    def payoff(self, own: int, against: int) -> Estimate:
        """What a strategy earns against another; the interval of a part of one stays within 0 and 1."""
        found = mean_interval(self.payoffs[own, against])
        if shown_as(self.measure).unit != "%":
            return found
        return found._replace(low=max(found.low, 0.0), high=min(found.high, 1.0))


def write_tables(study: Study) -> list[Game]:
    """Make the games and write ``payoffs.parquet``, ``equilibria.parquet`` and ``dynamics.parquet``.

    A game is left out whose pay-offs are not defined in any replication of all plays.
    """
    prepared = study.prepared
    experiment: Any = prepared.experiment
    number, values = len(experiment.names), replicated(study)
    games = []
    for place, economy in enumerate(prepared.economies):
        for measure in dict.fromkeys(measure for _, measure in prepared.figures):
            columns = [prepared.figures.index((name, measure)) for name in PLACES]
            both = values[:, place][:, :, columns]  # points, replications, places
            there = complete(both.swapaxes(1, 2).reshape(-1, both.shape[1]), measure, prepared.base.horizon)
            if not there.shape[1]:
                continue
            plays = there.reshape(number, number, len(PLACES), -1)
            games.append(_game(economy, measure, payoffs_of(plays[:, :, 0], plays[:, :, 1]), experiment))
    _write(study, games, experiment.names)
    return games


def _game(economy: str, measure: str, payoffs: NDArray[np.float64], experiment: Any) -> Game:
    resamples, seed = experiment.resamples, experiment.seed
    return Game(
        economy,
        measure,
        payoffs,
        best_responses(payoffs),
        equilibria(payoffs, resamples=resamples, seed=seed),
        populations(payoffs, TIMES, resamples=resamples, seed=seed),
        basins(payoffs, starts=experiment.starts, seed=seed),
    )


def _write(study: Study, games: list[Game], names: list[str]) -> None:
    places = range(len(names))
    payoffs = [
        (
            game.economy,
            game.measure,
            names[own],
            names[against],
            *game.payoff(own, against)[:4],
            game.responses[against].best == own,
            game.responses[against].best == own and game.responses[against].clear,
        )
        for game in games
        for own in places
        for against in places
    ]
    _table(
        study,
        "payoffs",
        {
            "economy": pa.string(),
            "measure": pa.string(),
            "strategy": pa.string(),
            "against": pa.string(),
            "mean": pa.float64(),
            "low": pa.float64(),
            "high": pa.float64(),
            "replications": pa.int32(),
            "best": pa.bool_(),
            "clear": pa.bool_(),
        },
        payoffs,
    )
    kinds = {True: "pure", False: "mixed"}
    found = [
        (game.economy, game.measure, number, kinds[one.pure], player + 1, names[place], weight, earned, one.found)
        for game in games
        for number, one in enumerate(game.equilibria)
        for player, (weights, earned) in enumerate(zip(one.weights, one.payoffs, strict=True))
        for place, weight in enumerate(weights)
        if weight > 0
    ]
    _table(
        study,
        "equilibria",
        {
            "economy": pa.string(),
            "measure": pa.string(),
            "equilibrium": pa.int32(),
            "kind": pa.string(),
            "player": pa.int32(),
            "strategy": pa.string(),
            "weight": pa.float64(),
            "payoff": pa.float64(),
            "found": pa.float64(),
        },
        found,
    )
    dynamics = [
        (game.economy, game.measure, float(TIMES[time]), names[place], *map(float, game.paths[:, time, place]))
        for game in games
        for time in range(len(TIMES))
        for place in places
    ]
    columns = {"economy": pa.string(), "measure": pa.string(), "time": pa.float64(), "strategy": pa.string()}
    _table(study, "dynamics", columns | dict.fromkeys(("part", "low", "high"), pa.float64()), dynamics)


def _table(study: Study, name: str, columns: dict[str, Any], rows: list[Any]) -> None:
    parts: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [pa.array(part, kind) for part, kind in zip(parts, columns.values(), strict=True)]
    write_parquet(study.path / f"{name}.parquet", [pa.table(arrays, names=list(columns))])
