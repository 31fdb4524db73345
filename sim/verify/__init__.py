"""Verification: does the market agree with theory, and do the known facts of markets emerge in it?

Every row drives the product's own rules and kernels in a setting for which theory or data say
what must come out. One file a family of rows.
"""

from __future__ import annotations

from importlib import import_module

from sim.verify.row import Check, Outcome, Row
from sim.verify.row import rows as _rows

__all__ = ["FAMILIES", "Check", "Outcome", "Row", "rows"]

FAMILIES = (
    "choice",
    "switching",
    "learning",
    "search",
    "contacts",
    "diffusion",
    "panels",
    "lock_in",
    "games",
    "service",
    "value",
    "retention",
    "invariances",
    "groceries",
    "defaults",
    "entry",
    "networks",
    "responses",
    "prices",
)


def rows() -> dict[str, Row]:
    """All rows by id, in the order of the table."""
    for family in FAMILIES:
        import_module(f"sim.verify.{family}")
    return _rows()
