"""``python hyperband submit BRACKET STAGE BUDGET CONFIG...``: see slots through to their outcomes by way of Slurm jobs.

One look at what is on disk and in the queue decides what comes next: wait for a job that lives (wait.sh, in the place
of this program), settle what a job has left that ended, or submit one for what is still open, after a pause if the
last one ended before run.sh was started. So it does not matter where an earlier run was cut off. wait.sh starts this
program again with ``--since SECONDS`` in front: the locks are held, and what the queue shows after that moment is news.
"""

import os
import sys
import time
from pathlib import Path

from .slurm.ended import settle
from .slurm.jobs import take_up_jobs
from .slurm.nothing_begins import submit_not_before
from .slurm.request import read_slurm
from .slurm.sbatch import refusal
from .slurm.submission import Work, keep_others_out, submit
from .training.all_fail import stop_if_all_fail
from .training.stopping import is_run_stopped
from .training.verdict import by_hand, conclude, ensure_config
from .tree import layout
from .tree.environment import is_run_alive
from .tree.layout import Slot
from .tree.outcome import Status, read_outcome
from .tree.planfile import read_plan


def main(argv: list[str]) -> int:
    """Go on from whatever is there; 0 once each slot has its outcome, or wait.sh in the place of this program."""
    since = int(argv[1]) if argv[0] == "--since" else None
    argv = argv[2:] if since is not None else argv
    work = _work(argv)
    Path(layout.SLURM_DIR).mkdir(exist_ok=True)
    for slot in work.slots:
        _conclude_untrained(slot)
    slots = [slot for slot in work.slots if not _is_done(slot)]
    if since is not None and any(_has_failed(slot) for slot in work.slots):  # told by a job, which may be elsewhere
        stop_if_all_fail()
    if is_run_stopped():
        return 1 if slots else 0  # jobs that wait start nothing, and the next run takes up those that run
    if since is None:
        keep_others_out(slots)
        since = int(time.time())
    jobs, now = take_up_jobs(slots, since, work.slurm.poll_seconds), int(time.time())
    if not jobs:
        slots = [slot for slot in slots if not settle(work.slurm, work.stage, slot)]
        if not slots:
            return 0
        if (begin := submit_not_before(slots, work.slots)) > now:
            return _wait("", begin, work, argv)
        job = submit(work, slots) if refusal() is None and is_run_alive() and not is_run_stopped() else None
        if job is None:
            return 1
        jobs = {job}
    return _wait(",".join(sorted(jobs)), int(time.time()), work, argv)


def _wait(jobs: str, since: int, work: Work, argv: list[str]) -> int:
    """Let wait.sh take the place of this program: for the end of these jobs, or without any until it is time."""
    poll = max(1, int(work.slurm.poll_seconds))
    sys.stderr.flush()
    return os.execvp("bash", ["bash", "hyperband/wait.sh", jobs, str(since), str(poll), *argv])  # noqa: S606, S607


def _work(argv: list[str]) -> Work:
    slurm = read_slurm(Path())
    if slurm is None:
        raise ValueError(f"{layout.SLURM} is missing")
    bracket, number, budget = int(argv[0]), int(argv[1]), argv[2]
    stage = read_plan(Path()).stage(bracket, number)
    return Work(slurm, bracket, stage, budget, tuple(Slot.of(bracket, number, word) for word in argv[3:]))


def _is_done(slot: Slot) -> bool:
    """Whether a slot has its outcome, and the files that say so."""
    there = (slot.path / layout.OUTCOME).exists() and (slot.path / layout.RESULT).exists()
    return there and read_outcome(slot.path).status in (Status.COMPLETED, Status.FAILED, Status.EMPTY)


def _has_failed(slot: Slot) -> bool:
    return _is_done(slot) and read_outcome(slot.path).status is Status.FAILED


def _conclude_untrained(slot: Slot) -> None:
    """Give a slot its configuration; where it turns out that nothing has to be trained, write its outcome."""
    if not _is_done(slot):
        outcome = ensure_config(slot) or by_hand(slot.path)
        if outcome is not None:
            conclude(slot.path, outcome)
