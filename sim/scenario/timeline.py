"""Whether the events of a scenario can happen: in time, and to sellers who are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sim.scenario.mistakes import Finding, Where, did_you_mean, nearest
from sim.scenario.sellers import VERBS, Event, wrong_verbs
from sim.scenario.tree import Member, items, members, name_of, part, whole

__all__ = ["DEFAULT_ECONOMIES", "HORIZON", "event_findings"]

HORIZON = 120  # ticks; the default
DEFAULT_ECONOMIES = ("push", "transition", "pull")  # where a file names none


def event_findings(tree: dict[str, Any]) -> Iterator[Finding]:
    """What is wrong with the events, each in itself and one after the other."""
    events = items(tree, "events")
    horizon = whole(tree.get("horizon", HORIZON))
    for at, event in enumerate(events):
        if isinstance(event, dict):
            yield from _alone(("events", at), event, horizon)
    yield from _same_name(events)
    economies = tree.get("economies", DEFAULT_ECONOMIES)
    names = [str(name) for name in economies] if isinstance(economies, (dict, tuple)) else []
    yield from _known_economies(events, names)
    sellers = members(tree)
    if all(seller.name is not None for seller in sellers) and isinstance(tree.get("sellers"), list):
        told: dict[Where, Finding] = {}
        for economy in names or [""]:
            for finding in _presence(events, sellers, economy):
                told.setdefault(finding.place, finding)
        yield from told.values()


def _alone(where: Where, event: dict[str, Any], horizon: int | None) -> Iterator[Finding]:
    wrong = wrong_verbs(event)
    slip = any(nearest(str(key), VERBS) for key in event if key not in Event.model_fields)
    if wrong and not slip:  # an unknown key that is near a verb is told as such
        yield Finding(where, wrong)
    tick = whole(event.get("at"))
    if tick is None:
        return
    if horizon is not None and tick >= horizon > 0:
        yield Finding(
            (*where, "at"), f"tick {tick} is past the horizon; with horizon {horizon} the last tick is {horizon - 1}"
        )
    if tick == 0 and event.get("enter") is not None:
        yield Finding((*where, "at"), "who enters at tick 0 is there at the opening; put it under 'sellers'")


def _same_name(events: list[Any]) -> Iterator[Finding]:
    """An event is addressed by its name or by its entrant's, so no two may share one."""
    first: dict[str, tuple[int, bool]] = {}
    for at, event in enumerate(events):
        for name, entrant in ((name_of(event), False), (name_of(part(event, "enter")), True)):
            if name is None:
                continue
            earlier, earlier_entrant = first.setdefault(name, (at, entrant))
            if earlier != at and not (entrant and earlier_entrant):  # two entrants: said of the sellers
                where = ("events", at, "enter", "name") if entrant else ("events", at, "name")
                yield Finding(where, f"events[{earlier}] is named {name!r} already")


def _known_economies(events: list[Any], names: Sequence[str]) -> Iterator[Finding]:
    """An event happens in economies that there are, each named once."""
    for at, event in enumerate(events):
        given = items(event, "economies")
        for number, name in enumerate(given):
            if not isinstance(name, str):
                continue  # told by the schema
            if names and name not in names:
                listed = f" ({', '.join(names)})" if len(names) <= 12 else ""
                message = f"there is no economy {name!r}{did_you_mean(name, names)}{listed}"
                yield Finding(("events", at, "economies", number), message)
            elif name in given[:number]:
                yield Finding(("events", at, "economies", number), f"{name!r} is there twice")


def _happens_in(event: Any, economy: str) -> bool:
    given = part(event, "economies")
    return not isinstance(given, list) or not economy or economy in given


def _subject(event: Any) -> Iterator[tuple[str, str | None, Where]]:
    """Verb, name of the seller and the place of that name, for each verb of an event."""
    for verb in VERBS:
        content = part(event, verb)
        if content is not None and verb != "set":
            steps: Where = {"enter": ("enter", "name"), "exit": ("exit",)}.get(verb, (verb, "seller"))
            name = part(event, *steps)
            yield verb, name if isinstance(name, str) else None, steps


def _presence(events: list[Any], sellers: Sequence[Member], economy: str) -> Iterator[Finding]:
    """Follow who is in an economy's market, event by event in the order in which they happen."""
    known = {seller.name for seller in sellers if seller.name is not None}
    here = {seller.name for seller in sellers if seller.event is None}
    entries = [(seller.name, part(events, seller.event)) for seller in sellers if seller.event is not None]
    arrival = {name: whole(part(event, "at")) for name, event in entries}
    elsewhere = {name for name, event in entries if not _happens_in(event, economy)}
    timed = [(tick, at) for at, event in enumerate(events) if (tick := whole(part(event, "at"))) is not None]
    # when an entrant's own tick cannot be read, nothing can be said about when it is there
    here |= {name for name, tick in arrival.items() if tick is None}
    gone: dict[str, int] = {}
    for tick, at in sorted(timed):
        if not _happens_in(events[at], economy):
            continue
        for verb, name, steps in _subject(events[at]) if not wrong_verbs(events[at]) else ():
            if name is None:
                continue
            if verb == "enter":
                here.add(name)
                continue
            if name not in here:
                where = f" in economy {economy!r}" if name in elsewhere else ""
                message = where and f"{name!r} is not there{where}: it enters in others only"
                yield Finding(("events", at, *steps), message or _absent(name, tick, known, arrival, gone))
            elif verb == "exit":
                here.discard(name)
                gone[name] = tick


def _absent(name: str, tick: int, known: set[str], arrival: dict[str | None, int | None], gone: dict[str, int]) -> str:
    if name not in known:
        return f"there is no seller {name!r}{did_you_mean(name, known)}"
    if name in gone:
        return f"{name!r} is not there at tick {tick}: it left at tick {gone[name]}"
    enters = arrival[name]
    when = "later in the list" if enters == tick else f"at tick {enters}"
    return f"{name!r} is not there at tick {tick}: it enters {when}"
