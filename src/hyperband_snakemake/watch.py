"""Reading a search again and again: only what may have changed is read."""

import os
import time
from dataclasses import replace
from pathlib import Path

from .core import layout
from .core.layout import Slot
from .core.outcome import PENDING, Outcome
from .scan import ENDED, BracketView, Snapshot, StageView, read_stage, scan

RECHECKED = 100  # trainings that have ended and are read again in each look, in turn
FRESH = 5.0  # seconds for which a time stamp may still hide a second change


class Watcher:
    """Reads a search again at each `look`.

    Of a slot that waits, just the time stamp of its directory is asked for, and those of a stage into which nothing was
    promoted yet not even that. What runs is read each time; of what has ended, `RECHECKED` slots in turn, since
    `hyband retry` may take a result back. With Slurm everything is read: the queue says what waits and what runs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last: Snapshot | None = None
        self._seen: dict[Slot, float] = {}
        self._turn = 0

    def look(self) -> Snapshot:
        """The search as it is now.

        Raises:
            NotASearch: there is none.
        """
        if self._last is None or (self.path / layout.SLURM).exists():
            self._last = scan(self.path)
        else:
            again = self._next_turn(self._last)
            self._last = replace(self._last, brackets=tuple(self._bracket(view, again) for view in self._last.brackets))
        return self._last

    def _next_turn(self, last: Snapshot) -> set[Slot]:
        ended = [slot for slot, _, outcome, _ in last.slots() if outcome.status in ENDED]
        self._turn = self._turn if self._turn < len(ended) else 0
        chosen = ended[self._turn : self._turn + RECHECKED]
        self._turn += RECHECKED
        return set(chosen)

    def _bracket(self, old: BracketView, again: set[Slot]) -> BracketView:
        stages: list[StageView] = []
        for view in old.stages:
            waits = bool(stages) and not stages[-1].ended and not view.started
            rest = view.ended and not any(
                (slot.bracket, slot.stage) == (view.bracket, view.stage.index) for slot in again
            )
            stages.append(view if waits or rest else self._stage(view, again))
        return replace(old, stages=tuple(stages))

    def _stage(self, old: StageView, again: set[Slot]) -> StageView:
        slots = (Slot(old.bracket, old.stage.index, c) for c in range(len(old.outcomes)))
        pairs = zip(slots, old.outcomes, strict=True)
        known = {slot.config: outcome for slot, outcome in pairs if slot not in again and self._holds(slot, outcome)}
        return read_stage(self.path, old.bracket, old.stage, known)

    def _holds(self, slot: Slot, outcome: Outcome) -> bool:
        """Whether an outcome is still what a reader would find."""
        if outcome != PENDING:
            return outcome.status in ENDED
        try:
            stamp = os.stat(self.path / slot.path).st_mtime
        except OSError:
            stamp = 0.0
        before, self._seen[slot] = self._seen.get(slot), stamp
        return stamp == before and abs(time.time() - stamp) > FRESH
