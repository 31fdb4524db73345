"""What the browser is told to draw: the stage once, then frames with new rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.live.page.look import colour_of, dashes_of
from sim.live.player import Frame
from sim.live.stage import Rows, Stage
from sim.plots.palette import looks_of
from sim.results.record import CAUSES

__all__ = ["SECONDS", "YEAR", "frame_of", "setup_of", "title"]

YEAR = 12  # months over which switches are counted
# What the lower charts can show: title, and the rows that they take
SECONDS = {"satisfaction": "Satisfaction: experience over aspiration", "profit": "Profit a month and market buyer"}


def setup_of(stage: Stage, number: int, *, name: str, second: str, readonly: bool) -> dict[str, Any]:
    """Everything about a stage that stays while frames come.

    Parameters
    ----------
    number : int
        Frames of another setup are ignored by the browser.
    name : str
        Of the scenario, for the picture.
    second : {"satisfaction", "profit"}
        What the lower charts show.
    readonly : bool
        Whether the timeline can be moved.
    """
    looks = looks_of(stage.sellers)
    return {
        "id": number,
        "name": name,
        "readonly": readonly,
        "economies": [title(side) for side in stage.sides],
        "horizon": stage.horizon,
        "sellers": [
            {"name": seller, "colour": colour_of(looks[seller]), "dash": dashes_of(looks[seller])}
            for seller in stage.sellers
        ],
        "causes": list(CAUSES),
        "titles": {
            "share": "Market share",
            "second": SECONDS[second],
            "flows": "Who leaves for whom",
            "causes": "Why they leave",
            "window": f"last {YEAR} months",
        },
        "pull": "{} % of buyers hunt",
        "nobody": "Nobody has left.",
        "month": "Month",
        "start": "The start",
        "hint": "The facilitator presses play." if readonly else "Press play, or the space bar.",
    }


def title(side: str) -> str:
    """A side's label as a heading."""
    return side[:1].upper() + side[1:]


def frame_of(stage: Stage, frame: Frame, number: int, second: str) -> dict[str, Any]:
    """A frame as the browser draws it.

    Parameters
    ----------
    number : int
        Of the setup.
    second : {"satisfaction", "profit"}
    """
    rows = [frame.rows[side] for side in stage.sides]
    years = [stage.rows(side, max(0, frame.month - YEAR)).switches.sum(axis=0) for side in stage.sides]
    return {
        "setup": number,
        "frame": frame.number,
        "from": rows[0].start,
        "month": frame.month,
        "played": stage.played,
        "share": [_lines(row, row.share) for row in rows],
        "second": [_lines(row, getattr(row, second)) for row in rows],
        "flows": [_flows(year) for year in years],
        "causes": [year.sum(axis=(1, 2)).tolist() for year in years],
        "pull": [_pull_share(stage, side) for side in stage.sides],
        "sentence": stage.sentence,
        "marks": [[month, text] for month, text in stage.marks() if month <= frame.month],
    }


def _pull_share(stage: Stage, side: str) -> float:
    """Buyers in pull mode in the last month, or as it will be in the first [-]."""
    if stage.month:
        return float(stage.rows(side, stage.month - 1).pull_share[-1])
    return next((float(lever.value) for lever in stage.levers(side) if lever.key == "pull_share"), 0.0)


def _lines(rows: Rows, values: NDArray[np.float64]) -> list[list[float | None]]:
    """One list a seller, with None where the seller is not in the market."""
    shown = rows.alive & np.isfinite(values)
    return [
        [round(float(value), 5) if there else None for value, there in zip(column, seen, strict=True)]
        for column, seen in zip(values.T, shown.T, strict=True)
    ]


def _flows(switches: NDArray[np.int64]) -> list[Sequence[int]]:
    """From, to and buyers, over all causes."""
    flows = switches.sum(axis=0)
    return [(int(origin), int(target), int(flows[origin, target])) for origin, target in np.argwhere(flows)]
