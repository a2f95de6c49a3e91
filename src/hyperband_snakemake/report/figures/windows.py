"""Which results an axis shows, and marks at its edge for those outside: nothing is cut off without a mark."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from statistics import median
from typing import Any

from ...snapshot.rows import Row
from .parts import LARGEST, Figure, axis, run_dots, short
from .texts import SMALL, brief

WIDE = 20.0  # from this ratio of largest to smallest result on, a logarithmic axis may help
MOST_POWERS = 6  # powers of ten with a tick on an axis
PARTS = (  # ticks within a power of ten, by how many powers an axis covers
    *((3, (1.0,)), (2, (1.0, 3.0)), (1, (1.0, 2.0, 5.0))),
    (-1, (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)),
)
LARGE = 1e5  # above this, zeros are hard to count, too
MOST_MARKS = 300  # at an edge


@dataclass(frozen=True)
class Window:
    """The part of a result axis that is drawn: from ``low`` to ``high``, logarithmic or not."""

    low: float
    high: float
    log: bool = False

    def axis(self, title: str, **more: Any) -> dict[str, Any]:
        """Return the axis, with some room at both ends."""
        ends = (log10(self.low), log10(self.high)) if self.log else (self.low, self.high)
        room = 0.06 * (ends[1] - ends[0]) or 0.1 * abs(ends[0]) or 1.0
        kind = {"type": "log"} | log_scale(self.low, self.high) if self.log else linear_scale((self.low, self.high))
        return axis(title, range=[ends[0] - room, ends[1] + room], **kind, **more)

    def kept(self, value: float) -> float:
        """Return the value, limited to the window."""
        return min(max(value, self.low), self.high)

    def has(self, value: float) -> bool:
        """Whether a value is in it."""
        return self.low <= value <= self.high


def window_of(values: Sequence[float], always: Sequence[float] = ()) -> Window:
    """Return the window for these results, without outliers; values in ``always`` are never left out.

    It is logarithmic if all are positive and that puts the median closer to the middle.

    >>> window_of([1.0, 2.0, 3.0]), window_of([1e-4, 1e-3, 1e-2, 1e-1]).log
    (Window(low=1.0, high=3.0, log=False), True)
    >>> window_of([-0.5, -0.4, -0.3, -0.2, 1e30])
    Window(low=-0.5, high=-0.2, log=False)
    """
    known = [short(value) for value in (*values, *always)] or [0.0, 1.0]
    log = _is_better_in_powers(known)
    scale: Any = log10 if log else float
    low, high = usual_range([scale(value) for value in known])
    low, high = (10**low, 10**high) if log else (low, high)
    ends = [short(value) for value in always]
    if low <= min(known) * (1 + 1e-9) and log:
        low = min(known)  # without rounding errors
    if log and high >= max(known) * (1 - 1e-9):
        high = max(known)
    return Window(min([low, *ends]), max([high, *ends]), log)


def log_scale(low: float, high: float) -> dict[str, Any]:
    """Return ticks for a logarithmic axis, written by `texts.brief`: at each power of ten, or also in between.

    >>> log_scale(1e-5, 0.03)["ticktext"], log_scale(0.08, 0.6)["ticktext"]
    (['1e-5', '1e-4', '0.001', '0.01'], ['0.1', '0.15', '0.2', '0.3', '0.5'])
    """
    powers = log10(high / low)
    step = max(1, ceil(powers / MOST_POWERS))
    parts = next(parts for least, parts in PARTS if powers > least)
    first, last = floor(log10(low)), ceil(log10(high))
    ticks = [float(f"{part}e{power}") for power in range(first, last + 1, step) for part in parts]
    inside = [tick for tick in ticks if low / 1.05 <= tick <= high * 1.05]
    if len(inside) < 2:  # noqa: PLR2004
        inside = [low, high] if low < high else [low]
    return {"tickvals": inside, "ticktext": [brief(tick) for tick in inside]}


def linear_scale(values: Sequence[float], large: float = LARGE) -> dict[str, Any]:
    """Return how to write numbers on an axis that reaches this far: from ``large`` on as powers."""
    largest = max(map(abs, values), default=0.0)
    is_plain = largest == 0 or SMALL <= largest < large
    if is_plain:
        return {"nticks": 8, "exponentformat": "none", "separatethousands": True}
    step = 10 ** floor(log10(largest / 2)) * (1 if largest / 10 ** floor(log10(largest / 2)) < 10 else 5)  # noqa: PLR2004
    ticks = [n * step for n in range(-10, 11) if min(values) - step / 2 <= n * step <= max(values) + step / 2]
    return {"tickvals": ticks, "ticktext": [brief(tick) for tick in ticks]}


def _is_better_in_powers(values: Sequence[float]) -> bool:
    low, high, middle = min(values), max(values), median(values)
    if low <= 0 or high / low < WIDE:
        return False
    usual = usual_range([log10(value) for value in values])
    share = (log10(middle) - usual[0]) / ((usual[1] - usual[0]) or 1)
    plain = usual_range(values)
    return abs(share - 0.5) < abs((middle - plain[0]) / ((plain[1] - plain[0]) or 1) - 0.5)


def usual_range(values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest value worth showing: a diverged loss must not flatten all others.

    >>> usual_range([0.1, 0.2, 0.3, 0.4, 1e30]), usual_range([1.0, 1.0])
    ((0.1, 0.4), (1.0, 1.0))
    """
    ordered = [min(max(value, -LARGEST), LARGEST) for value in sorted(values)]
    quarter = (len(ordered) - 1) // 4
    inner = ordered[quarter], ordered[len(ordered) - 1 - quarter]
    room = 4.5 * (inner[1] - inner[0])
    if room == 0:
        return ordered[0], ordered[-1]
    usual = [value for value in ordered if inner[0] - room <= value <= inner[1] + room]
    return usual[0], usual[-1]


def mark_beyond(figure: Figure, window: Window, points: Sequence[tuple[Any, Row]], names: Sequence[str] = ()) -> None:
    """Add an arrow at the edge for each run whose result is outside the window, and their number.

    ``points`` are all runs in the chart, each with its position on the other axis. The chart's axis is vertical.
    """
    known = [(x, row, short(row.result)) for x, row in points if row.result is not None]
    sides = (
        ("above", "triangle-up", window.high, [(x, row) for x, row, value in known if value > window.high]),
        ("below", "triangle-down", window.low, [(x, row) for x, row, value in known if value < window.low]),
    )
    for side, symbol, rim, beyond in sides:
        if not beyond:
            continue
        some = beyond[:: len(beyond) // MOST_MARKS + 1]
        rows = [row for _, row in some]
        trace = run_dots(rows, [x for x, _ in some], [rim] * len(some), "--bad", names=names, size=9, opacity=1)
        trace["marker"] |= {"symbol": symbol, "line": {"width": 1, "color": "--veil"}}
        figure["data"].append(trace | {"showlegend": False, "cliponaxis": False})
        arrow, at = ("▲", 1) if side == "above" else ("▼", 0)
        note = {"text": f"{arrow} {len(beyond):,} {side} {brief(rim)}", "x": 1, "xanchor": "right", "y": at}
        look = {"yanchor": "top" if at else "bottom", "yshift": -12 if at else 12, "showarrow": False}
        look |= {"xref": "paper", "yref": "paper"}
        font = {"size": 12, "color": "--bad"}
        figure["layout"].setdefault("annotations", []).append(note | look | {"font": font, "bgcolor": "--veil"})
