"""Claims from the register to a folder of verdicts."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sim.claims.pages import Settings, write_pages
from sim.claims.registry import Claim, Register, load_register
from sim.claims.runs import Runs
from sim.claims.verdicts import Finding, find, spots_of
from sim.claims.words import condition, measured, phrase, threshold
from sim.results import MODEL_VERSION, folder_in_the_making, locked, provenance_of
from sim.results.files import writing
from sim.runner import RunBusy
from sim.studies.store import Store

__all__ = ["QUICK_BUYERS", "QUICK_REPLICATIONS", "Examined", "examine_claims", "records_of", "write_docs"]

QUICK_BUYERS, QUICK_REPLICATIONS = 500, 4
ALONG = 6  # replications of each point of an axis, at most as many as of the market itself
HEADER = (
    "id", "quote", "part", "economy", "judged", "observable", "threshold", "effect", "low", "high", "replications",
    "p", "adjusted_p", "verdict", "claim_verdict", "claim_verdict_adjusted", "condition",
)  # fmt: skip


class Examined(NamedTuple):
    """Claims that were put to their tests.

    Attributes
    ----------
    path : Path
        Folder with report.html, claims.md, tests.csv, verdicts.json, figures, provenance.
    register : Register
    found : list of Finding
    settings : Settings
    """

    path: Path
    register: Register
    found: list[Finding]
    settings: Settings


def examine_claims(
    ids: Sequence[str] = (),
    *,
    register: Register | None = None,
    replications: int | None = None,
    quick: bool = False,
    out: Path | str = "results",
    jobs: int | None = None,
    progress: bool = True,
    command: str = "pushpull claims",
) -> Examined:
    """Run what the tests of some claims need, and say what came out.

    Runs are kept under `out` as soon as they are done: however this ends, the next call goes on
    from there.

    Parameters
    ----------
    ids : sequence of str
        Numbers of claims; all if left out.
    register : Register, optional
        By default the product's own.
    replications : int, optional
        Of each market and economy; by default the register's.
    quick : bool
        Few buyers and replications, and no look for turns.
    out, jobs, progress
        As for `sim.sweep`.
    command : str
        For the provenance.

    Raises
    ------
    KeyError
        For a number that no claim has.
    Interrupted, RunBroken, RunBusy, RunError
        See `sim.claims.runs.Runs.run`.
    """
    register = register or load_register()
    chosen: list[Claim] = [register.claim(name) for name in dict.fromkeys(ids)] or register.claims
    chosen = [claim for claim in register.claims if claim in chosen]
    count = replications or (QUICK_REPLICATIONS if quick else register.market.replications)
    along = 0 if quick else min(ALONG, count)
    buyers = min(QUICK_BUYERS, register.market.buyers.count) if quick else register.market.buyers.count
    runs = Runs(register, {"buyers.count": buyers})
    runs.need((spot for claim in chosen for spot in spots_of(register, claim)), count)
    if along:
        runs.need((spot for claim in chosen for spot in spots_of(register, claim, sweeps=True)), along)
    place = _place(Path(out), register, chosen, buyers, count, along)
    try:
        with locked(place.with_name(f".lock-{place.name}")):
            total = runs.run(Store(Path(out)), jobs=jobs, progress=progress)
            settings = Settings(buyers, count, along, total)
            found = find(register, runs, chosen, count, along)
            with folder_in_the_making(place) as folder:
                _write(folder, register, found, settings, command)
    except BlockingIOError:
        raise RunBusy(f"another process is at these very claims ({place}); let it finish") from None
    shutil.rmtree(place.with_name(f".lock-{place.name}"), ignore_errors=True)
    return Examined(place, register, found, settings)


def _place(out: Path, register: Register, chosen: Sequence[Claim], *size: int) -> Path:
    """Folder: a digest of the register, the claims and how much is run."""
    words = [register.digest, register.market.resolved(), [claim.id for claim in chosen], size, MODEL_VERSION]
    text = json.dumps(words, sort_keys=True, allow_nan=False)
    return out / "claims" / hashlib.sha256(text.encode()).hexdigest()[:12]


def _write(folder: Path, register: Register, found: Sequence[Finding], settings: Settings, command: str) -> None:
    market = register.market.model_copy(update={"replications": settings.replications})
    provenance = provenance_of(
        market,
        {"command": command, "register": register.digest, **settings._asdict()},
    )
    with writing(folder / "provenance.json") as file:
        json.dump(provenance, file, indent=2, ensure_ascii=False, allow_nan=False)
        file.write("\n")
    with writing(folder / "market.yaml") as file:
        file.write(register.market.to_yaml())
    records = list(records_of(found))
    with writing(folder / "tests.csv") as file:
        table = csv.DictWriter(file, HEADER, lineterminator="\n")
        table.writeheader()
        table.writerows({name: _plain(value, "") for name, value in record.items()} for record in records)
    with writing(folder / "verdicts.json") as file:
        plain = [{name: _plain(value, None) for name, value in record.items()} for record in records]
        json.dump(plain, file, indent=2, ensure_ascii=False, allow_nan=False)
        file.write("\n")
    write_pages(folder, register, found, settings, provenance)


def records_of(found: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    """One record a test and economy, with the verdict of its claim: keys as in ``tests.csv``."""
    for finding in found:
        for cell in finding.cells:
            part = finding.claim.parts[cell.part]
            estimate = cell.result.estimate
            figures: Mapping[str, Any] = {
                "id": finding.claim.id,
                "quote": phrase(finding.claim),
                "part": part.says,
                "economy": cell.economy,
                "judged": cell.home,
                "observable": measured(part),
                "threshold": threshold(part).replace("\u00a0", " "),
                "effect": estimate.mean,
                "low": estimate.low,
                "high": estimate.high,
                "replications": estimate.replications,
                "p": cell.result.p,
                "adjusted_p": cell.adjusted,
                "verdict": cell.result.verdict,
                "claim_verdict": finding.verdict,
                "claim_verdict_adjusted": finding.strict,
                "condition": condition(finding).replace("\u00a0", " "),
            }
            yield dict(figures)


def _plain(value: Any, nothing: Any) -> Any:
    """A value for a file: no NaN; what is beyond the horizon is the word inf."""
    if isinstance(value, float) and not math.isfinite(value):
        return nothing if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return value


def write_docs(examined: Examined, folder: Path) -> list[Path]:
    """Put the page and its pictures into a folder of documentation.

    Parameters
    ----------
    examined : Examined
    folder : Path
        ``claims.md`` and ``pictures/claim*.png`` in it are replaced.

    Returns
    -------
    list of Path
        What was written.
    """
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("claim_*.png"):
        old.unlink()
    made = []
    for source in sorted((examined.path / "figures").glob("claim*.png")):
        with writing(pictures / source.name, "wb") as picture:
            picture.write(source.read_bytes())
        made.append(pictures / source.name)
    with writing(folder / "claims.md") as file:
        file.write((examined.path / "claims.md").read_text(encoding="utf-8"))
    return [folder / "claims.md", *made]
