"""The live view of a search: a `Snapshot` as something that rich draws, and what changed between two as lines."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .core.layout import Slot
from .core.outcome import Outcome, Status
from .core.plan import number_text
from .core.record import read_attempts
from .scan import ENDED, BracketView, Snapshot

RUNNING_SHOWN, FAILURES_SHOWN = 8, 4
NARROW = 100  # columns of a terminal; below, the stages have no room beside their bracket


def view(snapshot: Snapshot, begun: tuple[float, Fraction], now: float, width: int) -> RenderableType:
    """Draw a search. ``begun`` is (time in seconds, budget spent) when the watching began, for the time left."""
    parts: list[RenderableType] = [_whole(snapshot, begun, now), Text(), _brackets(snapshot, width)]
    for lines in (list(_running(snapshot, now)), list(_failures(snapshot))):
        if lines:
            parts += [Text(), *lines]
    return Group(*parts, Text(), _best(snapshot))


def _whole(snapshot: Snapshot, begun: tuple[float, Fraction], now: float) -> Table:
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_column(no_wrap=True)
    plan = snapshot.plan
    share = float(settled(snapshot) / plan.budget) if plan.budget else 1.0
    text = f"{share:4.0%}  {snapshot.done} of {plan.trainings} trainings{time_left(snapshot, begun, now)}"
    grid.add_row(Text("Search", "bold"), ProgressBar(100, share * 100), text)
    return grid


def settled(snapshot: Snapshot) -> Fraction:
    """Budget that needs no more work: of all slots that have ended, empty ones, too."""
    return sum((stage.budget for _, stage, outcome, _ in snapshot.slots() if outcome.status in ENDED), Fraction(0))


def time_left(snapshot: Snapshot, begun: tuple[float, Fraction], now: float) -> str:
    """Time left at the speed since the watching began; empty until something has ended."""
    gained, rest = settled(snapshot) - begun[1], snapshot.plan.budget - settled(snapshot)
    if rest == 0 or gained <= 0:
        return ""
    return f", {_age((now - begun[0]) * float(rest / gained))} left"


def _age(seconds: float) -> str:
    return str(timedelta(seconds=max(0, int(seconds))))


def _brackets(snapshot: Snapshot, width: int) -> Table:
    grid = Table.grid(padding=(0, 1))
    for _ in range(3):
        grid.add_column(no_wrap=True)
    for bracket in snapshot.brackets:
        slots = [outcome for stage in bracket.stages for outcome in stage.outcomes]
        done = sum(outcome.status in ENDED for outcome in slots)
        bar = ProgressBar(len(slots), done, width=20)
        grid.add_row(f"Bracket {bracket.bracket.index}", bar, _stages(bracket, brief=width < NARROW))
    return grid


def _stages(bracket: BracketView, *, brief: bool) -> Text:
    """Each stage as done/all; the one at work in bold."""
    text = Text(overflow="ellipsis")
    for view in bracket.stages:
        done = sum(outcome.status in ENDED for outcome in view.outcomes)
        style = "green" if view.ended else "bold" if view.started else "dim"
        name = "" if brief else f"budget {number_text(view.stage.budget)}: "
        text.append(f"{name}{done}/{len(view.outcomes)}", style)
        text.append("  " if brief else "   ")
    return text


def _running(snapshot: Snapshot, now: float) -> Iterator[Text]:
    slots = [slot for slot, _, outcome, _ in snapshot.slots() if outcome.status is Status.RUNNING]
    if slots:
        yield Text(f"Running: {len(slots)}", "bold")
    for slot in slots[:RUNNING_SHOWN]:
        attempts = read_attempts(snapshot.path / slot.path)
        start = _seconds(attempts[-1].start) if attempts else None
        yield Text(f"  {slot}" + (f"  for {_age(now - start)} on {attempts[-1].host}" if start else ""), "yellow")
    if len(slots) > RUNNING_SHOWN:
        yield Text(f"  ... and {len(slots) - RUNNING_SHOWN} more", "dim")


def _seconds(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).timestamp()
    except ValueError:
        return None


def _failures(snapshot: Snapshot) -> Iterator[Text]:
    failed = [(slot, outcome) for slot, _, outcome, _ in snapshot.slots() if outcome.status is Status.FAILED]
    if failed:
        yield Text(f"Failed: {len(failed)} (hyband failures {snapshot.path})", "bold")
    for slot, outcome in failed[-FAILURES_SHOWN:]:
        yield Text(f"  {slot}  {outcome.reason}", "red", no_wrap=True, overflow="ellipsis")


def _best(snapshot: Snapshot) -> Text:
    if snapshot.best is None:
        return Text("No result yet", "dim")
    budget, slot, outcome = snapshot.best
    return Text(f"Best so far: {outcome.result:.6g} at budget {number_text(budget)}, {slot}", "bold green")


def news(old: Snapshot | None, new: Snapshot) -> Iterator[str]:
    """One line for each failure and each promotion that ``old`` had not: what a log shows instead of the view."""
    before: Mapping[Slot, tuple[Outcome, Slot | None]] = (
        {slot: (outcome, origin) for slot, _, outcome, origin in old.slots()} if old else {}
    )
    promoted: dict[tuple[int, int], int] = {}
    for slot, _, outcome, origin in new.slots():
        known, known_origin = before.get(slot, (None, None))
        if outcome.status is Status.FAILED and (known is None or known.status is not Status.FAILED):
            yield f"Failed: {slot} - {outcome.reason}"
        if origin is not None and known_origin is None:
            promoted[slot.bracket, slot.stage] = promoted.get((slot.bracket, slot.stage), 0) + 1
    for (bracket, stage), number in promoted.items():
        yield f"Promoted: {number} of bracket {bracket} into stage {stage}"
