"""pushpull: who loses the market when buyers start to hunt for themselves.

>>> from sim import Market, Scenario, run

`Scenario.load` reads a YAML file, `Market` is one economy of it as a Mesa model, and `run`
runs all its economies many times over and leaves tables, figures and a report, as the command
``pushpull run`` does (see `sim.runner.run` for what it takes). `compare` and `sweep` are studies:
a scenario with and without a change, and over a space of factors.

Names are imported when first used, so that `import sim` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.market import Market
    from sim.results import Run
    from sim.runner import run
    from sim.scenario import Scenario
    from sim.studies.doors import compare, discovery, sensitivity, sweep, tournament

    __version__: str

__all__ = [
    "Market",
    "Run",
    "Scenario",
    "__version__",
    "compare",
    "discovery",
    "run",
    "sensitivity",
    "sweep",
    "tournament",
]

_ROOMS = {
    "Market": "sim.market",
    "Run": "sim.results",
    "Scenario": "sim.scenario",
    "compare": "sim.studies.doors",
    "discovery": "sim.studies.doors",
    "sensitivity": "sim.studies.doors",
    "sweep": "sim.studies.doors",
    "tournament": "sim.studies.doors",
}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        found = getattr(import_module(_ROOMS[name]), name)
    elif name == "run":
        found = _run_with_pages()
    elif name == "__version__":
        from importlib.metadata import version

        found = version("pushpull")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _run_with_pages() -> Any:
    """Join the runner, which knows no pages, and the pages, which know no runner."""
    from functools import partial, update_wrapper

    from sim.runner import run

    return update_wrapper(partial(run, pages=_write_pages), run)


def _write_pages(run: Run) -> None:
    from sim.report import write_report

    write_report(run)
