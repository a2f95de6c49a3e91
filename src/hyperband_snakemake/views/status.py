"""A `Snapshot` as text for people and as data for programs."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.text import Text

from ..core.disk.files import disk_usage
from ..core.plan import Plan, bytes_text, counted, json_number
from ..core.training.starting import quoted
from ..core.tree.folds import read_folds, spread
from ..core.tree.layout import Slot
from ..core.tree.outcome import Status
from ..snapshot.jobs import MOST_SHOWN, never_began_text
from ..snapshot.pace import pace_of, pace_text
from ..snapshot.scan import Snapshot
from ..snapshot.stages import BracketView, StageView
from .brackets import bracket_lines
from .failures import by_cause, failed_slots
from .state import archived_text, best_spread, is_at_work, whole_line
from .words import result_text

LETTERS = {
    Status.COMPLETED: "C",
    Status.FAILED: "F",
    Status.RUNNING: "R",
    Status.QUEUED: "Q",
    Status.PENDING: ".",
    Status.EMPTY: "-",
}
TITLES = {
    Status.COMPLETED: "Completed (C)",
    Status.FAILED: "Failed (F)",
    Status.RUNNING: "In progress (R)",
    Status.QUEUED: "Queued (Q)",
    Status.PENDING: "Pending (.)",
    Status.EMPTY: "Empty (-)",
}
COLOURS = {  # readable on light and dark screens; the letter says the same
    Status.COMPLETED: "",
    Status.FAILED: "bold red",
    Status.RUNNING: "bold magenta",
    Status.QUEUED: "magenta",
    Status.PENDING: "dim",
    Status.EMPTY: "dim",
}
GROUP, GROUPS = 5, 5
TOP = 3
SMALL, LARGE = 1e-3, 1e9  # results in between are written with four decimals
MOST_BRACKETS, MOST_CONFIGURATIONS = 5, 300  # in a search up to this size, all stages are shown by default


def status_text(snapshot: Snapshot, doubts: Sequence[str] = (), *, everything: bool = False) -> Text:
    """Each bracket with its latest stage, then one line for the whole search, with terminal colours.

    Args:
        snapshot: the present state of the search.
        doubts: lines about what is suspicious, which come first.
        everything: show all stages even if the search is too large for a screen; by default, each of its brackets is
            then one line.
    """
    lines = [Text(line, "red") for line in doubts]
    if everything or not _is_large(snapshot.plan):
        lines += [line for one in snapshot.brackets for line in [*_bracket_lines(snapshot.path, one), Text()]]
    else:
        lines += [
            *map(Text, bracket_lines(snapshot)),
            Text(f"All of it: hyband status {quoted(snapshot.path)} --all", "dim"),
        ]
    lines += [*map(Text, _jobs(snapshot)), *(Text(line, "red") for line in _failures(snapshot))]
    lines += [Text(text, "dim") for text in (archived_text(snapshot),) if text]
    lines += [*map(Text, _remaining(snapshot)), *map(Text, _disk(snapshot)), Text(whole_line(snapshot), "bold")]
    return Text("\n").join(lines)


def _is_large(plan: Plan) -> bool:
    """Whether the latest stages of all brackets could fill more than a screen at some time."""
    most = max(bracket.stages[0].configurations for bracket in plan.brackets)
    return len(plan.brackets) > MOST_BRACKETS or most > MOST_CONFIGURATIONS


def _jobs(snapshot: Snapshot) -> Iterator[str]:
    """Slurm jobs, running ones first."""
    jobs = sorted(snapshot.jobs.items(), key=lambda item: (item[1].elapsed is None, item[0]))
    queued = sum(job.elapsed is None for _, job in jobs)
    if jobs:
        yield f"Slurm - {len(jobs) - queued} running, {queued} queued"
    yield from (f"  {slot} - {job.text}" for slot, job in jobs[:MOST_SHOWN])
    if len(jobs) > MOST_SHOWN:
        yield f"  ... and {len(jobs) - MOST_SHOWN} more; `hyband status --json` lists all."
    if not snapshot.complete and (text := never_began_text(snapshot.path)):
        yield text


def _remaining(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.done < snapshot.plan.slots:
        yield pace_text(snapshot, pace_of(snapshot), is_running=is_at_work(snapshot))


def _disk(snapshot: Snapshot) -> Iterator[str]:
    if (used := disk_used(snapshot)) is not None:
        yield f"Disk - {bytes_text(used)} in use"


def disk_used(snapshot: Snapshot) -> int | None:
    """Bytes that the search takes on disk; only checked if it carries or discards files."""
    settings = snapshot.plan.settings
    return disk_usage(snapshot.path) if settings.carry or settings.discard else None


def _failures(snapshot: Snapshot) -> Iterator[str]:
    """Failed training runs of the whole search by cause, most frequent first."""
    groups = by_cause(snapshot.path, failed_slots(snapshot))
    for reason, slots in groups[:TOP]:
        yield f"Failed: {len(slots)} - {reason} ({slots[0]}{', ...' if len(slots) > 1 else ''})"
    if len(groups) > TOP:
        more = len(groups) - TOP
        yield f"... and {more} other {'reason' if more == 1 else 'reasons'}: hyband failures"


def _bracket_lines(search: Path, view: BracketView) -> Iterator[Text]:
    stage = view.current
    yield Text(
        f"Bracket {view.bracket.index} - Stages completed: {view.stages_completed} of {len(view.stages)}", "bold"
    )
    yield Text(f"  Stage {stage.stage.index} - {counted(len(stage.outcomes), 'configuration')}")
    yield from map(Text, _counts(stage))
    yield Text()
    yield from _grid(stage)
    yield from map(Text, _top_lines(search, view.bracket.index, stage))


def _top_lines(search: Path, bracket: int, stage: StageView) -> Iterator[str]:
    if not stage.top:
        return
    yield ""
    yield "  Top completed configuration(s):"
    best = [stage.outcomes[c].result for c in stage.top[:TOP]]
    write = _short if _are_told(best) else result_text
    for place, c in enumerate(stage.top[:TOP], 1):
        own = search / Slot(bracket, stage.stage.index, c).path
        around = spread(read_folds(own)) if stage.stage.fold_names else None
        more = "" if around is None else f" +- {around:.4f}" if write is _short else f" +- {result_text(around)}"
        yield f"    {place}. {write(stage.outcomes[c].result)}{more} - Conf. {c}"


def _short(result: float | None) -> str:
    return f"{result:.4f}"


def _are_told(results: Sequence[float | None]) -> bool:
    """Whether four decimals are enough to show these results and tell them apart."""
    known = {result for result in results if result is not None}
    return len({_short(r) for r in known}) == len(known) and all(r == 0 or SMALL <= abs(r) < LARGE for r in known)


def _counts(stage: StageView) -> Iterator[str]:
    counts = stage.counts
    shown = [status for status in TITLES if status not in (Status.EMPTY, Status.QUEUED) or counts[status]]
    titles = [*(TITLES[status] for status in shown), "Total"]
    numbers = [*(counts[status] for status in shown), len(stage.outcomes)]
    yield "    | " + " | ".join(titles) + " |"
    yield "    | " + " | ".join(f"{n:>{len(title)}}" for n, title in zip(numbers, titles, strict=True)) + " |"


def _grid(stage: StageView) -> Iterator[Text]:
    """A letter for each configuration, in groups."""
    for start in range(0, len(stage.outcomes), GROUP * GROUPS):
        row = Text("     ")
        in_row = [outcome.status for outcome in stage.outcomes[start : start + GROUP * GROUPS]]
        for group in range(0, len(in_row), GROUP):
            row.append(" ")
            for status, alike in groupby(in_row[group : group + GROUP]):
                row.append(LETTERS[status] * len(list(alike)), COLOURS[status])
        yield row


def _job_json(snapshot: Snapshot, slot: Slot) -> dict[str, object] | None:
    job = snapshot.jobs.get(slot)
    if job is None:
        return None
    return {
        "id": job.number,
        "node": job.node or None,
        "elapsed_seconds": None if job.elapsed is None else int(job.elapsed.total_seconds()),
        "reason": job.reason or None,
    }


def status_json(snapshot: Snapshot) -> str:
    """The same as data: every slot, and the totals of the last line."""
    slots = [
        {
            "bracket": slot.bracket,
            "stage": slot.stage,
            "config": slot.config,
            "budget": json_number(stage.budget),
            "status": outcome.status,
            "result": outcome.result,
            "reason": outcome.reason or None,
            "origin": str(origin) if origin else None,
            "path": str(snapshot.path / slot.path),
            "job": _job_json(snapshot, slot),
        }
        for slot, stage, outcome, origin in snapshot.slots()
    ]
    return json.dumps(totals(snapshot) | {"slots": slots}, indent=1, ensure_ascii=False)


def totals(snapshot: Snapshot) -> dict[str, Any]:
    """Numbers about the whole search, for JSON."""
    pace = pace_of(snapshot)
    return {
        "search": str(snapshot.path),
        "trainings": snapshot.plan.trainings,
        "configurations": snapshot.plan.slots,
        "done": snapshot.done,
        "failed": snapshot.failed,
        "budget": json_number(snapshot.plan.budget),
        "budget_spent": json_number(snapshot.spent),
        "cost": json_number(snapshot.plan.cost),
        "cost_remaining": json_number(pace.cost),
        "unit_cost": json_number(snapshot.plan.settings.unit_cost),
        "unit_seconds": None if pace.speed is None else pace.speed.unit_seconds,
        "start_seconds": None if pace.speed is None else pace.speed.start_seconds,
        "trainings_at_a_time": pace.at_a_time,
        "seconds_remaining": None if pace.left is None else pace.left.total_seconds(),
        "disk_bytes": disk_used(snapshot),
        "best": _best_json(snapshot),
        "complete": snapshot.complete,
    }


def _best_json(snapshot: Snapshot) -> dict[str, object] | None:
    if snapshot.best is None:
        return None
    budget, slot, outcome = snapshot.best
    return {
        "result": outcome.result,
        "budget": json_number(budget),
        "path": str(snapshot.path / slot.path),
        "spread": best_spread(snapshot),
        "ties": [str(snapshot.path / other.path) for other in snapshot.tied],
    }
