"""Slurm's queue, requested at most once in ``poll-seconds`` by the whole search: the file ``slurm/queue``.

Its first line says when Slurm was last asked and when it last answered (seconds since 1970), the second lists the
numbers of all live jobs, and each further line is a job: ``number|state|reason|node|elapsed|name|comment``.
"""

import contextlib
import fcntl
import os
import re
import subprocess
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..disk.files import read, write
from ..tree import layout
from ..tree.reasons import slurm_reason
from .request import clusters_of

QUEUED = frozenset(
    ["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD"]
)
LIVE = QUEUED | {"RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "RESIZING", "SIGNALING", "STAGE_OUT"}
FORMAT = "%i|%T|%r|%N|%M|%j|%k"
_COMMAND = ["squeue", "--noheader", "--array", "--states=all", f"--format={FORMAT}"]
ANSWER_WITHIN = 60.0  # seconds; with the controller down, the answer takes a while
OF_CLUSTERS = ("squeue", "scancel", "sacct", "scontrol", "sinfo")  # commands that ask another cluster with --clusters


@dataclass(frozen=True)
class Job:
    """One job in the queue; ``elapsed`` is a time as Slurm writes it."""

    number: str
    state: str
    reason: str = ""
    node: str = ""
    elapsed: str = ""
    name: str = ""
    comment: str = ""

    @property
    def lives(self) -> bool:
        """Whether it is waiting, running or about to end."""
        return self.state in LIVE

    def slot_in(self, search: Path) -> str:
        """The (first) slot it was submitted for, from submission.py's comment; empty if not submitted by this search.

        >>> Job("7", "PENDING", comment="hyband 0f3a /my search/bracket-0/stage-1/config-3 and 2 more").slot_in(
        ...     Path("/my search")
        ... )
        'bracket-0/stage-1/config-3'

        Some sites, and options in ``sbatch-extra``, put their own words in place of the comment. Then the name tells.

        >>> Job("7", "PENDING", name="my-search-b0-s1-c3..5", comment="project 9").slot_in(Path("/my search"))
        'bracket-0/stage-1/config-3'
        """
        if self.comment.startswith("hyband "):
            return self.comment.partition(f" {search}/")[2].partition(" ")[0]
        name = rf"{re.escape(word_of(search))}-b(\d+)-s(\d+)-c(\d+)(?:-(\d+)-(\d+))?(?:\.\..*)?"
        if not (match := re.fullmatch(name, self.name)):
            return ""
        slot = f"bracket-{match[1]}/stage-{match[2]}/config-{match[3]}"
        return slot if match[4] is None else f"{slot}/fold-{match[4]}-{match[5]}"

    def is_of_another(self, tokens: Collection[str]) -> bool:
        """Whether it was submitted under a token that is none of these: its number has been given twice.

        That is so where a controller has lost its state, or a search was copied from another cluster.

        >>> comments = ("hyband 0f3a /s", "hyband 1 /s", "x")
        >>> [Job("7", "RUNNING", comment=comment).is_of_another(["0f3a"]) for comment in comments]
        [False, True, False]
        """
        words = self.comment.split()
        return words[:1] == ["hyband"] and not set(words[1:2]) & set(tokens)

    @property
    def waits(self) -> bool:
        """Whether it has not started."""
        return self.state in QUEUED


@dataclass(frozen=True)
class Queue:
    """All jobs of this user that Slurm remembers, at the time ``taken`` (seconds since 1970; 0: never)."""

    taken: int = 0
    jobs: dict[str, Job] = field(default_factory=dict)

    def lives(self, number: str) -> bool:
        """Whether a job, or any task of a job array, is alive."""
        return any(job.lives for job in self.tasks(number))

    def tasks(self, number: str) -> list[Job]:
        """The job with this number, or all tasks of the job array."""
        if number in self.jobs:
            return [self.jobs[number]]
        return [job for job in self.jobs.values() if job.number.startswith(f"{number}_")]


def word_of(search: Path) -> str:
    """Begin the names of its jobs with this.

    >>> word_of(Path("/home/ann/my search"))
    'my-search'
    """
    return re.sub(r"[^-._a-zA-Z0-9]+", "-", search.name)[:40] or "search"


def read_queue(search: Path) -> Queue:
    """Read the last known queue; empty if there is none."""
    lines = (read(search / layout.QUEUE) or "").split("\n")
    try:
        taken = int(lines[0].split()[1])
    except (IndexError, ValueError):
        return Queue()
    return Queue(taken, {job.number: job for line in lines[2:] if (job := _job(line)) is not None})


def _job(line: str) -> Job | None:
    parts = line.split("|", FORMAT.count("|"))
    return Job(*parts) if len(parts) > FORMAT.count("|") else None


def ask(search: Path, *, patience: float = 0) -> Queue:
    """Ask Slurm for the queue, unless that was done in the last ``patience`` seconds, and store the answer.

    If Slurm does not answer, the old queue stays, as `Queue.taken` shows.
    """
    (search / layout.SLURM_DIR).mkdir(exist_ok=True)
    with (search / layout.QUEUE_LOCK).open("a") as file:
        with contextlib.suppress(OSError):  # without locks, two may ask at the same time
            fcntl.flock(file, fcntl.LOCK_EX)
        now, old = int(time.time()), read(search / layout.QUEUE) or ""
        rest = old.partition("\n")[2]
        asked, _, taken = old.partition("\n")[0].partition(" ")
        if asked.isdecimal() and 0 <= now - int(asked) < patience:
            return read_queue(search)
        answer = _squeue(search)
        if answer is None:
            write(search / layout.QUEUE, f"{now} {taken or 0}\n{rest}")
        else:
            live = "".join(f",{job.number.partition('_')[0]}" for job in map(_job, answer) if job and job.lives)
            write(search / layout.QUEUE, "\n".join([f"{now} {now}", f"{live},", *answer]) + "\n")
    return read_queue(search)


def _squeue(search: Path) -> list[str] | None:
    done = call([*_COMMAND, f"--user={os.getuid()}"], search=search)
    return done.stdout.splitlines() if done is not None and done.returncode == 0 else None


def call(
    command: list[str], more: Mapping[str, str] | None = None, *, search: Path = Path()
) -> "subprocess.CompletedProcess[str] | None":
    """Run a Slurm command without an outer job's variables in the environment; None if there is no answer.

    ``more`` is added to the environment. Where the jobs of the search are on another cluster, that one is asked.
    """
    if command[0] in OF_CLUSTERS and (clusters := clusters_of(search)):
        command = [command[0], f"--clusters={clusters}", *command[1:]]
    try:
        return subprocess.run(  # noqa: S603
            command, env=clean_environment() | dict(more or {}), stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False, timeout=ANSWER_WITHIN, errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None


_KEPT = ("SLURM_CONF", "SLURM_CLUSTERS")
_COMMANDS = ("SLURM_", "SLURMD_", "SRUN_", "SQUEUE_", "SCANCEL_", "SINFO_", "SACCT_", "SCONTROL_", "SALLOC_")
_OF_SBATCH = ("SBATCH_MEM_", "SBATCH_EXPORT", "SBATCH_ARRAY", "SBATCH_ERROR", "SBATCH_INPUT")


def clean_environment() -> dict[str, str]:
    """Leave out what Slurm told an outer job about itself: sbatch and srun would take it for options.

    The same goes for what a shell's profile tells the commands of Slurm for a person's use: what to show, to ask before
    a job is cancelled, to wait for a job's end. Where jobs run and who pays (SBATCH_PARTITION, ...) is kept.
    """
    return {name: value for name, value in os.environ.items() if name in _KEPT or not is_in_the_way(name)}


def is_in_the_way(name: str) -> bool:
    """Whether a variable would change what a command of Slurm does for us.

    >>> [is_in_the_way(name) for name in ("SBATCH_WAIT", "SCANCEL_INTERACTIVE", "SBATCH_WAIT4SWITCH", "SBATCH_ACCOUNT")]
    [True, True, False, False]
    """
    return name == "SBATCH_WAIT" or name.startswith((*_COMMANDS, *_OF_SBATCH))


def ask_state(number: str, queue: Queue) -> tuple[str, str]:
    """Ask the accounting (sacct) what the queue does not say about an ended job.

    Returns:
        The state in which it ended, and who or what ended it, in words; two empty texts if Slurm has forgotten.
    """
    state = next((job.state for job in queue.tasks(number)), "")
    if not state or state == "CANCELLED":  # accounting, if there is any, remembers longer, and knows who cancelled
        done = call(["sacct", "--noheader", "--allocations", "--parsable2", "--format=State", f"--jobs={number}"])
        lines = done.stdout.splitlines() if done is not None and done.returncode == 0 else []
        state = next(iter(lines), state)
    word, _, more = state.partition(" ")
    return word, slurm_reason(word, more, f"job {number}") if word else ""
