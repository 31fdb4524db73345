"""The pictures of the page, each with heading, caption and a description for those who cannot see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from sim.plots.series import ticks_of
from sim.plots.words import count
from sim.report.pictures import Picture
from sim.report.reasons import why_they_left
from sim.report.standings import Results
from sim.report.words import economy_words, listed, share

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["Section", "sections_of"]


class Section(NamedTuple):
    """A picture with its words."""

    heading: str
    sentences: list[str]
    picture: Picture
    caption: str
    alt: str


def sections_of(run: Run, results: Results, pictures: Mapping[str, Picture]) -> list[Section]:
    """The page's sections, in order.

    Parameters
    ----------
    pictures : mapping of str to Picture
        By the names in `sim.plots.FIGURES`, all of them.
    """
    months = count(ticks_of(run), "month")
    each = "one for each economy"
    return [
        Section(
            "Who keeps the market",
            [],
            pictures["market_share"],
            "Every seller's market share, month by month, in each economy.",
            f"Line charts of market share over {months}, {each}. {_shares_in_words(results)}",
        ),
        Section(
            "How fast it erodes",
            [],
            pictures["erosion"],
            "What each seller of the opening has kept of its own first year, and when half of it was gone.",
            f"Line charts of each seller's share against its first year over {months}, {each}. "
            "The figures stand in the table below.",
        ),
        Section(
            "Where the customers went",
            [],
            pictures["who_left_for_whom"],
            "Read a row for where a seller's customers went, a column for where they came from.",
            f"Tables of switches from every seller to every other over {months}, {each}.",
        ),
        Section(
            "What made them leave",
            why_they_left(run, results),
            pictures["why_they_left"],
            "What set off the switches, month by month.",
            f"Stacked areas of switches by cause over {months}, {each}. The sentences above give the largest causes.",
        ),
        Section(
            "Who gains",
            [],
            pictures["economics"],
            "What buyers gain, how concentrated the market becomes, how satisfied customers are and what sellers earn.",
            "Line charts of consumer surplus and concentration, and charts of satisfaction and profit by seller and "
            "economy. Profits stand in the table below.",
        ),
    ]


def _shares_in_words(results: Results) -> str:
    """The largest sellers at the end of each economy."""
    said = []
    for economy, standings in results.standings.items():
        ranked = sorted(standings.values(), key=lambda one: -one.final.mean)[:3]
        shares = listed([f"{one.seller} {share(one.final)}" for one in ranked])
        said.append(f"At the end of {economy_words(economy)}: {shares}.")
    return " ".join(said)
