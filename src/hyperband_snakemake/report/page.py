"""`hyband report`: a search as one HTML file that needs nothing else, no server and no network."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment

from .. import __version__
from ..core.halving import ranking
from ..core.tree.files import write
from ..extras import require
from ..snapshot.rows import COLUMNS, PREFIX, Row, make_rows
from ..snapshot.scan import Snapshot
from ..views.export import table
from ..views.failures import failures_of
from .analysis import Span, birth_scores, lives, mean_busy, pairs_of, progress_of, spans_of
from .figures import MOST_POINTS, Figure
from .importance import importances, varying
from .iterations import Group, groups_of
from .reproduce import again_text, facts, files
from .run_figures import failure_regions, timeline
from .search_figures import correlation, curves, ladder, laddered, progress
from .space_figures import importance_bars, parallel, slice_of
from .words import best_part, proxy_words, sentence, stage_lines, state_of, summary, tiles

PAGE = resources.files("hyperband_snakemake") / "report" / "assets"
FIRST = ("path", "budget", "result", "rank", "status")  # columns of the table, then parameters, then
LAST = ("reason", "seconds", "attempts", "host", "promoted_to")
SLICES, REGIONS, AXES = 12, 6, 8


@dataclass(frozen=True)
class Chart:
    """A figure, its height in pixels, and what it shows in words."""

    figure: Figure
    height: int
    label: str


def report_html(snapshot: Snapshot, now: datetime | None = None) -> str:
    """Make the page of a search, finished or not.

    Raises:
        HybandError: Plotly or Optuna is not installed.
    """
    plotly = require("plotly.offline", "report").get_plotlyjs()
    rows = make_rows(snapshot)
    moment = now or datetime.now(UTC)
    parts = _parts(snapshot, rows, moment.timestamp())
    charts = parts["charts"]
    data = {
        "charts": {name: {"figure": chart.figure, "height": chart.height} for name, chart in charts.items()},
        "table": _table(rows, maximize=snapshot.plan.settings.maximize),
        "summary": summary(snapshot),
    }
    environment = Environment(autoescape=True, trim_blocks=False)
    environment.filters |= {"g": _number, "seconds": lambda value: "" if value is None else f"{value:.1f}"}
    text = {name: (PAGE / f"report.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")}
    return environment.from_string(text["html"]).render(
        **parts,
        css=text["css"],
        js=text["js"],
        plotly=plotly.replace("</script", "<\\/script"),
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        version=__version__,
        made=moment.strftime("%Y-%m-%d %H:%M UTC"),
    )


def write_report(snapshot: Snapshot, path: Path) -> int:
    """Write the page into a file, an older one is replaced; its size in bytes.

    Raises:
        HybandError: Plotly or Optuna is not installed.
    """
    write(path, report_html(snapshot))
    return path.stat().st_size


def _number(value: Any) -> str:
    return "–" if value is None else f"{float(value):.6g}"


def _parts(snapshot: Snapshot, rows: tuple[Row, ...], now: float) -> dict[str, Any]:
    """What the page shows, as values of its template."""
    best = _best_of(snapshot, rows)
    charts = charts_of(snapshot, rows, now)
    spans = spans_of(rows, now)
    state, state_text = state_of(snapshot, rows)
    groups = failures_of(snapshot, rows)
    return {
        "name": snapshot.path.resolve().name,
        "path": str(snapshot.path),
        "state": state,
        "state_text": state_text,
        "sections": [(name, title) for name, title, chart in SECTIONS if not chart or chart in charts],
        "better": _better(snapshot),
        "best": best_part(snapshot, rows, best),
        "stages": stage_lines(snapshot),
        "proxy": proxy_words(snapshot, rows),
        "failures": groups,
        "failed": sum(len(group.rows) for group in groups),
        "busy": _busy(spans),
        "charts": charts,
        "slices": [name for name in charts if name.startswith("chart-slice")],
        "regions": [name for name in charts if name.startswith("chart-region")],
        "sampled": f"; {MOST_POINTS} of them, by lot" if sum(row.stage == 0 for row in rows) > MOST_POINTS else "",
        "importance_words": IMPORTANCE,
        "summary": sentence(snapshot, rows),
        "tiles": tiles(snapshot, rows, spans),
        "again": again_text(snapshot),
        "facts": facts(snapshot, rows),
        "files": files(snapshot),
    }


def charts_of(snapshot: Snapshot, rows: tuple[Row, ...], now: float) -> dict[str, Chart]:
    """All charts of a search by name, ``now`` in seconds since 1970; those that have nothing to show are missing.

    Raises:
        HybandError: Optuna is not installed.
    """
    best = _best_of(snapshot, rows)
    maximize = snapshot.plan.settings.maximize
    charts = _search_charts(rows, best, groups_of(snapshot), maximize=maximize)
    charts |= _space_charts(rows, best, maximize=maximize)
    if spans := spans_of(rows, now):
        lanes = max(span.lane for span in spans) + 1
        charts["chart-timeline"] = Chart(timeline(spans), 300 + min(260, 12 * lanes), "trainings over time")
    return charts


def _best_of(snapshot: Snapshot, rows: tuple[Row, ...]) -> Row | None:
    slot = snapshot.best[1] if snapshot.best else None
    return next((row for row in rows if row.slot == slot), None)


def _better(snapshot: Snapshot) -> str:
    return "Higher is better." if snapshot.plan.settings.maximize else "Lower is better."


SECTIONS = (  # name, title, and the chart without which it is not there
    ("best", "Best", "chart-curves"),
    ("ladder", "Promotions", ""),
    ("progress", "Progress", "chart-spent"),
    ("curves", "Curves", "chart-curves"),
    ("proxy", "Budgets", ""),
    ("parameters", "Parameters", "chart-importance"),
    ("failures", "Failures", ""),
    ("timeline", "Timeline", "chart-timeline"),
    ("table", "Table", ""),
    ("reproduce", "Again", ""),
)
IMPORTANCE = (
    "The bars tell how much the configurations in the best tenth differ from the others in each parameter (PED-ANOVA, "
    "Watanabe et al. 2023, as in Optuna), less what shuffled scores would show by chance. A parameter of a conditional "
    "space is judged among the configurations that have it. With few configurations this is a hint and no more."
)


def _busy(spans: Sequence[Span]) -> str:
    lanes = max((span.lane for span in spans), default=0) + 1
    return f"At most {lanes} ran at the same time, {mean_busy(spans):.1f} on average."


def _search_charts(
    rows: tuple[Row, ...], best: Row | None, groups: Sequence[Group], *, maximize: bool
) -> dict[str, Chart]:
    charts: dict[str, Chart] = {}
    if any(row.origin and row.rank for row in rows):
        height = 120 + 260 * len(laddered(rows, best, groups))
        figure = ladder(rows, best, groups)
        charts["chart-ladder"] = Chart(figure, height, "rank of the promoted configurations in their stages")
    steps = progress_of(rows, maximize=maximize)
    if steps:
        charts["chart-spent"] = Chart(progress(steps, "spent"), 340, "best result so far against the budget spent")
        charts["chart-time"] = Chart(progress(steps, "seconds"), 340, "best result so far against time")
    if best:
        charts["chart-curves"] = Chart(curves(rows, best), 440, "results over budgets")
    pairs = pairs_of(rows)
    if pairs:
        height = 130 + 56 * len({pair.low for pair in pairs})
        charts["chart-correlation"] = Chart(correlation(pairs), max(240, min(height, 560)), "rank correlations")
    return charts


def _space_charts(rows: tuple[Row, ...], best: Row | None, *, maximize: bool) -> dict[str, Chart]:
    scores = birth_scores(rows, maximize=maximize)
    parameters = varying(rows)
    if not scores or not parameters:
        return {}
    shares = importances(parameters, scores)
    parameters.sort(key=lambda parameter: -shares[parameter.name])
    reached = {root: life[-1].stage for root, life in lives(rows).items()}
    root = best.root if best else None
    shown = len(list(shares.items())[:SLICES])
    charts = {"chart-importance": Chart(importance_bars(shares), 80 + 30 * shown, "importance of the parameters")}
    for place, parameter in enumerate(parameters[:SLICES]):
        figure = slice_of(parameter, scores, reached, root)
        charts[f"chart-slice-{place}"] = Chart(figure, 260, f"score over {parameter.name}")
    if len(parameters) > 1:
        figure = parallel(parameters[:AXES], scores, reached, root)
        charts["chart-parallel"] = Chart(figure, 460, "configurations across their parameters")
    if any(row.status == "failed" for row in rows):
        for place, (name, figure) in enumerate(failure_regions(rows, parameters)[:REGIONS]):
            charts[f"chart-region-{place}"] = Chart(figure, 230, f"share of failures over {name}")
    return charts


def _table(rows: tuple[Row, ...], *, maximize: bool) -> dict[str, Any]:
    """All rows by column, best first as everywhere; texts that repeat are numbered."""
    ranked = ranking.order_across((row.entry for row in rows), maximize=maximize)
    order = {slot: i for i, (_, slot, _) in enumerate(ranked)}
    best_first = sorted(rows, key=lambda row: (order.get(row.slot, len(order)), row.slot))
    columns = table([replace(row, seconds=row.total_seconds) for row in best_first])
    constant = {name for name, values in columns.items() if name.startswith(PREFIX) and len(set(values)) == 1}
    own = [name for name in columns if name not in COLUMNS and name not in constant]
    names = [*FIRST, *own, *LAST]
    number = [all(not isinstance(v, str | bool) for v in columns[name]) for name in names]
    return {
        "names": names,
        "late": len(names) - len(LAST),
        "number": number,
        "rows": len(rows),
        "columns": [_packed(columns[name]) for name in names],
    }


def _packed(values: list[Any]) -> dict[str, Any]:
    if not any(isinstance(value, str) for value in values):
        return {"values": values}
    words: dict[Any, int] = {}
    numbers = [words.setdefault(value, len(words)) for value in values]
    return {"values": numbers, "words": list(words)}
