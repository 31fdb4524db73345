"""Facts of repeat buying in two grocery panels, in a market whose buyers have lumpy tastes and some inertia.

Tastes and inertia are those that fit the panels: six latent classes and a probability of not
reconsidering. The facts are not put in; they must come out. Panels: Ecdat `Cracker` and `Yogurt`
(Jain, Vilcassim & Chintagunta 1994); classes and observed figures computed from them.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures import (
    excess_frequency,
    hhi,
    panel_sums,
    panel_targets,
    repeat_by_chance,
    target_names,
    two_step_repeat_of_chain,
)
from sim.scenario import Scenario
from sim.verify.laboratory import Market, correlation, logit, merged, purchases, steps
from sim.verify.row import Check, Entries, Panel, Picture, above, close, row


class Category(NamedTuple):
    """A category of groceries: its latent classes, and what its panel showed."""

    name: str
    brands: tuple[str, ...]
    inertia: float  # probability that a purchase is not reconsidered [-]
    weights: tuple[float, ...]
    probabilities: tuple[tuple[float, ...], ...]  # of each brand in each class, when reconsidered
    lengths: tuple[tuple[float, float], ...]  # mean and spread of a household's purchases in each class
    shortest: int  # purchases of the household that has fewest
    households: int
    window: int  # first purchases in which penetration and frequency are counted
    observed: dict[str, float]
    penetration: tuple[float, ...]
    frequency: tuple[float, ...]
    duplication: tuple[tuple[float, ...], ...]


CRACKER = Category(
    "cracker",
    ("nabisco", "private label", "sunshine", "kleebler"),
    0.108,
    (0.387, 0.218, 0.167, 0.131, 0.051, 0.046),
    (
        (0.967, 0.017, 0.005, 0.011),
        (0.049, 0.917, 0.026, 0.008),
        (0.719, 0.070, 0.101, 0.110),
        (0.323, 0.471, 0.126, 0.080),
        (0.265, 0.034, 0.649, 0.052),
        (0.146, 0.011, 0.035, 0.808),
    ),
    ((23.5, 9.5), (28.0, 14.0), (20.8, 4.9), (25.7, 8.1), (23.3, 8.9), (21.1, 4.1)),
    14,
    136,
    14,
    {"double jeopardy": 0.906, "D": 1.0373, "hhi": 0.405, "by chance": 0.754, "repeat": 0.773,
     "two": 0.760, "markov": 0.646},
    (0.8309, 0.5368, 0.4559, 0.3529),
    (9.4602, 7.1233, 2.629, 3.1667),
    ((1.0, 0.451, 0.442, 0.372), (0.699, 1.0, 0.616, 0.342), (0.806, 0.726, 1.0, 0.484), (0.875, 0.521, 0.625, 1.0)),
)  # fmt: skip
YOGURT = Category(
    "yogurt",
    ("dannon", "yoplait", "weight watchers", "hiland"),
    0.513,
    (0.258, 0.254, 0.204, 0.155, 0.102, 0.027),
    (
        (0.932, 0.020, 0.021, 0.027),
        (0.292, 0.340, 0.209, 0.159),
        (0.049, 0.913, 0.016, 0.022),
        (0.559, 0.429, 0.012, 0.0),
        (0.056, 0.262, 0.682, 0.0),
        (0.0, 0.014, 0.986, 0.0),
    ),
    ((26.8, 30.3), (12.9, 8.6), (25.0, 23.5), (18.8, 11.4), (34.9, 50.8), (88.0, 40.4)),
    4,
    100,
    9,
    {"double jeopardy": 0.810, "D": 0.9151, "hhi": 0.330, "by chance": 0.742, "repeat": 0.856,
     "two": 0.810, "markov": 0.750},
    (0.6842, 0.5921, 0.2763, 0.1842),
    (5.9231, 5.3556, 5.0476, 2.0714),
    ((1.0, 0.481, 0.192, 0.173), (0.556, 1.0, 0.289, 0.2), (0.476, 0.619, 1.0, 0.286), (0.643, 0.643, 0.429, 1.0)),
)  # fmt: skip
CATEGORIES = {one.name: one for one in (CRACKER, YOGURT)}
LONGEST = 200  # purchases of a household
SETTING = (
    "six classes of tastes, their number of purchases and a probability of not reconsidering, as fitted to the "
    "panels; panels of 136 and 100 households; errors are the spread of one such panel"
)


def market_of(category: Category, households: int) -> Market:
    """A market of the category, some purchases after its opening."""
    utilities = np.log(np.maximum(category.probabilities, 1e-9))
    classes = [
        {"weight": weight / sum(category.weights), "utility": dict(zip(category.brands, row.tolist(), strict=True))}
        for weight, row in zip(category.weights, utilities, strict=True)
    ]
    more: dict[str, Any] = {
        "buyers": {"taste": {"kind": "segments", "classes": classes}},
        # reconsidering is looking at all; nothing else than routine makes anybody look
        "behaviour": {"research_rate": 1.0 - category.inertia, "indifference": 100.0},
    }
    words = logit(dict.fromkeys(category.brands, 0.0), buyers=households, horizon=LONGEST + 30).tree
    return steps(Market(Scenario(**merged(words, more))), 30)


class Histories(NamedTuple):
    """Purchases of panels of households; both flat over panels.

    Attributes
    ----------
    choices : ndarray, shape (panels * households, purchases)
    lengths : ndarray, shape (panels * households,)
        Purchases of each household.
    """

    choices: NDArray[np.int8]
    lengths: NDArray[np.int64]


@cache
def histories(name: str, panels: int) -> Histories:
    """Purchases of so many panels of a category's households."""
    category = CATEGORIES[name]
    market = market_of(category, panels * category.households)
    # the class of a buyer shows in its tastes
    tastes = np.stack([market.state.pairs["taste"][:, market.seller(brand).place] for brand in category.brands], axis=1)
    utilities = np.log(np.maximum(category.probabilities, 1e-9))
    kind = np.abs(tastes[:, None, :] - utilities[None]).sum(axis=2).argmin(axis=1)
    mean, spread = np.array(category.lengths)[kind].T
    more = mean - category.shortest  # beyond what every household buys, gamma distributed
    drawn = np.random.default_rng(1994).gamma((more / spread) ** 2, spread**2 / more)
    lengths = np.minimum(category.shortest + np.rint(drawn), LONGEST).astype(np.int64)
    return Histories(purchases(market, int(lengths.max())), lengths)


class Targets(NamedTuple):
    """Measures of each panel, first axis the panels."""

    penetration: NDArray[np.float64]
    frequency: NDArray[np.float64]
    duplication: NDArray[np.float64]  # of the buyers of a brand (row), the part that buys another (column)
    coefficient: NDArray[np.float64]
    matrix: NDArray[np.float64]
    shares: NDArray[np.float64]
    repeat: NDArray[np.float64]
    two_steps: NDArray[np.float64]
    counts: NDArray[np.int64]  # shape (panels, households, brands)


@cache
def targets(name: str, panels: int) -> Targets:
    """The product's panel measures of every panel."""
    category, (choices, lengths) = CATEGORIES[name], histories(name, panels)
    count, window = len(category.brands), category.window
    group = np.repeat(np.arange(panels), category.households)
    sums = panel_sums(choices, lengths, count, window, group)
    values = dict(zip(target_names(category.brands, window), panel_targets(sums, count).T, strict=True))

    def by_brand(what: str) -> NDArray[np.float64]:
        return np.stack([values[f"{what} {brand}"] for brand in category.brands], axis=1)

    whole = np.where(lengths >= window, 1.0, 0.0)[:, None]
    first = np.stack([(choices[:, :window] == brand).any(axis=1) for brand in range(count)], axis=1) * whole
    first = first.reshape(panels, category.households, count)
    both = np.einsum("phi,phj->pij", first, first)
    own = np.diagonal(both, axis1=1, axis2=2)[:, :, None]
    bought = np.arange(choices.shape[1]) < lengths[:, None]
    counts = np.stack([((choices == brand) & bought).sum(axis=1) for brand in range(count)], axis=1)
    matrix = np.stack([values[f"P[{a}->{b}]"] for a in category.brands for b in category.brands], axis=1)
    return Targets(
        by_brand(f"pen{window}"),
        by_brand(f"w{window}"),
        np.divide(both, own, out=np.full_like(both, np.nan), where=own > 0),
        values["D"],
        matrix.reshape(panels, count, count),
        by_brand("share"),
        values["repeat rate"],
        values["2-step repeat"],
        counts.reshape(panels, category.households, count),
    )


def shared_buyers(duplication: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the other brands of the part of their buyers who also buy a brand."""
    off = ~np.eye(duplication.shape[-1], dtype=bool)
    return np.asarray(np.nanmean(np.where(off, duplication, np.nan), axis=-2))


def _panels(quick: bool) -> int:
    return 100 if quick else 500


def _seen(what: str, category: Category, observed: float, values: NDArray[np.float64]) -> Check:
    """Whether what the panel showed is an ordinary panel of the market: within two spreads of one panel."""
    found = values[np.isfinite(values)]
    return close(f"{category.name}: {what}", observed, found.mean(), found.std(ddof=1), tolerance=2.0)


def _linked(what: str, category: Category, observed: float, values: NDArray[np.float64]) -> list[Check]:
    """The same of coefficients of correlation, on Fisher's scale, where their spread is even."""
    found = np.arctanh(np.minimum(values[np.isfinite(values)], 1 - 1e-12))
    return [_seen(f"{what}, artanh", category, float(np.arctanh(observed)), found)]


@row(
    "E1",
    "Double jeopardy",
    source="McPhee 1963; Ehrenberg; two panels",
    setting=SETTING,
)
def double_jeopardy(quick: bool) -> Entries:
    """Brands with fewer buyers are bought less often by them, and the private label lies above that line."""
    panels = []
    for category in (CRACKER, YOGURT):
        found = targets(category.name, _panels(quick))
        linked = np.array([correlation(b, w) for b, w in zip(found.penetration, found.frequency, strict=True)])
        linked = linked[np.isfinite(linked)]
        yield above(f"{category.name}: corr(b, w)", 0.4, linked.mean(), linked.std(ddof=1), by=0.0)
        yield from _linked("corr(b, w)", category, category.observed["double jeopardy"], linked)
        reach, often = found.penetration.mean(0), np.nanmean(found.frequency, axis=0)
        spread = np.nanstd(found.frequency, axis=0, ddof=1)
        # through the largest brand: w (1 - b) alike for all
        constant = excess_frequency(reach, often)[0]
        line = np.linspace(0.15, 1 - constant / category.window, 80)
        panels.append(
            Panel(f"{category.name}, first {category.window} purchases", "penetration b", "purchases a buyer w",
                  {"w (1 − b) alike for all": (line, constant / (1 - line))},
                  {"market": (reach, often, spread / 2),
                   "panel": (category.penetration, category.frequency, np.zeros(len(reach)))}, labels=category.brands)
        )  # fmt: skip
        if category is CRACKER:
            niche = excess_frequency(found.penetration, found.frequency)
            gain = niche[:, 1] - niche[:, 0]
            yield above(
                "cracker: w (1 - b) of the private label less that of nabisco",
                0.0,
                gain.mean(),
                gain.std(ddof=1),
                by=1.0,
            )
    yield Picture(
        "verification_double_jeopardy",
        "Double jeopardy: small brands have fewer buyers, who also buy less often",
        "Marks: mean of simulated panels, with the spread of one panel either way; open marks: what the households "
        "did. The private label's buyers are few and faithful: above the line.",
        panels,
    )


@row("E2", "Duplication of purchase", source="Goodhardt 1966; two panels", setting=SETTING)
def duplication(quick: bool) -> Entries:
    """Every brand shares its buyers with the others in proportion to their penetration."""
    tables = {}
    for category in (CRACKER, YOGURT):
        found = targets(category.name, _panels(quick))
        linked = np.array(
            [correlation(d, b) for d, b in zip(shared_buyers(found.duplication), found.penetration, strict=True)]
        )
        linked = linked[np.isfinite(linked)]
        seen = correlation(shared_buyers(np.array(category.duplication)), category.penetration)
        yield above(f"{category.name}: corr(mean duplication, b)", 0.9, linked.mean(), linked.std(ddof=1), by=0.0)
        yield from _linked("corr(mean duplication, b)", category, seen, linked)
        yield _seen("D", category, category.observed["D"], found.coefficient)
        tables[f"{category.name}, market"] = np.nanmean(found.duplication, axis=0)
        tables[f"{category.name}, panel"] = np.array(category.duplication)
    for category in (CRACKER, YOGURT):
        yield Picture(
            f"verification_duplication_{category.name}",
            f"Duplication of purchase: {category.name}",
            f"Of the buyers of a row's brand in {category.window} purchases, the part that also buys the column's.",
            tables={name.split(", ")[1]: table for name, table in tables.items() if name.startswith(category.name)},
            labels=category.brands,
        )


@row("E3", "That buyers differ explains more than inertia", source="two panels", setting=SETTING)
def heterogeneity(quick: bool) -> Entries:
    """Repeat if all buyers were alike, if each one's purchases came in a random order, and as it is."""
    for category in (CRACKER, YOGURT):
        found = targets(category.name, _panels(quick))
        alike = hhi(found.shares)
        chance, repeat = np.array([repeat_by_chance(one) for one in found.counts]), found.repeat
        yield _seen("repeat if all were alike (HHI)", category, category.observed["hhi"], alike)
        yield _seen("repeat by chance of order", category, category.observed["by chance"], chance)
        yield _seen("repeat", category, category.observed["repeat"], repeat)
        more = (chance - alike) - (repeat - chance)
        yield above(f"{category.name}: what differences add less what inertia adds", 0.0, more.mean(), more.std(ddof=1))


@row("E4", "The last purchase is not all that matters", source="two panels", setting=SETTING)
def two_steps(quick: bool) -> Entries:
    """Repeat two purchases later, and what a first-order Markov chain would make of the switching matrix."""
    for category in (CRACKER, YOGURT):
        found = targets(category.name, _panels(quick))
        two = found.two_steps
        chain = np.array(
            [
                two_step_repeat_of_chain(np.nan_to_num(matrix), shares)
                for matrix, shares in zip(found.matrix, found.shares, strict=True)
            ]
        )
        yield _seen("same brand two purchases later", category, category.observed["two"], two)
        yield _seen("the same by a Markov chain", category, category.observed["markov"], chain)
        gap = two - chain
        yield above(f"{category.name}: what the chain misses", 0.0, gap.mean(), gap.std(ddof=1))
