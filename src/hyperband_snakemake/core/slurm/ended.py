"""What an ended job left behind in one slot."""

import time
from collections.abc import Sequence
from pathlib import Path

from ..disk.files import read
from ..plan import Stage
from ..training.attempt import result_wait
from ..training.verdict import conclude, end_attempt, known
from ..tree import layout
from ..tree.layout import Slot
from ..tree.reasons import OUT_OF_MEMORY, TIMEOUTS, slurm_reason, slurm_state
from ..tree.record import Attempt, holder_text, is_unfinished, locked, read_attempts, timestamp
from .jobs import INTERRUPTED, Submission, is_of, read_submissions
from .queue import ask_state, read_queue
from .request import SlurmConfig


def settle(slurm: SlurmConfig, stage: Stage, slot: Slot) -> bool:
    """Finish the record of an interrupted attempt, with Slurm's reason, and write the outcome if it is known now.

    Waits for processes in the slot's directory that a lost node has left running: they may still write. A job that
    ended before run.sh was started changes nothing here; see `nothing_begins`.
    """
    submissions = read_submissions(slot.path)
    if submissions and submissions[-1].job:
        _await_traces(slot, submissions[-1])
    if is_unfinished(slot.path):
        with locked(slot.path, on_wait=lambda: print(f"{slot}: waiting for {holder_text(slot.path)}.")) as record:
            if is_unfinished(slot.path):
                state, reason = _ending(slurm, stage, slot, read_attempts(slot.path)[-1], submissions)
                end_attempt(record, reason=reason, slurm=state)
    outcome = known(slot.path)
    if outcome is not None:
        conclude(slot.path, outcome)
    return outcome is not None


def _await_traces(slot: Slot, submission: Submission) -> None:
    """Wait a little: on a network file system, a job's files may appear only after the news that it has ended."""
    state = next((job.state for job in read_queue(Path()).tasks(submission.job)), "")
    deadline = time.monotonic() + result_wait()
    while state == "COMPLETED" and time.monotonic() < deadline:
        ours = [attempt for attempt in read_attempts(slot.path) if is_of(attempt, submission)]
        if ours and ours[-1].end:
            return
        time.sleep(0.1)


def _ending(
    slurm: SlurmConfig, stage: Stage, slot: Slot, attempt: Attempt, submissions: Sequence[Submission]
) -> tuple[str, str]:
    """State and reason of an interrupted attempt."""
    if not attempt.job:
        return "", INTERRUPTED
    state, reason = ask_state(attempt.job, read_queue(Path()))
    if slurm_state(read(Path(layout.SLURM_DIR, f"{attempt.job}.out")) or "") == OUT_OF_MEMORY:
        # the state is different if memory is polled rather than enforced by the kernel
        state, reason = OUT_OF_MEMORY, slurm_reason(OUT_OF_MEMORY, "", f"job {attempt.job}")
    shared = any(is_of(attempt, submission) and submission.configs > 1 for submission in submissions)
    if state in TIMEOUTS and shared and "_" not in attempt.job:
        own = slurm.request(slot.bracket, stage).seconds
        if own is not None and _age(attempt) < own:
            return "PACK_TIMEOUT", reason + "; most of it was used by the training runs before it in the same job"
    return state, reason or INTERRUPTED


def _age(attempt: Attempt) -> float:
    """Seconds since it was started; infinite if unknown."""
    start = timestamp(attempt.start)
    return float("inf") if start is None else time.time() - start
