"""A page followed from top to bottom, as a reader would who types what stands there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from pages import ROOT, Block, blocks

from sim.cli import main

# Commands that are not run, and why
NOT_RUN = {
    "python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/pushpull run scenarios/office_imaging.yaml": (
        "makes an environment; its last part is run with fewer replications"
    ),
    "python3 -m venv .venv-test && .venv-test/bin/pip install -q -e '.[test]' && .venv-test/bin/pytest -n auto": (
        "makes an environment and runs all tests: .ci/run does"
    ),
    "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pre-commit install": (
        "makes an environment, and a hook in the repository"
    ),
    ".venv/bin/pytest -n auto": "runs all tests, this one too",
    ".venv/bin/ruff check . && .venv/bin/mypy && .venv/bin/lint-imports": "lint of the whole repository: .ci/run does",
    ".ci/run": "runs all tests, this one too",
    ".venv/bin/pip install -q -e '.[docs]' && .venv/bin/mkdocs build --strict": (
        "needs an extra that the tests do without: .ci/run does"
    ),
    ".venv/bin/pip install asv && cd benchmarks && ../.venv/bin/asv machine --yes "
    "&& ../.venv/bin/asv continuous --interleave-rounds HEAD~1 HEAD": "builds two environments, and measures long",
}
# What these install is there already: it is part of the extra test
INSTALLS = re.compile(r"pip install 'pushpull\[(\w+)\]'( +#.*)?")

# What is done with less than the page says
LESS = {
    " -n 32": " -n 2",
    "python benchmarks/run.py": "python benchmarks/run.py --quick --only kernel",
    "shares.csv --economy": "shares.csv --quick --economy",
    '"at_least": 1}])': '"at_least": 1}], design=20)',  # of 200 points
}
REFUSED = ("pushpull check wrong.yaml",)  # meant to fail
SERVERS = ("dask scheduler", "dask worker")  # serve until they are ended

# In the place of mpi4py: a process that imports the program before anything else, as those of MPI do
STAND_IN = """
import multiprocessing, runpy, sys
from concurrent.futures import ProcessPoolExecutor

def MPIPoolExecutor():
    imported = (sys.argv[0], None, "__worker__")
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), runpy.run_path, imported)
"""


class Reader:
    """Somebody in a clone, who does what a page says.

    Attributes
    ----------
    said : dict of str to str
        What each command or program printed, by its text.
    """

    def __init__(self, clone: Path) -> None:
        self.clone, self.said = clone, {}
        self._before: list[str] = []  # the program or the commands of the block before
        self._servers: list[subprocess.Popen[bytes]] = []
        self._environment = {**os.environ, "PATH": f"{Path(sys.prefix, 'bin')}{os.pathsep}{os.environ['PATH']}"}

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: Any) -> None:
        for server in reversed(self._servers):
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=60)

    def follow(self, page: str) -> None:
        """Do all blocks of a page."""
        port = str(_free_port())  # of a cluster
        for block in blocks(page):
            for words, fewer in {**LESS, "HOST:8786": f"127.0.0.1:{port}", "--port 8786": f"--port {port}"}.items():
                block = block._replace(text=block.text.replace(words, fewer))
            self._do(block)
            self._before = [text for text in (block.text, *block.lines) if text in self.said]

    def _do(self, block: Block) -> None:
        if block.title:
            (self.clone / block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            self.said.update({line: self._typed(line) for line in block.lines})
        elif block.language == "python":
            self.said[block.text] = self._program(block.text)
        elif block.language == "text":
            assert block.text in "".join(self.said[line] for line in self._before)
        elif block.language == "console":
            first, _, shown = block.text.partition("\n")
            said = self._served(first.removeprefix("$ "), len(shown.splitlines()))
            assert _without_places(said) == _without_places(shown)
        elif block.language == "yaml":
            self._read(block.text)
        elif block.language == "toml":
            self._installed(block.text)

    def _typed(self, line: str) -> str:
        """What a command prints."""
        if line in NOT_RUN:
            return ""
        if installs := INSTALLS.fullmatch(line):
            project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            assert installs[1] in project["optional-dependencies"], line
            return ""
        if line.startswith("pushpull live"):
            return self._served(line, 1)
        if line.startswith(SERVERS):
            pytest.importorskip("distributed")
            command = ["bash", "-c", f"exec {line}"]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            self._servers.append(subprocess.Popen(command, cwd=self.clone, env=self._environment, **quiet))
            return ""
        if "--scheduler" in line:
            self._forget(line)
        return self.run(line, 2 if line in REFUSED else 0)

    def run(self, line: str, code: int = 0, **variables: str) -> str:
        """What a command prints that must end with this exit code."""
        environment = {**self._environment, **variables}
        command, place = ["bash", "-c", line], {"cwd": self.clone, "env": environment}
        done = subprocess.run(command, **place, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == code, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout + (done.stderr if code else "")

    def _program(self, text: str) -> str:
        if "mpi4py" in text:
            (self.clone / "mpi4py").mkdir()
            (self.clone / "mpi4py" / "futures.py").write_text(STAND_IN)
            self._forget(text)
        (self.clone / "program.py").write_text(text, encoding="utf-8")
        return self.run("python program.py")

    def _forget(self, text: str) -> None:
        """Remove a study that was done, so that it is done again, elsewhere."""
        (experiment,) = re.findall(r"experiments/\w+\.yaml", text)
        name = yaml.safe_load((self.clone / experiment).read_text(encoding="utf-8"))["name"]
        for folder in (name, ".store"):
            shutil.rmtree(self.clone / "results" / folder)

    def _served(self, line: str, count: int) -> str:
        """The first lines of a page that is served until Ctrl-C, pressed twice."""
        pytest.importorskip("nicegui")
        port = str(_free_port())
        command = [*line.split(), "--port", port]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command, cwd=self.clone, env=self._environment, **pipes, text=True)
        assert process.stdout is not None
        try:
            first = [process.stdout.readline() for _ in range(count)]
            assert f"http://127.0.0.1:{port}" in first[0]
        finally:
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        assert "Traceback" not in errors
        return "".join(first)

    def _read(self, text: str) -> None:
        """Check a scenario or an experiment; a part of one within the shipped file that is most like it."""
        tree = yaml.safe_load(text) or {}
        shipped = [ROOT / "scenarios" / "quick.yaml", *sorted(ROOT.glob("experiments/*.yaml"))]
        trees = {file: yaml.safe_load(file.read_text(encoding="utf-8")) for file in shipped}
        like = max(trees, key=lambda file: len(tree.keys() & trees[file].keys()))
        if "name" in tree:  # it is shown whole, or all but its comments
            assert tree.items() <= trees[like].items()
        whole = self.clone / like.parent.name / "block.yaml"
        rest = {key: value for key, value in trees[like].items() if key not in tree}
        whole.write_text(text + "\n" + yaml.safe_dump(rest), encoding="utf-8")
        assert main(["check", str(whole)]) == 0, text
        for schema in re.findall(r"\$schema=(\S+)", text):
            assert (self.clone / schema).is_file()

    def _installed(self, text: str) -> None:
        """A package with these entry points, of files that were written before, is known without `--plugin`."""
        for group, entries in tomllib.loads(text)["project"]["entry-points"].items():
            for name, target in entries.items():
                package, _, module = target.partition(":")[0].partition(".")
                (self.clone / package).mkdir()
                shutil.copy(self.clone / f"{module}.py", self.clone / package)
                about = self.clone / f"{package}-1.dist-info"
                about.mkdir()
                (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
                (about / "entry_points.txt").write_text(f"[{group}]\n{name} = {target}\n")
                paths = os.pathsep.join([str(self.clone), os.environ.get("PYTHONPATH", "")])
                assert f"\n{name}\n" in self.run("pushpull strategies", PYTHONPATH=paths)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _without_places(text: str) -> str:
    """Lines without what differs from machine to machine: addresses and the code at the door."""
    return re.sub(r"(?<=: )[0-9A-Z]{6}\b", "CODE", re.sub(r"//\S+:\d+", "//ADDRESS", text))
