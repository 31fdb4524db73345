"""Put the figures of finished calibrations into docs/calibration.md.

    python docs/calibration/make.py FOLDER...

Each folder is one that `pushpull calibrate` left. Figures computed from the panels only: no row of one.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pandas as pd

PAGE = Path(__file__).parent.parent / "calibration.md"
ALLOWED = 0.08
START, END = "<!-- figures: written by docs/calibration/make.py -->", "<!-- end of figures -->"


def table(header: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def part(off: int, of: int) -> str:
    """So many of so many."""
    return f"{off} of {of} ({100 * off / of:.0f} %)"


def section(folder: Path) -> str:
    """One panel: how it fits, what was fitted, what other laws do, what was predicted."""
    told = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    estimates = pd.read_csv(folder / "estimates.csv").set_index("parameter")
    sellers = told["panel"]["sellers"]
    number = sum(name.endswith(" size") for name in estimates.index)
    segments = [
        [
            f"{estimates.loc[f'segment {row} size', 'value']:.3f}",
            *(f"{estimates.loc[f'segment {row}: {name}', 'value']:.3f}" for name in sellers),
        ]
        for row in range(1, number + 1)
    ]
    segments.sort(key=lambda row: -float(row[0]))
    laws = [[one["law"], part(one["beyond"], one["targets"])] for one in told["rivals"]]
    scores = [[one["law"], f"{one['bits_per_purchase']:.3f}"] for one in told["scores"]]
    first = estimates.iloc[0]
    picture = f"pictures/calibration_{Path(told['panel']['file']).stem}.png"
    shutil.copyfile(folder / "figures" / "distances.png", PAGE.parent / picture)
    lines = [
        f"### {told['panel']['file']}: {told['panel']['buyers']} buyers, {told['panel']['purchases']} purchases",
        f"Inertia φ = {first['value']:.3f} [{first['low']:.3f}, {first['high']:.3f}]; size and choice probabilities of "
        "the segments:",
        table(["size", *sellers], segments),
        table(["law", "targets beyond 2 standard errors"], laws),
        f"![Distances of all targets, by kind, in standard errors: fitted, and held out]({picture})",
        f"Held out. {next(one['text'] for one in told['findings'] if one['about'] == 'Held out')}",
        table(["law, fitted to the first parts", "bits a purchase of the second parts"], scores),
    ]
    return "\n\n".join(lines)


def verdict(folders: list[str]) -> str:
    """Which laws stay below 8 % on all panels, and which on none."""
    laws: dict[str, list[float]] = {}
    for folder in folders:
        for one in pd.read_csv(Path(folder) / "rivals.csv").itertuples():
            laws.setdefault(one.law.replace(" (the scenario)", ""), []).append(one.share)
    good = [law for law, shares in laws.items() if max(shares) <= ALLOWED]
    bad = [law for law, shares in laws.items() if min(shares) > ALLOWED]
    words = f"At most 8 % of the targets beyond two standard errors on both: {'; '.join(good) or 'no law'}."
    return words + (f" More than that on both, a negative result: {'; '.join(bad)}." if bad else "")


def main(folders: list[str]) -> None:
    """Write the page."""
    figures = "\n\n".join(section(Path(folder)) for folder in folders)
    page = PAGE.read_text(encoding="utf-8")
    heading = (
        "## Two panels\n\nHousehold purchases of crackers and of yogurt (Jain, Vilcassim & Chintagunta 1994; Ecdat's "
        f"`Cracker` and `Yogurt`), with `scenarios/quick.yaml` and no options. {verdict(folders)} That fitted targets "
        "are met proves little with so many free numbers; the purchases that were held out say more."
    )
    new = re.sub(
        f"{re.escape(START)}.*{re.escape(END)}",
        lambda _: f"{START}\n\n{heading}\n\n{figures}\n\n{END}",
        page,
        flags=re.DOTALL,
    )
    PAGE.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
