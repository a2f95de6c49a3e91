"""A table and two charts of a finished search for `snakemake --report`; `hyband report` shows far more."""

import html
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

from ..plan import Plan, number_text
from ..tree import layout
from ..tree.files import read, write
from ..tree.layout import Slot
from ..tree.outcome import Outcome
from ..tree.promotion import read_table

Ranked = Sequence[tuple[Fraction, Slot, Outcome]]
Point = tuple[float, float]

SHOWN = 20  # trainings in the table
MOST_LINES = 2000
LARGEST = 1e150  # of a result in a chart; the difference of two is finite
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 900, 460, 76, 44, 20, 46
STYLE = (
    "body{font:14px system-ui,sans-serif;color:#1b2733}pre{margin:0}"
    "td,th{text-align:left;vertical-align:top;padding:4px 14px 4px 0;border-bottom:1px solid #e4e9ee}"
)
LINE, WINNER, INK, GRID = "#3f8fc4", "#d55e00", "#1b2733", "#e4e9ee"


def write_overview(plan: Plan, ranked: Ranked) -> None:
    """Write the table and the charts; ``ranked`` are the completed trainings, best first."""
    write(Path(layout.BEST_TABLE), table_html(ranked))
    lives, budgets = lives_of(ranked), sorted({budget for budget, _, _ in ranked})
    place = {budget: at for at, budget in enumerate(budgets)}
    known = {slot: (budget, outcome.result or 0.0) for budget, slot, outcome in ranked}
    low, high = usual_range([result for _, result in known.values()])
    known = {slot: (budget, min(max(result, low), high)) for slot, (budget, result) in known.items()}
    curves = [[(float(place[known[slot][0]]), known[slot][1]) for slot in life] for life in lives]
    ticks = [(float(at), number_text(budget)) for at, budget in enumerate(budgets)]
    marks = [(value, f"{value:.4g}") for value in steps(low, high)]
    text = chart(curves, ticks, marks, ("result over the budget of a training", "budget", "result"))
    write(Path(layout.BEST_CURVES), text)
    ranks: dict[Slot, int] = {}
    counts: dict[tuple[int, int], int] = {}
    for _, slot, _ in ranked:  # within a stage, best first
        counts[slot.bracket, slot.stage] = ranks[slot] = counts.get((slot.bracket, slot.stage), 0) + 1
    rungs = [[(float(slot.stage), -math.log10(ranks[slot])) for slot in life] for life in lives]
    stages = max(stage.index for bracket in plan.brackets for stage in bracket.stages)
    marks = [(-math.log10(n), str(n)) for n in (1, 3, 10, 30, 100, 300, 1000, 3000, 10000) if n <= max(counts.values())]
    text = chart(rungs, [(float(s), str(s)) for s in range(stages + 1)], marks, ("rank in each stage", "stage", "rank"))
    write(Path(layout.BEST_LADDER), text)


def lives_of(ranked: Ranked) -> list[list[Slot]]:
    """The completed trainings of each configuration, smallest budget first; the best configuration comes last."""
    completed = {slot for _, slot, _ in ranked}
    origin: dict[Slot, Slot] = {}
    for bracket, stage in sorted({(slot.bracket, slot.stage) for slot in completed if slot.stage}):
        for config, entry in enumerate(read_table(bracket, stage - 1) or []):
            if entry:
                origin[Slot(bracket, stage, config)] = Slot(bracket, stage - 1, entry[0])
    promoted = set(origin.values())
    lives = []
    for _, slot, _ in reversed(ranked):
        if slot not in promoted:
            lives.append([slot])
            while lives[-1][0] in origin:
                lives[-1].insert(0, origin[lives[-1][0]])
    best = next((life for life in lives if ranked[0][1] in life), [])
    kept = [[slot for slot in life if slot in completed] for life in lives if life is not best]
    return [*kept[:: max(1, len(kept) // MOST_LINES)], best]


def table_html(ranked: Ranked) -> str:
    """The best trainings with their configurations."""
    rows = [
        f"<tr><td>{place}</td><td>{html.escape(outcome.text)}</td><td>{number_text(budget)}</td><td>{slot}</td>"
        f"<td><pre>{html.escape(read(slot.path / layout.CONFIG) or '')}</pre></td></tr>"
        for place, (budget, slot, outcome) in enumerate(ranked[:SHOWN], 1)
    ]
    head = "<tr><th></th><th>result</th><th>budget</th><th>directory</th><th>configuration</th></tr>"
    start = f'<!doctype html><meta charset="utf-8"><title>Best trainings</title><style>{STYLE}</style>'
    return f"{start}<table>{head}{''.join(rows)}</table>\n"


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


def steps(low: float, high: float, number: int = 5) -> list[float]:
    """Round numbers between two.

    >>> steps(-1.03, -0.42)
    [-1.0, -0.8, -0.6]
    """
    if low == high:
        return [low]
    size = 10 ** math.floor(math.log10((high - low) / number))
    step = next(size * factor for factor in (1, 2, 5, 10) if (high - low) / (size * factor) <= number)
    return [round(i * step, 12) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def chart(
    lines: Sequence[Sequence[Point]],
    x_ticks: Sequence[tuple[float, str]],
    y_ticks: Sequence[tuple[float, str]],
    words: tuple[str, str, str],
) -> str:
    """Lines as SVG, the last one in front; ``words`` are a title and the names of the axes."""
    title, x_name, y_name = words
    xs = [x for line in lines for x, _ in line] + [x for x, _ in x_ticks]
    ys = [y for line in lines for _, y in line] + [y for y, _ in y_ticks]
    across = _scale(xs, LEFT + 12, WIDTH - RIGHT - 12)
    up = _scale(ys, HEIGHT - BOTTOM - 8, TOP + 8)
    parts = [f'<text x="{LEFT}" y="24" font-size="16" font-weight="600">{html.escape(title)}</text>']
    for x, text in x_ticks:
        parts.append(_line([(across(x), TOP), (across(x), HEIGHT - BOTTOM)], GRID))
        parts.append(f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{text}</text>')
    for y, text in y_ticks:
        parts.append(_line([(LEFT, up(y)), (WIDTH - RIGHT, up(y))], GRID))
        parts.append(f'<text x="{LEFT - 8}" y="{up(y) + 4:.1f}" text-anchor="end">{text}</text>')
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{x_name}</text>')
    parts.append(f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">{y_name}</text>')
    drawn = [[(across(x), up(y)) for x, y in line] for line in lines]
    parts += [_line(line, LINE, 0.5) + _dots(line[-1:], LINE, 1.6) for line in drawn[:-1]]
    parts += [_line(line, WINNER, 1, 3) + _dots(line, WINNER, 4.5) for line in drawn[-1:]]
    legend = f'<text x="{WIDTH - RIGHT}" y="24" text-anchor="end" fill="{WINNER}">the best configuration</text>'
    font = f'font-family="sans-serif" font-size="12" fill="{INK}"'
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'  # without, the report shows nothing
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>'
    return f'{start}<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{"".join(parts)}{legend}</svg>\n'


def _scale(values: Iterable[float], start: float, end: float) -> "_Scale":
    known = list(values)
    return _Scale(min(known), max(known), start, end)


class _Scale:
    """From values to places on the page."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.per, self.start = low, (end - start) / ((high - low) or 1.0), start

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) * self.per


def _line(points: Sequence[Point], colour: str, opacity: float = 1, width: float = 1) -> str:
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-opacity="{opacity}"/>'


def _dots(points: Sequence[Point], colour: str, size: float) -> str:
    return "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{colour}"/>' for x, y in points)
