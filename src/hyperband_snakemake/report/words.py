"""The words and numbers of the report: what ran, what it cost, how the best was found, what failed."""

import json
from collections.abc import Sequence
from fractions import Fraction
from statistics import median
from typing import Any

from ..core.disk.files import read
from ..core.halving import ranking
from ..core.plan import counted
from ..core.tree import layout
from ..core.tree.outcome import Status
from ..snapshot.durations import duration
from ..snapshot.pace import pace_of
from ..snapshot.rows import Row
from ..snapshot.scan import TRAINED, Snapshot, StageView
from ..views.state import done_text, has_folds, state_of
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
    largest = f"{float(max(row.budget for row in rows)):g}"
    text = (
        f"A {'Hyperband search' if promotes(snapshot) else 'search'} over {born:,} "
        f"{'configuration' if born == 1 else 'configurations'} in {counted(len(snapshot.brackets), 'bracket')}"
        f"{f' of {iterations} iterations' if iterations > 1 else ''}: "
    )
    if promotes(snapshot):
        text += f"one in {settings.eta} is promoted to {settings.eta} times the budget, up to {largest}."
    else:
        text += f"each is trained once, with budget {largest}, and nothing is promoted."
    for group in groups:
        if not group.is_iteration:
            number = sum(row.stage == 0 and row.bracket in group.brackets for row in rows)
            text += f" {group.name}: {number:,} of the configurations."
    return text + _STATES[state_of(snapshot).kind]


_STATES = {  # what a reader of the page should know of the state
    "complete": "",
    "failed": " It has ended, and there is no result.",
    "running": " It is running: this page shows it as it is now.",
    "stopped": " It is not complete and nothing runs: this page shows it as it is now.",
}


def promotes(snapshot: Snapshot) -> bool:
    """Whether any bracket has more than one stage."""
    return any(len(bracket.stages) > 1 for bracket in snapshot.brackets)


def promotion_words(snapshot: Snapshot) -> str:
    """Why nothing was promoted, where nothing was."""
    if not promotes(snapshot):
        return "Each bracket has a single stage, so nothing is promoted."
    ended = [view for bracket in snapshot.brackets for view in bracket.stages[:-1] if view.ended]
    if ended and not any(view.top for view in ended):
        return "Nothing was promoted: no configuration of the stages that have ended has a result."
    if ended:
        return "Nothing has been promoted yet: a stage has ended, and its promotion comes with the next run."
    return "Nothing has been promoted yet: that takes a stage whose configurations have all ended."


def tiles(snapshot: Snapshot, rows: Sequence[Row], spans: Sequence[Span]) -> list[dict[str, Any]]:
    """The numbers at the top of the page."""
    plan = snapshot.plan
    running = sum(row.status == Status.RUNNING for row in rows)
    share = snapshot.runs_done / plan.trainings
    found = [_tile("Training runs done", f"{snapshot.runs_done:,}", f"of {plan.trainings:,}", share)]
    spent = float(snapshot.spent / plan.budget)
    found.append(_tile("Budget spent", _grouped(snapshot.spent), f"of {_grouped(plan.budget)}", spent))
    if plan.cost != plan.budget:
        found.append(_tile("Cost", f"{float(cost_spent(snapshot)):.6g}", f"of {float(plan.cost):.6g} planned", None))
    if snapshot.best:
        budget, _, outcome = snapshot.best
        found.append(_tile("Best result", f"{outcome.result:.6g}", f"at budget {_grouped(budget)}", None, "best"))
    if running:
        found.append(_tile("Running now", f"{running:,}", "", None))
    if (left := pace_of(snapshot).left) and not state_of(snapshot).has_ended:
        runs = state_of(snapshot).kind == "running"
        title = "Time left" if runs else "Time once it runs again"
        found.append(_tile(title, duration(left.total_seconds()), "at the speed so far", None))
    what = "configurations" if has_folds(plan) and snapshot.failed else ""
    found.append(_tile("Failed", f"{snapshot.failed:,}", what, None, "bad" if snapshot.failed else ""))
    if spans:
        title = "Since the first start" if any(span.running for span in spans) else "From first start to last end"
        wall = duration(max(span.end for span in spans))
        found.append(_tile(title, wall, f"{mean_busy(spans):.1f} at a time", None))
    return found


def cost_spent(snapshot: Snapshot) -> Fraction:
    """Cost of all trainings that have ended, in the unit of the plan's cost, as it was planned."""
    ended = (stage for _, stage, outcome, _ in snapshot.slots() if outcome.status in TRAINED)
    return sum((stage.cost / stage.configurations for stage in ended), Fraction(0))


def state_text(snapshot: Snapshot) -> tuple[str, str]:
    """The kind of state that a search is in, and the words for it, with what is done where more may come."""
    state = state_of(snapshot)
    return state.kind, state.words if state.has_ended else f"{state.words}, {done_text(snapshot)}"


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
    config = read(snapshot.path / best.path / layout.CONFIG) or read(snapshot.path / (best.root or "") / layout.CONFIG)
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
