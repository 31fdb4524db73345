"""What was found, in words; every figure comes from the runs."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sim.claims.observables import MEANINGS
from sim.claims.registry import Claim, Part, Register
from sim.claims.testing import Verdict
from sim.claims.verdicts import Cell, Finding, Turn
from sim.measures import Estimate
from sim.plots.words import SPACE, minus
from sim.report.words import listed
from sim.results import measure_of

__all__ = [
    "MARKS",
    "SCALES",
    "because",
    "condition",
    "explained",
    "figure",
    "measured",
    "phrase",
    "quantity",
    "tested",
    "threshold",
    "units",
]

MARKS: dict[str, str] = {"supported": "✓", "refuted": "✗", "conditional": "◐", "undecided": "?"}
SCALES = {"share": 100.0, "points": 100.0}
UNITS = {"share": "%", "points": "points", "months": "months", "utils": "utils", "times": "times"}
MOST_DECIMALS = 4


def phrase(claim: Claim) -> str:
    """The phrase with the words that lead to it; a quotation in quotation marks."""
    words = claim.quote if claim.paraphrase else f"“{claim.quote}”"
    if claim.paraphrase and not claim.lead:
        words = words[:1].upper() + words[1:]
    return f"{claim.lead} {words}".strip()


def units(part: Part) -> str:
    """The unit in which a part's figures are written."""
    return UNITS.get(part.unit, "money" if part.unit == "money" else "")


def figure(part: Part, estimate: Estimate, *, interval: bool = True) -> str:
    """An effect with its 95 % interval: ``62.8 % [61.9, 63.8]``."""
    if not estimate.replications:
        return "no figure"
    scale = SCALES.get(part.unit, 1.0)
    mean, low, high = (scale * value for value in estimate[:3])
    width = 0.5 * (high - low)
    decimals = 1 if not 0 < width < math.inf else min(MOST_DECIMALS, max(0, math.ceil(-math.log10(width) - 0.02)))
    if width == 0 and mean and abs(mean) < 0.05:
        decimals = MOST_DECIMALS
    if part.test == "duration":
        decimals = 0
    sign = "+" if part.test in ("mean", "trend") and (part.less or part.test == "trend") else ""

    def written(value: float) -> str:
        if math.isinf(value):
            return "beyond"
        text = f"{value:{sign}.{decimals}f}"
        return minus(text) if any(digit in "123456789" for digit in text) else text.lstrip("+-")

    unit = f"{SPACE}{units(part)}" if units(part) not in ("", "money") else ""
    words = "beyond the end" if math.isinf(mean) else f"{written(mean)}{unit}"
    if not interval or math.isnan(low) or math.isinf(low):
        return words
    return f"{words} [{written(low)},{SPACE}{written(high)}]"


def quantity(part: Part) -> str:
    """What goes across a picture: the first figure of a part, and the unit."""
    first = part.of[0].partition("@")[0].partition(" in ")[0].rpartition("*")[2].strip()
    measure = first.partition(".")[0]
    when, _, rest = measure.partition("_")
    if when in ("first", "final") and rest in MEANINGS:
        words = MEANINGS[rest]
    else:
        words = MEANINGS.get(measure) or measure_of(measure).meaning
    words = words.partition(" [")[0].partition(", mean over")[0].replace("tick", "month")
    if part.test == "probability":
        words = "part of the runs"
    elif part.test == "trend":
        words = f"{words}: change"
    elif part.test in ("mean", "ratio") and part.less:
        words = f"{words}: {'ratio' if part.test == 'ratio' else 'difference'}"
    unit = units(part)
    return f"{words} [{unit}]" if unit else words


def threshold(part: Part) -> str:
    """What the effect has to be: ``above 50 %``."""
    scale, unit = SCALES.get(part.unit, 1.0), units(part)
    word, value = ("above", part.above) if part.above is not None else ("below", part.below)
    tail = f"{SPACE}{unit}" if unit not in ("", "money") else ""
    if part.within is not None:
        near = "1" if part.test == "ratio" else "0"
        return f"within {scale * part.within:g}{tail} of {near}"
    return f"{word} {minus(f'{scale * (value or 0.0):g}')}{tail}"


def measured(part: Part) -> str:
    """The quantity as the register writes it."""
    words = " + ".join(part.of)
    if part.test == "probability":
        return f"runs in which {words} exceeds {listed(part.less)}" if part.less else f"runs in which {words} is 1"
    if part.test == "ratio":
        return f"{words} ÷ {part.less[0]}"
    if part.test == "duration":
        return f"median of {words}"
    words += "".join(f" − {term}" for term in part.less)
    return f"fitted change of {words} along {part.along}" if part.test == "trend" else words


def tested(register: Register, claim: Claim) -> str:
    """Where the claim is judged."""
    if set(claim.economies) == set(register.market.economies):
        return "judged in all economies"
    return f"judged in {listed(claim.economies)}"


def _grouped(cells: Iterable[Cell], claim: Claim) -> str:
    """Parts with the economies that they stand for, if there are several of either."""
    words: dict[int, list[str]] = {}
    for cell in cells:
        words.setdefault(cell.part, []).append(cell.economy)
    return "; ".join(f"{claim.parts[part].says} ({listed(economies)})" for part, economies in words.items())


def explained(finding: Finding) -> str:
    """What holds of a claim and what does not, in one line."""
    claim, cells = finding.claim, finding.home
    sides: dict[Verdict, list[Cell]] = {}
    for cell in cells:
        sides.setdefault(cell.result.verdict, []).append(cell)
    words = {"supported": "Holds", "refuted": "Does not hold", "undecided": "Cannot be told from these runs"}
    told = [f"{word}: {_grouped(sides[side], claim)}" for side, word in words.items() if side in sides]
    return ". ".join(told) + "."


def because(finding: Finding) -> list[str]:
    """What was looked at afterwards: one sentence a part."""
    told = []
    for place, part in enumerate(finding.claim.because):
        cells = [cell for cell in finding.reasons if cell.part == place]
        figures = ", ".join(
            f"{cell.economy} {MARKS[cell.result.verdict]}{SPACE}{figure(part, cell.result.estimate)}" for cell in cells
        )
        told.append(f"{part.says} ({threshold(part)}): {figures}.")
    return told


def condition(finding: Finding) -> str:
    """Where the verdict turns, or along what no turn was found."""
    if finding.turns:
        return " ".join(map(_turn, finding.turns))
    if not finding.searched or finding.verdict == "undecided":
        return ""
    return f"No turn found over the usual range of {listed([axis.label for axis in finding.searched])}."


def _turn(turn: Turn) -> str:
    axis = turn.axis
    unit = f"{SPACE}{axis.unit}" if axis.unit else ""
    way = "rises" if turn.turned > turn.held else "falls"
    here = f"it is {axis.default:g} in this market"
    if math.isnan(turn.crossing):
        where = f"to {turn.turned:g}{unit} ({turn.held:g} does not do it; {here})"
    else:
        side = "above" if turn.turned > turn.held else "below"
        where = f"{side} about {turn.crossing:.2g}{unit} ({turn.held:g} does not do it, {turn.turned:g} does; {here})"
    return f"Turns to {turn.verdict} when the {axis.label} {way} {where}."
