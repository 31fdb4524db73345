"""What is carried home: the series as a table, the scenario that replays, and the report of the run."""

from __future__ import annotations

import csv
import io
import math
import re

from sim.live.again import in_background
from sim.live.limits import Refused
from sim.live.stage import Stage
from sim.results import Run, provenance_of
from sim.runner import Unit, simulate
from sim.scenario import Scenario

__all__ = ["file_name", "parts", "report", "scenario_text", "table"]

COLUMNS = ("economy", "month", "seller", "share", "satisfaction", "profit", "in_market", "pull_share", "left", "came")


def parts(stage: Stage) -> list[str]:
    """One side of every scenario that is on the stage: what `scenario_text` and `report` are asked for."""
    return [next(iter(scenario.economies)) for scenario in stage.scenarios]


def file_name(stage: Stage, ending: str, side: str | None = None) -> str:
    """A name for a file to be saved by a browser: ``office-imaging-month-60.csv``.

    Parameters
    ----------
    ending : str
        Without the dot.
    side : str, optional
        Of `parts`, where there are several.
    """
    name = stage.name if side is None or len(parts(stage)) == 1 else side
    stem = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "market"
    return f"{stem}-month-{stage.month}.{ending}"


async def table(stage: Stage) -> bytes:
    """The series that are shown, as CSV in UTF-8: one line an economy, month and seller.

    Columns: economy, month, seller, share [-], satisfaction [utils] (empty without customers),
    profit [money/month, a market buyer], in_market (0 or 1), pull_share [-], left and came
    [buyers].
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for side in stage.sides:
        rows = stage.rows(side)
        left, came = rows.switches.sum(axis=(1, 3)), rows.switches.sum(axis=(1, 2))
        for month in range(len(rows.share)):
            for place, seller in enumerate(stage.sellers):
                content = rows.satisfaction[month, place]
                writer.writerow(
                    [
                        side,
                        month,
                        seller,
                        repr(float(rows.share[month, place])),
                        "" if math.isnan(content) else repr(float(content)),
                        repr(float(rows.profit[month, place])),
                        int(rows.alive[month, place]),
                        repr(float(rows.pull_share[month])),
                        int(left[month, place]),
                        int(came[month, place]),
                    ]
                )
    return text.getvalue().encode("utf-8")


def scenario_text(stage: Stage, side: str | None = None) -> str:
    """What is played as a scenario in YAML, interventions as events: `pushpull run` replays it to the same bytes.

    Parameters
    ----------
    side : str, optional
        Where several scenarios stand side by side, one of `parts`; by default the first.
    """
    return scenario_of(stage, side).to_yaml()


async def report(stage: Stage, side: str | None = None) -> bytes:
    """The report page of the months that are shown, as HTML; made in a process in the background.

    Parameters
    ----------
    side : str, optional
        As for `scenario_text`.

    Raises
    ------
    Refused
        If nothing has been played.
    """
    if not stage.month:
        raise Refused("nothing has been played yet")
    scenario = scenario_of(stage, side)
    tree = scenario.tree
    tree["horizon"] = stage.month
    tree["replications"] = 1
    tree["events"] = [event for event in tree.get("events", []) if event["at"] < stage.month]
    _forget_those_to_come(tree, scenario)
    shown = Scenario.model_validate(tree)
    [(_, page)] = await in_background([Unit(shown, next(iter(shown.economies)), 0)], reported)
    return str(page).encode("utf-8")


def scenario_of(stage: Stage, side: str | None = None) -> Scenario:
    """The scenario of a side."""
    found = stage.scenarios
    return next((one for one in found if side in one.economies), found[0])


def reported(unit: Unit, engine: str, threads: int) -> str:
    """Run all economies of a unit's scenario, and render their report; in a worker."""
    from sim.report import render

    scenario = unit.scenario
    records = [simulate(unit._replace(economy=economy), engine, threads) for economy in scenario.economies]
    provenance = provenance_of(scenario, {"command": "pushpull run scenario.yaml -n 1", "engine": engine})
    return render(Run.of(scenario, records, provenance))


def _forget_those_to_come(tree: dict[str, object], scenario: Scenario) -> None:
    """Where tastes stand seller by seller, leave out entrants who have not come yet."""
    to_come = {
        event.enter.name
        for event in scenario.events
        if event.enter is not None and event.at >= int(str(tree["horizon"]))
    }
    buyers = tree.get("buyers")
    taste = buyers.get("taste", {}) if isinstance(buyers, dict) else {}
    for table in (taste.get("shape", {}), *(one["utility"] for one in taste.get("classes", ()))):
        for name in to_come:
            table.pop(name, None)
