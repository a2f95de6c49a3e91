"""What rows say together: pure functions, numbers only. `report` shows them."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from statistics import fmean
from typing import Any

from .core.outcome import Outcome, Status
from .core.ranking import order_across
from .parameters import Value
from .rows import Row, parameter_names

FEWEST_PAIRS, FEWEST_ROWS = 3, 8
MOST_GROUPS, BINS = 12, 5
LOW_VALUES = 2
ENDED = (Status.COMPLETED, Status.FAILED)


def average_ranks(values: Sequence[float]) -> list[float]:
    """Rank of each value from 1, ties share the mean of theirs.

    >>> average_ranks([0.5, 0.1, 0.5])
    [2.5, 1.0, 2.5]
    """
    places: dict[float, list[int]] = defaultdict(list)
    for place, value in enumerate(sorted(values), 1):
        places[value].append(place)
    return [fmean(places[value]) for value in values]


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Rank correlation of two sequences of the same length; None where one of them is constant.

    >>> spearman([1, 2, 3], [10, 30, 20])
    0.5
    """
    a, b = average_ranks(first), average_ranks(second)
    mean = fmean(a)
    da, db = [x - mean for x in a], [x - mean for x in b]
    scale = sum(x * x for x in da) * sum(x * x for x in db)
    return round(sum(x * y for x, y in zip(da, db, strict=True)) / scale**0.5, 6) if scale else None


def stage_correlations(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Spearman's correlation of each pair of stages of a bracket, over the configurations that completed both."""
    results: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
    budgets = {}
    for row in rows:
        budgets[row.bracket, row.stage] = row.budget
        if row.result is not None and row.root:
            results[row.bracket, row.stage][row.root] = row.result
    found = []
    for bracket, low in sorted(results):
        for _, high in sorted(key for key in results if key[0] == bracket and key[1] > low):
            both = sorted(results[bracket, low].keys() & results[bracket, high].keys())
            if len(both) < FEWEST_PAIRS:
                continue
            rho = spearman([results[bracket, low][r] for r in both], [results[bracket, high][r] for r in both])
            pair = {"low": budgets[bracket, low], "high": budgets[bracket, high]}
            found.append({"bracket": bracket, **pair, "n": len(both), "rho": rho})
    return found


def places(rows: Iterable[Row]) -> list[tuple[Row, float]]:
    """Place of each completed row of stage 0 among those of its bracket, from 0 (best) to 1."""
    stages: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.stage == 0 and row.rank is not None:
            stages[row.bracket].append(row)
    return [(row, ((row.rank or 1) - 0.5) / len(stage)) for stage in stages.values() for row in stage]


def grouping(values: Iterable[Value]) -> Callable[[Value], Hashable]:
    """How to part the values of a parameter: each by itself, or numbers of many values by fifths."""
    present = [value for value in values if value is not None]
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in present)
    if len(set(present)) <= MOST_GROUPS or not numeric:
        return lambda value: "absent" if value is None else str(value)
    ordered = sorted(float(value) for value in present if isinstance(value, int | float))
    edges = [ordered[len(ordered) * i // BINS] for i in range(1, BINS)]
    shown = [f"{e:.4g}" for e in edges]
    names = [f"below {shown[0]}", *(f"{a} to {b}" for a, b in pairwise(shown)), f"from {shown[-1]}"]

    def group(value: Value) -> Hashable:
        return names[sum(value >= edge for edge in edges)] if isinstance(value, int | float) else "absent"

    return group


def importance(rows: Sequence[Row]) -> list[tuple[str, float]]:
    """Share of the variance of the places in stage 0 that each parameter explains by itself, largest first.

    This is epsilon squared of a one-way analysis of variance on ranks (Kelley, 1935): eta squared, corrected for the
    number of groups, so that a parameter without effect has about 0. A parameter that is absent in some configurations
    (a conditional one) has these as one group; one with many words as values has none, and is left out.
    """
    y = places(rows)
    if len(y) < FEWEST_ROWS:
        return []
    found = []
    for name in parameter_names(row for row, _ in y):
        group = grouping([row.parameters.get(name) for row, _ in y])
        groups: dict[Hashable, list[float]] = defaultdict(list)
        for row, place in y:
            groups[group(row.parameters.get(name))].append(place)
        if 1 < len(groups) <= len(y) / LOW_VALUES:
            found.append((name, epsilon_squared(list(groups.values()))))
    return sorted(found, key=lambda item: -item[1])


def epsilon_squared(groups: Sequence[Sequence[float]]) -> float:
    """Share of variance between groups, corrected for their number; from 0 to 1.

    >>> epsilon_squared([[1, 1], [2, 2]]), epsilon_squared([[1, 2], [1, 2]])
    (1.0, 0.0)
    """
    everything = [value for group in groups for value in group]
    mean = fmean(everything)
    total = sum((value - mean) ** 2 for value in everything)
    means = [fmean(group) for group in groups]
    within = sum((value - middle) ** 2 for group, middle in zip(groups, means, strict=True) for value in group)
    degrees = len(everything) - len(groups)
    if not total or degrees <= 0:
        return 0.0
    return round(max(0.0, 1 - within / degrees * (len(everything) - 1) / total), 4)


def best_over_time(rows: Iterable[Row], *, maximize: bool = False) -> list[dict[str, Any]]:
    """For each budget the best result so far, each time that it got better.

    A point is [budget spent by the whole search, seconds since its start, result, path].
    """
    ended = sorted((row for row in rows if row.end and row.status in ENDED), key=lambda row: (row.end, row.slot))
    start = min((_time(row.start or row.end) for row in ended), default=0.0)
    spent = Fraction(0)
    best: dict[float, Row] = {}
    series: dict[float, list[list[Any]]] = defaultdict(list)
    for row in ended:
        spent += Fraction(row.budget)
        known = best.get(row.budget)
        if row.result is None or (known is not None and _better(known, row, maximize=maximize) is known):
            continue
        best[row.budget] = row
        series[row.budget].append([float(spent), _time(row.end) - start, row.result, row.path])
    return [{"budget": budget, "points": points} for budget, points in sorted(series.items())]


def _better(old: Row, new: Row, *, maximize: bool) -> Row:
    entries = [(Fraction(row.budget), row, Outcome(Status.COMPLETED, row.result)) for row in (old, new)]
    return order_across(entries, maximize=maximize)[0][1]


def _time(text: str | None) -> float:
    try:
        return datetime.fromisoformat(text or "").timestamp()
    except ValueError:
        return 0.0


def failing_regions(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Values of parameters with which trainings fail clearly more often than with others, the worst first."""
    ended = [row for row in rows if row.status in ENDED]
    failed = sum(row.status == Status.FAILED for row in ended)
    found = []
    for name in parameter_names(ended) if failed else []:
        group = grouping([row.parameters.get(name) for row in ended])
        groups: dict[Hashable, list[bool]] = defaultdict(list)
        for row in ended:
            groups[group(row.parameters.get(name))].append(row.status == Status.FAILED)
        if 1 < len(groups) <= MOST_GROUPS + 1:
            found += [_region(name, value, fails, failed, len(ended)) for value, fails in groups.items()]
    clear = (region for region in found if region["z"] > LOW_VALUES)
    return sorted(clear, key=lambda region: -region["z"])[:MOST_GROUPS]


def _region(name: str, value: Hashable, fails: Sequence[bool], failed: int, ended: int) -> dict[str, Any]:
    n, k, share = len(fails), sum(fails), failed / ended
    spread = (n * share * (1 - share) * (1 - n / ended)) ** 0.5  # hypergeometric: as many of n drawn by chance
    counts: Mapping[str, Any] = {"failed": k, "of": n, "others_failed": failed - k, "others": ended - n}
    return {"parameter": name, "value": value, **counts, "z": round((k - n * share) / spread, 2) if spread else 0.0}


def workers(rows: Iterable[Row]) -> dict[str, float] | None:
    """Most trainings at a time, mean number at work, and that as a share of the most; None if no time is known."""
    spans = [(_time(row.start), _time(row.end)) for row in rows if row.start and row.end]
    if not spans:
        return None
    events = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    most = now = 0
    for _, change in events:
        now += change
        most = max(most, now)
    length = max(end for _, end in spans) - min(start for start, _ in spans)
    mean = min(sum(end - start for start, end in spans) / length, most) if length else float(most)
    return {"most": max(most, 1), "mean": round(mean, 2), "share": round(mean / max(most, 1), 3), "seconds": length}
