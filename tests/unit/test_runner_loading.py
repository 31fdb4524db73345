"""What a worker has loaded before its first task, and what waits until it is used."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sim.runner import loading

FRESH = """
import gc, sys
from sim.runner.loading import UNUSED, load_market

load_market()
assert gc.isenabled() and gc.get_freeze_count() > 100_000, gc.get_freeze_count()
print(*(name for name in UNUSED if sys.modules[name].__class__.__name__ == "_Module"), "sim.market" in sys.modules)

import networkx, pandas.api.types
from mesa import DataCollector, Model, discrete_space
from mesa.experimental.continuous_space import ContinuousSpace

model = Model()
collector = DataCollector(model_reporters={"one": lambda model: 1})
collector.collect(model)
print(networkx.path_graph(3), collector.get_model_vars_dataframe(), pandas.api.types.is_integer_dtype(int))
assert isinstance(ContinuousSpace, type) and isinstance(discrete_space.Network, type)
print({type(sys.modules[name]).__name__ for name in UNUSED}, "_Deferring" in str(sys.meta_path))
"""


def test_what_a_market_does_not_use_waits_until_it_is_used():
    done = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    waiting, *used, types = done.stdout.splitlines()
    assert waiting == " ".join([*loading.UNUSED, "True"])
    assert " ".join(" ".join(used).split()) == "Graph with 3 nodes and 2 edges one 0 1 True"
    assert types == "{'module'} False"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that is imported, but not loaded yet."""
    place = tmp_path / "waiting_package"
    place.mkdir()
    (place / "__init__.py").write_text("import time\nfrom waiting_package import part\ntime.sleep(0.2)\nready = []\n")
    (place / "part.py").write_text("value = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(loading, "UNUSED", ("waiting_package",))
    monkeypatch.setattr(sys, "meta_path", [loading._Deferring(), *sys.meta_path])
    for name in ("waiting_package", "waiting_package.part"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return place


def test_it_is_loaded_once_whoever_asks_first(package: Path):
    module = importlib.import_module("waiting_package")
    assert Path(module.__file__) == package / "__init__.py"
    assert "waiting_package.part" not in sys.modules  # its file can be asked for
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(module.ready)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(one is module.ready for one in found)
    assert module.part.value == 7
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        module.absent  # noqa: B018


def test_one_that_cannot_be_loaded_says_so_every_time(package: Path):
    (package / "__init__.py").write_text("raise ImportError('broken')\n")
    module = importlib.import_module("waiting_package")
    for _ in range(2):
        with pytest.raises(ImportError, match="broken"):
            module.ready  # noqa: B018
    with pytest.raises(ImportError, match="broken"):
        importlib.import_module("waiting_package.part")
