"""Statistics on all rows of a search: progress, agreement between budgets, busy workers. Pure functions."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from math import isnan
from statistics import fmean

from ..core.halving.ranking import badness, order_across
from ..core.tree.layout import Slot
from ..core.tree.record import timestamp
from ..snapshot.rows import Row, Run
from .statistics.correlation import LEAST_PAIRS, interval_of, spearman

GOOD = 0.7  # from this rank correlation on, a budget is said to predict another one well
LEAST_PAUSE, LEAST_PAUSE_SHARE = 30.0, 0.05  # shortest pause: in seconds, and as a share of the working time


@dataclass(frozen=True)
class Span:
    """One training run in time: seconds since the first one started, and the lane in which it is drawn."""

    row: Row
    run: Run
    begin: float
    end: float
    lane: int = 0

    @property
    def running(self) -> bool:
        """Whether it has not ended; ``end`` is the present time then."""
        return self.run.end is None


@dataclass(frozen=True)
class Pair:
    """How well results at one budget predict those at a larger one, for configurations with both.

    ``ends`` is the 95 % interval of the rank correlation ``rho``.
    """

    low: float
    high: float
    configurations: int
    rho: float
    ends: tuple[float, float] = (-1.0, 1.0)


@dataclass(frozen=True)
class Progress:
    """The best result at one budget after each run, with the seconds and budget that the search had spent then."""

    budget: float
    seconds: tuple[float, ...]
    spent: tuple[float, ...]
    best: tuple[float, ...]


def lives(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The training runs of each configuration, by its root, smallest budget first."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.root:
            found.setdefault(row.root, []).append(row)
    return found


def pairs_of(rows: Sequence[Row]) -> list[Pair]:
    """Rank correlation of each pair of budgets: the mean over brackets, weighted by number of configurations.

    Only promoted configurations have both results, and they are the better ones: the correlation over all would be
    higher.
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
            rho = sum(n * rho for n, rho in sure) / total
            ends = interval_of(rho, [n for n, _ in sure])
            pairs.append(Pair(low_budget, high_budget, total, round(rho, 2), (round(ends[0], 2), round(ends[1], 2))))
    return pairs


def pair_words(pair: Pair) -> str:
    """Describe a pair in words, not stronger than its interval allows.

    >>> pair_words(Pair(1, 3, 9, 0.81, (0.28, 0.96)))[:61]
    'Budget 1 predicts budget 3 to some degree: rank correlation 0'
    >>> pair_words(Pair(3, 9, 4, 1.0, (-0.84, 1.0))).partition(":")[0]
    'That budget 3 predicts budget 9 could be chance'
    """
    low, high = pair.ends
    budgets = f"budget {pair.low:g} predicts budget {pair.high:g}"
    if low >= GOOD:
        how = f"B{budgets[1:]} well"
    elif low > 0:
        how = f"B{budgets[1:]} to some degree"
    elif high < 0:
        how = f"What is better at budget {pair.low:g} is worse at budget {pair.high:g}, among the promoted"
    else:
        how = f"That {budgets} could be chance"
    number = f"rank correlation {pair.rho:.2f} over {pair.configurations} configurations"
    return f"{how}: {number} (95 % interval {low:.2f} to {high:.2f})."


def progress_of(rows: Sequence[Row], *, maximize: bool = False) -> list[Progress]:
    """For each budget, the best result so far, in the order in which the training runs ended."""
    ends: dict[Slot, float] = {}
    by_slot = {row.slot: row for row in rows if row.end}
    for span in spans_of(rows):
        ends[span.row.slot] = max(span.end, ends.get(span.row.slot, 0.0))
    order = sorted((end, slot) for slot, end in ends.items() if slot in by_slot)
    spent = list(accumulate(by_slot[slot].added_budget for _, slot in order))
    found: dict[float, list[tuple[float, float, float]]] = {}
    for (end, slot), total in zip(order, spent, strict=True):
        result = by_slot[slot].result
        if result is not None:
            steps = found.setdefault(by_slot[slot].budget, [])
            if not steps or badness(result, maximize=maximize) < badness(steps[-1][2], maximize=maximize):
                steps.append((end, total, result))
    if order:
        for steps in found.values():
            steps.append((order[-1][0], spent[-1], steps[-1][2]))
    return [Progress(budget, *map(tuple, zip(*steps, strict=True))) for budget, steps in sorted(found.items())]


def spans_of(rows: Iterable[Row], now: float | None = None) -> list[Span]:
    """Training runs in order of their starts, each in the first free lane.

    Running ones end at ``now`` (in seconds since 1970); without ``now``, they are left out.
    """
    timed = [(stamp, row, run) for row in rows for run in row.runs if (stamp := timestamp(run.start)) is not None]
    zero = min((start for start, _, _ in timed), default=0.0)
    free: list[float] = []  # for each lane, when it is free again
    spans = []
    for start, row, run in sorted(timed, key=lambda item: (item[0], item[1].slot, item[2].fold)):
        latest = now if run.end is None else timestamp(run.end)
        if latest is None:
            continue
        begin = start - zero
        lane = next((i for i, until in enumerate(free) if until <= begin + 1), len(free))
        begin = max(begin, free[lane]) if lane < len(free) else begin  # starts are recorded in whole seconds
        end = latest - zero if run.end is None else min(begin + run.seconds, latest - zero + 1)
        free[lane : lane + 1] = [max(begin, end)]
        spans.append(Span(row, run, begin, max(begin, end), lane))
    return spans


def busy_of(spans: Sequence[Span], most_points: int = 2000) -> tuple[list[float], list[int]]:
    """How many training runs ran at the same time: moments in seconds, and the number from each moment on.

    Gaps of a second in a lane are ignored, as times are not more precise. Of many moments, evenly spaced ones are kept.
    """
    busy = joined(spans, 1.0)
    changes = sorted([(span.begin, 1) for span in busy] + [(span.end, -1) for span in busy])
    moments, numbers = [at for at, _ in changes], list(accumulate(change for _, change in changes))
    if len(changes) > most_points:
        grid = [moments[-1] * i / most_points for i in range(most_points + 1)]
        moments, numbers = grid, [numbers[bisect_right(moments, at) - 1] for at in grid]
    return [round(at, 2) for at in moments], numbers


def joined(spans: Iterable[Span], gap: float) -> list[Span]:
    """The spans of each lane, merged if there are at most ``gap`` seconds between them."""
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


def pauses_of(spans: Sequence[Span]) -> list[tuple[float, float]]:
    """Long times in which nothing ran: begin and end of each pause in seconds.

    Shorter gaps count as work: programs start, and the next runs are chosen.
    """
    gaps, until, busy = list[tuple[float, float]](), 0.0, 0.0
    for span in sorted(spans, key=lambda span: span.begin):
        if span.begin > until:
            gaps.append((until, span.begin))
        busy += max(0.0, span.end - max(until, span.begin))
        until = max(until, span.end)
    return [(begin, end) for begin, end in gaps if end - begin > max(LEAST_PAUSE, LEAST_PAUSE_SHARE * busy)]


def working_seconds(spans: Sequence[Span]) -> float:
    """Seconds from the first start to the last end, without pauses."""
    wall = max((span.end for span in spans), default=0.0)
    return wall - sum(end - begin for begin, end in pauses_of(spans))


def mean_busy(spans: Sequence[Span]) -> float:
    """Average number of training runs at the same time, not counting pauses.

    Gaps of a second in a lane are ignored, as in `busy_of`.
    """
    seconds = working_seconds(spans)
    return sum(span.end - span.begin for span in joined(spans, 1.0)) / seconds if seconds else 0.0


def birth_scores(rows: Sequence[Row], *, maximize: bool = False) -> dict[str, float]:
    """For each configuration, the percentage of those first trained with the same budget that were better.

    Half of those with an equal result count as better, so equal results have equal scores; if all are equal, it is 50.
    All were trained with the same budget, so the comparison is fair: unlike results of later stages, it shows what a
    parameter does. 0 is the best.
    """
    born = [row for row in rows if row.stage == 0 and row.result is not None]
    paths = {row.slot: row.path for row in born}
    scores: dict[str, float] = {}
    for budget in {row.budget for row in born}:
        ranked = order_across((row.entry for row in born if row.budget == budget), maximize=maximize)
        before = 0
        for _, same in groupby(ranked, key=lambda entry: entry[2].result):
            tied = [paths[slot] for _, slot, _ in same]
            place = before + (len(tied) - 1) / 2
            before += len(tied)
            if len(ranked) > 1:
                scores |= dict.fromkeys(tied, 100 * place / (len(ranked) - 1))
    return scores


def mean(values: Iterable[float]) -> float | None:
    """Mean; None if there are no values."""
    known = list(values)
    return fmean(known) if known else None
