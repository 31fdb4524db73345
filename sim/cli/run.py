"""`pushpull run`: a scenario to tables, figures and a report."""

from __future__ import annotations

import shlex
import tempfile
import warnings
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AsJson, Changes, Plugins, load_plugins, parse_changes
from sim.cli.outcome import INTERRUPTED, WrongInput
from sim.cli.printing import note, say, say_json

if TYPE_CHECKING:
    from sim.results import Run
    from sim.scenario import Scenario

__all__ = ["Engine", "run"]


class Engine(StrEnum):
    """The two ways to run the one law."""

    columns = "columns"
    agents = "agents"


def run(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="File of the scenario.", show_default=False)],
    replications: Annotated[
        int | None,
        typer.Option(
            "-n", "--replications", metavar="N", help="Independent runs of each economy; left out: the scenario's."
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            metavar="WIDTH",
            help="Instead of -n: replicate until the 95 % interval of every final share is narrower than this.",
        ),
    ] = None,
    max_replications: Annotated[
        int | None,
        typer.Option("--max-replications", metavar="N", help="With --precision: where to give up; left out: 1000."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="S", help="Seed; left out: the scenario's.")] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, metavar="J", help="Replications at a time; left out: as fits.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="columns is fast; agents runs Mesa agents. Both give the same bytes.")
    ] = Engine.columns,
    changes: Changes = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")] = Path("results"),
    economy: Annotated[
        list[str] | None,
        typer.Option("--economy", metavar="NAME", help="Run only this economy of the scenario; may be repeated."),
    ] = None,
    plugin: Plugins = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run again even if this very run is there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no notices.")] = False,
) -> None:
    """Run a scenario and leave tables, figures and a report.

    Each economy runs on the same buyers, sellers and draws. Ctrl-C keeps what is done; the same
    command goes on from there.

    Example: pushpull run scenarios/office_imaging.yaml -n 8 --set horizon=60
    """
    try:
        load_plugins(plugin)
        from sim.report import write_report
        from sim.runner import PrecisionWarning
        from sim.runner import run as run_scenario
        from sim.runner.precision import MAXIMUM
        from sim.scenario import Scenario

        loaded = Scenario.load(scenario, parse_changes(changes))
        _require_sense(loaded, replications, precision, max_replications, seed, economy)
        _require_writable(out)
        if not quiet:
            _announce_compilation()

        def pages(made: Run) -> None:
            if not quiet:
                note("drawing figures and report")
            write_report(made)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PrecisionWarning)  # said below, in the table's own words
            done = run_scenario(
                loaded,
                replications=replications,
                precision=precision,
                max_replications=MAXIMUM if max_replications is None else max_replications,
                seed=seed,
                economies=economy,
                jobs=jobs,
                engine=engine.value,
                out=out,
                progress=not quiet,
                fresh=fresh,
                pages=pages,
                command=_command(
                    scenario, replications, precision, max_replications, seed, engine, changes, economy, plugin
                ),
            )
    except KeyboardInterrupt as stop:
        note(f"interrupted: {stop}" if str(stop) else "interrupted; nothing was run")
        raise typer.Exit(INTERRUPTED) from None
    if done.reused and not quiet:
        note("this very run was there already; --fresh runs it again")
    if as_json:
        say_json(_document(done))
    else:
        from sim.cli.findings import findings

        say(findings(done))


def _require_sense(
    scenario: Scenario,
    replications: int | None,
    precision: float | None,
    max_replications: int | None,
    seed: int | None,
    economies: list[str] | None,
) -> None:
    """Refuse options that the runner would refuse, before anything is written."""
    from sim.runner import resolve
    from sim.runner.precision import MINIMUM

    if precision is not None and replications is not None:
        raise WrongInput("give -n or --precision, not both: --precision finds the replications itself")
    if precision is None and max_replications is not None:
        raise WrongInput("--max-replications goes with --precision")
    if precision is not None and not 0 < precision < 1:
        raise WrongInput(f"--precision {precision:g}: the width of an interval of a share lies between 0 and 1")
    if max_replications is not None and max_replications < MINIMUM:
        raise WrongInput(f"--max-replications {max_replications}: at least {MINIMUM}")
    try:
        resolve(scenario, replications, seed, economies)
    except ValueError as error:
        raise WrongInput(str(error)) from None


def _require_writable(out: Path, option: str = "--out") -> None:
    """Find out before the work, not after it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WrongInput(f"{option} {out}: cannot be written ({reason.lower()})") from None


def _announce_compilation() -> None:
    """Say why the first replication of all takes so long."""
    from sim.compiled import cache_folder

    if not any(cache_folder().iterdir()):
        note("first run of this version: compiling, once; that takes a part of a minute")


def _command(
    scenario: Path,
    replications: int | None,
    precision: float | None,
    max_replications: int | None,
    seed: int | None,
    engine: Engine,
    changes: list[str] | None,
    economies: list[str] | None,
    plugins: list[Path] | None,
) -> str:
    """Return the command that leads to this run, without folders of this machine."""
    words = ["pushpull", "run", scenario.name if scenario.is_absolute() else scenario.as_posix()]
    for option, given in (
        ("-n", replications),
        ("--precision", precision),
        ("--max-replications", max_replications),
        ("--seed", seed),
    ):
        words += [] if given is None else [option, f"{given}"]
    words += [] if engine is Engine.columns else ["--engine", engine.value]
    for option, values in (
        ("--set", changes),
        ("--economy", economies),
        ("--plugin", [file.name if file.is_absolute() else file.as_posix() for file in plugins or ()]),
    ):
        for value in values or ():
            words += [option, value]
    return shlex.join(words)


def _document(done: Run) -> dict[str, Any]:
    """Return what `--json` prints; a duration beyond the horizon is null, and counted in `censored`."""
    folder = done.path
    return {
        "report": str(folder / "report.html") if folder else None,
        "folder": str(folder) if folder else None,
        "scenario": done.scenario.name,
        "seed": done.scenario.seed,
        "replications": done.scenario.replications,
        "precision": done.precision,
        "reused": done.reused,
        "summary": done.summary.to_dict("records"),
    }
