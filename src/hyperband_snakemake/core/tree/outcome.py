"""What became of one slot, read from its directory."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from . import layout
from .number import LONGEST, NotANumber, parse_number
from .record import is_held, read_attempts, since_retry


class Status(StrEnum):
    """The states of a slot, as `hyband status --json` names them."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    EMPTY = "empty"


@dataclass(frozen=True)
class Outcome:
    """State of a slot; it has a finite ``result``, and its ``text`` as written, if and only if it is completed."""

    status: Status
    result: float | None = None
    reason: str = ""
    text: str = ""


PENDING = Outcome(Status.PENDING)
QUEUED = Outcome(Status.QUEUED)
RUNNING = Outcome(Status.RUNNING)
EMPTY = Outcome(Status.EMPTY)
INTERRUPTED = Outcome(Status.PENDING, reason="interrupted; it will be trained again")


def failed(reason: str) -> Outcome:
    """Build the outcome of a training that left no number that counts."""
    return Outcome(Status.FAILED, reason=reason)


def completed(raw: bytes) -> Outcome:
    """Build the outcome of a training that left this as its result; failed if it is no number."""
    try:
        value = parse_number(raw)
    except NotANumber as error:
        return failed(f"{layout.RESULT}: {error}")
    return Outcome(Status.COMPLETED, value, text=raw.removeprefix(b"\xef\xbb\xbf").decode("ascii").strip())


def read_result(directory: Path) -> Outcome:
    """Read the file ``result`` alone: completed or failed, or running if there is none."""
    try:
        file = os.open(directory / layout.RESULT, os.O_RDONLY | os.O_NONBLOCK)  # a pipe must not make us wait
        try:
            raw = os.read(file, LONGEST + 1)
        finally:
            os.close(file)
    except (FileNotFoundError, NotADirectoryError):
        return RUNNING
    except OSError as error:
        return failed(f"{layout.RESULT} cannot be read: {error.strerror}")
    return completed(raw)


def read_outcome(directory: Path) -> Outcome:
    """Read what became of the slot in this directory.

    A number counts once its training has ended well, and as it was then: the file ``outcome`` holds it. A number in a
    directory where no attempt was ever recorded was put there by hand, and counts.
    """
    try:
        with open(directory / layout.OUTCOME, "rb") as file:
            verdict = file.read(LONGEST).decode("utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        verdict = ""
    except OSError as error:
        return failed(f"{layout.OUTCOME} cannot be read: {error.strerror}")
    word, _, rest = verdict.strip().partition(": ")
    if word == Status.COMPLETED:
        return completed(rest.encode())
    if word == Status.FAILED:
        return failed(rest)
    if word == Status.EMPTY:
        return EMPTY
    return _without_verdict(directory)


def _without_verdict(directory: Path) -> Outcome:
    """Read the record instead: the number of an attempt that ended well, else whether one runs."""
    try:
        names = set(os.listdir(directory))
    except OSError:
        return PENDING
    record = read_attempts(directory) if layout.ATTEMPTS in names else ()
    attempts = since_retry(record)
    good = [attempt for attempt in attempts if attempt.good]
    if good:
        return completed(good[-1].result.encode())
    if layout.ATTEMPTS in names and is_held(directory):
        return RUNNING
    if attempts:
        return INTERRUPTED
    if layout.RESULT in names and not record and (layout.FOLDS in names or not _has_trained_folds(directory, names)):
        return read_result(directory)
    return RUNNING if layout.ATTEMPTS not in names and _has_begun(directory, names) else PENDING


def _has_trained_folds(directory: Path, names: set[str]) -> bool:
    """Whether a fold was ever started: then a number of the whole that is not made of all folds is one of theirs."""
    return any(layout.FOLD.fullmatch(name) and (directory / name / layout.ATTEMPTS).exists() for name in names)


def _has_begun(directory: Path, names: set[str]) -> bool:
    """Whether a fold runs, or something is there that a training must have left that nobody recorded."""
    folds = [name for name in names if layout.FOLD.fullmatch(name)]
    if folds:
        return any(read_outcome(directory / fold).status is Status.RUNNING for fold in folds)
    return layout.CONFIG in names and not all(map(layout.is_ours, names))


def verdict_text(outcome: Outcome) -> str:
    r"""Text of the file ``outcome``.

    >>> verdict_text(failed("exit status 3")), verdict_text(completed(b"0.50\n"))
    ('failed: exit status 3\n', 'completed: 0.50\n')
    """
    more = outcome.text or outcome.reason.replace("\n", " ")
    return f"{outcome.status}: {more}\n" if more else f"{outcome.status}\n"
