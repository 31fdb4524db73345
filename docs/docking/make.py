"""Hold the market against an independent implementation, and write docs/docking.md.

    python docs/docking/make.py

`reference.csv` holds what the other implementation gave, as means and standard deviations over
its seeds: once as it was first written, once with the points that were settled afterwards.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from sim import Run, Scenario, run
from sim.measures import half_life

HERE = Path(__file__).parent
PAGE = HERE.parent / "docking.md"
FIRST, SETTLED = "as first written", "with the settled points"
START, END = "<!-- figures: written by docs/docking/make.py -->", "<!-- end of figures -->"


def ours(result: Run) -> pd.DataFrame:
    """Final share, exit and half-life of each run, economy and seller."""
    rows = []
    for (economy, _, seller), path in result.shares.groupby(
        ["economy", "replication", "seller"], observed=True, sort=False
    ):
        path = path.sort_values("tick")
        halved = half_life(path["share"].to_numpy()) if seller != "Newcomer" else np.nan  # inf: censored
        rows.append(
            {
                "economy": economy,
                "seller": seller,
                "share": path["share"].iloc[-1],
                "gone": not path["alive"].iloc[-1],
                "half_life": halved if np.isfinite(halved) else np.nan,
            }
        )
    return pd.DataFrame(rows)


def compare(runs: pd.DataFrame, reference: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """Rows of a table and the differences in standard errors."""
    lines, scores = [], []
    for entry in reference.itertuples():
        own = runs[(runs.economy == entry.economy) & (runs.seller == entry.seller)]
        error = np.sqrt(own.share.var(ddof=1) / len(own) + entry.final_share_sd**2 / entry.seeds)
        difference = own.share.mean() - entry.final_share_mean
        score = difference / error if error > 0 else 0.0
        if error > 0:  # where nobody ever survives there is nothing to compare
            scores.append(score)
        lines.append(
            f"| {entry.economy} | {entry.seller} "
            f"| {own.share.mean():.4f} ({own.share.std(ddof=1) / np.sqrt(len(own)):.4f}) "
            f"| {entry.final_share_mean:.4f} ({entry.final_share_sd / np.sqrt(entry.seeds):.4f}) | {score:+.1f} "
            f"| {_halving(own.half_life)} | {_reference_halving(entry)} "
            f"| {int(own.gone.sum())} of {len(own)} | {entry.exits} of {entry.seeds} |"
        )
    return lines, np.array(scores)


def _halving(times: pd.Series) -> str:
    done = times.dropna()
    if done.empty:
        return "–"
    if len(done) < len(times):
        return f"in {len(done)} of {len(times)}"
    return f"{done.mean():.1f} ({done.std(ddof=1) / np.sqrt(len(done)):.1f})"


def _reference_halving(entry) -> str:  # type: ignore[no-untyped-def]
    if not entry.halved > 0:
        return "–"
    if entry.halved < entry.seeds:
        return f"in {entry.halved:.0f} of {entry.seeds}"
    return f"{entry.half_life_mean:.1f} ({entry.half_life_sd / np.sqrt(entry.seeds):.1f})"


def page(result: Run, reference: pd.DataFrame) -> str:
    """The measured part of docs/docking.md."""
    runs = ours(result)
    parts = []
    for variant in (SETTLED, FIRST):
        lines, scores = compare(runs, reference[reference.variant == variant])
        parts += [
            f"### The reference {variant}",
            "",
            f"{len(scores)} comparisons: root mean square {np.sqrt((scores**2).mean()):.2f} standard errors, "
            f"largest {np.abs(scores).max():.1f}; {int((np.abs(scores) > 3).sum())} beyond 3.",
            "",
            "| economy | seller | share, pushpull | share, reference | z | half-life, pushpull | half-life, reference "
            "| gone, pushpull | gone, reference |",
            "|---|---|---|---|---|---|---|---|---|",
            *lines,
            "",
        ]
    return "\n".join(parts)


def main() -> None:
    """Run, compare, write."""
    result = run(Scenario.load(HERE / "docking.yaml"), out=None)
    reference = pd.read_csv(HERE / "reference.csv")
    text = PAGE.read_text(encoding="utf-8")
    inside = f"{START}\n\n{page(result, reference)}\n{END}"
    PAGE.write_text(
        re.sub(f"{re.escape(START)}.*{re.escape(END)}", lambda _: inside, text, flags=re.S), encoding="utf-8"
    )
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
