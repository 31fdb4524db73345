"""`pushpull compare`: a scenario against itself with a change, on common draws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AsJson, Changes, Plugins, load_plugins, parse_changes
from sim.cli.outcome import WrongInput
from sim.cli.printing import say, say_json, table
from sim.cli.studying import Jobs, Out, Quiet, Replications, Scheduler, command_of, conducted, document_of

if TYPE_CHECKING:
    from sim.studies import Prepared, Study

__all__ = ["compare"]

MOST_LINES = 40


def compare(
    file: Annotated[
        Path, typer.Argument(metavar="SCENARIO|EXPERIMENT", help="A scenario, or a comparison.", show_default=False)
    ],
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="NAME", help="Take out this seller, or named event; may be repeated."),
    ] = None,
    changes: Changes = None,
    change: Annotated[
        Path | None, typer.Option("--with", metavar="CHANGE.yaml", help="File of a change, as in an experiment.")
    ] = None,
    replications: Replications = None,
    economy: Annotated[
        list[str] | None,
        typer.Option("--economy", metavar="NAME", help="Run only this economy of the scenario; may be repeated."),
    ] = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    out: Out = Path("results"),
    plugin: Plugins = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a scenario with and without a change, on the same draws.

    Says by how much, how sure, and why customers moved. A comparison in a file names its own
    changes; a scenario is given one by --without, --set or --with.

    Example: pushpull compare scenarios/quick.yaml --without Newcomer -n 16
    """
    load_plugins(plugin)
    values = parse_changes(changes)

    def prepare() -> Prepared:
        return _prepared(file, without, values, change, replications, economy)

    command = command_of(
        "compare",
        [
            ("", file),
            ("--without", without),
            ("--set", changes),
            ("--with", change),
            ("-n", replications),
            ("--economy", economy),
            ("--plugin", plugin),
        ],
    )
    study = conducted(prepare, jobs=jobs, scheduler=scheduler, out=out, quiet=quiet, command=command)
    if as_json:
        say_json(document_of(study))
    else:
        say(_told(study))


def _prepared(
    file: Path,
    without: list[str] | None,
    values: dict[str, Any],
    change: Path | None,
    replications: int | None,
    economies: list[str] | None,
) -> Prepared:
    from sim.scenario import Scenario, ScenarioError, read_file
    from sim.studies import is_experiment, load, of_words

    reading = read_file(file)
    asked = bool(without or values or change)
    if is_experiment(reading.tree):
        if asked or economies:
            raise WrongInput(
                f"{file} is an experiment and names its own changes and economies; "
                "--without, --set, --with and --economy go with a scenario"
            )
        return load(file, kind="compare", replications=replications)
    scenario = Scenario.load(file)
    if not asked:
        raise WrongInput("a scenario needs a change: --without NAME, --set PATH=VALUE, or --with CHANGE.yaml")
    words: dict[str, Any] = {}
    if change is not None:
        found = read_file(change, "change")
        if found.mistakes or not found.sound:
            raise ScenarioError(found.mistakes)
        words |= found.tree
    words |= values
    if without:
        words["without"] = [*words.get("without", []), *without]
    name = f"{scenario.name}-compare"
    experiment = {
        "name": name,
        "kind": "compare",
        "change": words,
        "economies": economies,
        "replications": replications,
    }
    try:
        return of_words(experiment, scenario)
    except ScenarioError as error:
        raise WrongInput("; ".join(_option(one.where, one.message) for one in error.mistakes)) from None


def _option(where: str, message: str) -> str:
    """A mistake in the terms of the command line."""
    if where == "change.without":
        return f"--without: {message}"
    if where.startswith("change."):
        return f"{where.removeprefix('change.')}: {message}"
    return f"{where}: {message}" if where and where != "change" else message


def _told(study: Study) -> str:
    """Where the results are, what they say, and every difference in figures."""
    from sim.measures import Estimate
    from sim.studies.wording import amount, runs_of, title_of

    prepared = study.prepared
    runs = runs_of(prepared.points, len(prepared.economies), prepared.replications, "scenario")
    lines = [f"report   {study.path / 'report.html'}", f"folder   {study.path}", f"compare  {runs}", ""]
    rows = []
    for row in study.summary.itertuples():
        paired = Estimate(row.mean, row.low, row.high, row.replications, row.censored)
        unpaired = paired._replace(low=row.unpaired_low, high=row.unpaired_high)
        reduction = "–" if row.variance_reduction != row.variance_reduction else f"{100 * row.variance_reduction:.0f} %"
        words = (amount(row.measure, paired), amount(row.measure, unpaired), reduction)
        rows.append((row.change, row.economy, title_of(row.seller, row.measure), *words))
    header = ("change", "economy", "measure", "difference, paired", "the same, unpaired", "variance reduction")
    lines.append(table(header, rows[:MOST_LINES]))
    if len(rows) > MOST_LINES:
        lines.append(f"... {len(rows)} lines in all: see summary.csv")
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
