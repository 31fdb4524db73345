"""Figures of a run: one function, one figure; a seller looks the same in all of them.

Every function takes a `Run` and returns the Axes that it drew on. None goes through pyplot:
a figure that is not saved is gone with its Axes.
"""

from __future__ import annotations

from sim.plots.causes import plot_causes
from sim.plots.economics import plot_economics
from sim.plots.erosion import plot_erosion
from sim.plots.flows import plot_flows
from sim.plots.gallery import FIGURES, draw_figures, png_of, save_figures, svg_of
from sim.plots.market_share import plot_market_share
from sim.plots.palette import Look, Style, looks_of, theme_of

__all__ = [
    "FIGURES",
    "Look",
    "Style",
    "draw_figures",
    "looks_of",
    "plot_causes",
    "plot_economics",
    "plot_erosion",
    "plot_flows",
    "plot_market_share",
    "png_of",
    "save_figures",
    "svg_of",
    "theme_of",
]
