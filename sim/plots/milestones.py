"""The events of a scenario, marked above a panel so that no label overlaps another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from sim.plots.palette import Theme
from sim.plots.series import economies_of, ticks_of
from sim.plots.sheet import height_of, inches, short, width_of

if TYPE_CHECKING:
    from sim.results import Run
    from sim.scenario import Adjustment, Event, NewTerms

__all__ = ["Milestone", "draw_milestones", "event_words", "events_room", "milestones_of", "rows_of"]

EVENT_SIZE = 11.0  # [points]
MOST_LABELS = 8  # above a panel; a live run may have many more events
LONGEST_LABEL = 30  # [characters]


@dataclass(frozen=True)
class Milestone:
    """Something that happens to a seller at a tick."""

    tick: int
    text: str
    by_hand: bool = False  # some of a course, or of the market's terms, was set


def milestones_of(run: Run, economy: str | None = None) -> list[Milestone]:
    """The scenario's events in order of time, in a few words each; only those of an economy, if one is named."""
    strategy = {seller.name: seller.strategy for seller in run.scenario.all_sellers}
    found = []
    for event in sorted(run.scenario.events, key=lambda event: event.at):
        if economy is not None and not event.happens_in(economy):
            continue
        where = f" ({', '.join(event.economies)})" if event.economies and economy is None else ""
        found.append(Milestone(event.at, f"{event_words(event, strategy)}{where}", event.verb in ("adjust", "set")))
        if event.change is not None:
            strategy[event.change.seller] = event.change.strategy
    return found


def event_words(event: Event, strategy: Mapping[str, str]) -> str:
    """An event in a few words: ``Newcomer enters``, ``Heritage: price 0.9``, ``search cost (pull) 0.2``.

    Parameters
    ----------
    event : Event
    strategy : mapping of str to str
        The strategy that each seller follows before it.
    """
    if event.name is not None and event.verb in ("adjust", "set"):
        return event.name
    if event.set is not None:
        return ", ".join(_terms_words(event.set))
    name = short(event.seller or "", 16)
    if event.enter is not None:
        return f"{name} enters"
    if event.exit is not None:
        return f"{name} leaves"
    if event.change is not None:
        turned = event.change.strategy != strategy.get(event.change.seller)
        return f"{name} turns {event.change.strategy}" if turned else f"{name} changes course"
    if event.adjust is not None:
        return f"{name}: {', '.join(_adjustment_words(event.adjust))}"
    assert event.shock is not None  # an event is one of the six
    hit = [(what, getattr(event.shock, what)) for what in ("quality", "price", "cost", "cash", "service")]
    return f"{name}: " + (", ".join(f"{what} {_signed(size)}" for what, size in hit if size) or "no change")


def _adjustment_words(new: Adjustment) -> Iterator[str]:
    for what in ("price", "overclaim", "stubbornness", "budget_share"):
        if getattr(new, what) is not None:
            yield f"{what.replace('_', ' ')} {getattr(new, what):.3g}"
    if new.effort is not None and len(new.effort.given) > 2:
        yield "effort"
    elif new.effort is not None:
        yield from (f"{what.replace('_', ' ')} {size:.0%}" for what, size in new.effort.given.items())


def _terms_words(new: NewTerms) -> Iterator[str]:
    if new.pull_share is not None:
        level = getattr(new.pull_share, "level", None) if new.pull_share.kind == "constant" else None
        yield f"pull share {new.pull_share.kind if level is None else f'{level:.0%}'}"
    for name, pair in new.behaviour.given.items() if new.behaviour else ():
        ends = {end: value for end in ("push", "pull") if (value := getattr(pair, end)) is not None}
        alike = len(ends) == 2 and ends["push"] == ends["pull"]
        shown = {"": ends["push"]} if alike else {f" ({end})": value for end, value in ends.items()}
        yield from (f"{name.replace('_', ' ')}{end} {value:.3g}" for end, value in shown.items())
    for name, value in new.word_of_mouth.given.items() if new.word_of_mouth else ():
        yield f"word of mouth: {name.replace('_', ' ')} {value:.3g}"


def _signed(size: float) -> str:
    return f"{size:+.3g}".replace("-", "−")


def labelled(milestones: Sequence[Milestone]) -> list[Milestone]:
    """Those that have room for a label, which is short: of very many, only those that were not set by hand."""
    crowd = len(milestones) > MOST_LABELS
    return [replace(one, text=short(one.text, LONGEST_LABEL)) for one in milestones if not (crowd and one.by_hand)]


def rows_of(
    milestones: Sequence[Milestone], ticks: int, width: float, room: float
) -> list[tuple[Milestone, int, bool]]:
    """Give every milestone a row so that labels keep apart and no mark's line runs through another's label.

    Earlier ones stand higher: a label lies to the right of its mark, where only the lines of
    later milestones can cross it, and those end below.

    Parameters
    ----------
    milestones : sequence of Milestone
        By rising tick.
    ticks : int
        Ticks on the axis [ticks].
    width, room : float
        Width of the panel, and how far a label may reach beyond its right edge [inches].

    Returns
    -------
    list of (Milestone, int, bool)
        The row, 0 the lowest, and whether the label stands to the left of its mark.
    """
    placed: list[tuple[Milestone, int, bool]] = []
    spans: list[tuple[float, float, float, int]] = []  # label from, to, mark, row
    for milestone in reversed(milestones):
        mark, size = _at(milestone.tick, ticks) * width, width_of(milestone.text, EVENT_SIZE) + 0.16
        left = mark + size > width + room
        start, stop = (mark - size, mark) if left else (mark, mark + size)
        above = [row + 1 for _, _, other, row in spans if start < other < stop]
        row = max(above, default=0)
        while any(row == taken and start < b and a < stop for a, b, _, taken in spans):
            row += 1
        spans.append((start, stop, mark, row))
        placed.append((milestone, row, left))
    return placed


def events_room(run: Run, width: float, room: float) -> float:
    """Height that the labels of the events take above a panel [inches], the same in all economies."""
    each = [rows_of(labelled(milestones_of(run, economy)), ticks_of(run), width, room) for economy in economies_of(run)]
    placed = max(each, key=lambda rows: max((row for _, row, _ in rows), default=-1), default=[])
    return height_of(EVENT_SIZE, 1 + max(row for _, row, _ in placed)) + 0.04 if placed else 0.0


def draw_milestones(
    axes: Axes, run: Run, economy: str, theme: Theme, *, base: float, room: float, labels: bool = True
) -> None:
    """A dotted line for each event of an economy, and its label above the panel.

    Parameters
    ----------
    base : float
        Distance of the lowest row of labels from the panel [inches].
    room : float
        How far a label may reach beyond the panel's right edge [inches].
    labels : bool
        False draws the lines alone.
    """
    milestones, ticks = milestones_of(run, economy), ticks_of(run)
    for tick in sorted({milestone.tick for milestone in milestones}):
        axes.axvline(tick, color=theme.muted, linewidth=1.0, linestyle=(0, (1, 1.6)), zorder=1.5)
    if not labels:
        return
    step = height_of(EVENT_SIZE)
    for milestone, row, left in rows_of(labelled(milestones), ticks, inches(axes)[0], room):
        foot = base + row * step
        axes.annotate(
            "",
            (milestone.tick, 1),
            (0, 72 * (foot + 0.8 * step)),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            arrowprops={
                "arrowstyle": "-",
                "color": theme.muted,
                "linewidth": 1.0,
                "linestyle": (0, (1, 1.6)),
                "shrinkA": 0,
                "shrinkB": 0,
            },
            annotation_clip=False,
        )
        axes.annotate(
            milestone.text,
            (milestone.tick, 1),
            (-4 if left else 4, 72 * (foot + 0.12 * step)),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            size=EVENT_SIZE,
            color=theme.muted,
            ha="right" if left else "left",
            va="bottom",
            annotation_clip=False,
            bbox={"facecolor": theme.ground, "edgecolor": "none", "pad": 0.8},  # where a line still passes behind
        )


def _at(tick: int, ticks: int) -> float:
    return tick / max(ticks - 1, 1)
