"""Processes of an attempt that do not hold its record: Python, for one, closes it when starting a process.

They are recognised by the environment that run.sh was given, which names the session it was started in. A process in a
session of its own is a daemon, which is meant to stay. Others are parts of the training run that outlived it and may
still write (Linux only).
"""

import os
import sys
import time
from itertools import pairwise
from pathlib import Path

from ..disk.locks import process_text
from ..disk.processes import ancestors, is_alive, session_of, words
from ..tree import environment
from ..tree.layout import Slot

POLL = 0.2
_WATCHERS = frozenset({b"hyperband/train.sh", b"hyperband/pack.py"})


def find_strays(slot: Slot) -> list[int]:
    """Give this user's processes with the environment of a slot's run.sh, except ours, which watch it."""
    wanted = _environment(slot)
    own = {os.getpid(), *ancestors(os.getpid())}
    pids = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    found = [pid for pid in pids if pid not in own and wanted <= set(words(pid, "environ"))]
    return [pid for pid in found if _is_of_this_search(pid) and not is_watching(pid) and is_alive(pid)]


def is_watching(pid: int) -> bool:
    """Whether a process is one of ours that watches a run.sh, or waits to start one."""
    command = words(pid, "cmdline")
    return not _WATCHERS.isdisjoint(command) or any(pair == (b"hyperband", b"train") for pair in pairwise(command))


def workers(slot: Slot) -> list[int]:
    """Give those that are not daemons."""
    return [pid for pid in find_strays(slot) if not _is_daemon(pid)]


def await_strays(slot: Slot, most: float) -> None:
    """Wait for those that are not daemons, and point out the others: they may still write, into the next attempt.

    Raises:
        TimeoutError: some are still running after ``most`` seconds.
    """
    begin, said = time.monotonic(), False
    strays = find_strays(slot)
    if daemons := [pid for pid in strays if _is_daemon(pid)]:
        names = ", ".join(map(process_text, daemons))
        print(f"{slot}: an earlier attempt has left {names}. End it if it may still write there.", file=sys.stderr)
    while left := workers(slot) if strays else []:
        names = ", ".join(map(process_text, left))
        if time.monotonic() - begin > most:
            raise TimeoutError(f"{slot}: {names} still runs after {most:g} s ({environment.LEFTOVER_WAIT}). End it")
        if not said:
            said = True
            what = f"{names}, which an earlier attempt has left running"
            print(f"{slot}: waiting for {what}.", file=sys.stderr, flush=True)
        time.sleep(POLL)


def _environment(slot: Slot) -> set[bytes]:
    repetition, _, fold = slot.fold.partition("-")
    values = {
        environment.BRACKET: slot.bracket,
        environment.STAGE: slot.stage,
        environment.CONFIG: slot.config,
        environment.FOLD: fold,
        environment.REPETITION: repetition,
    }
    return {f"{name}={value}".encode() for name, value in values.items()}


def _is_of_this_search(pid: int) -> bool:
    try:
        return os.path.samefile(Path(_variable(pid, environment.START), _variable(pid, environment.SEARCH)), Path())
    except OSError:
        return False


def _is_daemon(pid: int) -> bool:
    return _variable(pid, environment.SESSION) != str(session_of(pid))


def _variable(pid: int, name: str) -> str:
    known = dict(word.split(b"=", 1) for word in words(pid, "environ") if b"=" in word)
    return os.fsdecode(known.get(name.encode(), b""))
