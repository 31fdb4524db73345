"""What V17 and V18 do not say of the Dirichlet market: the two laws hold from brand to brand."""

from __future__ import annotations

import numpy as np

from sim.verify.panels import quarter

COUNT = 60_000


def test_double_jeopardy() -> None:
    """Smaller brands have fewer buyers, who buy less often."""
    counts = quarter(COUNT)[:, :8]
    penetration = (counts > 0).mean(axis=0)
    frequency = counts.sum(axis=0) / (counts > 0).sum(axis=0)
    assert np.corrcoef(penetration, frequency)[0, 1] > 0.9
    assert frequency[0] > frequency[-1] > 1


def test_duplication_follows_penetration() -> None:
    bought = (quarter(COUNT)[:, :8] > 0).astype(float)
    both = bought.T @ bought
    off = ~np.eye(8, dtype=bool)
    duplicated = (both / np.diagonal(both)[:, None])[off]
    others = np.broadcast_to(bought.mean(axis=0), (8, 8))[off]
    assert np.corrcoef(duplicated, others)[0, 1] > 0.98
