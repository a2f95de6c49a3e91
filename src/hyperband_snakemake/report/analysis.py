"""What the rows of a search tell as a whole: progress, agreement between budgets, busy workers. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import isnan, nan
from statistics import fmean

from ..core.halving.ranking import order_across
from ..core.tree.record import timestamp
from ..extras import require
from ..snapshot.rows import Row, Run

LEAST_PAIRS = 4  # before a correlation says anything
GOOD, FAIR = 0.7, 0.4  # rank correlations that are called so


@dataclass(frozen=True)
class Span:
    """One run of a training in time: seconds since the first one started, and the lane in which it is drawn."""

    row: Row
    run: Run
    begin: float
    end: float
    lane: int = 0

    @property
    def running(self) -> bool:
        """Whether its end is yet to come; ``end`` is now, then."""
        return self.run.end is None


@dataclass(frozen=True)
class Pair:
    """How well the results at one budget foretell those at a larger one, for the configurations that have both."""

    low: float
    high: float
    configurations: int
    rho: float


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Rank correlation, ties sharing the mean of their ranks; NaN if one side is constant.

    Raises:
        HybandError: SciPy is not installed.

    >>> spearman([1, 2, 3, 4], [10, 20, 40, 30]), spearman([1, 1, 2], [1, 2, 2]), spearman([1, 2], [3, 3])
    (0.8, 0.5, nan)
    """
    if len(set(first)) < 2 or len(set(second)) < 2:  # noqa: PLR2004
        return nan
    return round(float(require("scipy.stats", "report").spearmanr(first, second).statistic), 12)


def lives(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The trainings of each configuration, smallest budget first, by its root."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.root:
            found.setdefault(row.root, []).append(row)
    return found


def pairs_of(rows: Sequence[Row]) -> list[Pair]:
    """Rank correlation of each pair of budgets, the mean over the brackets by number of configurations.

    Only what was promoted has both results, so these are the better ones: a correlation over all would be higher.
    """
    by_pair: dict[tuple[float, float], dict[int, list[tuple[float, float]]]] = {}
    for life in lives(rows).values():
        done = [row for row in life if row.result is not None]
        for i, low in enumerate(done):
            for high in done[i + 1 :]:
                both = by_pair.setdefault((low.budget, high.budget), {}).setdefault(low.bracket, [])
                both.append((low.result or 0.0, high.result or 0.0))
    pairs = []
    for (low_budget, high_budget), brackets in sorted(by_pair.items()):
        known = [(len(p), spearman(*zip(*p, strict=True))) for p in brackets.values() if len(p) >= LEAST_PAIRS]
        sure = [(n, rho) for n, rho in known if not isnan(rho)]
        if sure:
            total = sum(n for n, _ in sure)
            pairs.append(Pair(low_budget, high_budget, total, round(sum(n * rho for n, rho in sure) / total, 2)))
    return pairs


def pair_words(pair: Pair) -> str:
    """Say a pair in words.

    >>> pair_words(Pair(1, 3, 9, 0.81))
    'Budget 1 foretells budget 3 (rank correlation 0.81 over 9 configurations).'
    """
    how = "foretells" if pair.rho >= GOOD else "roughly foretells" if pair.rho >= FAIR else "hardly foretells"
    number = f"rank correlation {pair.rho:.2f} over {pair.configurations} configurations"
    return f"Budget {pair.low:g} {how} budget {pair.high:g} ({number})."


def spans_of(rows: Iterable[Row], now: float | None = None) -> list[Span]:
    """Runs of trainings in the order of their starts, each in the first lane that is free.

    Those that run reach until ``now``, in seconds since 1970; without it they are left out.
    """
    timed = [(stamp, row, run) for row in rows for run in row.runs if (stamp := timestamp(run.start)) is not None]
    zero = min((start for start, _, _ in timed), default=0.0)
    free: list[float] = []  # per lane, when it is free again
    spans = []
    for start, row, run in sorted(timed, key=lambda item: (item[0], item[1].slot, item[2].fold)):
        latest = now if run.end is None else timestamp(run.end)
        if latest is None:
            continue
        begin = start - zero
        lane = next((i for i, until in enumerate(free) if until <= begin + 1), len(free))
        begin = max(begin, free[lane]) if lane < len(free) else begin  # starts are written in whole seconds
        end = latest - zero if run.end is None else min(begin + run.seconds, latest - zero + 1)
        free[lane : lane + 1] = [max(begin, end)]
        spans.append(Span(row, run, begin, max(begin, end), lane))
    return spans


def busy_of(spans: Sequence[Span], most_points: int = 2000) -> tuple[list[float], list[int]]:
    """How many trainings ran at the same time: moments in seconds, and the number from then on.

    Gaps of a second in a lane are none: times are known no better. Of many moments, evenly spaced ones are taken.
    """
    busy = joined(spans, 1.0)
    changes = sorted([(span.begin, 1) for span in busy] + [(span.end, -1) for span in busy])
    moments, numbers = [at for at, _ in changes], list(accumulate(change for _, change in changes))
    if len(changes) > most_points:
        grid = [moments[-1] * i / most_points for i in range(most_points + 1)]
        moments, numbers = grid, [numbers[bisect_right(moments, at) - 1] for at in grid]
    return [round(at, 2) for at in moments], numbers


def joined(spans: Iterable[Span], gap: float) -> list[Span]:
    """The spans of each lane, those with no more than a ``gap`` in seconds between them as one."""
    last: dict[int, int] = {}
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: span.begin):
        at = last.get(span.lane)
        if at is not None and span.begin <= found[at].end + gap:
            found[at] = replace(found[at], end=max(found[at].end, span.end))
        else:
            last[span.lane] = len(found)
            found.append(span)
    return found


def mean_busy(spans: Sequence[Span]) -> float:
    """Runs at the same time, on average over the time in which there was one; a pause is more than a second."""
    work, until = 0.0, 0.0
    for span in sorted(joined(spans, 1.0), key=lambda span: span.begin):
        work += max(0.0, span.end - (until if span.begin <= until + 1 else span.begin))
        until = max(until, span.end)
    return sum(span.end - span.begin for span in joined(spans, 1.0)) / work if work else 0.0


def birth_scores(rows: Sequence[Row], *, maximize: bool = False) -> dict[str, float]:
    """For each configuration the share, in percent, of those first trained with the same budget that were better.

    All of those were trained alike, so nothing favours any: unlike the results of later stages, these tell what a
    parameter does. 0 is the best.
    """
    born = [row for row in rows if row.stage == 0 and row.result is not None]
    paths = {row.slot: row.path for row in born}
    scores: dict[str, float] = {}
    for budget in {row.budget for row in born}:
        ranked = order_across((row.entry for row in born if row.budget == budget), maximize=maximize)
        if len(ranked) > 1:
            scores |= {paths[slot]: 100 * i / (len(ranked) - 1) for i, (_, slot, _) in enumerate(ranked)}
    return scores


def mean(values: Iterable[float]) -> float | None:
    """Mean; None of nothing."""
    known = list(values)
    return fmean(known) if known else None
