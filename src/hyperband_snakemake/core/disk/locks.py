"""Locks on files: ``flock``, or, where a file system does not support it, by which processes have the file open.

Without ``flock``, only processes of this host can be seen, and only on Linux.
"""

import errno
import fcntl
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from .files import NotAFile, open_on_disk

PATIENCE = 1.0  # seconds: even a process that only checks a lock holds it for a moment
POLL = 0.2  # seconds between two checks of who has a file open


def lock(file: IO[str], path: Path, on_wait: Callable[[], None] = lambda: None, most: float = math.inf) -> None:
    """Lock an open file until this process, and every one that inherits the file, has ended.

    If another process holds it, calls ``on_wait`` once and waits.

    Raises:
        TimeoutError: another process still holds it after ``most`` seconds.
    """
    begin, said = time.monotonic(), False
    _show_as_waiting(file, waits=True)
    while not _try(file, path):
        if not said and time.monotonic() > begin + PATIENCE:
            on_wait()
            said = True
        if time.monotonic() > begin + most:
            raise TimeoutError(errno.ETIMEDOUT, "is still in use", str(path))
        time.sleep(0.02 if not said else POLL)


def _try(file: IO[str], path: Path) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return _claim(file, path)
    _show_as_waiting(file, waits=False)
    return True


def _claim(file: IO[str], path: Path) -> bool:
    """Take a file without ``flock`` if no other process has it open; if two try at once, the older one gets it."""
    if openers(path):
        return False
    _show_as_waiting(file, waits=False)
    if all(_age(os.getpid()) < _age(other) for other in openers(path)):
        return True
    _show_as_waiting(file, waits=True)
    return False


def _age(pid: int) -> tuple[int, int]:
    return start_of(pid) or 0, pid


def _show_as_waiting(file: IO[str], *, waits: bool) -> None:
    """Show others in ``/proc``, by an otherwise harmless flag, whether we use a file or wait for it."""
    flags = fcntl.fcntl(file, fcntl.F_GETFL)
    fcntl.fcntl(file, fcntl.F_SETFL, flags | os.O_NONBLOCK if waits else flags & ~os.O_NONBLOCK)


def is_locked(path: Path) -> bool:
    """Whether another process holds the lock of a file; False if the file does not exist."""
    try:
        with open_on_disk(path) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (FileNotFoundError, NotADirectoryError, NotAFile, PermissionError):
        return False
    except OSError:
        return bool(openers(path))
    return False


def has_locks(file: IO[str]) -> bool:
    """Whether the file system supports locks, for a file that this process has locked or tried to lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return True


def openers(path: Path) -> list[int]:
    """Other processes of this host that use a file: they have it open for writing and do not wait (`lock`) for it."""
    try:
        file = os.stat(path)
    except OSError:
        return []
    found = (int(process.name) for process in Path("/proc").glob("[0-9]*") if _has_open(process, file))
    return [pid for pid in found if pid != os.getpid()]


def has_open(pid: int, path: Path) -> bool:
    """Whether a process of this host has a file open for writing."""
    try:
        return _has_open(Path("/proc", str(pid)), os.stat(path))
    except OSError:
        return False


def _has_open(process: Path, file: os.stat_result) -> bool:
    try:
        return any(
            os.path.samestat(file, os.stat(entry)) and _writes(process / "fdinfo" / entry.name)
            for entry in (process / "fd").iterdir()
        )
    except OSError:
        return False


def _writes(info: Path) -> bool:
    flags = next((line.split()[1] for line in info.read_text().splitlines() if line.startswith("flags:")), "0")
    return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY and not int(flags, 8) & os.O_NONBLOCK


def process_text(pid: int) -> str:
    """Name a process of this host for a message: its number, its program and how long it has been running."""
    process = Path("/proc", str(pid))
    try:
        command = process.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return f"process {pid}"
    seconds = running_since(pid)
    age = "" if seconds is None else f", running for {_span(max(0, seconds))}"
    return f"process {pid} ({command[:60]}{age})"


def running_since(pid: int) -> float | None:
    """How many seconds a process has been running; None if there is no such process, or it cannot be told."""
    started = start_of(pid)
    try:
        uptime = float(Path("/proc/uptime").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return None if started is None else uptime - started / os.sysconf("SC_CLK_TCK")


def start_of(pid: int) -> int | None:
    """When a process was started, in clock ticks since the host started: process numbers are reused."""
    try:
        text = Path("/proc", str(pid), "stat").read_text(errors="replace")
        return int(text.rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
