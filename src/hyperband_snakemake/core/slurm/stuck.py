"""Jobs that wait for a reason that will not go away: reported once per run; replaced if they request too much."""

import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..plan import counted
from ..tree import environment, layout
from ..tree.environment import is_run_alive, run_id
from ..tree.layout import Slot
from ..tree.planfile import read_plan
from .jobs import read_submissions
from .never_began import REPLACED, STUCK, noting, read_lines
from .queue import Job, Queue, call
from .request import SlurmConfig
from .submission import grown_request

# squeue's reasons, and the slurm.toml options that cause them; "" if unknown
_REASONS = {
    "PartitionTimeLimit": "time",
    "PartitionNodeLimit": "partition",
    "PartitionConfig": "partition",
    "PartitionDown": "partition",
    "PartitionInactive": "partition",
    "BadConstraints": "constraint, mem, cpus, gpus",
    "JobHeldUser": "",
    "JobHeldAdmin": "",
    "JobHoldMaxRequeue": "",
    "launch failed requeued held": "",
    "DependencyNeverSatisfied": "sbatch-extra",
    "RequiresReservation": "sbatch-extra",
    "ReservationDeleted": "sbatch-extra",
    "InvalidQOS": "qos",
    "QOSNotAllowed": "qos",
    "InvalidAccount": "account",
    "AccountNotAllowed": "account",
    "MaxMemPerLimit": "mem",
    "ReqNodeNotAvail": "",
}
_PER_JOB = re.compile(r"(?:QOS|Assoc)(?:Max|Min)(Wall|Cpu|Mem|GRES|Node)\w*")
_PASSES = re.compile(r"PerUser|PerAccount|Jobs|Submit|RunMin")  # goes away when other jobs have ended
_BUDGET = re.compile(r"(QOS|Assoc)Grp\w*(?<!Run)Minutes\w*")  # the granted budget is used up
_OF_RESOURCE = {"Wall": "time", "Cpu": "cpus", "Mem": "mem", "GRES": "gpus", "Node": "sbatch-extra"}
_BY_LIMITS = ("time", "mem")  # options whose values double after an attempt that ran out of them
_WHAT_TO_DO = {
    "JobHeldUser": "Let it go: scontrol release {job}",
    "JobHeldAdmin": "An administrator holds it: ask them, or: scontrol release {job}",
    "JobHoldMaxRequeue": "Slurm could not start it several times, and holds it: scontrol release {job}",
    "launch failed requeued held": "Slurm could not start it on its node, and holds it: scontrol release {job}",
    "ReqNodeNotAvail": "Its nodes are down, drained or reserved. It waits for them.",
    "PartitionDown": "It waits until its partition is up again.",
    "PartitionInactive": "It waits until its partition is up again.",
}


def option_of(reason: str) -> str | None:
    """The slurm.toml option that causes a reason, "" if none is known; None if the reason will go away by itself.

    >>> [option_of(reason) for reason in ("PartitionTimeLimit", "QOSMaxCpuPerJobLimit", "AssocMaxMemPerJob")]
    ['time', 'cpus', 'mem']
    >>> option_of("ReqNodeNotAvail, UnavailableNodes:node[1-2]"), option_of("launch_failed_requeued_held")
    ('', '')
    >>> [option_of(reason) for reason in ("Priority", "QOSMaxCpuPerUserLimit", "QOSGrpCpuLimit")]
    [None, None, None]
    >>> [option_of(reason) for reason in ("AssocGrpCPUMinutesLimit", "AssocGrpCPURunMinutesLimit")]
    ['account', None]
    """
    word = _word(reason)
    if word in _REASONS:
        return _REASONS[word]
    if _PASSES.search(word):
        return None
    if match := _BUDGET.fullmatch(word):
        return "qos" if match[1] == "QOS" else "account"
    match = _PER_JOB.fullmatch(word)
    return _OF_RESOURCE[match[1]] if match else None


def _word(reason: str) -> str:
    """Remove what follows a reason. Some Slurm versions write one of the reasons with underscores."""
    word = reason.partition(",")[0]
    return word.replace("_", " ") if "_" in word else word


def look_for_stuck_jobs(slurm: SlurmConfig, queue: Queue) -> None:
    """Report reasons for which jobs of this search will never start; replace jobs that exceed the first limits.

    To be called in a run of snakemake with Slurm mode ``jobs``, each time the queue was requested.
    """
    stuck = list(_stuck(queue))
    if not stuck or not run_id() or not is_run_alive():
        return
    known = {line.job for line in read_lines() if line.kind == REPLACED}
    rest = [job for job in stuck if job.number.partition("_")[0] not in known and not _replace(slurm, job)]
    for reason in dict.fromkeys(_word(job.reason) for job in rest):
        _say([job for job in rest if _word(job.reason) == reason])


def _stuck(queue: Queue) -> Iterator[Job]:
    """Jobs of this search that can never start, one for each array."""
    seen = set()
    for job in queue.jobs.values():
        number = job.number.partition("_")[0]
        if job.waits and number not in seen and option_of(job.reason) is not None and job.slot_in(Path.cwd()):
            seen.add(number)
            yield job


def _replace(slurm: SlurmConfig, job: Job) -> bool:
    """Cancel a job whose limits were doubled; submit.py replaces it by one with the first limits."""
    options = (option_of(job.reason) or "").split(", ")
    number = job.number.partition("_")[0]
    slot = Slot.parse(job.slot_in(Path.cwd()))
    stage = read_plan(Path()).stage(slot.bracket, slot.stage)
    names = stage.fold_names
    slots = [
        run for config in range(stage.configurations) for run in Slot(slot.bracket, slot.stage, config).runs(names)
    ]
    ours = [one for one in slots if any(s.job == number for s in read_submissions(one.path)[-1:])]
    plain = slurm.request(slot.bracket, stage)
    has_grown = any(grown_request(slurm, slot.bracket, stage, one.path) != plain for one in ours)
    if not has_grown or not set(options) & set(_BY_LIMITS):
        return False
    with noting() as notes:
        if any(line.kind == REPLACED and line.job == number for line in notes.lines):
            return True
        notes.add(REPLACED, number, state=job.reason, slot=str(slot))
    call(["scancel", number])
    print(
        f"{slot}: job {number} can never start ({job.reason}): after an attempt ran out of time or memory, it requests"
        " more than there is. It is cancelled and submitted again with the first limits.",
        file=sys.stderr,
        flush=True,
    )
    return True


def _say(jobs: Sequence[Job]) -> None:
    """Report a reason once per run, with the first job that it holds back."""
    first = jobs[0]
    with noting() as notes:
        if any(line.kind == STUCK and _word(line.state) == _word(first.reason) for line in notes.lines):
            return
        notes.add(STUCK, first.number, state=first.reason, slot=first.slot_in(Path.cwd()))
    search = shlex.quote(os.environ.get(environment.SEARCH, "."))
    number = f" ({counted(len(jobs), 'job')})" if len(jobs) > 1 else ""
    advice = _WHAT_TO_DO.get(_word(first.reason), "").format(job=first.number)
    if not advice:
        option = option_of(first.reason) or "the options"
        advice = f"Change {option} in {search}/{layout.SLURM}, then: scancel {first.number} (another one is submitted)"
    print(
        f"{first.slot_in(Path.cwd())}: job {first.number} waits for a reason that will not go away by itself:"
        f" {first.reason}{number}. {advice}",
        file=sys.stderr,
        flush=True,
    )
