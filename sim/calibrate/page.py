"""The report of a calibration: what was found, what the panel tells, pictures and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.calibration import Calibration, Heldout
from sim.calibrate.tables import GROUPS, estimates_table, fit_table, groups_of, rivals_table
from sim.plots.calibration import Group, plot_distances, plot_penetration, plot_segments, plot_switching
from sim.plots.sheet import figure_of
from sim.plots.words import SPACE, count, minus
from sim.report.findings import Finding
from sim.report.sections import Section
from sim.report.study import StudyPage, StudyTable, made_of, save_picture, write_study_page
from sim.report.words import listed

__all__ = ["findings_of", "write_report"]

Array = NDArray[np.float64]
WORDS = {
    "target": "A figure of the panel that the simulated market is to show as well.",
    "standard error": "How far apart two panels of the very same buyers would be, by the luck of their choices alone.",
    "z": "Observed less simulated, in standard errors. One in twenty lies beyond 2 by chance alone.",
    "segment": "Buyers with the same tastes.",
    "inertia": "The probability of staying with a seller without looking around.",
    "repeat rate": "The part of purchases from the seller of the purchase before; 2-step: of the one before that.",
    "penetration": "The part of buyers who buy from a seller at all in their first purchases.",
    "duplication": "How much likelier than anybody a seller's buyers are to buy from another as well (D).",
    "bits a purchase": "How surprised a law is by a purchase that it has not seen; 1 bit is the toss of a coin.",
}
ASSUMPTIONS = (
    "The targets were fitted: that they are met shows that the law can hold them, not that it is true. The held-out "
    "check is the test.",
    "Tastes and inertia are taken to stay as they are for the whole panel.",
    "Buyers are taken to act alone: nobody hears from anybody.",
    "The intervals hold the luck of which buyers are in the panel, and the error of the simulation; not the choice of "
    "the law.",
)


def findings_of(found: Calibration) -> list[Finding]:
    """The result in sentences."""
    off, of = found.beyond
    law = found.fitted.law
    estimates = estimates_table(found).set_index("parameter")
    first = estimates.iloc[0]
    said = [
        Finding(
            "Fit",
            f"{off} of {count(of, 'target')} ({_percent(off, of)}) {'lies' if off == 1 else 'lie'} beyond two standard "
            f"errors in the scenario as it was written, run with draws of its own "
            f"({count(found.test.panels, 'panel')}).",
        )
    ]
    if found.panel.ordered and not law.trigger:
        said.append(
            Finding(
                "Inertia",
                f"A buyer stays without looking around with probability {first.value:.3f} [{first.low:.3f}, "
                f"{first.high:.3f}].",
            )
        )
    said.append(
        Finding(
            "Tastes",
            f"{count(law.classes, 'segment')}, "
            + (
                "as asked for"
                if len(found.fitted.bic) == 1
                else "by the BIC of latent classes with one to " + f"{max(found.fitted.bic)}"
            )
            + ".",
        )
    )
    if found.rivals:
        others = [f"{one.words}: {one.beyond} of {one.of} ({_percent(one.beyond, one.of)})" for one in found.rivals]
        said.append(Finding("Other laws", f"Beyond two standard errors with {'; '.join(others)}."))
    if found.heldout is not None:
        said.append(Finding("Held out", _heldout_words(found, found.heldout)))
    said += [Finding("Note", note) for note in found.notes]
    return said


def _heldout_words(found: Calibration, held: Heldout) -> str:
    off, of = held.beyond
    kinds, _ = groups_of(len(found.panel.sellers))
    z = np.where(held.used, np.abs(held.observed - held.mean) / held.spread, np.nan)
    switching = np.array([kind in ("repeat rates", "2-step repeat", "switching matrix") for kind in kinds])
    inside = int((z[switching] > 2).sum())
    words = (
        f"Fitted to the first part of each history, the law misses {off} of {count(of, 'target')} of the "
        f"{count(held.purchases, 'purchase')} that follow ({_percent(off, of)}), {inside} of them among the "
        f"{int((switching & held.used).sum())} of switching."
    )
    shares = z[: len(found.panel.sellers)]
    moved = [
        f"{name} from {100 * held.mean[place]:.0f}{SPACE}% expected to {100 * held.observed[place]:.0f}{SPACE}%"
        for place, name in enumerate(found.panel.sellers)
        if shares[place] > 3
    ]
    if moved:
        words += f" Shares moved in a way that the law, whose tastes stand still, does not know: {listed(moved)}."
    fit, *others = held.scores
    best = min(others, key=lambda one: one.bits)
    if best.difference > 2 * best.error:
        apart = f"{best.difference:.3f} ± {2 * best.error:.3f} less than with the next best, {best.law}"
    elif best.difference < -2 * best.error:
        apart = f"{-best.difference:.3f} ± {2 * best.error:.3f} more than with the best, {best.law}"
    else:
        apart = f"not clearly apart from {best.bits:.3f} with the best other, {best.law}"
    words += f" A purchase costs {fit.bits:.3f} bits: {apart}."
    return words


def write_report(folder: Path, found: Calibration, provenance: Mapping[str, Any]) -> None:
    """Draw the figures and write ``report.html``."""
    panel, scenario = found.panel, found.composed.scenario
    page = StudyPage(
        kicker=f"Calibration to {panel.source}",
        name=scenario.name,
        description=scenario.description,
        setting=f"{count(panel.buyers, 'buyer')}, {count(panel.purchases, 'purchase')}, "
        f"{count(len(panel.sellers), 'seller')}: {listed(list(panel.sellers))}. The scenario with the fitted values is "
        "scenario.yaml beside this page.",
        findings=findings_of(found),
        sections=list(_sections(folder, found)),
        tables=list(_tables(found)),
        words=WORDS,
        made=made_of(provenance, f"{count(int(provenance['parameters']['simulations']), 'simulation')} of the market"),
        software=f"{provenance['software']['name']} {provenance['software']['version']}",
        assumptions=ASSUMPTIONS,
    )
    write_study_page(folder, page)


def _sections(folder: Path, found: Calibration) -> Iterator[Section]:
    sellers, fitted, test = found.panel.sellers, found.fitted, found.test
    many = len(sellers)
    kinds, about = groups_of(many)

    def grouped(z: Array) -> dict[str, Group]:
        there = np.isfinite(z)
        of = np.array(kinds)
        return {kind: Group(z[(of == kind) & there], about[(of == kind) & there]) for kind in GROUPS}

    panels = {"fit": grouped(fit_table(found)["z"].to_numpy())}
    if found.heldout is not None:
        held = found.heldout
        panels["held out"] = grouped(np.where(held.used, (held.observed - held.mean) / held.spread, np.nan))
    drawn = plot_distances(panels, sellers, title="How far each target is off")
    yield Section(
        "Does the market do what the buyers did?",
        [],
        save_picture(figure_of(drawn[0]), folder, "distances"),
        "Every target, by kind. Marks outside the band are more than two standard errors off.",
        "Strips of dots, one for each kind of target. The figures stand in the table below.",
    )
    matrices = {
        "observed": fitted.observed[-(many**2) :].reshape(many, many),
        "simulated": test.mean[-(many**2) :].reshape(many, many),
    }
    drawn = plot_switching(matrices, sellers, title="Switching from one purchase to the next")
    yield Section(
        "Who is bought after whom",
        [],
        save_picture(figure_of(drawn[0]), folder, "switching"),
        "Read a row for what follows a purchase from its seller.",
        "Two tables of switching probabilities, observed and simulated.",
    )
    reach, often = slice(2 * many + 2, 3 * many + 2), slice(3 * many + 2, 4 * many + 2)
    axes = plot_penetration(
        (fitted.observed[reach], fitted.observed[often]),
        (test.mean[reach], test.mean[often]),
        (fitted.setting.spread[reach], fitted.setting.spread[often]),
        sellers,
        found.window,
        title="Double jeopardy",
    )
    yield Section(
        "How many buy, and how often",
        [],
        save_picture(figure_of(axes), folder, "penetration"),
        "Sellers with few buyers are usually also bought from less often by those.",
        "A scatter plot of purchases a buyer against penetration, observed and simulated.",
    )
    free = fitted.fit.free
    axes = plot_segments(fitted.law.weights(free), fitted.law.shares(free), sellers, title="What each segment likes")
    yield Section(
        "Who the buyers are",
        [],
        save_picture(figure_of(axes), folder, "segments"),
        "Each bar is a segment, as high as it is large; along it, what its buyers choose when they look around.",
        "Stacked bars of choice probabilities by segment. The figures stand in the table of fitted values.",
    )


def _tables(found: Calibration) -> Iterator[StudyTable]:
    yield StudyTable(
        "What the panel tells",
        "And what it cannot: that is off in the scenario, or as it was.",
        ["", "told", "why"],
        [[one.what, one.verdict, one.why] for one in found.told],
    )
    estimates = estimates_table(found)
    yield StudyTable(
        "Fitted values",
        "With 95 % intervals from a bootstrap over buyers; also in estimates.csv.",
        ["value", "fitted", "standard error", "interval"],
        [
            [
                one.parameter,
                _figure(one.value),
                _figure(one.standard_error),
                f"[{_figure(one.low)}, {_figure(one.high)}]",
            ]
            for one in estimates.itertuples()
        ],
    )
    fit = fit_table(found)
    left = int((~fit["used"]).sum())
    yield StudyTable(
        "Targets",
        "Also in fit.csv." + (f" {count(left, 'target')} not shown: too few cases to be one." if left else ""),
        ["target", "observed", "simulated", "standard error", "z"],
        [
            [one.target, _figure(one.observed), _figure(one.simulated), _figure(one.standard_error), _figure(one.z, 2)]
            for one in fit[fit["used"]].itertuples()
        ],
    )
    if found.rivals:
        yield StudyTable(
            "Other laws of taste and inertia, fitted to the same targets",
            "Tastes that come in lumps, or spread smoothly; inertia as one probability, or as a trigger.",
            ["law", "targets beyond 2", "of", "part"],
            [
                [one.law, str(one.beyond), str(one.targets), _percent(one.beyond, one.targets)]
                for one in rivals_table(found).itertuples()
            ],
        )
    if found.heldout is not None:
        yield StudyTable(
            "Purchases that no law had seen",
            "All laws were fitted to the first part of each history.",
            ["law", "bits a purchase", "more than the fit", "standard error"],
            [[one.law, f"{one.bits:.3f}", f"{one.difference:.3f}", f"{one.error:.3f}"] for one in found.heldout.scores],
        )


def _figure(value: float, decimals: int = 3) -> str:
    return minus(f"{value:.{decimals}f}") if np.isfinite(value) else "–"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):.0f}{SPACE}%"
