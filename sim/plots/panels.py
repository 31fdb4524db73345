"""Panels of a study's figures: one an economy, each under its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.plots.palette import Theme
from sim.plots.sheet import LABEL, SMALL, Sheet, as_axes, grid_shape, height_of, short, style_axes, width_of, wrap

__all__ = ["Across", "Bands", "across", "figure_words", "panels_for", "room_for"]

WIDTHS = {1: 6.2, 2: 4.2, 3: 3.1}  # of a panel, by panels side by side [inches]

Bands = NDArray[np.float64]
"""Mean, low and high along the first axis, shape (3, places)."""


def panels_for(
    axes: Axes | Iterable[Axes] | None,
    names: Sequence[str],
    theme: Theme,
    *,
    title: str,
    note: str,
    right: float,
    unit: str = "",
    height: float = 3.0,
    below: float = 0.6,
    first_left: float = 0.72,
    left: float = 0.15,
    shared: bool = True,
) -> list[Axes]:
    """A new figure with one panel for each name, or the caller's own Axes.

    Parameters
    ----------
    title, note : str
        Over and under the panels.
    right, below, first_left, left : float
        Room beside and under a panel [inches].
    shared : bool
        Whether only the first panel of a row shows the labels of the vertical axis.
    """
    if axes is not None:
        panels = as_axes(axes, len(names), "one for each panel")
        for panel in panels:
            style_axes(panel, theme)
            panel.set_ylabel(unit)
        return panels
    rows, columns = grid_shape(len(names))
    above = height_of(LABEL) + 0.12
    sheet = Sheet(
        rows,
        columns,
        WIDTHS[columns],
        [height] * rows,
        title,
        note,
        left=left,
        first_left=first_left,
        right=right,
        above=[above] * rows,
        below=[below] * rows,
    )
    panels = sheet.draw(theme, len(names))
    for place, (panel, name) in enumerate(zip(panels, names, strict=True)):
        first = place % columns == 0
        style_axes(panel, theme, left_labels=first or not shared)
        panel.set_ylabel(unit if first else "", labelpad=6)
        panel.annotate(
            short(name, 40),
            (0, 1),
            (0, 7),
            xycoords="axes fraction",
            textcoords="offset points",
            size=LABEL,
            weight="bold",
            color=theme.ink,
            ha="left",
            va="bottom",
            annotation_clip=False,
        )
    return panels


def room_for(labels: Iterable[str], size: float) -> float:
    """Width that labels beside an axis take [inches]."""
    return max((width_of(label, size) for label in labels), default=0.0) + 0.15


class Across(NamedTuple):
    """Words under an axis: as they are written, turned by how much, and the room they take [inches]."""

    words: list[str]
    rotation: float
    room: float


def across(values: Sequence[object], panels: int) -> Across:
    """Words for values that stand side by side under each panel: in lines if they fit, else upright.

    Parameters
    ----------
    values : sequence
        At least one.
    panels : int
        Panels of the figure, which decide how wide each is.
    """
    cell = WIDTHS[grid_shape(panels)[1]] / len(values) - 0.08
    words = [wrap(figure_words(value), SMALL, cell) for value in values]
    if all(width_of(line, SMALL) <= cell for word in words for line in word.split("\n")):
        return Across(words, 0.0, height_of(SMALL, 1 + max(word.count("\n") for word in words)))
    words = [figure_words(value) for value in values]
    return Across(words, 90.0, room_for(words, SMALL))


def figure_words(value: object) -> str:
    """A factor's value on an axis."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float, np.number)):
        return f"{float(value):.4g}".replace("-", "−")
    return short(str(value), 24)
