"""What `from sim import ...` gives, and what it costs."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import sim


def test_importing_the_package_loads_nothing():
    code = "import sys, sim; print(sorted({'numpy', 'pydantic', 'mesa', 'numba', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_names():
    from sim import Market, Run, Scenario
    from sim.market import Market as Real

    assert Market is Real
    assert Run.__name__ == "Run"
    assert Scenario.__name__ == "Scenario"
    assert sim.__version__.count(".") == 2
    assert set(sim.__all__) <= set(dir(sim))
    with pytest.raises(AttributeError, match="no attribute 'Markt'"):
        sim.Markt  # noqa: B018


def test_run_is_the_runner_with_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from records import a_scenario

    import sim.report
    from sim import run
    from sim.runner import run as bare

    assert run.__doc__ == bare.__doc__
    assert set(inspect.signature(run).parameters) == set(inspect.signature(bare).parameters)
    written = []
    monkeypatch.setattr(sim.report, "write_report", written.append)
    run(a_scenario(replications=1), out=tmp_path, progress=False)
    assert len(written) == 1
