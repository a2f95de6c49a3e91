"""A `Snapshot` as one page that needs nothing else: its numbers as JSON, its style and script within."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from . import __version__, analysis
from .core import layout
from .core.files import read, write
from .core.outcome import Status
from .core.plan import number_text
from .core.planfile import json_number
from .export import table
from .rows import PREFIX, Row, make_rows, parameter_names
from .scan import Snapshot

GOOD, FAIR = 0.7, 0.4


def report_html(snapshot: Snapshot) -> str:
    """Text of the page. It makes no request to anywhere, and its policy forbids any."""
    page = files(__package__) / "page"
    data = json.dumps(report_data(snapshot), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    parts = {
        "{{style}}": (page / "report.css").read_text(encoding="utf-8"),
        "{{script}}": (page / "report.js").read_text(encoding="utf-8"),
        "{{data}}": data.replace("<", "\\u003c"),  # no text of a configuration can end the script
    }
    text = (page / "report.html").read_text(encoding="utf-8")
    for mark, part in parts.items():
        before, after = text.split(mark)
        text = before + part + after
    return text


def report_data(snapshot: Snapshot) -> dict[str, Any]:
    """Everything that the page shows, as JSON has it."""
    rows = make_rows(snapshot)
    correlations = analysis.stage_correlations(rows)
    return {
        "summary": _summary(snapshot, rows),
        "correlations": correlations,
        "words": proxy_words(correlations, rows, snapshot),
        "importance": analysis.importance(rows),
        "best_over_time": analysis.best_over_time(rows, maximize=snapshot.plan.settings.maximize),
        "failures": Counter(row.reason or "?" for row in rows if row.status == Status.FAILED).most_common(),
        "regions": analysis.failing_regions(rows),
        "workers": analysis.workers(rows),
        "parameters": parameter_names(rows),
        "prefix": PREFIX,
        "columns": _packed(table(rows)),
        "reproduce": _reproduce(snapshot),
    }


def _packed(columns: dict[str, list[Any]]) -> dict[str, Any]:
    """Columns of text as numbers of the words in a list, so that 20,000 rows stay small."""
    packed: dict[str, Any] = {}
    for name, values in columns.items():
        if any(isinstance(value, str) for value in values):
            words = {word: i for i, word in enumerate(dict.fromkeys(values))}
            if len(words) < len(values) / 2:
                packed[name] = {"words": list(words), "codes": [words[value] for value in values]}
                continue
        packed[name] = values
    return packed


def _summary(snapshot: Snapshot, rows: Sequence[Row]) -> dict[str, Any]:
    plan, best = snapshot.plan, snapshot.best
    counts = Counter(row.status for row in rows)
    trained = (Status.COMPLETED, Status.FAILED)
    cost = sum(row_count * row_cost for row_count, row_cost in _costs(snapshot, trained))
    return {
        "name": snapshot.path.resolve().name,
        "written": time.strftime("%F %H:%M UTC", time.gmtime()),
        "version": __version__,
        "complete": snapshot.complete,
        "trainings": plan.trainings,
        "done": snapshot.done,
        "counts": {str(status): counts[status] for status in Status},
        "budget": json_number(plan.budget),
        "budget_spent": json_number(snapshot.spent),
        "cost": float(plan.cost),
        "cost_spent": float(cost),
        "eta": plan.settings.eta,
        "smax": plan.settings.smax,
        "brackets": [{"bracket": b.index, "stages": len(b.stages)} for b in plan.brackets],
        "seconds": round(sum(row.total_seconds or 0 for row in rows), 1),
        "best": best and {"result": best[2].result, "budget": json_number(best[0]), "path": str(best[1])},
        "best_config": best and read(snapshot.path / best[1].path / layout.CONFIG),
    }


def _costs(snapshot: Snapshot, trained: Sequence[Status]) -> list[tuple[int, Any]]:
    return [
        (sum(outcome.status in trained for outcome in view.outcomes), view.stage.cost / view.stage.configurations)
        for bracket in snapshot.brackets
        for view in bracket.stages
    ]


def proxy_words(correlations: Sequence[dict[str, Any]], rows: Sequence[Row], snapshot: Snapshot) -> list[str]:
    """Say what the correlations and the winners of the brackets mean for the next search."""
    words = []
    known = [pair for pair in correlations if pair["rho"] is not None]
    if known:
        weight = sum(pair["n"] for pair in known)
        mean = sum(pair["rho"] * pair["n"] for pair in known) / weight
        verdict = "a good" if mean >= GOOD else "a fair" if mean >= FAIR else "a poor"
        words.append(
            f"A smaller budget was {verdict} proxy for a larger one: mean rank correlation {mean:.2f}. Only promoted "
            "configurations are in both stages of a pair, and they are alike, which lowers it."
        )
    if snapshot.best is None:
        return words
    final = snapshot.best[1]
    by_path = {row.path: row for row in rows}
    row = by_path[str(final)]
    sizes = {(b.bracket.index, v.stage.index): len(v.top) for b in snapshot.brackets for v in b.stages}
    places = []
    while row.origin:
        row = by_path[row.origin]
        places.append(f"{row.rank} of {sizes[row.bracket, row.stage]} at budget {number_text(row.budget)}")
    if places:
        words.append(f"The best configuration was in place {', '.join(reversed(places))} on its way up.")
    if not snapshot.complete:  # a bracket that still runs may find a better one
        return words
    smax = snapshot.plan.settings.smax
    start = number_text(snapshot.plan.brackets[0].stages[0].budget)
    words.append(
        f"It comes from bracket {final.bracket}, whose smallest budget is {number_text(row.budget)}. "
        + (
            f"Smaller budgets led to nothing better: a search of smax {smax - final.bracket} that starts with this one "
            "would have found it."
            if final.bracket
            else f"Trainings as short as {start} were worth while."
        )
    )
    return words


def _reproduce(snapshot: Snapshot) -> dict[str, Any]:
    names = (layout.PLAN, layout.RUN, layout.PROFILE, layout.CHECKSUMS, layout.SLURM)
    found = {name: read(snapshot.path / name) for name in names}
    return {name: text[:20_000] for name, text in found.items() if text}


def write_report(snapshot: Snapshot, path: Path) -> int:
    """Write the page; gives its size in bytes."""
    text = report_html(snapshot)
    write(path, text)
    return len(text.encode())
