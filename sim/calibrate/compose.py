"""From a scenario and fitted values to a scenario that holds them, ready to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.laws import Segments
from sim.calibrate.prices import PriceEffect
from sim.calibrate.simulating import QUIET
from sim.plots.words import count
from sim.report.words import listed
from sim.scenario import Scenario, ScenarioError
from sim.scenario.mistakes import Mistake
from sim.scenario.writing import to_yaml

__all__ = ["Composed", "composed", "matched"]

Array = NDArray[np.float64]
STRATEGY = "collaborative"  # of a seller that the scenario does not know; of no effect while contacts are off


class Composed(NamedTuple):
    """A scenario with fitted values.

    Attributes
    ----------
    scenario : Scenario
    text : str
        YAML.
    notes : list of str
        What of the scenario that was given is not in it.
    """

    scenario: Scenario
    text: str
    notes: list[str]


def matched(base: Scenario, sellers: Sequence[str], path: str) -> dict[str, str]:
    """Which seller of the scenario each seller of a panel is: by name, whatever its capitals.

    Returns
    -------
    dict of str to str
        By the panel's name; empty if the scenario knows none of them.

    Raises
    ------
    ScenarioError
        If the panel has some sellers of the scenario, but not all that are there at the opening.
    """
    known = {seller.name.casefold(): seller.name for seller in base.all_sellers}
    found = {name: known[name.casefold()] for name in sellers if name.casefold() in known}
    lacking = [seller.name for seller in base.sellers if seller.name not in found.values()] if found else []
    if lacking:
        raise ScenarioError(
            Mistake(
                path,
                None,
                None,
                f"sellers.{name}",
                f"the panel has no purchase from it (it has {listed(list(sellers))}); rename it, or take it out",
            )
            for name in lacking
        )
    return found


def composed(
    base: Scenario,
    law: Segments,
    free: Array,
    share: Array,
    prices: PriceEffect | None,
    *,
    path: str,
    source: str,
    heading: Sequence[str],
) -> Composed:
    """Put fitted values into a scenario.

    Parameters
    ----------
    base : Scenario
        Gives all that a panel says nothing about: horizon, seed, economies, sellers' terms.
    law : Segments
    free : ndarray
        Fitted free numbers.
    share : ndarray, shape (sellers,)
        Purchase shares of the panel, with which the market opens [-].
    prices : PriceEffect, optional
        If prices are to be in it.
    path : str
        Of the base scenario, for messages.
    source : str
        What the values were fitted to, in words.
    heading : sequence of str
        Comment lines at the top.

    Raises
    ------
    ScenarioError
        If the scenario and the panel do not fit together.
    """
    notes: list[str] = []
    tree = base.tree
    names = matched(base, law.sellers, path)
    words = law.words(free)
    tree["name"] = f"{base.name[:69]}-calibrated"
    kept = f" {base.description}" if names and base.description else ""
    tree["description"] = f"The scenario {base.name}, fitted to {source}.{kept}"
    behaviour = tree.setdefault("behaviour", {})
    alpha = prices.sensitivity if prices is not None else float(base.behaviour.price_sensitivity.push)
    behaviour |= {name: _rounded(value, 6) for name, value in words["behaviour"].items()}
    behaviour["price_sensitivity"] = _rounded(alpha, 4)
    fitted = set(behaviour)
    tree["sellers"] = _sellers(base, law.sellers, names, share, prices)
    if not names:
        notes.append(
            f"The scenario's sellers ({listed([one.name for one in base.sellers])}) are not in the panel: those of the "
            f"panel stand in their place, with the strategy {STRATEGY}, which has no effect while contacts are off."
        )
    tree["events"] = _events(base, names, notes)
    opening = {one["name"]: one for one in tree["sellers"]}
    tariff = {name: float(one.get("price", 1.0)) for name, one in _priced(tree["sellers"], base, names).items()}
    cost = np.array([behaviour["price_sensitivity"] * tariff[name] for name in opening])
    buyers = tree.setdefault("buyers", {})
    buyers["taste"] = _taste(law, free, list(opening), cost, tree["events"])
    buyers.pop("incidence", None)
    for segment in buyers.get("segments", ()):
        if fitted & set(segment):
            notes.append(f"Segment {segment['name']}: {listed(sorted(fitted & set(segment)))} taken out: it is fitted.")
            for name in fitted & set(segment):
                del segment[name]
    tree["research"] = {**tree.get("research", {}), "rule": "all"}
    tree["word_of_mouth"] = {**tree.get("word_of_mouth", {}), "rule": "none"}
    tree["mechanisms"] = QUIET | words["mechanisms"]
    if not tree["events"]:
        del tree["events"]
    scenario = Scenario(**tree)
    comment = "".join(f"# {line}".rstrip() + "\n" for line in heading)
    return Composed(scenario, comment + to_yaml(_in_order(tree)), notes)


def _sellers(
    base: Scenario, sellers: Sequence[str], names: dict[str, str], share: Array, prices: PriceEffect | None
) -> list[dict[str, Any]]:
    given = {one["name"]: one for one in base.tree["sellers"]}
    rounded = np.round(share, 6)
    rounded[0] += 1.0 - rounded.sum()
    made = []
    for place, name in enumerate(sellers):
        own = names.get(name, name)
        words = dict(given.get(own, {"name": own, "strategy": STRATEGY}))
        words["opening_share"] = _rounded(float(rounded[place]), 6)
        if prices is not None:
            words["price"] = _rounded(float(prices.prices[place]), 4)
            # a margin as usual in the model: what a seller costs is not in a panel
            words["unit_cost"] = _rounded(0.6 * float(prices.prices[place]), 4)
        made.append(words)
    return made


def _priced(sellers: list[dict[str, Any]], base: Scenario, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Each seller with the price that it opens with."""
    known = {seller.name: seller for seller in base.all_sellers}
    found = {}
    for one in sellers:
        price = one.get("price", known[one["name"]].price if one["name"] in known and names else 1.0)
        found[one["name"]] = {"price": price}
    return found


def _events(base: Scenario, names: dict[str, str], notes: list[str]) -> list[dict[str, Any]]:
    """Events whose sellers are still there."""
    given = base.tree.get("events", [])
    if names:
        return list(given)
    if given:
        notes.append(f"{count(len(given), 'event')} of the scenario left out with them.")
    return []


def _taste(law: Segments, free: Array, opening: list[str], cost: Array, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Classes with utilities such that, at the opening prices, they choose as fitted."""
    weights = np.maximum(np.round(law.weights(free), 6), 1e-6)
    weights[0] += 1.0 - weights.sum()
    entrants = [event["enter"]["name"] for event in events if event.get("enter")]
    classes = []
    for weight, row in zip(weights, law.utilities(free), strict=True):
        level = row - row.max() + cost
        utility = {name: _rounded(float(one), 4) for name, one in zip(opening, level, strict=True)}
        # nothing in a panel tells how an entrant would be liked: as the mean of the sellers there
        utility |= {name: _rounded(float(level.mean()), 4) for name in entrants}
        classes.append({"weight": _rounded(float(weight), 6), "utility": utility})
    return {"kind": "segments", "classes": classes}


def _rounded(value: float, decimals: int) -> float:
    return float(round(float(value), decimals)) + 0.0


def _in_order(tree: dict[str, Any]) -> dict[str, Any]:
    return {name: tree[name] for name in Scenario.model_fields if name in tree}
