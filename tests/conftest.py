"""Tiny named markets: small enough that any test can run one."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from hypothesis import settings

from sim import strategies
from sim.scenario import Scenario

# The first example may have to wait for the compiler; and a test that fails once fails again.
settings.register_profile("pushpull", deadline=None, derandomize=True)
settings.load_profile("pushpull")

SIZE: dict[str, Any] = {"horizon": 24, "seed": 7, "replications": 2, "buyers": {"count": 200}}
INCUMBENTS = (
    ("Heritage", "relationship-reliant"),
    ("Closers", "hard-sell"),
    ("Allies", "collaborative"),
    ("Value", "transactional"),
)


def tiny(name: str, sellers: int, **more: Any) -> Scenario:
    """A market of 200 buyers and 24 ticks with the first few incumbents."""
    opening = [{"name": seller, "strategy": strategy} for seller, strategy in INCUMBENTS[:sellers]]
    economies = {
        "push": {"pull_share": 0},
        "transition": {"pull_share": {"kind": "logistic", "midpoint": 10, "width": 2}},
        "pull": {"pull_share": 1},
    }
    return Scenario(**{**SIZE, "name": name, "sellers": opening, "economies": economies, **more})


@pytest.fixture(autouse=True)
def _catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test loads into the catalogue is gone after it."""
    monkeypatch.setattr(strategies, "_catalogue", strategies.catalogue())
    monkeypatch.setattr(strategies, "_plugins", list(strategies.loaded_plugins()))


# A job in the background starts with Ctrl-C ignored, and so would the commands that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def monopoly() -> Scenario:
    """One seller: nobody to leave for."""
    return tiny("monopoly", 1)


@pytest.fixture
def duopoly() -> Scenario:
    """The relationship seller and the hard-seller."""
    return tiny("duopoly", 2)


@pytest.fixture
def five_sellers() -> Scenario:
    """Four incumbents of four strategies, and an innovator who enters at tick 6."""
    entry = {"at": 6, "enter": {"name": "Newcomer", "strategy": "innovator"}}
    return tiny("five-sellers", 4, events=[entry])
