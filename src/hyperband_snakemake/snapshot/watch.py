"""Reading a search again and again: only what may have changed is read."""

import os
import time
from dataclasses import replace
from pathlib import Path

from ..core.disk.files import exists
from ..core.disk.packed import look_again
from ..core.plan import Plan
from ..core.slurm.jobs import jobs_path
from ..core.tree.layout import Slot
from ..core.tree.outcome import PENDING, Outcome
from ..core.tree.record import record_path
from .scan import ENDED, BracketView, Snapshot, StageView, read_stage, scan_files, with_jobs

RECHECKED = 100  # training runs that have ended and are read again in each look, in turn
FRESH = 5.0  # seconds for which a time stamp may still hide a second change


class Watcher:
    """Reads a search again at each `look`.

    Of a slot that waits, just the time stamp of its directory is asked for, and those of a stage into which nothing was
    promoted yet not even that. What runs is read each time; of what has ended, `RECHECKED` slots in turn, since
    `hyband retry` may take a result back. With Slurm, those with a job are also read each time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files: Snapshot | None = None  # as the files say, without the jobs of Slurm
        self._seen: dict[Slot, float] = {}
        self._jobless: set[Slot] = set()
        self._turn = 0

    def look(self) -> Snapshot:
        """The search as it is now.

        Raises:
            NotASearch: there is none.
        """
        if self._files is None:
            self._files = scan_files(self.path)
        else:
            look_again()
            old, again = self._files, self._next_turn(self._files)
            self._files = replace(old, brackets=tuple(self._bracket(old.plan, view, again) for view in old.brackets))
        return with_jobs(self._files, self._jobless)

    def _next_turn(self, last: Snapshot) -> set[Slot]:
        ended = [slot for slot, _, outcome, _ in last.slots() if outcome.status in ENDED]
        self._turn = self._turn if self._turn < len(ended) else 0
        chosen = ended[self._turn : self._turn + RECHECKED]
        self._turn += RECHECKED
        return set(chosen)

    def _bracket(self, plan: Plan, old: BracketView, again: set[Slot]) -> BracketView:
        stages: list[StageView] = []
        for view in old.stages:
            slots = {Slot(view.bracket_index, view.stage.index, c) for c in range(len(view.outcomes))}
            if stages and not stages[-1].ended and not view.started:  # it waits for a promotion
                self._jobless |= slots
                stages.append(view)
            else:
                stages.append(view if view.ended and slots.isdisjoint(again) else self._stage(plan, view, again))
        return replace(old, stages=tuple(stages))

    def _stage(self, plan: Plan, old: StageView, again: set[Slot]) -> StageView:
        slots = (Slot(old.bracket_index, old.stage.index, c) for c in range(len(old.outcomes)))
        pairs = zip(slots, old.outcomes, strict=True)
        known = {slot.config: outcome for slot, outcome in pairs if slot not in again and self._holds(slot, outcome)}
        return read_stage(self.path, plan, old.bracket_index, old.stage, known)

    def _holds(self, slot: Slot, outcome: Outcome) -> bool:
        """Whether an outcome is still what a reader would find."""
        if outcome != PENDING:
            self._jobless.discard(slot)
            return outcome.status in ENDED
        directory = self.path / slot.path
        try:
            stamp = os.stat(directory).st_mtime
        except OSError:
            stamp = 0.0
        before, self._seen[slot] = self._seen.get(slot), stamp
        if stamp == before and abs(time.time() - stamp) > FRESH:
            return True
        has_job = exists(jobs_path(directory)) or exists(record_path(directory))
        (self._jobless.discard if has_job else self._jobless.add)(slot)
        return False
