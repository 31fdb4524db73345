"""Why they left: what set off the switches, over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.columns import CAUSES
from sim.measures import Estimate, mean_interval
from sim.plots.marks import EndLabel, draw_end_labels, label_room
from sim.plots.palette import Style, Theme, theme_of
from sim.plots.series import by_cause, economies_of, replications_of, ticks_of
from sim.plots.sheet import NOTE, drawing
from sim.plots.timeline import dress, own_panels, sampled, time_panels
from sim.plots.words import count, percent

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["cause_shares", "plot_causes"]

UNIT = "switches per 1000 buyers [1/month]"
QUARTER, YEAR, LONG = 3, 12, 240  # [ticks]: the ledger is averaged over quarters, in long runs over years
LEAST = 0.005  # part of all switches from which a cause gets a label


def plot_causes(
    run: Run,
    axes: Axes | Iterable[Axes] | None = None,
    *,
    style: Style = "light",
    economies: Sequence[str] | None = None,
    seller: str | None = None,
) -> NDArray[np.object_]:
    """Switches by what set them off, stacked, one panel an economy on common axes.

    Means over replications and a moving window of 3 months, in runs beyond 240 months of 12.
    A peak that would flatten all the rest is cut off and its height written on it. Percentages
    are parts of all switches of the run.

    Parameters
    ----------
    run : Run
        A finished run.
    axes : Axes or sequence of Axes, optional
        One for each economy.
    style : {"light", "dark"}
        Colours.
    economies : sequence of str, optional
        Which, and in which order; all if left out.
    seller : str, optional
        Only switches away from this seller; from all if left out.

    Returns
    -------
    ndarray of Axes, shape (economies,)

    Raises
    ------
    ValueError
        If the number of Axes is not that of the economies, or an economy was not run.
    """
    names, theme = economies_of(run, economies), theme_of(style)
    ledgers = {economy: by_cause(run, economy, seller) for economy in names}
    rates = {
        economy: 1000 / run.scenario.buyers.count * _smooth(ledger.mean(axis=0), _window(run))
        for economy, ledger in ledgers.items()
    }
    labels = {economy: _labels(rates[economy], cause_shares(ledgers[economy]), theme) for economy in names}
    room = max(1.0, *(0.13 + label_room([label.text for label in labels[economy]]) for economy in names))
    top = _ceiling([rate.sum(axis=1) for rate in rates.values()])
    title = "Why they left" if seller is None else f"Why customers left {seller}"
    with drawing(theme):
        panels = (
            time_panels(run, names, theme, title=title, unit=UNIT, room=room, note=_note(run, ledgers))
            if axes is None
            else own_panels(axes, names, theme, unit=UNIT)
        )
        for panel, economy in zip(panels, names, strict=True):
            dress(panel, run, economy, theme, top=top, room=room)
            _draw(panel, rates[economy], theme)
            if not rates[economy].any():
                panel.text(
                    0.5, 0.5, "nobody switched", transform=panel.transAxes, size=NOTE, color=theme.muted, ha="center"
                )
            _mark_peak(panel, rates[economy].sum(axis=1), top, theme)
            draw_end_labels(panel, labels[economy], swatch=True)
    return np.array(panels, dtype=object)


def cause_shares(ledger: NDArray[np.float64]) -> list[Estimate]:
    """Each cause's part of all switches, over replications.

    Parameters
    ----------
    ledger : ndarray, shape (replications, ticks, causes)
        Switches by tick and cause [switches].

    Returns
    -------
    list of Estimate
        One for each cause; without replications if nobody switched in any.
    """
    total = ledger.sum(axis=1)
    every = total.sum(axis=1, keepdims=True)
    parts = np.divide(total, every, out=np.full_like(total, np.nan), where=every > 0)
    return [mean_interval(parts[:, cause]) for cause in range(len(CAUSES))]


def _window(run: Run) -> int:
    """Ticks that the ledger is averaged over [ticks]."""
    return QUARTER if ticks_of(run) <= LONG else YEAR


def _smooth(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Centred mean over a window of ticks; over what there is of it at the ends."""
    padded = np.pad(values, ((window // 2, (window - 1) // 2), (0, 0)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, window, axis=0)
    return np.asarray(np.nanmean(windows, axis=-1))


def _labels(rate: NDArray[np.float64], parts: Sequence[Estimate], theme: Theme) -> list[EndLabel]:
    ends = np.concatenate([[0.0], np.cumsum(rate[-1])])
    return [
        EndLabel(
            float(0.5 * (ends[place] + ends[place + 1])), f"{cause} {percent(part.mean)}", theme.ink, theme.cause(cause)
        )
        for place, (cause, part) in enumerate(zip(CAUSES, parts, strict=True))
        if part.mean >= LEAST
    ]


def _ceiling(totals: Sequence[NDArray[np.float64]]) -> float:
    """Top of the axis: above all, but for peaks twice as high as nearly all the rest."""
    usual = max(float(np.quantile(total, 0.97)) for total in totals)
    highest = max(float(total.max()) for total in totals)
    return 1.06 * (highest if highest <= 2 * usual else 1.5 * usual) or 1.0


def _draw(axes: Axes, rate: NDArray[np.float64], theme: Theme) -> None:
    ticks = sampled(len(rate))
    edges = np.concatenate([np.zeros((len(rate), 1)), np.cumsum(rate, axis=1)], axis=1)[ticks]
    for place, cause in enumerate(CAUSES):
        axes.fill_between(
            ticks,
            edges[:, place],
            edges[:, place + 1],
            facecolor=theme.cause(cause),
            edgecolor=theme.ground,
            linewidth=0.6,
            zorder=2,
        )


def _mark_peak(axes: Axes, total: NDArray[np.float64], top: float, theme: Theme) -> None:
    if total.max() <= top:
        return
    tick = int(total.argmax())
    late = tick > 0.6 * len(total)
    axes.annotate(
        f"↑ {total[tick]:.0f}",
        (tick, 0.97),
        (-5 if late else 5, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        size=NOTE,
        color=theme.ink,
        ha="right" if late else "left",
        va="top",
        zorder=5,
        bbox={"facecolor": theme.ground, "edgecolor": "none", "pad": 1.0},
    )


def _note(run: Run, ledgers: dict[str, NDArray[np.float64]]) -> str:
    runs = max(replications_of(run, economy) for economy in ledgers)
    averages = f"{_window(run)}-month averages"
    if runs == 1:
        return f"One run, no interval. {averages}; percentages are parts of all switches."
    widths = [
        part.high - part.mean for ledger in ledgers.values() for part in cause_shares(ledger) if part.replications > 1
    ]
    margin = f"; their 95 % intervals reach at most ±{100 * max(widths):.1f} points" if widths else ""
    return (
        f"Mean of {count(runs, 'run')}, {averages}. Percentages are parts of all switches{margin}; "
        f"causes below {percent(LEAST)} have no label."
    )
