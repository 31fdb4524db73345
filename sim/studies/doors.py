"""Studies from Python: one call, one study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from os import PathLike
from pathlib import Path
from typing import Any

from sim.scenario import Scenario
from sim.studies.experiment import Prepared, load, of_words
from sim.studies.study import Study, conduct

__all__ = ["box_of", "compare", "discovery", "sensitivity", "sweep", "tournament"]

NEEDED = {  # what makes a study of a scenario
    "sweep": "factors",
    "compare": "a change, without, add_events or series",
    "sensitivity": "factors or groups",
    "discovery": "factors and cases",
    "tournament": "strategies",
}


def sweep(
    what: Scenario | Prepared | str | PathLike[str],
    factors: Mapping[str, Any] | None = None,
    *,
    design: str | Mapping[str, Any] = "grid",
    measures: Sequence[str] | None = None,
    economies: Sequence[str] | None = None,
    replications: int | None = None,
    name: str | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    out: Path | str | None = "results",
    progress: bool = True,
) -> Study:
    """Run a scenario over a space of factors.

    ``sweep("experiments/x.yaml")`` runs an experiment's file; ``sweep(scenario,
    {"behaviour.search_cost.pull": [0.02, 0.2, 1.0]})`` makes one of a scenario.

    Parameters
    ----------
    what : Scenario, Prepared or path
        A scenario, or an experiment (then `factors`, `design`, `measures`, `economies` and
        `name` are its own).
    factors : mapping of path to list or range
        What varies: ``[0, 0.5, 1]`` or ``{"low": 0, "high": 4, "levels": 9}``.
    design : str or mapping
        ``"grid"``, or ``{"kind": "sobol", "points": 256}`` and the like.
    measures : sequence of str, optional
        Such as ``final_share.Heritage``.
    economies : sequence of str, optional
        By default all of the scenario.
    replications : int, optional
        Of each point and economy; by default the scenario's.
    name : str, optional
        Under which results are filed; by default the scenario's with "sweep".
    jobs, executor, progress
        As for `sim.run`.
    out : path or None
        Folder of results; None: nothing is kept, and the folder of the study goes with it.

    Returns
    -------
    Study

    Raises
    ------
    ScenarioError
        With every mistake.
    StudyFailed, Interrupted, RunBroken, RunBusy
        See `sim.studies.conduct`.
    """
    words: dict[str, Any] = {"kind": "sweep", "factors": factors}
    words["design"] = {"kind": design} if isinstance(design, str) else dict(design)
    more = {"measures": measures, "economies": economies, "name": name}
    prepared = _prepared(what, words, more, replications, factors is not None, "sweep")
    return conduct(prepared, jobs=jobs, executor=executor, out=out, progress=progress)


def compare(
    what: Scenario | Prepared | str | PathLike[str],
    change: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    *,
    without: Sequence[str] | str = (),
    add_events: Sequence[Mapping[str, Any]] = (),
    series: Mapping[str, Sequence[Any]] | None = None,
    baseline: Mapping[str, Any] | None = None,
    measures: Sequence[str] | None = None,
    economies: Sequence[str] | None = None,
    replications: int | None = None,
    name: str | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    out: Path | str | None = "results",
    progress: bool = True,
) -> Study:
    """Run a scenario with and without a change, on common draws.

    ``compare(scenario, without="Newcomer")`` takes a seller out; ``compare(scenario,
    {"sellers.Heritage.stubbornness": 0})`` sets a value.

    Parameters
    ----------
    what : Scenario, Prepared or path
        A scenario, or an experiment (then all but the last five parameters are its own).
    change : mapping, or sequence of mappings with names, optional
        Values by path; the words ``without`` and ``add_events`` may stand among them.
    without : sequence of str, or str
        Sellers or named events to take out.
    add_events : sequence of mapping
        Events to add.
    series : mapping, optional
        One path and a list of values: a change for each.
    baseline : mapping, optional
        A change that makes the baseline; by default the scenario as it is.
    measures, economies, replications, name, jobs, executor, out, progress
        As for `sweep`.

    Returns
    -------
    Study
        With `Study.differences`.

    Raises
    ------
    ScenarioError
        With every mistake.
    StudyFailed, Interrupted, RunBroken, RunBusy
        See `sim.studies.conduct`.
    """
    names = [without] if isinstance(without, str) else list(without)
    single = dict(change) if isinstance(change, Mapping) else {}
    if names:
        single["without"] = [*single.get("without", []), *names]
    if add_events:
        single["add_events"] = [*single.get("add_events", []), *map(dict, add_events)]
    if single and change is not None and not isinstance(change, Mapping):
        raise ValueError("give a list of changes, or without and add_events, not both")
    given: Any = single or None
    if change is not None and not isinstance(change, Mapping):
        given = [dict(one) for one in change]
    words = {"kind": "compare", "change": given, "series": series, "baseline": baseline}
    more = {"measures": measures, "economies": economies, "name": name}
    prepared = _prepared(what, words, more, replications, given is not None or series is not None, "compare")
    return conduct(prepared, jobs=jobs, executor=executor, out=out, progress=progress)


def sensitivity(
    what: Scenario | Prepared | str | PathLike[str],
    factors: Mapping[str, Any] | None = None,
    *,
    groups: Sequence[str] | None = None,
    design: str | Mapping[str, Any] = "morris",
    measures: Sequence[str] | None = None,
    economies: Sequence[str] | None = None,
    replications: int | None = None,
    name: str | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    out: Path | str | None = "results",
    progress: bool = True,
) -> Study:
    """Say which factors of a scenario matter for what comes out; ``study.table("indices")`` has it in figures.

    ``sensitivity("experiments/x.yaml")`` runs an experiment's file; ``sensitivity(scenario,
    groups=["search", "experience"], design="factorial")`` makes one of a scenario.

    Parameters
    ----------
    what : Scenario, Prepared or path
        A scenario, or an experiment (then `factors`, `groups`, `design`, `measures`, `economies`
        and `name` are its own).
    factors : mapping of path to list or range, optional
        What varies, as for `sweep`.
    groups : sequence of str, optional
        Groups of behaviour that turn to pull or stay at push, each a factor of its own.
    design : str or mapping
        ``"morris"``, ``{"kind": "sobol", "samples": 256}`` or ``"factorial"``.
    measures, economies, replications, name, jobs, executor, out, progress
        As for `sweep`.

    Returns
    -------
    Study

    Raises
    ------
    ScenarioError
        With every mistake.
    StudyFailed, Interrupted, RunBroken, RunBusy
        See `sim.studies.conduct`.
    """
    words: dict[str, Any] = {"kind": "sensitivity", "factors": factors}
    words["groups"] = None if groups is None else list(groups)
    words["design"] = {"kind": design} if isinstance(design, str) else dict(design)
    more = {"measures": measures, "economies": economies, "name": name}
    asked = factors is not None or groups is not None
    prepared = _prepared(what, words, more, replications, asked, "sensitivity")
    return conduct(prepared, jobs=jobs, executor=executor, out=out, progress=progress)


def tournament(
    what: Scenario | Prepared | str | PathLike[str],
    strategies: Sequence[str | Mapping[str, Any]] | None = None,
    *,
    same: Mapping[str, Any] | None = None,
    background: Sequence[str] | None = None,
    measures: Sequence[str] | None = None,
    economies: Sequence[str] | None = None,
    replications: int | None = None,
    name: str | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    out: Path | str | None = "results",
    progress: bool = True,
) -> Study:
    """Play strategies against each other; ``study.table("payoffs")`` and ``"equilibria"`` have it in figures.

    ``tournament("experiments/x.yaml")`` runs an experiment's file; ``tournament(scenario,
    ["hard-sell", "collaborative"])`` makes one of a scenario.

    Parameters
    ----------
    what : Scenario, Prepared or path
        A scenario, or an experiment (then all up to `economies` and `name` are its own).
    strategies : sequence of str or mapping, optional
        Names of strategies, or sellers: ``{"strategy": "hard-sell", "price": 0.9, "name": "cheap"}``.
    same : mapping, optional
        Parameters that both sellers have whatever their strategy.
    background : sequence of str, optional
        Sellers of the scenario who are there too.
    measures : sequence of str, optional
        Pay-offs; by default cumulative profit and final share.
    economies, replications, name, jobs, executor, out, progress
        As for `sweep`.

    Returns
    -------
    Study

    Raises
    ------
    ScenarioError
        With every mistake.
    StudyFailed, Interrupted, RunBroken, RunBusy
        See `sim.studies.conduct`.
    """
    words: dict[str, Any] = {"kind": "tournament", "strategies": None if strategies is None else list(strategies)}
    words |= {"same": same, "background": None if background is None else list(background)}
    more = {"measures": measures, "economies": economies, "name": name}
    prepared = _prepared(what, words, more, replications, strategies is not None, "tournament")
    return conduct(prepared, jobs=jobs, executor=executor, out=out, progress=progress)


def discovery(
    what: Scenario | Prepared | str | PathLike[str],
    factors: Mapping[str, Any] | None = None,
    cases: Sequence[Mapping[str, Any]] | None = None,
    *,
    design: Mapping[str, Any] | int = 200,
    density: float | None = None,
    retest: int | None = None,
    economies: Sequence[str] | None = None,
    replications: int | None = None,
    name: str | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    out: Path | str | None = "results",
    progress: bool = True,
) -> Study:
    """Find the boxes of settings in which something mostly happens; ``study.table("boxes")`` has them in figures.

    ``discovery("experiments/x.yaml")`` runs an experiment's file; ``discovery(scenario, factors,
    [{"name": "it leads", "measure": "leader.Heritage", "at_least": 1}])`` makes one of a scenario.

    Parameters
    ----------
    what : Scenario, Prepared or path
        A scenario, or an experiment (then `factors`, `cases`, `design`, `density`, `economies`
        and `name` are its own).
    factors : mapping of path to list or range, optional
        What varies, as for `sweep`.
    cases : sequence of mapping, optional
        What may happen: name, measure, at_least or at_most, and in_runs.
    design : int or mapping
        Points of a latin hypercube, or ``{"kind": "sobol", "points": 256}``.
    density : float, optional
        Part of the settings in a box that must be hits, by default 0.8 [-].
    retest : int, optional
        Number of a box: the study returned is its test on new settings inside it, on new draws
        (``study.table("retest")``).
    economies, replications, name, jobs, executor, out, progress
        As for `sweep`.

    Returns
    -------
    Study

    Raises
    ------
    ScenarioError
        With every mistake.
    ValueError
        If there is no such box to test.
    StudyFailed, Interrupted, RunBroken, RunBusy
        See `sim.studies.conduct`.
    """
    asked = factors is not None and cases is not None
    words: dict[str, Any] = {"kind": "discovery", "factors": factors, "cases": cases and list(map(dict, cases))}
    words["design"] = {"kind": "latin-hypercube", "points": design} if isinstance(design, int) else dict(design)
    words["density"] = density
    prepared = _prepared(what, words, {"economies": economies, "name": name}, replications, asked, "discovery")
    study = conduct(prepared, jobs=jobs, executor=executor, out=out, progress=progress)
    if retest is None:
        return study
    return conduct(box_of(study, retest), jobs=jobs, executor=executor, out=out, progress=progress)


def box_of(study: Study, number: int) -> Prepared:
    """The study that tests a box of a discovery: new settings inside it, on new draws.

    Raises
    ------
    ValueError
        If there is no such box, or it has no limits.
    """
    from sim.studies.discovery import inside
    from sim.studies.discovery_tables import outcomes_of

    found = [one for one in outcomes_of(study) if one.box is not None]
    one = next((one for one in found if one.number == number), None)
    if one is None or one.box is None:
        raise ValueError(f"there is no such box; there {'is' if len(found) == 1 else 'are'} {len(found)}")
    if not one.box.limits:
        raise ValueError("this box has no limits: there is nothing to test")
    return inside(study.prepared, one.economy, one.case, one.box, number)


def _prepared(
    what: Scenario | Prepared | str | PathLike[str],
    words: dict[str, Any],
    more: dict[str, Any],
    replications: int | None,
    asked: bool,
    kind: str,
) -> Prepared:
    if isinstance(what, Scenario):
        if not asked:
            raise ValueError(f"{NEEDED[kind]} must be given")
        name = more.pop("name") or f"{what.name}-{kind}"
        listed = {key: list(value) for key, value in more.items() if value is not None}
        return of_words({"name": name, **words, **listed, "replications": replications}, what)
    if asked or any(value is not None for value in more.values()):
        raise ValueError("an experiment has its own factors, changes, measures, economies and name")
    if isinstance(what, Prepared):
        if replications is not None:
            raise ValueError("give replications when the experiment is loaded")
        return what
    return load(what, kind=kind, replications=replications)
