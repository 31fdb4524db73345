"""A claim and what was found of it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sim.claims.registry import Register
from sim.claims.verdicts import Finding
from sim.claims.words import because, condition, explained, figure, measured, phrase, tested, threshold

__all__ = ["Card", "Row", "Shown", "card_of"]


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


def card_of(register: Register, finding: Finding) -> Card:
    """The card of a claim."""
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
