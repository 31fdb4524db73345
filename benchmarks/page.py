"""Tables in Markdown, and docs/benchmarks.md, of which each part rewrites its own section."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def table(header: Sequence[str], rows: Sequence[Sequence[object]], words: int = 1) -> str:
    """A Markdown table; the first columns, `words` of them, are text, the others are numbers."""
    lines = [header, ["---"] * words + ["---:"] * (len(header) - words), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def with_section(text: str, name: str, section: str) -> str:
    """The page with one section replaced.

    Raises
    ------
    ValueError
        If the page has no place for it.
    """
    start, end = f"<!-- {name}: written by benchmarks/run.py -->", f"<!-- end of {name} -->"
    replaced, times = re.subn(
        f"{re.escape(start)}.*?{re.escape(end)}", lambda _: f"{start}\n\n{section}\n\n{end}", text, flags=re.S
    )
    if times != 1:
        raise ValueError(f"{PAGE.name} must hold one section between {start} and {end}")
    return replaced


def write_section(name: str, section: str) -> None:
    """Replace one section of the page, whole or not at all."""
    text = with_section(PAGE.read_text(encoding="utf-8"), name, section)
    with tempfile.NamedTemporaryFile("w", dir=PAGE.parent, delete=False, encoding="utf-8") as draft:
        draft.write(text)
        draft.flush()
        os.fsync(draft.fileno())
    os.chmod(draft.name, PAGE.stat().st_mode & 0o777)
    os.replace(draft.name, PAGE)
