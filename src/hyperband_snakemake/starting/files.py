"""The values in a file that a program reads (YAML, JSON or TOML), with their positions in its text."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from ..errors import UsageError

SUFFIXES = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml"}
_ENTRY = re.compile(r"\s*[^=#\[{]+?\s*=\s*(\"[^\"]*\"|'[^']*'|\[[^\[\]]*\]|[^#\s][^#]*?)\s*(#.*)?")
_ANCHOR = re.compile(r"(?:!\S*\s+)?&\S+\s+")
_MARK = "__PLACE__"


@dataclass(frozen=True)
class Leaf:
    """A value in a file: its name, joined by dots with those of the mappings around it, and its position in the text.

    ``kind`` is "json" if it is within a string that is JSON, otherwise empty.
    """

    name: str
    value: str
    start: int
    end: int
    kind: str = ""


@dataclass(frozen=True)
class ReadFile:
    """A file that a program reads: its text and its values."""

    path: Path
    text: str
    leaves: tuple[Leaf, ...]

    @property
    def kind(self) -> str:
        """One of yaml, json and toml."""
        return SUFFIXES[self.path.suffix.lower()]

    @property
    def is_told(self) -> bool:
        """Whether a value in it is a space: ``lr: ~log(1e-5, 1e-1)``."""
        return any(leaf.value.startswith("~") for leaf in self.leaves)


def read_values(path: Path) -> ReadFile:
    """Read a file with its values.

    Raises:
        UsageError: it cannot be read, or holds no mapping.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        kind = SUFFIXES[path.suffix.lower()]
        if kind == "json":
            text = _without_tabs(text)
        leaves = tuple(_of_toml(text) if kind == "toml" else _of_yaml(text))
    except KeyError:
        raise UsageError(
            f"{path} is not a file whose values are known; expected .yaml, .yml, .json or .toml."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.") from None
    except (yaml.YAMLError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as {kind.upper()}: {' '.join(str(error).split())}") from None
    return ReadFile(path, text, leaves)


def _without_tabs(text: str) -> str:
    """Check that it is JSON, and replace tabs in its indentation, which YAML does not accept, by blanks."""
    data = json.loads(text)
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n" if "\t" in text else text


def _of_yaml(text: str) -> Iterator[Leaf]:
    """Yield the scalars of YAML, and of JSON, which is also YAML."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("there is no mapping in it")  # noqa: TRY004 (about the file's text)
    yield from _below(root, "", text)


def _below(node: Any, name: str, text: str) -> Iterator[Leaf]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _below(value, f"{name}.{key.value}" if name else str(key.value), text)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _below(value, f"{name}.{number}", text)
        yield Leaf(name, "[...]", _start(node, text), node.end_mark.index)
    elif node.style not in ("|", ">"):
        at = text.find(node.value, node.start_mark.index, node.end_mark.index)
        yield from _inside(name, node.value, at)
        yield Leaf(name, node.value, _start(node, text), node.end_mark.index)


def _start(node: Any, text: str) -> int:
    """Find where a value begins, after its anchor: others refer to it."""
    anchor = _ANCHOR.match(text, node.start_mark.index, node.end_mark.index)
    return anchor.end() if anchor else int(node.start_mark.index)


def _inside(name: str, value: str, at: int) -> Iterator[Leaf]:
    """Yield the values in a string that is JSON, as in ``params: '{"max_depth": 5}'``, if it is there unescaped."""
    if at < 0 or not value.startswith("{"):
        return
    try:
        if json.loads(value):
            for leaf in _of_yaml(value):
                yield replace(leaf, name=f"{name}.{leaf.name}", start=leaf.start + at, end=leaf.end + at, kind="json")
    except (ValueError, yaml.YAMLError):
        return


def _of_toml(text: str) -> Iterator[Leaf]:
    """Yield the TOML values that are on one line each."""
    if not tomllib.loads(text):
        raise ValueError("there is no value in it")
    at = 0
    for line in text.splitlines(keepends=True):
        if match := _ENTRY.fullmatch(line.rstrip("\r\n")):
            start, end = at + match.start(1), at + match.end(1)
            if name := _name_in_toml(f'{text[:start]}"{_MARK}"{text[end:]}'):
                value = match[1][1:-1] if match[1][0] in "\"'" else match[1]
                yield from _inside(name, value, start + 1)
                yield Leaf(name, value, start, end)
        at += len(line)


def _name_in_toml(text: str) -> str:
    """Find the name of the mark; empty if it is no value of its own, such as in a text of several lines."""
    try:
        return next((name for name, value in _named("", tomllib.loads(text)) if value == _MARK), "")
    except tomllib.TOMLDecodeError:
        return ""


def _named(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _named(f"{name}.{key}" if name else str(key), inner)
    else:
        yield name, value
