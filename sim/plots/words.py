"""How numbers are written on figures and in reports."""

from __future__ import annotations

__all__ = ["SPACE", "count", "minus", "percent"]

SPACE = "\u00a0"  # where no line may break


def percent(share: float) -> str:
    """A share as a percentage: one decimal below 10 %, none above.

    Parameters
    ----------
    share : float
        Any finite share [-].
    """
    size = 100 * share
    if 0 < size < 0.05:
        return f"<0.1{SPACE}%"
    text = f"{size:.1f}" if 0 < abs(size) < 9.95 else f"{size:.0f}"
    return f"{minus(text)}{SPACE}%"


def count(amount: int, thing: str, things: str = "") -> str:
    """``1 run``, ``32 runs``, ``10 000 buyers``."""
    return f"{amount:,}".replace(",", SPACE) + f" {thing if amount == 1 else things or thing + 's'}"


def minus(text: str) -> str:
    """With a typographic minus sign, and none before a zero."""
    if not any(digit in "123456789" for digit in text):
        text = text.lstrip("-")
    return text.replace("-", "−")
