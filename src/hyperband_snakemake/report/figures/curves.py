"""Results of configurations over their budgets, and how well budgets agree."""

from collections.abc import Sequence
from typing import Any

from ...snapshot.rows import Row
from ..analysis import Pair, lives
from .ladder import life_of
from .parts import Figure, axis, budgets_of, depth, line, log_ticks, run_dots, sample, short
from .texts import number
from .windows import Window, mark_beyond, window_of

MANY = 600  # from this many points on, dots are fainter
CROWDED = 60  # from this many lines of a kind on, they are thin
MOST_DOTS, MOST_LINES = 500, 200  # of a kind
MOST_BARS = 80  # configurations whose spread is drawn
MOST_COUNTED = 6  # up to this many budgets, a cell shows its number of configurations


def curves(rows: Sequence[Row], best: Row | None, names: Sequence[str] = ()) -> Figure:
    """Results of each configuration over its budgets, with promoted ones in front.

    The parameters in ``names`` are shown under the pointer.
    """
    by_top: dict[int, list[list[Row]]] = {}
    for life in lives(rows).values():
        done = [row for row in life if row.result is not None]
        if done:
            by_top.setdefault(done[-1].stage, []).append(done)
    done = [row for row in rows if row.result is not None]
    life = [row for row in life_of(rows, best) if row.result is not None]
    with_bars = _ends([row for row in done if len(done) <= MOST_BARS])
    window = window_of([row.result or 0.0 for row in done], [row.result or 0.0 for row in life] + with_bars)
    x_axis = log_ticks(budgets_of(rows), "budget of the training run")
    figure: Figure = {"data": [], "layout": {"xaxis": x_axis, "yaxis": window.axis("result")}}
    for top, group in sorted(by_top.items()):
        name = f"last result at stage {top}"
        figure["data"].append(_group(group, window, depth(top, max(by_top) + 1), names) | {"name": name})
    figure["data"] += _best(rows, best, life, names)
    mark_beyond(figure, window, [(row.budget, row) for row in done], names)
    return figure


def words_of(rows: Sequence[Row]) -> str:
    """Say which curves are drawn, if not all, and what the bars mean."""
    lengths: dict[int, int] = {}
    for life in lives(rows).values():
        done = [row for row in life if row.result is not None]
        if done:
            lengths[done[-1].stage] = lengths.get(done[-1].stage, 0) + 1
    parts = [
        f"{most:,} of {lengths[stage]:,} with the last result at stage {stage}"
        for stage in sorted(lengths)
        if lengths[stage] > (most := MOST_DOTS if stage == 0 else MOST_LINES)
    ]
    words = [f"Drawn, chosen at random: {', '.join(parts)}; all of the others."] if parts else []
    if any(row.spread is not None for row in rows):
        words.append("Thin bars: the standard deviation of the folds.")
    return " ".join(words)


def _group(group: Sequence[list[Row]], window: Window, colour: str, names: Sequence[str]) -> dict[str, Any]:
    """One kind of configurations: dots for those with one result, lines for the others."""
    if all(len(life) == 1 for life in group):
        alone = [life[0] for life in sample(group, MOST_DOTS) if window.has(short(life[0].result or 0.0))]
        y = [short(row.result or 0.0) for row in alone]
        look: dict[str, Any] = {"size": 5, "opacity": 0.9 if len(alone) < MANY else 0.6}
        return run_dots(alone, [r.budget for r in alone], y, colour, names=names, **look) | _spread(alone, colour)
    shown = sample(group, MOST_LINES)
    points = [row for life in shown for row in [*life, None]]
    x = [row and row.budget for row in points]
    y = [row and short(row.result or 0.0) for row in points]
    told = run_dots([row for row in points if row], [], [], colour, names=names)
    text, paths = iter(told["text"]), iter(told["customdata"])
    hover: dict[str, Any] = {"text": [row and next(text) for row in points], "hovertemplate": told["hovertemplate"]}
    look = {"customdata": [row and next(paths) for row in points], "mode": "lines+markers", "marker": {"size": 3}}
    return line(x, y, colour, width=1 if len(group) > CROWDED else 1.5, **hover, **look)


def _ends(rows: Sequence[Row]) -> list[float]:
    """Both ends of the bars."""
    return [(row.result or 0.0) + side * row.spread for row in rows if row.spread is not None for side in (-1, 1)]


def _spread(rows: Sequence[Row], colour: str) -> dict[str, Any]:
    """Bars for the spread of a configuration's folds, if there are few configurations."""
    if len(rows) > MOST_BARS or all(row.spread is None for row in rows):
        return {}
    array = [short(row.spread or 0.0) for row in rows]
    return {"error_y": {"type": "data", "array": array, "color": colour, "thickness": 1, "width": 2}}


def _best(rows: Sequence[Row], best: Row | None, life: Sequence[Row], names: Sequence[str]) -> list[dict[str, Any]]:
    """The curve of the best configuration, and those of equally good ones."""
    x, y = [row.budget for row in life], [short(row.result or 0.0) for row in life]
    look: dict[str, Any] = {"mode": "lines+markers", "line": {"color": "--winner", "width": 3}, "size": 8}
    curve = run_dots(life, x, y, "--winner", name="best configuration", names=names, cliponaxis=False, **look)
    traces = [curve | _spread(life, "--winner")]
    if best is None:
        return traces
    equal = [row for row in rows if row.result == best.result and row.budget == best.budget and row.path != best.path]
    if equal:
        ring = {"symbol": "circle-open", "line": {"width": 2, "color": "--winner"}}
        x, y = [row.budget for row in equal], [short(row.result or 0.0) for row in equal]
        trace = run_dots(equal, x, y, "--winner", names=names, size=15, opacity=1, cliponaxis=False)
        trace["marker"] |= ring
        traces.append(trace | {"name": f"{len(equal)} as good as the best"})
    return traces


def correlation(pairs: Sequence[Pair]) -> Figure:
    """Rank correlation of each pair of budgets; a cell is coloured only if it stands out from chance."""
    lows, highs = sorted({pair.low for pair in pairs}), sorted({pair.high for pair in pairs})
    known = {(pair.low, pair.high): pair for pair in pairs}
    cells = [[known.get((low, high)) for high in highs] for low in lows]
    z = [[None if cell is None else cell.rho if _is_told(cell) else 0.0 for cell in line] for line in cells]
    counted = len(highs) <= MOST_COUNTED
    text = [["" if cell is None else _cell_text(cell, counted=counted) for cell in line] for line in cells]
    told = [["" if cell is None else _cell_words(cell) for cell in line] for line in cells]
    heat: dict[str, Any] = {"type": "heatmap", "z": z, "text": text, "texttemplate": "%{text}", "zmin": -1, "zmax": 1}
    heat |= {"x": [number(high) for high in highs], "y": [number(low) for low in lows], "customdata": told}
    heat |= {
        "textfont": {"color": "--ink", "size": 12 if counted else 10},
        "colorscale": [[0, "--warm"], [0.5, "--neutral"], [1, "--cold"]],
        "colorbar": {"thickness": 10, "tickvals": [-1, 0, 1], "outlinewidth": 0, "len": 1},
        "xgap": 3,
        "ygap": 3,
        "hovertemplate": "budget %{y} and %{x}: %{customdata}<extra></extra>",
    }
    layout = {
        "xaxis": axis("... and at budget", type="category", showgrid=False),
        "yaxis": axis("result at budget ...", type="category", autorange="reversed", showgrid=False),
    }
    return {"data": [heat], "layout": layout}


def _is_told(pair: Pair) -> bool:
    return not pair.ends[0] <= 0 <= pair.ends[1]


def _cell_text(pair: Pair, *, counted: bool) -> str:
    number_of = f"n {pair.configurations:,}" if counted else ""
    if not _is_told(pair):
        return f"chance?<br>{number_of}" if counted else "?"
    return f"{pair.rho:.2f}" + (f"<br>{number_of}" if counted else "")


def _cell_words(pair: Pair) -> str:
    low, high = pair.ends
    words = f"{pair.rho:.2f} over {pair.configurations:,} configurations<br>95 % interval {low:.2f} to {high:.2f}"
    return words if _is_told(pair) else f"{words}: could be chance"
