"""All charts of a search by name: those of the page, and of a notebook."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..snapshot.rows import Row
from ..snapshot.scan import Snapshot
from .analysis import birth_scores, lives, pairs_of, progress_of, spans_of
from .figures import Figure
from .importance import importances, varying
from .iterations import Group, groups_of
from .run_figures import failure_regions, timeline
from .search_figures import correlation, curves, ladder, laddered, progress
from .space_figures import importance_bars, parallel, slice_of

SLICES, REGIONS, AXES = 12, 6, 8


@dataclass(frozen=True)
class Chart:
    """A figure, its height in pixels, and what it shows in words."""

    figure: Figure
    height: int
    label: str


def charts_of(snapshot: Snapshot, rows: tuple[Row, ...], now: float) -> dict[str, Chart]:
    """All charts of a search by name, ``now`` in seconds since 1970; those that have nothing to show are missing.

    Raises:
        HybandError: NumPy or SciPy is not installed.
    """
    best = best_row(snapshot, rows)
    maximize = snapshot.plan.settings.maximize
    charts = _search_charts(rows, best, groups_of(snapshot), maximize=maximize)
    charts |= _space_charts(rows, best, maximize=maximize)
    if spans := spans_of(rows, now):
        lanes = max(span.lane for span in spans) + 1
        charts["chart-timeline"] = Chart(timeline(spans), 300 + min(260, 12 * lanes), "trainings over time")
    return charts


def best_row(snapshot: Snapshot, rows: tuple[Row, ...]) -> Row | None:
    """The best training so far."""
    slot = snapshot.best[1] if snapshot.best else None
    return next((row for row in rows if row.slot == slot), None)


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
    found = importances(parameters, scores)
    order = list(found)
    parameters.sort(key=lambda parameter: order.index(parameter.name))
    reached = {root: life[-1].stage for root, life in lives(rows).items()}
    root = best.root if best else None
    shown = len(order[:SLICES])
    charts = {"chart-importance": Chart(importance_bars(found), 80 + 30 * shown, "importance of the parameters")}
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
