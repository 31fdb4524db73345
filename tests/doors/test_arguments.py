"""Whatever is typed: an exit code that is meant, lines instead of tracebacks, nothing written by mistake."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.cli import main

TOKENS = (
    "run", "check", "schema", "new", "strategies", "report", "tiny.yaml", "missing.yaml", ".", "..", "/", "", "-",
    "--", "-n", "3", "-3", "1e3", "nan", "--precision", "--seed", "--jobs", "--engine", "columns", "--set", "a=b",
    "horizon=2", "--out", "tiny.yaml/x", "--economy", "push", "--plugin", "--json", "--quiet", "-q", "-qqq", "--fresh",
    "--max-replications", "--no-such-option", "--set=", "--seed=x", "\x1b[31m", "ß", "{}", "%s", "a b",
)  # fmt: skip
tokens = st.one_of(
    st.sampled_from(TOKENS),
    # without h, which could ask for help among short options
    st.text(st.characters(codec="utf-8", exclude_characters="\0h"), max_size=12),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(tokens, max_size=8))
def test_a_run_that_cannot_be_is_refused_in_lines(
    tiny: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    # the last option makes every run impossible, however right the rest may be
    assert main(["run", *words, "--economy", "nowhere"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.strip()
    assert "Traceback" not in captured.err
    assert [path.name for path in tiny.iterdir()] == ["tiny.yaml"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(tokens.filter(lambda word: word not in ("run", "new")), max_size=6))
def test_whatever_is_typed_ends_in_order(tiny: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    code = main(words)
    captured = capsys.readouterr()
    assert code in (0, 2)
    assert "Traceback" not in captured.out + captured.err
    assert (code == 0) or captured.err.strip() or captured.out.strip()
    assert [path.name for path in tiny.iterdir()] == ["tiny.yaml"]


@pytest.mark.skipif(os.name != "posix", reason="head is a POSIX command")
def test_a_reader_that_leaves_is_no_error(tiny: Path) -> None:
    for command in ("schema", "--help", "strategies --json"):
        pipe = f"{sys.executable} -m sim.cli {command} | head -n 1"
        done = subprocess.run(["bash", "-o", "pipefail", "-c", pipe], capture_output=True, text=True, check=False)
        assert done.returncode == 0
        assert done.stderr == ""
        assert done.stdout.count("\n") == 1


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    from importlib.metadata import version

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"pushpull {version('pushpull')}\n"


def test_a_typing_slip_is_told_with_the_way_to_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rnu"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "pushpull --help" in err
