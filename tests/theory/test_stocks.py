"""What V32 does not say of relationships: the books of their two inflows balance."""

from __future__ import annotations

from typing import Any

import pytest
from markets import small

from sim.market import Market


def test_the_two_inflows_add_up() -> None:
    """A8: what is lost and gained between two ticks is visits, experience, decay and betrayal, each told apart."""
    words: dict[str, Any] = {"buyers": {"count": 2_000}, "behaviour": {"betrayal": 0.0}, "horizon": 12}
    market = Market(small(1, **words), "push")
    before = market.state.pairs["relationship"].astype(float).sum()
    for _ in range(12):
        market.step()
        after = market.state.pairs["relationship"].astype(float).sum()
        record = market.record()
        inflow = sum(record.contacts[f"relationship_from_{source}"][-1].sum() for source in ("visits", "experience"))
        assert after == pytest.approx(0.95 * before + inflow, rel=1e-5)
        before = after
