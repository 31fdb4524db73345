"""`pushpull new`: a right scenario, written once, whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sim.cli import main
from sim.scenario import Scenario


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["my_market", "my market", "2030", "no", "1e5", "null", "a.b-c"])
def test_what_it_writes_is_right(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", name]) == 0
    written = capsys.readouterr().out.splitlines()
    assert written[0] == f"{name}.yaml"
    assert written[1].startswith("next: pushpull run ")
    assert Scenario.load(f"{name}.yaml").name == name
    assert [path.name for path in Path().iterdir()] == [f"{name}.yaml"]


def test_a_path_ends_in_the_name() -> None:
    Path("mine").mkdir()
    assert main(["new", "mine/third.yaml"]) == 0
    assert Scenario.load("mine/third.yaml").name == "third"


def test_a_file_that_is_there_stays(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.yaml").write_text("precious")
    assert main(["new", "mine"]) == 2
    assert Path("mine.yaml").read_text() == "precious"
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "mine.yaml" in captured.err


IMPOSSIBLE = ["", ".", "..", "../..", ".hidden", "-", "a/b", "a\nb", "é", "x" * 81, "a\0b", "x" * 300]


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_name_that_cannot_be_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(Path("..").iterdir())
    assert main(["new", name]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(Path().iterdir()) == []
    assert sorted(Path("..").iterdir()) == before


def test_a_write_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["new", "mine"]) == 1
    assert "the disk is full" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_the_file_follows_the_umask() -> None:
    before = os.umask(0o027)
    try:
        assert main(["new", "mine"]) == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path("mine.yaml").stat().st_mode) == 0o640
