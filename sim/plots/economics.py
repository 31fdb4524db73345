"""What it is worth: consumer surplus, concentration, satisfaction and profit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.measures import Estimate, mean_interval
from sim.plots.marks import EndLabel, draw_end_labels, label_room, month_axis
from sim.plots.palette import Look, Style, Theme, look_of_economy, looks_of, theme_of
from sim.plots.series import YEAR, by_seller, by_tick, economies_of, middle, replications_of, sellers_of, ticks_of
from sim.plots.sheet import LABEL, SMALL, Sheet, as_axes, drawing, figure_of, short, style_axes, width_of
from sim.plots.timeline import draw_path
from sim.plots.words import count, minus

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["plot_economics"]

Floats = NDArray[np.float64]
WIDTH, HEIGHT = 4.4, 2.3  # of a panel over time [inches]
LANE, KEY = 0.15, 0.3  # height of one mark, and of a row of the key [inches]
TALLEST, LEAST = 7.0, 6  # of the panels with a row a seller: height [inches], but for so many sellers in any case


def plot_economics(
    run: Run,
    axes: Iterable[Axes] | None = None,
    *,
    style: Style = "light",
    economies: Sequence[str] | None = None,
    looks: Mapping[str, Look] | None = None,
) -> NDArray[np.object_]:
    """Four panels: consumer surplus and concentration over time, satisfaction and profit by seller.

    Paths are means over replications on the band that holds the middle 95 % of them; marks are
    means with their 95 % interval. Satisfaction is that of the last year (of all ticks, if
    there are fewer), in the replications in which the seller had customers then; profit is
    added up over the run.

    Parameters
    ----------
    run : Run
        A finished run.
    axes : sequence of Axes, optional
        Four of them.
    style : {"light", "dark"}
        Colours.
    economies : sequence of str, optional
        Which, and in which order; all if left out.
    looks : mapping of str to Look, optional
        Looks of the sellers; by the scenario's order if left out.

    Returns
    -------
    ndarray of Axes, shape (4,)

    Raises
    ------
    ValueError
        If not four Axes are given, or an economy was not run.
    """
    names, theme = economies_of(run, economies), theme_of(style)
    looks = looks or looks_of(sellers_of(run))
    shown = _shown(run, names)
    satisfaction = {economy: _by_seller(run, economy, "satisfaction", _last_year) for economy in names}
    profit = {economy: _by_seller(run, economy, "profit", _sum_per(run.scenario.buyers.count)) for economy in names}
    with drawing(theme):
        panels = (
            _own_sheet(run, names, shown, theme)
            if axes is None
            else as_axes(axes, 4, "surplus, concentration, satisfaction, profit")
        )
        for panel in panels:
            style_axes(panel, theme)
        _draw_paths(panels[0], run, names, "consumer_surplus", theme)
        _draw_paths(panels[1], run, names, "hhi", theme, top=1.0)
        for panel, figures in ((panels[2], satisfaction), (panels[3], profit)):
            _draw_marks(panel, figures, shown, looks, theme)
        panels[3].set_yticklabels([])
        for panel, (title, unit) in zip(panels, _TITLES, strict=True):
            panel.set_title(title, size=LABEL, weight="bold", color=theme.ink, loc="left", pad=8)
            (panel.set_ylabel if panel in panels[:2] else panel.set_xlabel)(unit, size=SMALL, labelpad=3)
        _draw_key(panels[3], names, theme)
    return np.array(panels, dtype=object)


_TITLES = (
    ("Consumer surplus", "money [a buyer and month]"),
    ("Concentration (HHI)", "1: one seller has all"),
    ("Satisfaction in the last year", "experience less aspiration [utils]"),
    ("Profit over the whole run", "money [a buyer of the market]"),
)


def _own_sheet(run: Run, economies: Sequence[str], shown: Sequence[str], theme: Theme) -> list[Axes]:
    runs = max(replications_of(run, economy) for economy in economies)
    more = len(sellers_of(run)) - len(shown)
    note = (
        (
            f"Lines and marks: mean of {count(runs, 'run')}. Bands: the middle 95 % of the runs; "
            "whiskers: 95 % interval of the mean."
            if runs > 1
            else "One run, no interval."
        )
        + " 1 unit of money: an average monthly order at the reference price."
        + (f" Only the {len(shown)} sellers with the largest shares at the end are shown." if more else "")
    )
    room = label_room([_end_words(economy, -0.5) for economy in economies])
    names = max(width_of(short(name), SMALL) for name in shown) + 0.25
    sheet = Sheet(
        2,
        2,
        WIDTH,
        [HEIGHT, len(shown) * _row(economies)],
        "What it is worth, to buyers and to sellers",
        note,
        first_left=max(0.85, names),
        left=0.85,
        right=room,
        above=[0.45, 0.45],
        below=[0.6, 0.62 + KEY * len(_key(economies))],
    )
    return sheet.draw(theme, 4)


def _end_words(economy: str, value: float) -> str:
    return f"{short(economy)} {minus(f'{value:.2f}')}"


def _row(economies: Sequence[str]) -> float:
    """Height of a seller's row [inches]."""
    return max(0.32, LANE * (len(economies) + 1))


def _shown(run: Run, economies: Sequence[str]) -> list[str]:
    """The sellers for whom there is room, those with the largest shares at the end in any economy."""
    names = sellers_of(run)
    largest = np.max([by_seller(run, economy, "share")[:, -1].mean(axis=0) for economy in economies], axis=0)
    most = max(LEAST, int(TALLEST / _row(economies)))
    return [names[place] for place in sorted(np.argsort(-largest, kind="stable")[:most])]


def _by_seller(run: Run, economy: str, column: str, reduce: Callable[[Floats], Floats]) -> dict[str, Estimate]:
    figures = reduce(by_seller(run, economy, column))
    return {name: mean_interval(figures[:, place]) for place, name in enumerate(sellers_of(run))}


def _last_year(values: Floats) -> Floats:
    """Mean over the last year's ticks that have a value; NaN where none has."""
    last = values[:, -YEAR:]
    known = ~np.isnan(last)
    total, number_of = np.where(known, last, 0.0).sum(axis=1), known.sum(axis=1)
    return np.divide(total, number_of, out=np.full(total.shape, np.nan), where=number_of > 0)


def _sum_per(buyers: int) -> Callable[[Floats], Floats]:
    return lambda values: np.nansum(values, axis=1) / buyers


def _draw_paths(axes: Axes, run: Run, economies: Sequence[str], column: str, theme: Theme, top: float = 0.0) -> None:
    labels, lowest, highest = [], 0.0, top
    month_axis(axes, ticks_of(run))
    for place, economy in enumerate(economies):
        colour, dashes, _ = look_of_economy(place, len(economies), theme)
        values = by_tick(run, economy, column)
        draw_path(axes, values, colour, dashes)
        low, high = middle(values)
        lowest, highest = min(lowest, float(low.min())), max(highest, float(high.max()))
        end = float(values[:, -1].mean())
        labels.append(EndLabel(end, _end_words(economy, end), theme.ink, colour))
    pad = 0.06 * (highest - lowest or 1.0)
    axes.set_ylim(lowest - pad * (lowest < 0), highest + pad * (not top))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    if lowest < 0:
        axes.axhline(0, color=theme.muted, linewidth=1.0)
    draw_end_labels(axes, labels)


def _draw_marks(
    axes: Axes,
    figures: Mapping[str, Mapping[str, Estimate]],
    shown: Sequence[str],
    looks: Mapping[str, Look],
    theme: Theme,
) -> None:
    """One row a seller, one mark an economy, with the whisker of its interval."""
    economies = list(figures)
    lane = 1 / (len(economies) + 1)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_yticks(range(len(shown)), [short(name) for name in shown])
    axes.grid(False, axis="y")
    axes.grid(True, axis="x", color=theme.faint, linewidth=0.8)
    axes.axvline(0, color=theme.muted, linewidth=1.0)
    for row, (name, label) in enumerate(zip(shown, axes.get_yticklabels(), strict=True)):
        label.set_color(looks[name].ink(theme))
        if row:
            axes.axhline(row - 0.5, color=theme.faint, linewidth=0.8)
        for place, economy in enumerate(economies):
            figure = figures[economy][name]
            if not figure.replications:
                continue
            at = row - 0.5 + lane * (place + 1)
            if figure.replications > 1:
                axes.plot(
                    [figure.low, figure.high],
                    [at, at],
                    color=looks[name].colour(theme),
                    linewidth=2.0,
                    solid_capstyle="butt",
                )
            axes.plot(
                [figure.mean],
                [at],
                marker=look_of_economy(place, len(economies), theme)[2],
                markersize=7.5,
                color=looks[name].colour(theme),
                markeredgecolor=theme.ground,
                markeredgewidth=0.8,
                linestyle="none",
                zorder=3,
            )
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.margins(x=0.06)


def _draw_key(axes: Axes, economies: Sequence[str], theme: Theme) -> None:
    """The marks of the economies, under the panels."""
    figure = figure_of(axes)
    wide, high = (float(side) for side in figure.get_size_inches())
    box = axes.get_position()
    for row, entries in enumerate(_key(economies)):
        start = box.x1 * wide - sum(width for _, _, width in entries)
        level = box.y0 * high - 0.72 - KEY * row
        for place, economy, width in entries:
            marker = look_of_economy(place, len(economies), theme)[2]
            axes.plot(
                [start + 0.14],
                [level],
                transform=figure.dpi_scale_trans,
                marker=marker,
                markersize=7.5,
                color=theme.muted,
                linestyle="none",
                clip_on=False,
            )
            figure.text(
                (start + 0.28) / wide,
                level / high,
                short(economy),
                size=SMALL,
                color=theme.ink,
                va="center_baseline",
                ha="left",
            )
            start += width


def _key(economies: Sequence[str]) -> list[list[tuple[int, str, float]]]:
    """Rows of the key: place, name and width [inches] of each entry; none for one economy."""
    rows: list[list[tuple[int, str, float]]] = []
    for place, economy in enumerate(economies if len(economies) > 1 else ()):
        entry = (place, economy, width_of(short(economy), SMALL) + 0.5)
        if rows and sum(width for _, _, width in rows[-1]) + entry[2] <= 2 * WIDTH:
            rows[-1].append(entry)
        else:
            rows.append([entry])
    return rows
