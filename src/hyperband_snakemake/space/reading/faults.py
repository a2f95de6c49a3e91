"""Texts that look like JSON, TOML or YAML but cannot be read as such."""

import ast
import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

import yaml

from .documents import read_json5
from .names import Unreadable

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML_LINE = re.compile(r"\s*(- )*[\"']?[\w./-]+[\"']?:(\s|$)|\s*- ")
_TOML_LINE = re.compile(r"[\w.\"'-]+ *= *[^\s@%]")
_SECTION = re.compile(r"(?m)^\[.*\]\s*$")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")
_LEAST = 3  # fewest lines to distinguish TOML from similar formats


@dataclass(frozen=True)
class Fault:
    """Why a text cannot be read: the name of its format, the line (from 1), and what is wrong there."""

    format: str
    line: int
    reason: str


def find_fault(text: str, name: str = "") -> Fault | None:
    """Find why a text cannot be read in its format, which is guessed from its file name or its look.

    None if it can be read, or if it looks like none of these formats.

    >>> find_fault("name: run: 0.3")
    Fault(format='YAML', line=1, reason='mapping values are not allowed in this context')
    """
    ending = PurePath(name).suffix
    if ending == ".json" or (not ending and re.match(r"\s*\{\s*\"", text)):
        tolerant = () if ending else (read_json5, ast.parse)
        return _json_fault(text) if not _is_read(text, *tolerant) else None
    if ending == ".toml" or (not ending and _looks_like_toml(text)):
        return _toml_fault(text)
    if ending in (".yaml", ".yml") or (not ending and _looks_like_yaml(text)):
        return _yaml_fault(text)
    return None


def _is_read(text: str, *readers: Callable[[str], object]) -> bool:
    for reader in readers:
        try:
            reader(text)
        except (Unreadable, ValueError, SyntaxError, RecursionError):
            continue
        return True
    return False


def _compose(text: str) -> None:
    for _ in yaml.compose_all(text, Loader=_LOADER):  # constructs nothing, so any tag is fine
        pass


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _looks_like_yaml(text: str) -> bool:
    """Whether at least half of the lines look like YAML, and there is no INI section."""
    lines = _lines(text)
    return 0 < len(lines) <= 2 * sum(map(bool, map(_YAML_LINE.match, lines))) and not _SECTION.search(text)


def _looks_like_toml(text: str) -> bool:
    """Whether all lines but one are valid TOML by themselves; INI, Python and gin look similar."""
    lines = [line for line in _lines(text) if not _SECTION.match(line)]
    if len(lines) < _LEAST or not all(map(_TOML_LINE.match, lines)) or _is_read(text, ast.parse):
        return False
    return sum(not _is_read(line, tomllib.loads) for line in lines) <= 1


def _json_fault(text: str) -> Fault | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return Fault("JSON", error.lineno, error.msg)
    except RecursionError:
        pass
    return None


def _toml_fault(text: str) -> Fault | None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        line = int(at[1]) if at and at[1] else len(text.splitlines())
        return Fault("TOML", line, _AT_LINE.sub("", str(error)))
    except RecursionError:
        pass
    return None


def _yaml_fault(text: str) -> Fault | None:
    try:
        _compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Fault("YAML", mark.line + 1 if mark else 1, error.problem or error.context or "it cannot be read")
    except (yaml.YAMLError, RecursionError):
        pass
    return None
