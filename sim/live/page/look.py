"""How the page looks: colours of figures and reports as CSS, and the files that a browser is given."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from nicegui import app, ui

from sim.plots.palette import LIGHT, Look
from sim.report.pictures import theme_css

__all__ = ["colour_of", "dashes_of", "dress", "serve_files"]

HERE = Path(__file__).parent / "static"
PLACE = "/pushpull"  # of our files on the server

HEAD = f"""
<script src="{PLACE}/uplot.js"></script>
<link rel="stylesheet" href="{PLACE}/uplot.css">
<link rel="stylesheet" href="{PLACE}/style.css">
<style>body {{ {theme_css("light")} }} body.body--dark {{ {theme_css("dark")} }}</style>
"""


def serve_files() -> None:
    """Let the server hand out uPlot, as a package carries it, and the page's own style; nothing else.

    Raises
    ------
    ModuleNotFoundError
        If the package with uPlot is not installed.
    """
    spec = find_spec("uplot")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the live page needs uPlot: pip install 'pushpull[live]'")
    package = Path(spec.origin).parent / "static"
    for name, file in (
        ("uplot.js", package / "uPlot.iife.js"),
        ("uplot.css", package / "uPlot.min.css"),
        ("style.css", HERE / "style.css"),
    ):
        app.add_static_file(local_file=file, url_path=f"{PLACE}/{name}", max_cache_age=0)


def dress() -> ui.dark_mode:
    """Give the page that is being built our look; returns its switch between dark and light."""
    ui.add_head_html(HEAD)
    ui.colors(primary=LIGHT.sellers[0], accent=LIGHT.seller_inks[1], dark="#14171c", dark_page="#14171c")
    return ui.dark_mode(None)


def colour_of(look: Look) -> int:
    """Number of a seller's colour in the style sheet, from 1."""
    return look.place % len(LIGHT.sellers) + 1


def dashes_of(look: Look) -> list[float]:
    """Dashes of a seller's line in line widths; none for a full line."""
    return list(look.dashes[1] or ())
