"""What a seller gives: the product, and service by people or by the buyer's own hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.experience import mean_experience

unit = st.floats(0, 1)


def test_by_hand() -> None:
    assert mean_experience(2.0, 0.7, 3.0, 0.1, 0.9, 0.2) == pytest.approx(1.4 + 3 * (0.81 + 0.02))
    assert mean_experience(2.0, 0.7, 3.0, 0.7, 0.9, 0.2) == pytest.approx(1.4 + 3 * (0.27 + 0.14))


@given(unit, unit, unit)
def test_in_push_people_count_and_in_pull_self_service_does(weight: float, human: float, own: float) -> None:
    assert mean_experience(0.0, 1.0, 3.0, 0.0, human, own) == pytest.approx(3 * human)
    assert mean_experience(0.0, 1.0, 3.0, 1.0, human, own) == pytest.approx(3 * own)
    both = mean_experience(0.0, 1.0, 3.0, weight, human, own)
    assert 3 * min(human, own) - 1e-12 <= both <= 3 * max(human, own) + 1e-12


@given(unit, unit, unit, unit, unit)
def test_more_of_anything_is_never_worse(weight: float, human: float, own: float, more: float, quality: float) -> None:
    before = mean_experience(2.0, quality, 3.0, weight, human, own)
    assert mean_experience(2.0, quality + more, 3.0, weight, human, own) >= before
    assert mean_experience(2.0, quality, 3.0, weight, human + more, own) >= before - 1e-12
    assert mean_experience(2.0, quality, 3.0, weight, human, own + more) >= before - 1e-12
