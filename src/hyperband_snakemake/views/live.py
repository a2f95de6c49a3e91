"""The live view of a search: a `Snapshot` drawn with rich, within the lines of a terminal."""

from collections.abc import Sequence
from fractions import Fraction

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..core.plan import Stage, short_number
from ..core.tree.configurations import root_of
from ..core.tree.layout import Slot
from ..core.tree.outcome import Status
from ..core.tree.record import read_attempts, timestamp
from ..snapshot.durations import duration
from ..snapshot.pace import Pace
from ..snapshot.scan import Snapshot
from ..snapshot.stages import ENDED, BracketView, StageView
from ..snapshot.trained import read_trained
from ..space.values import parameters_text
from .brackets import MOST, chosen, hidden_text
from .failures import by_cause, failed_slots
from .fitting import Block, Look, cut, fit
from .news import PROMOTED
from .state import best_text, done_text, failed_text, is_at_work, state_of
from .words import one_line

RUNNING_READ, FAILURES_SHOWN, NEWS_SHOWN = 200, 3, 4
WIDE = 130  # in terminals with at least this many columns, the view has two halves
BEST, BAD = "bold magenta", "bold red"  # readable on light and dark screens


def view(
    snapshot: Snapshot, pace: Pace, begun: float, now: float, *, look: Look, events: Sequence[str] = ()
) -> RenderableType:
    """Draw a search. The best and the failures come first, so that they are visible on the smallest screen.

    Args:
        snapshot: the present state of the search.
        pace: the search's pace, for the time left.
        begun: when watching began, in seconds.
        now: the present time in seconds.
        look: what the terminal can show.
        events: lines of `news`, oldest first.
    """
    room = look.height - 4  # without the summary, an empty line, and the cursor's line
    head = [*_whole(snapshot, pace, now - begun, look), Text()]
    if look.width < WIDE:
        one = [*_best(snapshot, look), *_failures(snapshot, look), _brackets(snapshot, look)]
        return Group(*head, fit([*one, *_running(snapshot, now, look), *_news(events, look)], room))
    half = Look(look.width // 2 - 2, look.height, look.ascii)
    left = [_brackets(snapshot, half), *_running(snapshot, now, half)]
    right = [*_best(snapshot, half), *_failures(snapshot, half), *_news(events, half)]
    halves = Table.grid(padding=(0, 4, 0, 0))
    halves.add_column(width=half.width)
    halves.add_column(width=half.width)
    halves.add_row(fit(left, room), fit(right, room))
    return Group(*head, halves)


def _whole(snapshot: Snapshot, pace: Pace, watched: float, look: Look) -> list[RenderableType]:
    """The search's name, progress and spent budget; a bar, the elapsed time and the time left."""
    plan = snapshot.plan
    share = float(settled(snapshot) / plan.budget) if plan.budget else 1.0
    counts = f"{done_text(snapshot)}, budget {short_number(snapshot.spent)} of {short_number(plan.budget)}"
    name = cut(one_line(snapshot.path.resolve().name), max(8, look.width - len(counts) - 2), look.dots)
    first = Text.assemble((name, "bold"), " " * max(2, look.width - len(name) - len(counts)), counts)
    first.truncate(look.width)
    state = _time_left(pace) if is_at_work(snapshot) else _state(snapshot)
    ends = Text.assemble((f"{share:4.0%}", "bold"), f"  {duration(watched)}" + (f", {state}" if state else ""))
    ends.truncate(look.width - 5)
    return [first, Text.assemble(look.bar(share, look.width - len(ends) - 1), " ", ends)]


def _state(snapshot: Snapshot) -> str:
    """The state of a search that is not running."""
    state = state_of(snapshot)
    return state.words if state.has_ended else "nothing runs"


def settled(snapshot: Snapshot) -> Fraction:
    """Budget of all slots that have ended, including empty ones."""
    return sum((_settled(bracket) for bracket in snapshot.brackets), Fraction(0))


def _settled(bracket: BracketView) -> Fraction:
    ended = ((view.stage.spends, sum(o.status in ENDED for o in view.outcomes)) for view in bracket.stages)
    return sum((spent * number for spent, number in ended), Fraction(0))


def _time_left(pace: Pace) -> str:
    """Time left at the speed so far; empty until a training run has ended."""
    return f"about {duration(pace.left.total_seconds())} left" if pace.left else ""


def _brackets(snapshot: Snapshot, look: Look) -> Block:
    """A line for each bracket; if there is no room for all, only for those at work."""

    def row(bracket: BracketView) -> tuple[RenderableType, ...]:
        total = bracket.bracket.budget
        share = float(_settled(bracket) / total) if total else 1.0
        name = f"{'Bracket' if look.width >= 50 else 'B'} {bracket.bracket.index:<{digits}}"  # noqa: PLR2004
        bar = look.bar(share, 20 if look.width >= 100 else 10)  # noqa: PLR2004
        room = look.width - len(name) - len(bar) - 7
        return Text(name), bar, f"{share:4.0%}", _stages(bracket, room, look)

    digits = len(str(snapshot.brackets[-1].bracket.index))
    most = max(3, min(MOST, look.height - 14))  # what is left after the best, failures and some running ones
    shown = chosen(snapshot, most)
    rows = [row(bracket) for bracket in shown]

    def more(drawn: int) -> Text | None:
        words = hidden_text(snapshot, shown[:drawn])
        return look.text(words, "dim") if words else None

    return Block((), rows, min(3, len(rows)), more)


def _stages(bracket: BracketView, room: int, look: Look) -> Text:
    """Each stage as ended/all, and how many failed (F); if there is no room, the first stages are left out."""
    parts = [_stage(view) for view in bracket.stages]
    between = " > " if look.ascii else " › "
    first, newest = 0, bracket.stages.index(bracket.current)
    while first < newest and sum(len(part) + 3 for part in parts[first:]) - 3 + 2 * (first > 0) > room:
        first += 1
    text = Text(f"{look.dots} " if first else "", "dim")
    text = Text.assemble(text, Text(between).join(parts[first:]))
    if len(text) > room:
        text.truncate(max(0, room - len(look.dots)))
        text.append(look.dots, "dim")
    return text


def _stage(view: StageView) -> Text:
    done = sum(outcome.status in ENDED for outcome in view.outcomes)
    text = Text(f"{done}/{len(view.outcomes)}", "" if view.ended else "bold" if view.started else "dim")
    if bad := view.counts[Status.FAILED]:
        text.append(f" {bad}F", BAD)
    return text


def _running(snapshot: Snapshot, now: float, look: Look) -> list[Block]:
    """Running configurations, oldest first."""
    slots = [(slot, stage) for slot, stage, outcome, _ in snapshot.slots() if outcome.status is Status.RUNNING]
    queued = sum(view.counts[Status.QUEUED] for bracket in snapshot.brackets for view in bracket.stages)
    if not slots and not queued:
        return []
    begun = [(*_at_work(snapshot, slot, stage), slot, stage) for slot, stage in slots[:RUNNING_READ]]
    begun.sort(key=lambda one: (one[0] is None, one[0] or 0.0))
    rows = [
        (
            f"  {slot}",
            f"budget {short_number(stage.budget)}",
            "starting" if start is None else duration(now - start),
            host,
            Text(note, "dim"),
        )
        for start, host, note, slot, stage in begun
    ]

    def more(shown: int) -> Text | None:
        return look.text(f"  {look.dots} and {len(slots) - shown} more", "dim") if shown < len(slots) else None

    heading = look.text(f"Running {len(slots)}" + (f", queued {queued}" if queued else ""), "bold")
    return [Block((heading,), rows, min(2, len(rows)), more)]


def _at_work(snapshot: Snapshot, slot: Slot, stage: Stage) -> tuple[float | None, str, str]:
    """Start, host and other facts about a configuration that is being trained."""
    records = [read_attempts(snapshot.path / training.path) for training in slot.runs(stage.fold_names)]
    begun = [record[-1] for record in records if record and not record[-1].end]
    if not begun:
        return None, "", ""
    start = min((start for attempt in begun if (start := timestamp(attempt.start)) is not None), default=None)
    note = f"attempt {begun[-1].attempt}" if begun[-1].attempt > 1 else ""
    if stage.fold_names:
        ended = sum(bool(record and record[-1].end) for record in records)
        note = f"{ended} of {len(records)} folds"
    return start, begun[-1].host, note


def _best(snapshot: Snapshot, look: Look) -> list[Block]:
    if snapshot.best is None:
        return [Block((look.text(best_text(snapshot).capitalize(), "dim"),), (), 0)]
    words = best_text(snapshot)
    lines = [look.text(f"{words[0].upper()}{words[1:]}: {snapshot.best[1]}", BEST)]
    values = _values(snapshot, snapshot.best[1])
    return [Block((*lines, *([look.text(f"  {values}")] if values else [])), (), 0)]


def _values(snapshot: Snapshot, slot: Slot) -> str:
    born = root_of(slot, snapshot.path) or slot
    trained = read_trained(snapshot, [born])
    return parameters_text(trained[born].parameters, " ", ", ") if born in trained else ""


def _failures(snapshot: Snapshot, look: Look) -> list[Block]:
    """Failures by cause, most frequent first."""
    groups = by_cause(snapshot.path, failed_slots(snapshot))
    if not groups:
        return []
    heading = failed_text(snapshot)
    rows = [(look.text(f"  {len(slots)} - {cause} ({slots[0]})"),) for cause, slots in groups[:FAILURES_SHOWN]]

    def more(shown: int) -> Text | None:
        left = len(groups) - shown
        words = f"  {look.dots} and {left} other {'cause' if left == 1 else 'causes'}: hyband failures"
        return look.text(words, "dim") if left else None

    return [Block((look.text(heading[0].upper() + heading[1:], BAD),), rows, 1, more)]


def _news(events: Sequence[str], look: Look) -> list[Block]:
    """The latest promotions, newest last."""
    promoted = [event for event in events if event.startswith(PROMOTED)][-NEWS_SHOWN:]
    rows = [(look.text(f"  {event.removeprefix(PROMOTED)}"),) for event in reversed(promoted)]
    return [Block((look.text("Promoted", "bold"),), rows, 1)] if rows else []
