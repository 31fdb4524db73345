"""Curves with bands: what comes out over one factor, or over a series of changes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.plots.marks import EndLabel, draw_end_labels, label_room
from sim.plots.palette import Dashes, Look, Style, Theme, look_of_economy, looks_of, theme_of
from sim.plots.panels import Bands, across, figure_words, panels_for
from sim.plots.sheet import SMALL, drawing, height_of, short

__all__ = ["plot_curves", "plot_scatter"]

MOST_TICKS = 10  # values that are written at their own place on the axis


def plot_curves(
    curves: Mapping[str, Mapping[str, Bands]],
    factor: tuple[str, Sequence[Any]],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    unit: str,
    sellers: Sequence[str] | None = None,
    scale: float = 1.0,
    zero: bool = False,
    style: Style = "light",
    looks: Mapping[str, Look] | None = None,
    note: str = "",
) -> NDArray[np.object_]:
    """Means with their 95 % intervals over one factor, one panel an economy.

    Parameters
    ----------
    curves : mapping of str to mapping of str to ndarray, shape (3, values)
        By panel and line: mean, low and high; not drawn where they are not finite.
    factor : (str, sequence)
        Name and values of what goes across. Numbers stand at their place and are joined by
        lines; anything else stands side by side, each value with its interval.
    axes : Axes or sequence of Axes, optional
        One for each panel; left out, a new figure is made.
    title, unit : str
        What is shown; what the vertical axis shows.
    sellers : sequence of str, optional
        All sellers in the order of the scenario, if the lines are sellers; else lines are
        shades of one hue, in their order.
    scale : float
        Shown figures are this many times those given: 100 for percentages.
    zero : bool
        Whether zero is marked, as for differences.
    style : {"light", "dark"}
        Colours.
    looks : mapping of str to Look, optional
        Looks of the sellers.
    note : str
        Under the figure.

    Returns
    -------
    ndarray of Axes, shape (panels,)
    """
    theme = theme_of(style)
    names = list(dict.fromkeys(name for lines in curves.values() for name in lines))
    drawn = _styles(names, theme, sellers, looks)
    labels = {
        panel: [
            EndLabel(scale * _last(bands), short(name, 22), drawn[name][3], drawn[name][0], drawn[name][2])
            for name, bands in lines.items()
            if np.isfinite(bands[0]).any()
        ]
        for panel, lines in curves.items()
    }
    if len(names) == 1:  # one line needs no label
        labels = {panel: [] for panel in curves}
    places = _places(factor[1])
    side_by_side = across(factor[1], len(curves)) if places is None else None
    with drawing(theme):
        panels = panels_for(
            axes,
            list(curves),
            theme,
            title=title,
            note=note,
            right=max([0.25, *(label_room([one.text for one in some]) for some in labels.values() if some)]),
            unit=unit,
            below=0.5 + (side_by_side.room if side_by_side else height_of(SMALL)),
            first_left=0.85,
        )
        finite = [scale * bands[np.isfinite(bands)] for lines in curves.values() for bands in lines.values()]
        low, high = _limits(np.concatenate([*finite, np.zeros(1 if zero else 0)]))
        for panel, (name, lines) in zip(panels, curves.items(), strict=True):
            panel.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
            panel.set_ylim(low, high)
            if zero:
                panel.axhline(0, color=theme.muted, linewidth=1.0, zorder=1.5)
            if places is None:
                _beside(panel, [(scale * bands, drawn[line]) for line, bands in lines.items()])
            else:
                for line, bands in lines.items():
                    _draw(panel, places, scale * bands, drawn[line])
            if side_by_side is not None:
                panel.set_xticks(range(len(factor[1])), side_by_side.words, rotation=side_by_side.rotation)
            elif places is not None and len(places) <= MOST_TICKS:
                panel.set_xticks(places, [figure_words(value) for value in places])
            panel.set_xlabel(short(factor[0], 60), size=SMALL, labelpad=3)
            if places is not None:
                panel.margins(x=0.03)
            draw_end_labels(panel, labels[name])
    return np.array(panels, dtype=object)


def plot_scatter(
    figures: Mapping[str, NDArray[np.float64]],
    factors: Mapping[str, Sequence[Any]],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    unit: str,
    scale: float = 1.0,
    logarithmic: Container[str] = (),
    style: Style = "light",
    note: str = "",
) -> NDArray[np.object_]:
    """Each point of a design against one factor at a time, one panel a factor.

    Parameters
    ----------
    figures : mapping of str to ndarray, shape (points,)
        By economy: the figure at each point.
    factors : mapping of str to sequence
        Values of each factor at each point.
    axes : Axes or sequence of Axes, optional
        One for each factor; left out, a new figure is made.
    title, unit : str
        What is shown; what the vertical axis shows.
    scale : float
        Shown figures are this many times those given.
    logarithmic : container of str
        Factors whose axis is logarithmic.
    style : {"light", "dark"}
        Colours.
    note : str
        Under the figure.

    Returns
    -------
    ndarray of Axes, shape (factors,)
    """
    theme = theme_of(style)
    drawn = _styles(list(figures), theme, None, None)
    with drawing(theme):
        panels = panels_for(
            axes,
            list(factors),
            theme,
            title=title,
            note=note,
            right=label_room(list(figures)) if len(figures) > 1 else 0.25,
            unit=unit,
            first_left=0.85,
        )
        finite = np.concatenate([scale * values[np.isfinite(values)] for values in figures.values()])
        low, high = _limits(finite)
        for panel, (factor, values) in zip(panels, factors.items(), strict=True):
            levels = sorted(dict.fromkeys(values), key=str)
            numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in levels)
            places = np.array([value if numbers else levels.index(value) for value in values], dtype=np.float64)
            panel.set_ylim(low, high)
            panel.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
            if not numbers:
                panel.set_xticks(range(len(levels)), across(levels, len(factors)).words)
                panel.set_xlim(-0.5, len(levels) - 0.5)
            elif factor in logarithmic:
                panel.set_xscale("log")
                panel.minorticks_off()
            else:
                panel.xaxis.set_major_locator(MaxNLocator(4))
            for name, found in figures.items():
                colour, _, marker, _ = drawn[name]
                panel.plot(
                    places, scale * found, linestyle="", marker=marker or "o", markersize=4, color=colour, alpha=0.6
                )
            if len(figures) > 1:
                middle = {name: scale * float(np.nanmedian(found)) for name, found in figures.items()}
                draw_end_labels(
                    panel,
                    [
                        EndLabel(middle[name], short(name, 22), drawn[name][3], drawn[name][0], drawn[name][2])
                        for name in figures
                    ],
                )
    return np.array(panels, dtype=object)


_Line = tuple[str, Dashes, str, str]  # colour, dashes, marker, ink


def _styles(
    names: Sequence[str], theme: Theme, sellers: Sequence[str] | None, looks: Mapping[str, Look] | None
) -> dict[str, _Line]:
    if sellers is not None:
        known = looks or looks_of(sellers)
        return {
            name: (known[name].colour(theme), known[name].dashes, known[name].marker, known[name].ink(theme))
            for name in names
        }
    found = {}
    for place, name in enumerate(names):
        colour, dashes, marker = look_of_economy(place, len(names), theme)
        found[name] = (colour, dashes, marker, theme.ink)
    return found


def _draw(axes: Axes, places: NDArray[np.float64], bands: Bands, line: _Line) -> None:
    colour, dashes, marker, _ = line
    shown = np.isfinite(bands[0])
    if not shown.any():
        return
    width = shown & np.isfinite(bands[1]) & np.isfinite(bands[2])
    axes.fill_between(places[width], bands[1, width], bands[2, width], color=colour, alpha=0.22, linewidth=0, zorder=2)
    axes.plot(
        places[shown],
        bands[0, shown],
        color=colour,
        linestyle=dashes,
        linewidth=2.2,
        marker=marker or "o",
        markersize=4.5,
        zorder=3,
    )


def _beside(axes: Axes, lines: Sequence[tuple[Bands, _Line]]) -> None:
    """Marks with their intervals, those of one place next to one another."""
    count = lines[0][0].shape[1]
    for number, (bands, (colour, _, marker, _)) in enumerate(lines):
        places = np.arange(count) + 0.5 * ((number + 0.5) / len(lines) - 0.5)
        for place, (mean, low, high) in zip(places, bands.T, strict=True):
            if np.isfinite(low) and np.isfinite(high):
                axes.plot([place, place], [low, high], color=colour, linewidth=2.2, solid_capstyle="butt", zorder=2)
            if np.isfinite(mean):
                axes.plot([place], [mean], color=colour, marker=marker or "o", markersize=5.5, zorder=3)
    axes.set_xlim(-0.5, count - 0.5)


def _places(values: Sequence[Any]) -> NDArray[np.float64] | None:
    """Places of numbers on an axis; None for what stands side by side."""
    if not all(isinstance(value, (int, float, np.number)) and not isinstance(value, bool) for value in values):
        return None
    figures = np.array(values, dtype=np.float64)
    gaps = np.diff(np.sort(figures))
    if len(figures) > 1 and gaps.min() > 0 and float(np.ptp(figures)) < 40 * gaps.min():
        return figures
    return None


def _last(bands: Bands) -> float:
    return float(bands[0][np.isfinite(bands[0])][-1])


def _limits(figures: NDArray[np.float64]) -> tuple[float, float]:
    if not figures.size:
        return 0.0, 1.0
    low, high = float(figures.min()), float(figures.max())
    if 0 <= low < 0.5 * high:
        low = 0.0
    gap = 0.06 * ((high - low) or abs(high) or 1.0)
    return low - (gap if low else 0.0), high + gap
