"""README, CONTRIBUTING and the pages of docs: every command and program in them runs, and shows what they show."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import panels
import pytest
import typer
from following import LESS, NOT_RUN, Reader
from pages import COMMAND, LANGUAGES, PAGES, ROOT, around, blocks, commands, files_named, text_of
from shrunk import shrink

from sim.cli.app import app
from sim.market import Market
from sim.scenario import Scenario

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the pages write paths as POSIX does")

FOLLOWED = [page for page in PAGES if any(block.language not in ("", "text") for block in blocks(page))]
SHOWN = {"README.md": ("quick.yaml",)}  # scenarios whose results a page shows: they stay as they are


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder like a clone in which the first set-up line has been run."""
    for name in ("benchmarks", "docs/docking", "experiments", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "docs" / "docking.md", tmp_path / "docs")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def leaves(clone: Path, page: str, heading: str, names: str) -> None:
    """Folders of results hold together exactly the files that a page names."""
    found = [file for file in clone.glob(f"results/{names}/*/*") if file.parts[-3] != ".store"]
    assert {f"{one.name}/" if one.is_dir() else one.name for one in found} == files_named(page, heading)


def a_tournament(clone: Path) -> None:
    """With a strategy of the reader's own."""
    (clone / "my_strategies.py").write_text(next(block.text for block in blocks("CONTRIBUTING.md") if block.title))
    shipped = (clone / "experiments" / "which_way_to_sell.yaml").read_text()
    own = shipped.replace("../scenarios", "scenarios").replace("- hard-sell", "- discounter", 1)
    (clone / "mine.yaml").write_text(own)


def histories(clone: Path) -> None:
    """Purchases, and market shares over time."""
    panels.write(clone / "purchases.csv", panels.simulated(24, 10))
    market = Market(Scenario.load(clone / "scenarios" / "quick.yaml", {"horizon": 30}), "transition")
    record = market.run()
    market.release()
    rows = [f"{month},{','.join(map(str, row))}" for month, row in enumerate(record.shares["share"])]
    (clone / "shares.csv").write_text("\n".join([f"month,{','.join(record.sellers)}", *rows]))


def readme(reader: Reader) -> None:
    (program,) = (block.text for block in blocks("README.md") if block.language == "python")
    assert re.match(r"120 \d+\.\d%\n", reader.said[program])
    assert "economy" in reader.said[program]
    assert (reader.clone / "my_market.yaml").is_file()
    leaves(reader.clone, "README.md", "What a run leaves", "office-imaging")


def contributing(reader: Reader) -> None:
    listed, found = (said for line, said in reader.said.items() if line.startswith(".venv/bin/pushpull"))
    assert "discounter\n  Cuts its price" in listed
    assert "results/quick" in found
    program = next(text for text in reader.said if "Bargainer" in text)
    shares = eval(reader.said[program])
    assert sum(shares.values()) == pytest.approx(1, abs=0.003)
    (reader.clone / "plain.py").write_text(program.replace(", buyer_class=Bargainer", ""))
    assert eval(reader.run("python plain.py")) != shares


def commands_page(reader: Reader) -> None:
    for name in ("scenario.schema.json", "experiment.schema.json"):
        assert json.loads((reader.clone / name).read_text())["$schema"]
    (folder,) = (reader.clone / "results" / "claims").iterdir()
    (said,) = re.findall(r"^`results/claims/<key>/` holds (.*?) with one row", text_of("docs/commands.md"), re.M)
    assert {name.strip("/") for name in re.findall("`(.*?)`", said)} == {file.name for file in folder.iterdir()}


def studies(reader: Reader) -> None:
    leaves(reader.clone, "docs/studies.md", "What a study leaves", "*")


def calibration(reader: Reader) -> None:
    leaves(reader.clone, "docs/calibration.md", "What is left", "*-calibrated")


# What a page takes for granted, and what must be there when it has been followed
BEFORE: dict[str, Callable[[Path], None]] = {"docs/studies.md": a_tournament, "docs/calibration.md": histories}
AFTER: dict[str, Callable[[Reader], None]] = {
    "README.md": readme,
    "CONTRIBUTING.md": contributing,
    "docs/commands.md": commands_page,
    "docs/studies.md": studies,
    "docs/calibration.md": calibration,
}


@pytest.mark.parametrize("page", FOLLOWED)
def test_a_page_can_be_followed(page: str, clone: Path) -> None:
    shrink(clone, SHOWN.get(page, ()))
    if page in BEFORE:
        BEFORE[page](clone)
    with Reader(clone) as reader:
        reader.follow(page)
        if page in AFTER:
            AFTER[page](reader)


# Open MPI 4 and 5; MPICH asks for nothing
MORE_THAN_CORES = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}


@pytest.mark.skipif(
    importlib.util.find_spec("mpi4py") is None or shutil.which("mpiexec") is None, reason="needs mpi4py and mpiexec"
)
def test_the_program_for_mpi_runs_under_mpi(clone: Path) -> None:
    shrink(clone)
    (program,) = (block.text for block in blocks("docs/studies.md") if "mpi4py" in block.text)
    (command,) = re.findall("# (mpiexec .*)", program)
    (clone / "this.py").write_text(program)
    with Reader(clone) as reader:
        reader.run(command.replace("-n 64", "-n 3"), **MORE_THAN_CORES)
    assert len(list(clone.glob("results/search-by-switching/*/report.html"))) == 1


def test_the_readme_sets_up_in_two_lines() -> None:
    first, second = (line for line in commands("README.md") if line.startswith("python3 -m venv"))
    assert first.endswith("pushpull run scenarios/office_imaging.yaml")
    assert "pytest" in second
    assert [len(block.lines) for block in blocks("README.md")[:2]] == [1, 1]


@pytest.mark.parametrize("page", PAGES)
def test_no_block_of_a_page_escapes(page: str) -> None:
    assert text_of(page).count("```") == 2 * len(blocks(page)), "a block is indented, or not closed"
    assert "~~~" not in text_of(page)
    assert {block.language for block in blocks(page)} <= set(LANGUAGES)
    unread = "\n".join([around(page), *(block.text for block in blocks(page) if not block.language)])
    assert not re.findall(rf"^(?:    )*{COMMAND.pattern}.*", unread, re.M), "a command stands outside of a block for it"


def test_what_is_not_run_or_done_with_less_stands_on_a_page() -> None:
    done = {line for page in PAGES for line in commands(page)}
    assert done >= NOT_RUN.keys()
    whole = "\n".join(map(text_of, PAGES))
    assert all(words in whole for words in LESS)


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_options_in_the_text_are_known(page: str) -> None:
    group = typer.main.get_command(app)
    options = {
        name: {word for parameter in command.params for word in (*parameter.opts, *parameter.secondary_opts)}
        for name, command in group.commands.items()  # type: ignore[attr-defined]
    }
    for name, rest in re.findall(r"`(?:\.venv/bin/)?pushpull ([a-z]+)([^`]*)`", around(page)):
        words = rest.replace("\\|", " ").split()
        assert {word for word in words if word.startswith("-")} <= options[name] | {"--help"}, rest
        assert all((ROOT / word).is_file() for word in words if word.startswith(("scenarios/", "experiments/"))), rest
    if page != "docs/benchmarks.md":  # its programs have their own
        alone = set(re.findall(r"`(--?[a-z][\w-]*)[^`]*`", around(page)))
        assert alone <= set().union(*options.values(), *({"--help", "--version"},))


def test_the_examples_of_help_are_read_as_they_stand() -> None:
    """On the page of options; commands like them are run on the other pages."""
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        words = command.epilog.removeprefix("Example: pushpull ").partition(" >")[0].split()
        assert words[0] == name
        with command.make_context(name, words[1:]):
            assert all(list(ROOT.glob(word)) for word in words if word.startswith(("scenarios/", "experiments/")))


def test_pages_point_to_what_is_there() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text_of(page)):
            if "://" not in target:
                assert (ROOT / page).parent.joinpath(target).exists(), f"{page}: {target}"
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert picture.stat().st_size < 200_000, picture.name
