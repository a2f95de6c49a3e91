"""Results over one parameter, at a selectable budget, or ranks over all budgets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median
from typing import Any

from ...snapshot.rows import Row
from ..analysis import lives
from ..importance import Parameter
from .parts import Figure, axis, line, sample, short
from .texts import counted, labels, level_text, level_texts, number, shortened
from .windows import Window, linear_scale, log_scale, window_of

LEAST_RESULTS = 5  # fewest results at a budget that can be chosen
LEAST_BINS, IN_BIN = 4, 8  # fewest bins, and results in each, for medians along a scale
MOST_BINS = 12
LEAST_IN_LEVEL = 3  # fewest results in a level for a median
MOST_LEVELS = 24  # in one chart
ACROSS = 26  # characters of labels that fit below a small chart
FIRST_POINTS, FURTHER_POINTS, FOLDED_POINTS = 500, 200, 150  # in the first view, in other views, in folded charts
LABEL = 24  # characters of a level's label
TITLE = 44  # characters of an axis title
SCORE = "initial score"
SCORES = (103, -3)  # ends of the score axis; the best is on top, or on the left


@dataclass(frozen=True)
class View:
    """What is shown over a parameter: a title, and for each configuration, by root, a value and its run."""

    title: str
    points: Mapping[str, tuple[float, Row]]
    window: Window | None  # None for scores

    def axis(self, *, lying: bool = False) -> dict[str, Any]:
        """Return the axis of its values."""
        if self.window is not None:
            return self.window.axis(self.title) | ({"nticks": 4, "tickangle": 0} if lying else {})
        return axis(
            self.title, range=list(SCORES)[:: -1 if lying else 1], tickvals=[0, 25, 50, 75, 100], ticksuffix=" %"
        )


def views_of(rows: Sequence[Row], scores: Mapping[str, float]) -> list[View]:
    """Return the views of a search: results at the most common budget, at each other one, and scores of all."""
    by_budget: dict[float, dict[str, tuple[float, Row]]] = {}
    for row in rows:
        if row.result is not None and row.root:
            by_budget.setdefault(row.budget, {})[row.root] = (short(row.result), row)
    enough = {budget: own for budget, own in sorted(by_budget.items()) if len(own) >= LEAST_RESULTS}
    first = max(enough, key=lambda budget: (len(enough[budget]), -budget), default=None)
    order = sorted(enough, key=lambda budget: (budget != first, budget))
    found = [
        View(f"result at budget {number(budget)}", enough[budget], window_of([v for v, _ in enough[budget].values()]))
        for budget in order
    ]
    born = {root: (short(scores[root]), life[0]) for root, life in lives(rows).items() if root in scores}
    return [*found, View(SCORE, born, None)]


def sampled_words(rows: Sequence[Row]) -> str:
    """Say that not all configurations are drawn; empty if all are."""
    if sum(row.stage == 0 for row in rows) <= FURTHER_POINTS:
        return ""
    return f"Of many, at most {FIRST_POINTS:,} are drawn, chosen at random; the medians are of all."


@dataclass(frozen=True)
class Slicer:
    """What the slices of all parameters have in common."""

    views: Sequence[View]
    reached: Mapping[str, int]
    best: str | None

    def slice_of(self, parameter: Parameter, *, folded: bool = False) -> tuple[Figure, int]:
        """Return the chart of one parameter and its height in pixels; colours show how far each was promoted.

        The figure is the first view; ``views`` has all of them, each a figure with a title (the first without data).
        """
        levels, left_out = _levels(parameter)
        lying = bool(levels) and sum(map(len, level_texts(levels))) > ACROSS
        most = [FIRST_POINTS, *[FURTHER_POINTS] * len(self.views)]
        drawn = [
            self._figure(parameter, levels, view, FOLDED_POINTS if folded else n, lying=lying, left_out=left_out)
            for view, n in zip(self.views, most, strict=False)
        ]
        views = [
            {"title": view.title} | (figure if place else {})
            for place, (view, figure) in enumerate(zip(self.views, drawn, strict=True))
        ]
        return drawn[0] | {"views": views}, 120 + 26 * len(levels) if lying else 280

    def _figure(
        self, parameter: Parameter, levels: Sequence[Any], view: View, most: int, *, lying: bool, left_out: int
    ) -> Figure:
        rest = f" ({counted(left_out, 'rare level')} not shown)" if left_out else ""
        scale = _scale(parameter, levels, shortened(parameter.name, TITLE) + rest)
        traces = self._traces(parameter, levels, view, most)
        if not lying:
            return {"data": traces, "layout": {"xaxis": scale, "yaxis": view.axis(), "showlegend": False}}
        scale["range"] = scale["range"][::-1]
        layout = {"yaxis": scale, "xaxis": view.axis(lying=True), "showlegend": False}
        return {"data": [_turned(trace) for trace in traces], "layout": layout}

    def _traces(self, parameter: Parameter, levels: Sequence[Any], view: View, most: int) -> list[dict[str, Any]]:
        at = _places(parameter, levels)
        known = [root for root in parameter.values if root in view.points and at(root) is not None]
        roots = sorted(sample([root for root in sorted(known) if root != self.best], most))
        last = max(self.reached.values(), default=0)
        scale = (
            [[0, "--depth:0"], [0.5, "--depth:0.5"], [1, "--depth:1"]] if last else [[0, "--depth:1"], [1, "--depth:1"]]
        )
        traces = [_dots(parameter, view, roots, at)]
        depths = {
            "color": [self.reached.get(root, 0) for root in roots],
            "cmin": 0,
            "cmax": last or 1,
            "colorscale": scale,
        }
        traces[0]["marker"] = traces[0].get("marker", {}) | {"size": 5, "opacity": 0.85} | depths
        if self.best is not None and self.best in known:
            best = _dots(parameter, view, [self.best], at) | {"cliponaxis": False}
            traces.append(best | {"marker": best.get("marker", {}) | {"size": 11, "color": "--winner"}})
        return [*traces, _medians(parameter, levels, view, known)]


def _dots(parameter: Parameter, view: View, roots: Sequence[str], at: Callable[[str], Any]) -> dict[str, Any]:
    """Dots for these configurations; those outside the window are arrows at its edge."""
    kept = view.window.kept if view.window else float
    values = [view.points[root][0] for root in roots]
    symbols = [_symbol(view, value) for value in values]
    what = "result" if view.window else "score"
    trace: dict[str, Any] = {"type": "scatter", "mode": "markers", "x": [at(root) for root in roots]}
    trace |= {
        "y": [short(kept(value)) for value in values],
        "customdata": [view.points[root][1].path for root in roots],
    }
    marks = {"marker": {"symbol": symbols}} if set(symbols) - {"circle"} else {}
    if parameter.numeric and not marks:
        numbers = f"{shortened(parameter.name, 40)} = %{{x:.6~g}}<br>{what} %{{y:.6~g}}"
        return trace | {"hovertemplate": f"%{{customdata}}<br>{numbers}<extra></extra>"}
    names = [shortened(level_text(parameter.values[root]), 40) for root in roots]
    text = [f"{name}<br>{what} {number(value)}" for name, value in zip(names, values, strict=True)]
    hover = f"%{{customdata}}<br>{shortened(parameter.name, 40)} = %{{text}}<extra></extra>"
    return trace | {"text": text, "hovertemplate": hover} | marks


def _symbol(view: View, value: float) -> str:
    if view.window is None or view.window.has(value):
        return "circle"
    return "triangle-up" if value > view.window.high else "triangle-down"


def _levels(parameter: Parameter) -> tuple[list[Any], int]:
    """The levels that are drawn, in order, and how many are not: if there are many, rare ones are left out."""
    if len(parameter.levels) <= MOST_LEVELS:
        return list(parameter.levels), 0
    counts: dict[Any, int] = {}
    for value in parameter.values.values():
        counts[value] = counts.get(value, 0) + 1
    often = set(sorted(parameter.levels, key=lambda level: -counts.get(level, 0))[:MOST_LEVELS])
    return [level for level in parameter.levels if level in often], len(parameter.levels) - MOST_LEVELS


def _scale(parameter: Parameter, levels: Sequence[Any], title: str) -> dict[str, Any]:
    """The parameter's axis."""
    if levels:
        ticks = {"tickvals": list(range(len(levels))), "ticktext": labels(level_texts(levels), LABEL), "tickangle": 0}
        return axis(title, range=[-0.6, len(levels) - 0.4], showgrid=False, **ticks)
    numbers = [short(value) for value in parameter.values.values() if isinstance(value, int | float)]
    if parameter.log:
        return axis(title, type="log", **log_scale(min(numbers), max(numbers)))
    return axis(title, **linear_scale(numbers, 1e4) | {"tickangle": 0})


def _places(parameter: Parameter, levels: Sequence[Any]) -> Callable[[str], Any]:
    """Positions of configurations on the axis (None: not drawn); those with the same level are side by side."""
    if not levels:
        return lambda root: _finite(parameter.values[root])
    number_of = {value: place for place, value in enumerate(levels)}
    aside = {root: ((i * 0.6180339887) % 1 - 0.5) * 0.5 for i, root in enumerate(parameter.values)}

    def place(root: str) -> float | None:
        level = parameter.values[root]
        return round(number_of[level] + aside[root], 3) if level in number_of else None

    return place


def _finite(value: Any) -> Any:
    return value if isinstance(value, int) or isfinite(value) else None


def _medians(parameter: Parameter, levels: Sequence[Any], view: View, roots: Sequence[str]) -> dict[str, Any]:
    """Medians of levels, or along a scale if there are enough results; otherwise a trace without points."""
    known = [(parameter.values[root], view.points[root][0]) for root in roots]
    look: dict[str, Any] = {"hoverinfo": "skip", "width": 2.5}
    if levels:
        x: list[Any] = []
        y: list[Any] = []
        for place, level in enumerate(levels):
            here = [value for used, value in known if used == level]
            if len(here) >= LEAST_IN_LEVEL:
                x += [place - 0.32, place + 0.32, None]
                y += [median(here)] * 2 + [None]
        return line(x, y, "--ink", **look)
    known.sort(key=lambda item: item[0])  # type: ignore[arg-type,return-value]  # numbers
    bins = min(MOST_BINS, len(known) // IN_BIN)
    if bins < LEAST_BINS:
        return line([], [], "--ink", **look)
    parts = [known[i * len(known) // bins : (i + 1) * len(known) // bins] for i in range(bins)]
    middle = [median(used for used, _ in part) for part in parts]  # type: ignore[type-var]
    return line(middle, [median(value for _, value in part) for part in parts], "--ink", **look)


def _turned(trace: Mapping[str, Any]) -> dict[str, Any]:
    """The same trace with its axes swapped."""
    symbols = {"triangle-up": "triangle-right", "triangle-down": "triangle-left"}
    marker = dict(trace.get("marker", {}))
    if "symbol" in marker:
        marker["symbol"] = [symbols.get(symbol, symbol) for symbol in marker["symbol"]]
    return {**trace, "x": trace["y"], "y": trace["x"]} | ({"marker": marker} if marker else {})
