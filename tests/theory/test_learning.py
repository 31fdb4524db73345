"""What V6 does not say of learning: beliefs are shrunk by what is not known, and the record tells their error."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.verify.learning import learners

COUNT = 50_000


def test_beliefs_are_shrunk_towards_the_prior() -> None:
    market = learners(COUNT, noise=2.0, drift=0.0, ticks=4)
    truth = market.state.pairs["taste"][:, 0].astype(float)
    for signals in range(1, 5):
        market.step()
        beliefs = market.state.pairs["belief_mean"][:, 0]
        slope = np.cov(truth, beliefs)[0, 1] / truth.var()
        assert slope == pytest.approx(signals / (4 + signals), abs=4 * 0.5 / math.sqrt(COUNT))
    record = market.record()
    assert record.market["belief_error"][-1] == pytest.approx(((beliefs - truth) ** 2).mean(), rel=1e-4)
    assert record.buyers["belief_variance"][-1] == pytest.approx(0.5, rel=1e-5)
