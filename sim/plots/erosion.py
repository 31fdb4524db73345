"""Erosion: what is left of each seller's opening share, and when half of it was gone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.measures import Estimate
from sim.plots.marks import EndLabel, draw_end_labels, label_room, month_axis
from sim.plots.palette import Look, Style, Theme, looks_of, theme_of
from sim.plots.series import YEAR, by_seller, economies_of, half_life_of, middle, sellers_of, ticks_of
from sim.plots.sheet import drawing, height_of, inches, short, width_of
from sim.plots.timeline import draw_path, dress, own_panels, runs_words, time_panels
from sim.plots.words import count, percent

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["half_life_words", "plot_erosion"]

UNIT = "share left [% of first year]"
CEILING = 200.0  # growth beyond it leaves the panel [% of first year]
MOST_SELLERS = 12
SIZE = 11.0
ROW = height_of(SIZE) * 1.15  # of the half-lives under a panel [inches]
FOOT = 0.62  # between a panel and the half-lives under it [inches]


def plot_erosion(
    run: Run,
    axes: Axes | Iterable[Axes] | None = None,
    *,
    style: Style = "light",
    economies: Sequence[str] | None = None,
    looks: Mapping[str, Look] | None = None,
) -> NDArray[np.object_]:
    """Share relative to its mean in the first year, and under each panel the half-lives.

    Only sellers at the opening have a first year to be measured against. Lines are means over
    replications, bands hold the middle 95 % of them; a half-life is the median over
    replications with its 95 % interval, censored ones counted as longer than the run.

    Parameters
    ----------
    run : Run
        A finished run.
    axes : Axes or sequence of Axes, optional
        One for each economy; the half-lives hang below them.
    style : {"light", "dark"}
        Colours.
    economies : sequence of str, optional
        Which, and in which order; all if left out.
    looks : mapping of str to Look, optional
        Looks of the sellers; by the scenario's order if left out.

    Returns
    -------
    ndarray of Axes, shape (economies,)

    Raises
    ------
    ValueError
        If the number of Axes is not that of the economies, or an economy was not run.
    """
    names, theme = economies_of(run, economies), theme_of(style)
    looks = looks or looks_of(sellers_of(run))
    shares = {economy: by_seller(run, economy, "share") for economy in names}
    shown = _shown(run, shares)
    left = {economy: {name: _left(shares[economy][:, :, place]) for name, place in shown.items()} for economy in names}
    labels = {
        economy: [_label(name, path, looks[name], theme) for name, path in left[economy].items()] for economy in names
    }
    room = max(1.0, *(label_room([label.text for label in labels[economy]]) for economy in names))
    highest = max((float(middle(path)[1].max()) for paths in left.values() for path in paths.values()), default=100.0)
    more = len(run.scenario.sellers) - len(shown)
    note = (
        f"{runs_words(run, names)} 100 %: mean of months 0 to {min(YEAR, ticks_of(run)) - 1}. "
        "Marks: month in which half was gone, median with 95 % interval."
        + (f" The {len(shown)} largest sellers at the opening are shown, {more} are not." if more else "")
    )
    with drawing(theme):
        below = FOOT + ROW * len(shown) + 0.2
        panels = (
            time_panels(run, names, theme, title="Erosion: what is left of the first year's share", unit=UNIT, room=room, note=note, height=2.6, below=below)
            if axes is None
            else own_panels(axes, names, theme, unit=UNIT)
        )
        for panel, economy in zip(panels, names, strict=True):
            dress(panel, run, economy, theme, top=min(CEILING, max(110.0, 1.04 * highest)), room=room)
            panel.axhline(100, color=theme.muted, linewidth=1.0)
            panel.axhline(50, color=theme.ink, linewidth=1.4, linestyle=(0, (4, 2)))
            for name, path in left[economy].items():
                draw_path(panel, path, looks[name].colour(theme), looks[name].dashes, marker=looks[name].marker)
            draw_end_labels(panel, labels[economy])
            lives = {name: half_life_of(shares[economy][:, :, place]) for name, place in shown.items()}
            _draw_half_lives(panel, lives, ticks_of(run), looks, theme, room=room)
    return np.array(panels, dtype=object)


def half_life_words(life: Estimate, ticks: int) -> str:
    """A half-life in words, censored ones said so.

    Parameters
    ----------
    life : Estimate
        Median over replications with its interval [ticks].
    ticks : int
        Length of the run [ticks].
    """
    halved = life.replications - life.censored
    if life.replications == 0:
        return "no share to lose"
    if life.replications == 1:
        return f"month {life.mean:.0f} (one run)" if halved else f"not halved in {count(ticks, 'month')} (one run)"
    if math.isinf(life.mean):
        return f"not halved in {count(ticks, 'month')} ({halved} of {life.replications} runs)"
    words = f"month {life.mean:.0f}"
    if not math.isnan(life.low):
        words += f" [{life.low:.0f}, {'later than ' + str(ticks - 1) if math.isinf(life.high) else f'{life.high:.0f}'}]"
    return words + (f" ({halved} of {life.replications} runs)" if life.censored else "")


def _shown(run: Run, shares: Mapping[str, NDArray[np.float64]]) -> dict[str, int]:
    """The sellers at the opening, or the largest of them, and their places."""
    opening = {seller.name: place for place, seller in enumerate(run.scenario.sellers)}
    start = next(iter(shares.values()))[:, :YEAR].mean(axis=(0, 1))
    largest = sorted(opening.values(), key=lambda place: (-start[place], place))[:MOST_SELLERS]
    return {name: place for name, place in opening.items() if place in largest}


def _left(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is left of the first year's mean share [%]; 0 where there was none to lose."""
    start = share[:, :YEAR].mean(axis=1, keepdims=True)
    return 100 * np.divide(share, start, out=np.zeros_like(share), where=start > 0)


def _label(name: str, left: NDArray[np.float64], look: Look, theme: Theme) -> EndLabel:
    end = float(left[:, -1].mean())
    text = f"{short(name)} {percent(end / 100)}" + (" ↑" if end > CEILING else "")
    return EndLabel(end, text, look.ink(theme), look.colour(theme))


def _draw_half_lives(
    axes: Axes, lives: Mapping[str, Estimate], ticks: int, looks: Mapping[str, Look], theme: Theme, *, room: float
) -> None:
    """One row a seller below the panel, on its months: mark, interval, and both in words."""
    wide, tall = inches(axes)
    high = ROW * len(lives)
    chart = axes.inset_axes((0, -(FOOT + high) / tall, 1, high / tall))
    month_axis(chart, ticks, name=False)
    chart.set_ylim(len(lives) - 0.5, -0.5)
    chart.set_axis_off()
    chart.axhline(-0.5, color=theme.faint, linewidth=0.8, clip_on=False)
    last = max(ticks - 1, 1)
    for row, (name, life) in enumerate(lives.items()):
        colour, ink = looks[name].colour(theme), looks[name].ink(theme)
        words = f"{short(name)}: {half_life_words(life, ticks)}"
        size = width_of(words, SIZE) / wide * last
        start = 0.0
        if life.replications and math.isfinite(life.mean):
            low, top = (life.mean if math.isnan(bound) else min(bound, last) for bound in (life.low, life.high))
            chart.plot([low, top], [row, row], color=colour, linewidth=3.0, solid_capstyle="butt", clip_on=False)
            chart.plot([life.mean], [row], marker="D", markersize=7, color=colour, clip_on=False, linestyle="none")
            gap = 0.12 / wide * last
            start = top + gap if top + gap + size <= last * (1 + room / wide) else low - gap - size
        chart.text(start, row, words, size=SIZE, color=ink, va="center_baseline", ha="left", clip_on=False)
