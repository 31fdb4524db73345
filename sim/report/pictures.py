"""Figures as the page needs them: SVG that follows the reader's light or dark theme, and a PNG to copy."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO

from markupsafe import Markup
from matplotlib.figure import Figure

from sim.plots.palette import DARK, LIGHT

__all__ = ["Picture", "inline", "picture_of", "theme_css"]

_HEX = re.compile(r"#[0-9a-f]{6}(?=[;\"])")
_PATH = re.compile(r'(?<= d=")[^"]*(?=")')
_NUMBER = re.compile(r"-?\d+\.\d{3,}")


@dataclass(frozen=True)
class Picture:
    """A figure on the page.

    Attributes
    ----------
    name : str
        Of the figure's files.
    svg : Markup
        To stand in the page as it is: it was drawn here, and names in it are outlines.
    png : str
        Base64.
    width : int
        Natural width [CSS pixels].
    """

    name: str
    svg: Markup
    png: str
    width: int


def picture_of(name: str, figure: Figure, svg: str, png: bytes) -> Picture:
    """Make a figure ready for the page.

    Parameters
    ----------
    name : str
        Letters, digits and underscores; makes the ids in the markup unique on the page.
    figure : Figure
        In the light style.
    svg : str
        The figure as `sim.plots.svg_of` gives it.
    png : bytes
        The figure as `sim.plots.png_of` gives it.
    """
    return Picture(
        name,
        Markup(inline(svg, name)),
        b64encode(_smaller(png)).decode("ascii"),
        round(96 * figure.get_size_inches()[0]),
    )


def inline(svg: str, name: str) -> str:
    """SVG without its prologue, its colours as the page's variables, its ids made unique by `name`."""
    markup = svg[svg.index("<svg") :]
    markup = re.sub(r"<metadata>.*?</metadata>", "", markup, flags=re.S)
    markup = re.sub(r"<!--.*?-->", "", markup, flags=re.S)
    head, rest = markup.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', head)
    assert box is not None  # matplotlib always writes one
    # no font of the page is used, and the page's own words describe the picture
    markup = f'<svg {box.group()} aria-hidden="true" focusable="false">{rest}'
    markup = markup.replace("xlink:href", "href")
    markup = re.sub(r'\bid="', f'id="{name}-', markup)
    markup = re.sub(r'(href="|url\()#', rf"\g<1>#{name}-", markup)
    markup = _PATH.sub(lambda path: _NUMBER.sub(lambda number: f"{float(number.group()):.2f}", path.group()), markup)
    variables = {colour: variable for variable, colour in reversed(LIGHT.named().items())}
    markup = _HEX.sub(lambda colour: f"var(--{variables[colour.group()]})", markup)
    return re.sub(r"\s*\n\s*", "\n", markup).strip()


def theme_css(style: str) -> str:
    """Declarations of every colour of a style, for a style sheet."""
    theme = DARK if style == "dark" else LIGHT
    return " ".join(f"--{name}: {colour};" for name, colour in theme.named().items())


def _smaller(png: bytes) -> bytes:
    """The same picture with at most 256 colours, a third of the size."""
    from PIL import Image

    with Image.open(BytesIO(png)) as picture:
        page = BytesIO()
        picture.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            page, format="PNG", compress_level=6
        )
    return page.getvalue()
