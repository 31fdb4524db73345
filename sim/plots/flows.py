"""Who left for whom: switches from every seller to every other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.measures import t_interval
from sim.plots.palette import Look, Style, Theme, looks_of, theme_of
from sim.plots.series import economies_of, moved, replications_of, sellers_of, ticks_of
from sim.plots.sheet import LABEL, SMALL, Sheet, as_axes, drawing, grid_shape, height_of, inches, short, width_of
from sim.plots.words import count, minus

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["plot_flows"]

MOST_SELLERS = 12  # with those beyond it added up in one row
SIDE = 3.3  # of a panel [inches]
CORNER = "from ↓  to →"
SLANT = 0.64  # sine of the 40 degrees by which names are turned
GAP = 0.12  # between the flows and their sums [cells]


@dataclass(frozen=True)
class _Table:
    """Switches per 100 buyers: names, mean and half-width, sums in the last row and column."""

    names: list[str]
    mean: NDArray[np.float64]
    half: NDArray[np.float64]


def plot_flows(
    run: Run,
    axes: Axes | Iterable[Axes] | None = None,
    *,
    style: Style = "light",
    economies: Sequence[str] | None = None,
    looks: Mapping[str, Look] | None = None,
) -> NDArray[np.object_]:
    """A table of switches per 100 buyers from each seller (row) to each other (column), one panel an economy.

    A buyer who switches twice counts twice. The last column adds up what a seller lost, the
    last row what it won. Small figures are half-widths of the 95 % interval of the mean.

    Parameters
    ----------
    run : Run
        A finished run.
    axes : Axes or sequence of Axes, optional
        One for each economy, best square.
    style : {"light", "dark"}
        Colours.
    economies : sequence of str, optional
        Which, and in which order; all if left out.
    looks : mapping of str to Look, optional
        Looks of the sellers; by the scenario's order if left out.

    Returns
    -------
    ndarray of Axes, shape (economies,)

    Raises
    ------
    ValueError
        If the number of Axes is not that of the economies, or an economy was not run.
    """
    names, theme = economies_of(run, economies), theme_of(style)
    looks = looks or looks_of(sellers_of(run))
    tables = _tables(run, names)
    highest = max(float(table.mean[:-1, :-1].max()) for table in tables.values())
    with drawing(theme):
        panels = _own_sheet(run, tables, theme) if axes is None else as_axes(axes, len(names), "one for each economy")
        for place, (panel, economy) in enumerate(zip(panels, names, strict=True)):
            named = axes is not None or place % grid_shape(len(names))[1] == 0
            _draw(panel, tables[economy], highest, theme, looks, rows_named=named)
            panel.set_title(
                short(economy, 40),
                size=LABEL,
                weight="bold",
                color=theme.ink,
                loc="left",
                pad=72 * _heading(tables[economy].names),
            )
    return np.array(panels, dtype=object)


def _tables(run: Run, economies: Sequence[str]) -> dict[str, _Table]:
    """The tables, with the sellers who moved fewest buyers added up if there are too many."""
    names = sellers_of(run)
    flows = {economy: 100 * moved(run, economy) / run.scenario.buyers.count for economy in economies}
    traffic = sum(flow.mean(axis=0).sum(axis=axis) for flow in flows.values() for axis in (0, 1))
    kept = (
        sorted(np.argsort(-np.asarray(traffic), kind="stable")[: MOST_SELLERS - 1])
        if len(names) > MOST_SELLERS
        else range(len(names))
    )
    group = np.full(len(names), len(kept))
    group[list(kept)] = np.arange(len(kept))
    shown = [names[place] for place in kept] + ([f"{len(names) - len(kept)} others"] if len(kept) < len(names) else [])
    gather = np.eye(len(shown))[group]  # (sellers, rows)
    return {
        economy: _table(shown, np.einsum("rab,ac,bd->rcd", flow, gather, gather)) for economy, flow in flows.items()
    }


def _table(names: list[str], flow: NDArray[np.float64]) -> _Table:
    whole = np.pad(flow, ((0, 0), (0, 1), (0, 1)))
    whole[:, :-1, -1], whole[:, -1, :-1], whole[:, -1, -1] = flow.sum(axis=2), flow.sum(axis=1), flow.sum(axis=(1, 2))
    mean, _, high = t_interval(whole)
    return _Table(names, mean, high - mean)


def _own_sheet(run: Run, tables: Mapping[str, _Table], theme: Theme) -> list[Axes]:
    rows, columns = grid_shape(len(tables))
    shown = [short(name) for name in next(iter(tables.values())).names]
    side = max(SIDE, 0.36 * (len(shown) + 1))
    longest = max(width_of(name, SMALL) for name in [*shown, CORNER])
    runs = max(replications_of(run, economy) for economy in tables)
    note = f"Switches per 100 buyers in {count(ticks_of(run), 'month')}; who switches twice counts twice. " + (
        f"Mean of {count(runs, 'run')}" + (", with ± for the 95 % interval." if len(shown) <= 6 else ".")
        if runs > 1
        else "One run, no interval."
    )
    above = _heading(shown) + height_of(LABEL) + 0.04
    sheet = Sheet(
        rows,
        columns,
        side,
        [side] * rows,
        "Who left for whom",
        note,
        first_left=longest + 0.2,
        right=0.1 + 0.5 * longest if columns == 1 else 0.3,
        above=[above] * rows,
        below=[0.2] * rows,
    )
    return sheet.draw(theme, len(tables))


def _heading(names: Sequence[str]) -> float:
    """Height of the slanted names above a table [inches]."""
    return SLANT * max(width_of(short(name), SMALL) for name in [*names, "all lost"]) + 0.3


def _draw(
    axes: Axes, table: _Table, highest: float, theme: Theme, looks: Mapping[str, Look], *, rows_named: bool
) -> None:
    size = len(table.names)
    axes.set_facecolor(theme.ground)
    axes.set_xlim(0, size + 1 + GAP)
    axes.set_ylim(size + 1 + GAP, 0)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    cell = inches(axes)[0] / (size + 1 + GAP)
    figure_size = min(SMALL, 26 * cell)
    with_half = cell >= 0.42 and not np.isnan(table.half).any()
    for row in range(size + 1):
        for column in range(size + 1):
            if row == column and row < size:
                continue
            if not table.mean.any():
                continue
            value, is_sum = table.mean[row, column], size in (row, column)
            left, top = column + GAP * (column == size), row + GAP * (row == size)
            step = 0 if is_sum or highest == 0 else round((len(theme.ramp) - 1) * np.sqrt(value / highest))
            if not is_sum:
                axes.add_patch(
                    Rectangle((left + 0.02, top + 0.02), 0.96, 0.96, facecolor=theme.ramp[step], linewidth=0)
                )
            ink = theme.ground if step >= 5 else theme.ink
            axes.text(
                left + 0.5,
                top + (0.42 if with_half else 0.5),
                _figure(value),
                size=figure_size,
                color=ink,
                weight="bold" if is_sum else "normal",
                ha="center",
                va="center_baseline",
            )
            if with_half and (value > 0 or table.half[row, column] > 0):
                axes.text(
                    left + 0.5,
                    top + 0.76,
                    "±" + _figure(table.half[row, column]),
                    size=0.68 * figure_size,
                    color=ink,
                    ha="center",
                    va="center_baseline",
                )
    if not table.mean.any():
        axes.text(0.5 * size, 0.5 * size, "nobody switched", size=SMALL, color=theme.muted, ha="center", va="center")
    inks = [looks[name].ink(theme) if name in looks else theme.muted for name in table.names] + [theme.muted]
    for place, (name, ink) in enumerate(zip([*table.names, "all lost"], inks, strict=True)):
        axes.text(
            place + 0.42 + GAP * (place == size),
            -0.08,
            short(name),
            size=SMALL,
            color=ink,
            rotation=40,
            rotation_mode="anchor",
            ha="left",
            va="bottom",
        )
    if rows_named:
        for place, (name, ink) in enumerate(zip([*table.names, "all won"], inks, strict=True)):
            axes.text(
                -0.12,
                place + 0.5 + GAP * (place == size),
                short(name),
                size=SMALL,
                color=ink,
                ha="right",
                va="center_baseline",
            )
        axes.text(-0.12, -0.1, CORNER, size=SMALL, color=theme.muted, ha="right", va="bottom")


def _figure(value: float) -> str:
    if 0 < value < 0.05:
        return "<.1"
    return minus(f"{value:.0f}" if value >= 9.95 or value == 0 else f"{value:.1f}")
