"""The jobs of a slot: the file ``jobs/config-3`` in its stage, with one JSON line for each job submitted for it.

The first half of a line, with a token that is also in the job's comment, is written before the job is submitted, and
the second half, with the job's number, afterwards. So a later run finds the job even after a kill in between.
The submitting process holds a lock on the file until the job's outcome is known.
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

AWAY_AFTER = 30.0  # seconds without an answer from Slurm before that is reported
UNLISTED = 60.0  # seconds after a job was submitted in which squeue may not know it
CANCELLED = "cancelled"
INTERRUPTED = "cut off: run.sh and the program that started it were stopped (Ctrl-C, a scheduler, or out of memory)"


@dataclass(frozen=True)
class Submission:
    """One job, shared by ``configs`` configurations; without a ``job`` number, it may never have been submitted."""

    token: str = ""
    submitted: str = ""
    run: str = ""
    configs: int = 1
    job: str = ""
    refused: str = ""

    @property
    def when(self) -> float:
        """When it was about to be submitted, in seconds since 1970; 0 if that cannot be read."""
        return timestamp(self.submitted) or 0


_KINDS: dict[str, type] = {**dict.fromkeys(("token", "submitted", "run", "job", "refused"), str), "configs": int}


def new_token() -> str:
    """Make a word that no other job has in its comment."""
    return os.urandom(8).hex()


def begin_text(token: str, run: str, configs: int) -> str:
    """First half of a line."""
    return first_half({"token": token, "submitted": now(), "run": run, "configs": configs})


def submitted_text(job: str) -> str:
    """Second half, once Slurm has accepted the job."""
    return second_half({"job": job})


def refused_text(reason: str) -> str:
    """Second half, if Slurm has refused the job."""
    return second_half({"refused": reason})


def cancelled_text() -> str:
    """A line saying that the job before it was ended by `hyband cancel`."""
    return first_half({"token": "", "submitted": now()}) + refused_text(CANCELLED)


def is_of(attempt: Attempt, submission: Submission) -> bool:
    """Whether an attempt was made by this job or by a task of this job array."""
    return bool(submission.job) and attempt.job.partition("_")[0] == submission.job


def jobs_path(directory: Path) -> Path:
    """Path of the job file of the slot in ``directory``, whether or not it exists yet."""
    return find_path(directory, layout.JOBS)


def read_submissions(directory: Path) -> tuple[Submission, ...]:
    """All jobs of a configuration, oldest first."""
    return tuple(_submissions(jobs_path(directory)))


def _submissions(path: Path) -> Iterator[Submission]:
    for data in read_lines(path):
        yield Submission(**known_fields(data, _KINDS))


def append(slots: Sequence[Slot], text: str, search: Path = Path()) -> None:
    """Add half a line to the file of each slot, and flush it to disk."""
    for slot in slots:
        path = jobs_path(search / slot.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def take_up_jobs(slots: Sequence[Slot], since: int, poll: float) -> set[str]:
    """Wait for a look at the queue after ``since``, and give the numbers of these slots' jobs that are still alive.

    A job whose submitting process was killed before it could write down the job's number is found and recorded.
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
    """Give the newest job of each slot, if Slurm has not refused it."""
    last = {slot: submissions[-1] for slot in slots if (submissions := read_submissions(slot.path))}
    return {slot: submission for slot, submission in last.items() if not submission.refused}


def taken_nevertheless(token: str, poll: float) -> str:
    """Number of a job that Slurm accepted although sbatch gave up; empty if there is none."""
    return _number_of(token, _await_queue(int(time.time()), poll))


def _number_of(token: str, queue: Queue) -> str:
    found = (job.number for job in queue.jobs.values() if token in job.comment)
    return next(found, "").partition("_")[0]


def _await_queue(since: int, poll: float) -> Queue:
    """Wait until Slurm has answered after this moment. If it is down for a while, that is reported once."""
    begin, said = time.monotonic(), False
    while (queue := ask(Path(), patience=poll)).taken <= since:
        if not said and time.monotonic() - begin > max(AWAY_AFTER, 2 * poll):  # an answer may be as old as ``poll``
            print("Slurm does not answer (squeue). Waiting for it.", file=sys.stderr, flush=True)
            said = True
        time.sleep(min(1, poll))
    return queue


def await_ending(attempt: Attempt) -> tuple[str, str]:
    """Give what ended an attempt that did not end by itself: Slurm's state, if any, and a text.

    As long as Slurm says that the attempt's job is alive on another host, it has not ended, and this waits.
    """
    own = os.environ.get(JOB, "")
    if not attempt.job:
        return "", INTERRUPTED
    if attempt.job == own:
        return "REQUEUED", f"REQUEUED: Slurm started job {own} again"
    said = False
    while (queue := ask(Path(), patience=5)).lives(attempt.job):
        if not said:
            print(f"Waiting for job {attempt.job}, which still has this training run.", file=sys.stderr, flush=True)
            said = True
        time.sleep(5)
    state, reason = ask_state(attempt.job, queue)
    return state, reason or INTERRUPTED
