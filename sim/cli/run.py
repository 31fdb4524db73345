"""`pushpull run`: a scenario to tables, figures and a report."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import AsJson, Changes, Plugins, load_plugins, parse_changes
from sim.cli.outcome import INTERRUPTED, WrongInput
from sim.cli.printing import note, say, say_json

__all__ = ["Engine", "run"]


class Engine(str, Enum):
    """The two ways to run the one law."""

    columns = "columns"
    agents = "agents"


def run(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario.", show_default=False)],
    replications: Annotated[
        int | None,
        typer.Option("-n", "--replications", min=1, metavar="N", help="Independent runs of each economy; left out: the scenario's."),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            metavar="WIDTH",
            help="Instead of -n: replicate until the 95 % interval of every final share is narrower than this, as 0.01.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, metavar="S", help="Seed; left out: the scenario's.")] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, metavar="J", help="Replications at a time; left out: one a processor.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="columns is fast; agents runs Mesa agents. Both give the same bytes.")
    ] = Engine.columns,
    changes: Changes = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")] = Path("results"),
    economy: Annotated[
        list[str] | None, typer.Option("--economy", metavar="NAME", help="Run only this economy of the scenario; may be repeated.")
    ] = None,
    plugin: Plugins = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no notices.")] = False,
) -> None:
    """Run a scenario and leave tables, figures and a report.

    Each economy runs on the same buyers, sellers and draws. Ctrl-C keeps what is done; the same command
    continues there.

    Example: pushpull run scenarios/office_imaging.yaml -n 8 --set horizon=60
    """
    ...
