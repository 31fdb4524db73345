"""The page of the verification: what was expected, what came out, with figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.plots.gallery import png_of
from sim.plots.sheet import figure_of
from sim.plots.theory import plot_against_theory, plot_square_tables
from sim.results.files import writing
from sim.verify.row import Outcome, Picture
from sim.verify.running import expected_words, figure, tolerance_words, verdict

__all__ = ["figure_of_picture", "page", "write_page"]

DPI = 80.0  # a page in a browser; the files stay small

INTRODUCTION = """# Does it agree with theory, and with what is known of markets?

`pushpull verify` answers with the program itself: every row below drives pushpull's own rules and kernels in a setting
for which theory or data say what must come out, and compares. V rows are closed forms; E rows are facts that must
emerge from a market in which they were not put. The page is written by `{command}`.

**How to read it.** *got* is what the market gave, *se* its Monte Carlo standard error (none: no chance is involved).
A row passes if every check does. The tolerance of a random number is in standard errors, 4 unless it says otherwise,
plus what rounding of the expected value, or ticks instead of continuous time, may account for. `by 2 se` means that the
number must lie inside its range by so many. In rows E1 to E4 the error is the spread of one panel of households: the
market must make what was observed an ordinary panel, and the tolerance is 2.

**What is not met stays in the table.** A row that is known not to be met says why; it is counted as not met, and alone
does not make the command fail. The command ends with 1 if any other row fails.

**Chosen after a first look.** In four rows of facts the setting or the range was settled when a first result was known,
so that they show that the fact *can* emerge, not that it must: E6 (at a switching cost of 0.75 there is no penalty for
coming late, at 3 the pioneer keeps nearly all), E8 (thresholds: with 150 first users or more instead of 30 a random
network is the fastest), E10 (ranges around the elasticities, not their intervals), E14 (messages that reach more buyers
at once gain less from lasting: 1.8 times instead of 3.3).

**Sources.** A row marked *from memory* quotes figures of a source that was not read again; its formulas were computed
and checked.
"""


def page(outcomes: Sequence[Outcome], command: str) -> str:
    """The page in Markdown."""
    met = sum(outcome.passed for outcome in outcomes)
    known = [outcome for outcome in outcomes if outcome.status == "known"]
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    checks = sum(len(outcome.checks) for outcome in outcomes)
    minutes = sum(outcome.seconds for outcome in outcomes) / 60
    parts = [
        INTRODUCTION.format(command=command),
        f"**{met} of {len(outcomes)} rows are met** ({checks} checks), {len(known)} are known not to be, {len(failed)} "
        f"fail. It took {minutes:.1f} minutes of processor time.",
        "",
        "| row | what | verdict | source |",
        "|---|---|---|---|",
        *(
            f"| [{one.row.id}](#{one.row.id.lower()}) | {one.row.title} | {_strong(one)} "
            f"| {one.row.source}{'' if one.row.read else '; *from memory*'} |"
            for one in outcomes
        ),
        "",
        "Not met, and known:" if known else "",
        "",
        *(f"- **{one.row.id}** {one.row.title}: {one.row.known}." for one in known),
        "",
    ]
    for one in outcomes:
        parts += [*_section(one), ""]
    return "\n".join(parts).rstrip() + "\n"


def _strong(outcome: Outcome) -> str:
    words = verdict(outcome)
    return words if outcome.passed else f"**{words}**"


def _section(outcome: Outcome) -> list[str]:
    row = outcome.row
    lines = [
        f'<a id="{row.id.lower()}"></a>',
        f"## {row.id} {row.title}",
        "",
        f"{row.setting[:1].upper()}{row.setting[1:]}. Source: {row.source}{'' if row.read else ' (from memory)'}.",
        "",
    ]
    if not outcome.passed and row.known:
        lines += [f"**Not met:** {row.known}.", ""]
    lines += ["| what | expected | got | se | tolerance | off by | |", "|---|---|---|---|---|---|---|"]
    for check in outcome.checks:
        error = f"{check.standard_error:.2g}" if check.standard_error > 0 else "–"
        off = f"{check.off:.1f} se" if check.standard_error > 0 and check.tolerance >= 0 else ""
        got = figure(check.got) if not np.isnan(check.got) else f"– ({check.note})"
        lines.append(
            f"| {check.what} | {expected_words(check)} | {got} | {error} | {tolerance_words(check)} | {off} "
            f"| {'✓' if check.passed else '**✗**'} |".replace("|c)|", "\\|c)\\|")
        )
    for picture in outcome.pictures:
        lines += ["", f"![{picture.title}](pictures/{picture.name}.png)"]
    return lines


def figure_of_picture(picture: Picture) -> Any:
    """Draw a picture of a row; a matplotlib Figure."""
    if picture.tables:
        axes = plot_square_tables(picture.tables, picture.labels, title=picture.title, note=picture.note)
    else:
        axes = plot_against_theory(
            [
                (panel.title, panel.across, panel.up, panel.theory, panel.found, panel.bars, panel.labels)
                for panel in picture.panels
            ],
            title=picture.title,
            note=picture.note,
        )
    return figure_of(np.ravel(axes)[0])


def write_page(outcomes: Sequence[Outcome], folder: Path, command: str) -> Path:
    """Write ``verification.md`` and its figures under ``pictures/`` into a folder; each file is whole or not there."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    for outcome in outcomes:
        for picture in outcome.pictures:
            with writing(pictures / f"{picture.name}.png", "wb") as file:
                file.write(png_of(figure_of_picture(picture), DPI))
    place = folder / "verification.md"
    with writing(place) as file:
        file.write(page(outcomes, command))
    return place
