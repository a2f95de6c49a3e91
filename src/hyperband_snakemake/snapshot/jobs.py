"""Which Slurm job belongs to which slot, according to the files on disk: Slurm is not asked."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ..core.disk.files import exists
from ..core.plan import counted
from ..core.slurm.jobs import read_submissions
from ..core.slurm.never_began import ENDED, Line, read_newest
from ..core.slurm.queue import Queue
from ..core.tree import layout
from ..core.tree.layout import Slot
from ..core.tree.outcome import Outcome, Status
from ..core.tree.record import Attempt, read_attempts, timestamp
from .durations import duration

MOST_SHOWN = 10


@dataclass(frozen=True)
class JobView:
    """One waiting or running job; while it waits, ``elapsed`` is None and ``reason`` says why."""

    number: str
    node: str = ""
    elapsed: timedelta | None = None
    reason: str = ""

    @property
    def text(self) -> str:
        """The job in words.

        >>> JobView("7", "node1", timedelta(seconds=75)).text, JobView("8", reason="Priority").text
        ('job 7 on node1, running for 1 min 15 s', 'job 8, queued (Priority)')
        """
        if self.elapsed is None:
            return f"job {self.number}, queued" + (f" ({self.reason})" if self.reason else "")
        return f"job {self.number} on {self.node or 'some node'}, running for {duration(self.elapsed.total_seconds())}"


def job_of(directory: Path, outcome: Outcome, queue: Queue) -> JobView | None:
    """Find the job of a slot that has no outcome yet; None if there is none, or it has ended."""
    if outcome.status not in (Status.PENDING, Status.RUNNING):
        return None
    attempts, submissions = read_attempts(directory), read_submissions(directory)
    if attempts and attempts[-1].job and not attempts[-1].end:
        job = next(iter(queue.tasks(attempts[-1].job)), None)
        if outcome.status is Status.RUNNING or (job is not None and job.lives and not job.waits):
            return JobView(attempts[-1].job, attempts[-1].host, _since(attempts[-1].start))
    last = submissions[-1] if submissions else None
    if last is None or not last.job or not queue.lives(last.job) or _has_done_its_part(last.job, attempts):
        return None
    waiting = [job for job in queue.tasks(last.job) if job.waits]
    return JobView(last.job, reason=waiting[0].reason.replace("None", "") if waiting else "")


def _has_done_its_part(job: str, attempts: Sequence[Attempt]) -> bool:
    """Whether the attempt that a job was submitted for has ended, whatever the last known queue says about the job."""
    return (
        bool(attempts) and bool(attempts[-1].end) and attempts[-1].job.split("_")[0] == job and not attempts[-1].slurm
    )


def never_began_text(search: Path) -> str:
    """Say how many jobs ended before run.sh was started, if none has begun since; empty if there are none."""
    lines = [line for line in read_newest(search) if line.kind == ENDED and _is_without_begin(search, line)]
    if not lines:
        return ""
    states = Counter(line.state or "Slurm does not say why" for line in lines).most_common()
    last = lines[-1]
    return (
        f"Slurm - {counted(len(lines), 'job')} ended before run.sh was started"
        f" ({', '.join(f'{number} {state}' for state, number in states)};"
        f" the last: {last.job}{f' on {last.node}' if last.node else ''}, {last.slot})."
        " Others are submitted after pauses of up to 5 minutes."
    )


def _is_without_begin(search: Path, line: Line) -> bool:
    try:
        path = search / Slot.parse(line.slot).path
    except ValueError:
        return False
    has_begun = any((timestamp(attempt.start) or 0) >= line.when for attempt in read_attempts(path))
    return not has_begun and not exists(path / layout.OUTCOME)


def _since(start: str) -> timedelta:
    began = timestamp(start)
    return timedelta() if began is None else timedelta(seconds=int(time.time() - began))
