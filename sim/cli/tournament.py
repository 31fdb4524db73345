"""`pushpull tournament`: strategies against each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import AsJson, Changes, Plugins, load_plugins, parse_changes
from sim.cli.printing import say, say_json, table
from sim.cli.studying import Jobs, Out, Quiet, Replications, Scheduler, command_of, conducted, document_of

if TYPE_CHECKING:
    from sim.studies import Prepared, Study

__all__ = ["tournament"]


def tournament(
    experiment: Annotated[
        Path, typer.Argument(metavar="EXPERIMENT", help="File of the tournament.", show_default=False)
    ],
    replications: Replications = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    changes: Changes = None,
    out: Out = Path("results"),
    plugin: Plugins = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Play strategies against each other, your own included.

    Says what each earns against each, the best answers, the equilibria, and where sellers end who
    copy what pays. Whatever ends it, the same command does only what is missing.

    Example: pushpull tournament experiments/which_way_to_sell.yaml --plugin my_strategies.py
    """
    load_plugins(plugin)

    def prepare() -> Prepared:
        from sim.studies import load

        return load(experiment, kind="tournament", values=parse_changes(changes), replications=replications)

    words = [("", experiment), ("-n", replications), ("--set", changes), ("--plugin", plugin)]
    command = command_of("tournament", words)
    study = conducted(prepare, jobs=jobs, scheduler=scheduler, out=out, quiet=quiet, command=command)
    if as_json:
        tables = {name: study.table(name).to_dict("records") for name in ("payoffs", "equilibria")}
        say_json(document_of(study) | tables)
    else:
        say(_told(study))


def _told(study: Study) -> str:
    """Where the results are, what each strategy earns against each, and the equilibria."""
    from sim.measures import Estimate
    from sim.studies.wording import in_words, runs_of

    prepared = study.prepared
    names: list[str] = prepared.experiment.names  # type: ignore[attr-defined]
    plays = runs_of(prepared.points, len(prepared.economies), prepared.replications, "play")
    lines = [f"report      {study.path / 'report.html'}", f"folder      {study.path}", f"tournament  {plays}"]
    found = study.table("payoffs")
    for (measure, economy), part in found.groupby(["measure", "economy"], sort=False):
        rows = []
        for name in names:
            row = {one.against: one for one in part[part["strategy"] == name].itertuples()}
            cells = [
                in_words(measure, Estimate(one.mean, one.low, one.high, one.replications, 0), prepared.base.horizon)
                + ("*" if one.clear else "?" if one.best else "")
                for one in map(row.__getitem__, names)
            ]
            rows.append((name, *cells))
        lines += ["", f"{measure.replace('_', ' ')}, {economy}", table(("against", *names), rows)]
        lines += _equilibria(study, measure, economy)
    lines += ["", "* the best answer to the strategy of the column; ? the best, but chance may have made it so"]
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def _equilibria(study: Study, measure: str, economy: str) -> list[str]:
    found = study.table("equilibria")
    found = found[(found["measure"] == measure) & (found["economy"] == economy)]
    lines = []
    for _, part in found.groupby("equilibrium"):
        sides = []
        for _, rows in part.groupby("player"):
            pure = len(rows) == 1
            sides.append(
                " + ".join(one.strategy if pure else f"{one.weight:.0%} {one.strategy}" for one in rows.itertuples())
            )
        sure = part["found"].iloc[0]
        words = f"{sides[0]} on both sides" if sides[0] == sides[1] else f"{sides[0]} against {sides[1]}"
        lines.append(f"equilibrium: {words}" + (f", in {sure:.0%} of resampled runs" if sure == sure else ""))
    return lines or ["equilibrium: none found"]
