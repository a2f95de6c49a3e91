"""Processes of this host as ``/proc`` shows them (Linux): who started whom, who is alive, how much memory they use."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from .locks import start_of

_PROC = Path("/proc")
_ADOPT = 36  # PR_SET_CHILD_SUBREAPER of prctl
_MEGABYTE = 1024**2

Children = Mapping[int, tuple[int, ...]]  # by process


def available_cores() -> int:
    """Give how many cores this process may use, which is what Snakemake's ``cores: all`` means."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def adopt_orphans() -> None:
    """Become the parent of orphaned descendants; otherwise nobody could tell where they belong."""
    with contextlib.suppress(ImportError, AttributeError, OSError):  # not Linux, or not in this Python
        import ctypes  # noqa: PLC0415 (only runs with limits need it)

        ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0)


def children_below(pid: int) -> Children:
    """Give the children of a process and of each of its descendants."""
    if not Path("/proc/self/task", str(os.getpid()), "children").exists():  # not every kernel lists them
        return _children_of_all()
    found, left = dict[int, tuple[int, ...]](), [pid]
    while left:
        one = left.pop()
        if one not in found:
            found[one] = tuple(_listed(one))
            left += found[one]
    return found


def _listed(pid: int) -> Iterator[int]:
    for path in Path("/proc", str(pid), "task").glob("*/children"):
        with contextlib.suppress(OSError):
            yield from map(int, path.read_text().split())


def _children_of_all() -> Children:
    found: dict[int, tuple[int, ...]] = {}
    for path in _PROC.glob("[0-9]*"):
        fields = _fields(int(path.name))
        if fields:
            found[int(fields[1])] = (*found.get(int(fields[1]), ()), int(path.name))
    return found


def closure(children: Children, pids: Iterable[int]) -> list[int]:
    """Give these processes and all their descendants, parents before children.

    >>> closure({1: (2, 3), 3: (4,)}, [3])
    [3, 4]
    """
    found = dict.fromkeys(pids)
    left = list(found)
    while left:
        new = [child for child in children.get(left.pop(0), ()) if child not in found]
        found |= dict.fromkeys(new)
        left += new
    return list(found)


def _fields(pid: int) -> list[str]:
    """Fields of a process after its name: state, parent, ...; empty if there is no such process."""
    try:
        return Path("/proc", str(pid), "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def exists(pid: int) -> bool:
    """Whether there is a process with this number. Works without ``/proc`` too, as on macOS."""
    if (_PROC / "self").exists():
        return (_PROC / str(pid)).exists()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it belongs to another user
        return True
    return True


def is_alive(pid: int, start: int | None = None) -> bool:
    """Whether this process, started at ``start``, still runs; a zombie does not."""
    if start is not None and start_of(pid) != start:
        return False
    fields = _fields(pid)
    if not fields:
        return not (_PROC / "self").exists() and exists(pid)
    return fields[0] not in "ZX" or len(list(Path("/proc", str(pid), "task").glob("*"))) > 1


def ancestors(pid: int) -> list[int]:
    """Give the parent of this process, its parent, and so on up to the first."""
    found: list[int] = []
    while (fields := _fields(found[-1] if found else pid)) and (parent := int(fields[1])) > 0:
        found.append(parent)
    return found


def session_of(pid: int) -> int | None:
    """Give the process that began the session of this one; None if there is no such process."""
    fields = _fields(pid)
    return int(fields[3]) if fields else None


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped (SIGSTOP, Ctrl-Z): it gets no other signal until it is continued."""
    return _fields(pid)[:1] in (["T"], ["t"])


def is_zombie(pid: int) -> bool:
    """Whether a process has ended but its parent has not noticed yet."""
    return _fields(pid)[:1] == ["Z"]


def words(pid: int, name: str) -> list[bytes]:
    """Give the command line ("cmdline") or environment ("environ") of a process; empty if it may not be read."""
    try:
        return Path("/proc", str(pid), name).read_bytes().split(b"\0")
    except OSError:
        return []


def takes_more(pids: Iterable[int], megabytes: int) -> bool:
    """Whether these processes together use more memory than that.

    Shared memory counts once, as far as the kernel reports it. That is slow to find out, so it is asked for only if
    the plain sum exceeds the limit.
    """
    known, most = tuple(pids), megabytes * _MEGABYTE
    return sum(map(_resident, known)) > most and sum(map(_proportional, known)) > most


def _resident(pid: int) -> int:
    try:
        return int(Path("/proc", str(pid), "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    """Give its memory, with shared parts divided by the number of processes that share them (PSS)."""
    try:
        lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return _resident(pid)
