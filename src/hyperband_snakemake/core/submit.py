"""``python hyperband submit BRACKET STAGE BUDGET CONFIG...``: bring slots to their outcomes by means of Slurm jobs.

One look at the disk and the queue decides what comes next: wait for a job that is still alive (wait.sh replaces this
program), settle what an ended job has left behind, or submit a job for what is still open, after a pause if the last
one ended before run.sh was started. So it does not matter where an earlier run was interrupted. wait.sh starts this
program again with ``--since SECONDS`` in front: the locks are held, and only a later look at the queue is news.
"""

import os
import sys
import time
from pathlib import Path

from .plan.units import OptionError
from .slurm.ended import settle
from .slurm.jobs import take_up_jobs
from .slurm.never_began import UNREADABLE, noting, one_line
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

LOOK_AGAIN = 15  # seconds until slurm.toml is read again, if it could not be


def main(argv: list[str]) -> int:
    """Continue from the state on disk. Return 0 once each slot has its outcome, or become wait.sh."""
    since = int(argv[1]) if argv[0] == "--since" else None
    argv = argv[2:] if since is not None else argv
    Path(layout.SLURM_DIR).mkdir(exist_ok=True)
    try:
        work = _work(argv)
    except OptionError as error:
        return _await_options(str(error), since, argv)
    for slot in work.slots:
        _conclude_untrained(slot)
    slots = [slot for slot in work.slots if not _is_done(slot)]
    if since is not None and any(_has_failed(slot) for slot in work.slots):  # found by a job, perhaps elsewhere
        stop_if_all_fail()
    if is_run_stopped():
        return 1 if slots else 0  # waiting jobs start nothing more, and the next run picks up the running ones
    if since is None:
        keep_others_out(slots)
        since = int(time.time())
    jobs, now = take_up_jobs(slots, since, work.slurm.poll_seconds), int(time.time())
    if not jobs:
        slots = [slot for slot in slots if not settle(work.slurm, work.stage, slot)]
        if not slots:
            return 0
        if (begin := submit_not_before(slots, work.slots)) > now:
            return _wait("", begin, work.slurm.poll_seconds, argv)
        job = submit(work, slots) if refusal() is None and is_run_alive() and not is_run_stopped() else None
        if job is None:
            return 1
        jobs = {job}
    return _wait(",".join(sorted(jobs)), int(time.time()), work.slurm.poll_seconds, argv)


def _wait(jobs: str, since: int, poll: float, argv: list[str]) -> int:
    """Become wait.sh, which waits until these jobs end or, without any, until it is time to continue."""
    sys.stderr.flush()
    words = ["bash", "hyperband/wait.sh", jobs, str(since), str(max(1, int(poll))), *argv]
    return os.execvp("bash", words)  # noqa: S606, S607


def _await_options(why: str, since: int | None, argv: list[str]) -> int:
    """Try again later: slurm.toml was readable when this run began, so somebody is editing it. Reported once."""
    slots = _slots(argv)
    if all((slot.path / layout.OUTCOME).exists() for slot in slots):
        return int(not all(map(_is_done, slots)))
    if since is None:
        keep_others_out(slots)
    with noting() as notes:
        is_said = any(line.kind == UNREADABLE and line.state == one_line(why) for line in notes.lines)
        if not is_said:
            notes.add(UNREADABLE, "", state=why)
    if not is_said:
        print(f"Error: {why} Until then no job is submitted; those in the queue are not affected.", file=sys.stderr)
    if is_run_stopped() or not is_run_alive():
        return 1
    return _wait("", int(time.time()) + LOOK_AGAIN, LOOK_AGAIN, argv)


def _work(argv: list[str]) -> Work:
    slurm = read_slurm(Path())
    if slurm is None:
        raise ValueError(f"{layout.SLURM} is missing")
    bracket, number, budget = int(argv[0]), int(argv[1]), argv[2]
    stage = read_plan(Path()).stage(bracket, number)
    return Work(slurm, bracket, stage, budget, _slots(argv))


def _slots(argv: list[str]) -> tuple[Slot, ...]:
    return tuple(Slot.of(int(argv[0]), int(argv[1]), word) for word in argv[3:])


def _is_done(slot: Slot) -> bool:
    """Whether a slot has ended, with its outcome and result on disk."""
    there = (slot.path / layout.OUTCOME).exists() and (slot.path / layout.RESULT).exists()
    return there and read_outcome(slot.path).status in (Status.COMPLETED, Status.FAILED, Status.EMPTY)


def _has_failed(slot: Slot) -> bool:
    return _is_done(slot) and read_outcome(slot.path).status is Status.FAILED


def _conclude_untrained(slot: Slot) -> None:
    """Give a slot its configuration. If it turns out that nothing must be trained, write its outcome."""
    if not _is_done(slot):
        outcome = ensure_config(slot) or by_hand(slot.path)
        if outcome is not None:
            conclude(slot.path, outcome)
