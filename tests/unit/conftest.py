"""What workers do in tests of the runner."""

from __future__ import annotations

from functools import partial

import pytest
import records

from sim.runner import Workers


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch):
    """Choose what workers do instead of running a market."""

    def choose(function) -> None:
        monkeypatch.setattr("sim.runner.running.Workers", partial(Workers, work=function))

    choose(records.made)
    return choose
