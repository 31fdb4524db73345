"""The cache of compiled code: a stale rule is never served, and nothing is compiled twice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from sim import compiled
from sim.compiled import LAW, cache_folder, law_digest

PACKAGE = Path(compiled.__file__).parent
LAW_FILES = sorted(
    str(file.relative_to(PACKAGE))
    for room in LAW
    for file in ((PACKAGE / room).rglob("*.py") if (PACKAGE / room).is_dir() else [PACKAGE / room])
)


def copied(folder: Path) -> Path:
    """A copy of the package in `folder`."""
    return shutil.copytree(PACKAGE, folder / "sim", ignore=shutil.ignore_patterns("__pycache__"))


def run(code: str, *, package_in: Path | None = None, cache: Path | None = None) -> list[str]:
    """Words that `code` prints in a process of its own."""
    surroundings = dict(os.environ)
    if package_in is not None:
        surroundings["PYTHONPATH"] = str(package_in)
    if cache is not None:
        surroundings["PUSHPULL_CACHE"] = str(cache)
    done = subprocess.run(
        [sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, check=False, cwd=package_in
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def files_below(folder: Path) -> set[tuple[str, int]]:
    return {(str(file), file.stat().st_mtime_ns) for file in folder.rglob("*.nb?")}


def test_the_law_is_what_it_says() -> None:
    assert {"compiled.py", "draws.py", "columns.py", "rules/choice.py", "kernels/stages.py"} <= set(LAW_FILES)
    compiling = {
        str(file.relative_to(PACKAGE)) for file in PACKAGE.rglob("*.py") if "@compiled" in file.read_text("utf-8")
    }
    assert compiling <= set(LAW_FILES), "code is compiled outside the law: an edit there would go unnoticed"


@pytest.mark.parametrize("file", LAW_FILES)
def test_the_digest_depends_on_every_file_of_the_law(tmp_path: Path, file: str) -> None:
    package = copied(tmp_path)
    before = law_digest(package)
    assert before == law_digest()
    (package / file).write_text((package / file).read_text("utf-8") + "\n", encoding="utf-8")
    assert law_digest(package) != before


def test_the_digest_depends_on_names_and_new_files_of_the_law_and_on_nothing_else(tmp_path: Path) -> None:
    package = copied(tmp_path)
    before = law_digest(package)
    for outside in ("market.py", "agents.py", "strategies/hard_sell.py"):
        (package / outside).write_text("changed", encoding="utf-8")
    assert law_digest(package) == before
    (package / "rules" / "choice.py").rename(package / "rules" / "choosing.py")
    renamed = law_digest(package)
    (package / "rules" / "more.py").write_text("", encoding="utf-8")
    assert len({before, renamed, law_digest(package)}) == 3


def test_where_compiled_code_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSHPULL_CACHE", str(tmp_path / "here"))
    chosen = cache_folder()
    assert chosen.parent == tmp_path / "here"
    assert chosen.is_dir()
    assert chosen.name.startswith(law_digest())
    monkeypatch.delenv("PUSHPULL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "there"))
    assert cache_folder() == tmp_path / "there" / "pushpull" / chosen.name
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    assert cache_folder() == tmp_path / "home" / ".cache" / "pushpull" / chosen.name


def test_a_home_that_cannot_be_written_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a file").write_text("", encoding="utf-8")
    monkeypatch.setenv("PUSHPULL_CACHE", str(tmp_path / "a file"))
    folder = cache_folder()
    assert tmp_path / "a file" not in folder.parents
    assert folder.name.startswith(law_digest())


def test_the_folder_is_set_before_anything_is_compiled() -> None:
    assert Path(numba.config.CACHE_DIR).name.startswith(law_digest())


# A kernel of one file that calls a rule of another: what numba's own cache gets wrong
SERVE = """
import numpy as np
from sim import columns
from sim.kernels import sellers
state = columns.State(columns.allocate(columns.Buyers, 1), columns.allocate(columns.Pairs, 1, 1),
    np.zeros((1, 2), np.int32), columns.allocate(columns.Sellers, 1),
    np.ones(1, [(name, np.float64) for name in ("quality_weight", "service_weight", "self_service_weight")]),
    np.zeros((1, 1)), columns.allocate(columns.Terms, 1))
state.sellers["quality"] = 2.0
sellers.set_appeal(state)
stats = sellers.set_appeal.stats
print(state.appeal[0, 0], sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def test_an_edited_rule_is_compiled_anew(tmp_path: Path) -> None:
    package, cache = copied(tmp_path), tmp_path / "cache"
    assert run(SERVE, package_in=tmp_path, cache=cache) == ["2.0", "0", "1"]
    kept = files_below(cache)
    assert kept
    assert run(SERVE, package_in=tmp_path, cache=cache) == ["2.0", "1", "0"]
    assert files_below(cache) == kept
    rule = package / "rules" / "experience.py"
    old, new = "return quality_weight * quality +", "return 7.0 * quality_weight * quality +"
    text = rule.read_text("utf-8")
    assert old in text
    rule.write_text(text.replace(old, new), encoding="utf-8")
    assert run(SERVE, package_in=tmp_path, cache=cache) == ["14.0", "0", "1"]
    # and back: the first binary is found again
    rule.write_text(text, encoding="utf-8")
    assert run(SERVE, package_in=tmp_path, cache=cache) == ["2.0", "1", "0"]


MARKET = """
from numba.core import event
with event.install_recorder("numba:compile") as recorder:
    from sim.kernels import rows
    from sim.market import Market
    from sim.scenario import Scenario
    words = {"name": "x", "horizon": 3, "buyers": {"count": 20},
             "sellers": [{"name": "Heritage", "strategy": "collaborative"},
                         {"name": "Closers", "strategy": "hard-sell"}]}
    Market(Scenario(**words), "transition").run()
    Market(Scenario(**words), "transition", engine="agents").run()
print(sum(rows.whole_tick.stats.cache_hits.values()), sum(rows.decide_alone.stats.cache_hits.values()),
      *(happened.data["dispatcher"].py_func.__qualname__ for when, happened in recorder.buffer))
"""


def test_a_second_process_compiles_nothing(tmp_path: Path) -> None:
    assert "block" in run(MARKET, cache=tmp_path)
    assert run(MARKET, cache=tmp_path) == ["1", "1"]
