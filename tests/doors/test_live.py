"""`pushpull live`: what it prints, what it asks at the door, and what it refuses before anything is served."""

from __future__ import annotations

import builtins
import socket
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main

SCENARIO = """\
name: tiny
horizon: 6
buyers: {count: 60, network: {degree: 4}}
economies: {push: {pull_share: 0}, pull: {pull_share: 1}}
sellers: [{name: Heritage, strategy: relationship-reliant}, {name: Closers, strategy: hard-sell}]
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "tiny.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return str(path)


@pytest.fixture
def port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page would be served with."""
    given: dict[str, Any] = {}
    page = types.ModuleType("sim.live.page")
    page.serve = lambda scenario, **terms: given.update(terms, scenario=scenario)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sim.live.page", page)
    return given


def test_this_machine_alone(file: str, port: str, served: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["live", file, "--port", port, "--set", "buyers.count=50", "--max-buyers", "70"]) == 0
    out = capsys.readouterr().out
    assert out == f"Open http://127.0.0.1:{port} in a browser. Ctrl-C ends the workshop.\n"
    assert (served["code"], served["host"], served["show"]) == (None, "127.0.0.1", False)
    assert served["scenario"].buyers.count == 50
    assert (served["limits"].buyers, served["limits"].sessions) == (70, 40)


def test_the_network_is_let_in_with_a_code(
    file: str, port: str, served: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["live", file, "--also", file, "--port", port, "--host", "0.0.0.0"]) == 0
    first, *room, code = capsys.readouterr().out.splitlines()
    assert first == f"On this machine: http://127.0.0.1:{port}   Ctrl-C ends the workshop."
    assert room[0] == f"In the room:     {served['address']}"
    assert served["address"].endswith(f":{port}")
    assert "0.0.0.0" not in served["address"]
    assert code == f"Code at the door: {served['code']}"
    assert len(served["code"]) == 6
    assert [one.name for one in served["others"]] == ["tiny"]


def test_a_code_of_ones_own(file: str, port: str, served: dict[str, Any]) -> None:
    assert main(["live", file, "--port", port, "--room-code", "blue7"]) == 0
    assert served["code"] == "BLUE7"


def test_without_a_scenario_there_is_a_small_market(port: str, served: dict[str, Any]) -> None:
    assert main(["live", "--port", port, "--set", "buyers.count=60"]) == 0
    assert served["scenario"].name == "workshop"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--max-buyers", "50"], "tiny has 60 buyers; here at most 50; --max-buyers allows more"),
        (["--room-code", "a b"], "--room-code: 4 to 12 letters and digits"),
        (["--set", "buyers.cont=3"], "buyers.cont: no parameter 'cont'; did you mean 'count'?"),
        (["--also", "nothing.yaml"], "nothing.yaml: there is no such file"),
        (["--host", "203.0.113.7"], "--host 203.0.113.7 --port 8765: cannot be listened on"),
        (["--host", "no such host"], "cannot be listened on"),
        (["--port", "0"], "Invalid value for '--port'"),
    ],
)
def test_wrong_input(
    arguments: list[str], message: str, file: str, served: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["live", file, *arguments]) == 2
    streams = capsys.readouterr()
    assert message in streams.err
    assert (streams.out, streams.err.count("\n"), served) == ("", 1, {})


def test_a_port_that_is_taken(file: str, served: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["live", file, "--port", str(taken.getsockname()[1])]) == 2
    assert "already in use" in capsys.readouterr().err
    assert not served


def test_without_the_extra_the_command_says_how_to_get_it(
    file: str, port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith(("nicegui", "sim.live.page"))]:
        monkeypatch.delitem(sys.modules, name)
    whole = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "nicegui":
            raise ModuleNotFoundError("No module named 'nicegui'", name="nicegui")
        return whole(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["live", file, "--port", port]) == 2
    assert capsys.readouterr().err == "pushpull: live needs nicegui, which is not here: pip install 'pushpull[live]'\n"
