"""Claims: a board of all verdicts, and a small picture of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.plots.palette import Style, Theme, look_of_economy, theme_of
from sim.plots.panels import Bands
from sim.plots.sheet import LABEL, NOTE, SMALL, Sheet, as_axes, drawing, height_of, short, style_axes, wrap

__all__ = ["Along", "Strip", "plot_board", "plot_claim", "verdict_colour"]

PLACES = {"supported": 3, "conditional": 2, "refuted": 0}  # among the theme's colours of causes
MARKS = {"supported": "✓", "conditional": "◐", "refuted": "✗", "undecided": "?"}
TILE = 0.62  # [inches]
WIDE, HALF, GAP, LEFT = 6.6, 3.9, 1.0, 1.05  # of a small picture: panels, between them, beside them [inches]


def verdict_colour(theme: Theme, verdict: str) -> str:
    """Colour of a verdict."""
    return theme.causes[PLACES[verdict]] if verdict in PLACES else theme.shade


class Strip(NamedTuple):
    """An effect in one economy.

    Attributes
    ----------
    economy : str
    judged : bool
        Whether the claim is judged here.
    values : ndarray, shape (replications,)
    band : ndarray, shape (3,)
        Mean, low and high.
    """

    economy: str
    judged: bool
    values: NDArray[np.float64]
    band: Bands


class Along(NamedTuple):
    """Effects along an axis.

    Attributes
    ----------
    label : str
    levels : sequence of float
    bands : mapping of str to ndarray, shape (3, levels)
        By economy: mean, low and high.
    default : float
        The market's own value.
    unit : str
        What goes up.
    weighed : bool
        Whether these effects are weighed against the threshold, too.
    """

    label: str
    levels: Sequence[float]
    bands: Mapping[str, Bands]
    default: float
    unit: str
    weighed: bool


def plot_board(
    rows: Mapping[str, Sequence[tuple[str, str]]],
    axes: Axes | None = None,
    *,
    title: str,
    note: str = "",
    style: Style = "light",
) -> Axes:
    """A tile for each claim, a row for each essay, coloured and marked by verdict.

    Parameters
    ----------
    rows : mapping of str to sequence of (str, str)
        By heading: number and verdict of each claim.
    axes : Axes, optional
        Left out, a new figure is made.
    title, note : str
        Over and under the board.
    style : {"light", "dark"}
        Colours.

    Returns
    -------
    Axes
    """
    theme = theme_of(style)
    wide = max(len(row) for row in rows.values())
    pitch = TILE + 0.32
    with drawing(theme):
        if axes is None:
            tall = pitch * len(rows)
            sheet = Sheet(1, 1, TILE * wide, [tall], title, note, first_left=0.05, right=0.05, above=[0.1], below=[0.1])
            (axes,) = sheet.draw(theme, 1)
        axes.set_facecolor(theme.ground)
        axes.set_axis_off()
        axes.set_xlim(0, wide)
        axes.set_ylim(len(rows) * pitch / TILE, 0)
        for number, (heading, tiles) in enumerate(rows.items()):
            top = number * pitch / TILE
            axes.text(0.03, top + 0.28, heading, size=SMALL, weight="bold", color=theme.ink, va="center")
            for place, (name, verdict) in enumerate(tiles):
                colour = verdict_colour(theme, verdict)
                axes.add_patch(Rectangle((place + 0.03, top + 0.5), 0.94, 0.94, facecolor=colour, edgecolor="none"))
                ink = theme.ground
                axes.text(place + 0.5, top + 0.8, MARKS[verdict], size=15, color=ink, ha="center", va="center")
                axes.text(place + 0.5, top + 1.22, name, size=9.5, color=ink, ha="center", va="center")
    return axes


def plot_claim(
    strips: Sequence[Strip],
    axes: Axes | Iterable[Axes] | None = None,
    *,
    title: str,
    unit: str,
    threshold: float,
    side: str,
    centre: float = 0.0,
    along: Along | None = None,
    economies: Sequence[str] = (),
    scale: float = 1.0,
    style: Style = "light",
) -> NDArray[np.object_]:
    """The effect of a claim in each economy, and along an axis if there is one.

    Parameters
    ----------
    strips : sequence of Strip
        One an economy.
    axes : Axes or sequence of Axes, optional
        One, or two with `along`; left out, a new figure is made.
    title, unit : str
        The claim in words; what goes across.
    threshold : float
        What the effect is weighed against.
    side : {"above", "below", "within"}
        On which side of it the claim would have it; within: at most so far from `centre`.
    centre : float
        What counts as no effect.
    along : Along, optional
        Second panel.
    economies : sequence of str
        All economies in the order that their colours follow; by default those of `strips`.
    scale : float
        Shown figures are this many times those given: 100 for percentages.
    style : {"light", "dark"}
        Colours.

    Returns
    -------
    ndarray of Axes
    """
    theme = theme_of(style)
    count = 2 if along is not None else 1
    order = list(economies) or [strip.economy for strip in strips]
    borders = _borders(threshold, side, centre, scale)
    with drawing(theme):
        if axes is None:
            wide = WIDE if count == 1 else 2 * HALF + GAP
            heading = wrap(title, LABEL, 0.88 * (wide + LEFT))  # bold letters are wider
            sheet = Sheet(
                1,
                count,
                WIDE if count == 1 else HALF,
                [max(0.5 * len(strips) + 0.35, 1.9 if count == 2 else 0.0)],
                "",
                "",
                first_left=LEFT,
                left=GAP - 0.25,
                right=0.25,
                above=[height_of(LABEL, heading.count("\n") + 1) - 0.12 + (0.22 if count == 2 else 0.0)],
                below=[0.35 + height_of(SMALL, max(_lines(unit, count), _lines(along.label, count) if along else 0))],
            )
            panels = sheet.draw(theme, count)
            panels[0].annotate(
                heading,
                (0, 1),
                (-72 * LEFT, 8 + (16 if count == 2 else 0)),
                xycoords="axes fraction",
                textcoords="offset points",
                size=LABEL,
                weight="bold",
                color=theme.ink,
                ha="left",
                va="bottom",
                annotation_clip=False,
            )
        else:
            panels = as_axes(axes, count, "one, or two with an axis")
        _strips(panels[0], strips, order, borders, scale, theme)
        panels[0].set_xlabel(wrap(unit, SMALL, WIDE if count == 1 else HALF), size=SMALL, labelpad=3)
        if along is not None:
            _along(panels[1], along, order, borders if along.weighed else None, scale, theme)
    return np.array(panels, dtype=object)


def _lines(words: str, panels: int) -> int:
    return wrap(words, SMALL, WIDE if panels == 1 else HALF).count("\n") + 1


def _strips(
    panel: Axes,
    strips: Sequence[Strip],
    order: Sequence[str],
    borders: tuple[float, float],
    scale: float,
    theme: Theme,
) -> None:
    style_axes(panel, theme)
    panel.grid(False)
    panel.grid(True, axis="x", color=theme.faint, linewidth=0.8)
    for place, strip in enumerate(strips):
        colour = look_of_economy(order.index(strip.economy), len(order), theme)[0]
        known = scale * strip.values[np.isfinite(strip.values)]
        spread = 0.13 * np.cos(np.arange(known.size) * 2.4)  # apart, and the same every time
        panel.plot(known, place + spread, ".", color=colour, markersize=5, alpha=0.4, zorder=2)
        mean, low, high = scale * strip.band
        panel.plot([low, high], [place, place], color=theme.ink, linewidth=2.2, zorder=3, solid_capstyle="butt")
        panel.plot([mean], [place], "D", color=theme.ink, markerfacecolor=colour, markersize=7, zorder=3.2)
    panel.set_yticks(range(len(strips)), [short(strip.economy, 14) for strip in strips])
    for label, strip in zip(panel.get_yticklabels(), strips, strict=True):
        label.set_color(theme.ink if strip.judged else theme.muted)
        label.set_fontweight("bold" if strip.judged else "normal")
    panel.set_ylim(len(strips) - 0.45, -0.55)
    _limits(panel, [scale * figure for strip in strips for figure in (*strip.values, *strip.band)], borders)
    _claimed(panel.axvline, panel.axvspan, panel.get_xlim(), borders, theme)
    panel.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    panel.tick_params(axis="x", labelsize=NOTE)


def _borders(threshold: float, side: str, centre: float, scale: float) -> tuple[float, float]:
    """From where to where an effect is as claimed, as it is shown."""
    if side == "within":
        return scale * (centre - threshold), scale * (centre + threshold)
    return (scale * threshold, np.inf) if side == "above" else (-np.inf, scale * threshold)


def _limits(panel: Axes, figures: Sequence[float], borders: tuple[float, float]) -> None:
    finite = np.array([one for one in (*figures, *borders) if np.isfinite(one)])
    gap = 0.08 * (float(np.ptp(finite)) or 1.0)
    panel.set_xlim(finite.min() - gap, finite.max() + gap)


def _claimed(
    line: Callable[..., Any],
    span: Callable[..., Any],
    limits: tuple[float, float],
    borders: tuple[float, float],
    theme: Theme,
) -> None:
    """Dashed lines at the borders, and a shade over where the claim would have the effect."""
    span(max(borders[0], limits[0]), min(borders[1], limits[1]), color=theme.ramp[0], zorder=0.5)
    for place in borders:
        if np.isfinite(place):
            line(place, color=theme.muted, linewidth=1.2, linestyle=(0, (4, 2)), zorder=1.5)


def _along(
    panel: Axes, along: Along, order: Sequence[str], borders: tuple[float, float] | None, scale: float, theme: Theme
) -> None:
    style_axes(panel, theme)
    for economy, band in along.bands.items():
        colour, dashes, marker = look_of_economy(order.index(economy), len(order), theme)
        mean, low, high = scale * band
        panel.fill_between(along.levels, low, high, color=colour, alpha=0.2, linewidth=0, zorder=1.6)
        panel.plot(
            along.levels,
            mean,
            color=colour,
            linestyle=dashes,
            marker=marker,
            markersize=5,
            linewidth=2,
            zorder=2,
            label=economy,
        )
    finite = np.concatenate([band[np.isfinite(band)] for band in along.bands.values()]) * scale
    finite = np.append(finite, [one for one in borders or () if np.isfinite(one)])
    gap = 0.1 * (float(np.ptp(finite)) or 1.0)
    panel.set_ylim(finite.min() - gap, finite.max() + gap)
    if borders is not None:
        _claimed(panel.axhline, panel.axhspan, panel.get_ylim(), borders, theme)
    panel.axvline(along.default, color=theme.faint, linewidth=5, zorder=0.8)
    panel.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    panel.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    panel.tick_params(axis="both", labelsize=NOTE)
    panel.set_ylabel(along.unit, size=SMALL)
    panel.set_xlabel(wrap(along.label, SMALL, HALF), size=SMALL, labelpad=3)
    if len(along.bands) > 1:
        _key(panel, along, theme)


def _key(panel: Axes, along: Along, theme: Theme) -> None:
    """Names of the economies above the panel."""
    panel.legend(
        loc="lower right",
        bbox_to_anchor=(1.02, 0.99),
        ncols=len(along.bands),
        frameon=False,
        fontsize=NOTE,
        handlelength=2.6,
        columnspacing=1.2,
        labelcolor=theme.ink,
        borderaxespad=0.1,
    )
