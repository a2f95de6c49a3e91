"""Ending processes that run.sh has started: when it exceeds a limit, or when a failed attempt has left some."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..disk.locks import has_open, start_of
from ..disk.processes import ancestors, children_below, closure, is_alive, is_stopped, is_zombie, words
from ..tree import environment
from ..tree.layout import Slot
from ..tree.record import holders, record_path
from .strays import is_watching, workers

GRACE = 10.0  # seconds between asking a training run to end, and killing it
GRACE_OF_LEFTOVERS = 5.0
_RUN = f"{environment.RUN}=".encode()
HOPELESS = 5.0  # seconds to wait for a killed process; after that, the kernel is holding on to it


def end_leftovers(slot: Slot) -> None:
    """End processes that a failed attempt has left running: the next one must have the directory to itself."""
    strays = {pid for pid in workers(slot) if _is_of_this_run(pid)}
    _end(lambda: {*_holders(slot.path), *filter(is_alive, strays)}, GRACE_OF_LEFTOVERS)


def survivors(directory: Path) -> list[int]:
    """Give the remaining processes of a training run whose watching programs were killed."""
    found = [pid for pid in holders(directory) if any(v.startswith(_RUN) for v in words(pid, "environ"))]
    return [] if any(is_watching(pid) for pid in found) else found


def end_survivors(directory: Path) -> None:
    """End the `survivors`."""
    _end(lambda: survivors(directory), GRACE)


def _holders(directory: Path) -> set[int]:
    return {pid for pid in holders(directory) if _is_of_this_run(pid)}


def _is_of_this_run(pid: int) -> bool:
    """Whether a process got its environment from us; others may merely have the record open."""
    return _RUN + environment.run_id().encode() in words(pid, "environ")


@dataclass(frozen=True)
class Family:
    """The run.sh in ``directory`` with process ``head``, and the processes it has started.

    An orphan belongs to it as long as it holds the record open: a process that closes it wants to be left alone.
    """

    directory: Path
    head: int

    def members(self, more: Collection[int] = ()) -> list[int]:
        """Give all of them, and the descendants of ``more``. Orphans are reaped when they end."""
        children, record = children_below(os.getpid()), record_path(self.directory)
        adopted = {pid for pid in children.get(os.getpid(), ()) if pid != self.head}
        for pid in filter(is_zombie, adopted):
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        return closure(children, [self.head, *more, *(pid for pid in adopted if has_open(pid, record))])

    def end(self, grace: float) -> None:
        """Ask all of them to end, and kill those that do not, including ones that become orphans meanwhile."""
        seen: dict[int, int | None] = {}  # when each was started, in case its number is reused

        def find() -> list[int]:
            for pid in [*self.members(_living(seen)), *_holders(self.directory)]:
                seen.setdefault(pid, start_of(pid))
            return _living(seen)

        _end(find, grace)


def _living(started: Mapping[int, int | None]) -> list[int]:
    return [pid for pid, start in started.items() if is_alive(pid, start)]


def _end(find: Callable[[], Collection[int]], grace: float) -> None:
    """Send SIGTERM once to each process that ``find`` gives, until it gives none; after ``grace``, SIGKILL.

    A shell gets the signal before its children; otherwise it would continue with its next command when they end.
    """
    begin, asked = time.monotonic(), set[int]()
    while left := find():
        late = time.monotonic() - begin > grace
        for pid in sorted(left, key=lambda pid: len(ancestors(pid))):
            if late or pid not in asked:
                _send(pid, signal.SIGKILL if late else signal.SIGTERM)
            if is_stopped(pid):
                _send(pid, signal.SIGCONT)
        asked.update(left)
        if time.monotonic() - begin > grace + HOPELESS:
            return
        time.sleep(0.05)


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
