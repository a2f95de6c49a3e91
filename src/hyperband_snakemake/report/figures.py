"""What charts are made of: figures of Plotly as dictionaries with ``data`` and ``layout``, made without the library.

A colour is a word that the page looks up, so that one figure fits light and dark: ``--winner``, or ``--depth:0.5`` for
a place between the smallest budget (0) and the largest (1). `painted` puts the colours of the light page in.
"""

import random
from collections.abc import Sequence
from typing import Any

from ..snapshot.rows import Row

Figure = dict[str, Any]
PALETTE = {  # of the light page; colours by Okabe and Ito where they stand for kinds
    "--ink": "#1b2733",
    "--muted": "#5d6b7a",
    "--faint": "#8593a1",
    "--grid": "#e4e9ee",
    "--winner": "#d55e00",
    "--bad": "#c22f54",
    "--good": "#0072b2",
    "--neutral": "#f3f5f7",
    "--veil": "#ffffff",
}
DEPTH = ((0.0, "#6597c4"), (0.5, "#2a6fa8"), (1.0, "#0a2f57"))  # light to dark, also in grey
SMALL = 1e-3  # from which on zeros are hard to count
LONGEST = 18  # characters of a name in a chart
LARGEST = 1e150  # of a result in a chart; the difference of two is finite
MOST_POINTS = 1500  # of a kind; more are drawn by lot


def painted(figure: Any) -> Any:
    """The figure with the colours of the light page.

    >>> painted({"marker": {"color": ["--winner", "--depth:1"]}})
    {'marker': {'color': ['#d55e00', '#0a2f57']}}
    """
    if isinstance(figure, dict):
        return {key: painted(value) for key, value in figure.items()}
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
    """Colour of the budget with this number among so many."""
    return f"--depth:{place / (places - 1) if places > 1 else 1:.3f}"


def short(value: float) -> float:
    """Six digits are enough for a chart, and the library that draws cannot tell how far the largest are apart."""
    return float(f"{max(-LARGEST, min(LARGEST, value)):.6g}")


def brief(value: float, digits: int = 3) -> str:
    """A number with few digits and no padding, in the shorter of two ways, as the end of an axis has it.

    >>> brief(0.00001, 2), brief(993764000.0), brief(0.004), brief(0.00046, 2)
    ('1e-5', '9.94e8', '0.004', '4.6e-4')
    """
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    powers, plain = f"{mantissa}e{int(exponent)}", f"{value:.{digits}g}"
    return powers if "e" in plain or (abs(value) < SMALL and len(powers) < len(plain)) else plain


def shortened(text: str) -> str:
    """A name that fits beside others."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with a title."""
    return {"title": {"text": title}, "automargin": True, "zeroline": False} | more


def log_ticks(budgets: Sequence[float], title: str) -> dict[str, Any]:
    """A logarithmic axis with a tick at each budget."""
    return axis(title, type="log", tickvals=list(budgets), ticktext=[f"{b:g}" for b in budgets])


def budgets_of(rows: Sequence[Row]) -> list[float]:
    """All budgets, the smallest first."""
    return sorted({row.budget for row in rows})


def sample(items: Sequence[Any], most: int = MOST_POINTS) -> list[Any]:
    """So many of them at most, by lot, always the same ones."""
    if len(items) <= most:
        return list(items)
    return random.Random(0).sample(list(items), most)  # noqa: S311 (a choice of dots)


def line(x: list[Any], y: list[Any], colour: str, **more: Any) -> dict[str, Any]:
    """A trace of lines without dots; None breaks them."""
    width = more.pop("width", 1.5)
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"color": colour, "width": width}} | more


def dots(x: list[Any], y: list[Any], colour: str, text: list[str], **more: Any) -> dict[str, Any]:
    """A trace of dots with a text that a pointer shows."""
    marker = {"color": colour, "size": more.pop("size", 6), "opacity": more.pop("opacity", 0.85)}
    hover = {"text": text, "hovertemplate": "%{text}<extra></extra>"}
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": marker} | hover | more


def said(row: Row) -> str:
    """What a pointer shows of a training."""
    result = "no result" if row.result is None else f"{row.result:.6g}"
    return f"{row.path}<br>{result} at budget {row.budget:g}" + (f"<br>{row.reason}" if row.reason else "")


def usual(values: Sequence[float]) -> dict[str, Any]:
    """Range of an axis, if some values lie so far away that they would flatten all others."""
    values = [short(value) for value in values]
    low, high = usual_range(values)
    if (low, high) == (min(values), max(values)):
        return {}
    return {"range": [low - 0.05 * (high - low), high + 0.05 * (high - low)]}


def usual_range(values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest value worth showing: a loss that went astray must not flatten all others.

    >>> usual_range([0.1, 0.2, 0.3, 0.4, 1e30]), usual_range([1.0, 1.0])
    ((0.1, 1.3), (1.0, 1.0))
    """
    ordered = [min(max(value, -LARGEST), LARGEST) for value in sorted(values)]
    quarter = (len(ordered) - 1) // 4
    inner = ordered[quarter], ordered[len(ordered) - 1 - quarter]
    room = 4.5 * (inner[1] - inner[0])
    if room == 0:
        return ordered[0], ordered[-1]
    return max(ordered[0], inner[0] - room), min(ordered[-1], inner[1] + room)
