"""The jobs of a slot: the file ``jobs/config-3`` of its stage, one line of JSON for each job that was submitted for it.

The first half of a line, with a token that is also in the job's comment, is written before the job is submitted and the
second half, with the job's number, after it. So whoever comes later finds the job, whatever was killed in between. Who
submits holds a lock on the file until the job's outcome is known.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..disk.jsonlines import first_half, known_fields, read_lines, second_half
from ..tree import layout
from ..tree.apart import find_path
from ..tree.environment import JOB
from ..tree.layout import Slot
from ..tree.record import Attempt, now, timestamp
from .queue import Queue, ask, ask_state

AWAY_AFTER = 30.0  # seconds without an answer of Slurm before that is said
UNLISTED = 60.0  # seconds after a job was submitted in which squeue may not know it
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
    return os.urandom(8).hex()


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
    """A line that says: the job before it was ended by `hyband cancel`."""
    return first_half({"token": "", "submitted": now()}) + refused_text(CANCELLED)


def is_of(attempt: Attempt, submission: Submission) -> bool:
    """Whether an attempt was made by this job, or by a task of this job array."""
    return bool(submission.job) and attempt.job.partition("_")[0] == submission.job


def jobs_path(directory: Path) -> Path:
    """Where the jobs of the slot in ``directory`` are noted, or will be."""
    return find_path(directory, layout.JOBS)


def read_submissions(directory: Path) -> tuple[Submission, ...]:
    """All jobs of a configuration, oldest first."""
    return tuple(_submissions(jobs_path(directory)))


def _submissions(path: Path) -> Iterator[Submission]:
    for data in read_lines(path):
        yield Submission(**known_fields(data, _KINDS))


def append(slots: Sequence[Slot], text: str, search: Path = Path()) -> None:
    """Add half a line to the file of each slot, safely on disk."""
    for slot in slots:
        path = jobs_path(search / slot.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def take_up_jobs(slots: Sequence[Slot], since: int, poll: float) -> set[str]:
    """Wait for the queue as it is after ``since``, and give the numbers of the jobs of these slots that live.

    A job that was submitted by somebody who was killed before he could note its number is found, and noted.
    """
    if not _last_submissions(slots):
        return set()
    queue = _await_queue(since, poll)
    for slot, submission in _last_submissions(slots).items():
        if not submission.job:
            number = _number_of(submission.token, queue)
            append([slot], submitted_text(number) if number else refused_text("never submitted"))
    last = {submission.job: submission for submission in _last_submissions(slots).values() if submission.job}
    return {job for job, submission in last.items() if _lives(submission, queue) or _is_too_new(submission, queue)}


def _lives(submission: Submission, queue: Queue) -> bool:
    return any(job.lives and not job.is_of_another([submission.token]) for job in queue.tasks(submission.job))


def _is_too_new(submission: Submission, queue: Queue) -> bool:
    """Whether an answer of squeue may be too old to have this job: some sites keep one for a while, for all users."""
    return not queue.tasks(submission.job) and 0 <= queue.taken - submission.when < UNLISTED


def _last_submissions(slots: Sequence[Slot]) -> dict[Slot, Submission]:
    """Give the newest job of each slot that has one which Slurm has not refused."""
    last = {slot: submissions[-1] for slot in slots if (submissions := read_submissions(slot.path))}
    return {slot: submission for slot, submission in last.items() if not submission.refused}


def taken_nevertheless(token: str, poll: float) -> str:
    """Number of the job that Slurm took although sbatch had given up; empty if it has not."""
    return _number_of(token, _await_queue(int(time.time()), poll))


def _number_of(token: str, queue: Queue) -> str:
    found = (job.number for job in queue.jobs.values() if token in job.comment)
    return next(found, "").partition("_")[0]


def _await_queue(since: int, poll: float) -> Queue:
    """Wait until Slurm has answered after this moment; it may be away for a while, which is said once."""
    begin, said = time.monotonic(), False
    while (queue := ask(Path(), patience=poll)).taken <= since:
        if not said and time.monotonic() - begin > max(AWAY_AFTER, 2 * poll):  # an answer may be as old as ``poll``
            print("Slurm does not answer (squeue). Waiting for it.", file=sys.stderr, flush=True)
            said = True
        time.sleep(min(1, poll))
    return queue


def await_ending(attempt: Attempt) -> tuple[str, str]:
    """Say what ended an attempt that has not ended by itself: the state that Slurm gives, if any, and in words.

    Waits for as long as Slurm says that the attempt's job lives somewhere else: it is not ended then.
    """
    own = os.environ.get(JOB, "")
    if not attempt.job:
        return "", INTERRUPTED
    if attempt.job == own:
        return "REQUEUED", f"REQUEUED: Slurm started job {own} again"
    said = False
    while (queue := ask(Path(), patience=5)).lives(attempt.job):
        if not said:
            print(f"Waiting for job {attempt.job}, which still has this training.", file=sys.stderr, flush=True)
            said = True
        time.sleep(5)
    state, reason = ask_state(attempt.job, queue)
    return state, reason or INTERRUPTED
