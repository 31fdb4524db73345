"""What the site adds to the pages of this folder: the repository's own pages, scenarios, options of the commands.

Links are written for a reader of the repository; here they are turned to where the same thing is on the site.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

import typer
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent.parent

# Files of the repository that are pages, and those that are only shown as they are
PAGES = {
    "README.md": "overview.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "scenarios/README.md": "scenarios/index.md",
}
FOLDERS = {"scenarios": "scenarios/index.md", "experiments": "experiments/index.md"}
FILES = {"LICENSE": "LICENSE.txt", "CITATION.cff": "CITATION.txt", "benchmarks/market.yaml": "benchmarks/market.yaml"}
LINK = re.compile(r"(\]\()([^)#\s]+)(#[^)\s]*)?(\))")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that stand elsewhere in the repository, or are made from the program."""
    texts = {target: (ROOT / source).read_text(encoding="utf-8") for source, target in PAGES.items()}
    texts["experiments/index.md"] = _experiments()
    texts["reference/options.md"] = _options()
    for target, text in texts.items():
        files.append(File.generated(config, target, content=text))
    for source, target in _shown().items():
        files.append(File.generated(config, target, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turn the links of a page to where their targets are on the site."""
    here = page.file.src_uri
    source = {target: source for source, target in PAGES.items()}.get(here, f"docs/{here}")
    known = {**PAGES, **FOLDERS, **_shown()}

    def turned(link: re.Match[str]) -> str:
        opening, target, anchor, closing = link.groups()
        if "://" in target:
            return link.group()
        place = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        there = known.get(place, place.removeprefix("docs/") if place.startswith("docs/") else None)
        if there is None:
            return link.group()
        return f"{opening}{posixpath.relpath(there, posixpath.dirname(here) or '.')}{anchor or ''}{closing}"

    return LINK.sub(turned, markdown)


def _shown() -> dict[str, str]:
    """Files that are copied, by their place in the repository."""
    scenarios = {f"scenarios/{one.name}": f"scenarios/{one.name}" for one in (ROOT / "scenarios").glob("*.yaml")}
    return {**FILES, **scenarios}


def _experiments() -> str:
    """The shipped experiments, whole."""
    parts = ["# Experiments", "One of each kind of [study](../studies.md), and more; each takes about a minute."]
    for one in sorted((ROOT / "experiments").glob("*.yaml")):
        parts += [f"## {one.name}", f"```yaml\n{one.read_text(encoding='utf-8').strip()}\n```"]
    return "\n\n".join(parts) + "\n"


def _options() -> str:
    """What `--help` says of each command."""
    from sim.cli.app import app

    group = typer.main.get_command(app)
    whole = typer.Context(group, info_name="pushpull", help_option_names=["-h", "--help"])
    about = "What `--help` prints; [commands](../commands.md) says what they do and leave."
    parts = ["# Options of the commands", about]
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        context = typer.Context(command, info_name=name, parent=whole, terminal_width=76)
        parts += [f"## {name}", f"```text\n{command.get_help(context)}\n```"]
    return "\n\n".join(parts) + "\n"
