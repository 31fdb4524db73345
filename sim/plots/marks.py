"""What is written on a panel: line ends, the pull share, months. Nothing may overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from sim.plots.palette import Theme
from sim.plots.sheet import NOTE, SMALL, figure_of, height_of, inches, width_of

__all__ = [
    "GAP",
    "STRIP",
    "EndLabel",
    "draw_end_labels",
    "draw_pull_strip",
    "label_room",
    "month_axis",
    "nudged",
]

STRIP = 0.13  # height of the pull strip [inches]
GAP = 0.06
END_SIZE = 12.5
LEADER = 0.14  # length of the line from a line's end to its label [inches]


@dataclass(frozen=True)
class EndLabel:
    """A label at the end of a line: where the line ends, what is said, in which colours, the line's marker."""

    at: float
    text: str
    ink: str
    line: str
    marker: str = ""


def draw_pull_strip(axes: Axes, pull: NDArray[np.float64], theme: Theme, *, name: bool = True) -> None:
    """A thin strip above the panel: the share of buyers in pull mode, from nothing to all.

    Parameters
    ----------
    pull : ndarray, shape (ticks,)
        Mean pull share [-].
    name : bool
        Whether the words stand beside it.
    """
    high = inches(axes)[1]
    strip = axes.inset_axes((0, 1 + GAP / high, 1, STRIP / high))
    strip.set_xlim(axes.get_xlim())
    strip.set_ylim(0, 1)
    strip.set_axis_off()
    strip.axhspan(0, 1, color=theme.faint, linewidth=0)
    strip.fill_between(np.arange(len(pull)), 0, pull, color=theme.shade, linewidth=0)
    if name:
        words = f"pull {100 * pull[-1]:.0f} %"
        strip.annotate(
            words,
            (1, 0.5),
            (4, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            size=NOTE,
            color=theme.muted,
            va="center",
            ha="left",
            annotation_clip=False,
        )


def label_room(texts: Sequence[str]) -> float:
    """Width that labels at line ends take, with their leaders [inches]."""
    return LEADER + 0.14 + max((width_of(text, END_SIZE) for text in texts), default=0.0)


def nudged(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Positions at least `apart` from one another, as near as possible to those wanted.

    Least squares under the order of the wanted positions (pooling of adjacent blocks), then
    pushed into [low, high], which must have room for all.

    Parameters
    ----------
    wanted : sequence of float
        Any order.
    apart, low, high : float
        In the unit of the positions.
    """
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    blocks: list[list[float]] = []  # [sum of wanted less offsets, members]
    for rank, place in enumerate(order):
        blocks.append([wanted[place] - rank * apart, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            total, members = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += members
    flat = [total / members for total, members in blocks for _ in range(int(members))]
    top = high - (len(wanted) - 1) * apart
    result = [0.0] * len(wanted)
    for rank, place in enumerate(order):
        result[place] = max(low, min(flat[rank], top)) + rank * apart
    return result


def draw_end_labels(axes: Axes, labels: Sequence[EndLabel], *, swatch: bool = False) -> None:
    """Write each label right of the panel at the height of its line's end, nudged apart.

    With `swatch` the colour stands in a square beside the text instead of in the leader.
    """
    if not labels:
        return
    (low, high), (wide, tall) = axes.get_ylim(), inches(axes)
    unit = (high - low) / tall
    labels = sorted(labels, key=lambda label: label.at)  # keeps the order of those beyond the axis
    ends = [min(max(label.at, low), high) for label in labels]
    places = nudged(ends, height_of(END_SIZE) * 0.95 * unit, low - 0.05 * unit, high - 0.06 * unit)
    inward = axes.get_yaxis_transform()
    for label, end, place in zip(labels, ends, places, strict=True):
        axes.plot(
            [1 + 0.02 / wide, 1 + LEADER / wide],
            [end, place],
            transform=inward,
            color=label.line,
            linewidth=0.9,
            clip_on=False,
            solid_capstyle="butt",
        )
        if label.marker:
            axes.plot(
                [1 + LEADER / wide],
                [place],
                transform=inward,
                color=label.line,
                marker=label.marker,
                markersize=5.5,
                clip_on=False,
            )
        start = LEADER + (0.09 if label.marker else 0.05)
        if swatch:
            axes.plot(
                [1 + (LEADER + 0.06) / wide],
                [place],
                transform=inward,
                color=label.line,
                marker="s",
                markersize=9,
                clip_on=False,
            )
            start += 0.13
        axes.text(
            1,
            place,
            label.text,
            transform=inward + ScaledTranslation(start, 0, figure_of(axes).dpi_scale_trans),
            size=END_SIZE,
            color=label.ink,
            va="center_baseline",
            ha="left",
            clip_on=False,
        )


def month_axis(axes: Axes, ticks: int, *, name: bool = True) -> None:
    """An axis of months with few round labels."""
    last = max(ticks - 1, 1)
    axes.set_xlim(0, last)
    step = next((step for step in (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 480) if ticks / step <= 6.5), None)
    step = step or 12 * math.ceil(ticks / 72)
    axes.set_xticks(range(0, ticks, step))
    if name:
        axes.set_xlabel("month", size=SMALL, labelpad=2)
