"""Conclusions in words, not stronger than the results allow: importance, small budgets, smaller plans."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import inf

from ..core.halving import ranking
from ..core.plan import make_plan
from ..core.tree.outcome import Status
from ..snapshot.rows import Row
from ..snapshot.scan import Snapshot
from .analysis import Pair, lives, pair_words, pairs_of
from .importance import LEAST_SEARCH, Importance, is_seed
from .iterations import groups_of
from .space_view import SpaceView
from .statistics.replay import Life, Replay, replay

BRACKETS, NAMED = 6, 6
ALMOST_SURE = 0.95  # share of replays in which a smaller plan is enough


def importance_words(space: SpaceView, rows: Sequence[Row]) -> list[str]:
    """What can be said about the importance of parameters, and what cannot."""
    return [*_told(space.importances, space.scores), *_left_out(rows, space.scores)]


def _told(found: Mapping[str, Importance], scores: Mapping[str, float]) -> Iterator[str]:
    told = {name: one for name, one in found.items() if one.is_told}
    untold = [name for name, one in found.items() if one.is_judged and not one.is_told]
    unjudged = [name for name, one in found.items() if not one.is_judged]
    if len(scores) < LEAST_SEARCH:
        yield f"Too few configurations have a result to tell which parameters matter: {len(scores)} of {LEAST_SEARCH}."
        return
    if len(set(scores.values())) == 1:
        yield "All results at the same budget are the same, so no parameter matters in them."
        return
    if told:
        name, one = next(iter(told.items()))
        ends = f"90 % interval {100 * one.low:.0f} to {100 * one.high:.0f} %"
        yield f"{name} explains most: {100 * one.share:.0f} % of the differences between scores ({ends})."
        rest = list(told.items())[1:]
        if rest and rest[0][1].high > one.low:
            close = [other for other, another in rest if another.high > one.low]
            yield f"Whether it matters more than {_listed(close)} is unclear."
    else:
        yield f"No parameter stands out from chance with {len(scores)} configurations."
    if told and untold:
        yield f"{_listed(untold)} may matter as well, but these results do not show it."
    if unjudged:
        yield f"Too few configurations have {_listed(unjudged)} to judge."


def _left_out(rows: Sequence[Row], scores: Mapping[str, float]) -> Iterator[str]:
    born = [row for row in rows if row.stage == 0]
    failed = sum(row.status == Status.FAILED for row in born)
    if failed:
        yield f"{failed} of {failed + len(scores)} configurations failed and are left out here, not under Failures."
    seeds = sorted({name for row in born for name in row.parameters if is_seed(name)})
    if seeds:
        yield f"Random seeds do not count as hyper-parameters and are left out: {_listed(seeds)}."


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    shown = [*names[:NAMED], f"{more} more"] if more > 0 else list(names)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def proxy_words(snapshot: Snapshot, rows: Sequence[Row]) -> list[str]:
    """Whether small budgets predict large ones, and what smaller plans would have found."""
    following = {pair.low: pair for pair in reversed(pairs_of(rows))}  # the next larger budget of each
    steps = [following[low] for low in sorted(following)]
    words = [pair_words(pair) for pair in steps] or ["Fewer than four configurations have results at two budgets."]
    return [*_verdict(steps), *words, *_reached(snapshot, rows)]


def _verdict(steps: Sequence[Pair]) -> Iterator[str]:
    if not steps:
        return
    told = [pair for pair in steps if pair.ends[0] > 0]
    against = [f"{pair.low:g}" for pair in steps if pair.ends[1] < 0]
    if len(told) == len(steps):
        yield "Each budget predicts the next one, as far as its interval says."
    elif against:
        yield f"Among the promoted, the order at budget {_listed(against)} is reversed at the next budget."
    else:
        few = [f"{pair.low:g}" for pair in steps if pair not in told]
        budgets = f"budget {few[0]} predicts" if len(few) == 1 else f"budgets {_listed(few)} predict"
        yield f"These results do not show whether {budgets} the next one."


def _reached(snapshot: Snapshot, rows: Sequence[Row]) -> Iterator[str]:
    largest = max(row.budget for row in rows)
    entries = (row.entry for row in rows if row.budget == largest)
    order = ranking.order_across(entries, maximize=snapshot.plan.settings.maximize)
    reached = {slot.bracket: outcome.result for _, slot, outcome in reversed(order)}
    if len(reached) < 2:  # noqa: PLR2004
        return
    by_rank = [f"{reached[b]:.6g} in bracket {b}" for b in dict.fromkeys(slot.bracket for _, slot, _ in order)]
    if len(by_rank) > BRACKETS + 1:
        by_rank = [*by_rank[:BRACKETS], f"worse ones in the {len(by_rank) - BRACKETS} others"]
    yield f"Best results at budget {largest:g}: {', '.join(by_rank)}."
    best = order[0][2].result
    replays = list(_replays(snapshot, rows, ranking.badness(best or 0.0, maximize=snapshot.plan.settings.maximize)))
    if replays:
        yield _replay_words(replays, best or 0.0)


def _replays(snapshot: Snapshot, rows: Sequence[Row], target: float) -> Iterator[tuple[int, float, Replay]]:
    """Each smaller smax with its share of the budget and its replay; empty unless the search is one full Hyperband."""
    own = {len(bracket.stages): bracket for bracket in snapshot.plan.brackets}
    settings, smax = snapshot.plan.settings, len(own) - 1
    is_whole = sorted(own) == list(range(1, smax + 2)) and len(groups_of(snapshot)) == 1 and settings.smax == smax
    if not snapshot.complete or snapshot.proposed or not is_whole or len(own) != len(snapshot.plan.brackets):
        return
    by_stages = _lives(snapshot, rows)
    for smaller in range(smax - 1, -1, -1):
        smaller_settings = replace(settings, smax=smaller, max_budget=Fraction(settings.R), integer_budgets=False)
        plan = make_plan(smaller_settings)
        counts = {len(b.stages): [stage.configurations for stage in b.stages] for b in plan.brackets}
        spent = sum(
            n * stage.spends for size, one in counts.items() for n, stage in zip(one, own[size].stages, strict=True)
        )
        yield smaller, float(spent / snapshot.plan.budget), replay(by_stages, counts, target)


def _lives(snapshot: Snapshot, rows: Sequence[Row]) -> dict[int, list[Life]]:
    """All configurations, by the number of stages in their bracket: how bad they were at each stage."""
    maximize = snapshot.plan.settings.maximize
    found: dict[int, list[Life]] = {len(bracket.stages): [] for bracket in snapshot.plan.brackets}
    stages = {bracket.index: len(bracket.stages) for bracket in snapshot.plan.brackets}
    for life in lives(rows).values():
        bad: list[float | None] = [None] * stages[life[0].bracket]
        for row in life:
            bad[row.stage] = inf if row.result is None else ranking.badness(row.result, maximize=maximize)
        found[len(bad)].append(bad)
    return found


def _replay_words(replays: Sequence[tuple[int, float, Replay]], best: float) -> str:
    """Replays of smaller plans in words.

    >>> _replay_words([(1, 0.7, Replay(400, 120, 300)), (0, 0.4, Replay(400, 396, 396))], 0.5).partition(": ")[2]
    'SMAX 1 (70 % of the budget) in 30 to 75 % of them, SMAX 0 (40 %) in 99 % (very likely enough).'
    """
    parts: list[str] = []
    for smax, share, found in replays:
        low, high = f"{100 * found.surely / found.draws:.0f}", f"{100 * found.perhaps / found.draws:.0f}"
        enough = " (very likely enough)" if found.surely >= ALMOST_SURE * found.draws else ""
        spent, draws = f"{100 * share:.0f} %{'' if parts else ' of the budget'}", "" if parts else " of them"
        parts.append(f"SMAX {smax} ({spent}) in {low if low == high else f'{low} to {high}'} %{draws}{enough}")
    number = min(found.draws for _, _, found in replays)
    start = f"Smaller searches, replayed on {number} random parts of these results, find {best:.6g} or better"
    return f"{start}: {', '.join(parts)}."
