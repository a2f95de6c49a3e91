"""Signals while run.sh runs: those that end an attempt, and those that a cluster sends ahead of its end."""

import contextlib
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from ..disk.processes import children_below, closure

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WARNINGS = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGURG)
_HANDLED = re.compile(r"^Sig(?:Blk|Cgt):\s*([0-9a-f]+)$", re.MULTILINE)  # srun blocks signals, and waits for them


def forward(name: str, pid: int) -> None:
    """Send a signal, such as "USR1", to those of a process and all below it that handle it: it would end the others."""
    number = signal.Signals[f"SIG{name}"]
    for one in closure(children_below(pid), [pid]):
        if _handles(one, number):
            with contextlib.suppress(OSError):
                os.kill(one, number)


def _handles(pid: int, number: int) -> bool:
    try:
        masks = _HANDLED.findall(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return False
    return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)


@dataclass
class Signals:
    """What has come while run.sh ran: ``stopped`` if somebody wanted it to end, so that no number of it counts.

    ``announced`` is the signal for which URG stands (slurm/notice.py), empty if there is none.
    """

    announced: str = ""
    stopped: bool = False
    pid: int | None = None

    def on_stop(self, number: int, frame: FrameType | None) -> None:
        """Somebody wants the attempt to end."""
        del number, frame
        self.stopped = True

    def on_warning(self, number: int, frame: FrameType | None) -> None:
        """Something is announced, which may concern the user's program."""
        del frame
        name = self.announced if number == signal.SIGURG else signal.Signals(number).name.removeprefix("SIG")
        if self.pid is not None and name:
            forward(name, self.pid)


@contextmanager
def watched(announced: str = "") -> Iterator[Signals]:
    """Note the signals that come instead of ending at them, as train.sh does; what was ignored stays ignored."""
    signals = Signals(announced)
    before: dict[int, Any] = {number: signal.getsignal(number) for number in (*STOPS, *WARNINGS)}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, signals.on_stop if number in STOPS else signals.on_warning)
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
