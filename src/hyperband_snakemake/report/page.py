"""`hyband report`: a search as one HTML file that needs nothing else, no server and no network."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from .. import __version__
from ..core.disk.files import write
from ..core.halving import ranking
from ..extras import require
from ..snapshot.durations import duration
from ..snapshot.rows import COLUMNS, NONE, PREFIX, Row, make_rows
from ..snapshot.scan import Snapshot
from ..views.export import table
from ..views.failures import Failure, failures_of
from .analysis import Span, mean_busy, pauses_of, spans_of
from .charts import SLICES, Chart, best_row, charts_of
from .figures.slices import sampled_words
from .reproduce import commands_text, facts, files
from .verdicts import importance_words, proxy_words
from .words import best_part, promotion_words, sentence, stage_lines, state_text, summary, tiles

PAGE = resources.files("hyperband_snakemake") / "report" / "assets"
FIRST = ("path", "budget", "result", "rank", "status")  # columns of the table, then parameters, then
NULL = "null"  # a parameter that is None
LAST = ("reason", "seconds", "attempts", "host", "promoted_to")
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
    "A bar says how much of the differences between scores a parameter predicts, of configurations that the prediction "
    "has not seen; the line is its 90 % interval. The rest is noise, and what other parameters do. A grey bar cannot "
    "be told from chance. A parameter of a conditional space is judged among the configurations that have it."
)


@dataclass(frozen=True)
class Page:
    """What the page shows: each field is a value that its template names."""

    name: str
    path: str
    state: str
    state_text: str
    sections: Sequence[tuple[str, str]]
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
        """Failed configurations altogether."""
        return sum(len(failure.rows) for failure in self.failures)


def report_html(snapshot: Snapshot, now: datetime | None = None) -> str:
    """Make the page of a search, finished or not.

    Raises:
        HybandError: Plotly, NumPy or SciPy is not installed.
    """
    plotly = require("plotly.offline", "report").get_plotlyjs()
    rows = make_rows(snapshot)
    moment = now or datetime.now(UTC)
    page = _page(snapshot, rows, moment.timestamp())
    data = {
        "charts": {name: {"figure": chart.figure, "height": chart.height} for name, chart in page.charts.items()},
        "table": _table(rows, maximize=snapshot.plan.settings.maximize),
        "summary": summary(snapshot),
    }
    environment = Environment(autoescape=True, trim_blocks=False, undefined=StrictUndefined)
    environment.filters |= {"g": _number, "seconds": lambda value: "" if value is None else f"{value:.1f}"}
    text = {name: (PAGE / f"report.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")}
    return environment.from_string(text["html"]).render(
        page=page,
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
        HybandError: Plotly, NumPy or SciPy is not installed.
    """
    write(path, report_html(snapshot))
    return path.stat().st_size


def _number(value: Any) -> str:
    return "–" if value is None else f"{float(value):.6g}"


def _page(snapshot: Snapshot, rows: tuple[Row, ...], now: float) -> Page:
    charts = charts_of(snapshot, rows, now)
    spans = spans_of(rows, now)
    state, state_words = state_text(snapshot)
    return Page(
        name=snapshot.path.resolve().name,
        path=str(snapshot.path),
        state=state,
        state_text=state_words,
        sections=[(name, title) for name, title, chart in SECTIONS if not chart or chart in charts],
        better="Higher is better." if snapshot.plan.settings.maximize else "Lower is better.",
        best=best_part(snapshot, rows, best_row(snapshot, rows)),
        stages=stage_lines(snapshot),
        unpromoted=promotion_words(snapshot),
        proxy=proxy_words(snapshot, rows),
        importance=importance_words(snapshot, rows),
        failures=failures_of(snapshot, rows),
        busy=_busy(spans),
        charts=charts,
        slices=[name for name in charts if name.startswith("chart-slice")][:SLICES],
        folded=[name for name in charts if name.startswith("chart-slice")][SLICES:],
        regions=[name for name in charts if name.startswith("chart-region")],
        sampled=sampled_words(rows),
        summary=sentence(snapshot, rows),
        tiles=tiles(snapshot, rows, spans),
        commands=commands_text(snapshot),
        facts=facts(snapshot, rows),
        files=files(snapshot),
    )


def _busy(spans: Sequence[Span]) -> str:
    lanes = max((span.lane for span in spans), default=0) + 1
    words = f"At most {lanes} ran at the same time, {mean_busy(spans):.1f} on average"
    pauses = pauses_of(spans)
    if not pauses:
        return f"{words}."
    total = duration(sum(end - begin for begin, end in pauses))
    number = "1 pause" if len(pauses) == 1 else f"{len(pauses)} pauses"
    return f"{words} while the search was at work; {number} of {total} in all are not counted."


def _table(rows: tuple[Row, ...], *, maximize: bool) -> dict[str, Any]:
    """All rows by column, best first as everywhere; texts that repeat are numbered."""
    ranked = ranking.order_across((row.entry for row in rows), maximize=maximize)
    order = {slot: i for i, (_, slot, _) in enumerate(ranked)}
    best_first = sorted(rows, key=lambda row: (order.get(row.slot, len(order)), row.slot))
    columns = table([replace(row, seconds=row.total_seconds) for row in best_first])
    constant = {name for name, values in columns.items() if name.startswith(PREFIX) and len(set(values)) == 1}
    for name in [name for name in columns if name.startswith(NONE)]:
        own_column = columns[PREFIX + name.removeprefix(NONE)]
        if any(isinstance(value, str) for value in own_column):  # it has room for the word
            nones = columns.pop(name)
            own_column[:] = [NULL if none else v for v, none in zip(own_column, nones, strict=True)]
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
