"""Line ends in templates: a tag removes its line end only if it is alone on the line; ``${#`` is left to the shell.

Jinja2's ``trim_blocks`` removes the line end after every tag and comment, which joins the next line to the text before
the tag. Jinja2 has a remedy, a ``+`` in the tag (``{% endif +%}``), and `KeepLines` puts it there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jinja2
from jinja2.ext import Extension

_LINE_END = re.compile(r"\r\n|\r|\n")  # as in Jinja2
_OF_SHELL = re.compile(r"\$\{#(?![-+]?\s)")  # ${#array[@]}, ${#}; with a blank, it is a comment (an error in bash)
_SAME_TEXT = "{{ '{#' }}"

JINJA: Mapping[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}

Token = tuple[int, str, str]  # start, kind, text


class KeepLines(Extension):
    """Keeps a line end if there may be text before it on the line, and opens no comment at ``${#``."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Return the template with a ``+`` in each tag whose line end is kept; line numbers do not change."""
        source = _leave_to_shell(self.environment, "\n".join(_LINE_END.split(source)))
        for end in reversed(_ends(self.environment, source)):
            source = f"{source[:end]}+{source[end:]}"
        return source


def joined_lines(source: str) -> list[int]:
    """Return the numbers, from 1, of lines to which plain Jinja2 would join the next one."""
    source = "\n".join(_LINE_END.split(source))
    return [source.count("\n", 0, end) + 1 for end in _ends(jinja2.Environment(**JINJA), source)]  # noqa: S701


def _tokens(environment: jinja2.Environment, source: str) -> Iterator[Token]:
    """Give the tokens of a template, up to its first mistake, which is reported when the template is compiled."""
    at = 0
    try:
        for _, kind, text in environment.lex(source):
            at = source.index(text, at)  # only blanks that a tag strips are not in any token
            yield at, kind, text
            at += len(text)
    except jinja2.TemplateSyntaxError:
        return


def _leave_to_shell(environment: jinja2.Environment, source: str) -> str:
    """Rewrite ``${#`` where it would open a comment."""
    if not _OF_SHELL.search(source):
        return source
    while True:
        opening = (at for at, kind, _ in _tokens(environment, source) if kind == "comment_begin")
        at = next((at for at in opening if at and _OF_SHELL.match(source, at - 1)), None)
        if at is None:
            return source
        source = source[:at] + _SAME_TEXT + source[at + 2 :]


def _ends(environment: jinja2.Environment, source: str) -> list[int]:
    """Find the ends (before the last two characters) of tags and comments whose line end is kept."""
    line, tag, ends, stays = _Line(), list[Token](), list[int](), False
    for at, kind, text in _tokens(environment, source):
        if stays and text not in ("{%-", "{{-", "{#-"):  # these strip it again
            line.text = False
        if kind == "data":
            line.write(text)
        elif kind == "variable_begin":
            line.text = True
        elif kind == "block_begin":
            tag = []
        elif kind == "block_end":
            line.pass_tag(tag)
        tag.append((at, kind, text))
        removes_line_end = text.endswith(("%}\n", "#}\n")) and not text.endswith(("-%}\n", "-#}\n"))
        stays = kind in ("block_end", "comment_end", "raw_end") and removes_line_end and line.text
        if stays:
            ends.append(at + len(text) - 3)
    return ends


@dataclass
class _Branching:
    """A block with several branches, or one whose text is stored for later.

    Args:
        before: whether there may be text on the line where it begins.
        left: the same for the ends of its branches so far.
        complete: one of its branches is always taken.
    """

    before: bool
    left: bool = False
    complete: bool = False


@dataclass
class _Line:
    """Tracks whether there may be text on the line that a template is writing."""

    text: bool = False
    _open: list[_Branching] = field(default_factory=list)

    def write(self, text: str) -> None:
        _, line_end, last = text.rpartition("\n")
        self.text = bool(last.strip()) or (self.text and not line_end)

    def pass_tag(self, tag: list[Token]) -> None:
        """Follow the paths through ``if`` and ``for``; the text of a macro or a ``set`` block is not on any line."""
        word = next((text for _, kind, text in tag if kind == "name"), "")
        if word in ("if", "for"):
            self._open.append(_Branching(self.text))
        elif word == "macro" or (word == "set" and not _assigns(tag)):
            self._open.append(_Branching(self.text))
            self.text = False
        elif self._open and word in ("elif", "else"):
            block = self._open[-1]
            block.left, block.complete = block.left or self.text, word == "else"
            self.text = block.before
        elif self._open and word in ("endif", "endfor"):
            block = self._open.pop()
            self.text = self.text or block.left or (block.before and not block.complete)
        elif self._open and word in ("endmacro", "endset"):
            self.text = self._open.pop().before


def _assigns(tag: list[Token]) -> bool:
    """Whether a tag has ``=`` outside brackets: ``{% set x = 1 %}``, not ``{% set x | truncate(length=3) %}``."""
    depth = 0
    for _, kind, text in tag:
        if kind == "operator":
            depth += (text in "([{") - (text in ")]}")
            if text == "=" and depth == 0:
                return True
    return False
