"""README, CONTRIBUTING and the pages of docs: every command and program in them runs, and shows what they show."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import panels
import pytest
import typer
import yaml

from sim.cli.app import app

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the pages write paths as POSIX does")


def blocks(page: str, language: str) -> list[str]:
    """Fenced blocks of a page in a language."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [block for word, block in fenced if word == language]


def lines(page: str) -> list[str]:
    """Shell commands of a page."""
    return [line for block in blocks(page, "sh") for line in block.splitlines() if line]


# Pages that are followed from top to bottom, and commands in them that are meant to fail
FOLLOWED = (
    "how-to.md",
    "tutorials/first-run.md",
    "tutorials/own-buyer.md",
    "tutorials/own-strategy.md",
    "tutorials/sweep.md",
    "tutorials/workshop.md",
)
REFUSED = ("pushpull check wrong.yaml",)


def is_setup(line: str) -> bool:
    """Whether a command makes an environment: .ci/run and a newcomer run those."""
    return line.startswith("python3 -m venv")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder like a clone in which the first set-up line has been run."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def shell(line: str, folder: Path) -> str:
    """Standard output of a command that must succeed."""
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_readme_sets_up_in_two_lines() -> None:
    first, second = (line for line in lines(README) if is_setup(line))
    assert first.endswith("pushpull run scenarios/office_imaging.yaml")
    assert "pytest" in second
    assert [len(block.splitlines()) for block in blocks(README, "sh")[:2]] == [1, 1]


def test_the_commands_of_the_readme_run_and_show_what_it_shows(clone: Path) -> None:
    shown = blocks(README, "")[0]
    for line in lines(README):
        if not is_setup(line):
            out = shell(line, clone)
            if line.endswith("run scenarios/quick.yaml"):
                assert out == shown
    assert (clone / "my_market.yaml").is_file()


def test_the_program_in_the_readme_runs(clone: Path) -> None:
    (program,) = blocks(README, "python")
    (clone / "program.py").write_text(program)
    out = shell(".venv/bin/python program.py", clone)
    assert re.match(r"120 \d+\.\d%\n", out)
    assert "economy" in out


def test_the_strategy_in_contributing_runs(clone: Path) -> None:
    (clone / "discounter.py").write_text(blocks(CONTRIBUTING, "python")[0])
    ran = [line for line in lines(CONTRIBUTING) if line.startswith(".venv/bin/pushpull")]
    assert len(ran) == 2
    listed, found = (shell(line, clone) for line in ran)
    assert "discounter\n  Cuts its price" in listed
    assert "results/quick" in found


def test_the_buyer_in_contributing_runs(clone: Path) -> None:
    program = blocks(CONTRIBUTING, "python")[1]
    (clone / "bargainer.py").write_text(program)
    shares = eval(shell(".venv/bin/python bargainer.py", clone))
    assert sum(shares.values()) == pytest.approx(1, abs=0.003)
    plain = program.replace(", buyer_class=Bargainer", "")
    (clone / "plain.py").write_text(plain)
    assert eval(shell(".venv/bin/python plain.py", clone)) != shares


def test_the_commands_page_runs(clone: Path) -> None:
    for line in lines(COMMANDS):
        shell(line.replace("pushpull", ".venv/bin/pushpull", 1) + (" -n 1" if "pushpull run" in line else ""), clone)
    assert (clone / "scenario.schema.json").is_file()


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_page_can_be_followed(name: str, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.prefix, "bin")), prepend=os.pathsep)
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    said = ""
    for word, title, block in re.findall(r'^```(\w+)(?: title="(.*)")?\n((?:(?!```).*\n)*)```$', page, re.MULTILINE):
        if title:
            (clone / title).write_text(block, encoding="utf-8")
        elif word == "text":
            assert block in said
        elif word == "sh":
            said = "".join(followed(line, clone) for line in block.splitlines())


@pytest.mark.parametrize("name", ["studies.md", "calibration.md"])
def test_the_programs_of_a_page_run_on_a_small_market(name: str, clone: Path) -> None:
    quick = clone / "scenarios" / "quick.yaml"
    words = yaml.safe_load(quick.read_text(encoding="utf-8"))
    quick.write_text(yaml.safe_dump({**words, "horizon": 30, "replications": 2, "buyers": {"count": 40}}))
    panels.write(clone / "purchases.csv", panels.simulated(40, 10))
    programs = blocks((ROOT / "docs" / name).read_text(encoding="utf-8"), "python")
    for program in programs:
        if "mpi4py" not in program:  # needs an installation of MPI
            (clone / "program.py").write_text(program)
            shell(".venv/bin/python program.py", clone)
    assert programs


def followed(line: str, folder: Path) -> str:
    """What a command of a page prints."""
    if line.startswith("pushpull live"):
        return served(line, folder)
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == (2 if line in REFUSED else 0), f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def served(line: str, folder: Path) -> str:
    """The first line of a page that is served until Ctrl-C, pressed twice."""
    pytest.importorskip("nicegui")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*line.split(), "--port", str(port)]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        assert f"http://127.0.0.1:{port}" in first
    finally:
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    return first


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_know_what_pages_give_them(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    group = typer.main.get_command(app)
    for line in lines(page.read_text(encoding="utf-8")):
        words = shlex.split(re.split(r" > | \|", line)[0], comments=True)
        if words[:1] in (["pushpull"], [".venv/bin/pushpull"]):
            with group.commands[words[1]].make_context(words[1], words[2:]) as context:  # type: ignore[attr-defined]
                for value in context.params.values():
                    if isinstance(value, Path) and value.parts[0] in ("scenarios", "experiments"):
                        assert value.is_file(), line


def test_pages_point_to_what_is_there() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert picture.stat().st_size < 200_000, picture.name
