"""What a calibration leaves on disk: ``out/<scenario>-calibrated/<key>/``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from sim.calibrate.calibration import Calibration, Options, calibrated, checked, stages_of
from sim.calibrate.page import findings_of, write_report
from sim.calibrate.panel import Panel
from sim.calibrate.store import Memory, digest_of, own_digest
from sim.calibrate.tables import estimates_table, fit_table, heldout_table, rivals_table, scores_table
from sim.calibrate.watching import Watch
from sim.plots.words import SPACE
from sim.results import MODEL_VERSION, folder_in_the_making, locked, provenance_of
from sim.results.files import writing
from sim.results.provenance import source_digest
from sim.runner import RunBusy
from sim.scenario import Scenario

__all__ = ["Left", "calibrate_panel", "folder_of", "plain_rows"]


class Left:
    """A calibration on disk.

    Attributes
    ----------
    path : Path
        Its folder.
    document : dict
        What ``calibration.json`` holds: the findings for machines.
    reused : bool
        Whether it was there already.
    """

    def __init__(self, path: Path, *, reused: bool) -> None:
        self.path, self.reused = path, reused
        self.document: dict[str, Any] = json.loads((path / "calibration.json").read_text(encoding="utf-8"))


def folder_of(base: Scenario, panel: Panel, options: Options, out: Path) -> Path:
    """Folder of a calibration, there or not: its key is a digest of all that it depends on."""
    versions = [MODEL_VERSION, source_digest(), own_digest()]
    key = digest_of(base.tree, panel.source, panel.digest, list(panel.sellers), asdict(options), versions)
    return out / f"{base.name}-calibrated" / key[:12]


def calibrate_panel(
    base: Scenario,
    panel: Panel,
    options: Options,
    *,
    path: str,
    out: Path,
    progress: bool = True,
    command: str = "",
) -> Left:
    """Calibrate a scenario to a panel and write what was found.

    Simulations are kept under `out` one by one. However a calibration ends, the next call goes on
    from there, and gives the same as if nothing had happened.

    Parameters
    ----------
    base : Scenario
    panel : Panel
    options : Options
    path : str
        Of the base scenario, for messages.
    out : Path
        Folder of results.
    progress : bool
        Whether to show stages on stderr.
    command : str
        For the provenance.

    Raises
    ------
    ScenarioError
        If the panel and the scenario do not fit together, or rows are not in the order of time.
    RunBusy
        If another process is at this calibration.
    """
    place = folder_of(base, panel, options, out)
    if (place / "report.html").is_file():
        return Left(place, reused=True)
    memory, lock = Memory(out), place.with_name(f".lock-{place.name}")
    with ExitStack() as stack:
        order = checked(base, panel, options, path)  # before anything is written
        watch = stack.enter_context(Watch(progress, stages_of(options)))
        try:
            stack.enter_context(locked(lock))
        except BlockingIOError:
            raise RunBusy(f"another process is at this very calibration ({place}); let it finish") from None
        found = calibrated(base, panel, options, memory, path=path, told=watch.stage, order=order)
        watch.stage("figures and report")
        with folder_in_the_making(place) as folder:
            _write(folder, found, memory, options, command)
    shutil.rmtree(lock, ignore_errors=True)
    return Left(place, reused=False)


def _write(folder: Path, found: Calibration, memory: Memory, options: Options, command: str) -> None:
    panel, composed = found.panel, found.composed
    parameters = {
        "command": command,
        "panel": {"file": panel.source, "sha256": panel.digest, "buyers": panel.buyers, "purchases": panel.purchases},
        "options": asdict(options),
        "simulations": memory.asked,
    }
    provenance = provenance_of(composed.scenario, parameters)
    provenance["software"]["calibrate"] = own_digest()
    with writing(folder / "scenario.yaml") as file:
        file.write(composed.text)
    fit = fit_table(found)
    tables = {"fit": fit, "estimates": estimates_table(found), "identification": pd.DataFrame(found.told)}
    if found.rivals:
        tables["rivals"] = rivals_table(found)
    if found.heldout is not None:
        tables["heldout"] = heldout_table(found.heldout, panel.sellers)
        tables["scores"] = scores_table(found.heldout)
    for name, table in tables.items():
        with writing(folder / f"{name}.csv") as file:
            table.to_csv(file, index=False, lineterminator="\n")
    with writing(folder / "fit.parquet", "wb") as file:
        fit.to_parquet(file, index=False)
    with writing(folder / "provenance.json") as file:
        file.write(json.dumps(provenance, indent=2) + "\n")
    with writing(folder / "calibration.json") as file:
        file.write(json.dumps(_document(found, tables), indent=2, ensure_ascii=False) + "\n")
    write_report(folder, found, provenance)


def _document(found: Calibration, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    off, of = found.beyond
    return {
        "panel": {
            "file": found.panel.source,
            "buyers": found.panel.buyers,
            "purchases": found.panel.purchases,
            "sellers": list(found.panel.sellers),
            "window": found.window,
        },
        "targets": of,
        "beyond": off,
        "held_out": None
        if found.heldout is None
        else dict(zip(("beyond", "targets"), found.heldout.beyond, strict=True)),
        "findings": [{"about": one.lead, "text": one.text.replace(SPACE, " ")} for one in findings_of(found)],
        **{name: plain_rows(table) for name, table in tables.items()},
    }


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows in terms that JSON has: what is not a number becomes null."""
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records", double_precision=15))
    return [
        {name: one.replace(SPACE, " ") if isinstance(one, str) else one for name, one in row.items()} for row in rows
    ]
