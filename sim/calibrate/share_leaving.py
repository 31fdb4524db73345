"""What a fit to market shares leaves on disk: ``out/<scenario>-calibrated/<key>/``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.calibrate.leaving import Left, plain_rows
from sim.calibrate.share_fit import Factor, ShareFit, fit_shares, usual_factors
from sim.calibrate.share_table import ShareTable
from sim.calibrate.store import Memory, digest_of, own_digest
from sim.calibrate.watching import Watch
from sim.plots.share_fit import plot_share_fit
from sim.plots.sheet import figure_of
from sim.plots.words import SPACE, count, minus
from sim.report.findings import Finding
from sim.report.sections import Section
from sim.report.study import StudyPage, StudyTable, made_of, save_picture, write_study_page
from sim.report.words import listed
from sim.results import MODEL_VERSION, folder_in_the_making, locked, provenance_of
from sim.results.files import writing
from sim.results.provenance import source_digest
from sim.runner import RunBusy
from sim.scenario import Scenario
from sim.scenario.writing import to_yaml

__all__ = ["ShareOptions", "calibrate_shares"]

Array = NDArray[np.float64]
PART = 0.7  # of the rows, on which the held-out check is fitted
WORDS = {
    "share": "The part of all buyers who buy from a seller in a month.",
    "root mean square": "How far the simulated shares are off, in points of share.",
    "standard error": "In the table of targets: how far one market of this size is from the next by luck alone.",
}


@dataclass(frozen=True)
class ShareOptions:
    """What the user chose.

    Attributes
    ----------
    factors : tuple of Factor
        What is fitted; empty: the usual.
    economy : str
    trials, replications : int
    quick : bool
        No held-out check.
    """

    factors: tuple[Factor, ...]
    economy: str
    trials: int = 60
    replications: int = 4
    quick: bool = False


def calibrate_shares(
    base: Scenario, table: ShareTable, options: ShareOptions, *, out: Path, progress: bool = True, command: str = ""
) -> Left:
    """Fit a scenario to market shares over time and write what was found; resumes as `calibrate_panel` does.

    Parameters
    ----------
    base : Scenario
    table : ShareTable
    options : ShareOptions
    out : Path
        Folder of results.
    progress : bool
        Whether to show stages on stderr.
    command : str
        For the provenance.

    Raises
    ------
    RunBusy
        If another process is at this calibration.
    """
    versions = [MODEL_VERSION, source_digest(), own_digest()]
    key = digest_of(base.tree, table.source, table.digest, asdict(options), versions)
    place = out / f"{base.name}-calibrated" / key[:12]
    if (place / "report.html").is_file():
        return Left(place, reused=True)
    memory, lock = Memory(out), place.with_name(f".lock-{place.name}")
    factors = options.factors or tuple(usual_factors(base, table))
    with ExitStack() as stack:
        watch = stack.enter_context(Watch(progress, 4 if options.quick else 7))
        try:
            stack.enter_context(locked(lock))
        except BlockingIOError:
            raise RunBusy(f"another process is at this very calibration ({place}); let it finish") from None

        def fit(seen: int | None, told: Callable[[str], None]) -> ShareFit:
            return fit_shares(
                base,
                table,
                factors,
                economy=options.economy,
                trials=options.trials,
                replications=options.replications,
                memory=memory,
                seen=seen,
                told=told,
            )

        whole, part = fit(None, watch.stage), None
        seen = int(np.ceil(PART * len(table.ticks)))
        if not options.quick and seen >= 3 and len(table.ticks) - seen >= 2:
            part = fit(seen, lambda stage: watch.stage(f"held-out: {stage}"))
        watch.stage("figures and report")
        with folder_in_the_making(place) as folder:
            _write(folder, base, table, whole, part, options, memory, command)
    shutil.rmtree(lock, ignore_errors=True)
    return Left(place, reused=False)


def _write(
    folder: Path,
    base: Scenario,
    table: ShareTable,
    whole: ShareFit,
    part: ShareFit | None,
    options: ShareOptions,
    memory: Memory,
    command: str,
) -> None:
    parameters = {
        "command": command,
        "table": {"file": table.source, "sha256": table.digest, "rows": len(table.ticks)},
        "options": asdict(options),
        "simulations": memory.asked,
    }
    provenance = provenance_of(whole.scenario, parameters)
    provenance["software"]["calibrate"] = own_digest()
    tables = {"fit": _targets(table, whole), "estimates": _estimates(whole), "identification": _told(whole)}
    heading = (
        f"# Fitted by `pushpull calibrate` to {table.source}: shares of {len(table.sellers)} sellers at "
        f"{len(table.ticks)} moments,\n# in the economy {options.economy}. How sure the fitted values are: "
        "estimates.csv beside this file.\n"
    )
    with writing(folder / "scenario.yaml") as file:
        file.write(heading + to_yaml(whole.scenario.tree))
    for name, rows in tables.items():
        with writing(folder / f"{name}.csv") as file:
            rows.to_csv(file, index=False, lineterminator="\n")
    with writing(folder / "fit.parquet", "wb") as file:
        tables["fit"].to_parquet(file, index=False)
    with writing(folder / "provenance.json") as file:
        file.write(json.dumps(provenance, indent=2) + "\n")
    z = tables["fit"]["z"].abs()
    findings = list(_findings(table, whole, part, tables["fit"]))
    document = {
        "table": {"file": table.source, "rows": len(table.ticks), "sellers": list(table.sellers)},
        "targets": int(z.notna().sum()),
        "beyond": int((z > 2).sum()),
        "held_out": None
        if part is None
        else dict(zip(("rmse", "rmse_of_no_change"), _ahead(table, part), strict=True)),
        "findings": [{"about": one.lead, "text": one.text.replace(SPACE, " ")} for one in findings],
        **{name: plain_rows(rows) for name, rows in tables.items()},
    }
    with writing(folder / "calibration.json") as file:
        file.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    _page(folder, base, table, whole, part, tables, findings, provenance)


def _targets(table: ShareTable, fit: ShareFit) -> pd.DataFrame:
    rows = []
    for at, tick in enumerate(table.ticks[1:].tolist()):
        for place, name in enumerate(table.sellers):
            observed, error = float(table.shares[at + 1, place]), float(fit.spread[at, place])
            off = observed - float(fit.simulated[at, place])
            z = off / error if error > 0 else (0.0 if off == 0 else np.inf)
            rows.append((f"share {name} at {tick}", tick, name, observed, fit.simulated[at, place], error, z))
    names = ["target", "tick", "seller", "observed", "simulated", "standard_error", "z"]
    return pd.DataFrame(rows, columns=names).assign(used=lambda frame: frame["observed"].notna())


def _estimates(fit: ShareFit) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "parameter": [factor.path for factor in fit.factors],
            "value": fit.values,
            "standard_error": fit.errors,
            "low": fit.values - 1.96 * fit.errors,
            "high": fit.values + 1.96 * fit.errors,
            "at_limit": [
                bool(value <= factor.low + 1e-9 or value >= factor.high - 1e-9)
                for factor, value in zip(fit.factors, fit.values, strict=True)
            ],
        }
    )


def _told(fit: ShareFit) -> pd.DataFrame:
    """What the shares tell: each fitted value by how much of its range is left, and what no share tells."""
    rows = []
    for factor, value, error in zip(fit.factors, fit.values, fit.errors, strict=True):
        left = 2 * 1.96 * error / (factor.high - factor.low)
        verdict = "yes" if left < 0.5 else "weakly" if left < 1 else "no"
        why = (
            "the shares do not move with it"
            if not np.isfinite(left)
            else f"its interval is {100 * left:.0f} % of the range [{factor.low:g}, {factor.high:g}]"
        )
        if value <= factor.low + 1e-9 or value >= factor.high - 1e-9:
            verdict, why = "weakly", f"it ends at the limit of its range [{factor.low:g}, {factor.high:g}]"
        rows.append((factor.path, verdict, why))
    rows += [
        ("who leaves whom", "no", "shares are sums: many switching matrices lead to the same ones"),
        ("how tastes differ, and inertia apart from taste", "no", "that takes purchases by the same buyers"),
        ("every other value of the scenario", "no", "it was taken as it stands; the fitted values hold given those"),
    ]
    return pd.DataFrame(rows, columns=["what", "verdict", "why"])


def _rms(gap: Array) -> float:
    return float(np.sqrt(np.nanmean(gap**2)))


def _ahead(table: ShareTable, part: ShareFit) -> tuple[float, float]:
    """Root mean square misses of the rows not seen: of the fit, and of no change since the last row seen."""
    later = table.shares[part.seen :]
    return _rms(later - part.simulated[part.seen - 1 :]), _rms(later - table.shares[part.seen - 1])


def _findings(table: ShareTable, whole: ShareFit, part: ShareFit | None, fit: pd.DataFrame) -> list[Finding]:
    off, of = int((fit["z"].abs() > 2).sum()), int(fit["used"].sum())
    said = [
        Finding(
            "Fit",
            f"The simulated shares are {100 * _rms(table.shares[1:] - whole.simulated):.1f} points off (root mean "
            f"square), in runs with draws of their own; {off} of {count(of, 'share')} lie farther off than twice what "
            "luck explains in a market of this size.",
        )
    ]
    if part is not None:
        ours, still = (100 * one for one in _ahead(table, part))
        verdict = "better" if ours < still else "no better"
        said.append(
            Finding(
                "Held out",
                f"Fitted to the first {part.seen} rows, it misses the {len(table.ticks) - part.seen} that follow by "
                f"{ours:.1f} points; that nothing changes any more misses them by {still:.1f}: the fit is {verdict}.",
            )
        )
    return said


def _page(
    folder: Path,
    base: Scenario,
    table: ShareTable,
    whole: ShareFit,
    part: ShareFit | None,
    tables: dict[str, pd.DataFrame],
    findings: Sequence[Finding],
    provenance: dict[str, Any],
) -> None:
    sections = []
    for fit, name, heading in ((whole, "shares", "Do the shares move as they did?"), (part, "heldout", "Held out")):
        if fit is None:
            continue
        simulated = np.vstack([table.shares[:1], fit.simulated])
        axes = plot_share_fit(
            table.ticks, table.shares, simulated, table.sellers, fit.seen, title="Market shares, observed and simulated"
        )
        caption = "All rows fitted." if fit is whole else f"The first {fit.seen} rows fitted, the others predicted."
        picture = save_picture(figure_of(axes), folder, name)
        sections.append(Section(heading, [], picture, caption, f"A line chart of market shares over time. {caption}"))
    estimates = [
        [one.parameter, *(minus(f"{value:.3f}") for value in (one.value, one.standard_error, one.low, one.high))]
        for one in tables["estimates"].itertuples()
    ]
    page = StudyPage(
        kicker=f"Calibration to {table.source}",
        name=base.name,
        description=base.description,
        setting=f"Market shares of {listed(list(table.sellers))} at {count(len(table.ticks), 'moment')}. The scenario "
        "with the fitted values is scenario.yaml beside this page.",
        findings=findings,
        sections=sections,
        tables=[
            StudyTable(
                "What the shares tell",
                "And what they cannot.",
                ["", "told", "why"],
                [list(row) for row in tables["identification"].itertuples(index=False)],
            ),
            StudyTable(
                "Fitted values",
                "With 95 % intervals from the misses over time; also in estimates.csv.",
                ["value", "fitted", "standard error", "low", "high"],
                estimates,
            ),
        ],
        words=WORDS,
        made=made_of(provenance, count(int(provenance["parameters"]["simulations"]), "simulation") + " of the market"),
        software=f"{provenance['software']['name']} {provenance['software']['version']}",
    )
    write_study_page(folder, page)
