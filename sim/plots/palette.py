"""Colours and lines: a seller looks the same in every figure, in light and in dark.

The eight colours were chosen so that no two come closer than 8 (all eight) or 10 (the first
five) in OKLab, times 100, for normal sight and under full protanopia, deuteranopia and
tritanopia (Machado, Oliveira & Fernandes 2009), with a contrast of at least 3 to the ground.
Dashes and, from the ninth seller on, markers tell sellers apart without colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sim.columns import CAUSES

__all__ = ["DARK", "LIGHT", "Dashes", "Look", "Style", "Theme", "look_of_economy", "looks_of", "theme_of"]

Style = Literal["light", "dark"]
Dashes = tuple[float, tuple[float, ...] | None]

# Matplotlib's (offset, on-off sequence in line widths); None is a full line
_DASHES: tuple[Dashes, ...] = (
    (0, None),
    (0, (7, 2)),
    (0, (1.2, 1.1)),
    (0, (6, 1.5, 1.2, 1.5)),
    (0, (3, 1.4)),
    (0, (3.2, 1.2, 1.2, 1.2, 1.2, 1.2)),
    (0, (12, 2.5)),
    (0, (8, 1.5, 2.8, 1.5)),
)
_MARKERS = ("", "o", "s", "^", "D", "v", "P", "X")
_ECONOMY_MARKERS = ("o", "s", "D", "^", "v", "P", "X", "<", ">")


@dataclass(frozen=True)
class Theme:
    """The colours of one style, as hexadecimal strings."""

    name: Style
    ground: str
    ink: str
    muted: str
    faint: str
    shade: str
    sellers: tuple[str, ...]
    seller_inks: tuple[str, ...]
    causes: tuple[str, ...]
    ramp: tuple[str, ...]

    def named(self) -> dict[str, str]:
        """Every colour by a name that is the same in all themes."""
        plain = {name: getattr(self, name) for name in ("ground", "ink", "muted", "faint", "shade")}
        groups = {"seller": self.sellers, "seller-ink": self.seller_inks, "cause": self.causes, "ramp": self.ramp}
        return plain | {
            f"{group}-{place}": colour for group, row in groups.items() for place, colour in enumerate(row, 1)
        }

    def cause(self, name: str) -> str:
        """Colour of a cause in the ledger of switches."""
        return self.causes[CAUSES.index(name)]


LIGHT = Theme(
    name="light",
    ground="#ffffff",
    ink="#1b1f27",
    muted="#5a6270",
    faint="#dde1e7",
    shade="#8b93a1",
    sellers=("#3245bf", "#e1791c", "#00a68f", "#c35ef8", "#89630d", "#427bab", "#aa1169", "#284f0c"),
    seller_inks=("#3245bf", "#bd5800", "#00846f", "#a942dc", "#89630d", "#3f78a8", "#aa1169", "#264b0b"),
    causes=("#b5472a", "#f0b29d", "#7d6fc9", "#1f4e79", "#7fb2d9", "#5f6672"),
    ramp=("#eef2f8", "#d0d9e6", "#b3c1d4", "#97aac3", "#7c92b1", "#617c9f", "#47658e", "#2d507c", "#123a6b"),
)
DARK = Theme(
    name="dark",
    ground="#14171c",
    ink="#e9ecf1",
    muted="#a4adba",
    faint="#313742",
    shade="#7b8494",
    sellers=("#5487ff", "#e29e47", "#5becee", "#c156b7", "#ecd28b", "#82b9fd", "#fa4778", "#728803"),
    seller_inks=("#5487ff", "#e29e47", "#5becee", "#d070c7", "#ecd28b", "#82b9fd", "#fa4778", "#8ba41f"),
    causes=("#d2563b", "#f6c4b3", "#a191f2", "#2f6da8", "#8cc0e6", "#737c8a"),
    ramp=("#1e242d", "#2e3743", "#3f4b5b", "#516073", "#64768d", "#778ca7", "#8ba4c2", "#9fbcde", "#b4d4fb"),
)


@dataclass(frozen=True)
class Look:
    """How one series is drawn.

    Attributes
    ----------
    place : int
        Place in the order that colours follow, from 0.
    dashes : tuple
        Matplotlib line style.
    marker : str
        Matplotlib marker; empty for none.
    """

    place: int
    dashes: Dashes
    marker: str

    def colour(self, theme: Theme) -> str:
        """Colour of lines and marks."""
        return theme.sellers[self.place % len(theme.sellers)]

    def ink(self, theme: Theme) -> str:
        """Colour of text: the same hue, with a contrast of at least 4.5 to the ground."""
        return theme.seller_inks[self.place % len(theme.seller_inks)]


def looks_of(sellers: Sequence[str]) -> dict[str, Look]:
    """One look for each seller, by place: 8 colours, then the same colours with other dashes and markers.

    Parameters
    ----------
    sellers : sequence of str
        All sellers in the order of the scenario, the opening ones first. A later entrant, or one
        left out at the end, changes nobody else's look; to compare runs with different sellers,
        give the names of the fuller one to every figure.

    Returns
    -------
    dict of str to Look
        Distinct for up to 64 sellers; beyond that looks repeat.
    """
    return {name: _look(place) for place, name in enumerate(sellers)}


def _look(place: int) -> Look:
    cycle = place // len(LIGHT.sellers)
    return Look(place, _DASHES[(place + cycle) % len(_DASHES)], _MARKERS[cycle % len(_MARKERS)])


def look_of_economy(place: int, count: int, theme: Theme) -> tuple[str, Dashes, str]:
    """Colour, dashes and marker of an economy: shades of one hue, the first the palest."""
    steps = theme.ramp[4:]  # pale steps would not stand out from the ground
    step = round((len(steps) - 1) * place / max(count - 1, 1)) if count > 1 else len(steps) - 1
    return steps[step], _DASHES[(count - 1 - place) % len(_DASHES)], _ECONOMY_MARKERS[place % len(_ECONOMY_MARKERS)]


def theme_of(style: Style) -> Theme:
    """The theme of a style.

    Raises
    ------
    ValueError
        If the style is neither ``light`` nor ``dark``.
    """
    themes: dict[str, Theme] = {theme.name: theme for theme in (LIGHT, DARK)}
    if style not in themes:
        raise ValueError(f"{style!r} is not a style; use 'light' or 'dark'")
    return themes[style]
