"""Ends the jobs of a search and, on whatever host, the run that submits them; its training runs do not fail by that."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.disk.files import read
from ..core.run import lock
from ..core.slurm.jobs import CANCELLED, append, cancelled_text, read_submissions, refused_text
from ..core.slurm.queue import Queue, ask, call
from ..core.training.stopping import request_stop
from ..core.training.verdict import end_attempt
from ..core.tree import layout
from ..core.tree.layout import Slot
from ..core.tree.record import is_unfinished, locked, read_attempts
from ..errors import HybandError

_SLOTS = "bracket-*/stage-*/config-*"
PATIENCE = 180.0  # seconds that a run or cancelled jobs may take to end


@dataclass(frozen=True)
class Stopped:
    """Who was running the search (empty if nobody was), and the numbers of its live jobs at that time."""

    runner: str
    jobs: tuple[str, ...]


def stop_run(search: Path) -> Stopped:
    """Stop the run of a search that uses Slurm, on whatever node, and wait until it has ended.

    An allocation of submit.sh is cancelled together with its followers.

    Raises:
        HybandError: Slurm does not answer, or something does not end.
    """
    ours = _names(search)
    living = _living(_queue(search), ours) if ours else []  # asking would write into the search
    runner = _stop(search) if (search / layout.SLURM).exists() else ""
    return Stopped(runner, tuple(living))


def cancel_jobs(search: Path, stopped: Stopped) -> list[str]:
    """Cancel all live jobs of a search and wait until they end. Return their numbers, with those alive before.

    The caller must hold the lock of the search. This does not count as an attempt.

    Raises:
        HybandError: Slurm does not answer, or they do not end.
    """
    ours = _names(search)
    living = _living(_queue(search), ours) if ours else []
    _end(search, living, ours)
    numbers = sorted({*stopped.jobs, *living})
    for place in _places(search):
        _note(search, place, numbers)
    return numbers


def _places(search: Path) -> list[Path]:
    return [place for pattern in (_SLOTS, f"{_SLOTS}/fold-*") for place in search.glob(pattern) if place.is_dir()]


def _names(search: Path) -> set[str]:
    """Numbers, tokens and names of all jobs that may belong to this search."""
    found = _own(search)
    for place in _places(search):
        for submission in read_submissions(place):
            found |= {submission.job, submission.token}
        if is_unfinished(place):
            found.add(read_attempts(place)[-1].job.partition("_")[0])
    return found - {""}


def _own(search: Path) -> set[str]:
    """Numbers of its allocations, and names of jobs of Snakemake's plugin, which its run waits for."""
    return set((read(search / layout.OWN_JOBS) or "").split())


def _stop(search: Path) -> str:
    """Stop the process that runs the search and wait until it ends. Return who it is."""
    run, who = lock.run_of(search), lock.holder_of(search) or ""
    if not run:
        return ""
    request_stop(search, run, "`hyband cancel` has stopped this run.")
    own = _own(search)
    _end(search, _living(_queue(search), own) if own else [], own)
    deadline = time.monotonic() + PATIENCE
    while lock.run_of(search) == run:
        if time.monotonic() > deadline:
            raise HybandError(f"{who} It was asked to end, and has not ended yet. Try again later.")
        time.sleep(0.5)
    return who


def _end(search: Path, jobs: Sequence[str], names: Iterable[str]) -> None:
    """Cancel these jobs, and wait until none with these names is alive."""
    if not jobs:
        return
    if (done := call(["scancel", *jobs], search=search)) is None or done.returncode:
        raise HybandError(f"scancel failed: {done.stderr.strip() if done else 'no answer'}.")
    deadline = time.monotonic() + PATIENCE
    while set(_living(_queue(search), names)) & set(jobs):
        if time.monotonic() > deadline:
            raise HybandError(f"Jobs {', '.join(jobs)} were cancelled, but some have not ended yet. Try again later.")
        time.sleep(0.5)


def _queue(search: Path) -> Queue:
    start = int(time.time())
    queue = ask(search)
    if queue.taken < start:
        raise HybandError("Slurm does not answer (squeue). Is this a machine of the cluster, and is the controller up?")
    return queue


def _living(queue: Queue, ours: Iterable[str]) -> list[str]:
    """Numbers of live jobs that have one of these numbers or names, or one of these tokens in the comment."""
    names = set(ours)
    return sorted(
        {
            number
            for job in queue.jobs.values()
            for number in [job.number.partition("_")[0]]
            if job.lives and names & {number, job.name, *job.comment.split()} and not job.is_of_another(names)
        }
    )


def _note(search: Path, directory: Path, cancelled: Sequence[str]) -> None:
    """Close an interrupted attempt so that it does not count, and make the lost job not count either."""
    if is_unfinished(directory) and read_attempts(directory)[-1].job.partition("_")[0] in cancelled:
        with locked(directory) as record:
            number = read_attempts(directory)[-1].job
            end_attempt(record, reason=f"STOPPED: job {number} was ended by `hyband cancel`", slurm="STOPPED")
    last = next(iter(read_submissions(directory)[-1:]), None)
    if last is not None and (not last.job or last.job in cancelled):
        is_half = not last.job and not last.refused
        append([Slot.parse(str(directory))], refused_text(CANCELLED) if is_half else cancelled_text(), search)
