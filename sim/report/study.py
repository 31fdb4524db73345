"""The page of a study: the same style as a run's, and one file that needs no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from sim.plots.gallery import save_figure
from sim.report.findings import Finding
from sim.report.glossary import ASSUMPTIONS
from sim.report.pictures import Picture, picture_of
from sim.report.rendering import rendered
from sim.report.sections import Section
from sim.results.files import writing

__all__ = ["StudyPage", "StudyTable", "made_of", "save_picture", "write_study_page"]


@dataclass(frozen=True)
class StudyTable:
    """A table of words; the first column of each row is its head.

    Attributes
    ----------
    heading, caption : str
    header : sequence of str
    rows : sequence of sequence of str
        As long as `header` each.
    """

    heading: str
    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class StudyPage:
    """All that a study's page says.

    Attributes
    ----------
    kicker, name, description, setting : str
        Over the findings.
    findings : sequence of Finding
    sections : sequence of Section
        Pictures with their words.
    tables : sequence of StudyTable
    words : mapping of str to str
        What the page's terms mean.
    made : sequence of (str, str)
        How to get the same page again; what is called Command is shown as one.
    software : str
    """

    kicker: str
    name: str
    description: str
    setting: str
    findings: Sequence[Finding]
    sections: Sequence[Section]
    tables: Sequence[StudyTable]
    words: Mapping[str, str]
    made: Sequence[tuple[str, str]]
    software: str
    assumptions: Sequence[str] = field(default=tuple(ASSUMPTIONS))


def save_picture(figure: Figure, folder: Path, name: str) -> Picture:
    """Save a figure under ``folder/figures`` and make it ready for the page.

    Parameters
    ----------
    figure : Figure
        In the light style.
    folder : Path
        Of the study.
    name : str
        Letters, digits and underscores.
    """
    place = folder / "figures"
    place.mkdir(exist_ok=True)
    return picture_of(name, figure, *save_figure(figure, place, name))


def made_of(provenance: Mapping[str, Any], runs: str) -> list[tuple[str, str]]:
    """How a study was made, for its page.

    Parameters
    ----------
    provenance : mapping
        As `sim.results.provenance_of` gives it.
    runs : str
        How many runs of what.
    """
    parameters, libraries = provenance["parameters"], provenance["environment"].get("libraries", {})
    versions = [f"Python {provenance['environment']['python']['version']}"]
    versions += [f"{name} {entry['version']}" for name, entry in libraries.items()]
    software = f"{provenance['software']['name']} {provenance['software']['version']}"
    return [
        ("Command", str(parameters["command"])),
        ("Seed", str(parameters["seed"])),
        ("Runs", runs),
        ("Software", f"{software}, model version {parameters['model_version']}"),
        ("Made with", ", ".join(versions)),
    ]


def write_study_page(folder: Path, page: StudyPage) -> Path:
    """Write ``report.html`` into a study's folder.

    Parameters
    ----------
    folder : Path
    page : StudyPage

    Returns
    -------
    Path
        The report.
    """
    text = rendered("study.html", page=page)
    place = folder / "report.html"
    with writing(place) as file:
        file.write(text)
    return place
