"""What `pushpull run` prints: where the results are, and who holds which share at the end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.cli.printing import table

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import Run

__all__ = ["findings"]

HEADER = ("economy", "seller", "start", "end", "95 % interval", "half-life", "in the market")
SHARES = (2, 3, 4)


def findings(done: Run) -> str:
    """Text of a finished run.

    Parameters
    ----------
    done : Run
        With a folder.

    Returns
    -------
    str
        The report's path, the folder, what was run, and a table of economy by seller.
    """
    scenario = done.scenario
    economies = len(scenario.economies)
    lines = [f"report   {done.path / 'report.html'}", f"folder   {done.path}"] if done.path else []
    lines.append(
        f"market   {scenario.buyers.count:,} buyers, {scenario.horizon} ticks, seed {scenario.seed}, "
        f"{scenario.replications} {'replications' if scenario.replications != 1 else 'replication'} "
        f"of {'each economy' if economies > 1 else 'one economy'}"
    )
    if done.precision is not None:
        lines.append(_cost(done.precision))
    return "\n".join([*lines, "", table(HEADER, _rows(done), right=SHARES)])


def _cost(precision: dict[str, float]) -> str:
    reached = (
        f"{'reached' if precision['met'] else 'NOT reached'}: the widest interval of a final share is "
        f"{precision['reached']:.2g} ({precision['asked']:g} asked for) after {precision['replications']:,.0f} "
        f"replications of each economy, {precision['runs']:,.0f} in all"
    )
    return f"precision {reached}"


def _rows(done: Run) -> list[tuple[str, ...]]:
    summary = done.summary.set_index(["economy", "seller", "measure"])
    opening = {seller.name: seller.opening_share for seller in done.scenario.settled().sellers}
    entries = {event.enter.name: event.at for event in done.scenario.events if event.enter is not None}
    rows: list[tuple[str, ...]] = []
    for economy in done.economies:
        for number, seller in enumerate(done.sellers):
            final = summary.loc[(economy, seller, "final_share")]
            start = _percent(opening[seller]) if seller in opening else f"tick {entries[seller]}"
            rows.append(
                (
                    economy if number == 0 else "",
                    seller,
                    start,
                    _percent(final["mean"]),
                    _interval(final),
                    _half_life(summary.loc[(economy, seller, "half_life")]) if seller in opening else "entrant",
                    _survival(summary.loc[(economy, seller, "survival")]),
                )
            )
    return rows


def _percent(share: float | None) -> str:
    return "" if share is None or math.isnan(share) else f"{share:.1%}".replace("%", " %")


def _interval(line: pd.Series) -> str:
    if math.isnan(line["low"]):
        return "one run"
    return f"{100 * line['low']:.1f} to {100 * line['high']:.1f} %"


def _half_life(line: pd.Series) -> str:
    count, censored = int(line["replications"]), int(line["censored"])
    if count == 0:
        return ""
    if censored == count:
        return "not halved"
    still = f"not halved in {censored} of {count}"
    if math.isinf(line["mean"]):
        return still
    return f"{line['mean']:.0f} ticks" + (f", {still}" if censored else "")


def _survival(line: pd.Series) -> str:
    count = int(line["replications"])
    return f"{round(line['mean'] * count)} of {count}"
