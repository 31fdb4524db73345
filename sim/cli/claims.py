"""`pushpull claims`: the essays' claims as hypotheses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AsJson
from sim.cli.outcome import INTERRUPTED, WrongInput
from sim.cli.printing import note, say, say_json, table
from sim.cli.studying import Jobs, Out, Quiet, command_of

if TYPE_CHECKING:
    from sim.claims import Examined, Register

__all__ = ["claims"]

WIDE = 58  # letters of a phrase in the table


def claims(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Numbers of claims; left out: all.", show_default=False),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the claims and their tests, and run nothing.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="A first look in half a minute: few buyers, 4 runs, no search for turns.")
    ] = False,
    replications: Annotated[
        int | None, typer.Option("-n", "--replications", min=2, metavar="N", help="Of each market and economy.")
    ] = None,
    jobs: Jobs = None,
    out: Out = Path("results"),
    docs: Annotated[
        Path | None, typer.Option("--docs", metavar="DIR", help="Write claims.md and its pictures there, too.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Put the essays' claims to their tests: supported, refuted, under which conditions.

    Each claim has its tests, thresholds and economies in a register that was written before the
    runs. Whatever ends it, the same command does only what is missing.

    Example: pushpull claims 0.9 2.14 --quick
    """
    from sim.claims import load_register

    register = load_register()
    chosen = _chosen(register, ids or [])
    if listed:
        _list(register, chosen, as_json)
        return
    from sim.claims import examine_claims, records_of, write_docs
    from sim.cli.run import _require_writable as require_writable

    command = command_of("claims", [("", chosen or None), ("--quick", None), ("-n", replications)]) + (
        " --quick" if quick else ""
    )
    try:
        require_writable(out)
        if docs is not None:
            require_writable(docs)
        examined = examine_claims(
            chosen,
            register=register,
            replications=replications,
            quick=quick,
            out=out,
            jobs=jobs,
            progress=not quiet,
            command=command,
        )
    except KeyboardInterrupt as stop:
        note(f"interrupted: {stop}" if str(stop) else "interrupted; what was run is kept")
        raise typer.Exit(INTERRUPTED) from None
    if docs is not None:
        write_docs(examined, docs)
    if as_json:
        say_json(list(records_of(examined.found)))
    else:
        say(_told(examined))


def _chosen(register: Register, ids: list[str]) -> list[str]:
    """The numbers asked for.

    Raises
    ------
    WrongInput
        With every number that is none.
    """
    wrong = []
    for name in ids:
        try:
            register.claim(name)
        except KeyError as error:
            wrong.append(str(error.args[0]))
    if wrong:
        raise WrongInput("\npushpull: ".join(wrong))
    return list(dict.fromkeys(ids))


def _list(register: Register, chosen: list[str], as_json: bool) -> None:
    from sim.claims.words import measured, phrase, threshold

    rows: list[dict[str, Any]] = [
        {
            "id": claim.id,
            "quote": phrase(claim),
            "economies": part.economies or claim.economies,
            "says": part.says,
            "observable": measured(part),
            "threshold": threshold(part).replace("\u00a0", " "),
            "mechanism": claim.mechanism,
            "built_in": claim.built_in,
        }
        for claim in register.claims
        if not chosen or claim.id in chosen
        for part in claim.parts
    ]
    if as_json:
        say_json(rows)
        return
    lines: list[tuple[str, str]] = []
    for row in rows:
        if not lines or row["id"] != lines[-1][0]:
            lines.append((row["id"], row["quote"]))
        lines.append((row["id"], f"  {row['says']}: {row['threshold']} ({', '.join(row['economies'])})"))
    say("\n".join(text if text.startswith("  ") else f"{name:5} {text}" for name, text in lines))


def _told(examined: Examined) -> str:
    from sim.claims import counts
    from sim.claims.words import MARKS, figure, phrase

    settings = examined.settings
    lines = [
        f"report   {examined.path / 'report.html'}",
        f"folder   {examined.path}",
        f"runs     {settings.runs:,}: {settings.buyers:,} buyers, {settings.replications} of each market and economy",
        "",
    ]
    economies = list(examined.register.market.economies)
    rows = []
    for finding in examined.found:
        words = phrase(finding.claim)
        words = words if len(words) <= WIDE else f"{words[: WIDE - 1].rstrip()}…"
        for place, part in enumerate(finding.claim.parts):
            found = {cell.economy: cell for cell in finding.cells if cell.part == place}
            cells = []
            for name in economies:
                cell = found.get(name)
                mark = MARKS[cell.result.verdict] if cell and cell.home else " "
                cells.append(f"{mark} {figure(part, cell.result.estimate)}" if cell else "")
            head = [finding.claim.id, words, finding.verdict] if place == 0 else ["", "", ""]
            rows.append([*head, *cells])
    lines.append(table(["claim", "phrase", "verdict", *economies], rows))
    tally = counts(examined.found)
    lines += ["", ", ".join(f"{number} {verdict}" for verdict, number in tally.items())]
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
