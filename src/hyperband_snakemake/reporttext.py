"""The words and numbers of the report: what ran, what it cost, how the best was found, what failed."""

import json
from collections.abc import Sequence
from fractions import Fraction
from statistics import median
from typing import Any

from .analysis import FAIR, Span, lives, mean_busy, pair_words, pairs_of
from .core import layout, ranking
from .core.files import read
from .core.outcome import Status
from .pace import pace_of
from .rows import Row
from .scan import Snapshot
from .show import log_end
from .status import status_json

PLACES = 5


def summary(snapshot: Snapshot) -> dict[str, Any]:
    """The totals, as `hyband status --json` has them."""
    data: dict[str, Any] = json.loads(status_json(snapshot))
    return {key: value for key, value in data.items() if key != "slots"}


def tiles(snapshot: Snapshot, rows: Sequence[Row], spans: Sequence[Span]) -> list[dict[str, Any]]:
    """The numbers at the top of the page."""
    plan = snapshot.plan
    failed = sum(row.status == Status.FAILED for row in rows)
    running = sum(row.status == Status.RUNNING for row in rows)
    spent_cost = snapshot.spent * plan.settings.unit_cost
    found = [_tile("Trainings done", f"{snapshot.done:,}", f"of {plan.trainings:,}", snapshot.done / plan.trainings)]
    spent = float(snapshot.spent / plan.budget)
    found.append(_tile("Budget spent", _grouped(snapshot.spent), f"of {_grouped(plan.budget)}", spent))
    if plan.settings.unit_cost != 1:
        found.append(_tile("Cost", f"{float(spent_cost):.6g}", f"of {float(plan.cost):.6g} planned", None))
    if snapshot.best:
        budget, _, outcome = snapshot.best
        found.append(_tile("Best result", f"{outcome.result:.6g}", f"at budget {_grouped(budget)}", None, "best"))
    if running:
        found.append(_tile("Running now", f"{running:,}", "", None))
    if (left := pace_of(snapshot).left) and not snapshot.complete:
        found.append(_tile("Time left", duration(left.total_seconds()), "at the speed so far", None))
    found.append(_tile("Failed", f"{failed:,}", "", None, "bad" if failed else ""))
    if spans:
        found.append(
            _tile(
                "From first start to last end",
                duration(max(span.end for span in spans)),
                f"{mean_busy(spans):.1f} at a time",
                None,
            )
        )
    return found


def _tile(title: str, value: str, of: str, share: float | None, kind: str = "") -> dict[str, Any]:
    return {"title": title, "value": value, "of": of, "share": share, "kind": kind}


def _grouped(number: Fraction) -> str:
    """A number for people.

    >>> _grouped(Fraction(1594323)), _grouped(Fraction(100, 3))
    ('1,594,323', '33.3333')
    """
    return f"{number.numerator:,}" if number.denominator == 1 else f"{float(number):,.6g}"


def duration(seconds: float) -> str:
    """A time span as people say it.

    >>> duration(42), duration(75), duration(7500), duration(200000)
    ('42 s', '1 min 15 s', '2 h 5 min', '2 d 7 h')
    """
    whole = round(seconds)
    for unit, size, below, smaller in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit}" + (f" {rest} {below}" if rest else "")
    return f"{whole} s"


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
    """A line of the table of brackets and stages for each stage."""
    lines = []
    slot = snapshot.best[1] if snapshot.best else None
    for bracket in snapshot.brackets:
        for view, following in zip(bracket.stages, [*bracket.stages[1:], None], strict=True):
            results = [outcome.result for outcome in view.outcomes if outcome.result is not None]
            lines.append(
                {
                    "bracket": view.bracket,
                    "stage": view.stage.index,
                    "budget": view.stage.budget,
                    "configurations": view.stage.configurations,
                    "completed": view.counts[Status.COMPLETED],
                    "failed": view.counts[Status.FAILED],
                    "best": view.outcomes[view.top[0]].result if view.top else None,
                    "has_best": slot is not None and (slot.bracket, slot.stage) == (view.bracket, view.stage.index),
                    "median": median(results) if results else None,
                    "promoted": sum(origin is not None for origin in following.origins) if following else 0,
                    "cost": view.stage.cost,
                }
            )
    return lines


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
    by_rank = ", ".join(f"{reached[b]:.6g} in bracket {b}" for b in dict.fromkeys(slot.bracket for _, slot, _ in order))
    words = [f"The brackets reached, at budget {largest:g}: {by_rank}."]
    smax = snapshot.plan.settings.smax
    best = max(slot.bracket for _, slot, outcome in order if outcome.result == order[0][2].result)
    first = min(row.budget for row in rows if row.bracket == best)
    if snapshot.complete and best:
        words.append(
            f"An smax of {smax - best} with the same largest budget would have sufficed: the best was among the "
            f"brackets that start with budget {first:g} or more."
        )
    elif snapshot.complete:
        words.append(f"The bracket with the smallest first budget found the best: all of smax {smax} was of use.")
    return words


def failure_groups(snapshot: Snapshot, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Failed trainings by reason, the most frequent first, with the end of one log each."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row.status == Status.FAILED:
            groups.setdefault(row.reason or "no reason recorded", []).append(row)
    found = []
    for reason, members in sorted(groups.items(), key=lambda item: -len(item[1])):
        name, lines = log_end(snapshot.path / members[0].path)
        found.append(
            {
                "reason": reason,
                "number": len(members),
                "places": [row.path for row in members[:PLACES]],
                "more": max(0, len(members) - PLACES),
                "log_name": f"{members[0].path}/{name}",
                "log": "\n".join(lines),
            }
        )
    return found
