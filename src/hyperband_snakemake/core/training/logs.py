"""What the attempts of a training run printed: the end of their logs, and the line that says what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..disk.printed import alike, read_printed
from ..disk.telling import ERROR, find_telling
from ..tree import layout
from ..tree.reasons import NO_RESULT, says_little
from ..tree.record import Attempt, read_attempts, since_retry

LINES, LONGEST_LINE = 10, 160
_LOOKED_AT = 15  # lines from the end that are searched for the telling one, at least


@dataclass(frozen=True)
class LogEnd:
    """Last lines of one attempt's log; ``reason`` says why it failed, if the last attempt failed for another reason."""

    name: str
    lines: tuple[str, ...]
    reason: str = ""

    @property
    def title(self) -> str:
        """The heading above the lines.

        >>> LogEnd("attempt-1.log", (), "run.sh exited with status 3").title
        'attempt-1.log (run.sh exited with status 3)'
        """
        return f"{self.name} ({self.reason})" if self.reason else self.name


def log_ends(directory: Path, lines: int = LINES) -> tuple[LogEnd, ...]:
    """Read the end of the last attempt's log, preceded by those of earlier attempts that end in other words.

    Numbers and paths are not compared: times and process numbers always differ. Attempts before the last `hyband
    retry` are left out, unless there are no others.
    """
    attempts = _attempts(directory)
    found: list[LogEnd] = []
    said: set[tuple[str, ...]] = set()
    for attempt in reversed(attempts):
        end = _end_of(directory, attempt, attempts, lines)
        words = tuple(map(alike, end.lines if end else ()))
        if end is None or (found and (not end.lines or words in said)):
            continue
        said.add(words)
        found.insert(0, end)
    return tuple(found)


def _attempts(directory: Path) -> list[Attempt]:
    """The attempts since the last retry; if there are none, the last attempt."""
    every = read_attempts(directory)
    return since_retry(every) or [attempt for attempt in every if not attempt.retry][-1:]


def _end_of(directory: Path, attempt: Attempt, attempts: Sequence[Attempt], lines: int) -> LogEnd | None:
    name = layout.LOG.format(attempt.attempt)
    words = last_lines(directory / name, lines)
    if words is None:
        return None
    return LogEnd(name, words, attempt.reason if attempt.reason != attempts[-1].reason else "")


def last_lines(path: Path, lines: int = LINES) -> tuple[str, ...] | None:
    """Read the last lines of a file as they look on a terminal, each cut to a length that can be shown.

    If the line that says what went wrong is farther up, it comes first. None if there is no such file.
    """
    printed = read_printed(path, _LOOKED_AT)
    if printed is None:
        return None
    end = printed[-lines:]
    telling, strength = find_telling(printed)
    if strength == ERROR and not any(telling.startswith(_start(line)) or _start(line) in telling for line in end):
        end = [telling, "...", *end[2:]]
    return tuple(line[:LONGEST_LINE] for line in end)


def _start(line: str) -> str:
    return line.strip()[:LONGEST_LINE]


def last_words(directory: Path) -> tuple[str, str]:
    """Name of the last attempt's log, and the most telling line in it; empty texts if there is no log."""
    logs = ((name, read_printed(directory / name, _LOOKED_AT)) for name in _log_names(directory))
    name, printed = next(((name, printed) for name, printed in logs if printed is not None), ("", []))
    return name, find_telling(printed)[0]


def _log_names(directory: Path) -> list[str]:
    return [layout.LOG.format(attempt.attempt) for attempt in reversed(_attempts(directory))]


def cause_of(directory: Path, reason: str) -> str:
    """Say why a training run failed: if its reason is just an exit status, the most telling line of its log.

    If an earlier attempt had another cause, it is named too: what it left may have made the last one fail.

    Args:
        directory: the training run's directory.
        reason: the reason in its outcome.
    """
    attempts = [attempt for attempt in since_retry(read_attempts(directory)) if attempt.reason]
    causes = [_cause(directory, attempt) for attempt in attempts]
    if all(cause == attempt.reason for cause, attempt in zip(causes, attempts, strict=True)):
        return reason
    last = causes[-1]
    other = next((n for n, cause in enumerate(causes) if alike(cause) != alike(last)), None)
    return last if other is None else f"{last}; attempt {attempts[other].attempt}: {causes[other]}"


def _cause(directory: Path, attempt: Attempt) -> str:
    if not says_little(attempt.reason):
        return attempt.reason
    printed = read_printed(directory / layout.LOG.format(attempt.attempt), _LOOKED_AT)
    words, strength = find_telling(printed or ())
    reason, _, hint = attempt.reason.partition("; ")
    exited_well = reason == NO_RESULT
    if not strength or (strength < ERROR and exited_well):
        return attempt.reason
    more = reason if strength < ERROR or exited_well else hint
    return f"{words} ({more})" if more else words
