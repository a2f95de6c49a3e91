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


def _without_verdict(directory: Path) -> Outcome:  # noqa: PLR0911 (a list of cases)
    """Read the record instead: the number of an attempt that ended well, else whether one runs."""
    try:
        names = set(os.listdir(directory))
    except OSError:
        return PENDING
    was_recorded = layout.ATTEMPTS in names
    record = read_attempts(directory) if was_recorded else ()
    attempts = since_retry(record)
    good = [attempt for attempt in attempts if attempt.good]
    if good:  # it succeeded, and everything was killed before its outcome was written
        return completed(good[-1].result.encode())
    if was_recorded and is_held(directory):  # an attempt, or what is left of one, is alive
        return RUNNING
    if attempts:  # the last one has failed or was cut off, and the next has not begun
        return INTERRUPTED
    if layout.RESULT in names and not record and _is_of_the_whole(directory, names):  # put there by hand
        return read_result(directory)
    if not was_recorded and _has_begun(directory, names):  # folds run, or a program that keeps no record
        return RUNNING
    return PENDING


def _is_of_the_whole(directory: Path, names: set[str]) -> bool:
    """Whether a result belongs to the configuration: once a fold was started, only with the table of all folds."""
    folds = (name for name in names if layout.FOLD.fullmatch(name))
    return layout.FOLDS in names or not any((directory / name / layout.ATTEMPTS).exists() for name in folds)


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
