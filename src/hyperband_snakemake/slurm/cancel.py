"""Ends the jobs of a search that a stopped run has left, without blame for its trainings."""

import time
from collections.abc import Iterable
from pathlib import Path

from ..core.slurm.jobs import CANCELLED, append, cancelled_text, jobs_path, read_submissions, refused_text
from ..core.slurm.queue import Queue, ask, call
from ..core.training.verdict import end_attempt
from ..core.tree.layout import Slot
from ..core.tree.record import is_unfinished, locked, read_attempts
from ..errors import HybandError

_SLOTS = "bracket-*/stage-*/config-*"
PATIENCE = 60.0  # seconds that cancelled jobs may take to end


def cancel_jobs(search: Path) -> list[str]:
    """Cancel all jobs that were submitted for a search and live, and wait until they have ended; their numbers.

    Raises:
        HybandError: Slurm does not answer, or they do not end.
    """
    places = [*search.glob(_SLOTS), *search.glob(f"{_SLOTS}/fold-*")]
    directories = [place for place in places if place.is_dir() and jobs_path(place).is_file()]
    submissions = [submission for directory in directories for submission in read_submissions(directory)]
    ours = {submission.job for submission in submissions} | {submission.token for submission in submissions}
    living = _living(_queue(search), ours) if ours else []  # to ask writes into the search
    if not living:
        return []
    if (done := call(["scancel", *living])) is None or done.returncode:
        raise HybandError(f"scancel failed: {done.stderr.strip() if done else 'no answer'}.")
    deadline = time.monotonic() + PATIENCE
    while _living(_queue(search), ours):
        if time.monotonic() > deadline:
            raise HybandError(f"Jobs {', '.join(living)} were cancelled, but some have not ended yet. Try again later.")
        time.sleep(0.5)
    for directory in directories:
        _note(search, directory, living)
    return living


def _queue(search: Path) -> Queue:
    start = int(time.time())
    queue = ask(search)
    if queue.taken < start:
        raise HybandError("Slurm does not answer (squeue). Is this a machine of the cluster, and is the controller up?")
    return queue


def _living(queue: Queue, ours: Iterable[str]) -> list[str]:
    """Numbers of those jobs that live and have one of these numbers, or one of these tokens in the comment."""
    names = set(ours)
    return sorted(
        {
            number
            for job in queue.jobs.values()
            for number in [job.number.partition("_")[0]]
            if job.lives and names & {number, *job.comment.split()}
        }
    )


def _note(search: Path, directory: Path, cancelled: list[str]) -> None:
    """End the attempt that was cut off, if any, so that it uses up none; and let the lost job not count."""
    last = read_submissions(directory)[-1]
    if last.job and last.job not in cancelled:
        return
    if is_unfinished(directory):
        with locked(directory) as record:
            number = read_attempts(directory)[-1].job
            end_attempt(record, reason=f"STOPPED: job {number} was ended by `hyband cancel`", slurm="STOPPED")
    is_half = not last.job and not last.refused
    append([Slot.parse(str(directory))], refused_text(CANCELLED) if is_half else cancelled_text(), search)
