"""The words and numbers of the report: what ran, what it cost, how the best was found, what failed."""

import json
from collections.abc import Sequence
from fractions import Fraction
from statistics import median
from typing import Any

from ..core.halving import ranking
from ..core.run import lock
from ..core.tree.outcome import Status
from ..snapshot.durations import duration
from ..snapshot.pace import pace_of
from ..snapshot.rows import Row
from ..snapshot.scan import TRAINED, Snapshot, StageView
from ..views.status import status_json
from .analysis import FAIR, Span, lives, mean_busy, pair_words, pairs_of
from .iterations import groups_of, samplers_of

BRACKETS = 6


def summary(snapshot: Snapshot) -> dict[str, Any]:
    """The totals, as `hyband status --json` has them."""
    data: dict[str, Any] = json.loads(status_json(snapshot))
    return {key: value for key, value in data.items() if key != "slots"}


def sentence(snapshot: Snapshot, rows: Sequence[Row]) -> str:
    """What was searched, how."""
    settings, born = snapshot.plan.settings, sum(row.stage == 0 for row in rows)
    groups = groups_of(snapshot)
    iterations = sum(group.is_iteration for group in groups)
    text = (
        f"A Hyperband search over {born:,} configurations in {len(snapshot.brackets)} "
        f"{'bracket' if len(snapshot.brackets) == 1 else 'brackets'}"
        f"{f' of {iterations} iterations' if iterations > 1 else ''}: one in {settings.eta} is promoted to "
        f"{settings.eta} times the budget, up to {float(max(row.budget for row in rows)):g}."
    )
    for group in groups:
        if not group.is_iteration:
            number = sum(row.stage == 0 and row.bracket in group.brackets for row in rows)
            text += f" {group.name}: {number:,} of the configurations."
    return text + ("" if snapshot.complete else " It is not complete: this page shows it as it is now.")


def tiles(snapshot: Snapshot, rows: Sequence[Row], spans: Sequence[Span]) -> list[dict[str, Any]]:
    """The numbers at the top of the page."""
    plan = snapshot.plan
    failed = sum(row.status == Status.FAILED for row in rows)
    running = sum(row.status == Status.RUNNING for row in rows)
    what = "Configurations done" if plan.trainings != plan.slots else "Trainings done"  # of folds, both are counted
    found = [_tile(what, f"{snapshot.done:,}", f"of {plan.slots:,}", snapshot.done / plan.slots)]
    spent = float(snapshot.spent / plan.budget)
    found.append(_tile("Budget spent", _grouped(snapshot.spent), f"of {_grouped(plan.budget)}", spent))
    if plan.cost != plan.budget:
        found.append(_tile("Cost", f"{float(cost_spent(snapshot)):.6g}", f"of {float(plan.cost):.6g} planned", None))
    if snapshot.best:
        budget, _, outcome = snapshot.best
        found.append(_tile("Best result", f"{outcome.result:.6g}", f"at budget {_grouped(budget)}", None, "best"))
    if running:
        found.append(_tile("Running now", f"{running:,}", "", None))
    if (left := pace_of(snapshot).left) and not snapshot.complete:
        found.append(_tile("Time left", duration(left.total_seconds()), "at the speed so far", None))
    found.append(_tile("Failed", f"{failed:,}", "", None, "bad" if failed else ""))
    if spans:
        title = "Since the first start" if any(span.running for span in spans) else "From first start to last end"
        wall = duration(max(span.end for span in spans))
        found.append(_tile(title, wall, f"{mean_busy(spans):.1f} at a time", None))
    return found


def cost_spent(snapshot: Snapshot) -> Fraction:
    """Cost of all trainings that have ended, in the unit of the plan's cost, as it was planned."""
    ended = (stage for _, stage, outcome, _ in snapshot.slots() if outcome.status in TRAINED)
    return sum((stage.cost / stage.configurations for stage in ended), Fraction(0))


def state_of(snapshot: Snapshot, rows: Sequence[Row]) -> tuple[str, str]:
    """The kind of state that a search is in, complete, running or stopped, and the words for it."""
    if snapshot.complete:
        return "complete", "complete"
    if snapshot.done == snapshot.plan.slots and snapshot.best is None:
        return "stopped", "every training failed"
    if lock.holder_of(snapshot.path) or any(row.status == Status.RUNNING for row in rows):
        return "running", f"running, {snapshot.done} of {snapshot.plan.slots} done"
    if not any(row.attempts or row.status != Status.PENDING for row in rows):
        return "stopped", "not begun"
    return "stopped", f"not running, {snapshot.done} of {snapshot.plan.slots} done"


def _tile(title: str, value: str, of: str, share: float | None, kind: str = "") -> dict[str, Any]:
    return {"title": title, "value": value, "of": of, "share": share, "kind": kind}


def _grouped(number: Fraction) -> str:
    """A number for people.

    >>> _grouped(Fraction(1594323)), _grouped(Fraction(100, 3))
    ('1,594,323', '33.3333')
    """
    return f"{number.numerator:,}" if number.denominator == 1 else f"{float(number):,.6g}"


def best_part(snapshot: Snapshot, rows: Sequence[Row], best: Row | None) -> dict[str, Any] | None:
    """The best configuration and how it was found."""
    if best is None:
        return None
    life = lives(rows).get(best.root or "", [best])
    sizes: dict[tuple[int, int], int] = {}
    for row in rows:
        if row.rank:
            sizes[row.bracket, row.stage] = sizes.get((row.bracket, row.stage), 0) + 1
    steps = [
        f"place {row.rank} of {sizes[row.bracket, row.stage]} at budget {row.budget:g}" for row in life if row.rank
    ]
    words = f"Drawn as {best.root}: " + ", then ".join(steps) + "."
    if not snapshot.complete:
        words += " More may come: the search is not complete."
    config = best.text
    return {"path": best.path, "words": words, "life": life, "config": config or "(missing)"}


def stage_lines(snapshot: Snapshot) -> list[dict[str, Any]]:
    """A line of the table of brackets and stages for each stage; with several groups of brackets, each has a title."""
    groups, samplers = groups_of(snapshot), samplers_of(snapshot)
    titles = {group.brackets[0]: group.name for group in groups} if len(groups) > 1 else {}
    slot = snapshot.best[1] if snapshot.best else None
    best_in = (slot.bracket, slot.stage) if slot else None
    lines = []
    for bracket in snapshot.brackets:
        for view, following in zip(bracket.stages, [*bracket.stages[1:], None], strict=True):
            of_bracket = {
                "title": titles.get(view.bracket_index, "") if view.stage.index == 0 else "",
                "bracket": view.bracket_index,
                "sampler": samplers.get(view.bracket_index, ""),
                "has_best": (view.bracket_index, view.stage.index) == best_in,
                "promoted": sum(origin is not None for origin in following.origins) if following else 0,
            }
            lines.append(of_bracket | _stage_line(view))
    return lines


def _stage_line(view: StageView) -> dict[str, Any]:
    results = [outcome.result for outcome in view.outcomes if outcome.result is not None]
    return {
        "stage": view.stage.index,
        "budget": view.stage.budget,
        "configurations": view.stage.configurations,
        "completed": view.counts[Status.COMPLETED],
        "failed": view.counts[Status.FAILED],
        "best": view.outcomes[view.top[0]].result if view.top else None,
        "median": median(results) if results else None,
        "cost": view.stage.cost,
    }


def proxy_words(snapshot: Snapshot, rows: Sequence[Row]) -> list[str]:
    """Whether small budgets foretell large ones, and which smax would have done."""
    pairs = pairs_of(rows)
    following = {pair.low: pair for pair in reversed(pairs)}  # the nearest larger budget of each
    steps = [following[low] for low in sorted(following)]
    words = [pair_words(pair) for pair in steps] or ["Nothing can be said yet."]
    if steps:
        poor = [pair for pair in steps if pair.rho < FAIR]
        verdict = "Each budget is a fair proxy for the next one, or better."
        if poor:
            budgets = ", ".join(f"{pair.low:g}" for pair in poor)
            verdict = f"Which of the promoted do best at the next budget is hardly foretold by budget {budgets}."
        words.insert(0, verdict)
    return [*words, *_sufficient(snapshot, rows)]


def _sufficient(snapshot: Snapshot, rows: Sequence[Row]) -> list[str]:
    largest = max(row.budget for row in rows)
    entries = (row.entry for row in rows if row.budget == largest)
    order = ranking.order_across(entries, maximize=snapshot.plan.settings.maximize)
    reached = {slot.bracket: outcome.result for _, slot, outcome in reversed(order)}
    if len(reached) < 2:  # noqa: PLR2004
        return []
    by_rank = [f"{reached[b]:.6g} in bracket {b}" for b in dict.fromkeys(slot.bracket for _, slot, _ in order)]
    if len(by_rank) > BRACKETS + 1:
        by_rank = [*by_rank[:BRACKETS], f"worse ones in the {len(by_rank) - BRACKETS} others"]
    words = [f"The brackets reached, at budget {largest:g}: {', '.join(by_rank)}."]
    return [*words, *_smax_words(snapshot, [slot.bracket for _, slot, o in order if o.result == order[0][2].result])]


def _smax_words(snapshot: Snapshot, best_in: Sequence[int]) -> list[str]:
    """Which smax would have sufficed, if all is done: that of the shortest of those brackets that found the best."""
    if not snapshot.complete:
        return []
    if any(bracket in snapshot.proposed for bracket in best_in):
        return ["A model proposed the best from the results of other brackets: they were all of use."]
    stages = {b.bracket.index: b.stages for b in snapshot.brackets}
    shortest = min(best_in, key=lambda bracket: len(stages[bracket]))
    needed, smax = len(stages[shortest]) - 1, max(map(len, stages.values())) - 1
    if needed == smax:
        return [f"The bracket with the smallest first budget found the best: all of smax {smax} was of use."]
    first = float(stages[shortest][0].stage.budget)
    verdict = f"An smax of {needed} with the same largest budget would have sufficed: the best was among the brackets"
    return [f"{verdict} that start with budget {first:g} or more."]
