"""`pushpull claims`: what it prints, what it leaves, what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.cli import main

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_quick_look_at_two_claims(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "2.7", "0.1", "--quick", "--jobs", "1", "--docs", "docs"]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    report = Path(lines[0].split()[1])
    assert report.is_file()
    assert Path("docs/claims.md").is_file()
    assert [line.split()[0] for line in lines if re.match(r"\d\.\d", line)] == ["0.1", "2.7"]
    assert "12/12" in captured.err
    assert main(["claims", "0.1", "2.7", "--quick", "--jobs", "1", "--json", "-q"]) == 0
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert captured.err == ""
    assert {one["id"] for one in told} == {"0.1", "2.7"}
    assert {one["economy"] for one in told} == {"push", "transition", "pull"}
    page = report.read_text(encoding="utf-8")
    for one in told:
        assert one["id"] in page
    provenance = json.loads((report.parent / "provenance.json").read_text(encoding="utf-8"))
    assert provenance["parameters"]["command"] == "pushpull claims 0.1 2.7 --quick"


def test_the_list_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "--list"]) == 0
    out = capsys.readouterr().out
    assert len([line for line in out.splitlines() if re.match(r"\d\.\d+ ", line)]) == 61
    assert not Path("results").exists()
    assert main(["claims", "--list", "--json", "0.9"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["threshold"] == "above 50 %"


def test_numbers_that_no_claim_has_are_all_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "0.99", "0.1", "7.1"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("there is no claim" in line for line in lines)
    assert not Path("results").exists()


def test_the_page_in_docs_is_whole() -> None:
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^### \d\.\d+ ", page.partition("\n## 0. ")[2], flags=re.M)) == 61
    for picture in re.findall(r"\]\((pictures/.*?)\)", page):
        assert (ROOT / "docs" / picture).is_file()
