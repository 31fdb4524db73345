"""pushpull: who loses the market when buyers start to hunt for themselves.

>>> from sim import Market, Scenario, run

`Scenario.load` reads a YAML file, `Market` is one economy of it as a Mesa model, and `run`
runs all its economies many times over and leaves tables, figures and a report.

Names are imported when first used, so that `import sim` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.market import Market
    from sim.results import Run
    from sim.running import run
    from sim.scenario import Scenario

    __version__: str

__all__ = ["Market", "Run", "Scenario", "__version__", "run"]

_ROOMS = {"Market": "sim.market", "Run": "sim.results", "Scenario": "sim.scenario", "run": "sim.running"}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        found: Any = version("pushpull")
    elif name in _ROOMS:
        found = getattr(import_module(_ROOMS[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
