"""Files with times in the future: a clock was set back, or a backup comes from a machine whose clock is ahead.

Snakemake compares times: outputs made from a file dated tomorrow look too old, so it fails the job and deletes them.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from ..plan import Plan, counted
from ..tree import layout
from ..tree.layout import proposal_path, slots_of, stage_path

TOLERANCE = 2.0  # seconds by which the clocks of two machines may differ


def bring_back_from_the_future(plan: Plan, search: Path) -> str:
    """Set times in the future to now for files that Snakemake looks at. Say what was done; empty if nothing was."""
    now = time.time()
    late = [path for path in _files(plan, search) if _modified(path) > now + TOLERANCE]
    for path in late:
        os.utime(path, (now, now))
    if not late:
        return ""
    first = late[0].relative_to(search)
    return f"{counted(len(late), 'file')} had a time in the future ({first}); it was set to now. Check the clock."


def _files(plan: Plan, search: Path) -> Iterator[Path]:
    for bracket in plan.brackets:
        yield search / proposal_path(bracket.index)
        for stage in bracket.stages[:-1]:
            yield search / stage_path(bracket.index, stage.index) / layout.PROMOTION
    for slot, stage in slots_of(plan):
        for run in (slot, *(slot.runs(stage.fold_names) if stage.fold_names else ())):
            yield search / run.path / layout.OUTCOME
            yield search / run.path / layout.RESULT


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0
