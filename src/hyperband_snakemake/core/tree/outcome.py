"""The outcome of one slot, read from its directory."""

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..disk.files import exists, is_file, names_in, open_file
from . import layout
from .number import LONGEST, NotANumber, parse_number
from .reasons import NO_RESULT, NOT_BEGUN, reason_of_attempts
from .record import Attempt, is_held, read_attempts, record_path, since_retry, used

MOST_INTERRUPTIONS = 100


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
    """State of a slot. If and only if it is completed, it has a finite ``result`` and the ``text`` as written."""

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
    """Build the outcome of a training run without a valid result."""
    return Outcome(Status.FAILED, reason=reason)


def completed(raw: bytes) -> Outcome:
    """Build the outcome of a training run that left this as its result; failed if it is not a number."""
    try:
        value = parse_number(raw)
    except NotANumber as error:
        return failed(f"{layout.RESULT}: {error}")
    return Outcome(Status.COMPLETED, value, text=raw.removeprefix(b"\xef\xbb\xbf").decode("ascii").strip())


def read_result(directory: Path) -> Outcome:
    """Read only the file ``result``: completed or failed, or running if there is none."""
    try:
        with open_file(directory / layout.RESULT) as file:
            raw = file.read(LONGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return RUNNING
    except OSError as error:
        return failed(f"{layout.RESULT} cannot be read: {error.strerror}")
    return completed(raw)


def read_outcome(directory: Path) -> Outcome:
    """Read the outcome of the slot in this directory.

    A result counts once its training run has succeeded, with its value at that time: the record holds it, and takes
    precedence over files made from it. The file ``outcome`` says what the record cannot: that no attempt is left, or
    that there was none. A result in a directory where nothing was ever trained was put there by hand, and counts.
    """
    record = read_attempts(directory)
    attempts = since_retry(record)
    good = [attempt for attempt in attempts if attempt.good]
    if good:
        return completed(good[-1].result.encode())
    verdict = read_verdict(directory)
    if not record:
        return verdict or _without_record(directory)
    if verdict is not None and verdict.status is Status.FAILED and (not attempts or attempts[-1].end):
        return verdict
    if is_held(directory):  # an attempt, or processes left by one, are still running
        return RUNNING
    return INTERRUPTED if attempts else PENDING  # the last one failed or was interrupted, and the next has not begun


def used_up(attempts: Sequence[Attempt], retries: int, run: str) -> Outcome | None:
    """Give the outcome of a training run that has used up its attempts; None if ``run`` may start another one."""
    if attempts and attempts[-1].exit == 0 and attempts[-1].reason.startswith(NO_RESULT):
        return failed(attempts[-1].reason)  # what it has started may come yet, and must not meet another attempt
    begun = [attempt for attempt in attempts if attempt.slurm != NOT_BEGUN]
    if not begun or (used(attempts, run) < 1 + retries and len(begun) < MOST_INTERRUPTIONS + 1 + retries):
        return None
    return failed(reason_of_attempts([attempt.reason for attempt in begun]))


def read_verdict(directory: Path) -> Outcome | None:
    """Read the file ``outcome``; None if it does not exist or is incomplete."""
    try:
        with open_file(directory / layout.OUTCOME) as file:
            text = file.read(LONGEST).decode("utf-8", errors="replace")
    except OSError:
        return None
    word, _, rest = text.strip().partition(": ")
    if not text.endswith("\n") and len(text) < LONGEST:
        return None
    if word == Status.COMPLETED:
        return completed(rest.encode()) if rest else None
    if word == Status.FAILED:
        return failed(rest) if rest else None
    return EMPTY if word == Status.EMPTY else None


def _without_record(directory: Path) -> Outcome:
    """Read the outcome of a slot for which no attempt is recorded."""
    try:
        names = set(names_in(directory))
    except OSError:
        return PENDING
    if is_held(directory):  # it is about to begin
        return RUNNING
    if has_lost_its_record(directory):
        return INTERRUPTED
    if layout.RESULT in names and _is_of_the_whole(directory, names):  # put there by hand
        return read_result(directory)
    return RUNNING if _has_begun(directory, names) else PENDING


def has_lost_its_record(directory: Path) -> bool:
    """Whether something was trained in a slot without a line in its record, after a full disk or a power failure."""
    record = record_path(directory)
    if is_file(record) and exists(directory / layout.RESULT):
        return True
    try:
        return bool(fnmatch.filter(names_in(directory), layout.LOG.format("*")))
    except OSError:
        return False


def _is_of_the_whole(directory: Path, names: set[str]) -> bool:
    """Whether a result is the whole configuration's: once a fold was started, only with the table of all folds."""
    folds = (name for name in names if layout.FOLD.fullmatch(name))
    return layout.FOLDS in names or not any(exists(record_path(directory / name)) for name in folds)


def _has_begun(directory: Path, names: set[str]) -> bool:
    """Whether a fold is running, or there are files that an unrecorded training run must have left."""
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
