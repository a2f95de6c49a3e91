"""The record of a configuration: the file ``attempts``, one line of JSON for each time that run.sh was started.

The first half of a line is written when the attempt starts and the second when it has ended, so a line without an end
is an attempt that runs or was killed together with us. Whoever runs an attempt holds a lock on the file (``flock``);
run.sh and its children inherit it, so an orphaned training keeps others out for as long as it lives.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from . import layout


@dataclass(frozen=True)
class Attempt:
    """One start of run.sh. ``exit`` is None while it runs, and for one that was killed together with us."""

    attempt: int
    start: str = ""
    host: str = ""
    pid: int = 0
    end: str = ""
    seconds: float = 0.0
    exit: int | None = None
    result: str = ""
    reason: str = ""

    @property
    def ended(self) -> bool:
        """Whether its second half is there."""
        return bool(self.end)

    @property
    def good(self) -> bool:
        """Whether its number counts."""
        return self.exit == 0 and not self.reason


def now() -> str:
    """Time of day in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def start_text(attempt: int, host: str) -> str:
    """First half of a line."""
    half = {"attempt": attempt, "start": now(), "host": host, "pid": os.getpid()}
    return json.dumps(half, ensure_ascii=False)[:-1]


def end_text(*, seconds: float, status: int | None, result: str, reason: str) -> str:
    """Second half of a line."""
    half = {"end": now(), "seconds": round(seconds, 6), "exit": status, "result": result, "reason": reason}
    return ", " + json.dumps(half, ensure_ascii=False)[1:] + "\n"


def read_attempts(directory: Path) -> tuple[Attempt, ...]:
    """All attempts of a configuration, oldest first. A line that cannot be read counts as an attempt without an end."""
    try:
        text = (directory / layout.ATTEMPTS).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(_attempt(line, number) for number, line in enumerate(text.splitlines(), 1))


def _attempt(line: str, number: int) -> Attempt:
    for candidate in (line, line + "}"):
        try:
            data: dict[str, Any] = json.loads(candidate)
            known = {key: data[key] for key in Attempt.__dataclass_fields__ if key in data}
            return Attempt(**known)
        except (ValueError, TypeError):
            continue
    return Attempt(number)


@contextmanager
def locked(directory: Path, descriptor: int | None = None) -> Iterator[IO[str] | None]:
    """Open the record for appending and hold its lock; None if somebody else holds it.

    ``descriptor`` is one that is open already, and perhaps locked already, by the program that started this one.
    """
    target = descriptor if descriptor is not None else directory / layout.ATTEMPTS
    with open(target, "a", encoding="utf-8", closefd=descriptor is None) as file:
        os.set_inheritable(file.fileno(), True)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield file


def is_held(directory: Path) -> bool:
    """Whether a process holds the lock: an attempt, or what is left of one, is alive."""
    try:
        with (directory / layout.ATTEMPTS).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
