"""The register: every claim with its test, decided before anything is run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from sim.claims.observables import known_figures
from sim.claims.terms import BASE, Term, read_term
from sim.scenario import Mistake, Scenario, ScenarioError, read_file
from sim.scenario.mistakes import did_you_mean
from sim.scenario.wording import findings
from sim.strategies.strategy import Strict
from sim.studies.changes import Change, changes_of

__all__ = ["ECONOMIES", "Axis", "Claim", "Essay", "Part", "Register", "Test", "Unit", "load_register"]

FOLDER = Path(__file__).parent / "register"
ECONOMIES = ("push", "transition", "pull")
Test = Literal["mean", "ratio", "probability", "duration", "trend"]
Unit = Literal["share", "points", "months", "utils", "money", "times", "number"]


def _listed(raw: Any) -> Any:
    return [raw] if isinstance(raw, str) else raw


Terms = Annotated[list[str], BeforeValidator(_listed)]


class Part(Strict):
    """One thing that would have to be so, and how that is tested.

    `of` less `less` is what is measured, replication by replication; it must lie above or below a
    threshold, or within a distance of 0 (of 1 for a ratio).
    """

    says: str = Field(description="what would have to be so")
    test: Test = Field(
        "mean",
        description="mean: of the sum; ratio: the first to the second, geometric mean; probability: part of the runs "
        "in which the first exceeds each of the others (alone: in which it is 1); duration: median; trend: the fitted "
        "change along an axis, which must not turn back on the way",
    )
    of: Terms = Field(description="terms that are added")
    less: Terms = Field(default_factory=list, description="terms that are taken off, or rivals")
    above: float | None = Field(None, description="threshold to exceed")
    below: float | None = Field(None, description="threshold to stay under")
    within: Annotated[float, Field(gt=0)] | None = Field(None, description="largest distance that counts as none")
    along: str | None = Field(None, description="axis of a trend")
    unit: Unit = Field("number", description="how the figure is written")
    economies: list[str] | None = Field(None, description="economies in which this part is judged, if not the claim's")


class Claim(Strict):
    """A phrase of the essays as a hypothesis."""

    id: str = Field(description="number of the essay and of the phrase in it")
    quote: str = Field(description="the phrase")
    lead: str = Field("", description="our words that lead to it")
    paraphrase: bool = Field(False, description="whether the phrase is our summary, not the essay's own words")
    mechanism: str = Field(description="what in the model could make it so")
    economies: list[str] = Field(description="economies in which the phrase is meant to hold: there it is judged")
    parts: Annotated[list[Part], Field(min_length=1)] = Field(description="all of them must be so")
    built_in: bool = Field(False, description="whether the parameters say so: only the size is a finding")
    turns: list[str] = Field(default_factory=list, description="axes along which the verdict is looked at again")
    aside: str = Field("", description="what a reader should know about this test")
    because: list[Part] = Field(
        default_factory=list, description="what was looked at afterwards, to explain the verdict; not part of it"
    )


class Essay(Strict):
    """An essay's claims."""

    essay: int = Field(description="number")
    title: str = Field(description="what it is about, in our words")
    claims: list[Claim] = Field(description="its phrases")


class Axis(Strict):
    """A parameter that is moved over its usual range."""

    name: str = Field(description="short name, for claims")
    label: str = Field(description="what it is, for readers")
    unit: str = Field("", description="its unit")
    paths: list[str] = Field(description="paths that are all set to the value")
    values: Annotated[list[int | float], Field(min_length=3)] = Field(
        description="values in order; the default among them"
    )
    default: int | float = Field(description="value in the market as it is")


class Register:
    """All claims, the market that they are about, and its variants.

    Attributes
    ----------
    market : Scenario
    variants : dict of str to Change
        By name; the market itself is not among them.
    axes : dict of str to Axis
    essays : list of Essay
    digest : str
        Of the words of the register.

    Raises
    ------
    ScenarioError
        With every mistake.
    """

    def __init__(
        self,
        market: Scenario,
        variants: Iterable[Change],
        axes: Iterable[Axis],
        essays: Iterable[Essay],
        digest: str = "",
    ) -> None:
        self.market = market
        self.variants = {change.name: change for change in variants}
        self.axes = {axis.name: axis for axis in axes}
        self.essays = list(essays)
        self.digest = digest
        wrong = list(self._wrong())
        if wrong:
            raise ScenarioError(Mistake("", None, None, where, message) for where, message in wrong)

    @property
    def claims(self) -> list[Claim]:
        """All claims, in order."""
        return [claim for essay in self.essays for claim in essay.claims]

    def claim(self, name: str) -> Claim:
        """The claim with that number.

        Raises
        ------
        KeyError
            If there is none; the message names the nearest.
        """
        known = {claim.id: claim for claim in self.claims}
        if name not in known:
            near = did_you_mean(name, known)
            raise KeyError(f"there is no claim {name!r}{near}; pushpull claims --list shows all {len(known)}")
        return known[name]

    @cached_property
    def sellers(self) -> list[str]:
        """All sellers of the market and its variants."""
        return list(dict.fromkeys(s.name for scenario in self.scenarios.values() for s in scenario.all_sellers))

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """The market and its variants by name."""
        return {BASE: self.market} | {name: change.of(self.market) for name, change in self.variants.items()}

    def terms(self, words: Iterable[str]) -> list[Term]:
        """Terms as they are written in a part."""
        return [read_term(text, self.sellers) for text in words]

    def _wrong(self) -> Iterator[tuple[str, str]]:
        """What does not fit together: (where, what)."""
        seen: set[str] = set()
        known = known_figures(self.scenarios.values())
        for claim in self.claims:
            if claim.id in seen:
                yield claim.id, "stands there twice"
            seen.add(claim.id)
            for name in claim.turns:
                if name not in self.axes:
                    yield claim.id, f"there is no axis {name!r}{did_you_mean(name, self.axes)}"
            for part in (*claim.parts, *claim.because):
                yield from ((f"{claim.id}: {part.says}", message) for message in self._wrong_part(claim, part, known))
        for axis in self.axes.values():
            if axis.default not in axis.values:
                yield axis.name, f"{axis.default:g} is not among its values"

    def _wrong_part(self, claim: Claim, part: Part, known: set[tuple[str, str]]) -> Iterator[str]:
        if [part.above, part.below, part.within].count(None) != 2:
            yield "has one of above, below and within"
        if (part.test == "trend") != (part.along is not None):
            yield "a trend, and nothing else, has an axis"
        if part.along is not None and part.along not in self.axes:
            yield f"there is no axis {part.along!r}{did_you_mean(part.along, self.axes)}"
        if part.test == "ratio" and (len(part.of), len(part.less)) != (1, 1):
            yield "a ratio is of one term to one other"
        if part.test == "duration" and (len(part.of), len(part.less)) != (1, 0):
            yield "the median is that of one duration"
        if part.test == "probability" and len(part.of) != 1:
            yield "a probability is of one term against its rivals"
        for economy in part.economies or claim.economies:
            if economy not in self.market.economies:
                yield f"there is no economy {economy!r}"
        for text in (*part.of, *part.less):
            try:
                term = read_term(text, self.sellers)
            except ValueError as error:
                yield str(error)
                continue
            if term.variant not in self.scenarios:
                yield f"there is no variant {term.variant!r}{did_you_mean(term.variant, self.scenarios)}"
            if (term.seller, term.measure) not in known:
                yield f"{text!r} names no figure"
            if term.economy and term.economy not in self.market.economies:
                yield f"there is no economy {term.economy!r}"


def load_register(folder: Path = FOLDER) -> Register:
    """Read the register: ``market.yaml``, ``variants.yaml``, ``axes.yaml`` and ``essay_*.yaml``.

    Raises
    ------
    ScenarioError
        With every mistake.
    """
    files = sorted(folder.glob("*.yaml"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    essays = [_made(Essay, _tree(path), path) for path in files if path.stem.startswith("essay_")]
    axes = [_made(Axis, words, folder / "axes.yaml") for words in _tree(folder / "axes.yaml")["axes"]]
    variants = changes_of(_tree(folder / "variants.yaml")["variants"])
    market = Scenario.load(folder / "market.yaml")
    return Register(market, variants, axes, sorted(essays, key=lambda essay: essay.essay), digest)


def _tree(path: Path) -> dict[str, Any]:
    reading = read_file(path, "register")
    if not reading.sound or reading.mistakes:
        raise ScenarioError(reading.mistakes)
    return reading.tree


def _made(model: Any, tree: dict[str, Any], path: Path) -> Any:
    try:
        return model(**tree)
    except ValidationError as error:
        listed = findings(error, model, tree)
        raise ScenarioError(
            Mistake(str(path), None, None, ".".join(map(str, one.place)), one.message) for one in listed
        ) from None
