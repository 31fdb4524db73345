"""What the commands of studies share: where they run, and how they end."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.outcome import INTERRUPTED, WrongInput, reason
from sim.cli.printing import note

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sim.studies import Prepared, Study

__all__ = ["Jobs", "Out", "Quiet", "Replications", "Scheduler", "command_of", "conducted", "document_of"]

Replications = Annotated[
    int | None,
    typer.Option("-n", "--replications", min=1, metavar="N", help="Of each point; left out: the experiment's."),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, metavar="J", help="Replications at a time; left out: as fits.")
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="Run on the Dask cluster whose scheduler is there."),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no notices.")]

PATIENCE = 10  # seconds in which a scheduler must answer


def conducted(
    prepare: Callable[[], Prepared],
    *,
    jobs: int | None,
    scheduler: str | None,
    out: Path,
    quiet: bool,
    command: str,
) -> Study:
    """Run a study; a study with failures raises after it is written.

    Raises
    ------
    WrongInput
        If the input is wrong, or no scheduler answers.
    """
    from sim.cli.run import _require_writable as require_writable

    try:
        if jobs is not None and scheduler is not None:
            raise WrongInput("give --jobs or --scheduler, not both: a cluster has its own number of workers")
        from sim.runner import RunError
        from sim.studies import conduct

        prepared = prepare()
        require_writable(out)
        with _executor(scheduler) as executor:
            try:
                study = conduct(prepared, jobs=jobs, executor=executor, out=out, progress=not quiet, command=command)
            except OSError as error:
                kept = "what is done is kept, and the same command goes on from there"
                raise RunError(f"{reason(error)}; {kept}") from error
    except KeyboardInterrupt as stop:
        note(f"interrupted: {stop}" if str(stop) else "interrupted; nothing was run")
        raise typer.Exit(INTERRUPTED) from None
    if study.reused and not quiet:
        note("this very study was there already")
    return study


@contextmanager
def _executor(scheduler: str | None) -> Iterator[Executor | None]:
    """The executor of a Dask cluster that already runs; None without a scheduler."""
    if scheduler is None:
        yield None
        return
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise WrongInput("--scheduler needs Dask: pip install 'pushpull[cluster]'") from None
    try:
        client = Client(scheduler, timeout=PATIENCE)
    except (OSError, ValueError, TimeoutError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise WrongInput(f"--scheduler {scheduler}: no scheduler answers there ({reason})") from None
    with client:
        if not client.scheduler_info()["workers"]:
            note(f"the scheduler at {scheduler} has no workers yet; start some with: dask worker {scheduler}")
        with client.get_executor() as executor:
            yield executor


def command_of(name: str, words: Sequence[tuple[str, Any]]) -> str:
    """The command that leads to a study, without folders of this machine.

    Parameters
    ----------
    name : str
        Of the command.
    words : sequence of (option, value)
        An argument has an empty option; lists give an option several times, None gives none.
    """
    parts = ["pushpull", name]
    for option, given in words:
        for value in given if isinstance(given, (list, tuple)) else () if given is None else (given,):
            if isinstance(value, Path):
                value = value.name if value.is_absolute() else value.as_posix()
            parts += [option, str(value)] if option else [str(value)]
    return shlex.join(parts)


def document_of(study: Study) -> dict[str, Any]:
    """What ``--json`` prints of a study."""
    return {
        "report": str(study.path / "report.html"),
        "folder": str(study.path),
        "experiment": study.prepared.experiment.name,
        "kind": study.prepared.experiment.kind,
        "points": study.prepared.points,
        "replications": study.prepared.replications,
        "failures": len(study.failures),
        "reused": study.reused,
        "summary": study.summary.to_dict("records"),
    }
