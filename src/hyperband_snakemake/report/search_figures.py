"""Charts of the whole search: promotions, progress, learning curves, agreement of budgets; made as in `figures`."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..snapshot.durations import time_unit
from ..snapshot.rows import Row
from .analysis import Pair, Progress, lives
from .figures import Figure, axis, budgets_of, depth, dots, line, log_ticks, said, sample, short, usual, usual_range
from .iterations import Group

MANY = 600  # points of promotions from which their lines are thin
MOST_ROWS = 5  # of panels
NAMED = 5  # budgets in a small chart; those between are of a colour between


def life_of(rows: Sequence[Row], best: Row | None) -> list[Row]:
    """The trainings of the best configuration."""
    return lives(rows).get(best.root, []) if best and best.root else []


def ladder(rows: Sequence[Row], best: Row | None, groups: Sequence[Group]) -> Figure:
    """Rank of each promoted configuration in its stages, a panel for each bracket; the winner of each in front.

    Each of `laddered` groups is a row of panels.
    """
    shown = laddered(rows, best, groups)
    stages = max((row.stage for row in rows), default=0) + 1
    most = max((row.rank or 1 for row in rows), default=1)
    ranks = [n for n in (1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000) if n <= most]
    figure: Figure = {"data": [], "layout": {"showlegend": False, "annotations": []}}
    between = 0.26 / max(1, len(shown))
    height = (1 - between * (len(shown) - 1)) / max(1, len(shown))
    panel = 0
    for place, (name, brackets) in enumerate(shown):
        title = "rank in the stage" if len(shown) == 1 else f"{name}: rank"
        bottom = 1 - height - place * (height + between)
        gap = 0.02
        width = (1 - gap * (len(brackets) - 1)) / len(brackets)
        for column, bracket in enumerate(brackets):
            panel += 1
            last = max(row.stage for row in rows if row.bracket == bracket)
            x = axis("stage" if place == len(shown) - 1 else "", dtick=1, range=[-0.25, last + 0.25])
            x["domain"] = _within(column * (width + gap), width)
            y = axis(title if column == 0 else "", type="log", autorange="reversed", domain=_within(bottom, height))
            y |= {"tickvals": ranks, "ticktext": [f"{n:,}" for n in ranks], "showticklabels": column == 0}
            _add_panel(figure, panel, f"Bracket {bracket}", x, y)
            figure["data"] += _rungs(rows, bracket, panel, stages, best)
    return figure


def laddered(rows: Sequence[Row], best: Row | None, groups: Sequence[Group]) -> list[tuple[str, list[int]]]:
    """Those groups that the ladder shows, with their brackets of more than one stage: the first few, and the best's."""
    long = {row.bracket for row in rows if row.stage > 0}
    found = [(group.name, own) for group in groups if (own := [b for b in group.brackets if b in long])]
    with_best = [one for one in found[MOST_ROWS:] if best and best.bracket in one[1]]
    return found[: MOST_ROWS - len(with_best)] + with_best


def _within(start: float, size: float) -> list[float]:
    """Part of a side, without what rounding puts outside."""
    return [max(0.0, round(start, 4)), min(1.0, round(start + size, 4))]


def _add_panel(figure: Figure, panel: int, title: str, x: dict[str, Any], y: dict[str, Any]) -> None:
    """Add the axes of a panel; all have the same ranks at the same height."""
    to = str(panel) if panel > 1 else ""
    matches = {"matches": "y"} if panel > 1 else {}
    figure["layout"] |= {f"xaxis{to}": x | {"anchor": f"y{to}"}, f"yaxis{to}": y | {"anchor": f"x{to}"} | matches}
    note = {"text": title, "x": x["domain"][0], "xanchor": "left", "y": y["domain"][1], "yanchor": "bottom"}
    figure["layout"]["annotations"].append(note | {"showarrow": False, "xref": "paper", "yref": "paper"})


def _rungs(rows: Sequence[Row], bracket: int, panel: int, stages: int, best: Row | None) -> list[dict[str, Any]]:
    """Traces of one bracket: the extent of each stage, the promotions, dots, and its winner's way."""
    own = [row for row in rows if row.bracket == bracket]
    on = {"xaxis": f"x{panel}", "yaxis": f"y{panel}"} if panel > 1 else {}
    last = max((row.stage for row in own), default=0)
    ranked = ((stage, [row.rank for row in own if row.stage == stage and row.rank]) for stage in range(last + 1))
    extent: dict[str, Any] = {"width": 5, "hoverinfo": "skip"}
    traces = [line([s, s], [1, max(ranks)], "--faint", **extent, **on) for s, ranks in ranked if ranks]
    for stage in range(1, last + 1):
        x, y = _steps(own, stage)
        width = 1.2 if len(x) < MANY else 0.4
        traces.append(line(x, y, depth(stage, stages), width=width, hoverinfo="skip", **on))
    shown = sample([row for row in own if row.rank and (row.stage or row.promoted_to)], 400)
    x, y = [r.stage for r in shown], [r.rank for r in shown]
    traces.append(dots(x, y, "--depth:0.8", [said(r) for r in shown], size=4, **on))
    here = best if best and best.bracket == bracket else None
    first = next((row for row in own if row.stage == last and row.rank == 1), None)
    life = [row for row in life_of(own, here or first) if row.rank]
    colour = "--winner" if here else "--ink"
    look: dict[str, Any] = {"size": 8, "mode": "lines+markers", "line": {"color": colour, "width": 2.5}}
    x, y = [r.stage for r in life], [r.rank for r in life]
    return [*traces, dots(x, y, colour, [said(r) for r in life], **look, **on)]


def _steps(rows: Sequence[Row], stage: int) -> tuple[list[Any], list[Any]]:
    """Lines from the rank in the stage below to that in this one."""
    by_path = {row.path: row for row in rows}
    x: list[Any] = []
    y: list[Any] = []
    for row in rows:
        before = by_path.get(row.origin or "")
        if row.stage == stage and row.rank and before is not None and before.rank:
            x += [stage - 1, stage, None]
            y += [before.rank, row.rank, None]
    return x, y


def progress(steps: Sequence[Progress], by: str) -> Figure:
    """Best result so far at each budget, against the ``seconds`` or the budget ``spent`` until then."""
    traces = []
    unit, title = 1.0, "budget spent by the whole search"
    if by == "seconds":
        unit, title = time_unit(max((step.seconds[-1] for step in steps), default=0.0))
    for place, step in enumerate(steps):
        x = [short(value / unit) for value in (step.seconds if by == "seconds" else step.spent)]
        largest = place == len(steps) - 1
        colour = "--winner" if largest else depth(place, max(2, len(steps) - 1))
        more = {
            "name": f"budget {step.budget:g}",
            "showlegend": place == 0 or len(steps) - place < NAMED,
            "line": {"color": colour, "width": 3 if largest else 1.5, "shape": "hv"},
        }
        if x[0] == x[-1]:  # a single result at the very end, of which a line shows nothing
            more |= {"mode": "lines+markers", "marker": {"size": 6, "color": colour}}
        traces.append(line(x, [short(value) for value in step.best], colour, **more))
    told = [step.best[-1] for step in steps] + list(steps[-1].best) if steps else [0.0]
    low, high = usual_range([short(value) for value in told])
    room = 0.08 * (high - low)
    y_axis = axis("best result so far", **({"range": [low - room, high + room]} if room else {}))
    x_axis = axis(title, exponentformat="none", separatethousands=True, nticks=4)
    return {"data": traces, "layout": {"xaxis": x_axis, "yaxis": y_axis, "legend": {"traceorder": "reversed"}}}


def curves(rows: Sequence[Row], best: Row | None) -> Figure:
    """Results of each configuration over the budgets that it got, the promoted in front of the others."""
    budgets = budgets_of(rows)
    by_top: dict[int, list[list[Row]]] = {}
    for life in lives(rows).values():
        done = [row for row in life if row.result is not None]
        if done:
            by_top.setdefault(done[-1].stage, []).append(done)
    traces = []
    for top, group in sorted(by_top.items()):
        name = f"ended at stage {top}"
        colour = depth(top, max(by_top) + 1)
        if top == 0:
            alone = [life[0] for life in sample(group)]
            traces.append(
                dots(
                    [r.budget for r in alone],
                    [short(r.result or 0) for r in alone],
                    colour,
                    [said(r) for r in alone],
                    size=5,
                    opacity=0.9 if len(alone) < MANY else 0.5,
                    name=name,
                )
            )
            continue
        x = [value for life in group for value in [*(r.budget for r in life), None]]
        y = [value for life in group for value in [*(short(r.result or 0) for r in life), None]]
        traces.append(line(x, y, colour, name=name, width=1 if len(group) > 60 else 1.5, hoverinfo="skip"))  # noqa: PLR2004
    life = [row for row in life_of(rows, best) if row.result is not None]
    x, y = [r.budget for r in life], [short(r.result or 0) for r in life]
    front = {"mode": "lines+markers", "line": {"color": "--winner", "width": 3}, "name": "best configuration"}
    traces.append(dots(x, y, "--winner", [said(r) for r in life], size=8, **front))
    y_axis = axis("result", **usual([row.result for row in rows if row.result is not None]))
    layout = {"xaxis": log_ticks(budgets, "budget of the training"), "yaxis": y_axis}
    return {"data": traces, "layout": layout}


def correlation(pairs: Sequence[Pair]) -> Figure:
    """Rank correlation of each pair of budgets."""
    lows, highs = sorted({pair.low for pair in pairs}), sorted({pair.high for pair in pairs})
    known = {(pair.low, pair.high): pair for pair in pairs}
    cells = [[known.get((low, high)) for high in highs] for low in lows]
    z = [[None if cell is None else cell.rho for cell in line] for line in cells]
    text = [["" if cell is None else f"{cell.rho:.2f}<br>n {cell.configurations}" for cell in line] for line in cells]
    scale = [[0, "--winner"], [0.5, "--neutral"], [1, "--good"]]
    heat: Mapping[str, Any] = {
        "type": "heatmap",
        "z": z,
        "text": text,
        "texttemplate": "%{text}",
        "textfont": {"color": "--ink", "size": 12 if len(highs) <= 6 else 10},  # noqa: PLR2004
        "zmin": -1,
        "zmax": 1,
    }
    names = {"x": [f"{high:g}" for high in highs], "y": [f"{low:g}" for low in lows]}
    look = {
        "colorscale": scale,
        "xgap": 3,
        "ygap": 3,
        "hoverinfo": "skip",
        "showscale": False,
    }
    layout = {
        "xaxis": axis("... and at budget", type="category", showgrid=False),
        "yaxis": axis("result at budget ...", type="category", autorange="reversed", showgrid=False),
    }
    return {"data": [{**heat, **names, **look}], "layout": layout}
