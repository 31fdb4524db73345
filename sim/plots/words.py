"""How numbers are written on figures and in reports."""

from __future__ import annotations

import math

__all__ = ["count", "months", "number", "percent"]


def percent(share: float) -> str:
    """A share as a percentage: one decimal below 10 %, none above.

    Parameters
    ----------
    share : float
        Any finite share [-].
    """
    size = 100 * share
    if 0 < size < 0.05:
        return "<0.1 %"
    text = f"{size:.1f}" if abs(size) < 9.95 else f"{size:.0f}"
    return f"{minus(text)} %"


def number(value: float, digits: int = 3) -> str:
    """A number with that many significant digits, without exponents; a dash for NaN."""
    if math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return minus(f"{value:,.{min(decimals, 12)}f}".replace(",", " "))


def count(amount: int, thing: str) -> str:
    """``1 run``, ``32 runs``, ``10 000 buyers``."""
    return f"{amount:,}".replace(",", " ") + f" {thing}" + ("" if amount == 1 else "s")


def months(tick: float) -> str:
    """A tick as a month, ``month 93``."""
    return f"month {tick:.0f}"


def minus(text: str) -> str:
    """With a typographic minus sign, and none before a zero."""
    if not any(digit in "123456789" for digit in text):
        text = text.lstrip("-")
    return text.replace("-", "−")
