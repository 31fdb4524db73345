"""What pydantic cannot see: whether the parts of a scenario fit together.

Each check reads a tree of plain values that may be wrong in other places, looks only at what it
can make sense of, and yields what it finds. So the checks are written once, and serve a file with
other mistakes in it as well as a scenario made in Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sim.scenario.buyers import Buyers, Network
from sim.scenario.mistakes import Finding, Where, did_you_mean
from sim.scenario.timeline import event_findings
from sim.scenario.tree import figure, items, members, name_of, part, whole

__all__ = ["MAX_SELLERS", "inconsistencies"]

MAX_SELLERS = 64
ALMOST = 1e-6  # shares and fractions are written with few digits


def inconsistencies(tree: dict[str, Any]) -> Iterator[Finding]:
    """Everything in a scenario's tree that does not fit together.

    Parameters
    ----------
    tree : dict
        Plain values, as read from a file or dumped from a `Scenario`.

    Yields
    ------
    place : tuple
    message : str
    """
    for check in (_sellers, _opening_shares, _segments, _network, _tastes, event_findings):
        yield from check(tree)


def _sellers(tree: dict[str, Any]) -> Iterator[Finding]:
    sellers = members(tree)
    yield from _twice(((seller.name, (*seller.where, "name")) for seller in sellers), "seller")
    if len(sellers) > MAX_SELLERS:
        number = f"{len(sellers)} sellers, entrants counted"
        yield Finding(sellers[MAX_SELLERS].where, f"{number}; a scenario can have {MAX_SELLERS}, and this is one more")


def _opening_shares(tree: dict[str, Any]) -> Iterator[Finding]:
    for seller in members(tree):
        if seller.event is not None and part(seller.entry, "opening_share") not in (None, 0):
            yield Finding((*seller.where, "opening_share"), "an entrant has no share at the opening; leave it out")
    sellers = items(tree, "sellers")
    written = [part(seller, "opening_share") for seller in sellers]
    given = {at: figure(share) for at, share in enumerate(written) if share is not None}
    shares = [share for share in given.values() if share is not None and 0 <= share <= 1]
    if not given or len(shares) < len(given):  # a share that is no share is a mistake of its own
        return
    last: Where = ("sellers", max(given), "opening_share")
    total = sum(shares)
    rest = [repr(name_of(seller) or f"sellers[{at}]") for at, seller in enumerate(sellers) if at not in given]
    if not rest and abs(total - 1) > ALMOST:
        yield Finding(last, f"the opening shares add up to {total:.6g}, not 1")
    elif rest and total >= 1 - ALMOST:
        yield Finding(last, f"the opening shares add up to {total:.6g} and leave nothing for {', '.join(rest)}")


def _segments(tree: dict[str, Any]) -> Iterator[Finding]:
    segments = items(tree, "buyers", "segments")
    names = ((name_of(one), ("buyers", "segments", at, "name")) for at, one in enumerate(segments))
    yield from _twice(names, "segment")
    fractions = [figure(part(one, "fraction")) for one in segments]
    known = [fraction for fraction in fractions if fraction is not None and 0 < fraction <= 1]
    if known and len(known) == len(segments) and abs(sum(known) - 1) > ALMOST:
        last: Where = ("buyers", "segments", len(segments) - 1, "fraction")
        yield Finding(last, f"the fractions of the segments add up to {sum(known):.6g}, not 1")


def _network(tree: dict[str, Any]) -> Iterator[Finding]:
    buyers = part(tree, "buyers") or {}
    count = whole(buyers.get("count", Buyers.model_fields["count"].default)) if isinstance(buyers, dict) else None
    network = part(buyers, "network") or {}
    degree = whole(network.get("degree", Network.model_fields["degree"].default)) if isinstance(network, dict) else None
    if count is not None and degree is not None and degree >= count >= 2:
        yield Finding(
            ("buyers", "network", "degree"),
            f"{count} buyers cannot listen to {degree} others each; at most {(count - 1) // 2 * 2}",
        )


def _tastes(tree: dict[str, Any]) -> Iterator[Finding]:
    """A table of tastes names every seller of the scenario, and no other."""
    taste = part(tree, "buyers", "taste")
    sellers = members(tree)
    names = [seller.name for seller in sellers if seller.name is not None]
    if not isinstance(tree.get("sellers"), list) or len(names) < len(sellers):
        return
    tables: list[tuple[Where, Any]] = []
    if part(taste, "kind") == "loggamma":
        tables = [(("buyers", "taste", "shape"), part(taste, "shape"))]
    elif part(taste, "kind") == "segments":
        classes = enumerate(items(taste, "classes"))
        tables = [(("buyers", "taste", "classes", at, "utility"), part(one, "utility")) for at, one in classes]
    for where, table in tables:
        if not isinstance(table, dict):
            continue
        for name in table:
            if name not in names:
                yield Finding((*where, name), f"there is no seller {name!r}{did_you_mean(name, names)}", at_key=True)
        missing = [repr(name) for name in dict.fromkeys(names) if name not in table]
        if missing:
            yield Finding(where, f"lacks {', '.join(missing)}; a taste stands here for every seller, entrants counted")


def _twice(named: Iterable[tuple[str | None, Where]], what: str) -> Iterator[Finding]:
    first: dict[str, Where] = {}
    for name, where in named:
        if name is not None and first.setdefault(name, where) != where:
            yield Finding(where, f"another {what} is named {name!r} already")
