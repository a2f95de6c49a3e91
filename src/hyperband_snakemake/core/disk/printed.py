"""What a program printed, as its final state on a terminal: no escape sequences, progress bars in their last state.

A log is drawn on a small screen in memory that understands carriage returns, backspaces and the cursor movements that
progress bars use to overwrite themselves. Of consecutive lines that differ only in numbers, the last two are kept.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from .files import tail

_SIZES = (2**16, 2**19, 2**21)  # bytes read from the end of a file; more if a progress bar fills them
_NEAR = 3  # lines that may alternate: two progress bars and their heading
_MOVES = re.compile(
    r"(?P<csi>\x1b\[|\x9b)(?P<number>\d*)[0-?]*[ -/]*(?P<kind>[@-~])"  # moves, erasing, colours
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)"  # titles and links, with their text
    r"|\x1b[ -/]*[0-~]?|[\n\r\x08]|[\x00-\x07\x0b-\x1f\x7f-\x9f]"
)
_NUMBER = re.compile(r"\b0x[0-9a-fA-F]+|\b(?=[a-f]*\d)[0-9a-f]{8,}\b|[-+]?\.?\d+(?:[.,:_]\d+)*(?:[eE][-+]?\d+)?%?")
_PATH = re.compile(r"(?:\b[A-Za-z]:)?(?:[\w.~+@-]*[/\\])+[\w.~+@=-]*")


_OVERWRITTEN = re.compile(r"(?<![^\n\r])[^\n\r\x1b\x08\x9b]+\r(?=[^\n\r\x1b\x9b])")  # overwritten: most of a bar


class _Screen:
    """The lines on the screen, and the cursor position."""

    def __init__(self) -> None:
        self.lines = [""]
        self.row = self.column = 0

    def write(self, text: str) -> None:
        """Overwrite text at the cursor; at the start of a line, begin the line from scratch."""
        old = self.lines[self.row]
        rest = old[self.column + len(text) :] if self.column else ""
        self.lines[self.row] = old[: self.column].ljust(self.column) + text + rest
        self.column += len(text)

    def move(self, match: re.Match[str]) -> None:
        """Carry out an escape sequence or control character, as far as it affects lines."""
        number = int((match["number"] or "1")[:4])
        if match[0] == "\n":
            self.row, self.column = self.row + 1, 0
            self.lines += [""] * (self.row == len(self.lines))
        elif match[0] == "\r":
            self.column = 0
        elif match[0] == "\x08":
            self.column = max(0, self.column - 1)
        elif match["kind"] in ("A", "F"):
            self.row, self.column = max(0, self.row - number), 0 if match["kind"] == "F" else self.column
        elif match["kind"] == "K":
            self.lines[self.row] = self.lines[self.row][: self.column] if not match["number"].strip("0") else ""


def drawn(text: str) -> list[str]:
    r"""Give the lines that a terminal would finally show.

    >>> drawn("10 %\r20 %\r\x1b[31mError\x1b[0m\n"), drawn("a\nb\x1b[A\rc"), drawn("12\b3")
    (['Error', ''], ['c', 'b'], ['13'])
    """
    screen, at = _Screen(), 0
    text = _OVERWRITTEN.sub("\r", text)
    for match in _MOVES.finditer(text):
        if at < match.start():
            screen.write(text[at : match.start()])
        screen.move(match)
        at = match.end()
    if at < len(text):
        screen.write(text[at:])
    return screen.lines


def alike(line: str) -> str:
    """Remove from a line what differs each time: numbers, addresses, paths.

    >>> alike("12:00:01 rank 3: cannot open /data/run-7/x.npy at 0x7f3a")
    '# rank #: cannot open … at #'
    """
    return _NUMBER.sub("#", _PATH.sub("…", line))


def folded(lines: Sequence[str]) -> list[str]:
    """Leave out repetitions, such as the states of a progress bar that was printed line by line.

    >>> folded(["Error", *(f"epoch {n}" for n in range(300))])
    ['Error', '... (298 lines like the next one)', 'epoch 298', 'epoch 299']
    """
    keys = [alike(line) for line in lines]
    found, left_out = list[str](), 0
    for at, line in enumerate(lines):
        if any(keys[at : at + 2 * step + 1 : step].count(keys[at]) > 2 for step in range(1, _NEAR + 1)):  # noqa: PLR2004
            left_out += 1
            continue
        found += [f"... ({left_out} lines like the next one)"] * (left_out > 1)
        found += [lines[at - 1]] * (left_out == 1)
        found.append(line)
        left_out = 0
    return found


def read_printed(path: Path, enough: int) -> list[str] | None:
    """Read the last lines of a file for people, at least ``enough`` if it has that many; None if it cannot be read."""
    for lines in _ends(path):
        if lines is None or len(lines) >= enough:
            return lines
    return lines


def _ends(path: Path) -> Iterator[list[str] | None]:
    """Yield longer and longer ends of a file, up to the whole file."""
    for size in _SIZES:
        text = tail(path, size)
        if text is None:
            yield None
            return
        lines = drawn(text.replace("\t", "    "))
        yield folded([line.rstrip() for line in lines if line.strip()])
        if len(text) < size // 4:  # the whole file, even with multi-byte characters
            return
