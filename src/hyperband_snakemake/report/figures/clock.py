"""Time axes: pauses in which nothing ran are folded, and additions to the search are marked."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from ...snapshot.durations import duration, time_unit
from ..analysis import Span, pauses_of, working_seconds
from ..iterations import Group
from .parts import axis, short

FOLDED = 0.025  # width of a folded pause, as a share of the working time
MOST_FOLDED, MOST_NAMED = 12, 8
TICKS = 7
STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)


@dataclass(frozen=True)
class Clock:
    """Maps seconds since the first start to an axis on which each pause (begin, end) takes ``folded`` seconds."""

    pauses: tuple[tuple[float, float], ...] = ()
    folded: float = 0.0

    def at(self, seconds: float) -> float:
        """Return the position of a moment, in seconds on the axis."""
        off = 0.0
        for begin, end in self.pauses:
            if seconds <= begin:
                break
            part = min(1.0, (seconds - begin) / (end - begin))
            off += part * ((end - begin) - self.folded)
        return seconds - off

    def axis(self, longest: float, **more: Any) -> tuple[dict[str, Any], float]:
        """Return the time axis up to ``longest`` seconds after the first start, and its unit in seconds."""
        unit, name = time_unit(self.at(longest))
        if not self.pauses:
            return axis(f"{name} since the first start", nticks=7, **more), unit
        total = duration(sum(end - begin for begin, end in self.pauses))
        title = f"time (// {'a pause' if len(self.pauses) == 1 else f'{len(self.pauses)} pauses'}"
        ticks = self._ticks(longest)
        places = {"tickvals": [short(self.at(t) / unit) for t in ticks], "ticktext": [duration(t) for t in ticks]}
        return axis(f"{title}, {total})", **places, **more), unit

    def _ticks(self, longest: float) -> list[float]:
        """Return round moments in seconds, outside of pauses; if there is none between two pauses, the first moment."""
        rough = self.at(longest) / TICKS
        step = next((step for step in STEPS if step >= rough), STEPS[-1] * ceil(rough / STEPS[-1]))
        parts = zip([0.0, *(e for _, e in self.pauses)], [*(b for b, _ in self.pauses), longest], strict=True)
        found: list[float] = []
        for begin, end in parts:
            inside = [step * i for i in range(ceil(begin / step), int(end // step) + 1)]
            found += inside or ([begin] if end - begin > rough / 2 else [])
        return found

    def shapes(self, unit: float) -> list[dict[str, Any]]:
        """Return a band over each pause."""
        look = {
            "type": "rect",
            "xref": "x",
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "fillcolor": "--grid",
            "line": {"width": 0},
        }
        return [
            look | {"x0": short(self.at(begin) / unit), "x1": short(self.at(end) / unit), "layer": "below"}
            for begin, end in self.pauses
        ]

    def notes(self, unit: float) -> list[dict[str, Any]]:
        """Return a mark ``//`` on the axis for each pause, with its length under the pointer."""
        look = {"text": "//", "yref": "paper", "y": 0, "yanchor": "middle", "showarrow": False, "captureevents": True}
        return [
            look | {"x": short(self.at((b + e) / 2) / unit), "hovertext": f"nothing ran for {duration(e - b)}"}
            for b, e in self.pauses
        ]


def clock_of(spans: Sequence[Span]) -> Clock:
    """Return the clock for these runs. Pauses are times when none of them ran; of many, the longest ones."""
    chosen = sorted(sorted(pauses_of(spans), key=lambda gap: gap[0] - gap[1])[:MOST_FOLDED])
    return Clock(tuple(chosen), FOLDED * working_seconds(spans))


@dataclass(frozen=True)
class Mark:
    """The moment, in seconds since the first start, from which on there were brackets with this name."""

    seconds: float
    name: str


def marks_of(spans: Sequence[Span], groups: Sequence[Group], samplers: Mapping[int, str]) -> list[Mark]:
    """Return when the runs of each iteration or addition began, except for the first."""
    starts: dict[int, float] = {}
    for span in spans:
        starts[span.row.bracket] = min(span.begin, starts.get(span.row.bracket, span.begin))
    found = []
    for group in groups[1:]:
        own = [b for b in group.brackets if b in starts]
        if own:
            by = {samplers.get(b, "") for b in own} - {""} if group.is_iteration else set()
            name = group.name + (f" ({', '.join(sorted(by))})" if by else "")
            found.append(Mark(min(starts[b] for b in own), name))
    return found


def mark_lines(places: Sequence[tuple[float, str]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return shapes and annotations: a dashed line at each position, with its name along it."""
    line = {
        "type": "line",
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": "--muted", "width": 1, "dash": "4px,3px"},
    }
    shapes = [line | {"x0": short(x), "x1": short(x)} for x, _ in places]
    look = {"yref": "paper", "y": 1, "xanchor": "right", "yanchor": "top", "textangle": -90, "showarrow": False}
    font = {"font": {"size": 11, "color": "--muted"}, "bgcolor": "--veil"}
    notes = [look | font | {"x": short(x), "text": name} for x, name in places[:MOST_NAMED]]
    return shapes, notes


def spent_at(ends: Sequence[tuple[float, float]], seconds: float) -> float:
    """Return the budget spent until a moment; ``ends`` are moments in order, each with the budget spent by then."""
    place = bisect_right([end for end, _ in ends], seconds)
    return ends[place - 1][1] if place else 0.0
