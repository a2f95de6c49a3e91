"""Ends the jobs of a search."""

import time
from pathlib import Path

from .core import layout
from .core.jobs import read_submissions
from .core.squeue import ask, call
from .errors import HybandError


def cancel_jobs(search: Path) -> list[str]:
    """Cancel all jobs that were submitted for a search and live; their numbers.

    Raises:
        HybandError: Slurm does not answer.
    """
    start = int(time.time())
    queue = ask(search)
    if queue.taken < start:
        raise HybandError("Slurm does not answer (squeue). Is this a machine of the cluster, and is the controller up?")
    files = search.glob(f"bracket-*/stage-*/config-*/{layout.JOBS}")
    submissions = [submission for file in files for submission in read_submissions(file.parent)]
    ours = {submission.job for submission in submissions} | {submission.token for submission in submissions}
    living = {
        number
        for job in queue.jobs.values()
        for number in [job.number.partition("_")[0]]
        if job.lives and ours & {number, *job.comment.split()}
    }
    if living and ((done := call(["scancel", *living])) is None or done.returncode):
        raise HybandError(f"scancel failed: {done.stderr.strip() if done else 'no answer'}.")
    return sorted(living)
