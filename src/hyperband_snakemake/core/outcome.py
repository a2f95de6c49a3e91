"""What became of one slot, read from its directory."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from . import layout
from .number import NotANumber, parse_number
from .record import is_held, read_attempts, since_retry


class Status(StrEnum):
    """The states of a slot, as `hyband status --json` names them."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    EMPTY = "empty"


@dataclass(frozen=True)
class Outcome:
    """State of a slot; ``result`` is a finite number if and only if it is completed."""

    status: Status
    result: float | None = None
    reason: str = ""


PENDING = Outcome(Status.PENDING)
RUNNING = Outcome(Status.RUNNING)
EMPTY = Outcome(Status.EMPTY)
INTERRUPTED = Outcome(Status.PENDING, reason="interrupted; it will be trained again")


def failed(reason: str) -> Outcome:
    """Build the outcome of a training that left no number that counts."""
    return Outcome(Status.FAILED, reason=reason)


def read_result(directory: Path) -> Outcome:
    """Read the file ``result`` alone: completed or failed, or running if there is none."""
    try:
        raw = (directory / layout.RESULT).read_bytes()
    except FileNotFoundError:
        return RUNNING
    except OSError as error:
        return failed(f"{layout.RESULT} cannot be read: {error.strerror}")
    try:
        return Outcome(Status.COMPLETED, parse_number(raw))
    except NotANumber as error:
        return failed(f"{layout.RESULT}: {error}")


def read_outcome(directory: Path) -> Outcome:
    """Read what became of the slot in this directory.

    A number counts once its training has ended well, which the file ``outcome`` says. A number in a directory where no
    attempt was ever recorded was put there by hand, and counts.
    """
    try:
        verdict = (directory / layout.OUTCOME).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        verdict = ""
    except OSError as error:
        return failed(f"{layout.OUTCOME} cannot be read: {error.strerror}")
    word, _, reason = verdict.strip().partition(": ")
    if word == Status.COMPLETED:
        found = read_result(directory)
        return _recorded(directory) if found == RUNNING else found
    if word == Status.FAILED:
        return failed(reason)
    if word == Status.EMPTY:
        return EMPTY
    return _without_verdict(directory)


def _without_verdict(directory: Path) -> Outcome:
    try:
        names = set(os.listdir(directory))
    except OSError:
        return PENDING
    if layout.ATTEMPTS in names:
        return _recorded(directory)
    if layout.RESULT in names:
        return read_result(directory)
    return RUNNING if layout.CONFIG in names and names - layout.OURS else PENDING


def _recorded(directory: Path) -> Outcome:
    """Read the record where a file is missing: the number of an attempt that ended well, else whether one runs."""
    good = [attempt for attempt in since_retry(read_attempts(directory)) if attempt.good]
    if not good:
        return RUNNING if is_held(directory) else INTERRUPTED
    try:
        return Outcome(Status.COMPLETED, parse_number(good[-1].result.encode()))
    except NotANumber as error:
        return failed(f"the result in {layout.ATTEMPTS}: {error}")


def verdict_text(outcome: Outcome) -> str:
    """Text of the file ``outcome``.

    >>> verdict_text(failed("exit status 3"))
    'failed: exit status 3\\n'
    """
    return f"{outcome.status}: {outcome.reason}\n" if outcome.reason else f"{outcome.status}\n"
