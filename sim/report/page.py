"""The page: one file that needs no network, made from a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.plots.gallery import draw_figures, png_of, save_figure, svg_of
from sim.plots.milestones import milestones_of
from sim.plots.series import economies_of, replications_of, ticks_of
from sim.plots.words import count
from sim.report.findings import findings
from sim.report.glossary import ASSUMPTIONS, GLOSSARY
from sim.report.pictures import Picture, picture_of
from sim.report.rendering import rendered
from sim.report.sections import sections_of
from sim.report.standings import results_of
from sim.report.table import table_of
from sim.report.words import listed
from sim.results.files import ResultsError, writing

if TYPE_CHECKING:
    from sim.results import Run

__all__ = ["render", "write_report"]


def render(run: Run) -> str:
    """The report of a run as one HTML page.

    The same run and the same versions of the libraries give the same page.

    Parameters
    ----------
    run : Run
        A finished run.
    """
    return _page(
        run, {name: picture_of(name, figure, svg_of(figure), png_of(figure)) for name, figure in draw_figures(run)}
    )


def write_report(run: Run) -> Path:
    """Write figures and report into the folder of a run.

    Parameters
    ----------
    run : Run
        A finished run with a folder; ``figures/*.png``, ``figures/*.svg`` and ``report.html``
        there are replaced, each at once.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    ResultsError
        If the run is in memory only.
    """
    if run.path is None:
        raise ResultsError("a run without a folder has no place for its report; sim.report.render gives its text")
    folder = run.path / "figures"
    folder.mkdir(exist_ok=True)
    pictures = {}
    for name, figure in draw_figures(run):
        pictures[name] = picture_of(name, figure, *save_figure(figure, folder, name))
    place = run.path / "report.html"
    page = _page(run, pictures)
    with writing(place) as file:
        file.write(page)
    return place


def _page(run: Run, pictures: Mapping[str, Picture]) -> str:
    results, economies = results_of(run), economies_of(run)
    return rendered(
        "page.html",
        name=run.scenario.name,
        description=run.scenario.description,
        software=_software(run),
        runs=count(_runs(run), "run"),
        economies_counted=f"each of {count(len(economies), 'economy', 'economies')}"
        if len(economies) > 1
        else "one economy",
        setting=_setting(run),
        findings=findings(results),
        sections=sections_of(run, results, pictures),
        table=table_of(run, results),
        glossary=GLOSSARY.items(),
        assumptions=ASSUMPTIONS,
        made=how_it_was_made(run),
    )


def _software(run: Run) -> str:
    return f"{run.provenance['software']['name']} {run.provenance['software']['version']}"


def _runs(run: Run) -> int:
    return max(replications_of(run, economy) for economy in economies_of(run))


def _setting(run: Run) -> str:
    """Who meets whom, for how long."""
    sellers = listed([f"{seller.name} ({seller.strategy})" for seller in run.scenario.sellers])
    events = (
        listed([f"{event.text} (month {event.tick})" for event in milestones_of(run)]) if run.scenario.events else ""
    )
    return (
        f"{count(run.scenario.buyers.count, 'buyer')} and {count(ticks_of(run), 'month')}. At the opening: {sellers}."
        + (f" On the way: {events}." if events else "")
    )


def how_it_was_made(run: Run) -> list[tuple[str, str]]:
    """What it takes to get the same page again: pairs of what and how."""
    parameters, libraries = run.provenance["parameters"], run.provenance["environment"].get("libraries", {})
    python = run.provenance["environment"].get("python", {}).get("version")
    versions = [f"Python {python}"] if python else []
    versions += [f"{name} {entry['version']}" for name, entry in libraries.items()]
    made = [
        ("Command", str(parameters["command"])),
        ("Seed", str(run.scenario.seed)),
        ("Runs", f"{count(_runs(run), 'run')} of each economy, on the same buyers, sellers and draws"),
        ("Software", f"{_software(run)}, model version {parameters['model_version']}"),
    ]
    if run.precision is not None:
        made.append(("Precision", _precision(run.precision)))
    return made + ([("Made with", ", ".join(versions))] if versions else [])


def _precision(asked: Mapping[str, Any]) -> str:
    reached = "reached" if asked["met"] else "not reached"
    return (
        "runs were added until the 95 % interval of every final share was narrower than "
        f"{100 * asked['asked']:g} points: {reached}, the widest is {100 * asked['reached']:.2g} points "
        f"after {count(int(asked['runs']), 'run')} in all"
    )
