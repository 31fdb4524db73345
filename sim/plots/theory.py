"""What a market gave beside what theory or data say: panels of lines and marks, tables of shades."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from sim.plots.palette import Style, Theme, theme_of
from sim.plots.panels import panels_for, room_for
from sim.plots.sheet import NOTE, SMALL, drawing, figure_of, height_of, short, width_of
from sim.plots.words import minus

__all__ = ["plot_against_theory", "plot_square_tables"]

Points = tuple[ArrayLike, ArrayLike]
Found = tuple[ArrayLike, ArrayLike, ArrayLike]
KEY = 0.3  # height of the key under a panel [inches]


def plot_against_theory(
    panels: Sequence[tuple[str, str, str, Mapping[str, Points], Mapping[str, Found], bool, Sequence[str]]],
    *,
    title: str,
    note: str = "",
    style: Style = "light",
) -> NDArray[np.object_]:
    """Lines of theory and marks of the market, one panel a comparison.

    Parameters
    ----------
    panels : sequence of (title, across, up, theory, found, bars, labels)
        Words over the panel and on its axes; lines by name, as x and y; marks by name, as x, y
        and standard error, drawn with two of them either way. With `bars` what was found is drawn as
        bars and theory as marks. `labels` name the marks of the last series, or the places of the
        horizontal axis if there is no theory.
    title, note : str
        Over and under the figure.
    style : {"light", "dark"}
        Colours.

    Returns
    -------
    ndarray of Axes, shape (panels,)
    """
    theme = theme_of(style)
    with drawing(theme):
        drawn = panels_for(
            None,
            [panel[0] for panel in panels],
            theme,
            title=title,
            note=note,
            right=0.35,
            left=0.7,
            below=0.35 + height_of(SMALL) + KEY,
            first_left=0.95,
            shared=False,
        )
        for axes, (_, across, up, theory, found, bars, labels) in zip(drawn, panels, strict=True):
            axes.set_ylabel(up, labelpad=6)
            axes.set_xlabel(across, size=SMALL, labelpad=3)
            axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
            key = _draw_bars(axes, theory, found, theme) if bars else _draw_lines(axes, theory, found, theme)
            if labels and not theory and len(labels) == len(np.ravel(next(iter(found.values()))[0])):
                axes.set_xticks(np.ravel(next(iter(found.values()))[0]), list(labels))
                axes.margins(x=0.15)
            elif labels:
                _name_marks(axes, theory, found, labels, theme)
            if len(key) > 1 or theory:
                axes.legend(
                    handles=key, loc="upper left", bbox_to_anchor=(0, -0.52 / 3.0), ncols=len(key), frameon=False,
                    fontsize=NOTE, labelcolor=theme.ink, borderaxespad=0, handlelength=1.6, columnspacing=1.2,
                )  # fmt: skip
    return np.array(drawn, dtype=object)


def _draw_lines(axes: Axes, theory: Mapping[str, Points], found: Mapping[str, Found], theme: Theme) -> list[Line2D]:
    """Theory as lines, what was found as marks; several walks share one look. Returns the key."""
    key = []
    shades = theme.sellers
    several = len(theory) > 2  # paths of markets, none of which is meant more than the others
    for place, (name, (x, y)) in enumerate(theory.items()):
        barrier = name.startswith("barrier")
        colour = theme.muted if barrier or not several else shades[place % len(shades)]
        style = (0, (4, 2)) if barrier else "-"
        (line,) = axes.plot(
            np.ravel(x), np.ravel(y), color=colour, linewidth=1.2 if several else 2.0, linestyle=style, zorder=2
        )
        if not several:
            key.append(Line2D([], [], color=line.get_color(), linewidth=2.0, label=name))
    for place, (name, (x, y, error)) in enumerate(found.items()):
        across, up, spread = (np.ravel(np.asarray(entry, dtype=np.float64)) for entry in (x, y, error))
        colour = shades[place]
        face = colour if place == 0 else theme.ground
        shown = np.isfinite(up)
        axes.vlines(
            across[shown], (up - 2 * spread)[shown], (up + 2 * spread)[shown], color=colour, linewidth=1.6, zorder=3
        )
        axes.plot(
            across, up, linestyle="", marker="o" if place == 0 else "D", markersize=5.5, color=colour,
            markerfacecolor=face, zorder=4,
        )  # fmt: skip
        key.append(
            Line2D(
                [], [], color=colour, linestyle="", marker="o" if place == 0 else "D", markerfacecolor=face, label=name
            )
        )
    return key


def _draw_bars(axes: Axes, theory: Mapping[str, Points], found: Mapping[str, Found], theme: Theme) -> list[Line2D]:
    """What was found as bars, theory as marks on them. Returns the key."""
    key = []
    for name, (x, y, error) in found.items():
        across, up, spread = (np.ravel(np.asarray(entry, dtype=np.float64)) for entry in (x, y, error))
        width = 0.8 * float(np.diff(across).min())
        axes.bar(across, up, width=width, color=theme.ramp[3], zorder=2)
        axes.vlines(across, up - 2 * spread, up + 2 * spread, color=theme.sellers[0], linewidth=1.6, zorder=3)
        if len(across) <= 8:
            axes.set_xticks(across)
        key.append(Line2D([], [], color=theme.ramp[3], linewidth=7, label=name))
    for name, (x, y) in theory.items():
        axes.plot(np.ravel(x), np.ravel(y), linestyle="", marker="D", markersize=5.5, color=theme.sellers[1], zorder=4)
        key.append(Line2D([], [], color=theme.sellers[1], linestyle="", marker="D", label=name))
    axes.set_ylim(bottom=0)
    return key


def _name_marks(
    axes: Axes, theory: Mapping[str, Points], found: Mapping[str, Found], labels: Sequence[str], theme: Theme
) -> None:
    """Names beside the marks of the last series, on the side that has most room."""
    axes.margins(x=0.2, y=0.12)
    axes.autoscale_view()
    marks = [np.column_stack([np.ravel(x), np.ravel(y)]) for x, y, _ in found.values()]
    lines = [np.column_stack([np.ravel(x), np.ravel(y)]) for x, y in theory.values()]
    taken = [tuple(spot) for spot in axes.transData.transform(np.concatenate([*marks, *lines]))]
    for spot, label in zip(marks[-1], labels, strict=True):
        wide = 0.5 * 72 * width_of(short(label), NOTE)  # half of it [points]
        sides = ((wide + 8, 0.0), (-wide - 8, 0.0), (0.0, 13.0), (0.0, -13.0))
        dots = figure_of(axes).dpi / 72
        at = axes.transData.transform(spot)
        places = [(at[0] + dots * across, at[1] + dots * up) for across, up in sides]
        # a name is wide: what stands level with it is nearer than what stands over it
        room = [
            min(math.hypot(max(abs(x - px) - dots * wide, 0.0), y - py) for x, y in taken if (x, y) != tuple(at))
            for px, py in places
        ]
        best = int(np.argmax(room))
        axes.annotate(
            short(label), spot, sides[best], textcoords="offset points", size=NOTE, color=theme.ink, ha="center",
            va="center_baseline", annotation_clip=False,
        )  # fmt: skip
        taken += [(places[best][0] + dots * part * wide, places[best][1]) for part in (-1, 0, 1)]


def plot_square_tables(
    tables: Mapping[str, NDArray[np.float64]],
    labels: Sequence[str],
    *,
    title: str,
    note: str = "",
    style: Style = "light",
) -> NDArray[np.object_]:
    """Square tables of shares in shades, side by side.

    Parameters
    ----------
    tables : mapping of str to ndarray, shape (labels, labels)
        By title; shares [-]. The diagonal is left out.
    labels : sequence of str
        Of rows and columns.
    title, note : str
        Over and under the figure.
    style : {"light", "dark"}
        Colours.

    Returns
    -------
    ndarray of Axes, shape (tables,)
    """
    theme = theme_of(style)
    names = [short(label) for label in labels]
    off = ~np.eye(len(names), dtype=bool)
    high = max(float(np.nanmax(table[off])) for table in tables.values())
    with drawing(theme):
        drawn = panels_for(
            None, list(tables), theme, title=title, note=note, right=0.15, first_left=0.2 + room_for(names, SMALL),
            height=0.55 * len(names), below=0.25 + room_for(names, SMALL),
        )  # fmt: skip
        for axes, table in zip(drawn, tables.values(), strict=True):
            axes.grid(False)
            axes.set_xlim(-0.5, len(names) - 0.5)
            axes.set_ylim(len(names) - 0.5, -0.5)
            axes.set_xticks(range(len(names)), names, rotation=90)
            axes.set_yticks(range(len(names)), names)
            axes.spines["bottom"].set_visible(False)
            axes.tick_params(axis="x", length=0)
            for place, column in np.argwhere(off):
                share = float(table[place, column])
                step = round((len(theme.ramp) - 1) * share / high) if np.isfinite(share) else 0
                ink = theme.ground if step > len(theme.ramp) // 2 else theme.ink
                axes.add_patch(
                    Rectangle((column - 0.5, place - 0.5), 1, 1, facecolor=theme.ramp[step], edgecolor=theme.ground)
                )
                axes.text(
                    column, place, minus(f"{share:.2f}"), size=SMALL, color=ink, ha="center", va="center_baseline"
                )
    return np.array(drawn, dtype=object)
