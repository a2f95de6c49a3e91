"""Results in the course of the search, over spent budget or time: every run, and the best so far at each budget."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from ...core.halving.ranking import badness
from ...core.tree.layout import Slot
from ...snapshot.rows import Row
from ..analysis import Span
from .clock import Clock, Mark, mark_lines, spent_at
from .parts import Figure, axis, depth, line, run_dots, said, sample, short
from .texts import number
from .windows import mark_beyond, window_of

MOST_DOTS = 300  # at a budget
NAMED = 6  # budgets named in a small chart; the ones in between have colours in between


@dataclass(frozen=True)
class Event:
    """An ended run: when it ended, in seconds since the first start, and the budget spent until then."""

    seconds: float
    spent: float
    row: Row


def events_of(rows: Sequence[Row], spans: Sequence[Span]) -> list[Event]:
    """Return all ended runs, in the order in which they ended."""
    ends: dict[Slot, float] = {}
    by_slot = {row.slot: row for row in rows if row.end}
    for span in spans:
        ends[span.row.slot] = max(span.end, ends.get(span.row.slot, 0.0))
    order = sorted((end, slot) for slot, end in ends.items() if slot in by_slot)
    spent = accumulate(by_slot[slot].added_budget for _, slot in order)
    return [Event(end, total, by_slot[slot]) for (end, slot), total in zip(order, spent, strict=True)]


def best_so_far(events: Sequence[Event], *, maximize: bool = False) -> dict[float, list[Event]]:
    """Return, for each budget, the runs that were better than all before them."""
    found: dict[float, list[Event]] = {}
    for event in events:
        if event.row.result is not None:
            steps = found.setdefault(event.row.budget, [])
            if not steps or _badness(event, maximize=maximize) < _badness(steps[-1], maximize=maximize):
                steps.append(event)
    return dict(sorted(found.items()))


def sampled_words(rows: Sequence[Row]) -> str:
    """Say that not every result is drawn as a dot; empty if all are."""
    counts = Counter(row.budget for row in rows if row.result is not None)
    if max(counts.values(), default=0) <= MOST_DOTS:
        return ""
    return f"At a budget with more results, {MOST_DOTS} are drawn, chosen at random; the lines are made of all of them."


def _badness(event: Event, *, maximize: bool) -> float:
    return badness(event.row.result or 0.0, maximize=maximize)


def history(
    events: Sequence[Event],
    clock: Clock | None,
    marks: Sequence[Mark] = (),
    names: Sequence[str] = (),
    *,
    maximize: bool = False,
) -> Figure:
    """Every result as a dot, and the best so far at each budget as a line, over time or spent budget.

    ``clock`` provides the time axis; without it, the axis is spent budget. The parameters in ``names`` are shown under
    the pointer.
    """
    best, last = best_so_far(events, maximize=maximize), events[-1]
    with_result = [event for event in events if event.row.result is not None]
    results, ends = ([e.row.result or 0.0 for e in some] for some in (with_result, [s[-1] for s in best.values()]))
    window = window_of(results, ends)
    places, x_axis, folds = _axis(events, clock, marks)
    figure: Figure = {"data": [], "layout": {"xaxis": x_axis, "yaxis": window.axis("result"), **folds}}
    figure["layout"]["legend"] = {"traceorder": "reversed"}
    for place, (budget, steps) in enumerate(best.items()):
        colour = depth(place, len(best))
        own = sample([event for event in with_result if event.row.budget == budget], MOST_DOTS)
        inside = [event for event in own if window.has(short(event.row.result or 0.0))]
        x, y = [places(event) for event in inside], [short(event.row.result or 0.0) for event in inside]
        rows, look = [event.row for event in inside], {"size": 4, "opacity": 0.9, "showlegend": False}
        figure["data"].append(run_dots(rows, x, y, colour, names=names, **look))
        figure["data"].append(_line(steps, last, places, colour, names) | _name(place, len(best), budget))
    mark_beyond(figure, window, [(places(event), event.row) for event in with_result], names)
    return figure


def _name(place: int, places: int, budget: float) -> dict[str, Any]:
    largest = place == places - 1
    named = place == 0 or places - place < NAMED
    return {"name": f"budget {number(budget)}{' (best so far)' if largest else ''}", "showlegend": named}


def _line(steps: Sequence[Event], last: Event, places: Any, colour: str, names: Sequence[str]) -> dict[str, Any]:
    """The best so far at one budget, up to now; the pointer shows which run made each step."""
    x = [*map(places, steps), places(last)]
    y = [short(step.row.result or 0.0) for step in (*steps, steps[-1])]
    rows = [step.row for step in (*steps, steps[-1])]
    hover = {"text": [said(row, names) for row in rows], "hovertemplate": "best so far: %{text}<extra></extra>"}
    look: dict[str, Any] = {"line": {"color": colour, "width": 2, "shape": "hv"}}
    if x[0] == x[-1]:  # a single result at the very end, for which a line shows nothing
        look |= {"mode": "lines+markers", "marker": {"size": 7, "color": colour}}
    return line(x, y, colour, customdata=[row.path for row in rows], **hover, **look)


def _axis(events: Sequence[Event], clock: Clock | None, marks: Sequence[Mark]) -> tuple[Any, dict[str, Any], Any]:
    """The positions of events, the axis, and the marks on it."""
    if clock is None:
        x_axis = axis("budget spent by the whole search", exponentformat="none", separatethousands=True, nticks=6)
        ends = [(event.seconds, event.spent) for event in events]
        shapes, notes = mark_lines([(spent_at(ends, mark.seconds), mark.name) for mark in marks])
        return lambda event: short(event.spent), x_axis, {"shapes": shapes, "annotations": notes}
    x_axis, unit = clock.axis(events[-1].seconds)
    shapes, notes = mark_lines([(clock.at(mark.seconds) / unit, mark.name) for mark in marks])
    found = {"shapes": clock.shapes(unit) + shapes, "annotations": clock.notes(unit) + notes}
    return lambda event: short(clock.at(event.seconds) / unit), x_axis, found
