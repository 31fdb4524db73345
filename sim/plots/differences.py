"""Paired differences over time: what a change does, month by month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.plots.marks import EndLabel, draw_end_labels, label_room, month_axis
from sim.plots.palette import Look, Style, looks_of, theme_of
from sim.plots.panels import Bands, panels_for, room_for
from sim.plots.sheet import NOTE, SMALL, drawing, short
from sim.plots.timeline import sampled
from sim.plots.words import minus

__all__ = ["plot_differences", "plot_moves"]


def plot_differences(
    paths: Mapping[str, Mapping[str, Bands]],
    sellers: Sequence[str],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    unit: str,
    scale: float = 1.0,
    acts: int | None = None,
    unpaired: Mapping[str, Mapping[str, Bands]] | None = None,
    style: Style = "light",
    looks: Mapping[str, Look] | None = None,
    note: str = "",
) -> NDArray[np.object_]:
    """The difference that a change makes for every seller over time, one panel an economy.

    Parameters
    ----------
    paths : mapping of str to mapping of str to ndarray, shape (3, ticks)
        By economy and seller: mean, low and high of the paired difference.
    sellers : sequence of str
        All sellers, in the order of the scenario.
    axes : Axes or sequence of Axes, optional
        One for each economy; left out, a new figure is made.
    title, unit : str
        What is shown; what the vertical axis shows.
    scale : float
        Shown figures are this many times those given: 100 for percentage points.
    acts : int, optional
        Tick before which both paths are the same, marked by a line [ticks].
    unpaired : mapping of str to mapping of str to ndarray, shape (3, ticks), optional
        What as many runs on different draws would have given: thin lines around the bands.
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
    labels = {
        economy: [
            EndLabel(
                scale * float(bands[0, -1]),
                f"{short(name)} {_signed(scale * float(bands[0, -1]))}",
                looks[name].ink(theme),
                looks[name].colour(theme),
                looks[name].marker,
            )
            for name, bands in lines.items()
            if np.isfinite(bands[0, -1])
        ]
        for economy, lines in paths.items()
    }
    every = [scale * bands for lines in paths.values() for bands in lines.values()]
    every += [scale * bands for lines in (unpaired or {}).values() for bands in lines.values()]
    finite = np.concatenate([bands[np.isfinite(bands)] for bands in every] + [np.zeros(1)])
    low, high = float(finite.min()), float(finite.max())
    gap = 0.06 * ((high - low) or 1.0)
    with drawing(theme):
        panels = panels_for(
            axes,
            list(paths),
            theme,
            title=title,
            note=note,
            unit=unit,
            right=max(label_room([one.text for one in some]) for some in labels.values()),
            first_left=0.85,
        )
        for panel, (economy, lines) in zip(panels, paths.items(), strict=True):
            ticks = next(iter(lines.values())).shape[1]
            month_axis(panel, ticks)
            panel.set_ylim(low - gap, high + gap)
            panel.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
            panel.axhline(0, color=theme.muted, linewidth=1.0, zorder=1.5)
            if acts is not None and 0 < acts < ticks:
                panel.axvline(acts, color=theme.muted, linewidth=1.0, linestyle=(0, (3, 2)), zorder=1.5)
            shown = sampled(ticks)
            for name, bands in lines.items():
                colour = looks[name].colour(theme)
                if unpaired is not None:
                    for bound in (1, 2):
                        panel.plot(
                            shown, scale * unpaired[economy][name][bound, shown], color=colour, linewidth=0.7, alpha=0.7
                        )
                band = scale * bands[:, shown]
                panel.fill_between(shown, band[1], band[2], color=colour, alpha=0.28, linewidth=0, zorder=2)
                panel.plot(shown, band[0], color=colour, linestyle=looks[name].dashes, linewidth=2.2, zorder=3)
            draw_end_labels(panel, labels[economy])
    return np.array(panels, dtype=object)


def plot_moves(
    moves: Mapping[str, Mapping[str, Bands]],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    style: Style = "light",
    note: str = "",
) -> NDArray[np.object_]:
    """Why customers moved: differences in switches by cause as bars, one panel an economy.

    Parameters
    ----------
    moves : mapping of str to mapping of str to ndarray, shape (3,)
        By economy and cause: mean, low and high of the paired difference [switches].
    axes : Axes or sequence of Axes, optional
        One for each economy; left out, a new figure is made.
    title : str
        What is shown.
    style : {"light", "dark"}
        Colours.
    note : str
        Under the figure.

    Returns
    -------
    ndarray of Axes, shape (economies,)
    """
    theme = theme_of(style)
    names = list(next(iter(moves.values())))
    every = np.array([bands for causes in moves.values() for bands in causes.values()])
    every = np.append(every[np.isfinite(every)], 0.0)
    gap = 0.08 * (float(np.ptp(every)) or 1.0)
    limits = (float(every.min()) - gap, float(every.max()) + gap)
    with drawing(theme):
        panels = panels_for(
            axes,
            list(moves),
            theme,
            title=title,
            note=note,
            right=0.3,
            first_left=0.2 + room_for(names, SMALL),
            height=0.36 * len(names) + 0.2,
            below=0.65,
        )
        for panel, causes in zip(panels, moves.values(), strict=True):
            panel.grid(False)
            panel.grid(True, axis="x", color=theme.faint, linewidth=0.8)
            panel.axvline(0, color=theme.muted, linewidth=1.0, zorder=1.5)
            for place, (name, (mean, low, high)) in enumerate(causes.items()):
                panel.barh(place, mean, height=0.62, color=theme.cause(name), zorder=2)
                if np.isfinite(low):
                    panel.plot([low, high], [place, place], color=theme.ground, linewidth=3.2, zorder=2.9)
                    panel.plot([low, high], [place, place], color=theme.ink, linewidth=1.4, zorder=3)
            panel.set_yticks(range(len(names)), names)
            panel.set_ylim(len(names) - 0.5, -0.5)
            panel.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
            panel.set_xlabel("switches more or fewer, a run", size=SMALL, labelpad=3)
            panel.tick_params(axis="x", labelsize=NOTE)
            panel.set_xlim(*limits)
    return np.array(panels, dtype=object)


def _signed(value: float) -> str:
    text = f"{value:+.1f}" if abs(value) < 99.95 else f"{value:+.0f}"
    return "0" if not any(digit in "123456789" for digit in text) else minus(text) if value < 0 else text
