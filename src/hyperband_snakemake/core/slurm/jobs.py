"""The jobs of a configuration: the file ``jobs``, one line of JSON for each job that was submitted for it.

The first half of a line, with a token that is also in the job's comment, is written before the job is submitted and the
second half, with the job's number, after it. So whoever comes later finds the job, whatever was killed in between. Who
submits holds a lock on the file until the job's outcome is known.
"""

import os
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..tree import layout
from ..tree.environment import JOB
from ..tree.jsonlines import first_half, read_lines, second_half
from ..tree.layout import Slot
from ..tree.record import Attempt, now, timestamp
from .queue import Queue, ask, state_of

CANCELLED = "cancelled"
INTERRUPTED = "cut off: run.sh and the program that started it were stopped (Ctrl-C, a scheduler, or out of memory)"


@dataclass(frozen=True)
class Submission:
    """One job, shared by ``configs`` configurations; without a ``job`` it was perhaps never submitted."""

    token: str = ""
    submitted: str = ""
    run: str = ""
    configs: int = 1
    job: str = ""
    refused: str = ""

    @property
    def when(self) -> float:
        """Seconds since 1970 of the moment before it was submitted; 0 if that cannot be read."""
        return timestamp(self.submitted) or 0


_KINDS: dict[str, type] = {**dict.fromkeys(("token", "submitted", "run", "job", "refused"), str), "configs": int}


def new_token() -> str:
    """A word that no other job has in its comment."""
    return secrets.token_hex(8)


def begin_text(token: str, run: str, configs: int) -> str:
    """First half of a line."""
    return first_half({"token": token, "submitted": now(), "run": run, "configs": configs})


def submitted_text(job: str) -> str:
    """Second half, once Slurm has taken the job."""
    return second_half({"job": job})


def refused_text(reason: str) -> str:
    """Second half, if it has not."""
    return second_half({"refused": reason})


def cancelled_text() -> str:
    """A line that ends the count of jobs in a row that were lost."""
    return first_half({"token": "", "submitted": now()}) + refused_text(CANCELLED)


def read_submissions(directory: Path) -> tuple[Submission, ...]:
    """All jobs of a configuration, oldest first."""
    return tuple(_submissions(directory / layout.JOBS))


def _submissions(path: Path) -> Iterator[Submission]:
    for data in read_lines(path):
        known = {key: data[key] for key, kind in _KINDS.items() if isinstance(data.get(key), kind)} if data else {}
        yield Submission(**known)


def append(slots: Sequence[Slot], text: str, search: Path = Path()) -> None:
    """Add half a line to the file of each slot, safely on disk."""
    for slot in slots:
        with (search / slot.path / layout.JOBS).open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def find_jobs(slots: Sequence[Slot], since: int, poll: float) -> set[str]:
    """Numbers of those jobs that were submitted for these slots and live, as the queue was after ``since``.

    A job that was submitted by somebody who was killed before he could note its number is found, and noted.
    """
    last = {slot: submissions[-1] for slot in slots if (submissions := read_submissions(slot.path))}
    last = {slot: submission for slot, submission in last.items() if not submission.refused}
    if not last:
        return set()
    queue = _queue_after(since, poll)
    for slot, submission in last.items():
        if not submission.job:
            number = _number_of(submission.token, queue)
            append([slot], submitted_text(number) if number else refused_text("never submitted"))
            last[slot] = replace(submission, job=number)
    return {submission.job for submission in last.values() if submission.job and queue.lives(submission.job)}


def taken_nevertheless(token: str, poll: float) -> str:
    """Number of the job that Slurm took although sbatch had given up; empty if it has not."""
    return _number_of(token, _queue_after(int(time.time()), poll))


def _number_of(token: str, queue: Queue) -> str:
    found = (job.number for job in queue.jobs.values() if token in job.comment)
    return next(found, "").partition("_")[0]


def _queue_after(since: int, poll: float) -> Queue:
    """Wait until Slurm has answered after this moment; it may be away for a while."""
    while (queue := ask(Path(), patience=poll)).taken <= since:
        time.sleep(min(1, poll))
    return queue


def cut_off(attempt: Attempt) -> tuple[str, str]:
    """Say what ended an attempt that has not ended by itself: the state that Slurm gives, if any, and in words.

    Waits for as long as Slurm says that the attempt's job lives somewhere else: it is not ended then.
    """
    own = os.environ.get(JOB, "")
    if not attempt.job:
        return "", INTERRUPTED
    if attempt.job == own:
        return "REQUEUED", f"REQUEUED: Slurm started job {own} again"
    while (queue := ask(Path(), patience=5)).lives(attempt.job):
        time.sleep(5)
    state, reason = state_of(attempt.job, queue)
    return state, reason or INTERRUPTED
