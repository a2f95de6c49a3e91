"""One run of a search at a time: the file ``run.lock`` says who runs it, and is locked for as long as that one lives.

Snakemake's own lock stays after ``kill -9`` and must be removed by hand; a kernel's lock (``flock``) ends with its
process. Where a file system does not share such locks between hosts, the file is touched every `BEAT` seconds, and one
from another host counts as alive until it is `DEAD_AFTER` seconds old by the clock of the file system.
"""

import fcntl
import json
import os
import socket
import threading
import time
from pathlib import Path
from typing import IO, Any

from ..tree import layout

BEAT = 20.0
DEAD_AFTER = 90.0
COMMAND = "hyband"  # what stands for the run where a command holds the lock


class SearchIsRunning(Exception):
    """Another process runs this search; the text names it."""


def take(search: Path, run: str) -> IO[str]:
    """Take the lock of a search for the life of this process.

    Raises:
        SearchIsRunning: somebody else has it.
    """
    path = search / layout.RUN_LOCK
    file = path.open("a+", encoding="utf-8")
    shared = True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SearchIsRunning(_text(search, _holder(file))) from None
    except OSError:  # this file system has no such locks
        shared = False
    holder = _holder(file)
    if holder and _seems_alive(path, holder, kernel_lock=shared):
        file.close()
        raise SearchIsRunning(_text(search, holder))
    file.truncate(0)
    json.dump({"host": socket.gethostname(), "pid": os.getpid(), "since": time.strftime("%F %T"), "run": run}, file)
    file.flush()
    threading.Thread(target=_beat, args=(path,), daemon=True).start()
    return file


def release(file: IO[str]) -> None:
    """Give the lock back; the file stays, empty."""
    file.truncate(0)
    file.close()


def holder_of(search: Path) -> str | None:
    """Text that names who runs a search, or None. Does not disturb the lock for longer than a moment."""
    try:
        with (search / layout.RUN_LOCK).open("r", encoding="utf-8") as file:
            holder, shared = _holder(file), True
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _text(search, holder)
            except OSError:  # this file system has no such locks
                shared = False
            alive = holder and _seems_alive(search / layout.RUN_LOCK, holder, kernel_lock=shared)
            return _text(search, holder) if alive else None
    except OSError:
        return None


def _holder(file: IO[str]) -> dict[str, Any]:
    file.seek(0)
    try:
        data = json.load(file)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _seems_alive(path: Path, holder: dict[str, Any], *, kernel_lock: bool) -> bool:
    """Whether a holder whose lock we cannot see lives: by its process on this host, by its heartbeat on another."""
    if holder.get("host") == socket.gethostname():
        return not kernel_lock and Path(f"/proc/{holder.get('pid')}").exists() and holder.get("pid") != os.getpid()
    return _age(path) < DEAD_AFTER


def _age(path: Path) -> float:
    """Seconds since the file was touched, by the clock of its file system."""
    probe = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        probe.touch()
        return probe.stat().st_mtime - path.stat().st_mtime
    except OSError:
        return time.time() - path.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


def _beat(path: Path) -> None:
    while True:
        time.sleep(BEAT)
        try:
            os.utime(path)
        except OSError:
            return


def _text(search: Path, holder: dict[str, Any]) -> str:
    what = "being changed by hyband" if holder.get("run") == COMMAND else "being run by snakemake"
    who = "{pid} on {host} since {since}".format_map({"pid": "?", "host": "another host", "since": "?"} | holder)
    return f"{search} is {what}, process {who}."
