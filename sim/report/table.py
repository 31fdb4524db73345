"""The table of all sellers in figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from sim.measures import Estimate
from sim.plots.palette import LIGHT, Look, looks_of
from sim.plots.series import sellers_of
from sim.plots.words import count
from sim.report.standings import Results, Standing
from sim.report.words import money, month_words, runs_words, share

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["Block", "Row", "Table", "table_of"]


class Row(NamedTuple):
    """One seller in words, with the colour variable and the dashes of its line."""

    seller: str
    strategy: str
    colour: str
    dashes: str
    start: str
    final: str
    half_life: str
    survival: str
    profit: str


class Block(NamedTuple):
    """All sellers of one economy."""

    economy: str
    rows: list[Row]


class Table(NamedTuple):
    """All economies, and what the figures are."""

    caption: str
    blocks: list[Block]


def table_of(run: Run, results: Results) -> Table:
    """The table of a run."""
    strategies = {seller.name: seller.strategy for seller in run.scenario.all_sellers}
    looks = looks_of(sellers_of(run))
    blocks = [
        Block(
            economy, [_row(one, strategies[one.seller], looks[one.seller], results.ticks) for one in standings.values()]
        )
        for economy, standings in results.standings.items()
    ]
    replicated = any(one.final.replications > 1 for row in results.standings.values() for one in row.values())
    caption = (
        "Means over runs, in square brackets the 95 % interval; months are medians. "
        if replicated
        else "One run, so that there are no intervals. "
    ) + "Profit in money a buyer of the market; 1 is an average monthly order at the reference price."
    return Table(caption, blocks)


def _row(one: Standing, strategy: str, look: Look, ticks: int) -> Row:
    dashes = look.dashes[1]
    absent = one.entry is not None and one.entry >= ticks  # an entrant of other economies
    return Row(
        seller=one.seller,
        strategy=strategy,
        colour=f"seller-{look.place % len(LIGHT.sellers) + 1}",
        dashes=" ".join(f"{3 * length:g}" for length in dashes) if dashes else "",
        start=share(one.start) if one.entry is None else "not here" if absent else f"enters in month {one.entry}",
        final="–" if absent else share(one.final),
        half_life=_half_life(one.half_life, ticks),
        survival="–" if absent else _survival(one, ticks),
        profit="–" if absent else money(one.profit),
    )


def _half_life(life: Estimate, ticks: int) -> str:
    if not life.replications:
        return "–"
    halved = life.replications - life.censored
    runs = f"{halved} of {count(life.replications, 'run')}"
    if math.isinf(life.mean):
        return f"not halved ({runs})" if life.replications > 1 else "not halved"
    return month_words(life, ticks) + (f" ({runs})" if life.censored else "")


def _survival(one: Standing, ticks: int) -> str:
    runs = one.survival.replications
    if not runs:
        return "–"
    if one.survivors == 0:
        when = f"gone in {month_words(one.exit, ticks)}" if one.exit.replications else "never entered"
        return f"none; {when}" if runs > 1 else when
    return runs_words(one.survivors, runs) if runs > 1 else "yes"
