"""Paired counterfactuals: a scenario against itself with a change, on common draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.scenario import Scenario, ScenarioError
from sim.scenario.mistakes import Finding
from sim.scenario.terms import Meant
from sim.studies.changes import Change, changes_of, wrong_changes, wrong_series
from sim.studies.experiment import Experiment

__all__ = ["BASELINE", "Compare"]

BASELINE = "baseline"


class Compare(Experiment):
    """One scenario as it is, or as `baseline` makes it, and with each of some changes."""

    kind: Literal["compare"] = Field("compare", description="kind of study")
    change: Annotated[Any, Meant(dict[str, Any] | list[dict[str, Any]])] = Field(
        None, description="a change, or a list of named changes: paths, without, add_events"
    )
    series: dict[str, Annotated[Any, Meant(list[Any])]] | None = Field(
        None, description="one path and a list of values: a change for each"
    )
    baseline: dict[str, Any] | None = Field(
        None, description="a change that makes the baseline; left out: the scenario as it is"
    )

    keeps_paths: ClassVar[bool] = True
    usual_measures: ClassVar[tuple[str, ...]] = (
        "final_share",
        "half_life",
        "survival",
        "cumulative_profit",
        "consumer_surplus",
    )

    @classmethod
    def inconsistencies(cls, tree: Mapping[str, Any], base: Scenario | None) -> Iterator[Finding]:
        """Find changes that cannot be made."""
        given, series, baseline = tree.get("change"), tree.get("series"), tree.get("baseline")
        if given is None and series is None:
            yield Finding(
                (), "'change' is missing (what is changed: paths with values, without, add_events); or a series"
            )
        if given is not None:
            yield from wrong_changes(given, base, ("change",))
        if series is not None:
            yield from wrong_series(series, base, ("series",))
        if baseline is not None:
            yield from wrong_changes(baseline, base, ("baseline",))
        names = [change.name for change in _changes(given, series)]
        for name in {name for name in names if names.count(name) > 1 or name == BASELINE}:
            yield Finding(("change",), f"two changes, or a change and the baseline, are named {name!r}")

    @classmethod
    def scenarios_named(cls, tree: Mapping[str, Any], base: Scenario) -> list[Scenario]:
        """The scenario, its baseline and all that the changes make of it."""
        changes = [*_changes(tree.get("change"), tree.get("series")), *_changes(tree.get("baseline"), None)]
        return [base, *(change.of(base) for change in changes)]

    @cached_property
    def changes(self) -> list[Change]:
        """All changes, in order."""
        return changes_of(self.change, self.series)

    def columns(self) -> dict[str, list[Any]]:
        """The baseline, and a change a point."""
        columns: dict[str, list[Any]] = {"change": [BASELINE, *(change.name for change in self.changes)]}
        for path, values in (self.series or {}).items():
            columns[path] = [None] * (len(self.changes) + 1 - len(values)) + list(values)
        return columns

    def scenario_at(self, base: Scenario, point: int) -> Scenario:
        """The baseline at point 0, then the scenario with each change."""
        if point:
            return self.changes[point - 1].of(base)
        return changes_of(self.baseline)[0].of(base) if self.baseline else base

    def pages(self, study: Any) -> None:
        """Write ``differences.parquet``, ``summary.csv``, figures and report."""
        from sim.studies.compare_page import write_pages
        from sim.studies.differences import write_tables

        write_pages(study, write_tables(study))


def _changes(given: Any, series: Any) -> list[Change]:
    """The changes in words that may be wrong anywhere: those that can be read."""
    try:
        return changes_of(given, series)
    except (ScenarioError, TypeError, ValueError, AttributeError, KeyError):
        return []
