"""The page as Markdown, for the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.claims.cards import Card
from sim.claims.words import MARKS

__all__ = ["markdown_of"]


def markdown_of(page: Mapping[str, Any]) -> str:
    """The page's words as Markdown; pictures stand in ``pictures/`` beside it."""
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
        lines += [f"**{words}:**", "", *(f"- {card.id} {card.phrase}" for card in own), ""]
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
