"""Panels over time, one an economy on common axes: the frame that several figures share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.plots.marks import GAP, STRIP, draw_pull_strip, month_axis
from sim.plots.milestones import draw_milestones, events_room
from sim.plots.palette import Dashes, Theme
from sim.plots.series import by_tick, middle, replications_of, ticks_of
from sim.plots.sheet import LABEL, Sheet, as_axes, grid_shape, height_of, inches, short, style_axes

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["draw_path", "dress", "own_panels", "panel_width", "runs_words", "sampled", "time_panels"]

POINTS = 300  # of a line: more than the width of a panel can show
HEAD = GAP + STRIP + 0.05  # from a panel to what is written above it [inches]
_WIDTHS = {1: 6.2, 2: 3.7, 3: 2.5}  # of a panel, by panels side by side [inches]


def time_panels(
    run: Run,
    names: Sequence[str],
    theme: Theme,
    *,
    title: str,
    note: str,
    unit: str,
    room: float,
    height: float = 3.0,
    below: float = 0.55,
) -> list[Axes]:
    """A new figure with one panel for each economy.

    Parameters
    ----------
    names : sequence of str
        The economies.
    title, note : str
        Over and under the panels.
    unit : str
        What the vertical axes show, with its unit.
    room : float
        Width kept free to the right of each panel [inches].
    height, below : float
        Height of a panel, and of the room under it [inches].
    """
    rows, columns = grid_shape(len(names))
    width = _WIDTHS[columns]
    above = HEAD + events_room(run, width, room - 0.1) + height_of(LABEL) + 0.1
    sheet = Sheet(
        rows, columns, width, [height] * rows, title, note, right=room, above=[above] * rows, below=[below] * rows
    )
    panels = sheet.draw(theme, len(names))
    for place, panel in enumerate(panels):
        first = place % columns == 0
        style_axes(panel, theme, left_labels=first)
        panel.set_ylabel(unit if first else "", labelpad=6)
    return panels


def panel_width(economies: int) -> float:
    """Width of a panel when that many economies are shown [inches]."""
    return _WIDTHS[grid_shape(economies)[1]]


def own_panels(axes: Axes | Iterable[Axes], names: Sequence[str], theme: Theme, *, unit: str) -> list[Axes]:
    """The caller's own Axes, one for each economy, in the theme's colours."""
    panels = as_axes(axes, len(names), "one for each economy")
    for panel in panels:
        style_axes(panel, theme)
        panel.set_ylabel(unit)
    return panels


def dress(axes: Axes, run: Run, economy: str, theme: Theme, *, top: float, room: float) -> None:
    """Give a panel its scales, months, events, pull share and the name of its economy.

    Parameters
    ----------
    top : float
        Highest value to be shown, in the unit of the axis.
    room : float
        Width free to the right of the panel [inches].
    """
    month_axis(axes, ticks_of(run))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.set_ylim(0, top)
    draw_pull_strip(axes, by_tick(run, economy, "pull_share").mean(axis=0), theme)
    draw_milestones(axes, run, economy, theme, base=HEAD, room=room - 0.1)
    axes.annotate(
        short(economy, 40),
        (0, 1),
        (0, 72 * (HEAD + events_room(run, inches(axes)[0], room - 0.1) + 0.03)),
        xycoords="axes fraction",
        textcoords="offset points",
        size=LABEL,
        weight="bold",
        color=theme.ink,
        ha="left",
        va="bottom",
        annotation_clip=False,
    )


def sampled(ticks: int) -> NDArray[np.intp]:
    """Ticks at which a line is drawn: all, or evenly spaced ones and the last if there are very many."""
    step = -(-ticks // POINTS)
    return np.unique(np.append(np.arange(0, ticks, step), ticks - 1))


def draw_path(
    axes: Axes,
    values: NDArray[np.float64],
    colour: str,
    dashes: Dashes,
    *,
    marker: str = "",
    shown: NDArray[np.bool_] | None = None,
) -> None:
    """The mean over replications as a line on the band that holds the middle 95 % of them.

    Parameters
    ----------
    values : ndarray, shape (replications, ticks)
        In the unit of the axis.
    shown : ndarray of bool, shape (ticks,), optional
        Where the path is drawn; everywhere if left out.
    """
    ticks = sampled(values.shape[1])
    if shown is not None:
        ticks = ticks[shown[ticks]]
    if not len(ticks):
        return
    if len(values) > 1:
        low, high = middle(values[:, ticks])
        axes.fill_between(ticks, low, high, color=colour, alpha=0.22, linewidth=0, zorder=2)
    every = max(1, len(ticks) // 6)
    alone = len(ticks) == 1
    axes.plot(
        ticks,
        values[:, ticks].mean(axis=0),
        color=colour,
        linestyle=dashes,
        linewidth=2.2,
        zorder=3,
        marker=marker or ("o" if alone else None),
        markersize=6,
        markevery=1 if alone else (every // 2, every),
        markeredgewidth=0,
        dash_capstyle="butt",
        solid_capstyle="butt",
        clip_on=not alone,
    )


def runs_words(run: Run, names: Sequence[str]) -> str:
    """How many replications stand behind a figure, and what its bands are."""
    numbers = sorted({replications_of(run, economy) for economy in names})
    if numbers == [1]:
        return "One run, so that there is no band of uncertainty."
    many = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    return f"Lines: mean of {many} runs; bands: the middle 95 % of the runs."
