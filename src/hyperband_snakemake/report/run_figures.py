"""Charts of what happened: failures over parameters, trainings over time; made as in `figures`."""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import quantiles
from typing import Any

from ..snapshot.durations import time_unit
from ..snapshot.rows import Row
from .analysis import Span, busy_of, joined, lives
from .figures import Figure, axis, brief, depth, dots, line, said, sample, short, shortened
from .importance import Parameter

BINS = 6
FITTING = 24  # characters under a small chart
PIXELS = 1000  # of a chart across
SURE = 2.5  # standard deviations from the share of all before a difference is shown


def failure_regions(rows: Sequence[Row], parameters: Sequence[Parameter]) -> list[tuple[str, Figure]]:
    """Share of the configurations that failed over each parameter where it differs by more than chance, most first."""
    by_root = lives(rows)
    failed = {root for root, life in by_root.items() if any(row.status == "failed" for row in life)}
    ended = {root for root, life in by_root.items() if any(row.status in ("failed", "completed") for row in life)}
    share = len(failed) / len(ended) if ended else 0.0
    found = []
    for parameter in parameters:
        parts = [(name, len(roots), len(failed.intersection(roots))) for name, roots in _parts(parameter, ended)]
        off = [abs(bad - n * share) / sqrt(n * share * (1 - share)) for _, n, bad in parts] if 0 < share < 1 else []
        if len(parts) > 1 and max(off, default=0.0) >= SURE:
            found.append((max(off), parameter.name, _region(parameter, parts, share)))
    return [(name, figure) for _, name, figure in sorted(found, key=lambda item: -item[0])]


def _region(parameter: Parameter, parts: Sequence[tuple[str, int, int]], share: float) -> Figure:
    bar = {
        "type": "bar",
        "x": list(range(len(parts))),
        "y": [short(100 * bad / n) for _, n, bad in parts],
        "marker": {"color": "--bad"},
        "text": [f"{name}<br>{bad} of {n} failed" for name, n, bad in parts],
        "hovertemplate": "%{text}<extra></extra>",
        "textposition": "none",
    }
    names, last = [name.partition(" – ")[0] for name, _, _ in parts], len(parts)
    ticks: dict[str, Any] = {"tickvals": list(range(last)), "ticktext": [shortened(name) for name in names]}
    if parameter.numeric:  # the numbers stand at the edges between the bars, every other one if they are long
        edges = [*names, parts[-1][0].partition(" – ")[2]]
        step = 1 if sum(map(len, edges)) <= FITTING else 2
        ticks = {"tickvals": [place - 0.5 for place in range(0, last + 1, step)], "ticktext": edges[::step]}
    level = line([-0.5, last - 0.5], [short(100 * share)] * 2, "--ink", hoverinfo="skip", width=1.5)
    room = [-0.7, last - 0.3]  # a label at the very edge would be cut off
    x_axis = axis(parameter.name, tickfont={"size": 11}, showgrid=False, range=room, **ticks)
    y_axis = axis("", rangemode="tozero", ticksuffix=" %")
    return {"data": [bar, level], "layout": {"xaxis": x_axis, "yaxis": y_axis, "bargap": 0.12, "showlegend": False}}


def _parts(parameter: Parameter, ended: set[str]) -> list[tuple[str, list[str]]]:
    known = {root: value for root, value in parameter.values.items() if root in ended}
    if parameter.levels:
        parts = [(str(level), [root for root, value in known.items() if value == level]) for level in parameter.levels]
        return [(name, roots) for name, roots in parts if roots]
    numbers = sorted(value for value in known.values() if isinstance(value, int | float))
    if len(numbers) < 2 * BINS:
        return []
    cuts = quantiles(numbers, n=min(BINS, len(numbers) // 8))
    edges = [numbers[0], *cuts, numbers[-1]]
    parts = []
    for low, high in pairwise(edges):
        inside = [r for r, v in known.items() if low <= v < high or v == high == edges[-1]]  # type: ignore[operator]
        if inside:
            parts.append((f"{brief(low, 2)} – {brief(high, 2)}", inside))
    return parts


def timeline(spans: Sequence[Span]) -> Figure:
    """Each training as a bar in a lane, and below how many ran at the same time."""
    longest = max((span.end for span in spans), default=0.0)
    unit, name = time_unit(longest)
    budgets = sorted({span.row.budget for span in spans})
    lanes = max((span.lane for span in spans), default=0) + 1
    width = max(1.5, min(12.0, 260 / lanes))
    kinds = [(f"budget {budget:g}", depth(place, len(budgets)), budget) for place, budget in enumerate(budgets)]
    well = [span for span in spans if span.run.good and not span.running]
    bars = [(name, colour, [s for s in well if s.row.budget == budget]) for name, colour, budget in kinds]
    bars.append(("failed", "--bad", [span for span in spans if not span.run.good and not span.running]))
    traces = [_bars(own, unit, longest / PIXELS, colour, width=width, name=name) for name, colour, own in bars if own]
    if running := [span for span in spans if span.running]:
        stripes = {"color": "--ink", "width": width, "dash": "2px,2px"}
        traces.append(_bars(running, unit, longest / PIXELS, "--ink", name="runs", line=stripes))
    told = sample(spans)
    x = [short((span.begin + span.end) / 2 / unit) for span in told]
    text = [_told(span) for span in told]
    traces.append(dots(x, [s.lane + 1 for s in told], "--ink", text, size=width, opacity=0, showlegend=False))
    at, numbers = busy_of(spans)
    area = {"fill": "tozeroy", "yaxis": "y2", "showlegend": False, "hovertemplate": "%{y} at work<extra></extra>"}
    look = {"line": {"color": "--good", "width": 1, "shape": "hv"}}
    traces.append(line([short(t / unit) for t in at], list(numbers), "--good", **area, **look))
    layout = {
        "xaxis": axis(f"{name} since the first start", anchor="y2", range=[0, short(1.005 * longest / unit)]),
        "yaxis": axis(
            "lane", domain=[0.32, 1], showticklabels=False, ticks="", showgrid=False, range=[lanes + 0.7, 0.3]
        ),
        "yaxis2": axis("at work", domain=[0, 0.26], rangemode="tozero", nticks=4),
    }
    return {"data": traces, "layout": layout}


def _told(span: Span) -> str:
    fold = f"<br>fold {span.run.fold}" if span.run.fold else ""
    so_far = " so far" if span.running else ""
    return f"{said(span.row)}{fold}<br>{span.end - span.begin:.1f} s{so_far} on {span.run.host}"


def _bars(spans: Sequence[Span], unit: float, pixel: float, colour: str, **look: Any) -> dict[str, Any]:
    """Bars of one kind, those that touch as one; none is too short to be seen."""
    bars = joined(spans, pixel)
    ends = [(bar.begin / unit, max(bar.end, bar.begin + pixel) / unit) for bar in bars]
    x = [value for begin, end in ends for value in (short(begin), short(end), None)]
    y = [value for bar in bars for value in (bar.lane + 1, bar.lane + 1, None)]
    return line(x, y, colour, hoverinfo="skip", **look)
