"""All charts of a search by name, for the page and for notebooks."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..snapshot.rows import Row
from ..snapshot.scan import Snapshot
from .analysis import lives, pairs_of, spans_of
from .figures import Figure
from .figures.clock import clock_of, marks_of
from .figures.curves import correlation, curves, words_of
from .figures.failures import failure_regions
from .figures.history import events_of, history, sampled_words
from .figures.ladder import height_of, ladder, laddered, left_out
from .figures.parts import TOLD_PARAMETERS
from .figures.slices import Slicer, views_of
from .figures.timeline import MOST_TOLD, cost, cost_words, timeline
from .iterations import groups_of, samplers_of
from .space_figures import MOST_BARS, importance_bars, parallel
from .space_view import SpaceView

SLICES, REGIONS, AXES = 12, 12, 8
MOST_SLICES = 40  # including folded ones


@dataclass(frozen=True)
class Chart:
    """A figure, its height in pixels, a description, and a ``note`` on what it leaves out."""

    figure: Figure
    height: int
    label: str
    note: str = ""


def charts_of(snapshot: Snapshot, rows: tuple[Row, ...], space: SpaceView, now: float) -> dict[str, Chart]:
    """All charts of a search by name, except those with nothing to show; ``now`` is in seconds since 1970.

    Raises:
        HybandError: SciPy is not installed.
    """
    best, names = best_row(snapshot, rows), space.names[:TOLD_PARAMETERS]
    found = _search_charts(snapshot, rows, best, names) | _space_charts(space, rows, best)
    return found | _time_charts(snapshot, rows, now, names)


def best_row(snapshot: Snapshot, rows: tuple[Row, ...]) -> Row | None:
    """The best training run so far."""
    slot = snapshot.best[1] if snapshot.best else None
    return next((row for row in rows if row.slot == slot), None)


def _search_charts(
    snapshot: Snapshot, rows: tuple[Row, ...], best: Row | None, names: Sequence[str]
) -> dict[str, Chart]:
    charts: dict[str, Chart] = {}
    groups = groups_of(snapshot)
    if any(row.origin and row.rank for row in rows):
        height = height_of(len(laddered(rows, best, groups)))
        figure = ladder(rows, best, groups, samplers_of(snapshot), names)
        label, note = "rank of the promoted configurations in their stages", left_out(rows, best, groups)
        charts["chart-ladder"] = Chart(figure, height, label, note)
    if best:
        figure, note = curves(rows, best, names), words_of(rows)
        charts["chart-curves"] = Chart(figure, 460, "results over budgets", note)
    pairs = pairs_of(rows)
    if pairs:
        height = 130 + 56 * len({pair.low for pair in pairs})
        charts["chart-correlation"] = Chart(correlation(pairs), max(240, min(height, 560)), "rank correlations")
    return charts


def _time_charts(snapshot: Snapshot, rows: tuple[Row, ...], now: float, names: Sequence[str]) -> dict[str, Chart]:
    charts: dict[str, Chart] = {}
    maximize = snapshot.plan.settings.maximize
    spans = spans_of(rows, now)
    clock, marks = clock_of(spans), marks_of(spans, groups_of(snapshot), samplers_of(snapshot))
    events = events_of(rows, [span for span in spans if not span.running])
    if any(event.row.result is not None for event in events):
        for name, axis, by in (("spent", None, "the budget spent"), ("time", clock, "time")):
            figure = history(events, axis, marks, names, maximize=maximize)
            charts[f"chart-{name}"] = Chart(
                figure, 380, f"results and the best so far against {by}", sampled_words(rows)
            )
    if spans:
        lanes = max(span.lane for span in spans) + 1
        note = f"{MOST_TOLD:,} of {len(spans):,} runs, chosen at random, show details under the pointer."
        figure, height = timeline(spans, clock, marks, names), 320 + min(260, 12 * lanes)
        charts["chart-timeline"] = Chart(figure, height, "runs over time", note if len(spans) > MOST_TOLD else "")
    if figure_of_cost := cost(rows):
        height = 130 + 30 * len({row.budget for row in rows})
        charts["chart-cost"] = Chart(figure_of_cost, height, "time by budget and outcome", cost_words(rows))
    return charts


def _space_charts(space: SpaceView, rows: tuple[Row, ...], best: Row | None) -> dict[str, Chart]:
    parameters, scores = space.parameters, space.scores
    if not scores or not parameters:
        return {}
    reached = {root: life[-1].stage for root, life in lives(rows).items()}
    root = best.root if best else None
    bars = importance_bars(space.importances)
    height = 80 + 30 * min(len(parameters), MOST_BARS)
    charts: dict[str, Chart] = {}
    if any(one.is_judged for one in space.importances.values()):
        charts["chart-importance"] = Chart(bars, height, "importance of the parameters")
    slicer = Slicer(views_of(rows, scores), reached, root)
    for place, parameter in enumerate(parameters[:MOST_SLICES]):
        figure, height = slicer.slice_of(parameter, folded=place >= SLICES)
        charts[f"chart-slice-{place}"] = Chart(figure, height, f"results over {parameter.name}")
    if len(parameters) > 1:
        figure = parallel(parameters[:AXES], scores, reached, root)
        charts["chart-parallel"] = Chart(figure, 460, "configurations across their parameters")
    if any(row.status == "failed" for row in rows):
        for place, (name, figure) in enumerate(failure_regions(rows, parameters)[:REGIONS]):
            charts[f"chart-region-{place}"] = Chart(figure, 230, f"share of failures over {name}")
    return charts
