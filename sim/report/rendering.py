"""Pages from templates, all in the report's style."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sim.report.pictures import theme_css

__all__ = ["rendered"]


def rendered(template: str, **words: Any) -> str:
    """A page of the report's templates in the report's style.

    Parameters
    ----------
    template : str
        Name of its file.
    **words
        What the template asks for, beside the style.
    """
    environment = Environment(
        loader=PackageLoader("sim.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css = environment.get_template("page.css").render(light=theme_css("light"), dark=theme_css("dark"))
    return environment.get_template(template).render(css=Markup(css), **words)
