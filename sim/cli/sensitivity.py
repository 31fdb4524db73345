"""`pushpull sensitivity`: which of a scenario's values matter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson, Changes, Plugins, load_plugins, parse_changes
from sim.cli.printing import say, say_json, table
from sim.cli.studying import Jobs, Out, Quiet, Replications, Scheduler, command_of, conducted, document_of

if TYPE_CHECKING:
    from sim.studies import Prepared, Study

__all__ = ["sensitivity"]

MOST_LINES = 40


def sensitivity(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT", help="File of the study.", show_default=False)],
    replications: Replications = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    changes: Changes = None,
    out: Out = Path("results"),
    plugin: Plugins = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say which factors matter for what comes out, and how sure that is.

    By Morris screening, Sobol indices or a factorial, as the experiment says; the noise of the
    replications is told beside. Whatever ends it, the same command does only what is missing.

    Example: pushpull sensitivity experiments/which_part_of_pull.yaml --jobs 2
    """
    load_plugins(plugin)

    def prepare() -> Prepared:
        from sim.studies import load

        return load(experiment, kind="sensitivity", values=parse_changes(changes), replications=replications)

    words = [("", experiment), ("-n", replications), ("--set", changes), ("--plugin", plugin)]
    command = command_of("sensitivity", words)
    study = conducted(prepare, jobs=jobs, scheduler=scheduler, out=out, quiet=quiet, command=command)
    if as_json:
        say_json(document_of(study) | {"indices": study.table("indices").to_dict("records")})
    else:
        say(_told(study))


def _told(study: Study) -> str:
    """Where the results are, and what matters most for each measure."""
    from sim.studies.indices import Index
    from sim.studies.sensitivity_page import index_in_words, main_index
    from sim.studies.wording import factor_words, runs_of, title_of

    prepared, main = study.prepared, main_index(study)
    lines = [
        f"report       {study.path / 'report.html'}",
        f"folder       {study.path}",
        f"sensitivity  {runs_of(prepared.points, len(prepared.economies), prepared.replications)}",
        "",
    ]
    found = study.table("indices")
    found = found[found["index"] == main]
    found = found.assign(size=-found["value"].abs())
    rows = [
        (
            row.economy,
            title_of(row.seller, row.measure),
            factor_words(row.factor),
            index_in_words(Index(main, 0, -1, row.value, row.low, row.high), row.measure),
            "–" if row.noise_share != row.noise_share else f"{100 * row.noise_share:.1f} %",
        )
        for _, part in found.groupby(["economy", "seller", "measure"], sort=False)
        for row in part.sort_values("size", kind="stable").itertuples()
    ]
    lines.append(table(("economy", "measure", "factor", main.replace("_", " "), "chance"), rows[:MOST_LINES]))
    if len(rows) > MOST_LINES:
        lines.append(f"... {len(rows)} lines in all: see indices.parquet")
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
