"""Figures of a calibration: how far each target is off, switching, penetration, segments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.plots.palette import Look, Style, Theme, looks_of, theme_of
from sim.plots.panels import panels_for, room_for
from sim.plots.sheet import NOTE, SMALL, drawing, inches, short

__all__ = ["Group", "plot_distances", "plot_penetration", "plot_segments", "plot_switching"]

Array = NDArray[np.float64]
THINNEST, READABLE = 0.04, 0.055  # height of a segment: at least, and for words in it [parts of the buyers]
FARTHEST = 6.0  # standard deviations shown; what is beyond stands at the edge


class Group(NamedTuple):
    """Targets of one kind: distances in standard deviations, and the seller of each (-1: of none)."""

    z: Array
    seller: NDArray[np.int64]


def plot_distances(
    panels: Mapping[str, Mapping[str, Group]],
    sellers: Sequence[str],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    style: Style = "light",
    note: str = "",
) -> NDArray[np.object_]:
    """How many standard deviations each observed target is from the simulated one, kind by kind.

    Parameters
    ----------
    panels : mapping of str to mapping of str to Group
        By panel and kind of target, the same kinds in all.
    sellers : sequence of str
        In the order of their colours.
    axes : Axes or sequence of Axes, optional
        One for each panel; left out, a new figure is made.
    title : str
    style : {"light", "dark"}
        Colours.
    note : str
        Under the figure.

    Returns
    -------
    ndarray of Axes, shape (panels,)
    """
    theme, looks = theme_of(style), list(looks_of(list(sellers)).values())
    labels = [short(name, 18) for name in sellers]
    kinds = list(next(iter(panels.values())))
    key = "The band holds two standard deviations either way. A colour is a seller; hollow marks are all together."
    with drawing(theme):
        drawn = panels_for(
            axes,
            list(panels),
            theme,
            title=title,
            note=f"{key} {note}".strip(),
            right=0.45 + room_for(labels, NOTE),
            first_left=0.2 + room_for(kinds, SMALL),
            height=max(0.46 * len(kinds), 0.2 * len(labels), 2.2),
            below=0.65,
        )
        for panel, groups in zip(drawn, panels.values(), strict=True):
            panel.grid(False)
            panel.axvspan(-2, 2, color=theme.faint, linewidth=0, zorder=0)
            panel.axvline(0, color=theme.muted, linewidth=0.8, zorder=1)
            panel.set_yticks(range(len(kinds)), kinds)
            panel.set_ylim(len(kinds) - 0.45, -0.55)
            panel.set_xlim(-FARTHEST - 0.4, FARTHEST + 0.4)
            panel.set_xlabel("observed less simulated [standard deviations]", size=SMALL, labelpad=3)
            for row, kind in enumerate(kinds):
                z, seller = groups[kind]
                lanes = 0.34 * (2 * (np.arange(len(z)) + 0.5) / max(len(z), 1) - 1)
                for far, who, lane in zip(z, seller, lanes, strict=True):
                    colour = theme.ink if who < 0 else looks[who].colour(theme)
                    panel.plot(
                        [float(np.clip(far, -FARTHEST, FARTHEST))],
                        [row + lane],
                        linestyle="",
                        marker=_mark(looks[who].marker if who >= 0 else "", far),
                        markersize=6.0,
                        color=colour,
                        markerfacecolor=theme.ground if who < 0 else colour,
                        zorder=3,
                        clip_on=False,
                    )
            _name_sellers(panel, labels, looks, theme)
    return np.array(drawn, dtype=object)


def _mark(own: str, far: float) -> str:
    return (own or "o") if abs(far) <= FARTHEST else "<" if far < 0 else ">"


def _name_sellers(panel: Axes, labels: Sequence[str], looks: Sequence[Look], theme: Theme) -> None:
    """Sellers and their colours right of the panel."""
    apart = 0.2 / inches(panel)[1]
    for place, (label, look) in enumerate(zip(labels, looks, strict=True)):
        height = 1 - apart * (place + 0.5)
        across = 1 + 0.14 / inches(panel)[0]
        panel.plot(
            [across],
            [height],
            transform=panel.transAxes,
            linestyle="",
            marker=look.marker or "o",
            color=look.colour(theme),
            markersize=6,
            clip_on=False,
        )
        panel.text(
            1 + 0.26 / inches(panel)[0],
            height,
            label,
            transform=panel.transAxes,
            size=NOTE,
            color=look.ink(theme),
            va="center_baseline",
        )


def plot_penetration(
    observed: tuple[Array, Array],
    simulated: tuple[Array, Array],
    errors: tuple[Array, Array],
    sellers: Sequence[str],
    window: int,
    axes: Axes | None = None,
    *,
    title: str,
    style: Style = "light",
    note: str = "",
) -> Axes:
    """Double jeopardy: small sellers have fewer buyers, who also buy from them less often.

    Parameters
    ----------
    observed, simulated : (ndarray, ndarray), shape (sellers,) each
        Penetration [-] and purchases a buyer.
    errors : (ndarray, ndarray)
        Standard deviations of the simulated ones.
    sellers : sequence of str
    window : int
        [purchases]
    axes : Axes, optional
        Left out, a new figure is made.
    title : str
    style : {"light", "dark"}
        Colours.
    note : str
        Under the figure.
    """
    theme, looks = theme_of(style), looks_of(list(sellers))
    key = "Filled: observed. Crosses: simulated, with two standard deviations of chance."
    with drawing(theme):
        (panel,) = panels_for(
            axes,
            [f"in the first {window} purchases"],
            theme,
            title=title,
            note=f"{key} {note}".strip(),
            right=0.2,
            unit=f"purchases a buyer, of {window}",
            height=3.4,
            below=0.65,
        )
        panel.set_xlabel("penetration [%]", size=SMALL, labelpad=3)
        for place, (name, look) in enumerate(looks.items()):
            colour = look.colour(theme)
            x, y = 100 * simulated[0][place], simulated[1][place]
            panel.plot([x - 200 * errors[0][place], x + 200 * errors[0][place]], [y, y], color=colour, linewidth=1.2)
            panel.plot([x, x], [y - 2 * errors[1][place], y + 2 * errors[1][place]], color=colour, linewidth=1.2)
            there = (100 * observed[0][place], observed[1][place])
            panel.plot([there[0]], [there[1]], color=colour, marker="o", markersize=8, linestyle="", zorder=3)
            panel.annotate(
                short(name, 16),
                there,
                (7, 6),
                textcoords="offset points",
                size=NOTE,
                color=look.ink(theme),
                ha="left",
                va="bottom",
                bbox={"facecolor": theme.ground, "edgecolor": "none", "pad": 0.4, "alpha": 0.8},
                zorder=4,
            )
        panel.set_xlim(0, 1.18 * panel.get_xlim()[1])
        panel.set_ylim(0, 1.06 * panel.get_ylim()[1])
    return panel


def plot_switching(
    matrices: Mapping[str, Array],
    sellers: Sequence[str],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    style: Style = "light",
    note: str = "",
) -> NDArray[np.object_]:
    """Switching matrices beside one another: of a hundred buyers of a row, how many buy next from a column.

    Parameters
    ----------
    matrices : mapping of str to ndarray, shape (sellers, sellers)
        Probabilities, NaN where a seller was never left or kept [-].
    sellers : sequence of str
    axes : Axes or sequence of Axes, optional
        One for each matrix; left out, a new figure is made.
    title : str
    style : {"light", "dark"}
        Colours.
    note : str
        Under the figure.

    Returns
    -------
    ndarray of Axes, shape (matrices,)
    """
    theme = theme_of(style)
    names = [short(name, 18) for name in sellers]
    with drawing(theme):
        panels = panels_for(
            axes,
            list(matrices),
            theme,
            title=title,
            note=f"Of 100 purchases after one from the row's seller, those from the column's. {note}".strip(),
            right=0.15,
            first_left=0.2 + room_for(names, SMALL),
            height=max(0.42 * len(names), 1.6),
            below=0.4 + room_for(names, SMALL),
        )
        for panel, matrix in zip(panels, matrices.values(), strict=True):
            panel.grid(False)
            panel.set_xlim(-0.5, len(names) - 0.5)
            panel.set_ylim(len(names) - 0.5, -0.5)
            panel.set_xticks(range(len(names)), names, rotation=90)
            panel.set_yticks(range(len(names)), names)
            panel.spines["bottom"].set_visible(False)
            panel.tick_params(axis="x", length=0)
            for row, column in np.ndindex(matrix.shape):
                value = float(matrix[row, column])
                if np.isnan(value):
                    continue
                step = round((len(theme.ramp) - 1) * value**0.5)
                ink = theme.ground if step > len(theme.ramp) // 2 else theme.ink
                panel.add_patch(
                    Rectangle(
                        (column - 0.5, row - 0.5), 1, 1, facecolor=theme.ramp[step], edgecolor=theme.ground, linewidth=1
                    )
                )
                words = f"{100 * value:.0f}"
                panel.text(column, row, words, size=NOTE, color=ink, ha="center", va="center_baseline")
    return np.array(panels, dtype=object)


def plot_segments(
    weights: Array,
    shares: Array,
    sellers: Sequence[str],
    axes: Axes | None = None,
    *,
    title: str,
    style: Style = "light",
    note: str = "",
) -> Axes:
    """What each segment chooses when it looks around, the segments as high as they are large.

    Parameters
    ----------
    weights : ndarray, shape (segments,)
        Part of the buyers [-].
    shares : ndarray, shape (segments, sellers)
        Probability of each seller [-].
    sellers : sequence of str
    axes : Axes, optional
        Left out, a new figure is made.
    title : str
    style : {"light", "dark"}
        Colours.
    note : str
        Under the figure.
    """
    theme, looks = theme_of(style), looks_of(list(sellers))
    gap = 0.02
    order = np.argsort(-weights, kind="stable")
    labels = [f"{100 * weights[one]:.0f} %" for one in order]
    with drawing(theme):
        (panel,) = panels_for(
            axes,
            ["segments, by the part of the buyers"],
            theme,
            title=title,
            note=note,
            right=0.2,
            first_left=0.75,
            height=max(3.2, 0.34 * len(weights)),
            below=0.65,
        )
        panel.grid(False)
        panel.set_xlim(0, 100)
        panel.set_xlabel("probability of a seller when looking around [%]", size=SMALL, labelpad=3)
        top, middles = 0.0, []
        for one in order:
            high, left = max(float(weights[one]), THINNEST), 0.0
            middles.append(top + high / 2)
            for name, look, share in zip(sellers, looks.values(), shares[one], strict=True):
                wide = 100 * float(share)
                panel.add_patch(
                    Rectangle(
                        (left, top), wide, high, facecolor=look.colour(theme), edgecolor=theme.ground, linewidth=1.0
                    )
                )
                label = short(name, 14)
                if wide > 2.1 * len(label) and high >= READABLE:
                    panel.text(
                        left + wide / 2,
                        top + high / 2,
                        label,
                        size=NOTE,
                        color=theme.ground,
                        ha="center",
                        va="center_baseline",
                    )
                left += wide
            top += high + gap
        panel.set_ylim(top, 0)
        panel.set_yticks(middles, labels)
    return panel
