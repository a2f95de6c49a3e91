"""Events of a search as lines: for a log, or a terminal without a live view."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..core.plan import short_number
from ..core.training.logs import last_words
from ..core.tree.folds import fold_of
from ..core.tree.layout import Slot
from ..core.tree.outcome import Outcome, Status
from ..snapshot.durations import duration
from ..snapshot.pace import Pace
from ..snapshot.scan import Snapshot
from .failures import find_cause
from .state import best_text, done_text, failed_text, is_at_work
from .words import result_text

FAILED, PROMOTED = "Failed: ", "Promoted: "  # prefixes of lines in `news`
MINUTE, QUIET = 60.0, 600.0  # seconds between two progress lines; the same if nothing has changed


def news(old: Snapshot | None, new: Snapshot) -> Iterator[str]:
    """One line for each failure and promotion that is not in ``old``: a log shows these instead of the view."""
    before: Mapping[Slot, tuple[Outcome, Slot | None]] = (
        {slot: (outcome, origin) for slot, _, outcome, origin in old.slots()} if old else {}
    )
    promoted: dict[tuple[int, int], int] = {}
    for slot, _, outcome, origin in new.slots():
        known, known_origin = before.get(slot, (None, None))
        if outcome.status is Status.FAILED and (known is None or known.status is not Status.FAILED):
            yield f"{FAILED}{slot} - {find_cause(new.path, slot, outcome.reason)}{_log_of(new, slot, outcome)}"
        if origin is not None and known_origin is None:
            promoted[slot.bracket, slot.stage] = promoted.get((slot.bracket, slot.stage), 0) + 1
    for (bracket, stage), number in promoted.items():
        below = new.bracket(bracket).stages[stage - 1]
        best = f", best {result_text(below.outcomes[below.top[0]].result)}" if below.top else ""
        yield f"{PROMOTED}{number} of {len(below.outcomes)} of bracket {bracket} into stage {stage}{best}"


def _log_of(snapshot: Snapshot, slot: Slot, outcome: Outcome) -> str:
    """The log of a failure, as the end of a line; empty if there is no log, or it is empty."""
    training = replace(slot, fold=fold_of(outcome.reason)[0])
    name, words = last_words(snapshot.path / training.path)
    return f" ({snapshot.path / training.path / name})" if words else ""


def progress_line(snapshot: Snapshot, pace: Pace) -> str:
    """The progress of a search in one line, without the time of day."""
    running = sum(outcome.status is Status.RUNNING for _, _, outcome, _ in snapshot.slots())
    left = f"about {duration(pace.left.total_seconds())} left" if pace.left and is_at_work(snapshot) else ""
    share = f"budget {short_number(snapshot.spent)} of {short_number(snapshot.plan.budget)}"
    parts = [done_text(snapshot), failed_text(snapshot), f"{running} running", share, left, best_text(snapshot)]
    return f"Progress: {', '.join(filter(None, parts))}"


@dataclass
class Ticker:
    """Decides when a progress line is due: after each minute in which something changed, and every ten minutes."""

    last: float
    said: str = ""

    def due(self, line: str, now: float) -> str:
        """The line with the time of day if it is due at ``now`` (seconds since 1970), otherwise an empty text."""
        if now - self.last < (MINUTE if line != self.said else QUIET):
            return ""
        self.last, self.said = now, line
        return f"{time.strftime('%H:%M', time.localtime(now))} {line}"
