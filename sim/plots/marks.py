"""What is written on a panel: line ends, events, the pull share, months. Nothing may overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from sim.plots.palette import Theme
from sim.plots.series import ticks_of
from sim.plots.sheet import NOTE, SMALL, height_of, inches, short, width_of

if TYPE_CHECKING:
    from sim.results import Run
    from sim.scenario import Event

__all__ = [
    "GAP",
    "STRIP",
    "EndLabel",
    "Milestone",
    "draw_end_labels",
    "draw_milestones",
    "draw_pull_strip",
    "events_room",
    "label_room",
    "milestones_of",
    "month_axis",
    "nudged",
    "rows_of",
]

STRIP = 0.13  # height of the pull strip [inches]
GAP = 0.06
END_SIZE = 12.5
EVENT_SIZE = 11.0
LEADER = 0.14  # length of the line from a line's end to its label [inches]


@dataclass(frozen=True)
class Milestone:
    """Something that happens to a seller at a tick."""

    tick: int
    text: str


@dataclass(frozen=True)
class EndLabel:
    """A label at the end of a line: where the line ends, what is said, in which colours."""

    at: float
    text: str
    ink: str
    line: str


def milestones_of(run: Run) -> list[Milestone]:
    """The scenario's events in order of time, in a few words each."""
    strategy = {seller.name: seller.strategy for seller in run.scenario.all_sellers}
    found = []
    for event in sorted(run.scenario.events, key=lambda event: event.at):
        found.append(Milestone(event.at, _words(event, strategy)))
        if event.change is not None:
            strategy[event.change.seller] = event.change.strategy
    return found


def _words(event: Event, strategy: dict[str, str]) -> str:
    name = short(event.seller, 16)
    if event.enter is not None:
        return f"{name} enters"
    if event.exit is not None:
        return f"{name} leaves"
    if event.change is not None:
        turned = event.change.strategy != strategy.get(event.change.seller)
        return f"{name} turns {event.change.strategy}" if turned else f"{name} changes course"
    assert event.shock is not None  # an event is one of the four
    hit = [(what, getattr(event.shock, what)) for what in ("quality", "price", "cost", "cash", "service")]
    return f"{name}: " + (", ".join(f"{what} {_signed(size)}" for what, size in hit if size) or "no change")


def _signed(size: float) -> str:
    return f"{size:+.3g}".replace("-", "−")


def rows_of(milestones: Sequence[Milestone], ticks: int, width: float, room: float) -> list[tuple[Milestone, int, bool]]:
    """Give every milestone a row so that labels keep apart and no mark's line runs through another's label.

    Earlier ones stand higher: a label lies to the right of its mark, where only the lines of
    later milestones can cross it, and those end below.

    Parameters
    ----------
    milestones : sequence of Milestone
        By rising tick.
    ticks : int
        Ticks on the axis [ticks].
    width, room : float
        Width of the panel, and how far a label may reach beyond its right edge [inches].

    Returns
    -------
    list of (Milestone, int, bool)
        The row, 0 the lowest, and whether the label stands to the left of its mark.
    """
    placed: list[tuple[Milestone, int, bool]] = []
    spans: list[tuple[float, float, float, int]] = []  # label from, to, mark, row
    for milestone in reversed(milestones):
        mark, size = _at(milestone.tick, ticks) * width, width_of(milestone.text, EVENT_SIZE) + 0.16
        left = mark + size > width + room
        start, stop = (mark - size, mark) if left else (mark, mark + size)
        above = [row + 1 for _, _, other, row in spans if start < other < stop]
        row = max(above, default=0)
        while any(row == taken and start < b and a < stop for a, b, _, taken in spans):
            row += 1
        spans.append((start, stop, mark, row))
        placed.append((milestone, row, left))
    return placed


def events_room(run: Run, width: float, room: float) -> float:
    """Height that the labels of the events take above a panel [inches]."""
    placed = rows_of(milestones_of(run), ticks_of(run), width, room)
    return height_of(EVENT_SIZE, 1 + max(row for _, row, _ in placed)) + 0.04 if placed else 0.0


def draw_milestones(axes: Axes, run: Run, theme: Theme, *, base: float, room: float, labels: bool = True) -> None:
    """A dotted line for each event, and its label above the panel.

    Parameters
    ----------
    base : float
        Distance of the lowest row of labels from the panel [inches].
    room : float
        How far a label may reach beyond the panel's right edge [inches].
    labels : bool
        False draws the lines alone.
    """
    milestones, ticks = milestones_of(run), ticks_of(run)
    for tick in sorted({milestone.tick for milestone in milestones}):
        axes.axvline(tick, color=theme.muted, linewidth=1.0, linestyle=(0, (1, 1.6)), zorder=1.5)
    if not labels:
        return
    step = height_of(EVENT_SIZE)
    for milestone, row, left in rows_of(milestones, ticks, inches(axes)[0], room):
        foot = base + row * step
        axes.annotate(
            "", (milestone.tick, 1), (0, 72 * (foot + 0.8 * step)), xycoords=("data", "axes fraction"), textcoords="offset points",
            arrowprops={"arrowstyle": "-", "color": theme.muted, "linewidth": 1.0, "linestyle": (0, (1, 1.6)), "shrinkA": 0, "shrinkB": 0},
            annotation_clip=False,
        )
        axes.annotate(
            milestone.text, (milestone.tick, 1), (-4 if left else 4, 72 * (foot + 0.12 * step)),
            xycoords=("data", "axes fraction"), textcoords="offset points", size=EVENT_SIZE, color=theme.muted,
            ha="right" if left else "left", va="bottom", annotation_clip=False,
            bbox={"facecolor": theme.ground, "edgecolor": "none", "pad": 0.8},  # where a line still passes behind
        )


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
            words, (1, 0.5), (4, 0), xycoords="axes fraction", textcoords="offset points",
            size=NOTE, color=theme.muted, va="center", ha="left", annotation_clip=False,
        )


def label_room(texts: Sequence[str]) -> float:
    """Width that labels at line ends take, with their leaders [inches]."""
    return LEADER + 0.1 + max((width_of(text, END_SIZE) for text in texts), default=0.0)


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
    ends = [min(max(label.at, low), high) for label in labels]
    places = nudged(ends, height_of(END_SIZE) * 0.95 * unit, low - 0.05 * unit, high - 0.06 * unit)
    inward = axes.get_yaxis_transform()
    for label, end, place in zip(labels, ends, places, strict=True):
        axes.plot(
            [1 + 0.02 / wide, 1 + LEADER / wide], [end, place], transform=inward,
            color=label.line, linewidth=0.9, clip_on=False, solid_capstyle="butt",
        )
        start = LEADER + 0.05
        if swatch:
            axes.plot([1 + (LEADER + 0.06) / wide], [place], transform=inward, color=label.line, marker="s", markersize=9, clip_on=False)
            start += 0.13
        axes.text(
            1, place, label.text, transform=inward + ScaledTranslation(start, 0, axes.get_figure(root=True).dpi_scale_trans),
            size=END_SIZE, color=label.ink, va="center_baseline", ha="left", clip_on=False,
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


def _at(tick: int, ticks: int) -> float:
    return tick / max(ticks - 1, 1)

