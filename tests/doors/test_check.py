"""`pushpull check`: OK, or every mistake with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import main

ROOT = Path(__file__).parent.parent.parent
BAD = """\
name: bad
horizon: .nan
sellers:
  - {name: Heritage, strategy: hardsell}
  - {name: Heritage, strategy: hard-sell, bogus: 1}
"""


def test_right_and_wrong_files_side_by_side(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.yaml").write_text(BAD)
    assert main(["check", "tiny.yaml", "bad.yaml", "missing.yaml"]) == 2
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0] == "tiny.yaml: OK"
    assert [line.partition(": ")[0] for line in lines[1:]] == [
        "bad.yaml:2:10",
        "bad.yaml:4:32",
        "bad.yaml:5:12",
        "bad.yaml:5:43",
        "missing.yaml",
    ]
    assert "did you mean 'hard-sell'?" in captured.out
    assert captured.err == ""


def test_only_right_files(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "tiny.yaml"]) == 0
    assert capsys.readouterr().out == "tiny.yaml: OK\n"


def test_json_is_one_document(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.yaml").write_text(BAD)
    assert main(["check", "--json", "tiny.yaml", "bad.yaml"]) == 2
    right, wrong = json.loads(capsys.readouterr().out)
    assert right == {"file": "tiny.yaml", "ok": True, "mistakes": []}
    assert wrong["ok"] is False
    assert wrong["mistakes"][1]["line"] == 4
    assert wrong["mistakes"][1]["where"] == "sellers[0].strategy"


def test_a_strategy_of_a_plugin_is_known(tiny: Path, plugin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path("tiny.yaml").read_text().replace("hard-sell", "discounter")
    Path("mine.yaml").write_text(text)
    assert main(["check", "mine.yaml", "--plugin", str(plugin)]) == 0


@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_shipped_scenario_is_right(file: Path) -> None:
    assert main(["check", str(file)]) == 0
