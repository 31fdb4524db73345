"""What `pushpull run` prints: where the results are, and who holds which share at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.cli.printing import table

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["findings"]

HEADER = ("economy", "seller", "share in year 1", "share at the end", "half gone", "in the market")


def findings(done: Run) -> str:
    """Text of a finished run: the report's own table under the places of the results.

    Parameters
    ----------
    done : Run
        With a folder.

    Returns
    -------
    str
        The report's path, the folder, what was run, what a precision cost, and a table of
        economy by seller.
    """
    from sim.report import results_of
    from sim.report.table import table_of

    scenario = done.scenario
    lines = [f"report   {done.path / 'report.html'}", f"folder   {done.path}"] if done.path else []
    lines.append(
        f"market   {scenario.buyers.count:,} buyers, {scenario.horizon} ticks, seed {scenario.seed}, "
        f"{scenario.replications} {'replications' if scenario.replications != 1 else 'replication'} "
        f"of {'each economy' if len(scenario.economies) > 1 else 'one economy'}"
    )
    if done.precision is not None:
        lines.append(_cost(done.precision))
    rows: list[tuple[str, ...]] = []
    for block in table_of(done, results_of(done)).blocks:
        for number, row in enumerate(block.rows):
            economy = "" if number else block.economy
            rows.append((economy, row.seller, row.start, row.final, row.half_life, row.survival))
    return "\n".join([*lines, "", table(HEADER, rows)]).replace("\N{NO-BREAK SPACE}", " ")


def _cost(precision: dict[str, Any]) -> str:
    return (
        f"precision {'reached' if precision['met'] else 'NOT reached'}: the widest interval of a final share is "
        f"{precision['reached']:.2g} ({precision['asked']:g} asked for) after {precision['replications']:,} "
        f"replications of each economy, {precision['runs']:,} in all"
    )
