"""What was found, as a page to read: report.html, claims.md and their pictures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.claims.registry import Axis, Part, Register
from sim.claims.verdicts import Cell, Finding, clearance, counts
from sim.claims.words import (
    MARKS,
    SCALES,
    because,
    condition,
    explained,
    figure,
    measured,
    phrase,
    quantity,
    tested,
    threshold,
    units,
)
from sim.measures import mean_interval
from sim.plots.claims import Along, Strip, plot_board, plot_claim
from sim.plots.sheet import figure_of
from sim.plots.words import count
from sim.report.glossary import ASSUMPTIONS
from sim.report.pictures import Picture
from sim.report.study import made_of, rendered, save_picture
from sim.report.words import listed
from sim.results.files import writing

__all__ = ["Card", "Settings", "strongest", "write_pages"]

MOST_PICTURES = 10


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


class Shown(NamedTuple):
    """One part in one economy."""

    text: str
    verdict: str
    judged: bool


class Row(NamedTuple):
    """One part in all economies."""

    says: str
    threshold: str
    measured: str
    cells: list[Shown]


@dataclass(frozen=True)
class Card:
    """A claim in words."""

    id: str
    phrase: str
    verdict: str
    strict: str
    built_in: bool
    explained: str
    condition: str
    aside: str
    because: list[str]
    mechanism: str
    tested: str
    rows: list[Row]


class Pictured(NamedTuple):
    """A claim with its picture."""

    card: Card
    picture: Picture
    caption: str
    alt: str


def _card(register: Register, finding: Finding) -> Card:
    claim = finding.claim
    found = {(cell.part, cell.economy): cell for cell in finding.cells}
    rows = []
    for place, part in enumerate(claim.parts):
        cells = []
        for economy in register.market.economies:
            cell = found.get((place, economy))
            text = figure(part, cell.result.estimate) if cell else ""
            cells.append(Shown(text, cell.result.verdict if cell else "undecided", bool(cell and cell.home)))
        rows.append(Row(part.says, threshold(part), measured(part), cells))
    return Card(
        claim.id,
        phrase(claim),
        finding.verdict,
        finding.strict,
        claim.built_in,
        explained(finding),
        condition(finding),
        claim.aside,
        because(finding),
        claim.mechanism,
        tested(register, claim),
        rows,
    )


def strongest(found: Sequence[Finding], most: int = MOST_PICTURES) -> list[Finding]:
    """The claims whose verdict stands clearest of chance.

    That of a claim stands as clear as the least clear of its judged tests does: by how many
    half-widths of its 95 % interval the effect is away from its threshold. What is built in, and
    what chance has no part in, is left out.
    """
    clear = [(min((_clearance(finding, cell) for cell in finding.home), default=0.0), finding) for finding in found]
    usable = [
        (distance, finding)
        for distance, finding in clear
        if finding.verdict != "undecided" and not finding.claim.built_in and 0 < distance < math.inf
    ]
    usable.sort(key=lambda pair: -pair[0])
    return [finding for _, finding in usable[:most]]


def _clearance(finding: Finding, cell: Cell) -> float:
    return clearance(finding.claim.parts[cell.part], cell)


def write_pages(
    folder: Path, register: Register, found: Sequence[Finding], settings: Settings, provenance: Mapping[str, Any]
) -> None:
    """Write ``report.html``, ``claims.md`` and ``figures/`` into a folder."""
    cards = {finding.claim.id: _card(register, finding) for finding in found}
    essays = []
    for essay in register.essays:
        own = [cards[claim.id] for claim in essay.claims if claim.id in cards]
        if own:
            essays.append({"title": f"{essay.essay}. {essay.title}", "cards": own})
    board = save_picture(_board(essays, settings), folder, "claims_board")
    pictures = [_pictured(register, finding, cards[finding.claim.id], settings, folder) for finding in strongest(found)]
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
        "board": board,
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
        file.write(_markdown(words))


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
        "to hold. They stand in the product's register, which was written before the runs; no verdict is typed in.",
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


def _short(cards: Iterable[Card]) -> list[tuple[str, str]]:
    """The claims that do not simply hold, by verdict."""
    listed_first = {"refuted": "Refuted", "conditional": "Holds in part, or in one economy and not in another"}
    told = []
    for verdict, words in listed_first.items():
        own = [f"{card.id} {card.phrase}" for card in cards if card.verdict == verdict]
        if own:
            told.append((words, f"{'; '.join(own)}."))
    return told


def _lost(number: int, thing: str) -> str:
    if not number:
        return f"no {thing} loses its verdict"
    return f"{count(number, thing)} {'loses its' if number == 1 else 'lose their'} verdict"


def _board(essays: Sequence[Mapping[str, Any]], settings: Settings) -> Any:
    rows = {essay["title"]: [(card.id, card.verdict) for card in essay["cards"]] for essay in essays}
    note = "✓ supported; ◐ conditional: some tests hold, some do not; ✗ refuted; ? undecided."
    return figure_of(plot_board(rows, title="What the model says of each claim", note=note))


def _pictured(register: Register, finding: Finding, card: Card, settings: Settings, folder: Path) -> Pictured:
    cell = min(finding.home, key=lambda one: _clearance(finding, one))
    part = finding.claim.parts[cell.part]
    strips = [
        Strip(one.economy, one.home, one.result.values, np.array(one.result.estimate[:3]))
        for one in finding.cells
        if one.part == cell.part
    ]
    scale = SCALES.get(part.unit, 1.0)
    side = "above" if part.above is not None else "below" if part.below is not None else "within"
    at = part.above if part.above is not None else part.below if part.below is not None else part.within or 0.0
    along = _trend(register, finding, cell) if part.test == "trend" else _sweep(finding, cell)
    drawn = plot_claim(
        strips,
        title=_sentence(finding.claim.parts, cell.part),
        unit=quantity(part),
        threshold=at,
        side=side,
        along=along,
        economies=list(register.market.economies),
        scale=scale,
    )
    name = f"claim_{finding.claim.id.replace('.', '_')}"
    picture = save_picture(figure_of(drawn[0]), folder, name)
    caption = f"Claimed: {threshold(part)}."
    if along is not None:
        caption += f" Right: over {along.label}; the pale line is the market as it is."
    told = ", ".join(
        f"{one.economy} {figure(part, one.result.estimate)}" for one in finding.cells if one.part == cell.part
    )
    return Pictured(card, picture, caption, f"{part.says}: {told}. Claimed: {threshold(part)}.")


def _sentence(parts: Sequence[Part], place: int) -> str:
    """What a part says; one that goes on from the others, with what they say."""
    words = parts[place].says
    start = place
    while start and words.startswith(("and ", "but ", "so ")):
        start -= 1
        words = f"{parts[start].says}, {words}"
    return words[:1].upper() + words[1:]


def _trend(register: Register, finding: Finding, cell: Cell) -> Along | None:
    """The figures that a trend is fitted to."""
    part = finding.claim.parts[cell.part]
    if part.along is None:
        return None
    axis = register.axes[part.along]
    bands = {
        one.economy: np.array([mean_interval(level)[:3] for level in one.result.steps]).T
        for one in finding.home
        if one.part == cell.part
    }
    unit = "%" if part.unit in SCALES else units(part)
    return Along(_axis_label(axis), axis.values, bands, axis.default, unit, weighed=False)


def _sweep(finding: Finding, cell: Cell) -> Along | None:
    """The effect along the axis on which the verdict turns."""
    if not finding.turns:
        return None
    axis, unit = finding.turns[0].axis, units(finding.claim.parts[cell.part])
    steps = finding.sweeps[axis.name]
    homes = [one.economy for one in finding.home if one.part == cell.part]
    bands = {}
    for economy in homes:
        cells = [next(c for c in cells if (c.part, c.economy) == (cell.part, economy)) for _, cells in steps]
        bands[economy] = np.array([one.result.estimate[:3] for one in cells]).T
    return Along(_axis_label(axis), [level for level, _ in steps], bands, axis.default, unit, weighed=True)


def _axis_label(axis: Axis) -> str:
    return f"{axis.label} [{axis.unit}]" if axis.unit else axis.label


def _markdown(page: Mapping[str, Any]) -> str:
    lines = [
        f"# {page['title']}",
        "",
        "<!-- Written by `pushpull claims --docs docs`; do not edit. -->",
        "",
        page["question"],
        "",
        page["setting"],
        "",
        ", ".join(f"**{number} {verdict}**" for verdict, number in page["counts"]) + ".",
        "",
        "![A tile for each claim, marked by its verdict](pictures/claims_board.png)",
        "",
    ]
    for words, own in page["short"]:
        lines += [f"**{words}:** {own}", ""]
    lines += ["## How to read this", ""]
    for sentence in page["how"]:
        lines += [sentence, ""]
    if page["pictures"]:
        lines += [f"## {page['strongest']}", "", page["strongest_rule"], ""]
    for one in page["pictures"]:
        card = one.card
        lines += [f"### {card.id} {card.phrase}", "", f"{MARKS[card.verdict]} **{card.verdict}**. {card.explained}", ""]
        lines += [f"![{one.alt}](pictures/{one.picture.name}.png)", ""]
    for essay in page["essays"]:
        lines += [f"## {essay['title']}", ""]
        for card in essay["cards"]:
            lines += _entry(card, page["economies"])
    lines += ["## What to keep in mind", ""]
    lines += [f"- {assumption}" for assumption in page["assumptions"]]
    lines += ["", "## How it was made", ""]
    lines += [
        f"- {what}: {f'`{how}`' if what == 'Command' else how}" for what, how in page["made"] if what != "Made with"
    ]
    return "\n".join(lines).replace("\u00a0", " ") + "\n"


def _entry(card: Card, economies: Sequence[str]) -> list[str]:
    notes = [f"{MARKS[card.verdict]} **{card.verdict}**"]
    if card.built_in:
        notes.append("built in: only the size is a finding")
    if card.strict != card.verdict:
        notes.append(f"{card.strict} when all tests are taken together")
    lines = [f"### {card.id} {card.phrase}", "", f"{'; '.join(notes)}. {card.explained}", ""]
    lines += [f"| {card.tested} | threshold | {' | '.join(economies)} |", "|---" * (len(economies) + 2) + "|"]
    for row in card.rows:
        cells = [
            f"{MARKS[cell.verdict]} {f'**{cell.text}**' if cell.judged else cell.text}" if cell.text else "–"
            for cell in row.cells
        ]
        lines.append(f"| {row.says}: `{row.measured}` | {row.threshold} | {' | '.join(cells)} |")
    more = [f"Mechanism: {card.mechanism}.", card.condition, card.aside]
    more += [f"Looked at afterwards: {words}" for words in card.because]
    return [*lines, "", " ".join(word for word in more if word), ""]
