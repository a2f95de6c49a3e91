"""What a job that has ended left behind in one slot."""

import time
from collections.abc import Sequence
from pathlib import Path

from ..disk.files import read
from ..plan import Stage
from ..training.attempt import result_wait
from ..training.verdict import conclude, end_attempt, known
from ..tree import layout
from ..tree.layout import Slot
from ..tree.outcome import Outcome, failed
from ..tree.reasons import OUT_OF_MEMORY, TIMEOUTS, slurm_reason, slurm_state
from ..tree.record import Attempt, holder_text, is_unfinished, locked, read_attempts, timestamp
from .jobs import CANCELLED, INTERRUPTED, Submission, read_submissions
from .queue import ask_state, read_queue
from .request import SlurmConfig

MOST_LOST = 3  # jobs in a row that ended before run.sh was started for any of their trainings


def settle(slurm: SlurmConfig, stage: Stage, slot: Slot, together: Sequence[Slot]) -> bool:
    """End what was cut off, with the reason that Slurm gives, and write the outcome if it is known now.

    ``together`` are the slots that share jobs with this one. Waits for processes that a dead node has left running
    in the slot's directory: they may still write.
    """
    submissions = read_submissions(slot.path)
    if submissions and submissions[-1].job:
        _await_traces(slot, submissions[-1])
    if is_unfinished(slot.path):
        with locked(slot.path, on_wait=lambda: print(f"{slot}: waiting for {holder_text(slot.path)}.")) as record:
            if is_unfinished(slot.path):
                state, reason = _ending(slurm, stage, slot, read_attempts(slot.path)[-1], submissions)
                end_attempt(record, reason=reason, slurm=state)
    outcome = known(slot.path) or _lost(submissions, together)
    if outcome is not None:
        conclude(slot.path, outcome)
    return outcome is not None


def _await_traces(slot: Slot, submission: Submission) -> None:
    """Wait a little: on a network file system, what a job has written may come later than the news of its end."""
    state = next((job.state for job in read_queue(Path()).tasks(submission.job)), "")
    deadline = time.monotonic() + result_wait()
    while state == "COMPLETED" and time.monotonic() < deadline:
        ours = [attempt for attempt in read_attempts(slot.path) if is_of(attempt, submission)]
        if ours and ours[-1].end:
            return
        time.sleep(0.1)


def is_of(attempt: Attempt, submission: Submission) -> bool:
    """Whether an attempt was made by this job, or by a task of this job array."""
    return bool(submission.job) and attempt.job.partition("_")[0] == submission.job


def _ending(
    slurm: SlurmConfig, stage: Stage, slot: Slot, attempt: Attempt, submissions: Sequence[Submission]
) -> tuple[str, str]:
    """State and reason of an attempt that was cut off."""
    if not attempt.job:
        return "", INTERRUPTED
    state, reason = ask_state(attempt.job, read_queue(Path()))
    if slurm_state(read(Path(layout.SLURM_DIR, f"{attempt.job}.out")) or "") == OUT_OF_MEMORY:
        # where memory is watched and not enforced by the kernel, the state is another
        state, reason = OUT_OF_MEMORY, slurm_reason(OUT_OF_MEMORY, "", f"job {attempt.job}")
    shared = any(is_of(attempt, submission) and submission.configs > 1 for submission in submissions)
    if state in TIMEOUTS and shared and "_" not in attempt.job:
        own = slurm.request(slot.bracket, stage).seconds
        if own is not None and _age(attempt) < own:
            return "PACK_TIMEOUT", reason + "; most of it was used up by the trainings before it in the same job"
    return state, reason or INTERRUPTED


def _age(attempt: Attempt) -> float:
    """Seconds since it was started, or endless if nobody knows."""
    start = timestamp(attempt.start)
    return float("inf") if start is None else time.time() - start


def _lost(submissions: Sequence[Submission], together: Sequence[Slot]) -> Outcome | None:
    """Give up on a slot if several jobs in a row did not get as far as run.sh.

    ======================================  ==============================================================
    these jobs count                        the last three that were submitted, each with a number
    `hyband cancel` begins the count again  its line is in ``jobs``: only jobs after the last such line
    `hyband retry` begins it again, too     its line is in ``attempts``: only jobs that were submitted later
    one of them has started run.sh          for this slot or one that shares the job: nothing is given up
    fewer than three are left               nothing is given up
    ======================================  ==============================================================
    """
    attempts = [attempt for slot in together for attempt in read_attempts(slot.path)]
    retried = max((attempt.retry for attempt in attempts), default="")
    since = max((i for i, submission in enumerate(submissions) if submission.refused == CANCELLED), default=-1) + 1
    jobs = [s for s in submissions[since:] if s.job and s.submitted > retried][-MOST_LOST:]
    if len(jobs) < MOST_LOST or any(is_of(attempt, job) for attempt in attempts for job in jobs):
        return None
    _, reason = ask_state(jobs[-1].job, read_queue(Path()))
    numbers = ", ".join(job.job for job in jobs)
    return failed(
        f"{MOST_LOST} jobs in a row ended before run.sh was started ({numbers})"
        + (f"; the last: {reason}" if reason else "")
        + f"; see {layout.SLURM_DIR}/{jobs[-1].job}.out"
    )
