"""A plan as a picture: the ladder of its brackets, and the schedule that is foretold. Needs matplotlib."""

import html
import io
from pathlib import Path
from typing import Any

from ..core.disk.files import write_bytes
from ..core.plan import Plan, counted
from ..errors import UsageError
from ..extras import require
from .simulate import Schedule
from .text import cost_text, plan_text

KINDS = (".svg", ".png", ".html")
MOST_DRAWN = 20_000  # trainings; more are a grey block, and take minutes


def check_picture(path: Path) -> None:
    """Refuse a kind of file that cannot be drawn, and a directory that is not there.

    Raises:
        UsageError: it is one of these.
    """
    if path.suffix.lower() not in KINDS:
        raise UsageError(f"--plot is {path}; expected a name that ends in {', '.join(KINDS)}.")
    if not path.parent.is_dir():
        raise UsageError(f"--plot is {path}; there is no directory {path.parent}.")


def write_picture(plan: Plan, schedule: Schedule | None, path: Path) -> None:
    """Draw into ``path``: SVG, PNG, or a page of HTML, by its name. Without a schedule, the ladder alone.

    Raises:
        HybandError: matplotlib is not installed.
        OSError: the file cannot be written.
    """
    check_picture(path)
    kind = path.suffix.lower()
    raw = _draw(plan, schedule, "png" if kind == ".png" else "svg")
    if kind == ".html":
        svg = raw.decode("utf-8")
        raw = (
            '<!DOCTYPE html>\n<meta charset="utf-8">\n<title>Hyperband plan</title>\n'
            f"{svg[svg.index('<svg') :]}\n<pre>{html.escape(plan_text(plan))}</pre>\n"
        ).encode()
    write_bytes(path, raw)


def _draw(plan: Plan, schedule: Schedule | None, kind: str) -> bytes:
    figure_class = require("matplotlib.figure", "plot").Figure
    with require("matplotlib", "plot").rc_context(
        {"svg.hashsalt": "plan", "svg.fonttype": "none"}
    ):  # the same bytes each time
        figure = figure_class(figsize=(9, 4 if schedule is None else 8.5), layout="constrained")
        axes = figure.subplots(1 if schedule is None else 2, squeeze=False)[:, 0]
        _ladder(axes[0], plan)
        if schedule is not None:
            _gantt(axes[1], plan, schedule)
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, dpi=120, metadata={"Date": None} if kind == "svg" else None)
    return buffer.getvalue()


def _colour(plan: Plan, bracket: int) -> Any:
    """Colour of a bracket, dark for many configurations, light for few; also in grey, and for the colour-blind."""
    from matplotlib import colormaps  # noqa: PLC0415

    width = plan.settings.smax + 1
    return colormaps["viridis"](bracket % width / width)


def _ladder(axes: Any, plan: Plan) -> None:
    """Budget and number of configurations of each stage, both logarithmic; a line for each bracket."""
    budgets = sorted({stage.budget for bracket in plan.brackets for stage in bracket.stages})
    for bracket in plan.brackets[: plan.settings.smax + 1]:
        x = [float(stage.budget) for stage in bracket.stages]
        y = [stage.configurations for stage in bracket.stages]
        colour = _colour(plan, bracket.index)
        axes.plot(x, y, "o-", color=colour, label=f"bracket {bracket.index}")
        for stage in bracket.stages:
            at, side = (float(stage.budget), stage.configurations), "left" if bracket.index % 2 else "right"
            offset = (6 if side == "left" else -6, -3)  # neighbours write on different sides
            axes.annotate(str(at[1]), at, offset, textcoords="offset points", ha=side, color=colour, fontsize=8)
    axes.set(xscale="log", yscale="log", xlabel="budget of each", ylabel="configurations")
    axes.set_xticks([float(b) for b in budgets[:20]], [f"{float(b):.4g}" for b in budgets[:20]], fontsize=8)
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:g}")
    axes.spines[["top", "right"]].set_visible(False)
    repeat = f", {plan.settings.repeat} iterations" if plan.settings.repeat > 1 else ""
    axes.set_title(f"{counted(plan.trainings, 'training run')}, cost {cost_text(plan.cost)}{repeat}")
    axes.legend(fontsize=8)


def _gantt(axes: Any, plan: Plan, schedule: Schedule) -> None:
    """A row for each worker, a bar for each training."""
    if len(schedule.spans) > MOST_DRAWN:
        raise UsageError(
            f"--plot can draw {MOST_DRAWN} training runs; the plan has {plan.trainings}. Leave --workers out."
        )
    rows: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for span in schedule.spans:
        bar = (float(span.start), float(span.end - span.start))
        rows.setdefault((span.worker, span.bracket), []).append(bar)
    for (worker, bracket), bars in rows.items():
        colour = _colour(plan, bracket)
        axes.broken_barh(bars, (worker - 0.45, 0.9), facecolors=[colour], edgecolors="white", linewidth=0.3)
    axes.set(xlabel="time, in the unit of the cost", ylabel="worker", xlim=(0, None))
    axes.set_ylim(schedule.workers - 0.5, -0.5)
    axes.yaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(f"{schedule.workers} workers: {cost_text(schedule.wall)}, busy {float(schedule.busy):.0%}")
