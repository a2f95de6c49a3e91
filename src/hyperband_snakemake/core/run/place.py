"""The place of a training run on this machine: its GPUs, or just a number that no other run of the search has now.

A place is a lock on one or more files in the directory ``HYBAND_PLACES``. run.sh and its children inherit it, so it is
free once the last of them has ended. Giving a place back empties its files. A place that was not given back, because
everything was killed, is free only if no process has its environment either: some programs close inherited files.

``core/place.sh`` handles the simple case, an unused place that was given back; everything else is done here.
"""

import fcntl
import itertools
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..disk.locks import lock, openers, process_text
from ..disk.processes import ancestors, is_alive, words
from ..training.stopping import is_run_stopped
from ..tree import environment
from ..tree.environment import is_run_alive
from ..tree.layout import Slot

POLL = 0.2
_held: list[ExitStack] = []  # files that this process holds open
FIRST_DESCRIPTOR = 150  # the first that run.sh inherits: high, so that no script uses it by chance


@dataclass(frozen=True)
class Place:
    """Files that one training run locks: ``alone`` exclusively, ``together`` shared with the other runs on its GPU."""

    number: int
    gpus: str
    alone: tuple[str, ...]
    together: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """The places of this machine, which `core/workflow` has put into the environment."""

    directory: Path
    groups: tuple[str, ...]
    per_gpu: int
    count: int

    def __iter__(self) -> Iterator[Place]:
        """Give the places in numerical order. Without GPUs, there is no end to them.

        >>> [place.alone for place in Places(Path(), ("0", "1"), 2, 4)]
        [('gpu-0.0',), ('gpu-1.0',), ('gpu-0.1',), ('gpu-1.1',)]
        """
        return map(self._place, range(self.count) if self.groups else itertools.count())

    def _place(self, number: int) -> Place:
        if not self.groups:
            return Place(number, "", (f"slot-{number}",))
        group, share = self.groups[number % len(self.groups)], number // len(self.groups)
        files = tuple(f"gpu-{gpu}" for gpu in group.split(","))
        if self.per_gpu == 1:
            return Place(number, group, files)
        return Place(number, group, tuple(f"{file}.{share}" for file in files), files)


def read_places() -> Places | None:
    """Read which places there are; None if training runs have none, or this one already has its place."""
    known = os.environ
    if not known.get(environment.PLACES) or known.get(environment.SLOT):
        return None
    groups = tuple(known.get(environment.GPUS, "").split())
    per_gpu, count = (int(known.get(name) or 1) for name in (environment.PER_GPU, environment.PLACE_COUNT))
    return Places(Path(known[environment.PLACES]), groups, per_gpu, count)


def take_place(slot: Slot) -> None:
    """Take the first free place, until this process and everything it starts has ended. Waits for one.

    Raises:
        KeyboardInterrupt: this run has ended, or was stopped, before a place became free.
    """
    places, said = read_places(), False
    if places is None:
        return
    places.directory.mkdir(parents=True, exist_ok=True)
    while (place := next((place for place in places if _is_taken(places.directory, place, slot)), None)) is None:
        if not said:
            said = True
            who = ", ".join(map(process_text, _all_users(places))) or "others, which cannot be seen from here"
            print(f"{slot}: waiting for a free GPU. They are in use by {who}.", file=sys.stderr, flush=True)
        if is_run_stopped() or not is_run_alive():
            raise KeyboardInterrupt
        time.sleep(POLL)
    os.environ[environment.SLOT], os.environ[environment.HOLDS] = str(place.number), " ".join(place.alone)
    if place.gpus:
        os.environ |= dict.fromkeys(os.environ.get(environment.GPU_VARIABLES, "").split(), place.gpus)


def give_place_back() -> None:
    """Mark the place of this process as unused, unless something without the lock still runs in it."""
    directory = Path(os.environ.get(environment.PLACES, ""))
    for file in os.environ.get(environment.HOLDS, "").split():
        if not users(directory, file):
            (directory / file).open("w").close()
    while _held:
        _held.pop().close()


def users(directory: Path, file: str) -> list[int]:
    """Give this user's processes, except ours, that were given a place, as their environment shows."""
    own, where = {os.getpid(), *ancestors(os.getpid())}, f"{environment.PLACES}={directory}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        known = words(int(path.name), "environ")
        holds = next((word.decode().partition("=")[2] for word in known if word.startswith(_HOLDS)), "")
        if where in known and file in holds.split() and int(path.name) not in own and is_alive(int(path.name)):
            found.append(int(path.name))
    return found


_HOLDS = f"{environment.HOLDS}=".encode()


def _all_users(places: Places) -> list[int]:
    files = [file for place in places for file in (*place.alone, *place.together)]
    holders = (pid for file in files for pid in openers(places.directory / file))
    return sorted({*holders, *(pid for file in files for pid in users(places.directory, file))})


def _is_taken(directory: Path, place: Place, slot: Slot) -> bool:
    """Take a place if it is free. Return whether it is ours now."""
    with ExitStack() as opened:
        for file, how in [*((f, fcntl.LOCK_SH) for f in place.together), *((f, fcntl.LOCK_EX) for f in place.alone)]:
            handle = opened.enter_context((directory / file).open("a+", encoding="utf-8"))
            if not _is_locked(handle, directory / file, how):
                return False
            if how == fcntl.LOCK_EX and os.fstat(handle.fileno()).st_size:
                if users(directory, file):
                    return False
                handle.truncate(0)
            _hand_down(handle, opened)
        for file in place.alone:
            (directory / file).write_text(f"{Path.cwd()}/{slot}, process {os.getpid()}\n", encoding="utf-8")
        _held.append(opened.pop_all())
    return True


def _is_locked(handle: IO[str], path: Path, how: int) -> bool:
    try:
        if how == fcntl.LOCK_EX:
            lock(handle, path, most=0)
        else:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
    except (TimeoutError, BlockingIOError):
        return False
    except OSError:  # no locks here: runs that share a GPU also have a file each, which shows that they do
        return True
    try:
        return os.path.samestat(os.fstat(handle.fileno()), path.stat())
    except FileNotFoundError:  # it was deleted meanwhile
        return False


def _hand_down(handle: IO[str], opened: ExitStack) -> None:
    """Let run.sh inherit an open file, by a high descriptor if the limit allows it."""
    try:
        opened.callback(os.close, fcntl.fcntl(handle.fileno(), fcntl.F_DUPFD, FIRST_DESCRIPTOR))
    except OSError:
        os.set_inheritable(handle.fileno(), True)
