"""All figures of a run, drawn, and saved so that the same run gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from sim.plots.causes import plot_causes
from sim.plots.economics import plot_economics
from sim.plots.erosion import plot_erosion
from sim.plots.flows import plot_flows
from sim.plots.market_share import plot_market_share
from sim.plots.palette import Look, Style
from sim.plots.sheet import figure_of
from sim.results.files import writing

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["FIGURES", "draw_figures", "png_of", "save_figure", "save_figures", "svg_of"]

FIGURES: dict[str, Callable[..., Any]] = {
    "market_share": plot_market_share,
    "erosion": plot_erosion,
    "who_left_for_whom": plot_flows,
    "why_they_left": plot_causes,
    "economics": plot_economics,
}
DPI = 160  # of PNG files: twice as fine as a page or a slide shows


def draw_figures(
    run: Run, *, style: Style = "light", looks: Mapping[str, Look] | None = None
) -> Iterator[tuple[str, Figure]]:
    """Draw every figure in turn.

    Parameters
    ----------
    run : Run
        A finished run.
    style : {"light", "dark"}
        Colours.
    looks : mapping of str to Look, optional
        Looks of the sellers; by the scenario's order if left out.

    Yields
    ------
    str, Figure
        Name of the figure's file without its ending, and the figure.
    """
    for name, plot in FIGURES.items():
        more = {} if plot is plot_causes else {"looks": looks}  # causes are not drawn in the sellers' colours
        yield name, figure_of(np.ravel(plot(run, style=style, **more))[0])


def svg_of(figure: Figure) -> str:
    """The figure as SVG, text as outlines, without a date."""
    page = BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "pushpull", "svg.fonttype": "path"}):
        figure.savefig(page, format="svg", facecolor=figure.get_facecolor(), metadata={"Date": None})
    return page.getvalue().decode("utf-8")


def png_of(figure: Figure, dpi: float = DPI) -> bytes:
    """The figure as PNG.

    Parameters
    ----------
    dpi : float
        Resolution [pixels/inch].
    """
    page = BytesIO()
    figure.savefig(page, format="png", dpi=dpi, facecolor=figure.get_facecolor())
    return page.getvalue()


def save_figures(
    run: Run, folder: Path | str, *, style: Style = "light", looks: Mapping[str, Look] | None = None
) -> list[Path]:
    """Save every figure of a run as PNG and SVG.

    The same run and the same versions of the libraries give the same bytes.

    Parameters
    ----------
    run : Run
        A finished run.
    folder : path
        Where to; made if it is not there. Files of the same names are replaced, each at once.
    style : {"light", "dark"}
        Colours.
    looks : mapping of str to Look, optional
        Looks of the sellers; by the scenario's order if left out.

    Returns
    -------
    list of Path
        The files, two a figure.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    saved = []
    for name, figure in draw_figures(run, style=style, looks=looks):
        save_figure(figure, place, name)
        saved += [place / f"{name}.png", place / f"{name}.svg"]
    return saved


def save_figure(figure: Figure, folder: Path, name: str) -> tuple[str, bytes]:
    """Save one figure as SVG and PNG under a name, and return both."""
    svg, png = svg_of(figure), png_of(figure)
    for ending, content in (("svg", svg.encode("utf-8")), ("png", png)):
        with writing(folder / f"{name}.{ending}", "wb") as file:
            file.write(content)
    return svg, png
