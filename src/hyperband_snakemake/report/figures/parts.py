"""Building blocks of charts: Plotly figures as dictionaries with ``data`` and ``layout``, without using the library.

A colour is a word that the page looks up, so that one figure works for light and dark: ``--winner``, or ``--depth:0.5``
for a position between the smallest budget (0) and the largest (1). `painted` inserts the colours of the light page.
"""

import random
from collections.abc import Sequence
from typing import Any

from ...snapshot.rows import Row
from .texts import number, shortened, value_text

Figure = dict[str, Any]
PALETTE = {  # for the light page; colours by Okabe and Ito if they stand for kinds
    "--ink": "#1b2733",
    "--muted": "#5d6b7a",
    "--faint": "#8593a1",
    "--mark": "#8191a0",
    "--grid": "#e4e9ee",
    "--winner": "#d55e00",
    "--bad": "#c22f54",
    "--good": "#0072b2",
    "--warm": "#f3a871",
    "--cold": "#86bde3",
    "--neutral": "#f3f5f7",
    "--veil": "#ffffff",
}
DEPTH = ((0.0, "#25887f"), (0.5, "#2f6fb3"), (1.0, "#3a1a66"))  # light to dark, also in greyscale
AS_IT_IS = ("x", "y", "text", "hovertext", "customdata", "tickvals", "categoryarray")  # keys that contain no colours
LARGEST = 1e150  # largest result in a chart, so that differences are finite
MOST_POINTS = 1500  # of a kind; if there are more, some are chosen at random
MOST_TOLD = 90  # characters of a reason shown under the pointer
TOLD_PARAMETERS = 4  # parameters shown under the pointer


def painted(figure: Any) -> Any:
    """The figure with the light page's colours.

    >>> painted({"marker": {"color": ["--winner", "--depth:1"]}, "y": ["--lr"]})
    {'marker': {'color': ['#d55e00', '#3a1a66']}, 'y': ['--lr']}
    """
    if isinstance(figure, dict):
        return {key: value if key in AS_IT_IS else painted(value) for key, value in figure.items()}
    if isinstance(figure, list):
        return [painted(value) for value in figure]
    if not isinstance(figure, str) or not figure.startswith("--"):
        return figure
    return _between(float(figure.partition(":")[2])) if ":" in figure else PALETTE[figure]


def _between(at: float) -> str:
    low, high = (DEPTH[0], DEPTH[1]) if at <= DEPTH[1][0] else (DEPTH[1], DEPTH[2])
    share = (at - low[0]) / (high[0] - low[0])
    parts = [(int(low[1][i : i + 2], 16), int(high[1][i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in parts)


def depth(place: int, places: int) -> str:
    """Colour of one budget among several, by its position."""
    return f"--depth:{place / (places - 1) if places > 1 else 1:.3f}"


def short(value: float) -> float:
    """Round to six digits, which are enough for a chart, and limit the range, which Plotly cannot handle otherwise."""
    return float(f"{max(-LARGEST, min(LARGEST, value)):.6g}")


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with a title; numbers on it are formatted like in `texts.number`."""
    return {"title": {"text": title}, "automargin": True, "zeroline": False, "exponentformat": "e"} | more


def log_ticks(budgets: Sequence[float], title: str) -> dict[str, Any]:
    """A logarithmic axis with a tick at each budget."""
    return axis(title, type="log", tickvals=list(budgets), ticktext=[number(b) for b in budgets])


def budgets_of(rows: Sequence[Row]) -> list[float]:
    """All budgets, smallest first."""
    return sorted({row.budget for row in rows})


def sample(items: Sequence[Any], most: int = MOST_POINTS) -> list[Any]:
    """At most ``most`` of them, chosen at random but reproducibly."""
    if len(items) <= most:
        return list(items)
    return random.Random(0).sample(list(items), most)  # noqa: S311 (a choice of dots)


def line(x: list[Any], y: list[Any], colour: str, **more: Any) -> dict[str, Any]:
    """A trace of lines without dots; None breaks them."""
    width = more.pop("width", 1.5)
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"color": colour, "width": width}} | more


def dots(x: list[Any], y: list[Any], colour: str, text: list[str], **more: Any) -> dict[str, Any]:
    """A trace of dots with texts for the pointer."""
    marker = {"color": colour, "size": more.pop("size", 6), "opacity": more.pop("opacity", 0.9)}
    hover = {"text": text, "hovertemplate": "%{text}<extra></extra>"}
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": marker} | hover | more


def run_dots(rows: Sequence[Row], x: list[Any], y: list[Any], colour: str, **more: Any) -> dict[str, Any]:
    """`dots` that stand for training runs: the pointer describes them, and ``customdata`` has their paths."""
    names = more.pop("names", ())
    return dots(x, y, colour, [said(row, names) for row in rows], customdata=[row.path for row in rows], **more)


def said(row: Row, names: Sequence[str] = ()) -> str:
    """The text that the pointer shows for a training run, with its parameters in ``names``."""
    result = "no result" if row.result is None else number(row.result)
    if row.result is not None and row.spread is not None:
        result += f" ± {number(row.spread)}"
    lines = [row.path, f"<b>{result}</b> at budget {number(row.budget)}"]
    if row.reason:
        lines.append(shortened(row.reason, MOST_TOLD))
    has = [name for name in names if name in row.parameters]
    lines += [f"{shortened(name, 24)} = {shortened(value_text(row.parameters[name]), 32)}" for name in has]
    return "<br>".join(lines)
