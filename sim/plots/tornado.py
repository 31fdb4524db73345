"""Tornadoes: what each factor does, the strongest on top; and ladders of one switch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.plots.palette import Style, Theme, theme_of
from sim.plots.panels import Bands, panels_for, room_for
from sim.plots.sheet import NOTE, SMALL, drawing, short

__all__ = ["plot_ladder", "plot_tornado"]


def plot_tornado(
    bars: Mapping[str, Mapping[str, Bands]],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    unit: str,
    behind: Mapping[str, Mapping[str, Bands]] | None = None,
    scale: float = 1.0,
    style: Style = "light",
    note: str = "",
) -> NDArray[np.object_]:
    """A bar with its interval for each factor, one panel an economy.

    Parameters
    ----------
    bars : mapping of str to mapping of str to ndarray, shape (3,)
        By economy and factor, the same factors in all: value, low and high.
    axes : Axes or sequence of Axes, optional
        One for each economy; left out, a new figure is made.
    title, unit : str
        What is shown; what goes across.
    behind : mapping like bars, optional
        A second value of each factor: a paler, wider bar behind the first.
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
    names = list(next(iter(bars.values())))
    drawn = [layer for layer in (behind, bars) if layer]
    limits = _limits(np.array([scale * band for layer in drawn for part in layer.values() for band in part.values()]))
    with drawing(theme):
        panels = _panels(axes, list(bars), names, theme, title, note)
        for panel, economy in zip(panels, bars, strict=True):
            _frame(panel, names, limits, unit, theme)
            panel.axvline(0, color=theme.muted, linewidth=1.0, zorder=1.5)
            for layer in drawn:
                pale = layer is behind
                colour, height, shift = theme.ramp[2 if pale else 6], 0.76 if pale else 0.4, 0.24 if pale else 0.0
                for place, name in enumerate(names):
                    value, low, high = scale * layer[economy][name]
                    panel.barh(place, value, height=height, color=colour, zorder=1.8 if pale else 2)
                    _whisker(panel, low, high, place + shift, theme)
    return np.array(panels, dtype=object)


def plot_ladder(
    rungs: Mapping[str, Mapping[str, tuple[Bands, Bands]]],
    ends: Mapping[str, tuple[float, float]],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    unit: str,
    words: tuple[str, str] = ("none", "all"),
    scale: float = 1.0,
    style: Style = "light",
    note: str = "",
) -> NDArray[np.object_]:
    """Where one switch alone leads from the one end, and leaving it out from the other, one panel an economy.

    Parameters
    ----------
    rungs : mapping of str to mapping of str to (ndarray, ndarray), each of shape (3,)
        By economy and switch, the same switches in all: value, low and high with only this
        switch on, and with all on but this one.
    ends : mapping of str to (float, float)
        By economy: the value with no switch on, and with all on.
    axes : Axes or sequence of Axes, optional
        One for each economy; left out, a new figure is made.
    title, unit : str
        What is shown; what goes across.
    words : (str, str)
        What the two ends are called.
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
    names = list(next(iter(rungs.values())))
    every = [scale * band for part in rungs.values() for pair in part.values() for band in pair]
    every += [np.array([scale * end]) for pair in ends.values() for end in pair]
    limits = _limits(np.concatenate(every), zero=False)
    only, but = theme.sellers[0], theme.sellers[1]
    key = f"● only this one; ■ all but this one. {note}".strip()
    with drawing(theme):
        panels = _panels(axes, list(rungs), names, theme, title, key, extra=0.55)
        for panel, (economy, parts) in zip(panels, rungs.items(), strict=True):
            _frame(panel, names, limits, unit, theme)
            panel.set_ylim(len(names) - 0.5, -1.1)
            first, last = (scale * end for end in ends[economy])
            for end, word, colour in ((first, words[0], only), (last, words[1], but)):
                panel.axvline(end, color=colour, linewidth=1.4, linestyle=(0, (4, 2)), zorder=1.6)
                right = end >= max(first, last)
                panel.annotate(
                    word,
                    (end, -0.78),
                    (5 if right else -5, 0),
                    textcoords="offset points",
                    size=NOTE,
                    color=theme.ink,
                    ha="left" if right else "right",
                    va="center_baseline",
                    bbox={"facecolor": theme.ground, "edgecolor": "none", "pad": 0.5},
                )
            for place, pair in enumerate(parts.values()):
                for (value, low, high), colour, marker, start, shift in zip(
                    (scale * band for band in pair), (only, but), "os", (first, last), (-0.14, 0.14), strict=True
                ):
                    panel.plot([start, value], [place + shift] * 2, color=colour, linewidth=2.2, alpha=0.45, zorder=2)
                    _whisker(panel, low, high, place + shift, theme)
                    panel.plot([value], [place + shift], color=colour, marker=marker, markersize=7, zorder=3.2)
    return np.array(panels, dtype=object)


def _panels(
    axes: Axes | Iterable[Axes] | None,
    panels: Sequence[str],
    names: Sequence[str],
    theme: Theme,
    title: str,
    note: str,
    extra: float = 0.0,
) -> list[Axes]:
    return panels_for(
        axes,
        panels,
        theme,
        title=title,
        note=note,
        right=0.3,
        first_left=0.2 + room_for([short(name, 44) for name in names], SMALL),
        height=0.36 * len(names) + 0.2 + 0.36 * extra,
        below=0.65,
    )


def _frame(panel: Axes, names: Sequence[str], limits: tuple[float, float], unit: str, theme: Theme) -> None:
    panel.grid(False)
    panel.grid(True, axis="x", color=theme.faint, linewidth=0.8)
    panel.set_yticks(range(len(names)), [short(name, 44) for name in names])
    panel.set_ylim(len(names) - 0.5, -0.5)
    panel.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    panel.set_xlabel(unit, size=SMALL, labelpad=3)
    panel.tick_params(axis="x", labelsize=NOTE)
    panel.set_xlim(*limits)


def _whisker(panel: Axes, low: float, high: float, place: float, theme: Theme) -> None:
    if np.isfinite(low) and np.isfinite(high):
        panel.plot([low, high], [place, place], color=theme.ground, linewidth=3.2, zorder=2.9)
        panel.plot([low, high], [place, place], color=theme.ink, linewidth=1.4, zorder=3)


def _limits(figures: NDArray[np.float64], *, zero: bool = True) -> tuple[float, float]:
    """Limits that hold all figures, and zero where bars start."""
    finite = np.append(figures[np.isfinite(figures)], [0.0] if zero else [])
    gap = 0.08 * (float(np.ptp(finite)) or 1.0)
    low, high = float(finite.min()), float(finite.max())
    return low - gap * (low < 0 or not zero), high + gap
