"""Scripted views: what a seller sees, made up so that the expected plan is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.strategies import Plan, View

SELLERS = ("Own", "Rival", "Stranger")


def view(shares: Sequence[Sequence[float]] | np.ndarray, plan: Plan | None = None, **more: Any) -> View:
    """A view after the given shares: row 0 is the opening, row t + 1 tick t; the tick that is planned comes next."""
    table = np.array(shares, float)
    if table.ndim == 1:  # own share; the others divide the rest
        table = np.column_stack([table, (1 - table) / 2, (1 - table) / 2])
    count = table.shape[1]
    books: dict[str, Any] = {
        "tick": len(table) - 1,
        "name": "Own",
        "plan": plan,
        "customers": int(1_000 * table[-1, 0]),
        "lost": 0,
        "gained": 0,
        "leads": 0,
        "revenue": 0.0,
        "profit": 0.0,
        "cash": 0.0,
        "budget": 0.0,
        "unit_cost": 0.6,
        "quality": 0.7,
        "self_service": 0.3,
        "human_service": 0.5,
        "sales_skill": 0.5,
        "sellers": SELLERS[:count],
        "own": 0,
        "shares": table,
        "prices": np.ones(count),
        "efforts": np.zeros((count, 6)),
        "alive": np.ones(count, bool),
        "known_rivals": np.ones(count, bool),
    }
    return View(**(books | more))
