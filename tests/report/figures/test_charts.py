"""What the figures hold: nothing is cut off without a mark, texts are texts, and levels are told apart."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.report.analysis import Span, birth_scores, mean_busy, spans_of
from hyperband_snakemake.report.charts import charts_of
from hyperband_snakemake.report.figures.clock import Clock, Mark, clock_of
from hyperband_snakemake.report.figures.curves import curves
from hyperband_snakemake.report.figures.failures import failure_regions
from hyperband_snakemake.report.figures.history import best_so_far, events_of, history
from hyperband_snakemake.report.figures.slices import Slicer, views_of
from hyperband_snakemake.report.figures.texts import labels, level_text, level_texts
from hyperband_snakemake.report.figures.timeline import cost, timeline
from hyperband_snakemake.report.importance import varying
from hyperband_snakemake.report.levels import in_order
from hyperband_snakemake.report.space_view import space_of
from hyperband_snakemake.snapshot.rows import Run, make_rows
from hyperband_snakemake.snapshot.scan import scan

from ...synthetic import make
from ..test_analysis import row, space

RUN = Run("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", 1.0, "n1", good=True)
NAMES = ["<s>", "</s>", "&lt;", "$x$", "%{x}", "a\nb"]


def span(begin: float, end: float, *, lane: int = 0, good: bool = True) -> Span:
    return Span(row(0, lane, 0.5 if good else None), replace(RUN, good=good), begin, end, lane)


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict | list):
            yield from texts_in(part)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=9, unique=True), st.integers(8, 30))
def test_labels_of_different_texts_differ_and_hold_no_markup(texts: list[str], longest: int) -> None:
    found = labels(texts, longest)
    assert len(set(found)) == len(texts)
    assert not any(re.search(r"[<>$]|&(?!(amp|lt|gt|#36|#37|#45);)", label) for label in found)


def test_labels_keep_what_tells_long_names_apart() -> None:
    models = [f"meta-llama/Llama-{version}-Instruct" for version in ("3.1-8B", "3.1-70B", "3.2-1B")]
    assert all(part in label for part, label in zip(("-8B", "70B", "-1B"), labels(models), strict=True))


def test_none_is_a_level_and_no_text() -> None:
    (parameter,) = varying([row(0, c, 0.1, d=(None, "None", "null")[c % 3]) for c in range(9)])
    assert parameter.levels == (None, "None", "null")
    assert level_texts(parameter.levels) == ["null", "None", '"null"']


def test_what_lies_beyond_the_axis_has_an_arrow_and_is_counted() -> None:
    rows = [row(0, c, result) for c, result in enumerate([-0.5, -0.45, -0.4, -0.35, -0.3, -0.25, -0.2, -0.2, 1e30, 2e30])]
    figure = curves(rows, rows[0])
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["▲ 2 above -0.2"]
    arrows = figure["data"][-1]
    assert (arrows["customdata"], arrows["marker"]["symbol"]) == ([rows[8].path, rows[9].path], "triangle-up")
    assert "<b>1e30</b>" in arrows["text"][0]  # its own result, not the rim


def test_losses_of_many_sizes_are_on_a_logarithmic_axis() -> None:
    rows = [row(0, c, 10.0 ** -c) for c in range(6)]
    figure = curves(rows, rows[5])
    assert figure["layout"]["yaxis"]["type"] == "log"
    assert "annotations" not in figure["layout"]


@pytest.mark.parametrize(("maximize", "best"), [(False, [0.5, 0.2]), (True, [0.5, 0.9])])
def test_the_best_so_far_steps_only_where_it_gets_better(maximize: bool, best: list[float]) -> None:
    rows = [row(0, c, result, begin=2 * c) for c, result in enumerate([0.5, 0.2, 0.9, 0.3])]
    events = events_of(rows, spans_of(rows))
    assert [event.row.result for event in best_so_far(events, maximize=maximize)[1]] == best
    assert events[-1].spent == 4


def test_every_line_of_the_history_is_in_the_picture() -> None:
    rows = [row(s, c, 100.0 if s == 0 else 0.1 * s + c / 99, begin=9 * s + c) for s in range(3) for c in range(6)]
    figure = history(events_of(rows, spans_of(rows)), None, [Mark(9, "Iteration 2")])
    low, high = figure["layout"]["yaxis"]["range"]
    log = figure["layout"]["yaxis"].get("type") == "log"
    ends = [trace["y"][-1] for trace in figure["data"] if trace.get("showlegend") and "name" in trace]
    assert len(ends) == 3
    assert all((10**low if log else low) <= end <= (10**high if log else high) for end in ends)
    dots = [trace["customdata"] for trace in figure["data"] if trace["mode"] == "markers"]
    assert sorted(path for paths in dots for path in paths) == sorted(r.path for r in rows)
    assert figure["layout"]["annotations"][-1]["text"] == "Iteration 2"


def test_a_pause_is_folded_and_marked() -> None:
    spans = [span(0, 100), span(1300, 1400), span(1400, 1500)]
    clock = clock_of(spans)
    assert clock.pauses == ((100, 1300),)
    assert clock.at(1500) == pytest.approx(300, rel=0.05)
    layout = timeline(spans, clock)["layout"]
    assert [note["text"] for note in layout["annotations"]] == ["//"]
    assert "// a pause, 20 min" in layout["xaxis"]["title"]["text"]
    assert len(layout["xaxis"]["tickvals"]) >= 2
    assert mean_busy(spans) == pytest.approx(1)
    assert clock_of([span(0, 100), span(102, 200)]) == Clock((), clock_of([span(0, 100), span(102, 200)]).folded)


def test_no_bar_covers_another() -> None:
    """A failure of a moment takes no more of the timeline than it took of the time, where another run follows."""
    spans = [span(0, 5000), span(5000, 5000.1, good=False), span(5000.1, 10_000)]
    traces = {trace.get("name"): trace for trace in timeline(spans, Clock())["data"]}
    unit = 60.0
    assert traces["failed"]["x"][:2] == pytest.approx([5000 / unit, 5000.1 / unit], abs=1e-3)
    assert traces["budget 1"]["x"][3] == pytest.approx(5000.1 / unit, abs=1e-3)


def test_what_runs_reaches_until_now() -> None:
    running = replace(span(5, 20, lane=1), run=replace(RUN, end=None))
    traces = {trace.get("name"): trace for trace in timeline([span(0, 4), span(0, 3, lane=1, good=False), running], Clock())["data"]}
    assert traces.keys() == {"budget 1", "failed", "running", None}
    assert traces["running"]["x"][1] == 20


def test_cost_tells_failures_apart() -> None:
    rows = [row(0, 0, 0.5, seconds=30.0), row(0, 1, None, seconds=10.0), replace(row(1, 0, 0.1, seconds=5.0), total_seconds=7.0)]
    figure = cost(rows)
    assert figure is not None
    assert {trace["name"]: trace["x"] for trace in figure["data"]} == {
        "completed": [30, 5], "failed": [10, 0], "earlier attempts": [0, 2]}
    assert cost([]) is None


def test_slices_show_results_at_each_budget_and_every_level() -> None:
    rows = [row(0, c, c / 40, kind=f"level-{c % 7} with a long name") for c in range(42)]
    rows += [row(1, c, c / 80, root=c, kind=f"level-{c % 7} with a long name") for c in range(6)]
    scores = birth_scores(rows)
    slicer = Slicer(views_of(rows, scores), {r.root or "": r.stage for r in rows}, rows[0].root)
    (parameter,) = varying(rows)
    figure, _ = slicer.slice_of(parameter)
    assert [view["title"] for view in figure["views"]] == ["result at budget 1", "result at budget 3", "initial score"]
    assert len(set(figure["layout"]["yaxis"]["ticktext"])) == 7  # long names lie beside rows
    assert {r.path for r in rows[:42]} == {path for trace in figure["data"] for path in trace.get("customdata", [])}
    assert figure["views"][1]["data"][0]["customdata"][0].startswith("bracket-0/stage-1/")


def test_few_dots_have_no_trend() -> None:
    rows = [row(0, c, c / 9, x=c / 7) for c in range(21)]
    slicer = Slicer(views_of(rows, birth_scores(rows)), {}, None)
    (parameter,) = varying(rows)
    assert slicer.slice_of(parameter)[0]["data"][-1]["x"] == []


def test_equal_results_and_folds_are_shown() -> None:
    rows = [replace(row(0, c, result), spread=0.1) for c, result in enumerate([0.2, 0.1, 0.1])]
    traces = {trace.get("name"): trace for trace in curves(rows, rows[1])["data"]}
    assert traces["1 as good as the best"]["customdata"] == [rows[2].path]
    assert traces["best configuration"]["error_y"]["array"] == [0.1]


def test_failures_are_shown_where_they_are_no_chance() -> None:
    rows = [replace(r, status="failed", result=None, rank=None) if r.parameters["decides"] > 0.8 else r for r in space()]
    assert [name for name, _ in failure_regions(rows, varying(rows))] == ["decides"]
    assert failure_regions(space(), varying(space())) == []


def test_names_and_values_are_texts_in_every_chart(tmp_path: Path) -> None:
    """Whatever the library reads as markup is escaped wherever a text of a search stands, and levels are in their order."""
    search = make(tmp_path / "S", 2, 3)
    options = NAMES[::-1]
    for number, directory in enumerate(sorted(search.glob("bracket-*/stage-0/config-*"))):
        values = {"<b>bold</b>": NAMES[number % 6], "x$y$": number / 7}
        record = {"values": values, "seeds": {}, "space": {"<b>bold</b>": {"kind": "ordinal", "options": options}}}
        (directory / "parameters.json").write_text(json.dumps(record))
    snapshot = scan(search)
    rows = make_rows(snapshot)
    charts = charts_of(snapshot, rows, space_of(snapshot, rows), 0.0)
    shown = [text for name, chart in charts.items() if name != "chart-importance" for text in texts_in(chart.figure)]
    assert any("&lt;b&gt;bold" in text for text in shown)
    ours = r"</?b>|<br>|<extra></extra>|%\{(text|hovertext|customdata|[xy])(:[^}]*)?\}"
    assert [text for text in shown if re.search(r"[<>$\n]|%\{", re.sub(ours, "", text))] == []
    (kinds,) = [parameter for parameter in in_order(varying(rows), snapshot, rows) if parameter.levels]
    assert [level_text(level) for level in kinds.levels] == options
