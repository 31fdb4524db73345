"""What a panel can tell about a market, and what it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.fitting import Fitted
from sim.calibrate.ordering import Ordering
from sim.calibrate.panel import Panel
from sim.calibrate.prices import PriceEffect
from sim.plots.words import SPACE, count

__all__ = ["Told", "told_by_panel"]

Array = NDArray[np.float64]
SAMPLES = 500


class Told(NamedTuple):
    """One thing that one may want to know.

    Attributes
    ----------
    what : str
    verdict : str
        ``yes``, ``weakly`` or ``no``.
    why : str
        From the panel's own figures.
    """

    what: str
    verdict: str
    why: str


def told_by_panel(panel: Panel, order: Ordering, fitted: Fitted, price: PriceEffect | None) -> list[Told]:
    """Go through what a market is made of.

    Parameters
    ----------
    panel : Panel
    order : Ordering
    fitted : Fitted
    price : PriceEffect, optional
    """
    return [*_tastes(panel, fitted), *_inertia(panel, order, fitted), _prices(panel, price), *_never(panel)]


def _tastes(panel: Panel, fitted: Fitted) -> Iterator[Told]:
    yield Told("market shares", "yes", f"{count(panel.purchases, 'purchase')} of {count(panel.buyers, 'buyer')}")
    several = int((panel.lengths >= 2).sum())
    best = min(fitted.bic, key=lambda one: fitted.bic[one])
    asked = "" if len(fitted.bic) > 1 else ", as asked for"
    gain = f", {fitted.bic[1] - fitted.bic[best]:.0f} better than one by the BIC" if 1 in fitted.bic else asked
    yield Told(
        "how tastes differ",
        "yes" if several >= 50 else "weakly" if several >= 10 else "no",
        f"{several} of the buyers bought more than once; {count(best, 'segment')}{gain}"
        if best > 1
        else f"{several} of the buyers bought more than once; by the BIC they show one segment and no more",
    )
    chance = _length_and_taste(panel, fitted)
    if np.isfinite(chance):
        linked = chance < 0.05
        yield Told(
            "whether frequent buyers like other sellers",
            "yes",
            f"{'they do' if linked else 'no sign of it'} (p{SPACE}={SPACE}{chance:.3f} against histories dealt out "
            "anew)" + ("; every buyer of the scenario orders once a tick, so the weights of the segments lie between "
            "those over buyers and those over purchases" if linked else ""),
        )  # fmt: skip


def _length_and_taste(panel: Panel, fitted: Fitted) -> float:
    """Chance of so strong a link between how often and what a buyer buys; NaN if all histories are as long."""
    member, lengths = fitted.classes.membership, panel.lengths.astype(np.float64)
    if lengths.std() == 0 or member.shape[1] < 2:
        return float("nan")
    logs = np.log(lengths)

    def link(order: NDArray[np.int64]) -> float:
        return float(((member * (logs[order] - logs.mean())[:, None]).sum(axis=0) ** 2 / member.sum(axis=0)).sum())

    random = np.random.default_rng([fitted.setting.seed, 6])
    own = link(np.arange(len(lengths)))
    by_chance = [link(random.permutation(len(lengths))) for _ in range(SAMPLES)]
    return (1 + sum(one >= own for one in by_chance)) / (1 + SAMPLES)


def _inertia(panel: Panel, order: Ordering, fitted: Fitted) -> Iterator[Told]:
    what = "inertia: staying without looking around"
    if not panel.ordered:
        yield Told(what, "no", "the order of purchases is not known; the scenario has none")
        return
    long = int((panel.lengths >= 3).sum())
    against = (
        f"repeat rate {order.repeat:.3f}, and {order.repeat_by_chance:.3f} when each buyer's purchases are shuffled"
    )
    if order.p_value > 0.05:
        yield Told(
            what,
            "weakly",
            f"{against} (p = {order.p_value:.2f}): the order shows no inertia beyond "
            "chance, and what is fitted as inertia may be differences in taste",
        )
    else:
        verdict = "yes" if long >= 50 else "weakly"
        yield Told(
            what, verdict, f"{against} (p{SPACE}<{SPACE}{max(order.p_value, 0.005):.3f}); {long} buyers with 3 or more"
        )
    yield Told(
        "why buyers stay",
        "no",
        "habit, a cost of search and a cost of switching leave the same traces; the scenario has a probability of not "
        "looking around, and no switching cost",
    )


def _prices(panel: Panel, price: PriceEffect | None) -> Told:
    what = "price sensitivity"
    if panel.prices is None:
        return Told(what, "no", "the panel has no prices of all sellers; the scenario keeps its own value")
    if price is None:
        return Told(what, "no", "too few purchases with the prices of all sellers, or prices that never change")
    figure = f"{price.sensitivity:.2f} [{price.low:.2f}, {price.high:.2f}] utils a mean price"
    if price.low <= 0:
        return Told(what, "weakly", f"{figure}: not clearly above 0; the scenario keeps its own value")
    return Told(what, "yes", f"{figure}, from {count(price.purchases, 'purchase')}; prices are taken as set without "
                "an eye on the day's demand")  # fmt: skip


def _never(panel: Panel) -> Iterator[Told]:
    yield Told(
        "what sellers' visits and messages, word of mouth and relationships do",
        "no",
        "nothing of them is recorded; they are off in the scenario",
    )
    yield Told(
        "learning about sellers",
        "no",
        "in a settled market purchases fit loyalty without learning (Dubé, Hitsch & Rossi 2010 find so in grocery "
        "panels); what matters when somebody enters must be assumed",
    )
    yield Told(
        "how push differs from pull",
        "no",
        "one economy was observed; each fitted value stands for push and pull alike",
    )
    yield Told("time", "no", "a tick of the scenario is a purchase of the panel, not a month")
