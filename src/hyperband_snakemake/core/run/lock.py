"""One run of a search at a time: ``run.lock`` names the process that runs it, which holds a lock on the file.

Snakemake's own lock stays after ``kill -9`` and must be removed by hand; ``flock`` ends with its process. On a file
system without ``flock``, the process number and start time tell whether that process is still alive. For file systems
that do not share locks between hosts, the file is touched every `BEAT` seconds, and a run on another host counts as
dead once the file has not been touched for `DEAD_AFTER` seconds.
"""

import fcntl
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from ..disk.locks import PATIENCE, has_locks, lock, start_of
from ..tree import layout

BEAT = 20.0
DEAD_AFTER = 90.0
LONG_DEAD = 3600.0  # seconds: dead for certain, even if the clocks of two hosts differ
LOOK = 0.5
COMMAND = "hyband"  # used as the name of the run if a command holds the lock


class SearchIsRunning(Exception):
    """Another process runs this search; the text names it."""


def take(search: Path, run: str) -> IO[str]:
    """Take the lock of a search until this process ends.

    If a host whose locks cannot be seen from here has it, waits until its heartbeat is seen or missed.

    Raises:
        SearchIsRunning: another process has it.
    """
    path = search / layout.RUN_LOCK
    file = path.open("a+", encoding="utf-8")
    try:
        lock(file, path, most=PATIENCE)  # a dying child of a killed run may hold it for a moment
    except TimeoutError:
        raise SearchIsRunning(_text(search, _holder(file))) from None
    shared, holder = has_locks(file), _holder(file)
    if holder and (_lives_here(path, holder) and not shared if _is_here(holder) else _still_beats(path, holder)):
        file.close()
        raise SearchIsRunning(_text(search, holder))
    file.truncate(0)
    json.dump(_own(run), file)
    file.flush()
    threading.Thread(target=_beat, args=(path, file), name=f"beat of {path}", daemon=True).start()
    return file


def _own(run: str) -> dict[str, Any]:
    pid = os.getpid()
    since = time.strftime("%F %T")
    return {"host": os.uname().nodename, "pid": pid, "start": start_of(pid), "since": since, "run": run}


def release(file: IO[str]) -> None:
    """Give the lock back; the file stays, empty."""
    file.truncate(0)
    file.close()


def holder_of(search: Path) -> str | None:
    """Text that names who runs a search, or None. Holds the lock for a moment at most."""
    path = search / layout.RUN_LOCK
    try:
        with path.open("r", encoding="utf-8") as file:
            holder, shared = _holder(file), True
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _text(search, holder)
            except OSError:  # no flock on this file system
                shared = False
            alive = _lives_here(path, holder) and not shared if _is_here(holder) else _is_fresh(path)
            return _text(search, holder) if holder and alive else None
    except OSError:
        return None


def run_of(search: Path) -> str:
    """Name the run of snakemake, on any host, that holds a search; empty if none does, or if a hyband command does."""
    if holder_of(search) is None:
        return ""
    try:
        with (search / layout.RUN_LOCK).open("r", encoding="utf-8") as file:
            run = _holder(file).get("run", "")
    except OSError:
        return ""
    return run if isinstance(run, str) and run != COMMAND else ""


def _holder(file: IO[str]) -> dict[str, Any]:
    file.seek(0)
    try:
        data = json.load(file)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _is_here(holder: dict[str, Any]) -> bool:
    return holder.get("host") == os.uname().nodename


def _lives_here(path: Path, holder: dict[str, Any]) -> bool:
    """Whether the process that took the lock on this host is alive; its number may have been reused by now."""
    pid, start = holder.get("pid"), holder.get("start")
    if not isinstance(pid, int) or pid == os.getpid():
        return False
    return start_of(pid) == start if start is not None else Path(f"/proc/{pid}").exists() and _is_fresh(path)


def _still_beats(path: Path, holder: dict[str, Any]) -> bool:
    """Wait until a run on another host has touched the file again, or is overdue."""
    before, begin = _beaten(path), time.monotonic()
    if time.time() - before > LONG_DEAD:
        return False
    where = f"{path} was taken on {holder.get('host')}"
    print(f"{where}. Waiting up to {DEAD_AFTER:.0f} s for a sign of life.", file=sys.stderr)
    while time.monotonic() - begin < DEAD_AFTER:
        if _beaten(path) != before:
            return True
        time.sleep(LOOK)
    return False


def _is_fresh(path: Path) -> bool:
    return time.time() - _beaten(path) < DEAD_AFTER


def _beaten(path: Path) -> float:
    return path.stat().st_mtime


def _beat(path: Path, file: IO[str]) -> None:
    """Touch the file as long as we hold it: this process may live on, such as a notebook, and others hold it then."""
    while True:
        time.sleep(BEAT)
        if file.closed:
            return
        try:
            os.utime(path)
        except OSError:
            return


def _text(search: Path, holder: dict[str, Any]) -> str:
    what = "being changed by hyband" if holder.get("run") == COMMAND else "being run by snakemake"
    who = "{pid} on {host} since {since}".format_map({"pid": "?", "host": "another host", "since": "?"} | holder)
    return f"{search} is {what}, process {who}."
