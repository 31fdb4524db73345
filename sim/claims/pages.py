"""What was found, as a page to read: report.html, claims.md and their pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sim.claims.cards import Card, card_of
from sim.claims.markdown import markdown_of
from sim.claims.pictures import board_of, pictured, strongest
from sim.claims.registry import Register
from sim.claims.verdicts import Finding, counts
from sim.claims.words import MARKS
from sim.plots.words import count
from sim.report.glossary import ASSUMPTIONS
from sim.report.rendering import rendered
from sim.report.study import made_of, save_picture
from sim.report.words import listed
from sim.results.files import writing

__all__ = ["Settings", "write_pages"]


class Settings(NamedTuple):
    """How much was run.

    Attributes
    ----------
    buyers, replications : int
        Of each market.
    along : int
        Replications of each point of an axis; 0 if no turns were looked for.
    runs : int
        All runs together.
    """

    buyers: int
    replications: int
    along: int
    runs: int


def write_pages(
    folder: Path, register: Register, found: Sequence[Finding], settings: Settings, provenance: Mapping[str, Any]
) -> None:
    """Write ``report.html``, ``claims.md`` and ``figures/`` into a folder."""
    cards = {finding.claim.id: card_of(register, finding) for finding in found}
    essays = []
    for essay in register.essays:
        own = [cards[claim.id] for claim in essay.claims if claim.id in cards]
        if own:
            essays.append({"title": f"{essay.essay}. {essay.title}", "cards": own})
    save_picture(board_of(essays), folder, "claims_board")
    pictures = [pictured(register, finding, cards[finding.claim.id], folder) for finding in strongest(found)]
    words = {
        "title": f"{count(len(found), 'claim')}, and what the model says of {'each' if len(found) > 1 else 'it'}",
        "kicker": "The essays' claims as hypotheses",
        "question": "Sellers used to hunt buyers; now buyers hunt sellers. Which of the things that are said about "
        "this turn come out of a model of it, and under which conditions?",
        "setting": _setting(register, settings),
        "counts": [(verdict, number) for verdict, number in counts(found).items()],
        "marks": MARKS,
        "economies": list(register.market.economies),
        "essays": essays,
        "short": _short(cards.values()),
        "how": _how(found, settings),
        "pictures": pictures,
        "strongest": f"The {count(len(pictures), 'clearest verdict')}"
        if len(pictures) != 1
        else "The clearest verdict",
        "strongest_rule": "Those whose least clear test stands farthest from its threshold, in half-widths of its "
        "interval; what is built in is left out. Dots are runs, the diamond their mean with its 95 % interval; on the "
        "shaded side of the dashed line the claim holds. Economies in bold are those in which it is judged.",
        "assumptions": ASSUMPTIONS,
        "made": made_of(provenance, f"{settings.runs:,} in all".replace(",", "\u00a0")),
        "software": f"{provenance['software']['name']} {provenance['software']['version']}",
    }
    with writing(folder / "report.html") as file:
        file.write(rendered("claims.html", page=words))
    with writing(folder / "claims.md") as file:
        file.write(markdown_of(words))


def _setting(register: Register, settings: Settings) -> str:
    market = register.market
    sellers = listed([f"{seller.name} ({seller.strategy})" for seller in market.all_sellers])
    return (
        f"{count(settings.buyers, 'buyer')}, {count(market.horizon, 'month')}, "
        f"{count(settings.replications, 'run')} of each market in each economy, on the same draws. Sellers: {sellers}; "
        "the last enters later."
    )


def _how(found: Sequence[Finding], settings: Settings) -> list[str]:
    cells = [cell for finding in found for cell in finding.home]
    near = sum(cell.result.verdict != "undecided" and cell.strict == "undecided" for cell in cells)
    moved = sum(finding.strict != finding.verdict for finding in found)
    built = sum(finding.claim.built_in for finding in found)
    told = [
        "Each phrase became one or more tests: a figure, a threshold, and the economies in which the phrase is meant "
        "to hold. They stand in the product's register, which was written after a look at a single run and before all "
        "others; no threshold was moved afterwards, and no verdict is typed in.",
        "A test is supported if its 95 % interval lies wholly on the claimed side of the threshold, refuted if wholly "
        "on the other, else undecided. A claim is supported if all its tests are, in all economies in which it is "
        "judged; conditional if some are and some are refuted; refuted if some are refuted and none is supported. "
        "Figures of other economies are shown for comparison.",
        f"These are {count(len(cells), 'test')}. An interval of 95 % misses the truth in one case of twenty, so that "
        f"some {len(cells) / 20:.0f} of them may. Holm's adjustment keeps the chance that any verdict at all is wrong "
        f"below 5 %: by it {_lost(near, 'test')}, and {_lost(moved, 'claim')}.",
        f"{count(built, 'claim')} {'is' if built == 1 else 'are'} marked as built in: the parameters say so, and only "
        "the size is a finding.",
    ]
    if settings.along:
        told.append(
            "Where a verdict turns was looked for by moving one parameter at a time over its usual range, with "
            f"{count(settings.along, 'run')} of each value."
        )
    told.append("The intervals hold the luck of the draw, not the doubt about the assumptions.")
    return told


def _short(cards: Iterable[Card]) -> list[tuple[str, list[Card]]]:
    """The claims that do not simply hold, by verdict."""
    words = {"refuted": "Refuted", "conditional": "Holds in part, or in one economy and not in another"}
    every = list(cards)
    told = [(words[verdict], [card for card in every if card.verdict == verdict]) for verdict in words]
    return [(heading, own) for heading, own in told if own]


def _lost(number: int, thing: str) -> str:
    if not number:
        return f"no {thing} loses its verdict"
    return f"{count(number, thing)} {'loses its' if number == 1 else 'lose their'} verdict"
