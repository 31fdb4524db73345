"""Market shares over time, observed and simulated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.plots.marks import EndLabel, draw_end_labels, label_room
from sim.plots.palette import Style, looks_of, theme_of
from sim.plots.panels import panels_for
from sim.plots.sheet import NOTE, SMALL, drawing, short

__all__ = ["plot_share_fit"]

Array = NDArray[np.float64]


def plot_share_fit(
    ticks: NDArray[np.int64],
    observed: Array,
    simulated: Array,
    sellers: Sequence[str],
    seen: int,
    axes: Axes | None = None,
    *,
    title: str,
    style: Style = "light",
    note: str = "",
) -> Axes:
    """Observed shares as dots, simulated ones as lines.

    Parameters
    ----------
    ticks : ndarray, shape (rows,)
        [ticks]
    observed, simulated : ndarray, shape (rows, sellers)
        [-]
    sellers : sequence of str
    seen : int
        Rows that the fit has seen; those that follow are marked off.
    axes : Axes, optional
        Left out, a new figure is made.
    title : str
    style : {"light", "dark"}
        Colours.
    note : str
        Under the figure.
    """
    theme, looks = theme_of(style), looks_of(list(sellers))
    names = [short(name, 18) for name in sellers]
    with drawing(theme):
        (panel,) = panels_for(
            axes,
            ["dots: observed; lines: simulated"],
            theme,
            title=title,
            note=note,
            right=0.2 + label_room(names),
            unit="market share [%]",
            height=3.4,
            below=0.65,
        )
        panel.set_xlabel("ticks since the first row [months]", size=SMALL, labelpad=3)
        labels = []
        for place, (name, look) in enumerate(zip(names, looks.values(), strict=True)):
            colour = look.colour(theme)
            panel.plot(ticks, 100 * simulated[:, place], color=colour, linewidth=1.8, linestyle=look.dashes, zorder=2)
            panel.plot(
                ticks, 100 * observed[:, place], color=colour, marker="o", markersize=3.5, linestyle="", zorder=3
            )
            labels.append(EndLabel(100 * float(simulated[-1, place]), name, look.ink(theme), colour, look.marker))
        panel.set_xlim(0, int(ticks[-1]))
        panel.set_ylim(0, 1.08 * 100 * float(np.nanmax([np.nanmax(observed), simulated.max()])))
        if seen < len(ticks):
            border = 0.5 * float(ticks[seen - 1] + ticks[seen])
            panel.axvline(border, color=theme.muted, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
            panel.annotate(
                "not seen by the fit",
                (border, 1),
                (4, -4),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                size=NOTE,
                color=theme.muted,
                ha="left",
                va="top",
            )
        draw_end_labels(panel, labels)
    return panel
