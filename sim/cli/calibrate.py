"""`pushpull calibrate`: fit a scenario to a panel of purchases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AsJson, Changes, Plugins, load_plugins, parse_changes
from sim.cli.outcome import INTERRUPTED, WrongInput
from sim.cli.printing import note, say, say_json, table
from sim.cli.studying import Out, Quiet, command_of

if TYPE_CHECKING:
    from sim.calibrate.leaving import Left
    from sim.calibrate.share_fit import Factor
    from sim.calibrate.share_table import ShareTable
    from sim.scenario import Scenario

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
    fit: Annotated[
        list[str] | None,
        typer.Option(
            "--fit", metavar="PATH=LOW:HIGH", help="Of shares over time: a value to fit and its range; may be repeated."
        ),
    ] = None,
    economy: Annotated[
        str | None,
        typer.Option(
            "--economy", metavar="NAME", help="Of shares over time: where they are from; by default the first."
        ),
    ] = None,
    changes: Changes = None,
    out: Out = Path("results"),
    plugin: Plugins = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fit a scenario to a panel of purchases, or to market shares over time.

    From purchases: tastes, inertia and, where prices are known, price sensitivity. From shares: the values named
    by --fit. Says what the data can and cannot tell, and leaves a scenario with the fitted values, how sure they
    are, a fit table with figures, and a check on what the fit has not seen. The same command goes on where it was
    stopped.

    Example: pushpull calibrate scenarios/quick.yaml purchases.csv --buyer household --choice brand
    """
    load_plugins(plugin)
    words: list[tuple[str, Any]] = [
        ("", scenario),
        ("", panel),
        ("--buyer", buyer),
        ("--choice", choice),
        ("--order", order),
        ("--price-prefix", price_prefix),
        ("--segments", segments),
        ("--inertia", None if inertia == "reconsideration" else inertia),
        ("--window", window),
        ("--fit", fit),
        ("--economy", economy),
        ("--set", changes),
        ("--plugin", plugin),
    ]
    flags = {"--trust-order": trust_order, "--ignore-order": ignore_order, "--quick": quick}
    words += [("", flag) for flag, given in flags.items() if given]
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
            factors=fit,
            economy=economy,
            values=parse_changes(changes),
            out=out,
            quiet=quiet,
            command=command_of("calibrate", words),
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
    data: Path,
    *,
    columns: dict[str, Any],
    options: dict[str, Any],
    factors: Sequence[str] | None,
    economy: str | None,
    values: dict[str, Any],
    out: Path,
    quiet: bool,
    command: str,
) -> Left:
    """Read both files, all mistakes of both at once, and calibrate to what the second holds."""
    from sim.calibrate.calibration import Options
    from sim.calibrate.leaving import calibrate_panel
    from sim.calibrate.reading import has_buyers, panel_of
    from sim.calibrate.share_table import looks_like_shares, shares_of
    from sim.calibrate.table import Columns, open_table
    from sim.scenario import Scenario, ScenarioError

    mistakes, base, found, names = [], None, None, Columns(**columns)
    try:
        base = Scenario.load(scenario, values)
    except ScenarioError as error:
        mistakes += error.mistakes
    try:
        table = open_table(data)
        sellers = [seller.name for seller in base.all_sellers] if base else []
        if has_buyers(table, names) or not looks_like_shares(table, sellers):
            found = panel_of(table, names)
        elif base is not None:
            return _shares_left(
                base, shares_of(table, sellers, names.order), factors, economy, options, out, quiet, command
            )
    except ScenarioError as error:
        mistakes += error.mistakes
    if mistakes or base is None or found is None:
        raise ScenarioError(mistakes)
    if factors or economy is not None:
        raise WrongInput("--fit and --economy are for market shares over time; this file holds purchases")
    chosen = Options(**options)
    return calibrate_panel(base, found, chosen, path=str(scenario), out=out, progress=not quiet, command=command)


def _shares_left(
    base: Scenario,
    shares: ShareTable,
    factors: Sequence[str] | None,
    economy: str | None,
    options: dict[str, Any],
    out: Path,
    quiet: bool,
    command: str,
) -> Left:
    """Calibrate to market shares over time."""
    try:
        import optuna  # noqa: F401
    except ModuleNotFoundError:
        raise WrongInput("market shares over time need optuna: pip install 'pushpull[calibrate]'") from None
    from sim.calibrate.share_leaving import ShareOptions, calibrate_shares

    name = economy or next(iter(base.economies))
    if name not in base.economies:
        raise WrongInput(f"--economy {name}: the scenario has {', '.join(base.economies)}")
    if options["segments"] or options["trigger"] or options["window"] or options["order"] != "test":
        raise WrongInput(
            "this file holds market shares: of the options of a panel only --order and --quick mean anything"
        )
    chosen = ShareOptions(tuple(_factor(one, base) for one in factors or ()), name, quick=options["quick"])
    return calibrate_shares(base, shares, chosen, out=out, progress=not quiet, command=command)


def _factor(text: str, base: Scenario) -> Factor:
    """A value to fit, from ``PATH=LOW:HIGH``."""
    from sim.calibrate.share_fit import Factor

    path, _, limits = text.partition("=")
    low, colon, high = limits.partition(":")
    try:
        factor = Factor(path.strip(), float(low), float(high))
    except ValueError:
        factor = None
    if factor is None or not colon or not math.isfinite(factor.low + factor.high) or factor.low >= factor.high:
        raise WrongInput(f"--fit {text}: write PATH=LOW:HIGH, as in behaviour.switching_cost=0:6")
    for end in (factor.low, factor.high):  # a path that leads nowhere, or a range that the schema refuses
        base.with_values({factor.path: end}, source="--fit")
    return factor


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
            ("the data tell", "", "why"),
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
