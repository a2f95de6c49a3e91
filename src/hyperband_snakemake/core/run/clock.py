"""Files with times in the future: a clock was set back, or a backup comes from a machine whose clock is ahead.

Snakemake compares times: outputs made from a file dated tomorrow look too old, so it fails the job and deletes them.
"""

import os
import shlex
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..plan import Plan, counted
from ..tree import layout
from ..tree.layout import proposal_path, slots_of, stage_path

TOLERANCE = 2.0  # seconds by which the clocks of two machines may differ


def bring_back_from_the_future(plan: Plan, search: Path) -> str:
    """Set times in the future to now for files that Snakemake looks at. Say what was done; empty if nothing was."""
    now = time.time()
    late = [path for path in _files(plan, search) if _modified(path) > now + TOLERANCE]
    stay = [path for path in late if not _set_time(path, now)]
    if not late:
        return ""
    first = (stay or late)[0].relative_to(search)
    what = f"{counted(len(late), 'file')} had a time in the future ({first})"
    if not stay:
        return f"{what}; it was set to now. Check the clock."
    whole = shlex.quote(str(search))
    return (
        f"{what}; that of {len(stay)} could not be set to now: others own them. If Snakemake then reports outputs that "
        f"are older than their input, call this once as their owner: find {whole} -newermt now -exec touch {{}} +"
    )


def _set_time(path: Path, now: float) -> bool:
    """Set the time of a file. Only its owner may choose one; who may write the file can set it to that of its disk."""
    try:
        os.utime(path, (now, now))
    except PermissionError:
        with suppress(OSError):
            os.utime(path)
    except OSError:
        return False
    return _modified(path) <= now + TOLERANCE


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
