"""Parsing a command line that trains once: which values it has, under which names."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import UsageError

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)  # before the program: an environment variable
_OVERRIDE = re.compile(r"(\+{0,2}([A-Za-z_][\w./@-]*))=(.*)", re.DOTALL)  # key=value, as in Hydra
_FLAG = re.compile(r"--?[A-Za-z][^\s=]*")
_FLAG_WITH_VALUE = re.compile(r"(--?[A-Za-z][^\s=]*)=(.*)", re.DOTALL)
_SHELL = re.compile(r"[|&;<>`\n]|\$\(")


@dataclass(frozen=True)
class Word:
    """One word of a command line: fixed text, and the value after it if it has one.

    Args:
        before: the fixed part: ``--lr=``, ``model.lr=``, ``LR=``, a flag or a program; empty if all is the value.
        name: the value's name, without dashes; the flag's name if it has no value. Empty for other words.
        value: None if the word has none.
        label: the value as the user sees it: ``--lr``, ``model.lr``, ``LR``.
        is_variable: it comes before the program and sets an environment variable.
    """

    before: str
    name: str = ""
    value: str | None = None
    label: str = ""
    is_variable: bool = False

    @property
    def is_switch(self) -> bool:
        """Whether it is a flag without a value."""
        return self.value is None and bool(self.name)

    @property
    def shown(self) -> str:
        """The value with its label, as on the command line."""
        if self.value is None or not self.label:
            return self.before + (self.value or "")
        return f"{self.label} {self.value}" if self.label.startswith("-") else f"{self.label}={self.value}"


def read_command(words: Sequence[str]) -> tuple[Word, ...]:
    """Parse a command line that a shell has split; a single word with blanks in it is split here.

    Raises:
        UsageError: it does not start a program, or is more than one command.

    >>> [word.value for word in read_command(["LR=1", "./train", "--lr", "0.1", "--out=o", "a.b=2", "-v", "-n", "-3"])]
    ['1', None, None, '0.1', 'o', '2', None, None, '-3']
    """
    if len(words) == 1 and re.search(r"\s", words[0]):
        words = _split(words[0])
    found: list[Word] = []
    rest = list(words)
    while rest and (match := _ASSIGNMENT.fullmatch(rest[0])):
        found.append(Word(f"{match[1]}=", match[1], match[2], match[1], is_variable=True))
        rest.pop(0)
    if not rest or rest[0].startswith("-"):
        raise UsageError("there is no program after --; expected for example: -- python train.py --lr 0.001")
    found.append(Word(rest.pop(0)))
    while rest:
        word = rest.pop(0)
        if match := _FLAG_WITH_VALUE.fullmatch(word):
            found.append(Word(f"{match[1]}=", match[1].lstrip("-"), match[2], match[1]))
        elif _FLAG.fullmatch(word) and rest and not _FLAG.match(rest[0]) and not _OVERRIDE.fullmatch(rest[0]):
            found += [Word(word), Word("", word.lstrip("-"), rest.pop(0), word)]
        elif _FLAG.fullmatch(word):
            found.append(Word(word, word.lstrip("-"), label=word))
        elif match := _OVERRIDE.fullmatch(word):
            found.append(Word(f"{match[1]}=", match[2], match[3], match[2]))
        else:
            found.append(Word("", "", word))
    return tuple(found)


def read_switches(words: Sequence[Word]) -> tuple[tuple[Word, ...], list[tuple[str, str]]]:
    """Read ``~switch()`` after a flag as a space for the flag itself.

    >>> words, spaces = read_switches(read_command(["train", "--bn", "~switch()", "--aug=~switch()", "a=~switch()"]))
    >>> [word.before for word in words], spaces
    (['train', '--bn', '--aug', 'a='], [('bn', 'switch()'), ('aug', 'switch()')])
    """
    found, spaces = list[Word](), list[tuple[str, str]]()
    for word in words:
        if word.value != "~switch()" or not word.label.startswith("-"):
            found.append(word)
            continue
        if not word.before:  # the flag is the previous word
            found.pop()
        found.append(Word(word.label, word.name, label=word.label))
        spaces.append((word.name, "switch()"))
    return tuple(found), spaces


def added_word(name: str, words: Sequence[Word], value: str) -> Word:
    """Make the word for a parameter that the command does not have yet, spelled as others are."""
    overrides = any(word.label and not word.label.startswith("-") and not word.is_variable for word in words)
    before = f"{name}=" if overrides else f"--{name}="
    return Word(before, name, value, before[:-1])


def _split(text: str) -> list[str]:
    if _SHELL.search(text):
        raise UsageError(
            f"{text!r} is more than one command; put it into a script, and write the script and its arguments after "
            "--, or the values as variables: LR='~log(1e-5, 1e-1)' bash -c '... $LR ...'"
        )
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a command line: {error}") from None
