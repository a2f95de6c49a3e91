"""Reading a search again and again: only what may have changed is read."""

from dataclasses import replace
from pathlib import Path

from .core import layout
from .scan import ENDED, BracketView, Snapshot, StageView, read_stage, scan


class Watcher:
    """Reads a search again at each `look`. What has ended stays as it is on disk, so it is not read again.

    A stage whose promotion is there, and whose slots have all ended, costs nothing; of the others only slots that have
    not ended are read, and a stage that its predecessor has not been promoted into is not looked at at all. A result
    that `hyband retry` takes back is seen by a new watcher.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last: Snapshot | None = None

    def look(self) -> Snapshot:
        """The search as it is now.

        Raises:
            NotASearch: there is none.
        """
        if self._last is None or (self.path / layout.SLURM).exists():
            self._last = scan(self.path)
        else:
            self._last = replace(self._last, brackets=tuple(self._bracket(view) for view in self._last.brackets))
        return self._last

    def _bracket(self, old: BracketView) -> BracketView:
        stages: list[StageView] = []
        for view in old.stages:
            waits = bool(stages) and not stages[-1].ended
            stages.append(view if view.ended or (waits and not view.started) else self._stage(view))
        return replace(old, stages=tuple(stages))

    def _stage(self, old: StageView) -> StageView:
        known = {c: outcome for c, outcome in enumerate(old.outcomes) if outcome.status in ENDED}
        return read_stage(self.path, old.bracket, old.stage, known)
