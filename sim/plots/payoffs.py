"""Pay-offs of strategies against each other, as tables in shades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.plots.palette import Style, theme_of
from sim.plots.panels import panels_for, room_for
from sim.plots.sheet import NOTE, SMALL, drawing, short
from sim.plots.words import minus

__all__ = ["plot_payoffs"]

CELL = (0.74, 0.52)  # width and height [inches]
SMALLEST = 3.1  # width of a panel


def plot_payoffs(
    payoffs: Mapping[str, NDArray[np.float64]],
    strategies: Sequence[str],
    best: Mapping[str, Mapping[int, tuple[int, bool]]],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    scale: float = 1.0,
    style: Style = "light",
    note: str = "",
) -> NDArray[np.object_]:
    """What each strategy (a row) earns against each (a column), one panel an economy.

    Parameters
    ----------
    payoffs : mapping of str to ndarray, shape (2, strategies, strategies)
        By economy: means and half-widths of their intervals, NaN where there are none.
    strategies : sequence of str
        Names, in the order of rows and columns.
    best : mapping of str to mapping of int to (int, bool)
        By economy and column: the row of the best answer, and whether it is clearly the best;
        framed, dashed if it is not.
    axes : Axes or sequence of Axes, optional
        One for each economy; left out, a new figure is made.
    title : str
        What is shown, with its unit.
    scale : float
        Shown figures are this many times those given: 100 for percentages.
    style : {"light", "dark"}
        Colours.
    note : str
        Under the figure.

    Returns
    -------
    ndarray of Axes, shape (economies,)
    """
    theme = theme_of(style)
    names = [short(name, 22) for name in strategies]
    shown = {economy: scale * part for economy, part in payoffs.items()}
    means = np.concatenate([part[0].ravel() for part in shown.values()])
    low, high = float(np.nanmin(means)), float(np.nanmax(means))
    size = max(abs(low), abs(high))
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2
    key = "Framed: the best answer to the strategy of the column; dashed where chance may have made it so."
    with drawing(theme):
        panels = panels_for(
            axes,
            list(payoffs),
            theme,
            title=title,
            note=f"{key} {note}".strip(),
            right=0.15,
            first_left=0.2 + room_for(names, SMALL),
            height=max(CELL[1] * len(names), 1.6),
            below=0.4 + room_for(names, SMALL),
        )
        for panel, (economy, part) in zip(panels, shown.items(), strict=True):
            panel.grid(False)
            panel.set_xlim(-0.5, len(names) - 0.5)
            panel.set_ylim(len(names) - 0.5, -0.5)
            panel.set_xticks(range(len(names)), names, rotation=90)
            panel.set_yticks(range(len(names)), names)
            panel.set_xlabel("against", size=SMALL, labelpad=3)
            panel.spines["bottom"].set_visible(False)
            panel.tick_params(axis="x", length=0)
            for row, column in np.ndindex(part[0].shape):
                value, width = float(part[0, row, column]), float(part[1, row, column])
                if np.isnan(value):
                    continue
                step = round((len(theme.ramp) - 1) * (value - low) / ((high - low) or 1.0))
                ink = theme.ground if step > len(theme.ramp) // 2 else theme.ink
                panel.add_patch(
                    Rectangle(
                        (column - 0.5, row - 0.5), 1, 1, facecolor=theme.ramp[step], edgecolor=theme.ground, linewidth=1
                    )
                )
                words = minus(f"{value:.{decimals}f}")
                told = np.isfinite(width)
                panel.text(
                    column, row - (0.12 if told else 0), words, size=NOTE, color=ink, ha="center", va="center_baseline"
                )
                if told:
                    panel.text(
                        column,
                        row + 0.24,
                        f"±{width:.{decimals}f}",
                        size=8,
                        color=ink,
                        ha="center",
                        va="center_baseline",
                    )
            for column, (row, clear) in best[economy].items():
                frame = Rectangle(
                    (column - 0.46, row - 0.45),
                    0.92,
                    0.9,
                    fill=False,
                    edgecolor=theme.sellers[1],
                    linewidth=2.4,
                    linestyle="solid" if clear else (0, (2.5, 1.5)),
                    zorder=4,
                )
                panel.add_patch(frame)
    return np.array(panels, dtype=object)
