"""The live view of a search: a `Snapshot` as something that rich draws, and what changed between two as lines."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..core.plan import Stage, number_text
from ..core.training.logs import last_words
from ..core.tree.configurations import root_of
from ..core.tree.folds import fold_of
from ..core.tree.layout import Slot
from ..core.tree.outcome import Outcome, Status
from ..core.tree.record import read_attempts, timestamp
from ..snapshot.durations import duration
from ..snapshot.pace import Pace
from ..snapshot.scan import ENDED, BracketView, Snapshot
from ..snapshot.trained import read_trained
from ..space.values import parameters_text

BRACKETS_SHOWN, RUNNING_SHOWN, FAILURES_SHOWN, NEWS_SHOWN = 10, 6, 4, 4
FAILED, PROMOTED = "Failed: ", "Promoted: "  # what lines of `news` begin with
WIDE = 130  # columns of a terminal from which the view has two halves
BEST, BAD, BUSY, DONE = "bold dark_orange", "red", "yellow", "blue"


def view(
    snapshot: Snapshot, pace: Pace, begun: float, now: float, *, width: int, events: Sequence[str] = ()
) -> RenderableType:
    """Draw a search.

    Args:
        snapshot: the search as it is now.
        pace: of the search, for the time left.
        begun: time in seconds when the watching began.
        now: time in seconds.
        width: columns of the terminal.
        events: lines of `news`, oldest first.
    """
    running, failed = _running(snapshot, now), _failures(snapshot, events)
    left = [_brackets(snapshot, width), *running]
    right = [*_best(snapshot), *failed, *_news(events)]
    if width < WIDE:
        return Group(_whole(snapshot, pace, now - begun), Text(), *left, *right)
    halves = Table.grid(padding=(0, 4), expand=True)
    halves.add_column(ratio=1)
    halves.add_column(ratio=1)
    halves.add_row(Group(*left), Group(*right[1:]))
    return Group(_whole(snapshot, pace, now - begun), Text(), halves)


def _whole(snapshot: Snapshot, pace: Pace, watched: float) -> RenderableType:
    plan = snapshot.plan
    share = float(settled(snapshot) / plan.budget) if plan.budget else 1.0
    name = Text(snapshot.path.resolve().name, "bold", overflow="ellipsis", no_wrap=True)
    counts = sum((view.counts for bracket in snapshot.brackets for view in bracket.stages), Counter[Status]())
    at_work = counts[Status.RUNNING] + counts[Status.QUEUED]
    state = "complete" if snapshot.complete else _time_left(pace) if at_work else "nothing runs"
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    budget = f"budget {number_text(snapshot.spent)} of {number_text(plan.budget)}"
    what = "trainings" if plan.trainings == plan.slots else "configurations"  # of many trainings, one for each fold
    grid.add_row(name, Text(f"{snapshot.done} of {plan.slots} {what}, {budget}"))
    bar = Table.grid(padding=(0, 1), expand=True)
    bar.add_column(ratio=1)
    bar.add_column(no_wrap=True, justify="right")
    ends = Text(f"{share:.0%}", "bold")
    ends.append(f"  {duration(watched)}" + (f", {state}" if state else ""), "dim")
    bar.add_row(_bar(share), ends)
    return Group(grid, bar)


def _bar(share: float, width: int | None = None) -> ProgressBar:
    return ProgressBar(100, 100 * share, width=width, complete_style=DONE, finished_style=DONE)


def settled(snapshot: Snapshot) -> Fraction:
    """Budget that needs no more work: of all slots that have ended, empty ones, too."""
    return sum((_settled(bracket) for bracket in snapshot.brackets), Fraction(0))


def _settled(bracket: BracketView) -> Fraction:
    ended = ((view.stage.spends, sum(o.status in ENDED for o in view.outcomes)) for view in bracket.stages)
    return sum((spent * number for spent, number in ended), Fraction(0))


def _time_left(pace: Pace) -> str:
    """Time left at the speed seen so far; empty until a training has ended."""
    return f"about {duration(pace.left.total_seconds())} left" if pace.left else ""


def _brackets(snapshot: Snapshot, width: int) -> RenderableType:
    """A line for each bracket; of many, as `hyband refine` makes them, for those at work."""
    grid = Table.grid(padding=(0, 1))
    for _ in range(4):
        grid.add_column(no_wrap=True)
    at_work = [b for b in snapshot.brackets if b.stages[0].started and b.stages_completed < len(b.stages)]
    many = len(snapshot.brackets) > BRACKETS_SHOWN
    shown = at_work[:BRACKETS_SHOWN] if many else snapshot.brackets
    for bracket in shown:
        total = bracket.bracket.budget
        share = float(_settled(bracket) / total) if total else 1.0
        bar = _bar(share, 12 if width < WIDE else 20)
        grid.add_row(f"Bracket {bracket.bracket.index}", bar, Text(f"{share:4.0%}", "dim"), _stages(bracket))
    if not many:
        return grid
    done = sum(b.stages_completed == len(b.stages) for b in snapshot.brackets)
    return Group(grid, Text(f"Brackets: {done} of {len(snapshot.brackets)} done, {len(at_work)} at work", "dim"))


def _stages(bracket: BracketView) -> Text:
    """Each stage as ended/all, and how many failed (F); the one at work stands out."""
    text = Text(overflow="ellipsis")
    for place, view in enumerate(bracket.stages):
        done = sum(outcome.status in ENDED for outcome in view.outcomes)
        style = DONE if view.ended else "bold" if view.started else "dim"
        text.append(" › " if place else "", "dim")
        text.append(f"{done}/{len(view.outcomes)}", style)
        if bad := view.counts[Status.FAILED]:
            text.append(f" {bad}F", BAD)
    return text


def _heading(text: str, style: str = "bold") -> list[RenderableType]:
    return [Text(), Text(text, style, no_wrap=True, overflow="ellipsis")]


def _running(snapshot: Snapshot, now: float) -> list[RenderableType]:
    slots = [(slot, stage) for slot, stage, outcome, _ in snapshot.slots() if outcome.status is Status.RUNNING]
    queued = sum(view.counts[Status.QUEUED] for bracket in snapshot.brackets for view in bracket.stages)
    if not slots and not queued:
        return []
    lines = _heading(f"Running {len(slots)}" + (f", queued {queued}" if queued else ""))
    grid = Table.grid(padding=(0, 2))
    for slot, stage in slots[-RUNNING_SHOWN:][::-1]:
        grid.add_row(f"  {slot}", f"budget {number_text(stage.budget)}", *_at_work(snapshot, slot, stage, now))
    lines.append(grid)
    if len(slots) > RUNNING_SHOWN:
        lines.append(Text(f"  ... and {len(slots) - RUNNING_SHOWN} more", "dim"))
    return lines


def _at_work(snapshot: Snapshot, slot: Slot, stage: Stage, now: float) -> tuple[Text, str, Text]:
    """Age, host and what else there is to say of a configuration that is being trained."""
    records = [read_attempts(snapshot.path / training.path) for training in slot.runs(stage.fold_names)]
    begun = [record[-1] for record in records if record and not record[-1].end]
    if not begun:
        return Text(), "", Text()
    start = min((start for attempt in begun if (start := timestamp(attempt.start)) is not None), default=None)
    age = Text(duration(now - start) if start is not None else "", BUSY)
    note = f"attempt {begun[-1].attempt}" if begun[-1].attempt > 1 else ""
    if stage.fold_names:
        ended = sum(bool(record and record[-1].end) for record in records)
        note = f"{ended} of {len(records)} folds"
    return age, begun[-1].host, Text(note, "dim")


def _best(snapshot: Snapshot) -> list[RenderableType]:
    if snapshot.best is None:
        return _heading("No result yet", "dim")
    budget, slot, outcome = snapshot.best
    born = root_of(slot, snapshot.path) or slot
    trained = read_trained(snapshot, [born])
    values = parameters_text(trained[born].parameters, " ", ", ") if born in trained else ""
    lines = _heading(f"Best so far {outcome.result:.6g} at budget {number_text(budget)}", BEST)
    where = Text(f"  {slot}", no_wrap=True, overflow="ellipsis")
    return [*lines, where, *([Text(f"  {values}", "dim", no_wrap=True, overflow="ellipsis")] if values else [])]


def _failures(snapshot: Snapshot, events: Sequence[str]) -> list[RenderableType]:
    """Failed trainings: those that were seen to fail first, the newest on top."""
    failed = {str(slot): outcome for slot, _, outcome, _ in snapshot.slots() if outcome.status is Status.FAILED}
    if not failed:
        return []
    seen = [event.removeprefix(FAILED).partition(" - ")[0] for event in events if event.startswith(FAILED)]
    newest = dict.fromkeys(slot for slot in [*reversed(seen), *reversed(failed)] if slot in failed)
    lines = _heading(f"Failed {len(failed)}", f"bold {BAD}")
    for slot in list(newest)[:FAILURES_SHOWN]:
        line = Text.assemble(f"  {slot}  ", (failed[slot].reason, "dim"), no_wrap=True, overflow="ellipsis")
        lines.append(line)
    if len(failed) > FAILURES_SHOWN:
        lines.append(Text(f"  ... and {len(failed) - FAILURES_SHOWN} more: hyband failures", "dim"))
    return lines


def _news(events: Sequence[str]) -> list[RenderableType]:
    promoted = [event for event in events if event.startswith(PROMOTED)][-NEWS_SHOWN:]
    rows = [Text(f"  {event.removeprefix(PROMOTED)}", no_wrap=True, overflow="ellipsis") for event in promoted]
    return [*_heading("Promoted"), *rows] if rows else []


def _end_of_log(search: Path, slot: Slot, outcome: Outcome) -> str:
    """The log of a failure, and what it ends with, as the end of a line; empty if there is none."""
    training = replace(slot, fold=fold_of(outcome.reason)[0])
    name, words = last_words(search / training.path)
    return f" ({search / training.path / name}: {words})" if words else ""


def news(old: Snapshot | None, new: Snapshot) -> Iterator[str]:
    """One line for each failure and each promotion that ``old`` had not: what a log shows instead of the view."""
    before: Mapping[Slot, tuple[Outcome, Slot | None]] = (
        {slot: (outcome, origin) for slot, _, outcome, origin in old.slots()} if old else {}
    )
    promoted: dict[tuple[int, int], int] = {}
    for slot, _, outcome, origin in new.slots():
        known, known_origin = before.get(slot, (None, None))
        if outcome.status is Status.FAILED and (known is None or known.status is not Status.FAILED):
            yield f"{FAILED}{slot} - {outcome.reason}{_end_of_log(new.path, slot, outcome)}"
        if origin is not None and known_origin is None:
            promoted[slot.bracket, slot.stage] = promoted.get((slot.bracket, slot.stage), 0) + 1
    for (bracket, stage), number in promoted.items():
        below = new.bracket(bracket).stages[stage - 1]
        best = f", best {below.outcomes[below.top[0]].result:.6g}" if below.top else ""
        yield f"{PROMOTED}{number} of {len(below.outcomes)} of bracket {bracket} into stage {stage}{best}"
