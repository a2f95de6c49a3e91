"""Signals while a pack is trained."""

import os
import signal
from collections.abc import Callable

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WARNINGS = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGURG)


class Watch:
    """What has come: ``stopped`` if somebody wants the pack to end; ``pid`` is the run.sh that runs, 0 if none does."""

    __slots__ = ("_forward", "_parent", "pid", "stopped")

    def __init__(self, forward: Callable[[str, int], object]) -> None:
        """``forward`` passes a signal on, by its name, to a process and those below it."""
        self.stopped, self.pid, self._forward, self._parent = False, 0, forward, os.getppid()

    def is_orphan(self) -> bool:
        """Whether snakemake, which has started this process, was killed."""
        return os.getppid() != self._parent

    def begin(self) -> None:
        """Note the signals from now on; what is ignored stays ignored."""
        for numbers, handler in ((STOPS, self._on_stop), (WARNINGS, self._on_warning)):
            for number in numbers:
                if signal.getsignal(number) != signal.SIG_IGN:
                    signal.signal(number, handler)

    def end(self) -> None:
        """Let signals end this process again, as they end train.py."""
        for number in STOPS:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)

    def _on_stop(self, number: int, frame: object) -> None:
        del number, frame
        self.stopped = True

    def _on_warning(self, number: int, frame: object) -> None:
        del frame
        if self.pid:
            self._forward(signal.Signals(number).name.removeprefix("SIG"), self.pid)
