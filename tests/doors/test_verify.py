"""`pushpull verify`: the table, its exit codes, its page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import main
from sim.verify import row as registry
from sim.verify import rows
from sim.verify.row import Entries, Row, exact

ROOT = Path(__file__).parent.parent.parent


def a_row(name: str, got: float, known: str = "") -> Row:
    """A row of one check that expects 1."""

    def work(quick: bool) -> Entries:
        yield exact("one", 1.0, got)

    return Row(name, "A row", "a test", "none", work, known)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> dict[str, Row]:
    """A table of its own, at first with three true rows."""
    few = {name: rows()[name] for name in ("V23", "V26", "V28")}
    monkeypatch.setattr(registry, "_rows", few)
    return few


def test_rows_by_name_as_a_table(only: dict[str, Row], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "v23", "V26", "--quick", "-q"]) == 0
    out = capsys.readouterr().out
    assert "V23  Concentration" in out
    assert "HHI" not in out  # every check passed
    assert "2 of 2 rows met, 0 known not to be, 0 failed" in out
    assert main(["verify", "V23", "--quick", "-q", "--checks"]) == 0
    assert "HHI of 4 equal shares" in capsys.readouterr().out


def test_rows_as_json(only: dict[str, Row], capsys: pytest.CaptureFixture[str]) -> None:
    only["V99"] = a_row("V99", float("nan"), "there is no such number")
    assert main(["verify", "V23", "V99", "--json", "-q"]) == 0
    found = json.loads(capsys.readouterr().out)
    first, last = found[0], found[-1]
    assert first["id"] == "V23"
    assert (first["expected"], first["got"], first["standard_error"], first["passed"]) == (0.38, 0.38, 0, True)
    assert {"title", "what", "setting", "source", "source_read", "tolerance", "allowance", "row"} <= set(first)
    assert (last["got"], last["passed"], last["row"]) == (None, False, "known")
    assert last["reason"] == "there is no such number"


def test_a_row_that_fails_makes_the_command_fail(only: dict[str, Row], capsys: pytest.CaptureFixture[str]) -> None:
    only["V99"] = a_row("V99", 2.0)
    assert main(["verify", "-q", "--quick"]) == 1
    out = capsys.readouterr().out
    assert "FAILED" in out
    assert "3 of 4 rows met, 0 known not to be, 1 failed" in out
    assert "  one" in out


def test_a_row_known_to_fail_stays_visible_and_alone_does_not(
    only: dict[str, Row], capsys: pytest.CaptureFixture[str]
) -> None:
    only["V99"] = a_row("V99", 2.0, "the moon is not in the model")
    assert main(["verify", "-q", "--quick"]) == 0
    out = capsys.readouterr().out
    assert "not met, known" in out
    assert "V99: not met, and known: the moon is not in the model" in out
    assert "3 of 4 rows met, 1 known not to be, 0 failed" in out


def test_wrong_input(only: dict[str, Row], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "V23", "V77"]) == 2
    assert capsys.readouterr().err == "pushpull: no row V77 (rows: V23, V26, V28)\n"
    assert main(["verify", "V23", "--docs", str(tmp_path / "docs")]) == 2
    assert capsys.readouterr().err == "pushpull: --docs writes the whole page: it goes with all rows\n"
    (tmp_path / "file").write_text("")
    assert main(["verify", "--docs", str(tmp_path / "file")]) == 2
    assert "--docs" in capsys.readouterr().err
    assert not (tmp_path / "docs").exists()


def test_what_is_done_outlasts_an_interruption(only: dict[str, Row], capsys: pytest.CaptureFixture[str]) -> None:
    def work(quick: bool) -> Entries:
        raise KeyboardInterrupt
        yield

    only["V99"] = Row("V99", "A row", "a test", "none", work)
    assert main(["verify", "-q", "--quick"]) == 130
    captured = capsys.readouterr()
    assert captured.err == "interrupted: 3 of 4 rows are done\n"
    assert "3 of 3 rows met" in captured.out


def test_the_page_and_its_pictures(only: dict[str, Row], tmp_path: Path) -> None:
    only["V99"] = a_row("V99", 2.0, "the moon is not in the model")
    assert main(["verify", "-q", "--quick", "--docs", str(tmp_path)]) == 0
    page = (tmp_path / "verification.md").read_text(encoding="utf-8")
    assert "**3 of 4 rows are met**" in page
    assert "## V28 Price competition with switching costs" in page
    assert "**Not met:** the moon is not in the model." in page
    assert "(pictures/verification_switching_cost_prices.png)" in page
    assert (tmp_path / "pictures" / "verification_switching_cost_prices.png").stat().st_size > 5_000


def test_the_page_of_the_project_is_of_these_rows() -> None:
    page = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")
    for name, row in rows().items():
        assert f"## {name} {row.title}\n" in page, name
        assert not row.known or f"**Not met:** {row.known}." in page, name
    assert "**FAILED**" not in page
