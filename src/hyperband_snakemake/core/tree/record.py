"""The record of a slot, ``attempts/config-3`` in its stage: one JSON line for each start of run.sh.

The first half of a line is written when an attempt starts and the second when it ends, so an unfinished line is an
attempt that is running or was killed together with us. The process that runs an attempt holds a lock on the file
(``flock``); run.sh and its children inherit it, so an orphaned training run keeps others out until it ends. The record
is not in the directory that run.sh is given, so it survives whatever a training run deletes there.
"""

import contextlib
import fcntl
import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from ..disk.files import open_file, write_bytes
from ..disk.jsonlines import first_half, known_fields, read_lines, second_half
from ..disk.locks import is_locked, lock, openers, process_text
from . import layout
from .apart import clear_way, find_path, make_way
from .environment import JOB
from .reasons import BLAMELESS, MEMORY, OUT_OF_MEMORY, TIME, TIMEOUTS


@dataclass(frozen=True)
class Attempt:
    """One start of run.sh. ``exit`` is None while it runs, and for one that was killed together with us.

    ``job`` is the Slurm job that ran only this training run, and ``slurm`` the state in which Slurm ended it.
    ``limit`` is "time" or "memory" if it was ended because it exceeded that limit (``limits.toml``), and ``late`` is
    how many seconds after the end of run.sh its result came. A line with ``retry`` is not an attempt: there
    `hyband retry` gave the configuration another chance.
    """

    attempt: int
    start: str = ""
    host: str = ""
    pid: int = 0
    run: str = ""
    job: str = ""
    end: str = ""
    seconds: float = 0.0
    exit: int | None = None
    result: str = ""
    reason: str = ""
    slurm: str = ""
    limit: str = ""
    late: float = 0.0
    retry: str = ""

    @property
    def good(self) -> bool:
        """Whether its result counts; False if its line is incomplete because the disk was full."""
        return self.exit == 0 and bool(self.result) and not self.reason


LONGEST = 10**9  # most seconds that a training run takes
FIRST_DESCRIPTOR = 199  # the first that run.sh inherits, as in train.sh


_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("attempt", "pid", "exit"), int),
    **dict.fromkeys(("start", "host", "run", "job", "end", "result", "reason", "slurm", "limit", "retry"), str),
    **dict.fromkeys(("seconds", "late"), (int, float)),
}


def now() -> str:
    """Time of day in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def timestamp(time: str) -> float | None:
    """Convert such a time to seconds since 1970; None if it is damaged or was written by hand in another form.

    >>> timestamp("1970-01-01T00:01:00Z"), timestamp("yesterday")
    (60.0, None)
    """
    try:
        return datetime.fromisoformat(time).timestamp()
    except (ValueError, OverflowError):
        return None


def start_text(attempt: int, run: str) -> str:
    """First half of a line; ``run`` names the run of snakemake it belongs to."""
    half = {"attempt": attempt, "start": now(), "host": os.uname().nodename, "pid": os.getpid(), "run": run}
    job = os.environ.get(JOB, "")
    return first_half(half | ({"job": job} if job else {}))


def end_text(
    *, seconds: float, status: int | None, result: str, reason: str, slurm: str = "", limit: str = "", late: float = 0
) -> str:
    """Second half of a line."""
    half = {"end": now(), "seconds": round(seconds, 6), "exit": status, "result": result, "reason": reason}
    more = {"slurm": slurm, "limit": limit, "late": round(late, 1)}
    return second_half(half | {name: value for name, value in more.items() if value})


def retry_text() -> str:
    """A line that gives the configuration another chance: attempts before it no longer count."""
    return first_half({"attempt": 0}) + second_half({"retry": now()})


def since_retry(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The attempts that count: those after the last retry."""
    last = max((i for i, attempt in enumerate(attempts) if attempt.retry), default=-1)
    return list(attempts[last + 1 :])


def used(attempts: Sequence[Attempt], run: str) -> int:
    """How many attempts are used up.

    One that Slurm ended counts unless a node or a more important job was the cause. One that was killed together with
    us counts if its run of snakemake survived, that is, if the next attempt (or the one that ``run`` is about to
    start) belongs to the same run. Otherwise the whole run died, which is not the training run's fault.
    """
    following = [*(attempt.run for attempt in attempts[1:]), run]
    return sum(_is_used(attempt, next_run) for attempt, next_run in zip(attempts, following, strict=False))


def _is_used(attempt: Attempt, next_run: str) -> bool:
    if attempt.slurm:
        return attempt.slurm not in BLAMELESS
    return attempt.exit is not None or attempt.run == next_run


def too_little(attempts: Sequence[Attempt]) -> tuple[int, int]:
    """How many of these attempts ran out of time, and how many out of memory: the next one gets more."""
    timeouts = sum(attempt.slurm in TIMEOUTS or attempt.limit == TIME for attempt in attempts)
    return timeouts, sum(attempt.slurm == OUT_OF_MEMORY or attempt.limit == MEMORY for attempt in attempts)


def record_path(directory: Path) -> Path:
    """Path of the record of the slot in ``directory``, whether or not it exists yet."""
    return find_path(directory, layout.ATTEMPTS)


def read_attempts(directory: Path) -> tuple[Attempt, ...]:
    """All attempts of a configuration, oldest first. An unreadable line counts as an unfinished attempt."""
    return tuple(_attempt(data, number) for number, data in enumerate(read_lines(record_path(directory)), 1))


def is_unfinished(directory: Path) -> bool:
    """Whether the last line lacks its second half."""
    try:
        with open_file(record_path(directory)) as file:
            return file.seek(0, os.SEEK_END) > 0 and file.seek(-1, os.SEEK_END) >= 0 and file.read() != b"\n"
    except OSError:
        return False


def _attempt(data: dict[str, Any] | None, number: int) -> Attempt:
    known = known_fields(data, _KINDS)
    if not 0 <= known.get("seconds", 0) <= LONGEST:  # damaged, or the clock was changed
        del known["seconds"]
    return Attempt(**({"attempt": number} | known))


@contextmanager
def locked(
    directory: Path,
    descriptor: int | None = None,
    on_wait: Callable[[], None] = lambda: None,
    most: float = math.inf,
) -> Iterator[IO[str]]:
    """Open the record for appending and hold its lock. If another process holds it, call ``on_wait`` and wait.

    ``descriptor`` is one that the program which started this one has already opened, and perhaps locked.

    Raises:
        TimeoutError: another process still holds it after ``most`` seconds.
    """
    path = record_path(directory)
    path.parent.mkdir(parents=True, exist_ok=True)
    if descriptor is None:
        clear_way(path)
    with open(path if descriptor is None else descriptor, "a", encoding="utf-8") as file:
        os.set_inheritable(file.fileno(), True)
        lock(file, path, on_wait, most)
        yield file


def put_back(record: IO[str], directory: Path) -> None:
    """Put an open record back in its place if run.sh has deleted or replaced it; otherwise no attempt would count."""
    path = record_path(directory)
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(record.fileno()), os.stat(path)):
            return
    make_way(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, Path(f"/proc/self/fd/{record.fileno()}").read_bytes())


@contextmanager
def handed_down(record: IO[str]) -> Iterator[int]:
    """Make the one descriptor of a record that run.sh inherits: a process that closes it no longer holds the lock.

    Its number is high, so that no script uses it by chance for something else.
    """
    own = record.fileno()
    try:
        high = fcntl.fcntl(own, fcntl.F_DUPFD, FIRST_DESCRIPTOR)
    except OSError:  # the limit of descriptors is lower
        high = os.dup(own)
        os.set_inheritable(high, True)
    os.set_inheritable(own, False)
    try:
        yield high
    finally:
        os.close(high)
        os.set_inheritable(own, True)


def is_held(directory: Path) -> bool:
    """Whether a process holds the lock: an attempt, or processes left by one, are still running."""
    return is_locked(record_path(directory))


def holder_text(directory: Path) -> str:
    """Name the processes that hold the lock, for a message."""
    return ", ".join(map(process_text, holders(directory))) or "a process on another host"


def holders(directory: Path) -> list[int]:
    """Other processes of this host that hold the lock: run.sh and its descendants (Linux only)."""
    return openers(record_path(directory))
