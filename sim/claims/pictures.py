"""Small pictures of the clearest verdicts, and the board of all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.claims.cards import Card
from sim.claims.registry import Axis, Part, Register
from sim.claims.verdicts import Cell, Finding, clearance
from sim.claims.words import SCALES, figure, quantity, threshold, units
from sim.measures import mean_interval
from sim.plots.claims import Along, Strip, plot_board, plot_claim
from sim.plots.sheet import figure_of
from sim.report.pictures import Picture
from sim.report.study import save_picture

__all__ = ["Pictured", "board_of", "pictured", "strongest"]

MOST_PICTURES = 10


class Pictured(NamedTuple):
    """A claim with its picture."""

    card: Card
    picture: Picture
    caption: str
    alt: str


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


def board_of(essays: Sequence[Mapping[str, Any]]) -> Any:
    """A tile for each claim."""
    rows = {essay["title"]: [(card.id, card.verdict) for card in essay["cards"]] for essay in essays}
    note = "✓ supported; ◐ conditional: some tests hold, some do not; ✗ refuted; ? undecided."
    return figure_of(plot_board(rows, title="What the model says of each claim", note=note))


def pictured(register: Register, finding: Finding, card: Card, folder: Path) -> Pictured:
    """Draw a claim's picture and save it under ``folder/figures``."""
    cell = _telling(finding)
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
        centre=1.0 if part.test == "ratio" else 0.0,
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


def _telling(finding: Finding) -> Cell:
    """The least clear test of those that make the verdict turn; of all, if it does not."""
    cells = finding.home
    if finding.turns:
        turn = finding.turns[0]
        steps = dict(finding.sweeps[turn.axis.name])
        pairs = zip(steps[turn.held], steps[turn.turned], strict=True)
        turning = {one.part for one, other in pairs if one.result.verdict != other.result.verdict}
        cells = [cell for cell in cells if cell.part in turning] or cells
    return min(cells, key=lambda one: _clearance(finding, one))


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
