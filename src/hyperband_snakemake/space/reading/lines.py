"""Any other format with named values on lines: ``name = value``, ``name: value,``, ``name value``, and blocks."""

import json
import re
from typing import Any

from ..values import Spelled, number_of
from .documents import read_json5
from .names import TWICE, Unreadable

_COMMENT = ("#", ";", "//", "%", "--", "/*", "*", "!")
_ASSIGNMENT = re.compile(
    r"""(?:(?:local|const|let|var|final|set|static|export)\s+)*   # jsonnet, JavaScript, Dart, Tcl
        (?P<quote>["']?)(?P<name>[\w$@][\w./@:\-$\[\]]*?)(?P=quote)
        \s*(?:\+?::?:?|:?=|<-|=>)\s*
        (?P<value>\S.*)""",
    re.VERBOSE,
)
_PAIR = re.compile(r"(?P<name>[A-Za-z_][\w./@\-]*)[ \t]+(?P<value>\S.*)")
_BLOCK = re.compile(r"(?P<name>[\w.\-]+)\s*\{\s*")  # nothing in between: protocol buffers, HOCON, HCL
_HEADING = re.compile(r"(?P<name>[\w./\-]+):")  # in gin: indented lines below belong to it
_SECTION = re.compile(r"\[(?P<name>[^\[\]=,\"']+)\]")
_END_COMMENT = re.compile(r"\s+(#|//|%)(\s.*)?$")
_QUOTED = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_PIECES = re.compile(rf"{_QUOTED}|.", re.DOTALL)
_OPENERS, _CLOSERS = "{[(", "}])"


def read_lines(text: str) -> Any:
    """Read assignments line by line; names within braces are nested, and computed values stay texts."""
    lines = [line.expandtabs() for line in text.splitlines()]
    stripped = [line.strip() for line in lines]
    blocks = _Blocks(pairs=_are_pairs([line for line in stripped if line and not line.startswith(_COMMENT)]))
    for line in lines:
        blocks.take(line.strip(), len(line) - len(line.lstrip()))
    if not blocks.found:
        raise Unreadable
    return blocks.found


def _are_pairs(lines: list[str]) -> bool:
    """Whether lines are ``name value`` rather than just words."""
    matches = [_PAIR.fullmatch(line) for line in lines]
    return all(matches) and any(match and number_of(match["value"]) is not None for match in matches)


class _Blocks:
    """Tracks which blocks a line is in; ``pairs``: only a blank separates a name from its value."""

    def __init__(self, *, pairs: bool) -> None:
        self._form = _PAIR if pairs else _ASSIGNMENT
        self.found: dict[str, Any] = {}
        self._open: list[str] = []
        self._section = ""
        self._heading: tuple[str, int] = "", 0

    def take(self, line: str, indent: int) -> None:
        """Process the next line."""
        line = _END_COMMENT.sub("", line) if _quotes_end(line) else line
        if not line or line.startswith(_COMMENT):
            return
        if not self._open and (heading := _HEADING.fullmatch(line)):
            self._heading = f"{heading['name']}.", indent
            return
        if indent <= self._heading[1]:
            self._heading = "", 0
        if not self._open and (section := _SECTION.fullmatch(line)):
            self._section = f"{section['name'].strip()}."
            return
        while line[:1] in _CLOSERS and line:
            self._open = self._open[:-1]
            line = line[1:].lstrip()
        while block := _BLOCK.match(line):
            self._open.append(block["name"])
            line = line[block.end() :]
        line = _ended(line)
        closed = 0
        while _depth(line) < 0 and line[-1:] in _CLOSERS:
            line, closed = _ended(line[:-1]), closed + 1
        match, depth = self._form.fullmatch(line), _depth(line)
        if match and depth <= 0:
            self._put(match["name"], _value(match["value"]))
        for opened in range(depth):
            self._open.append(match["name"] if match and opened == 0 else "")
        self._open = self._open[: max(0, len(self._open) - closed + min(0, depth))]

    def _put(self, name: str, value: Any) -> None:
        path = self._section + self._heading[0] + ".".join([*filter(None, self._open), name])
        self.found[path] = TWICE if path in self.found else value


def _ended(text: str) -> str:
    """Remove the comma or semicolon at the end of a line."""
    text = text.rstrip()
    return text[:-1].rstrip() if text[-1:] in {",", ";"} else text


def _quotes_end(line: str) -> bool:
    head = re.split(r"\s(?:#|//|%)", line, maxsplit=1)[0]
    return head.count('"') % 2 == 0 and head.count("'") % 2 == 0


def _depth(text: str) -> int:
    """Number of blocks still open at the end of a text."""
    bare = re.sub(_QUOTED, "", text)
    return sum(bare.count(c) for c in _OPENERS) - sum(bare.count(c) for c in _CLOSERS)


def _value(text: str) -> Any:
    if text[:1] in {"'", '"'} and text.find(text[0], 1) == len(text) - 1:
        inner = text[1:-1]
        if text[0] == '"' and "\\" in inner:
            try:
                return str(json.loads(text))
            except ValueError:
                return inner
        return inner
    if text[:1] in {"[", "{"}:
        try:
            return read_json5('{"x": ' + text + "}")["x"]
        except (ValueError, RecursionError):
            return _inner(text) or Spelled(text)
    return Spelled(text)


def _inner(text: str) -> dict[str, Any]:
    """Read a block on one line, whose values may be computed; nothing if it is not a block."""
    found: dict[str, Any] = {}
    if text[:1] != "{" or text[-1:] != "}":
        return found
    for part in _parts(text[1:-1]):
        match = _ASSIGNMENT.fullmatch(part.strip())
        if match is None:
            return {}
        found[match["name"]] = TWICE if match["name"] in found else _value(match["value"].strip())
    return found


def _parts(text: str) -> list[str]:
    """Split at commas and semicolons outside of blocks and quotes."""
    parts = [""]
    for piece in _PIECES.findall(text):
        if piece in {",", ";"} and _depth(parts[-1]) == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return [part for part in parts if part.strip()]
