"""`hyband report`: a search as one self-contained HTML file, without a server or network."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import __version__
from ..core.disk.files import write
from ..extras import require
from ..snapshot.durations import duration
from ..snapshot.rows import Row, make_rows
from ..snapshot.scan import Snapshot
from ..views.failures import Failure, failures_of
from .analysis import Span, mean_busy, pauses_of, spans_of
from .charts import SLICES, Chart, best_row, charts_of
from .embedded.assets import script, style, template
from .embedded.columns import table_of
from .embedded.panels import panels_of
from .figures.slices import sampled_words
from .reproduce import commands_text, facts, files
from .space_view import SpaceView, space_of
from .verdicts import importance_words, proxy_words
from .words import best_part, promotes, promotion_words, sentence, stage_lines, state_text, summary, tiles

DRAWN_THERE = ("chart-parallel",)  # drawn by the page's own scripts, from its table
BUDGETS = "budgets"  # stands for several budgets of a configuration
MORE = "more"  # stands for charts without a fixed place
PLACES = (
    *("ladder", "spent", "time", "curves", "correlation", "importance", "slice", "region"),
    *("parallel", "timeline", "cost"),
)
SECTIONS = (  # name, title, and the chart that the section depends on
    ("best", "Best", "chart-curves"),
    ("ladder", "Promotions", ""),
    ("progress", "Progress", "chart-spent"),
    ("curves", "Curves", "chart-curves"),
    ("proxy", "Budgets", BUDGETS),
    ("parameters", "Parameters", "chart-slice-0"),
    ("failures", "Failures", ""),
    ("timeline", "Timeline", "chart-timeline"),
    ("more", "More", MORE),
    ("table", "Table", ""),
    ("reproduce", "Reproduce", ""),
)
IMPORTANCE = (
    "A bar shows how much of the differences between scores a parameter predicts, for configurations that the "
    "prediction has not seen; the line is its 90 % interval. The rest is noise and the effect of other parameters. A "
    "grey bar could be chance. A conditional parameter is judged among the configurations that have it."
)


@dataclass(frozen=True)
class Page:
    """What the page shows: each field is used in its template."""

    name: str
    path: str
    state: str
    state_text: str
    sections: Sequence[tuple[str, str]]
    promotes: bool
    better: str
    best: Mapping[str, Any] | None
    stages: Sequence[Mapping[str, Any]]
    unpromoted: str
    proxy: Sequence[str]
    failures: Sequence[Failure]
    busy: str
    charts: Mapping[str, Chart]
    slices: Sequence[str]
    folded: Sequence[str]
    regions: Sequence[str]
    others: Sequence[str]
    sampled: str
    summary: str
    tiles: Sequence[Mapping[str, Any]]
    commands: str
    facts: Sequence[tuple[str, str]]
    files: Sequence[tuple[str, str]]
    importance: Sequence[str]
    importance_words: str = IMPORTANCE

    @property
    def failed(self) -> int:
        """Number of failed configurations."""
        return sum(len(failure.rows) for failure in self.failures)


def report_html(snapshot: Snapshot, now: datetime | None = None, every: float | None = None) -> str:
    """Make the page for a search, finished or not; with ``every``, it reloads itself after that many seconds.

    Raises:
        HybandError: Plotly, NumPy or SciPy is not installed.
    """
    plotly = require("plotly.offline", "report").get_plotlyjs()
    rows = make_rows(snapshot)
    space = space_of(snapshot, rows)
    moment = now or datetime.now(UTC)
    page = _page(snapshot, rows, space, moment.timestamp())
    return template("report.html").render(
        page=page,
        css=style(),
        js=script(),
        plotly=plotly.replace("</script", "<\\/script"),
        data=_json(_data(snapshot, rows, space, page) | {"made": moment.isoformat(timespec="seconds"), "every": every}),
        panels=panels_of(snapshot, rows),
        every=every,
        version=__version__,
        made=moment.strftime("%Y-%m-%d %H:%M UTC"),
    )


def _data(snapshot: Snapshot, rows: tuple[Row, ...], space: SpaceView, page: Page) -> dict[str, Any]:
    """What the scripts draw and list."""
    figures = {name: chart for name, chart in page.charts.items() if name not in DRAWN_THERE}
    return {
        "charts": {name: {"figure": chart.figure, "height": chart.height} for name, chart in figures.items()},
        "table": table_of(rows, space.parameters, maximize=snapshot.plan.settings.maximize),
        "summary": summary(snapshot),
        "name": page.name,
        "search": page.path,
        "best": page.best["path"] if page.best else None,
    }


def _json(value: Any) -> str:
    """Data as JSON that is safe in a script element."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def write_report(snapshot: Snapshot, path: Path, every: float | None = None) -> int:
    """Write the page to a file, replacing an older one. Return its size in bytes. ``every``: see `report_html`.

    Raises:
        HybandError: Plotly, NumPy or SciPy is not installed.
    """
    write(path, report_html(snapshot, every=every))
    return path.stat().st_size


def _page(snapshot: Snapshot, rows: tuple[Row, ...], space: SpaceView, now: float) -> Page:
    charts = charts_of(snapshot, rows, space, now)
    spans = spans_of(rows, now)
    state, state_words = state_text(snapshot)
    others = [name for name in charts if not name.removeprefix("chart-").startswith(PLACES)]
    return Page(
        name=snapshot.path.resolve().name,
        path=str(snapshot.path),
        state=state,
        state_text=state_words,
        sections=_sections({*charts, *([MORE] if others else []), *([BUDGETS] if promotes(snapshot) else [])}),
        promotes=promotes(snapshot),
        better="Higher is better." if snapshot.plan.settings.maximize else "Lower is better.",
        best=best_part(snapshot, rows, best_row(snapshot, rows)),
        stages=stage_lines(snapshot),
        unpromoted=promotion_words(snapshot),
        proxy=proxy_words(snapshot, rows),
        importance=importance_words(space, rows),
        failures=failures_of(snapshot, rows),
        busy=_busy(spans),
        charts=charts,
        slices=[name for name in charts if name.startswith("chart-slice")][:SLICES],
        folded=[name for name in charts if name.startswith("chart-slice")][SLICES:],
        regions=[name for name in charts if name.startswith("chart-region")],
        others=others,
        sampled=sampled_words(rows),
        summary=sentence(snapshot, rows),
        tiles=tiles(snapshot, rows, spans),
        commands=commands_text(snapshot),
        facts=facts(snapshot, rows),
        files=files(snapshot),
    )


def _sections(there: Collection[str]) -> list[tuple[str, str]]:
    """Names and titles of the sections that have something to show."""
    return [(name, title) for name, title, what in SECTIONS if what in {"", *there}]


def _busy(spans: Sequence[Span]) -> str:
    lanes = max((span.lane for span in spans), default=0) + 1
    words = f"At most {lanes} ran at the same time, {mean_busy(spans):.1f} on average"
    pauses = pauses_of(spans)
    if not pauses:
        return f"{words}."
    total = duration(sum(end - begin for begin, end in pauses))
    number = "1 pause" if len(pauses) == 1 else f"{len(pauses)} pauses"
    return f"{words} while the search was at work; {number} of {total} in all are not counted."
