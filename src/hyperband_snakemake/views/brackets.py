"""A line for each bracket: what `hyband status` shows for a search that is too large to show completely."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ..core.plan import short_number
from ..core.tree.outcome import Status
from ..snapshot.scan import Snapshot
from ..snapshot.stages import ENDED, BracketView
from .words import result_text

MOST = 14  # lines; if there are more brackets, those at work come first
_WORDS = ((Status.FAILED, "failed"), (Status.RUNNING, "running"), (Status.QUEUED, "queued"), (Status.EMPTY, "empty"))


def is_at_work(bracket: BracketView) -> bool:
    """Whether it has begun but not ended."""
    return bracket.stages[0].started and not has_ended(bracket)


def has_ended(bracket: BracketView) -> bool:
    """Whether all of its stages have ended."""
    return bracket.stages_completed == len(bracket.stages)


def chosen(snapshot: Snapshot, most: int = MOST) -> list[BracketView]:
    """Choose at most this many brackets, in order: preferably those at work, then the newest ended ones."""
    at_work = [one for one in snapshot.brackets if is_at_work(one)]
    ended = [one for one in reversed(snapshot.brackets) if has_ended(one)]
    waiting = [one for one in snapshot.brackets if not one.stages[0].started and not has_ended(one)]
    first = [*at_work, *ended, *waiting] if at_work else [*ended, *waiting]
    shown = {one.bracket.index for one in first[:most]}
    return [one for one in snapshot.brackets if one.bracket.index in shown]


def hidden_text(snapshot: Snapshot, shown: Sequence[BracketView]) -> str:
    """The line about brackets that are not shown; empty if all are."""
    if len(shown) == len(snapshot.brackets):
        return ""
    done, at_work = sum(map(has_ended, snapshot.brackets)), sum(map(is_at_work, snapshot.brackets))
    return f"Brackets: {done} of {len(snapshot.brackets)} done, {at_work} at work"


def bracket_lines(snapshot: Snapshot) -> Iterator[str]:
    """A line for each bracket: the progress of its latest stage, or its best result."""
    shown = chosen(snapshot)
    width = len(str(shown[-1].bracket.index))
    for bracket in shown:
        yield f"Bracket {bracket.bracket.index:<{width}} - {_progress(bracket)}"
    if words := hidden_text(snapshot, shown):
        yield words


def _progress(bracket: BracketView) -> str:
    counts = sum((view.counts for view in bracket.stages), Counter[Status]())
    view = bracket.current
    if not view.started:
        what = "not begun"
    elif has_ended(bracket):
        what = "done"
    else:
        ended = sum(outcome.status in ENDED for outcome in view.outcomes)
        stage = f"stage {view.stage.index}, budget {short_number(view.stage.budget)}"
        what = f"{stage}: {ended} of {len(view.outcomes)} done"
    parts = [what, *(f"{counts[status]} {word}" for status, word in _WORDS if counts[status]), *_best(bracket)]
    return ", ".join(parts)


def _best(bracket: BracketView) -> Iterator[str]:
    """The best result at the largest budget with results."""
    view = next((view for view in reversed(bracket.stages) if view.top), None)
    if view is not None:
        yield f"best {result_text(view.outcomes[view.top[0]].result)} at budget {short_number(view.stage.budget)}"
