"""What V39 does not say of prices: a buyer that takes a dear seller takes it when it is cheap."""

from __future__ import annotations

from sim.verify.choice import STEP, buyers_of_the_first


def test_a_lower_price_loses_nobody() -> None:
    cheap, dear = (buyers_of_the_first(1 + step, 0.0, 20_000) for step in (-STEP, STEP))
    assert cheap.sum() > dear.sum()
    assert not (dear & ~cheap).any()
