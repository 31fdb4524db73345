"""Erosion: what is left of each seller's opening share, and when half of it was gone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.measures import Estimate
from sim.plots.marks import EndLabel, draw_end_labels, label_room
from sim.plots.palette import Look, Style, Theme, looks_of, theme_of
from sim.plots.series import YEAR, by_seller, economies_of, half_life_of, middle, sellers_of, ticks_of
from sim.plots.sheet import drawing, height_of, inches, short, width_of
from sim.plots.timeline import draw_path, dress, own_panels, panel_width, runs_words, time_panels
from sim.plots.words import SPACE, count, percent

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
    """Share relative to its mean in the first year, and the half-lives, marked and in words under each panel.

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
    lives = {
        economy: {name: half_life_of(shares[economy][:, :, place]) for name, place in shown.items()}
        for economy in names
    }
    words = [_words(name, life, ticks_of(run)) for economy in names for name, life in lives[economy].items()]
    room = max(
        label_room([label.text for economy in names for label in labels[economy]]),
        max(width_of(line, SIZE) for line in words) - panel_width(len(names)) + 0.1,
    )
    highest = max((float(middle(path)[1].max()) for paths in left.values() for path in paths.values()), default=100.0)
    intervals = any(not math.isnan(life.low) for row in lives.values() for life in row.values())
    more = len(run.scenario.sellers) - len(shown)
    note = (
        f"{runs_words(run, names)} 100 %: mean of months 0 to {min(YEAR, ticks_of(run)) - 1}. "
        "Diamonds: month in which half was gone"
        + (", median with 95 % interval." if intervals else ".")
        + (f" Only the {len(shown)} largest sellers at the opening are shown." if more else "")
    )
    with drawing(theme):
        below = FOOT + ROW * len(shown) + 0.2
        panels = (
            time_panels(
                run,
                names,
                theme,
                title="Erosion: what is left of the first year's share",
                unit=UNIT,
                room=room,
                note=note,
                height=2.6,
                below=below,
            )
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
            _draw_half_lives(panel, lives[economy], ticks_of(run), looks, theme)
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
        return (
            f"half gone in month {life.mean:.0f} (one run)"
            if halved
            else f"not halved in {count(ticks, 'month')} (one run)"
        )
    if math.isinf(life.mean):
        return f"not halved in {count(ticks, 'month')} ({halved} of {life.replications} runs)"
    words = f"half gone in month {life.mean:.0f}"
    if math.isnan(life.low):
        words += f" ({count(life.replications, 'run')}: no interval)"
    else:
        high = f"later than {ticks - 1}" if math.isinf(life.high) else f"{life.high:.0f}"
        words += f" [{life.low:.0f},{SPACE}{high}]"
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
    return EndLabel(end, text, look.ink(theme), look.colour(theme), look.marker)


def _draw_half_lives(
    axes: Axes, lives: Mapping[str, Estimate], ticks: int, looks: Mapping[str, Look], theme: Theme
) -> None:
    """A mark with its interval where half is gone, and one line of words a seller below the panel."""
    tall = inches(axes)[1]
    last = max(ticks - 1, 1)
    for row, (name, life) in enumerate(lives.items()):
        if life.replications and math.isfinite(life.mean):
            colour = looks[name].colour(theme)
            low, high = (life.mean if math.isnan(bound) else min(bound, last) for bound in (life.low, life.high))
            axes.plot([low, high], [50, 50], color=colour, linewidth=4.5, solid_capstyle="butt", zorder=4)
            axes.plot(
                [life.mean],
                [50],
                marker="D",
                markersize=8,
                color=colour,
                markeredgecolor=theme.ground,
                markeredgewidth=1.0,
                linestyle="none",
                zorder=5,
                clip_on=False,
            )
        axes.text(
            0,
            -(FOOT + (row + 0.5) * ROW) / tall,
            _words(name, life, ticks),
            transform=axes.transAxes,
            size=SIZE,
            color=looks[name].ink(theme),
            va="center_baseline",
            ha="left",
            clip_on=False,
        )


def _words(name: str, life: Estimate, ticks: int) -> str:
    return f"{short(name)}: {half_life_words(life, ticks)}"
