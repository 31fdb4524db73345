"""Market share over time: who loses the market, in each economy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.measures import median_interval
from sim.plots.marks import EndLabel, draw_end_labels, label_room
from sim.plots.palette import Look, Style, Theme, looks_of, theme_of
from sim.plots.series import by_seller, economies_of, entry_of, exits_of, middle, sellers_of, ticks_of
from sim.plots.sheet import drawing, short
from sim.plots.timeline import draw_path, dress, own_panels, runs_words, time_panels
from sim.plots.words import percent

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["plot_market_share"]

MOST_LABELS = 13  # one above the other in a panel
UNIT = "market share [%]"


@dataclass(frozen=True, eq=False)
class _Path:
    """One seller in one economy."""

    name: str
    share: NDArray[np.float64]  # (replications, ticks)
    shown: NDArray[np.bool_]  # (ticks,) from entry to exit
    gone: float  # median tick of exit; inf if it stays in most replications

    @property
    def final(self) -> float:
        return float(self.share[:, -1].mean())

    @property
    def label(self) -> str:
        return f"{short(self.name)} " + (percent(self.final) if np.isinf(self.gone) else f"gone m{self.gone:.0f}")


def plot_market_share(
    run: Run,
    axes: Axes | Iterable[Axes] | None = None,
    *,
    style: Style = "light",
    economies: Sequence[str] | None = None,
    looks: Mapping[str, Look] | None = None,
) -> NDArray[np.object_]:
    """Market share of every seller over time, one panel an economy on common axes.

    Lines are means over replications; bands hold the middle 95 % of the replications. A cross
    marks where a seller that gave up in most replications did so (median).

    Parameters
    ----------
    run : Run
        A finished run.
    axes : Axes or sequence of Axes, optional
        One for each economy; left out, a new figure is made. Labels stand outside of the
        panels, to the right and above.
    style : {"light", "dark"}
        Colours.
    economies : sequence of str, optional
        Which, and in which order; all if left out.
    looks : mapping of str to Look, optional
        Looks of the sellers, to keep them over several runs; by the scenario's order if left out.

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
    paths = {economy: _paths(run, economy) for economy in names}
    labels = {economy: _labels(paths[economy], theme, looks) for economy in names}
    room = max(1.0, *(label_room([label.text for label in labels[economy]]) for economy in names))
    top = max(_highest(path.share) for economy in names for path in paths[economy])
    with drawing(theme):
        panels = (
            time_panels(
                run,
                names,
                theme,
                title="Market share over time",
                unit=UNIT,
                room=room,
                note=f"{runs_words(run, names)} Grey strip: share of buyers in pull mode.",
            )
            if axes is None
            else own_panels(axes, names, theme, unit=UNIT)
        )
        for panel, economy in zip(panels, names, strict=True):
            dress(panel, run, economy, theme, top=min(100.0, 106 * top), room=room)
            named = {path.name for path in _largest(paths[economy])}
            for path in paths[economy]:
                _draw(panel, path, theme, looks[path.name], faint=path.name not in named)
            draw_end_labels(panel, labels[economy])
    return np.array(panels, dtype=object)


def _paths(run: Run, economy: str) -> list[_Path]:
    share, alive = by_seller(run, economy, "share"), by_seller(run, economy, "alive")
    entry, every = entry_of(run, economy), np.arange(ticks_of(run))
    paths = []
    for place, name in enumerate(sellers_of(run)):
        exit_ = median_interval(exits_of(alive[:, :, place]))
        gone = exit_.mean if exit_.replications else np.inf
        paths.append(_Path(name, share[:, :, place], (every >= entry.get(name, 0)) & (every <= gone), gone))
    return paths


def _draw(axes: Axes, path: _Path, theme: Theme, look: Look, *, faint: bool) -> None:
    colour = look.colour(theme)
    if faint:
        ticks = np.flatnonzero(path.shown)
        axes.plot(ticks, 100 * path.share[:, ticks].mean(axis=0), color=colour, linewidth=0.8, alpha=0.5, zorder=1.8)
        return
    draw_path(axes, 100 * path.share, colour, look.dashes, marker=look.marker, shown=path.shown)
    if np.isfinite(path.gone):
        last = int(path.gone)
        axes.plot(
            [last],
            [100 * path.share[:, last].mean()],
            marker="x",
            markersize=8,
            markeredgewidth=2.2,
            color=colour,
            zorder=4,
            clip_on=False,
        )


def _largest(paths: Sequence[_Path]) -> list[_Path]:
    """The sellers that have room for a label: all, or those with the largest shares at the end."""
    ranked = sorted((path for path in paths if path.shown.any()), key=lambda path: -path.final)
    return ranked if len(ranked) <= MOST_LABELS else ranked[: MOST_LABELS - 1]


def _labels(paths: Sequence[_Path], theme: Theme, looks: Mapping[str, Look]) -> list[EndLabel]:
    """Labels of the largest sellers at the end, and one for those left out."""
    named = _largest(paths)
    others = [path for path in paths if path.shown.any() and path not in named]
    labels = [
        EndLabel(
            100 * path.final,
            path.label,
            looks[path.name].ink(theme),
            looks[path.name].colour(theme),
            looks[path.name].marker,
        )
        for path in named
    ]
    if others:
        together = sum(path.final for path in others)
        labels.append(EndLabel(0.0, f"{len(others)} others {percent(together)}", theme.muted, theme.muted))
    return labels


def _highest(share: NDArray[np.float64]) -> float:
    return float(middle(share)[1].max())
