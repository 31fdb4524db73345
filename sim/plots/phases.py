"""Phase diagrams: what comes out over two factors, as a map."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.plots.palette import Look, Style, Theme, looks_of, theme_of
from sim.plots.panels import across, figure_words, panels_for, room_for
from sim.plots.sheet import NOTE, SMALL, drawing, short
from sim.plots.words import minus

__all__ = ["plot_leaders", "plot_phases"]

MOST_WORDS = 60  # cells of a panel that are small in number enough to be written in
HATCH = "////"


def plot_leaders(
    leads: Mapping[str, NDArray[np.float64]],
    rows: tuple[str, Sequence[Any]],
    columns: tuple[str, Sequence[Any]],
    sellers: Sequence[str],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    style: Style = "light",
    looks: Mapping[str, Look] | None = None,
    note: str = "",
) -> NDArray[np.object_]:
    """Who leads over two factors, one panel an economy.

    A cell has the colour of the seller that is the largest in most replications, and says in how
    many; one in which nobody is the largest in more than half of them is hatched.

    Parameters
    ----------
    leads : mapping of str to ndarray, shape (rows, columns, sellers)
        By economy: part of the replications in which a seller is the largest at the end [-].
    rows, columns : (str, sequence)
        Name and values of the factor that goes up, and of the one that goes across.
    sellers : sequence of str
        All sellers, in the order of the scenario.
    axes : Axes or sequence of Axes, optional
        One for each economy; left out, a new figure is made.
    style : {"light", "dark"}
        Colours.
    looks : mapping of str to Look, optional
        Looks of the sellers.
    note : str
        Under the figure.

    Returns
    -------
    ndarray of Axes, shape (economies,)
    """
    theme, looks = theme_of(style), looks or looks_of(sellers)
    there = [name for place, name in enumerate(sellers) if any((part[..., place] > 0).any() for part in leads.values())]
    with drawing(theme):
        panels = panels_for(
            axes,
            list(leads),
            theme,
            title="Who leads at the end",
            note=note,
            right=_legend_room(there),
            first_left=_left_room(rows),
            below=0.45 + across(columns[1], len(leads)).room,
        )
        for panel, part in zip(panels, leads.values(), strict=True):
            _frame(panel, rows, columns, len(panels))
            for up, over in np.ndindex(part.shape[:2]):
                cell = part[up, over]
                if np.isnan(cell).all():
                    continue
                first = int(np.nanargmax(cell))
                sure = bool(cell[first] > 0.5)
                colour = looks[sellers[first]].colour(theme)
                _cell(panel, up, over, colour, theme, hatched=not sure)
                if part.shape[0] * part.shape[1] <= MOST_WORDS and cell[first] < 1:
                    _write(panel, up, over, f"{100 * cell[first]:.0f}", theme.ground if sure else theme.ink, theme)
            _legend(panel, [(looks[name].colour(theme), short(name)) for name in there], theme)
    return np.array(panels, dtype=object)


def plot_phases(
    levels: Mapping[str, NDArray[np.float64]],
    rows: tuple[str, Sequence[Any]],
    columns: tuple[str, Sequence[Any]],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    scale: float = 1.0,
    beyond: str = "beyond the horizon",
    style: Style = "light",
    note: str = "",
) -> NDArray[np.object_]:
    """A figure over two factors in shades, one panel an economy.

    Parameters
    ----------
    levels : mapping of str to ndarray, shape (rows, columns)
        By economy; inf where a duration is beyond the horizon, NaN where there is none.
    rows, columns : (str, sequence)
        Name and values of the factor that goes up, and of the one that goes across.
    axes : Axes or sequence of Axes, optional
        One for each economy; left out, a new figure is made.
    title : str
        What is shown, with its unit.
    scale : float
        Shown figures are this many times those given: 100 for percentages.
    beyond : str
        What an infinite figure means.
    style : {"light", "dark"}
        Colours.
    note : str
        Under the figure.

    Returns
    -------
    ndarray of Axes, shape (economies,)
    """
    theme = theme_of(style)
    shown = {name: scale * part for name, part in levels.items()}
    figures = np.concatenate([part[np.isfinite(part)] for part in shown.values()])
    edges = _edges(figures, len(theme.ramp))
    step = (edges[1] - edges[0]) / 10  # a tenth of a shade is enough to read
    decimals = max(0, min(4, -math.floor(math.log10(step)) - 1))
    endless = any(np.isinf(part).any() for part in shown.values())
    names = [f"{_short(low)} to {_short(high)}" for low, high in pairwise(edges)]
    legend = list(zip(theme.ramp[: len(names)], names, strict=True))[::-1]
    if endless:
        legend.insert(0, (theme.shade, beyond))
    with drawing(theme):
        panels = panels_for(
            axes,
            list(levels),
            theme,
            title=title,
            note=note,
            right=_legend_room([name for _, name in legend]),
            first_left=_left_room(rows),
            below=0.45 + across(columns[1], len(levels)).room,
        )
        for panel, part in zip(panels, shown.values(), strict=True):
            _frame(panel, rows, columns, len(panels))
            for up, over in np.ndindex(part.shape):
                value = float(part[up, over])
                if np.isnan(value):
                    continue
                shade = min(int(np.searchsorted(edges, value, side="right")) - 1, len(names) - 1)
                colour = theme.shade if np.isinf(value) else theme.ramp[max(shade, 0)]
                _cell(panel, up, over, colour, theme, hatched=bool(np.isinf(value)))
                if part.size <= MOST_WORDS and np.isfinite(value):
                    ink = theme.ground if shade > len(theme.ramp) // 2 else theme.ink
                    _write(panel, up, over, minus(f"{value:.{decimals}f}"), ink, theme)
            _legend(panel, legend, theme)
    return np.array(panels, dtype=object)


def _edges(figures: NDArray[np.float64], most: int) -> list[float]:
    """Round borders of at most so many classes that hold all figures."""
    from matplotlib.ticker import MaxNLocator

    if not figures.size:
        return [0.0, 1.0]
    low, high = float(figures.min()), float(figures.max())
    edges = MaxNLocator(most - 1, steps=[1, 2, 2.5, 5, 10], min_n_ticks=1).tick_values(low, max(high, low + 1e-9))
    return [float(edge) for edge in edges[: most + 1]]


def _short(value: float) -> str:
    return minus(f"{value:.3g}")


def _legend_room(names: Sequence[str]) -> float:
    return 0.45 + room_for(names, NOTE)


def _left_room(rows: tuple[str, Sequence[Any]]) -> float:
    return 0.42 + room_for(map(figure_words, rows[1]), SMALL)


def _frame(axes: Axes, rows: tuple[str, Sequence[Any]], columns: tuple[str, Sequence[Any]], panels: int) -> None:
    axes.grid(False)
    axes.set_xlim(-0.5, len(columns[1]) - 0.5)
    axes.set_ylim(-0.5, len(rows[1]) - 0.5)
    words = across(columns[1], panels)
    axes.set_xticks(range(len(words.words)), words.words, rotation=words.rotation)
    axes.set_yticks(range(len(rows[1])), [figure_words(value) for value in rows[1]])
    axes.set_xlabel(short(columns[0], 44), size=SMALL, labelpad=3)
    if axes.yaxis.get_tick_params().get("labelleft", True):
        axes.set_ylabel(short(rows[0], 44), size=SMALL, labelpad=6)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", length=0)


def _cell(axes: Axes, up: int, over: int, colour: str, theme: Theme, *, hatched: bool) -> None:
    axes.add_patch(
        Rectangle(
            (over - 0.5, up - 0.5),
            1,
            1,
            facecolor=colour,
            edgecolor=theme.ground,
            linewidth=1.2,
            alpha=0.45 if hatched else 1.0,
            hatch=HATCH if hatched else None,
        )
    )


def _write(axes: Axes, up: int, over: int, text: str, ink: str, theme: Theme) -> None:
    axes.text(over, up, text, size=NOTE, color=ink, ha="center", va="center_baseline")


def _legend(axes: Axes, entries: Sequence[tuple[str, str]], theme: Theme) -> None:
    """Squares with words, right of the panel; one of the theme's shade is what is hatched."""
    from matplotlib.transforms import ScaledTranslation

    from sim.plots.sheet import figure_of, inches

    high = inches(axes)[1]
    step = min(0.26, high / max(len(entries), 1))
    scale = figure_of(axes).dpi_scale_trans
    for place, (colour, words) in enumerate(entries):
        middle = 1 - (place + 0.5) * step / high
        shift = axes.transAxes + ScaledTranslation(0.16, 0, scale)
        faint = 0.45 if colour == theme.shade else 1.0
        axes.plot([1], [middle], marker="s", markersize=9, color=colour, alpha=faint, transform=shift, clip_on=False)
        shift = axes.transAxes + ScaledTranslation(0.28, 0, scale)
        axes.text(1, middle, words, size=NOTE, color=theme.ink, transform=shift, va="center_baseline", ha="left")
