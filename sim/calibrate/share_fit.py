"""Market shares over time fitted: a search over named values of a scenario, then a climb to the nearest best.

The search is optuna's tree-structured Parzen estimator (Bergstra et al. 2011), the climb
Gauss-Newton on shares simulated with the same keyed draws. Both are deterministic, and every
simulation is kept, so that a stopped fit goes on to the same end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.share_table import ShareTable
from sim.calibrate.store import Memory
from sim.market import Market
from sim.scenario import Scenario

__all__ = ["Factor", "ShareFit", "fit_shares", "usual_factors"]

Array = NDArray[np.float64]
STEP, ROUNDS, ENOUGH = 0.04, 8, 0.003
AGAIN, HISTORIES = 500, 24  # number of the first replication of the last runs, none of the search's; how many


@dataclass(frozen=True)
class Factor:
    """A value of the scenario that is fitted within limits."""

    path: str
    low: float
    high: float


@dataclass(frozen=True)
class ShareFit:
    """Where the fit ended.

    Attributes
    ----------
    factors : tuple of Factor
    values, errors : ndarray, shape (factors,)
        Fitted values and their standard errors.
    simulated, spread : ndarray, shape (rows - 1, sellers)
        Mean share of runs with draws of their own after the first row, and the standard
        deviation from one run to the next [-].
    scenario : Scenario
        With the fitted values.
    seen : int
        Rows that were fitted, the first included.
    """

    factors: tuple[Factor, ...]
    values: Array
    errors: Array
    simulated: Array
    spread: Array
    scenario: Scenario
    seen: int


def usual_factors(base: Scenario, table: ShareTable) -> list[Factor]:
    """What is fitted unless the user says otherwise: qualities against the largest seller's, and switching cost."""
    largest = table.sellers[int(np.nanargmax(table.shares[0]))]
    qualities = [Factor(f"sellers.{name}.quality", 0.0, 1.5) for name in table.sellers if name != largest]
    return [*qualities, Factor("behaviour.switching_cost", 0.0, 6.0)]


def fit_shares(
    base: Scenario,
    table: ShareTable,
    factors: Sequence[Factor],
    *,
    economy: str,
    trials: int,
    replications: int,
    memory: Memory,
    seen: int | None = None,
    told: Callable[[str], None] = lambda stage: None,
) -> ShareFit:
    """Fit named values to shares.

    Parameters
    ----------
    base : Scenario
    table : ShareTable
    factors : sequence of Factor
    economy : str
        Which economy of the scenario the shares are from.
    trials : int
        Of the search.
    replications : int
        Of each trial.
    memory : Memory
    seen : int, optional
        Rows that are fitted, from the first; left out, all.
    told : callable
        Told each stage.
    """
    import optuna

    rows = len(table.ticks) if seen is None else seen
    case = _Case(base, table, tuple(factors), economy, replications, memory)
    wanted = table.shares[1:rows]

    def misses(unit: Array) -> Array:
        gap = wanted - case.shares(unit)[: rows - 1]
        return np.asarray(np.nan_to_num(gap).ravel())

    told("search")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=base.seed % 2**31, multivariate=True)
    study = optuna.create_study(sampler=sampler)
    study.enqueue_trial({factor.path: 0.5 for factor in factors})
    best, distance = np.full(len(factors), 0.5), np.inf
    for _ in range(trials):
        trial = study.ask()
        unit = np.array([trial.suggest_float(factor.path, 0.0, 1.0) for factor in factors])
        gap = misses(unit)
        study.tell(trial, float(gap @ gap))
        if gap @ gap < distance:
            best, distance = unit, float(gap @ gap)
    told("climb")
    best, slopes, gap = _climbed(best, misses)
    told("test of the scenario")
    again = case.runs(best, HISTORIES, first=AGAIN)
    moved = (again - again.mean(axis=0))[:, : rows - 1] * np.isfinite(wanted)
    by_luck = _by_luck(slopes, moved.reshape(HISTORIES, -1)) * np.sqrt(1.0 + 1.0 / replications)
    errors = np.maximum(_errors(slopes, gap, rows - 1, len(table.sellers)), by_luck) * case.width
    scenario = case.scenario(best)
    return ShareFit(
        tuple(factors),
        case.values(best),
        errors,
        again.mean(axis=0),
        again.std(axis=0, ddof=1),
        scenario,
        rows,
    )


class _Case:
    """Simulated shares as a function of the factors, each scaled to its limits."""

    def __init__(
        self,
        base: Scenario,
        table: ShareTable,
        factors: tuple[Factor, ...],
        economy: str,
        replications: int,
        memory: Memory,
    ) -> None:
        self.base, self.table, self.factors, self.economy = base, table, factors, economy
        self.replications, self.memory = replications, memory
        self.low = np.array([factor.low for factor in factors])
        self.width = np.array([factor.high - factor.low for factor in factors])

    def values(self, unit: Array) -> Array:
        """Values of the factors."""
        return np.asarray(self.low + self.width * unit)

    def scenario(self, unit: Array) -> Scenario:
        """The scenario with these values, opening with the first row's shares."""
        found: dict[str, float] = {
            factor.path: round(float(value), 6) for factor, value in zip(self.factors, self.values(unit), strict=True)
        }
        return self.base.with_values({**_opening(self.base, self.table), **found}, source="--fit")

    def shares(self, unit: Array) -> Array:
        """Mean simulated shares after the first row, shape (rows - 1, sellers)."""
        return np.asarray(self.runs(unit, self.replications).mean(axis=0))

    def runs(self, unit: Array, replications: int, *, first: int = 0) -> Array:
        """Simulated shares after the first row, shape (replications, rows - 1, sellers)."""
        horizon = int(self.table.ticks[-1])
        tree = self.scenario(unit).tree
        tree["horizon"] = horizon
        tree["events"] = [event for event in tree.get("events", []) if event["at"] < horizon]
        market = Scenario(**tree)
        question = {"what": "shares", "economy": self.economy, "replications": replications, "first": first}

        def run() -> Array:
            found = []
            for number in range(replications):
                one = Market(market, self.economy, replication=first + number)
                try:
                    record = one.run()
                finally:
                    one.release()
                path = np.zeros((horizon, len(self.table.sellers)))
                for place, name in enumerate(self.table.sellers):
                    if name in record.sellers:
                        path[:, place] = record.shares["share"][:, record.sellers.index(name)]
                found.append(path)
            return np.array(found)

        return self.memory.answer(market, question, run)[:, self.table.ticks[1:] - 1]


def _opening(base: Scenario, table: ShareTable) -> Mapping[str, float]:
    shares = dict(zip(table.sellers, table.shares[0] / table.shares[0].sum(), strict=True))
    names = [seller.name for seller in base.sellers]
    rounded = {name: round(float(shares[name]), 6) for name in names}
    rounded[names[0]] = round(rounded[names[0]] + 1.0 - sum(rounded.values()), 6)
    return {f"sellers.{name}.opening_share": max(value, 0.0) for name, value in rounded.items()}


def _climbed(start: Array, misses: Callable[[Array], Array]) -> tuple[Array, Array, Array]:
    """Gauss-Newton within the limits; where it ends, its slopes, and what is still missed."""
    unit, gap, damping = start, misses(start), 1e-3
    slopes = _slopes(unit, gap, misses)
    for _ in range(ROUNDS):
        bend = slopes.T @ slopes
        before = float(gap @ gap)
        moved = False
        for _ in range(4):
            step = np.linalg.solve(bend + (damping * np.trace(bend) + 1e-12) * np.eye(len(unit)), slopes.T @ gap)
            trial = np.clip(unit + np.clip(step, -0.25, 0.25), 0.0, 1.0)
            found = misses(trial)
            if found @ found < before:
                unit, gap, damping, moved = trial, found, damping / 4, True
                break
            damping *= 6
        if not moved or before - gap @ gap < ENOUGH * before:
            break
        slopes = _slopes(unit, gap, misses)
    return unit, _slopes(unit, gap, misses), gap


def _slopes(unit: Array, gap: Array, misses: Callable[[Array], Array]) -> Array:
    columns = []
    for place in range(len(unit)):
        side = STEP if unit[place] + STEP <= 1 else -STEP
        moved = unit.copy()
        moved[place] += side
        columns.append((gap - misses(moved)) / side)
    return np.stack(columns, axis=1)


def _by_luck(slopes: Array, moved: Array) -> Array:
    """How the fitted values would move from one history of the same market to the next."""
    bend = np.linalg.pinv(slopes.T @ slopes, rcond=1e-10, hermitian=True)
    return np.asarray((moved @ slopes @ bend).std(axis=0, ddof=1))


def _errors(slopes: Array, gap: Array, rows: int, sellers: int) -> Array:
    """Standard errors of least squares whose misses hang together over time (Newey & West 1987)."""
    free = slopes.shape[1]
    scores = (slopes * gap[:, None]).reshape(rows, sellers, free).sum(axis=1)
    middle = scores.T @ scores
    lags = min(rows - 1, int(np.ceil(4 * (rows / 100) ** (2 / 9))))
    for lag in range(1, lags + 1):
        across = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (lags + 1)) * (across + across.T)
    bend = np.linalg.pinv(slopes.T @ slopes, rcond=1e-10, hermitian=True)
    scale = rows / max(rows - free, 1)
    variance = np.diagonal(bend @ middle @ bend) * scale
    flat = np.abs(slopes).max(axis=0) < 1e-4  # nothing moves with it: nothing can be known of it
    return np.where(flat, np.inf, np.sqrt(np.maximum(variance, 0.0)))
