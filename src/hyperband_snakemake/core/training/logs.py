"""The end of what run.sh printed: of each attempt that said something else than those after it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..disk.files import tail
from ..tree import layout
from ..tree.record import Attempt, read_attempts, since_retry

LINES, LONGEST_LINE = 10, 160
_BYTES = 16384
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b.?|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class LogEnd:
    """Last lines of the log of one attempt; ``reason`` says why it failed, if the last attempt failed otherwise."""

    name: str
    lines: tuple[str, ...]
    reason: str = ""

    @property
    def title(self) -> str:
        """What stands above the lines.

        >>> LogEnd("attempt-1.log", (), "run.sh exited with status 3").title
        'attempt-1.log (run.sh exited with status 3)'
        """
        return f"{self.name} ({self.reason})" if self.reason else self.name


def log_ends(directory: Path, lines: int = LINES) -> tuple[LogEnd, ...]:
    """Read the end of the log of the last attempt, and before it those of earlier ones that end in other words.

    Numbers in the lines make no difference: times and process numbers are never the same. Attempts before the last
    `hyband retry` are left out, unless there are no others.
    """
    every = [attempt for attempt in read_attempts(directory) if not attempt.retry]
    attempts = since_retry(read_attempts(directory)) or every[-1:]
    found: list[LogEnd] = []
    said: set[tuple[str, ...]] = set()
    for attempt in reversed(attempts):
        end = _end_of(directory, attempt, attempts, lines)
        words = tuple(re.sub(r"[\d.]+", "", line) for line in (end.lines if end else ()))
        if end is None or (found and (not end.lines or words in said)):
            continue
        said.add(words)
        found.insert(0, end)
    return tuple(found)


def _end_of(directory: Path, attempt: Attempt, attempts: Sequence[Attempt], lines: int) -> LogEnd | None:
    name = layout.LOG.format(attempt.attempt)
    words = last_lines(directory / name, lines)
    if words is None:
        return None
    return LogEnd(name, words, attempt.reason if attempt.reason != attempts[-1].reason else "")


def last_lines(path: Path, lines: int = LINES) -> tuple[str, ...] | None:
    """Read the last lines of a file without colours, each cut to a length that can be shown; None if there is none."""
    text = tail(path, _BYTES)
    if text is None:
        return None
    return tuple(_plain(line)[:LONGEST_LINE] for line in text.rstrip().split("\n")[-lines:] if line)


def _plain(line: str) -> str:
    r"""Leave out colours, and of a progress bar that was drawn over itself all but its last state.

    >>> _plain("10 %\r20 %\r\x1b[31mError\x1b[0m")
    'Error'
    """
    return _CONTROL.sub("", line.rstrip("\r").rpartition("\r")[2])


def last_words(directory: Path) -> tuple[str, str]:
    """Name of the log of the last attempt, and its last line that is not blank; empty texts if there is no log."""
    ends = log_ends(directory)
    if not ends:
        return "", ""
    return ends[-1].name, next((line.strip() for line in reversed(ends[-1].lines) if line.strip()), "")
