"""Signals while run.sh runs: those that end an attempt, and those that a cluster sends as a warning before its end."""

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
_HANDLED = re.compile(r"^Sig(?:Blk|Cgt):\s*([0-9a-f]+)$", re.MULTILINE)  # srun blocks signals and waits for them


def forward(name: str, pid: int) -> None:
    """Send a signal such as "USR1" to a process and its descendants, if they handle it: it would end the others."""
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
    """Signals that came while run.sh ran. ``stopped``: it was asked to end, so its result does not count.

    ``announced`` is the signal for which URG stands (slurm/notice.py), empty if there is none.
    """

    announced: str = ""
    stopped: bool = False
    pid: int | None = None

    def on_stop(self, number: int, frame: FrameType | None) -> None:
        """Handle a request to end the attempt."""
        del number, frame
        self.stopped = True

    def on_warning(self, number: int, frame: FrameType | None) -> None:
        """Handle a warning, which the user's program may want to get."""
        del frame
        name = self.announced if number == signal.SIGURG else signal.Signals(number).name.removeprefix("SIG")
        if self.pid is not None and name:
            forward(name, self.pid)


@contextmanager
def watched(announced: str = "") -> Iterator[Signals]:
    """Record signals instead of ending, as train.sh does; signals that were ignored stay ignored."""
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
