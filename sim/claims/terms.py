"""Quantities that a test is about, as they are written: ``0.5 * final_share.Closers @ more messages in push``."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

__all__ = ["BASE", "Term", "read_term"]

BASE = "market"  # the variant that changes nothing
FORM = re.compile(
    r"(?:(?P<factor>[0-9.]+)\s*\*\s*)?(?P<figure>[\w.]+)(?:\s*@\s*(?P<variant>.+?))?(?:\s+in\s+(?P<economy>[\w ]+))?"
)


class Term(NamedTuple):
    """A figure of a run, in a variant of the market and an economy.

    Attributes
    ----------
    factor : float
    seller, measure : str
        The seller is empty for the market as a whole.
    variant : str
    economy : str
        Empty: the economy in which the claim is judged.
    """

    factor: float
    seller: str
    measure: str
    variant: str
    economy: str


def read_term(text: str, sellers: Collection[str]) -> Term:
    """Read a term.

    Parameters
    ----------
    text : str
        ``[FACTOR *] MEASURE[.SELLER] [@ VARIANT] [in ECONOMY]``.
    sellers : collection of str
        Names of all sellers.

    Raises
    ------
    ValueError
        If it is not written so.
    """
    found = FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not of the form [FACTOR *] MEASURE[.SELLER] [@ VARIANT] [in ECONOMY]")
    measure, _, seller = found["figure"].partition(".")
    if seller and seller not in sellers:
        if seller.partition(".")[2] not in sellers:
            raise ValueError(f"{text!r}: there is no seller {seller!r}")
        rival, _, seller = seller.partition(".")  # time_to_overtake.RIVAL.ENTRANT
        measure = f"{measure}.{rival}"
    factor = float(found["factor"]) if found["factor"] else 1.0
    return Term(factor, seller, measure, (found["variant"] or BASE).strip(), (found["economy"] or "").strip())
