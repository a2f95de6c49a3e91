"""Promotions: ranks in the stages, a panel for each bracket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

from ...snapshot.rows import Row
from ..analysis import lives
from ..iterations import Group
from .parts import Figure, axis, depth, line, run_dots, sample
from .texts import counted

MANY = 600  # from this many points on, lines of promotions are thin
MOST_ROWS, MOST_COLUMNS, NARROW_COLUMNS = 5, 5, 3  # panels; on a small screen
MOST_DOTS = 250  # in a bracket
MOST_TICKS = 6  # up to this many stages, all have a number
WIDTH = 5  # width of a stage's bar
KINDS = (  # parts of a stage's bar, from its top
    ("with a result, by rank", {"color": "--mark", "width": WIDTH}),
    ("failed", {"color": "--bad", "width": WIDTH}),
    ("nobody to promote", {"color": "--mark", "width": WIDTH, "dash": "2px,3px"}),
    ("not ended yet", {"color": "--mark", "width": 1.5, "dash": "2px,2px"}),
)
STATUSES = (("completed",), ("failed",), ("empty",), ("pending", "running"))  # for each of the kinds


@dataclass(frozen=True)
class Panels:
    """A row of panels: all or some brackets of one group."""

    name: str
    brackets: tuple[int, ...]


def life_of(rows: Sequence[Row], best: Row | None) -> list[Row]:
    """The training runs of the best configuration."""
    return lives(rows).get(best.root, []) if best and best.root else []


def laddered(rows: Sequence[Row], best: Row | None, groups: Sequence[Group]) -> list[Panels]:
    """The rows of panels that the ladder shows: the first groups with promotions, and the group of the best."""
    long = {row.bracket for row in rows if row.stage > 0}
    found = [Panels(group.name, group.brackets) for group in groups if long.intersection(group.brackets)]
    with_best = [one for one in found[MOST_ROWS:] if best and best.bracket in one.brackets]
    shown = found[: MOST_ROWS - len(with_best)] + with_best
    return [part for one in shown for part in _parts(one, MOST_COLUMNS)]


def left_out(rows: Sequence[Row], best: Row | None, groups: Sequence[Group]) -> str:
    """Say what the ladder leaves out; empty if it shows everything."""
    long = {row.bracket for row in rows if row.stage > 0}
    shown = {panels.name for panels in laddered(rows, best, groups)}
    hidden = sum(group.name not in shown and bool(long.intersection(group.brackets)) for group in groups)
    words = f"{counted(hidden, 'further iteration')} not drawn; the table below has all. " if hidden else ""
    if any(sum(row.bracket == b and bool(row.rank) for row in rows) > MOST_DOTS for b in long):
        words += f"All promotions are drawn as lines; of a bracket with more, {MOST_DOTS} dots, chosen at random."
    return words.strip()


def ladder(
    rows: Sequence[Row],
    best: Row | None,
    groups: Sequence[Group],
    samplers: Mapping[int, str] | None = None,
    names: Sequence[str] = (),
) -> Figure:
    """Rank of each promoted configuration in its stages, with a panel for each bracket and its winner in front.

    ``samplers`` propose the configurations of some brackets; the parameters in ``names`` are shown under the pointer.
    If a row has many panels, ``narrow`` has a layout, and its height, for small screens.
    """
    shown, by = laddered(rows, best, groups), samplers or {}
    brackets = [bracket for panels in shown for bracket in panels.brackets]
    data = [rung for n, b in enumerate(brackets, 1) for rung in _rungs(rows, b, n, best, names)]
    figure: Figure = {"data": [*_key(rows), *data], "layout": _layout(rows, shown, by)}
    if max((len(panels.brackets) for panels in shown), default=0) > NARROW_COLUMNS:
        whole: dict[str, tuple[int, ...]] = {}
        for panels in shown:
            whole[panels.name] = (*whole.get(panels.name, ()), *panels.brackets)
        narrow = [part for name, own in whole.items() for part in _parts(Panels(name, own), NARROW_COLUMNS)]
        figure["narrow"] = {"layout": _layout(rows, narrow, by), "height": height_of(len(narrow))}
    return figure


def height_of(lines: int) -> int:
    """Height of this many rows of panels, in pixels."""
    return 160 + 260 * lines


def _parts(panels: Panels, most: int) -> list[Panels]:
    """Split a row of panels into rows of about the same length, at most ``most``."""
    lines = -(-len(panels.brackets) // most)
    size = -(-len(panels.brackets) // lines)
    return [Panels(panels.name, panels.brackets[i : i + size]) for i in range(0, len(panels.brackets), size)]


def _layout(rows: Sequence[Row], shown: Sequence[Panels], samplers: Mapping[int, str]) -> dict[str, Any]:
    """The positions and titles of the panels; in all of them, the same rank is at the same height."""
    most = max((len(own) for own in _by_stage(rows).values()), default=1)
    ranks = [n for n in (1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000) if n <= most]
    layout: dict[str, Any] = {"annotations": [], "legend": {"y": 1.02 + 0.16 / max(1, len(shown))}}
    between = 0.26 / max(1, len(shown))
    height = (1 - between * (len(shown) - 1)) / max(1, len(shown))
    columns, gap = max((len(panels.brackets) for panels in shown), default=1), 0.02
    width = (1 - gap * (columns - 1)) / columns
    several, panel = len({one.name for one in shown}) > 1, 0
    for place, panels in enumerate(shown):
        title = f"{panels.name}: rank" if several else "rank in the stage"
        bottom = 1 - height - place * (height + between)
        for column, bracket in enumerate(panels.brackets):
            panel += 1
            x = _stages(rows, bracket, "stage" if place == len(shown) - 1 else "")
            x["domain"] = _within(column * (width + gap), width)
            y = axis(title if column == 0 else "", type="log", domain=_within(bottom, height))
            y["range"] = [log10(most + 0.5) + 0.05 * log10(most + 1), -0.08 * log10(most + 1)]
            y |= {"tickvals": ranks, "ticktext": [f"{n:,}" for n in ranks], "showticklabels": column == 0}
            by = samplers.get(bracket, "")
            _add_panel(layout, panel, f"Bracket {bracket}{f'<br>{by}' if by else ''}", x, y)
    return layout


def _stages(rows: Sequence[Row], bracket: int, title: str) -> dict[str, Any]:
    """The axis for a bracket's stages."""
    last = max(row.stage for row in rows if row.bracket == bracket)
    return axis(title, dtick=1 if last < MOST_TICKS else 2, range=[-0.3, last + 0.3])


def _key(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Legend for the kinds of slots that occur, as traces without points."""
    there = {row.status for row in rows}
    point: dict[str, Any] = {"x": [None], "y": [None], "type": "scatter", "mode": "lines", "hoverinfo": "skip"}
    traces = [
        point | {"name": name, "line": look}
        for (name, look), statuses in zip(KINDS, STATUSES, strict=True)
        if there.intersection(statuses)
    ]
    return [*traces, point | {"name": "promoted", "line": {"color": "--depth:0.7", "width": 1.5}}]


def _by_stage(rows: Sequence[Row]) -> dict[tuple[int, int], list[Row]]:
    found: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        found.setdefault((row.bracket, row.stage), []).append(row)
    return found


def _within(start: float, size: float) -> list[float]:
    """A share of a side, limited to 0 to 1 in spite of rounding."""
    return [max(0.0, round(start, 4)), min(1.0, round(start + size, 4))]


def _add_panel(layout: dict[str, Any], panel: int, title: str, x: dict[str, Any], y: dict[str, Any]) -> None:
    """Add the axes of a panel."""
    to = str(panel) if panel > 1 else ""
    matches = {"matches": "y"} if panel > 1 else {}
    layout |= {f"xaxis{to}": x | {"anchor": f"y{to}"}, f"yaxis{to}": y | {"anchor": f"x{to}"} | matches}
    note = {"text": title, "x": x["domain"][0], "xanchor": "left", "y": y["domain"][1], "yanchor": "bottom"}
    look = {"showarrow": False, "xref": "paper", "yref": "paper", "align": "left", "font": {"size": 12}}
    layout["annotations"].append(note | look)


def _rungs(
    rows: Sequence[Row], bracket: int, panel: int, best: Row | None, names: Sequence[str]
) -> list[dict[str, Any]]:
    """Traces of one bracket: the slots of each stage, promotions, dots, and the path of its winner."""
    own = [row for row in rows if row.bracket == bracket]
    on = {"showlegend": False} | ({"xaxis": f"x{panel}", "yaxis": f"y{panel}"} if panel > 1 else {})
    last = max((row.stage for row in own), default=0)
    stages = [[row for row in own if row.stage == stage] for stage in range(last + 1)]
    traces = [bar | on for slots in stages for bar in _bars(slots)]
    place = {row.path: at for slots in stages for row, at in _places(slots)}
    for stage in range(1, last + 1):
        x, y, paths = _steps(stages[stage], place)
        look: dict[str, Any] = {"width": 1.2 if len(x) < MANY else 0.4, "hoverinfo": "skip", "customdata": paths}
        traces.append(line(x, y, depth(stage, last + 1), **look, **on))
    moved = [row for row in own if row.path in place and (row.stage or row.promoted_to)]
    for colour, some in (("--depth:0.7", [r for r in moved if r.rank]), ("--bad", [r for r in moved if not r.rank])):
        shown = sample(some, MOST_DOTS)
        x, y = [r.stage for r in shown], [place[r.path] for r in shown]
        traces.append(run_dots(shown, x, y, colour, size=4, names=names, **on))
    here = best if best and best.bracket == bracket else None
    first = next((row for row in own if row.stage == last and row.rank == 1), None)
    life = [row for row in life_of(own, here or first) if row.rank]
    colour = "--winner" if here else "--ink"
    look = {"size": 8, "mode": "lines+markers", "line": {"color": colour, "width": 2.5}}
    x, y = [r.stage for r in life], [r.rank for r in life]
    return [*traces, run_dots(life, x, y, colour, names=names, **look, **on)]


def _places(slots: Sequence[Row]) -> list[tuple[Row, int]]:
    """Positions of a stage's slots: by rank, with failed ones below."""
    ranked = [(row, row.rank) for row in slots if row.rank]
    failed = [row for row in slots if row.status == "failed"]
    return [*ranked, *((row, at) for at, row in enumerate(failed, len(ranked) + 1))]


def _bars(slots: Sequence[Row]) -> list[dict[str, Any]]:
    """The slots of a stage by outcome, one kind below the other."""
    numbers = [sum(row.status in statuses for row in slots) for statuses in STATUSES]
    traces, top = [], 0
    for (name, look), number in zip(KINDS, numbers, strict=True):
        if number:
            ends = [max(1.0, top + 0.5) if top else 1.0, top + number + (0.5 if top else 0.0)]
            text = f"{counted(number, 'slot')} {name}"
            hover = {"text": [text] * 2, "hovertemplate": "%{text}<extra></extra>"}
            traces.append(line([slots[0].stage] * 2, ends, "", line=look, **hover))
        top += number
    return traces


def _steps(slots: Sequence[Row], place: Mapping[str, int]) -> tuple[list[Any], list[Any], list[Any]]:
    """Lines from the positions in the stage below to those in this one, and the runs they belong to."""
    x: list[Any] = []
    y: list[Any] = []
    paths: list[Any] = []
    for row in slots:
        if row.origin is not None and row.origin in place and row.path in place:
            x += [row.stage - 1, row.stage, None]
            y += [place[row.origin], place[row.path], None]
            paths += [row.origin, row.path, None]
    return x, y, paths
