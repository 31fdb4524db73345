"""`pushpull discovery`: under which conditions something happens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AsJson, Changes, Plugins, load_plugins, parse_changes
from sim.cli.outcome import WrongInput
from sim.cli.printing import note, say, say_json
from sim.cli.studying import Jobs, Out, Quiet, Replications, Scheduler, command_of, conducted, document_of

if TYPE_CHECKING:
    from sim.studies import Prepared, Study

__all__ = ["discovery"]


def discovery(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT", help="File of the study.", show_default=False)],
    retest: Annotated[
        int | None,
        typer.Option("--retest", min=1, metavar="BOX", help="Test this box on new settings inside it, on new draws."),
    ] = None,
    replications: Replications = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    changes: Changes = None,
    out: Out = Path("results"),
    plugin: Plugins = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find the boxes of settings in which something mostly happens.

    Each is told in one sentence, with coverage and density; --retest BOX runs new settings inside
    a box and says what it is worth out of sample.

    Example: pushpull discovery experiments/when_the_incumbent_holds.yaml --retest 1
    """
    load_plugins(plugin)

    def prepare() -> Prepared:
        from sim.studies import load

        return load(experiment, kind="discovery", values=parse_changes(changes), replications=replications)

    words: list[tuple[str, Any]] = [("", experiment), ("-n", replications), ("--set", changes), ("--plugin", plugin)]
    command = command_of("discovery", words)
    study = conducted(prepare, jobs=jobs, scheduler=scheduler, out=out, quiet=quiet, command=command)
    if retest is not None:
        study = _retested(study, retest, jobs, scheduler, out, quiet, f"{command} --retest {retest}")
    if as_json:
        name = "boxes" if retest is None else "retest"
        say_json(document_of(study) | {name: study.table(name).to_dict("records")})
    else:
        say(_told(study))


def _retested(
    study: Study, number: int, jobs: int | None, scheduler: str | None, out: Path, quiet: bool, command: str
) -> Study:
    """The test of a box of a study."""
    from sim.studies.doors import box_of

    try:
        prepared = box_of(study, number)
    except ValueError as error:
        raise WrongInput(f"--retest {number}: {error}") from None
    if not quiet:
        note(f"box {number} of {study.path}")
    return conducted(lambda: prepared, jobs=jobs, scheduler=scheduler, out=out, quiet=quiet, command=command)


def _told(study: Study) -> str:
    """Where the results are, and every box in one sentence."""
    from sim.studies.discovery_page import in_one_sentence
    from sim.studies.discovery_tables import outcomes_of
    from sim.studies.wording import runs_of

    prepared = study.prepared
    runs = runs_of(prepared.points, len(prepared.economies), prepared.replications, "setting")
    lines = [f"report     {study.path / 'report.html'}", f"folder     {study.path}", f"discovery  {runs}", ""]
    for one in outcomes_of(study):
        lines.append(f"{'box ' + str(one.number) if one.box else 'out of sample'}: {in_one_sentence(study, one)}")
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
