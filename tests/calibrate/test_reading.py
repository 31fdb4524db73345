"""Files of purchases: columns found by their usual names, and every mistake told with its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from panels import simulated, write

from sim.calibrate.panel import window_for
from sim.calibrate.reading import read_panel
from sim.calibrate.table import Columns
from sim.cli import main
from sim.scenario import ScenarioError

PLAIN = """\
hh,t,price_a,price_b,choice
1,0,1.0,2.0,a
1,1,1.5,2.0,b
2,0,1.0,,b
2,1,1.0,2.5,b
2,2,1.0,2.5,a
"""


def of(tmp_path: Path, text: str, name: str = "panel.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(path: Path, columns: Columns | None = None) -> list[tuple[int | None, str]]:
    with pytest.raises(ScenarioError) as caught:
        read_panel(path, columns)
    assert all(one.path == str(path) for one in caught.value.mistakes)
    return [(one.line, one.message) for one in caught.value.mistakes]


def test_usual_names_are_found(tmp_path: Path) -> None:
    panel = read_panel(of(tmp_path, PLAIN))
    assert panel.sellers == ("b", "a")  # by falling number of purchases
    assert panel.lengths.tolist() == [2, 3]
    assert panel.choices.tolist() == [[1, 0, -1], [0, 0, 1]]
    assert panel.prices is not None
    assert panel.prices[0, 1].tolist() == [2.0, 1.5]
    assert np.isnan(panel.prices[1, 0, 0])
    assert any("1 price missing" in note for note in panel.notes)


@pytest.mark.parametrize(
    ("delimiter", "header"),
    [(",", "user,visit,item"), (";", "Household;Week;Brand"), ("\t", "Loyal customer\tPurchase Date\tBrand.chosen")],
)
def test_other_names_and_delimiters(tmp_path: Path, delimiter: str, header: str) -> None:
    panel = simulated(8, 6)
    read = read_panel(write(tmp_path / "p.csv", panel, header, delimiter))
    assert read.lengths.tolist() == [6] * 8
    first, when, last = header.split(delimiter)
    assert read.notes[0] == f"Read as who bought: {first!r}; from whom: {last!r}; when: {when!r}."
    names = np.array([*read.sellers, ""])
    assert (names[read.choices] == np.array([*panel.sellers, ""])[panel.choices]).all()


def test_columns_by_option(tmp_path: Path) -> None:
    text = PLAIN.replace("hh,t,", "klant,nr,").replace("choice", "merk").replace("price_", "prijs ")
    read = read_panel(of(tmp_path, text), Columns("klant", "Merk", "nr", "prijs "))
    assert read.choices.tolist() == read_panel(of(tmp_path, PLAIN)).choices.tolist()
    assert read.prices is not None


def test_dates_order_purchases(tmp_path: Path) -> None:
    text = "id,date,brand\n1,2024-03-02,b\n1,2023-12-31,a\n2,2024-01-01,a\n2,2024-01-01,b\n"
    panel = read_panel(of(tmp_path, text))
    assert panel.choices.tolist() == [[0, 1], [0, 1]]
    assert any("1 purchase" in note and "same 'date'" in note for note in panel.notes)


def test_every_mistake_at_once(tmp_path: Path) -> None:
    text = "hh,t,price_a,price_b,choice\n1,0,1,2,a\n1,1,1,2\n2,x,1,2,b\n2,1,cheap,2,\n,2,-1,2,a\n2,3,1,2,b\n"
    told = mistakes(of(tmp_path, text))
    assert [line for line, _ in told] == [3, 4, 5, 5, 6, 6]
    words = [message for _, message in told]
    assert "4 fields where the header has 5" in words[0]
    assert "'x' in column 't' is not a number" in words[1]
    assert any("no choice" in one for one in words)
    assert any("'cheap'" in one and "no price" in one for one in words)
    assert any("no buyer" in one for one in words)
    assert any("'-1'" in one for one in words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("hh,t,choice\n", "no rows"),
        ("a,b,c\n1,2,3\n", "no column tells who bought"),
        ("hh,t,t,choice\n1,0,0,a\n", "stands twice"),
        ("hh,t,choice\n1,0,a\n2,0,a\n", "one seller only"),
        ("hh,t,choice\n1,0,a\n1,1,b\n", "1 buyer"),
        ("hh,date,choice\n1,01/02/2024,a\n2,03/04/2024,b\n", "day/month"),
        ('hh,t,choice\n1,0,"a\n', "cannot be read"),
    ],
)
def test_files_that_are_no_panel(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in message for _, message in mistakes(of(tmp_path, text)))


def test_a_wrong_option_names_what_is_there(tmp_path: Path) -> None:
    ((line, message), *_) = mistakes(of(tmp_path, PLAIN), Columns(choice="choise"))
    assert line == 1
    assert "did you mean 'choice'" in message


def test_many_mistakes_are_counted(tmp_path: Path) -> None:
    told = mistakes(of(tmp_path, "hh,t,choice\n" + "1,0,\n" * 100))
    assert len(told) == 41
    assert "and 60 more" in told[-1][1]


def test_the_command_refuses_without_a_trace(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    panel = of(tmp_path, "hh,t,choice\n1,0,\n")
    scenario = of(tmp_path, "name: x\nsellers: []\n", "x.yaml")
    out = tmp_path / "results"
    assert main(["calibrate", str(scenario), str(panel), "--out", str(out)]) == 2
    said = capfd.readouterr().err
    assert "panel.csv:2:3" in said
    assert "x.yaml:2:" in said  # the scenario's mistakes beside the panel's
    assert not out.exists()


def test_the_window_suits_the_histories() -> None:
    assert window_for(np.full(50, 14)) == 14
    assert window_for(np.array([4, 9, 9, 10, 20, 40, 80, 160])) == 9
    assert window_for(np.array([1, 1, 2, 2])) == 3
