"""`pushpull verify`: does the market agree with theory, and with what is known of markets?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson
from sim.cli.outcome import FAILED, INTERRUPTED, WrongInput
from sim.cli.printing import note, say, say_json, table
from sim.cli.studying import Quiet

if TYPE_CHECKING:
    from sim.verify import Outcome

__all__ = ["verify"]


def verify(
    rows: Annotated[
        list[str] | None,
        typer.Argument(metavar="ROW", help="Rows to check, as in V14 E1; left out: all.", show_default=False),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Smaller markets: under a minute, with wider errors.")] = False,
    checks: Annotated[bool, typer.Option("--checks", help="Show every check, not only those that fail.")] = False,
    docs: Annotated[
        Path | None,
        typer.Option("--docs", metavar="DIR", help="Write verification.md and its pictures into this folder."),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Check the market against theory and known facts.

    Every row runs the product's own rules in a setting for which the answer is known, and compares
    within the Monte Carlo error. Ends with 1 if a row fails, unless it is known why it must.

    Example: pushpull verify --quick V14 E1
    """
    from sim.verify.running import document, selected

    try:
        chosen = selected(rows or [])
    except ValueError as error:
        raise WrongInput(str(error)) from None
    if docs is not None and rows:
        raise WrongInput("--docs writes the whole page: it goes with all rows")
    if docs is not None:
        from sim.cli.run import _require_writable as require_writable

        require_writable(docs, "--docs")
    if not quiet:
        from sim.cli.run import _announce_compilation as announce_compilation

        announce_compilation()
    done: list[Outcome] = []
    interrupted = False
    try:
        _run(chosen, quick, quiet, done)
    except KeyboardInterrupt:
        interrupted = True
        note(f"interrupted: {len(done)} of {len(chosen)} rows are done")
    if as_json:
        say_json(document(done, quick))
    elif done:
        say(_told(done, checks))
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if docs is not None:
        from sim.verify.page import write_page

        place = write_page(done, docs, f"pushpull verify{' --quick' if quick else ''} --docs {docs.name}")
        if not quiet:
            note(f"wrote {place}")
    if any(outcome.status == "failed" for outcome in done):
        raise typer.Exit(FAILED)


def _run(chosen: list, quick: bool, quiet: bool, done: list[Outcome]) -> None:  # type: ignore[type-arg]
    """Run rows into `done`, so that what is done outlasts an interruption."""
    from tqdm import tqdm

    from sim.verify.running import performed

    with tqdm(total=len(chosen), unit="row", disable=quiet, leave=False) as bar:
        for outcome in performed(chosen, quick):
            done.append(outcome)
            bar.update()
            if len(done) < len(chosen):
                bar.set_postfix_str(chosen[len(done)].id)


def _told(outcomes: list[Outcome], everything: bool) -> str:
    """A line a row, its checks where asked for or not met, and the count."""
    from sim.verify.running import expected_words, figure, tolerance_words, verdict

    lines = []
    header = ("row", "what", "expected", "got", "se", "tolerance", "off", "verdict")
    rows = []
    for outcome in outcomes:
        worst = max((check.off for check in outcome.checks if check.off == check.off), default=0.0)
        off = f"{worst:.1f} se" if worst else ""
        checks = f"{len(outcome.checks)} checks"
        rows.append((outcome.row.id, outcome.row.title, checks, "", "", "", off, verdict(outcome)))
        for check in outcome.checks:
            if everything or not check.passed:
                error = f"{check.standard_error:.2g}" if check.standard_error > 0 else ""
                off = f"{check.off:.1f} se" if check.standard_error > 0 else ""
                last = "" if check.passed else "not met"
                numbers = expected_words(check), figure(check.got), error, tolerance_words(check), off, last
                rows.append(("", f"  {check.what}", *numbers))
    lines.append(table(header, rows))
    known = [outcome for outcome in outcomes if outcome.status == "known"]
    lines += ["", *(f"{outcome.row.id}: not met, and known: {outcome.row.known}" for outcome in known)]
    unread = [outcome.row.id for outcome in outcomes if not outcome.row.read]
    if unread:
        lines.append(f"source quoted from memory: {', '.join(unread)}")
    met = sum(outcome.passed for outcome in outcomes)
    missed = len(outcomes) - met - len(known)
    seconds = sum(outcome.seconds for outcome in outcomes)
    lines += [
        *([""] if known or unread else []),
        f"{met} of {len(outcomes)} rows met, {len(known)} known not to be, {missed} failed; "
        f"{seconds:.0f} s of processor time",
    ]
    return "\n".join(lines)
