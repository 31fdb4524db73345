"""Verdicts: of a test in an economy, of a claim, and where a claim's verdict turns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from sim.claims.registry import Axis, Claim, Part, Register
from sim.claims.runs import Runs, Spot
from sim.claims.testing import Result, Verdict, examine, holm

__all__ = ["Cell", "Finding", "Turn", "adjusted", "clearance", "combined", "counts", "find", "spots_of", "swept"]

LEVEL = 0.05  # of Holm's verdicts; the intervals are those of 95 %


@dataclass(frozen=True)
class Cell:
    """One part of a claim in one economy.

    Attributes
    ----------
    part : int
        Place in the claim.
    economy : str
    home : bool
        Whether the claim is judged here, or only looked at.
    result : Result
    adjusted : float
        Holm's probability over all tests of all claims; NaN where nothing is judged.
    """

    part: int
    economy: str
    home: bool
    result: Result
    adjusted: float = float("nan")

    @property
    def strict(self) -> Verdict:
        """The verdict that stands when all tests of all claims are taken together."""
        return self.result.verdict if self.adjusted < LEVEL else "undecided"


class Turn(NamedTuple):
    """Where along an axis a verdict turns.

    Attributes
    ----------
    axis : Axis
    held, turned : float
        The last value with the verdict, and the first with the other one.
    crossing : float
        Where between them the effect crosses the threshold, by a straight line; NaN if it cannot
        be told.
    verdict : str
        The other verdict.
    """

    axis: Axis
    held: float
    turned: float
    crossing: float
    verdict: Verdict


@dataclass(frozen=True)
class Finding:
    """What the model says of a claim.

    Attributes
    ----------
    claim : Claim
    cells : list of Cell
        Parts in order, economies in each.
    verdict, strict : str
        From the intervals; with Holm's adjustment over all claims.
    turns : list of Turn
    searched : list of Axis
        Axes along which turns were looked for.
    sweeps : dict of str to list of (level, list of Cell)
        What was found along them.
    reasons : list of Cell
        What was looked at afterwards; `part` is the place in `Claim.because`.
    """

    claim: Claim
    cells: list[Cell]
    verdict: Verdict
    strict: Verdict = "undecided"
    turns: list[Turn] = field(default_factory=list)
    searched: list[Axis] = field(default_factory=list)
    sweeps: dict[str, list[tuple[float, list[Cell]]]] = field(default_factory=dict)
    reasons: list[Cell] = field(default_factory=list)

    @property
    def home(self) -> list[Cell]:
        """The cells that the verdict rests on."""
        return [cell for cell in self.cells if cell.home]


def combined(verdicts: Iterable[Verdict]) -> Verdict:
    """Verdict of a claim from those of its parts and economies.

    All supported: supported. Some supported, some refuted: conditional. Some refuted, none
    supported: refuted. Else undecided.
    """
    seen = set(verdicts)
    if "supported" in seen and "refuted" in seen:
        return "conditional"
    if "refuted" in seen:
        return "refuted"
    return "supported" if seen == {"supported"} else "undecided"


def clearance(part: Part, cell: Cell) -> float:
    """How far an effect stands from the border of its verdict, in half-widths of its 95 % interval.

    Returns
    -------
    float
        inf where the interval has no width; NaN where there is no effect.
    """
    estimate = cell.result.estimate
    if part.within is not None:
        gap = part.within - abs(estimate.mean - (1.0 if part.test == "ratio" else 0.0))
    else:
        gap = estimate.mean - (part.above if part.above is not None else part.below or 0.0)
    width = 0.5 * (estimate.high - estimate.low)
    return abs(gap) / width if width != 0 else math.inf


def _homes(claim: Claim, part: Part) -> list[str]:
    return part.economies or claim.economies


def _looked_at(register: Register, claim: Claim, part: Part) -> list[str]:
    """Economies in which a part is shown: its own, and the others unless they are what it is compared with."""
    homes = _homes(claim, part)
    fixed = {term.economy for term in register.terms([*part.of, *part.less])}
    if part.economies is not None or "" not in fixed:
        return homes
    return [economy for economy in register.market.economies if economy in homes or economy not in fixed]


def _levels(register: Register, part: Part) -> list[tuple[str, float]]:
    if part.along is None:
        return [("", 0.0)]
    return [(part.along, level) for level in register.axes[part.along].values]


def _part_spots(
    register: Register, part: Part, economies: Iterable[str], axis: str = "", level: float = 0.0
) -> Iterator[Spot]:
    for economy in economies:
        for term in register.terms([*part.of, *part.less]):
            for along, at in [(axis, level)] if axis else _levels(register, part):
                yield Spot(term.variant, term.economy or economy, along, at)


def spots_of(register: Register, claim: Claim, *, sweeps: bool = False) -> Iterator[Spot]:
    """Where a claim needs runs: for its verdict, or for the turns of it."""
    if not sweeps:
        for part in claim.because:
            yield from _part_spots(register, part, _homes(claim, part))
    for part in claim.parts:
        if not sweeps:
            yield from _part_spots(register, part, _looked_at(register, claim, part))
        elif part.along is None:
            for name in claim.turns:
                for level in register.axes[name].values:
                    yield from _part_spots(register, part, _homes(claim, part), name, level)


def _result(
    register: Register, runs: Runs, part: Part, economy: str, n: int, axis: str = "", level: float = 0.0
) -> Result:
    of, less = register.terms(part.of), register.terms(part.less)
    if part.along is not None:
        levels = register.axes[part.along].values
        arrays = [np.stack([runs.values(terms, economy, n, part.along, at) for at in levels]) for terms in (of, less)]
    else:
        levels = []
        arrays = [runs.values(terms, economy, n, axis, level) for terms in (of, less)]
    return examine(part, arrays[0], arrays[1], register.market.horizon, levels)


def find(register: Register, runs: Runs, claims: Sequence[Claim], replications: int, along: int) -> list[Finding]:
    """Put claims to their tests.

    Parameters
    ----------
    register : Register
    runs : Runs
        With everything that `spots_of` names.
    claims : sequence of Claim
    replications : int
        Of each market and economy.
    along : int
        Replications of each point of an axis; 0 looks for no turns.
    """
    found = []
    for claim in claims:
        cells = [
            Cell(place, name, name in _homes(claim, part), _result(register, runs, part, name, replications))
            for place, part in enumerate(claim.parts)
            for name in _looked_at(register, claim, part)
        ]
        reasons = [
            Cell(place, name, False, _result(register, runs, part, name, replications))
            for place, part in enumerate(claim.because)
            for name in _homes(claim, part)
        ]
        finding = Finding(claim, cells, combined(cell.result.verdict for cell in cells if cell.home), reasons=reasons)
        found.append(swept(register, runs, finding, along) if along else finding)
    return adjusted(found)


def adjusted(found: Sequence[Finding]) -> list[Finding]:
    """Findings with Holm's adjustment over the tests of all of them."""
    ps = iter(holm([cell.result.p for finding in found for cell in finding.home]))
    made = []
    for finding in found:
        cells = [replace(cell, adjusted=next(ps)) if cell.home else cell for cell in finding.cells]
        strict = combined(cell.strict for cell in cells if cell.home)
        made.append(replace(finding, cells=cells, strict=strict))
    return made


def swept(register: Register, runs: Runs, finding: Finding, along: int) -> Finding:
    """A finding with the turns of its verdict along the claim's axes."""
    claim = finding.claim
    parts = [place for place, part in enumerate(claim.parts) if part.along is None]
    if not parts:
        return finding
    sweeps: dict[str, list[tuple[float, list[Cell]]]] = {}
    turns: list[Turn] = []
    for name in claim.turns:
        axis = register.axes[name]
        sweeps[name] = [
            (
                level,
                [
                    Cell(place, economy, True, _result(register, runs, claim.parts[place], economy, along, name, level))
                    for place in parts
                    for economy in _homes(claim, claim.parts[place])
                ],
            )
            for level in axis.values
        ]
        turns += _turns(claim, axis, sweeps[name])
    return replace(finding, turns=turns, searched=[register.axes[name] for name in claim.turns], sweeps=sweeps)


def _turns(claim: Claim, axis: Axis, steps: Sequence[tuple[float, list[Cell]]]) -> Iterator[Turn]:
    """Going up and down from the default, the first level with another definite verdict."""
    verdicts = [combined(cell.result.verdict for cell in cells) for _, cells in steps]
    start = axis.values.index(axis.default)
    if verdicts[start] == "undecided":
        return
    for direction in (-1, 1):
        held = start
        place = start + direction
        while 0 <= place < len(steps):
            if verdicts[place] == verdicts[start]:
                held = place
            elif verdicts[place] != "undecided":
                crossing = _crossing(claim, steps[held], steps[place])
                yield Turn(axis, steps[held][0], steps[place][0], crossing, verdicts[place])
                break
            place += direction


def _crossing(claim: Claim, one: tuple[float, list[Cell]], other: tuple[float, list[Cell]]) -> float:
    """Where the first effect whose verdict changes meets its threshold, by a straight line."""
    for before, after in zip(one[1], other[1], strict=True):
        part = claim.parts[before.part]
        threshold = part.above if part.above is not None else part.below
        if threshold is None or before.result.verdict == after.result.verdict:
            continue
        start, end = before.result.estimate.mean, after.result.estimate.mean
        if np.isfinite(start) and np.isfinite(end) and (start - threshold) * (end - threshold) < 0:
            return one[0] + (other[0] - one[0]) * (threshold - start) / (end - start)
    return float("nan")


def counts(found: Iterable[Finding], *, strict: bool = False) -> Mapping[str, int]:
    """How many claims have each verdict."""
    tally: dict[str, int] = dict.fromkeys(("supported", "conditional", "refuted", "undecided"), 0)
    for finding in found:
        tally[finding.strict if strict else finding.verdict] += 1
    return tally
