"""Texts and numbers in the report: what ran, what it cost, how the best was found, what failed."""

from collections.abc import Sequence
from fractions import Fraction
from statistics import median
from typing import Any

from ..core.plan import counted
from ..core.tree.outcome import Status
from ..snapshot.durations import duration
from ..snapshot.pace import pace_of
from ..snapshot.rows import Row
from ..snapshot.scan import Snapshot
from ..snapshot.stages import TRAINED, StageView
from ..views.state import done_text, has_folds, state_of, ties_text
from ..views.status import totals
from .analysis import Span, lives, mean_busy, pauses_of, working_seconds
from .figures.texts import lasted, percent
from .iterations import groups_of, samplers_of

TIES = 5  # ties that are named


def summary(snapshot: Snapshot) -> dict[str, Any]:
    """The totals, as `hyband status --json` has them."""
    return totals(snapshot)


def sentence(snapshot: Snapshot, rows: Sequence[Row]) -> str:
    """What was searched, and how."""
    settings, born = snapshot.plan.settings, sum(row.stage == 0 for row in rows)
    groups = groups_of(snapshot)
    iterations = sum(group.is_iteration for group in groups)
    more = sum(len(group.brackets) for group in groups if not group.is_iteration)
    largest = f"{float(max(row.budget for row in rows)):g}"
    text = (
        f"A {'Hyperband search' if promotes(snapshot) else 'search'} over {born:,} "
        f"{'configuration' if born == 1 else 'configurations'} in {counted(len(snapshot.brackets) - more, 'bracket')}"
        f"{f' of {iterations} iterations' if iterations > 1 else ''}{f' and {more} more' if more else ''}: "
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


_STATES = {  # what a reader of the page should know about the state
    "complete": "",
    "failed": " It has ended, and there is no result.",
    "running": " It is running: this page shows it as it is now.",
    "stopped": " It is not complete and nothing runs: this page shows it as it is now.",
}


def promotes(snapshot: Snapshot) -> bool:
    """Whether any bracket has more than one stage."""
    return any(len(bracket.stages) > 1 for bracket in snapshot.brackets)


def promotion_words(snapshot: Snapshot) -> str:
    """Why nothing was promoted, if that is so."""
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
    if not state_of(snapshot).has_ended and (left := pace_of(snapshot).left):
        runs = state_of(snapshot).kind == "running"
        title = "Time left" if runs else "Time once it runs again"
        found.append(_tile(title, duration(left.total_seconds()), "at the speed so far", None))
    what = (
        ("configuration" if snapshot.failed == 1 else "configurations") if has_folds(plan) and snapshot.failed else ""
    )
    more = ", ".join(filter(None, [what, _wasted(spans)]))
    found.append(_tile("Failed", f"{snapshot.failed:,}", more, None, "bad" if snapshot.failed else ""))
    if spans:
        title = "Since the first start" if any(span.running for span in spans) else "Elapsed"
        wall = lasted(max(span.end for span in spans))
        work = f", {lasted(working_seconds(spans))} at work" if pauses_of(spans) else ""
        found.append(_tile(title, wall, f"{mean_busy(spans):.1f} at a time{work}", None))
    return found


def _wasted(spans: Sequence[Span]) -> str:
    """The measured time of failed attempts, and its share of all time (not the time shown in the timeline)."""
    lost = sum(span.run.seconds for span in spans if not span.run.good and not span.running)
    whole = sum(span.end - span.begin if span.running else span.run.seconds for span in spans)
    return f"{lasted(lost)} of training time wasted ({percent(lost / whole)})" if lost and whole else ""


def cost_spent(snapshot: Snapshot) -> Fraction:
    """Planned cost of all training runs that have ended, in the unit of the plan's cost."""
    ended = (stage for _, stage, outcome, _ in snapshot.slots() if outcome.status in TRAINED)
    return sum((stage.cost / stage.configurations for stage in ended), Fraction(0))


def state_text(snapshot: Snapshot) -> tuple[str, str]:
    """The kind of state a search is in, and its words, with the progress if more may come."""
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
    """The best configuration, and how it was found."""
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
    if snapshot.tied:
        named = ", ".join(map(str, snapshot.tied[:TIES])) + (", ..." if len(snapshot.tied) > TIES else "")
        words += f" It is not alone: {ties_text(snapshot)} at this budget ({named}), so which is best is not known."
    words += _within_spread(rows, best)
    if not snapshot.complete:
        words += " More may come: the search is not complete."
    found = {"path": best.path, "words": words, "life": life, "config": best.text or "(missing)"}
    return found | {"spread": best.spread, "ties": [str(slot) for slot in snapshot.tied]}


def _within_spread(rows: Sequence[Row], best: Row) -> str:
    """Say how much the folds of the best differ, and how many other results are closer to it than that."""
    if best.spread is None or best.result is None:
        return ""
    others = [row.result for row in rows if row.budget == best.budget and row.result is not None and row is not best]
    near = sum(abs(result - best.result) <= best.spread for result in others)
    words = f" Its folds have a standard deviation of {best.spread:.3g}"
    if not others:
        return f"{words}."
    number = f"{near or 'none'} of the {len(others)} others" if len(others) > 1 else "the only other one"
    verb = "is" if len(others) == 1 or near == 1 else "are"
    nearer = "nearer to it than that" if near or len(others) > 1 else "farther from it than that"
    return f"{words}; {number} at this budget {verb} {nearer}."


def stage_lines(snapshot: Snapshot) -> list[dict[str, Any]]:
    """A row for each stage in the table of brackets and stages; if there are several groups, each has a title."""
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
