"""Run rows of the table, and say what came of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from sim.plots.words import minus
from sim.verify import rows
from sim.verify.row import Check, Outcome, Row

__all__ = ["document", "expected_words", "figure", "performed", "selected", "tolerance_words", "verdict"]

VERDICTS = {"passed": "passed", "failed": "FAILED", "known": "not met, known"}


def selected(names: Sequence[str]) -> list[Row]:
    """Rows by their ids, in the order of the table; all if none is named.

    Raises
    ------
    ValueError
        If there is no row of a name; it names all that are wrong.
    """
    known = rows()
    by_name = {name.lower(): name for name in known}
    wrong = [name for name in names if name.lower() not in by_name]
    if wrong:
        raise ValueError(f"no row {', '.join(wrong)} (rows: {', '.join(known)})")
    wanted = {by_name[name.lower()] for name in names}
    return [one for name, one in known.items() if name in wanted or not names]


def performed(chosen: Sequence[Row], quick: bool) -> Iterator[Outcome]:
    """Run rows one by one."""
    for one in chosen:
        yield one.run(quick)


def verdict(outcome: Outcome) -> str:
    """What came of a row, in words."""
    return VERDICTS[outcome.status]


def figure(value: float) -> str:
    """A number to six digits."""
    if math.isnan(value):
        return "–"
    return minus(f"{value:.6g}")


def expected_words(check: Check) -> str:
    """What was expected, as a value or a range."""
    if check.low == check.high:
        return figure(check.low)
    if math.isinf(check.high):
        return f"above {figure(check.low)}"
    if math.isinf(check.low):
        return f"below {figure(check.high)}"
    return f"{figure(check.low)} to {figure(check.high)}"


def tolerance_words(check: Check) -> str:
    """How far off the number may be."""
    parts = []
    if check.standard_error > 0 and check.tolerance > 0:
        parts.append(f"{check.tolerance:g} se")
    if check.standard_error > 0 and check.tolerance < 0:
        parts.append(f"by {-check.tolerance:g} se")
    if check.allowance > 0:
        parts.append(f"{check.allowance:.1g}")
    return " + ".join(parts) or ("inside" if check.low != check.high else "exact")


def document(outcomes: Sequence[Outcome], quick: bool) -> list[dict[str, Any]]:
    """What ``--json`` prints: one entry a check.

    A limit that is not there, and a number that the model cannot say, are null.
    """
    return [
        {
            "id": outcome.row.id,
            "title": outcome.row.title,
            "what": check.what,
            "setting": outcome.row.setting,
            "source": outcome.row.source,
            "source_read": outcome.row.read,
            "expected": check.low if check.low == check.high else [check.low, check.high],
            "got": check.got,
            "standard_error": check.standard_error,
            "tolerance": check.tolerance,
            "allowance": check.allowance,
            "passed": check.passed,
            "row": outcome.status,
            "reason": outcome.row.known or None,
            "note": check.note or None,
            "quick": quick,
        }
        for outcome in outcomes
        for check in outcome.checks
    ]
