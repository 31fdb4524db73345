"""A box among the settings that it was found in, and what smaller or larger ones would give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.plots.palette import Style, Theme, theme_of
from sim.plots.panels import figure_words, panels_for
from sim.plots.sheet import SMALL, drawing, short

__all__ = ["plot_box"]

Side = tuple[str, Sequence[Any], float, float]


def plot_box(
    sides: tuple[Side, Side],
    hits: NDArray[np.bool_],
    others: NDArray[np.bool_],
    trajectory: NDArray[np.float64],
    chosen: tuple[float, float],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    style: Style = "light",
    note: str = "",
) -> NDArray[np.object_]:
    """Settings over the two factors that tell most, with the box, beside coverage and density of all boxes tried.

    Parameters
    ----------
    sides : pair of (name, values, low, high)
        The factor that goes across and the one that goes up: values of all settings and the
        box's limits, NaN where it has none.
    hits : ndarray, shape (points,)
        Where it happens: filled marks.
    others : ndarray, shape (points,)
        Which settings keep the box's limits on all other factors; the rest is pale.
    trajectory : ndarray, shape (boxes, 2)
        Coverage and density [-].
    chosen : (float, float)
        Coverage and density of the box [-].
    axes : sequence of Axes, optional
        Two; left out, a new figure is made.
    title : str
        What is shown.
    style : {"light", "dark"}
        Colours.
    note : str
        Under the figure.

    Returns
    -------
    ndarray of Axes, shape (2,)
    """
    theme = theme_of(style)
    places = [_places(values) for _, values, _, _ in sides]
    with drawing(theme):
        panels = panels_for(
            axes,
            ["settings", "all boxes tried"],
            theme,
            title=title,
            note=f"● it happens; ○ it does not; pale: outside the box's limits on other factors. {note}".strip(),
            right=0.3,
            first_left=0.95,
            left=0.95,
            below=0.65,
            shared=False,
        )
        left, right = panels
        for happens in (False, True):
            for within in (False, True):
                shown = (hits == happens) & (others == within)
                left.scatter(
                    places[0][0][shown],
                    places[1][0][shown],
                    s=34,
                    facecolor=theme.sellers[0] if happens else "none",
                    edgecolor=theme.sellers[0] if happens else theme.muted,
                    linewidth=1.1,
                    alpha=0.9 if within else 0.25,
                    zorder=3 if happens else 2,
                )
        _axes(left, sides, places, theme)
        right.plot(
            100 * trajectory[:, 0], 100 * trajectory[:, 1], color=theme.muted, marker="o", markersize=4, linewidth=1.0
        )
        right.plot([100 * chosen[0]], [100 * chosen[1]], marker="s", markersize=10, color=theme.sellers[1], zorder=4)
        right.set_xlim(-3, 103)
        right.set_ylim(-3, 103)
        right.set_xlabel("coverage: part of all hits inside [%]", size=SMALL, labelpad=3)
        right.set_ylabel("density: hits inside [%]", size=SMALL, labelpad=6)
    return np.array(panels, dtype=object)


def _places(values: Sequence[Any]) -> tuple[NDArray[np.float64], list[str]]:
    """Where values stand, and their names if they are no numbers."""
    if all(isinstance(value, (int, float, np.number)) and not isinstance(value, bool) for value in values):
        return np.asarray(values, dtype=np.float64), []
    names = list(dict.fromkeys(values))
    return np.array([float(names.index(value)) for value in values]), [figure_words(name) for name in names]


def _axes(
    panel: Axes, sides: tuple[Side, Side], places: Sequence[tuple[NDArray[np.float64], list[str]]], theme: Theme
) -> None:
    limits = []
    for figures, _ in places:
        gap = 0.04 * (float(np.ptp(figures)) or 1.0)
        limits.append((float(figures.min()) - gap, float(figures.max()) + gap))
    panel.set_xlim(*limits[0])
    panel.set_ylim(*limits[1])
    ends = [
        (limit[0] if np.isnan(low) else low, limit[1] if np.isnan(high) else high)
        for limit, (_, _, low, high) in zip(limits, sides, strict=True)
    ]
    panel.add_patch(
        Rectangle(
            (ends[0][0], ends[1][0]),
            ends[0][1] - ends[0][0],
            ends[1][1] - ends[1][0],
            facecolor=theme.sellers[1],
            alpha=0.14,
            zorder=1.4,
        )
    )
    panel.add_patch(
        Rectangle(
            (ends[0][0], ends[1][0]),
            ends[0][1] - ends[0][0],
            ends[1][1] - ends[1][0],
            fill=False,
            edgecolor=theme.sellers[1],
            linewidth=2.0,
            zorder=3.5,
        )
    )
    panel.set_xlabel(short(sides[0][0], 50), size=SMALL, labelpad=3)
    panel.set_ylabel(short(sides[1][0], 40), size=SMALL, labelpad=6)
    for names, axis in ((places[0][1], panel.set_xticks), (places[1][1], panel.set_yticks)):
        if names:
            axis(range(len(names)), names)
