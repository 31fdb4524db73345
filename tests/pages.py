"""The pages of the repository, block by block."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
FOUND = ("*.md", "docs/**/*.md", "benchmarks/*.md", "experiments/*.md", "results/*.md", "scenarios/*.md")
PAGES = sorted(page.relative_to(ROOT).as_posix() for pattern in FOUND for page in ROOT.glob(pattern))

# What a fenced block can be: the first four are done in a test, `text` and `console` compared with what was printed,
# a block without a language is a formula or a message
LANGUAGES = ("sh", "python", "yaml", "toml", "text", "console", "")

FENCED = re.compile(r'^```(\w*)(?: title="(.*)")?\n((?:(?!```).*\n)*)```$', re.MULTILINE)
COMMAND = re.compile(r"\s*(\$ )?(\.venv/bin/)?(pushpull|python3?|pip|pytest|mkdocs|dask|mpiexec|asv) ")


class Block(NamedTuple):
    """A fenced block; with a title, it is a file of that name."""

    language: str
    title: str
    text: str

    @property
    def lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if line]


@cache
def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    """All fenced blocks of a page, in their order."""
    return [Block(*parts) for parts in FENCED.findall(text_of(page))]


def commands(page: str) -> list[str]:
    """Lines of the blocks for a shell."""
    return [line for block in blocks(page) if block.language == "sh" for line in block.lines]


def around(page: str) -> str:
    """A page without its fenced blocks."""
    return FENCED.sub("", text_of(page))


def files_named(page: str, heading: str) -> set[str]:
    """Files, and folders with a slash, in the first column of the table under a heading."""
    section = text_of(page).split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
