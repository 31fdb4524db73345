"""`pushpull sweep`: a scenario over a space of factors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson, Changes, Plugins, load_plugins, parse_changes
from sim.cli.printing import say, say_json, table
from sim.cli.studying import Jobs, Out, Quiet, Replications, Scheduler, command_of, conducted, document_of

if TYPE_CHECKING:
    from sim.studies import Prepared, Study

__all__ = ["sweep"]

MOST_LINES = 40


def sweep(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT", help="File of the sweep.", show_default=False)],
    replications: Replications = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    changes: Changes = None,
    out: Out = Path("results"),
    plugin: Plugins = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a scenario at every point of a design over factors.

    Points share their draws. Whatever ends it, the same command does only what is missing; -n with
    fewer replications takes an early look at what is there.

    Example: pushpull sweep experiments/search_by_switching.yaml --jobs 2
    """
    load_plugins(plugin)

    def prepare() -> Prepared:
        from sim.studies import load

        return load(experiment, kind="sweep", values=parse_changes(changes), replications=replications)

    command = command_of("sweep", [("", experiment), ("-n", replications), ("--set", changes), ("--plugin", plugin)])
    study = conducted(prepare, jobs=jobs, scheduler=scheduler, out=out, quiet=quiet, command=command)
    if as_json:
        say_json(document_of(study))
    else:
        say(_told(study))


def _told(study: Study) -> str:
    """Where the results are, and every point in figures."""
    from sim.studies.sweep_page import Outcomes, table_of
    from sim.studies.wording import runs_of

    prepared = study.prepared
    outcomes = Outcomes(study)
    lines = [
        f"report   {study.path / 'report.html'}",
        f"folder   {study.path}",
        f"sweep    {runs_of(prepared.points, len(prepared.economies), prepared.replications)}",
        "",
    ]
    header, rows = table_of(outcomes)
    lines.append(table(header, rows[:MOST_LINES]))
    if len(rows) > MOST_LINES:
        lines.append(f"... {len(rows)} lines in all: see summary.csv")
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
