"""The sheet that a figure is drawn on: sizes in inches, text measured before it is placed.

No figure goes through pyplot, so that drawing leaves no state behind and works in any thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from sim.plots.palette import Theme

__all__ = [
    "LABEL",
    "NOTE",
    "SMALL",
    "TITLE",
    "Sheet",
    "as_axes",
    "drawing",
    "figure_of",
    "grid_shape",
    "height_of",
    "inches",
    "short",
    "style_axes",
    "width_of",
    "wrap",
]

TITLE, LABEL, SMALL, NOTE = 16.0, 13.0, 12.0, 10.5  # font sizes [points]
FAMILY = "DejaVu Sans"  # comes with matplotlib, so that a figure is the same on every machine
LEADING, HINTING = 1.3, 1.06


@contextmanager
def drawing(theme: Theme) -> Iterator[None]:
    """Matplotlib's settings while a figure is drawn."""
    settings: dict[Any, Any] = {
        "font.family": [FAMILY],
        "font.size": SMALL,
        "text.parse_math": False,  # a name may hold a dollar sign
        "text.color": theme.ink,
        "axes.unicode_minus": True,
        "path.simplify": True,
        "path.simplify_threshold": 0.1,
    }
    with matplotlib.rc_context(settings):
        yield


def width_of(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text, with a little to spare for hinting, which widens letters [inches]."""
    font = FontProperties(family=FAMILY, size=size, weight="bold" if bold else "normal")
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0]) * HINTING / 72


def height_of(size: float, lines: int = 1) -> float:
    """Height of lines of text, leading included [inches]."""
    return size * LEADING * lines / 72


def wrap(text: str, size: float, width: float) -> str:
    """Break a text into lines no wider than `width` [inches]."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and width_of(f"{lines[-1]} {word}", size) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def short(name: str, length: int = 18) -> str:
    """A name fit for a label: one line, at most `length` characters."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


@dataclass
class Sheet:
    """A grid of panels under a title and above a note; every length in inches.

    Attributes
    ----------
    rows, columns : int
        Panels.
    width, heights : float, sequence of float
        Size of a panel; one height a row.
    left, first_left, right : float
        Room beside a panel; left of the first column there are tick labels.
    above, below : sequence of float
        Room over and under the panels of each row.
    """

    rows: int
    columns: int
    width: float
    heights: Sequence[float]
    title: str
    note: str
    left: float = 0.15
    first_left: float = 0.72
    right: float = 0.2
    above: Sequence[float] = field(default=())
    below: Sequence[float] = field(default=())
    margin: float = 0.12

    def draw(self, theme: Theme, panels: int) -> list[Axes]:
        """The first so many panels of a new figure, row by row."""
        across = (
            self.first_left
            + self.left * (self.columns - 1)
            + self.columns * (self.width + self.right)
            + 2 * self.margin
        )
        across = max(across, width_of(self.title, TITLE, bold=True) + 2 * self.margin)
        note = wrap(self.note, NOTE, across - 2 * self.margin)
        foot = height_of(NOTE, note.count("\n") + 1) + 0.06 if note else 0.0
        head = height_of(TITLE) + 0.08
        high = head + sum(self.above) + sum(self.heights) + sum(self.below) + foot + 2 * self.margin
        figure = Figure(figsize=(across, high), facecolor=theme.ground)
        figure.text(
            self.margin / across,
            1 - self.margin / high,
            self.title,
            size=TITLE,
            weight="bold",
            color=theme.ink,
            va="top",
            ha="left",
        )
        if note:
            figure.text(
                self.margin / across,
                self.margin / high,
                note,
                size=NOTE,
                color=theme.muted,
                va="bottom",
                ha="left",
                linespacing=LEADING,
            )
        drawn: list[Axes] = []
        top = self.margin + head
        for row in range(self.rows):
            top += self.above[row]
            start = self.margin + self.first_left
            for column in range(self.columns):
                bottom = high - top - self.heights[row]
                box = (start / across, bottom / high, self.width / across, self.heights[row] / high)
                if row * self.columns + column < panels:
                    drawn.append(figure.add_axes(box))
                start += self.width + self.right + self.left
            top += self.heights[row] + self.below[row]
        return drawn


def as_axes(axes: Axes | Iterable[Axes], wanted: int, what: str) -> list[Axes]:
    """The Axes that a caller gave, in one row.

    Raises
    ------
    ValueError
        If their number is not the number wanted.
    """
    given = [axes] if isinstance(axes, Axes) else list(np.ravel(np.asarray(axes, dtype=object)))
    if len(given) != wanted:
        raise ValueError(f"{wanted} Axes are needed, {what}; {len(given)} were given")
    return given


def inches(axes: Axes) -> tuple[float, float]:
    """Width and height of the panel [inches]."""
    box, dots = axes.get_window_extent(), figure_of(axes).dpi
    return box.width / dots, box.height / dots


def figure_of(axes: Axes) -> Figure:
    """The whole figure that the Axes stand in."""
    figure: Any = axes.figure
    while not isinstance(figure, Figure):  # a SubFigure
        figure = figure.figure
    return figure


def style_axes(axes: Axes, theme: Theme, *, left_labels: bool = True) -> None:
    """Give a panel the theme's colours: a light grid, no frame but the foot."""
    axes.set_facecolor(theme.ground)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(theme.muted)
    axes.grid(True, axis="y", color=theme.faint, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="both", colors=theme.muted, labelsize=SMALL, length=0, pad=4)
    axes.tick_params(axis="x", length=3)
    axes.tick_params(axis="y", labelleft=left_labels)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(theme.ink)
        label.set_fontsize(LABEL)


def grid_shape(panels: int, most: int = 3) -> tuple[int, int]:
    """Rows and columns for a number of panels."""
    columns = panels if panels <= most else 2 if panels == 4 else most
    return math.ceil(panels / columns), columns
