"""Who stands where when teams play the sellers."""

from __future__ import annotations

from nicegui import ui

from sim.live.game import Game
from sim.live.page.look import colour_of
from sim.plots.palette import looks_of
from sim.plots.words import percent

__all__ = ["scoreboard", "swatch"]


def scoreboard(game: Game, sellers: tuple[str, ...]) -> None:
    """A table of teams, best first.

    Parameters
    ----------
    sellers : tuple of str
        All sellers in the order that colours follow.
    """
    with ui.element("table").classes("pp-scores").mark("scoreboard"):
        with ui.element("thead"), ui.element("tr"):
            for words, kind in (("", ""), ("Team", ""), ("Share", "pp-figure"), ("Profit", "pp-figure")):
                with ui.element("th").classes(kind).props('scope="col"'):
                    ui.label(words)
        with ui.element("tbody"):
            for place, score in enumerate(game.scores(), 1):
                with ui.element("tr"):
                    with ui.element("td"):
                        ui.label(str(place))
                    with ui.element("td"), ui.element("div").classes("pp-team"):
                        swatch(score.seller, sellers)
                        ui.label(f"{score.team}, {score.seller}" if score.team else score.seller)
                    for figure in (percent(score.share), f"{score.profit:.2f}".replace("-", "−")):
                        with ui.element("td").classes("pp-figure"):
                            ui.label(figure)


def swatch(seller: str, sellers: tuple[str, ...]) -> None:
    """A dash in the seller's colour."""
    number = colour_of(looks_of(sellers)[seller])
    ui.element("span").classes("pp-swatch").style(f"background: var(--seller-{number})")
