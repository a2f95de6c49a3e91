"""Training runs over time, and what time was spent on."""

from collections.abc import Sequence
from typing import Any

from ...snapshot.durations import time_unit
from ...snapshot.rows import Row
from ..analysis import Span, busy_of
from .clock import Clock, Mark, mark_lines
from .parts import Figure, axis, depth, dots, line, said, sample, short
from .texts import counted, lasted, number, percent, plain

PIXELS = 1000  # width of a chart
MOST_TOLD = 800  # runs described under the pointer


def timeline(spans: Sequence[Span], clock: Clock, marks: Sequence[Mark] = (), names: Sequence[str] = ()) -> Figure:
    """Each training run as a bar in a lane, and below that how many ran at the same time.

    ``clock`` folds pauses; the parameters in ``names`` are shown under the pointer.
    """
    longest = max((span.end for span in spans), default=0.0)
    lanes = max((span.lane for span in spans), default=0) + 1
    x_axis, unit = clock.axis(
        longest, anchor="y2", range=[0, 1.005 * clock.at(longest) / (time_unit(clock.at(longest))[0])]
    )
    traces = _bars(spans, clock, unit, max(1.5, min(12.0, 260 / lanes)))
    told = sample(spans, MOST_TOLD)
    x = [short(clock.at((span.begin + span.end) / 2) / unit) for span in told]
    text, paths = [_told(span, names) for span in told], [span.row.path for span in told]
    size = max(6.0, min(12.0, 260 / lanes))
    hover = dots(x, [s.lane + 1 for s in told], "--ink", text, size=size, opacity=0, showlegend=False, customdata=paths)
    at, numbers = busy_of(spans)
    area = {"fill": "tozeroy", "yaxis": "y2", "showlegend": False, "hovertemplate": "%{y} at work<extra></extra>"}
    look = {"line": {"color": "--good", "width": 1, "shape": "hv"}}
    work = line([short(clock.at(t) / unit) for t in at], list(numbers), "--good", **area, **look)
    shapes, notes = mark_lines([(clock.at(mark.seconds) / unit, mark.name) for mark in marks])
    layout = {
        "xaxis": x_axis,
        "yaxis": axis(
            "lane", domain=[0.32, 1], showticklabels=False, ticks="", showgrid=False, range=[lanes + 0.7, 0.3]
        ),
        "yaxis2": axis("at work", domain=[0, 0.26], rangemode="tozero", nticks=4),
        "shapes": clock.shapes(unit) + shapes,
        "annotations": clock.notes(unit) + notes,
    }
    return {"data": [*traces, hover, work], "layout": layout}


def _told(span: Span, names: Sequence[str]) -> str:
    fold = f"<br>fold {span.run.fold}" if span.run.fold else ""
    so_far = " so far" if span.running else ""
    seconds = number(round(span.end - span.begin, 1))
    return f"{said(span.row, names)}{fold}<br>{seconds} s{so_far} on {plain(span.run.host)}"


def _bars(spans: Sequence[Span], clock: Clock, unit: float, width: float) -> list[dict[str, Any]]:
    """A trace for each kind: the budgets, failed runs, and running ones.

    If there is room after it, a bar is long enough to be visible, and no bar covers another: a failure takes no larger
    share of the picture than it took of the time.
    """
    longest = max((clock.at(span.end) for span in spans), default=0.0)
    budgets = sorted({span.row.budget for span in spans})
    kinds: dict[Any, dict[str, Any]] = {
        budget: {"name": f"budget {number(budget)}", "line": {"color": depth(place, len(budgets)), "width": width}}
        for place, budget in enumerate(budgets)
    }
    kinds["failed"] = {"name": "failed", "line": {"color": "--bad", "width": width}}
    kinds["running"] = {"name": "running", "line": {"color": "--ink", "width": width, "dash": "2px,2px"}}
    points: dict[Any, tuple[list[Any], list[Any]]] = {kind: ([], []) for kind in kinds}
    for lane in sorted({span.lane for span in spans}):
        own = [(clock.at(s.begin), clock.at(s.end), _kind(s)) for s in spans if s.lane == lane]
        for begin, end, kind in _apart(sorted(own, key=lambda bar: bar[:2]), longest / PIXELS):
            points[kind][0].extend((short(begin / unit), short(end / unit), None))
            points[kind][1].extend((lane + 1, lane + 1, None))
    return [line(*points[kind], "", hoverinfo="skip", **look) for kind, look in kinds.items() if points[kind][0]]


def _kind(span: Span) -> Any:
    return "running" if span.running else span.row.budget if span.run.good else "failed"


def _apart(bars: Sequence[tuple[float, float, Any]], pixel: float) -> list[tuple[float, float, Any]]:
    """Bars of one lane; neighbours of a kind are merged, and short ones lengthened if nothing follows directly."""
    found: list[tuple[float, float, Any]] = []
    following = [*(begin for begin, _, _ in bars[1:]), float("inf")]
    for (begin, end, kind), free in zip(bars, following, strict=True):
        until = max(end, min(begin + pixel, free))
        if found and found[-1][2] == kind and begin <= found[-1][1] + pixel / 2:
            found[-1] = (found[-1][0], max(until, found[-1][1]), kind)
        else:
            found.append((begin, until, kind))
    return found


def cost(rows: Sequence[Row]) -> Figure | None:
    """Time spent by budget: on completed runs, on failed ones, and on attempts before the last one.

    None if no time is known.
    """
    known = [row for row in rows if row.total_seconds]
    total = sum(row.total_seconds or 0.0 for row in known)
    if not total:
        return None
    budgets = sorted({row.budget for row in known})
    unit, name = time_unit(max(sum(r.total_seconds or 0.0 for r in known if r.budget == b) for b in budgets))
    parts = (
        ("completed", "--good", [row for row in known if row.status == "completed"], _last),
        ("failed", "--bad", [row for row in known if row.status == "failed"], lambda row: row.total_seconds or 0.0),
        ("earlier attempts", "--mark", [row for row in known if row.status != "failed"], _earlier),
    )
    traces = []
    for kind, colour, own, seconds_of in parts:
        sums = [sum(seconds_of(row) for row in own if row.budget == budget) for budget in budgets]
        if any(sums):
            numbers = [sum(row.budget == budget and seconds_of(row) > 0 for row in own) for budget in budgets]
            text = [
                f"budget {number(b)}: {lasted(s)} on {counted(n, 'run')}<br>{kind}, {percent(s / total)} of all time"
                for b, s, n in zip(budgets, sums, numbers, strict=True)
            ]
            bar = {"type": "bar", "orientation": "h", "name": kind, "marker": {"color": colour}, "text": text}
            places = {"x": [short(s / unit) for s in sums], "y": [number(budget) for budget in budgets]}
            traces.append(bar | places | {"hovertemplate": "%{text}<extra></extra>", "textposition": "none"})
    y_axis = axis("budget", type="category", categoryorder="array", categoryarray=[number(b) for b in budgets])
    layout = {"xaxis": axis(f"{name} of all runs together", rangemode="tozero", nticks=7), "yaxis": y_axis}
    return {"data": traces, "layout": layout | {"barmode": "stack", "bargap": 0.3}}


def _last(row: Row) -> float:
    return row.seconds or 0.0


def _earlier(row: Row) -> float:
    return max(0.0, (row.total_seconds or 0.0) - (row.seconds or 0.0))


def cost_words(rows: Sequence[Row]) -> str:
    """Say how much time was spent in total, and how much of it on failures and earlier attempts."""
    total = sum(row.total_seconds or 0.0 for row in rows)
    failed = sum(row.total_seconds or 0.0 for row in rows if row.status == "failed")
    earlier = sum(_earlier(row) for row in rows if row.status == "completed")
    words = f"{lasted(total)} of all runs together"
    for seconds, what in ((failed, "failures"), (earlier, "attempts before the one that counted")):
        words += f", {lasted(seconds)} ({percent(seconds / total)}) of it on {what}" if total and seconds else ""
    return words + "."
