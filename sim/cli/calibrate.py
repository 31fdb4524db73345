"""`pushpull calibrate`: fit a scenario to a panel of purchases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AsJson, Changes, Plugins, load_plugins, parse_changes
from sim.cli.outcome import INTERRUPTED, WrongInput
from sim.cli.printing import note, say, say_json, table
from sim.cli.studying import Out, Quiet, command_of

if TYPE_CHECKING:
    from sim.calibrate.leaving import Left

__all__ = ["calibrate"]


def calibrate(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="File of the scenario.", show_default=False)],
    panel: Annotated[Path, typer.Argument(metavar="PANEL.csv", help="File of purchases.", show_default=False)],
    buyer: Annotated[
        str | None, typer.Option("--buyer", metavar="COLUMN", help="Column that tells who bought.")
    ] = None,
    choice: Annotated[
        str | None, typer.Option("--choice", metavar="COLUMN", help="Column that tells from whom.")
    ] = None,
    order: Annotated[
        str | None, typer.Option("--order", metavar="COLUMN", help="Column with the date or number of the purchase.")
    ] = None,
    price_prefix: Annotated[
        str | None,
        typer.Option("--price-prefix", metavar="TEXT", help="What the names of price columns begin with: price_."),
    ] = None,
    segments: Annotated[
        int | None, typer.Option("--segments", min=1, max=64, metavar="K", help="Left out: as many as the BIC has it.")
    ] = None,
    inertia: Annotated[
        str,
        typer.Option(help="reconsideration: one probability of not looking around; trigger: disappointment."),
    ] = "reconsideration",
    window: Annotated[
        int | None,
        typer.Option("--window", min=2, metavar="N", help="First purchases in which penetration is counted."),
    ] = None,
    trust_order: Annotated[
        bool, typer.Option("--trust-order", help="Take the rows as they stand, whatever the test of their order says.")
    ] = False,
    ignore_order: Annotated[
        bool, typer.Option("--ignore-order", help="Fit tastes alone: nothing that needs the order of purchases.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="No other laws and no held-out check: a third of the time.")
    ] = False,
    changes: Changes = None,
    out: Out = Path("results"),
    plugin: Plugins = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fit a scenario to a panel of purchases: tastes, inertia and, where prices are known, price sensitivity.

    Says what the panel can and cannot tell, and leaves a scenario with the fitted values, how sure they are,
    a fit table with figures, and a check on purchases that the fit has not seen. The same command goes on
    where it was stopped.

    Example: pushpull calibrate scenarios/quick.yaml purchases.csv --buyer household --choice brand
    """
    load_plugins(plugin)
    try:
        if inertia not in ("reconsideration", "trigger"):
            raise WrongInput(f"--inertia {inertia}: it is reconsideration or trigger")
        if trust_order and ignore_order:
            raise WrongInput("give --trust-order or --ignore-order, not both")
        if ignore_order and inertia == "trigger":
            raise WrongInput("--inertia trigger needs the order of purchases; leave out --ignore-order")
        left = _left(
            scenario,
            panel,
            columns={"buyer": buyer, "choice": choice, "order": order, "price_prefix": price_prefix},
            options={
                "segments": segments,
                "trigger": inertia == "trigger",
                "window": window,
                "order": "trust" if trust_order else "ignore" if ignore_order else "test",
                "quick": quick,
            },
            values=parse_changes(changes),
            out=out,
            quiet=quiet,
            command=command_of(
                "calibrate",
                [
                    ("", scenario),
                    ("", panel),
                    ("--buyer", buyer),
                    ("--choice", choice),
                    ("--order", order),
                    ("--price-prefix", price_prefix),
                    ("--segments", segments),
                    ("--inertia", None if inertia == "reconsideration" else inertia),
                    ("--window", window),
                    ("--set", changes),
                    ("--plugin", plugin),
                ],
            )
            + "".join(
                f" {word}"
                for word, given in (
                    ("--trust-order", trust_order),
                    ("--ignore-order", ignore_order),
                    ("--quick", quick),
                )
                if given
            ),
        )
    except KeyboardInterrupt:
        note("interrupted; what was simulated is kept, and the same command goes on from there")
        raise typer.Exit(INTERRUPTED) from None
    if left.reused and not quiet:
        note("this very calibration was there already")
    if as_json:
        say_json(
            {"report": str(left.path / "report.html"), "folder": str(left.path), "reused": left.reused, **left.document}
        )
    else:
        say(_told(left))


def _left(
    scenario: Path,
    panel: Path,
    *,
    columns: dict[str, Any],
    options: dict[str, Any],
    values: dict[str, Any],
    out: Path,
    quiet: bool,
    command: str,
) -> Left:
    from sim.calibrate.calibration import Options
    from sim.calibrate.leaving import calibrate_panel
    from sim.calibrate.reading import read_panel
    from sim.calibrate.table import Columns
    from sim.scenario import Scenario, ScenarioError

    mistakes = []
    try:
        base = Scenario.load(scenario, values)
    except ScenarioError as error:
        mistakes += error.mistakes
    try:
        purchases = read_panel(panel, Columns(**columns))
    except ScenarioError as error:
        mistakes += error.mistakes
    if mistakes:
        raise ScenarioError(mistakes)
    chosen = Options(**options)
    return calibrate_panel(base, purchases, chosen, path=str(scenario), out=out, progress=not quiet, command=command)


def _told(left: Left) -> str:
    """Where the results are, what was found, and the targets that are farthest off."""
    document = left.document
    lines = [
        f"report    {left.path / 'report.html'}",
        f"scenario  {left.path / 'scenario.yaml'}",
        f"fit       {left.path / 'fit.csv'}",
        "",
        *(f"{one['about']}: {one['text']}" for one in document["findings"]),
        "",
        table(
            ("the panel tells", "", "why"),
            [(one["what"], one["verdict"], one["why"]) for one in document["identification"]],
        ),
        "",
    ]
    used = [one for one in document["fit"] if one["used"]]
    rows = [
        (
            one["target"],
            *(f"{one[name]:.4f}" for name in ("observed", "simulated", "standard_error")),
            f"{one['z']:.2f}",
        )
        for one in sorted(used, key=lambda one: -abs(one["z"]))[:8]
    ]
    lines.append(table(("farthest off", "observed", "simulated", "standard error", "z"), rows))
    return "\n".join(lines)
