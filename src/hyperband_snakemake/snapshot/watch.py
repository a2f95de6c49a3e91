"""Reading a search repeatedly: only what may have changed is read again."""

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
from .scan import Snapshot, read_stage, scan_files, with_jobs
from .stages import ENDED, BracketView, StageView

RECHECKED = 100  # ended training runs that each look reads again, in turn
FRESH = 5.0  # seconds during which a time stamp may hide a second change


class Watcher:
    """Reads the state of a search at each `look`.

    For a waiting slot, only its directory's time stamp is checked; in a stage without promotions, not even that.
    Running slots are read each time. Of the ended ones, `RECHECKED` are read in turn, because `hyband retry` may remove
    a result. With Slurm, slots with a job are also read each time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files: Snapshot | None = None  # from the files alone, without Slurm jobs
        self._seen: dict[Slot, float] = {}
        self._jobless: set[Slot] = set()
        self._turn = 0

    def look(self) -> Snapshot:
        """The present state of the search.

        Raises:
            NotASearch: there is no search.
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
        """Whether an outcome is still up to date."""
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
