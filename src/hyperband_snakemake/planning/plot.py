"""A plan as a picture: the ladder of its brackets, and the predicted schedule. Needs matplotlib."""

import html
import io
from collections.abc import Sequence
from math import log10
from pathlib import Path
from typing import Any

from ..core.disk.files import write_bytes
from ..core.plan import Bracket, Plan, counted, number_text
from ..errors import UsageError
from ..extras import require
from .simulate import Schedule
from .text import cost_text, plan_text

KINDS = (".svg", ".png", ".html")
MOST_DRAWN = 20_000  # training runs; more would be a grey block and take minutes
PALETTE = (  # for brackets; all contrast with white, most also in greyscale and for colour-blind people
    *("#3a1a66", "#2f6fb3", "#25887f", "#a34700", "#b03060"),
    *("#5d6b7a", "#6b5b00", "#7a3db8", "#0b6e2e", "#111111"),
)
HATCHES = ("", "////", "....", "xxxx", "----")  # for iterations
APART = 0.004  # share of the time: bars at least this long have an edge
ROOM = (0.05, 0.065)  # share of the picture that a number needs, across and upwards
STYLE = (
    ":root{color-scheme:light dark}body{font:15px system-ui,sans-serif;margin:16px;color:#1b2733;background:#fff}"
    "svg{max-width:100%;height:auto}pre{overflow-x:auto}"
    "@media(prefers-color-scheme:dark){body{color:#e6ecf2;background:#000}svg{filter:invert(1) hue-rotate(180deg)}}"
)


def check_picture(path: Path) -> None:
    """Refuse file types that cannot be drawn, and missing directories.

    Raises:
        UsageError: the path is one of these.
    """
    if path.suffix.lower() not in KINDS:
        raise UsageError(f"--plot is {path}; expected a name that ends in {', '.join(KINDS)}.")
    if not path.parent.is_dir():
        raise UsageError(f"--plot is {path}; there is no directory {path.parent}.")


def write_picture(plan: Plan, schedule: Schedule | None, path: Path) -> None:
    """Draw into ``path``: SVG, PNG or an HTML page, by its name. Without a schedule, draw only the ladder.

    Raises:
        HybandError: matplotlib is not installed.
        OSError: the file cannot be written.
    """
    check_picture(path)
    kind = path.suffix.lower()
    raw = _draw(plan, schedule, "png" if kind == ".png" else "svg")
    if kind == ".html":
        raw = _page(plan, raw.decode("utf-8")).encode()
    write_bytes(path, raw)


def _page(plan: Plan, svg: str) -> str:
    """An HTML page with the picture and the plan's table, light or dark to match the browser."""
    title = f"Hyperband plan: {plan.trainings:,} training runs, cost {cost_text(plan.cost)}"
    picture = svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{title}; the table is below"', 1)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"{picture}\n<pre>{html.escape(plan_text(plan))}</pre>\n</body>\n</html>\n"
    )


def _draw(plan: Plan, schedule: Schedule | None, kind: str) -> bytes:
    figure_class = require("matplotlib.figure", "plot").Figure
    look = {"svg.hashsalt": "plan", "svg.fonttype": "none", "hatch.color": "white", "hatch.linewidth": 0.8}
    with require("matplotlib", "plot").rc_context(look):  # reproducible bytes
        figure = figure_class(figsize=(9, 4 if schedule is None else 8.5), layout="constrained")
        axes = figure.subplots(1 if schedule is None else 2, squeeze=False)[:, 0]
        _ladder(axes[0], plan)
        if schedule is not None:
            _gantt(axes[1], plan, schedule)
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, dpi=120, metadata={"Date": None} if kind == "svg" else None)
    return buffer.getvalue()


def _iterations(plan: Plan) -> dict[int, tuple[int, int]]:
    """For each bracket number: the index of its kind, and how many of that kind come before it."""
    kinds: list[tuple[Any, ...]] = []
    before: dict[tuple[Any, ...], int] = {}
    found = {}
    for bracket in plan.brackets:
        kind = _kind(bracket)
        if kind not in before:
            kinds.append(kind)
        found[bracket.index] = kinds.index(kind), before.get(kind, 0)
        before[kind] = before.get(kind, 0) + 1
    return found


def _kind(bracket: Bracket) -> tuple[Any, ...]:
    return tuple((stage.budget, stage.configurations) for stage in bracket.stages)


def _ladder(axes: Any, plan: Plan) -> None:
    """Budget and number of configurations of each stage, both on log scales, with a line for each kind of bracket."""
    kinds = _iterations(plan)
    shown = [bracket for bracket in plan.brackets if kinds[bracket.index][1] == 0]
    for bracket in shown:
        x = [float(stage.budget) for stage in bracket.stages]
        y = [stage.configurations for stage in bracket.stages]
        axes.plot(
            x,
            y,
            _marker(kinds[bracket.index][0]),
            color=_colour(kinds[bracket.index][0]),
            label=f"bracket {bracket.index}",
        )
    axes.set(xscale="log", yscale="log", xlabel="budget of each", ylabel="configurations")
    _number(axes, shown)
    budgets = _spread([float(stage.budget) for bracket in shown for stage in bracket.stages], 16)
    axes.set_xticks(budgets, [_text(b) for b in budgets], fontsize=8)
    counts = [stage.configurations for bracket in shown for stage in bracket.stages]
    ticks = [n * 10**power for power in range(7) for n in ((1, 2, 5) if max(counts) < 200 else (1, 3))]  # noqa: PLR2004
    ticks = [tick for tick in ticks if min(counts) <= tick <= max(counts)]
    axes.set_yticks(ticks, [f"{tick:,}" for tick in ticks], fontsize=8)
    axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)
    repeat = f", {plan.settings.repeat} iterations" if plan.settings.repeat > 1 else ""
    axes.set_title(f"{counted(plan.trainings, 'training run')}, cost {cost_text(plan.cost)}{repeat}")
    axes.legend(fontsize=8, ncols=2 if len(shown) > 6 else 1)  # noqa: PLR2004


def _number(axes: Any, shown: Sequence[Bracket]) -> None:
    """Write the number of configurations next to a stage's dot if there is room; the axis shows the others."""
    points = {(log10(stage.budget), log10(stage.configurations)) for bracket in shown for stage in bracket.stages}
    width, height = (max(side) - min(side) or 1.0 for side in zip(*points, strict=True))
    taken: list[tuple[float, float]] = []
    box = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    for x, y in sorted(points, key=lambda point: (-point[1], point[0])):
        place = x / width, y / height
        if all(abs(place[0] - a) > ROOM[0] or abs(place[1] - b) > ROOM[1] for a, b in taken):
            taken.append(place)
            at = (10**x, 10**y)
            axes.annotate(f"{round(at[1]):,}", at, (5, 4), textcoords="offset points", ha="left", fontsize=8, bbox=box)


def _spread(values: Sequence[float], most: int) -> list[float]:
    """Some of the values, none too close to the previous one on a logarithmic axis."""
    ordered = sorted(set(values))
    least = log10(ordered[-1] / ordered[0]) / most
    found = ordered[:1]
    for value in ordered[1:]:
        if log10(value / found[-1]) >= least:
            found.append(value)
    return found


def _text(budget: float) -> str:
    return number_text(budget) if len(number_text(budget)) <= 9 else f"{budget:.6g}"  # noqa: PLR2004


def _colour(kind: int) -> str:
    return PALETTE[kind % len(PALETTE)]


def _marker(kind: int) -> str:
    """Dots; squares once the colours repeat."""
    return "os^"[kind // len(PALETTE) % 3] + "-"


def _gantt(axes: Any, plan: Plan, schedule: Schedule) -> None:
    """A row for each worker, a bar for each training run; iterations have different hatches."""
    if len(schedule.spans) > MOST_DRAWN:
        raise UsageError(
            f"--plot can draw {MOST_DRAWN} training runs; the plan has {plan.trainings}. Leave --workers out."
        )
    rows: dict[tuple[int, int, bool], list[tuple[float, float]]] = {}
    for span in schedule.spans:
        bar = (float(span.start), float(span.end - span.start))
        is_long = bar[1] >= APART * float(schedule.wall)
        rows.setdefault((span.worker, span.bracket, is_long), []).append(bar)
    kinds = _iterations(plan)
    for (worker, bracket, is_long), bars in rows.items():
        kind, iteration = kinds[bracket]
        edge = {"edgecolors": "white", "linewidth": 0.5} if is_long else {"linewidth": 0}
        hatch = {"hatch": HATCHES[iteration % len(HATCHES)]} if iteration else {}
        axes.broken_barh(bars, (worker - 0.45, 0.9), facecolors=[_colour(kind)], **edge, **hatch)
    axes.set(xlabel="time, in the unit of the cost", ylabel="worker", xlim=(0, None))
    axes.set_ylim(schedule.workers - 0.5, -0.5)
    axes.yaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    axes.spines[["top", "right"]].set_visible(False)
    title = f"{schedule.workers} workers: {cost_text(schedule.wall)}, busy {float(schedule.busy):.0%}"
    axes.set_title(title, loc="left" if plan.settings.repeat > 1 else "center")
    most = max(iteration for _, iteration in kinds.values())
    if most:
        patch = require("matplotlib.patches", "plot").Patch
        names = range(min(most + 1, len(HATCHES)))
        keys = [
            patch(facecolor="#5d6b7a", edgecolor="white", hatch=HATCHES[i], label=f"iteration {i + 1}") for i in names
        ]
        axes.legend(handles=keys, fontsize=8, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(keys), frameon=False)
