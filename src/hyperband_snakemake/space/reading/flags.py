"""Settings for a shell or a command line: files of environment variables, Hydra overrides, flags."""

import io
import re
import shlex
from collections.abc import Iterable
from typing import Any

import yaml
from dotenv.parser import parse_stream

from ..values import Spelled, number_of
from .documents import read_yaml
from .names import TWICE, Unreadable, refuse_ended_lines

_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_SETTING = re.compile(r"\s*(?:export\s+)?[A-Za-z_]\w*=(?![\s=\[{(]|dict\().*")
_OVERRIDE = re.compile(r"(?P<name>(?:\+{0,2}|~)[A-Za-z_][\w./@:\-]*(?:\[\d+\])?)(?:=(?P<value>.*))?", re.DOTALL)
_FLAG = re.compile(r"--?[^\W\d][\w.\-/:]*")
_COMMENT = ("#", ";", "//")


def read_dotenv(text: str) -> Any:
    """Read ``NAME=value`` and ``export NAME=value``, as a shell or python-dotenv does; ``$NAME`` is not expanded."""
    refuse_ended_lines(text)
    found: dict[str, Any] = {}
    for line in parse_stream(io.StringIO(text)):
        if line.key is None and not line.error:
            continue
        if (
            line.error
            or line.value is None
            or line.key is None
            or not _SETTING.match(line.original.string.lstrip("\n"))
        ):
            raise Unreadable
        found[line.key] = TWICE if line.key in found else Spelled(line.value)
    return found


def read_overrides(text: str) -> Any:
    """Read Hydra overrides, one or several per line: ``model.lr=0.1 ++optim.betas=[0.9,0.95] ~callbacks``."""
    refuse_ended_lines(text)
    pairs: list[tuple[str, Any]] = []
    for line in _lines(text):
        words = _words(line)
        matches = [_OVERRIDE.fullmatch(word) for word in words]
        whole = _OVERRIDE.fullmatch(line)
        if not all(matches) and whole and whole["value"] is not None:
            matches = [whole]
        for match in matches:
            if match is None or (match["value"] is None and not match["name"].startswith("~")):
                raise Unreadable
            pairs.append((match["name"].lstrip("+"), _override_value(match["value"])))
    return _named(pairs)


def _override_value(text: str | None) -> Any:
    if text is None:
        return True
    if text[:1] == text[-1:] and text[:1] in {"'", '"'} and len(text) > 1:
        return text[1:-1]
    if text.startswith("["):
        try:
            return read_yaml(f"x: {text}")["x"]
        except (yaml.YAMLError, Unreadable):
            return text
    return Spelled(text)


def read_flags(text: str) -> Any:
    """Read flags: ``--lr 0.1 --layers=3 --nesterov -x 1``; a flag without a value is true."""
    words = [word for line in _lines(text.replace("\\\n", " ")) for word in _words(line)]
    if not words or not _FLAG.match(words[0]):
        raise Unreadable
    pairs: list[tuple[str, list[str]]] = []
    for word in words:
        if number_of(word) is None and (flag := _FLAG.match(word)):
            name, equals, value = word.partition("=")
            if flag[0] != name:
                raise Unreadable
            pairs.append((name.lstrip("-"), [value] if equals else []))
        else:
            pairs[-1][1].append(word)
    return _named((name, _flag_value(values)) for name, values in pairs)


def _flag_value(values: list[str]) -> Any:
    if len(values) > 1:
        numbers = [number_of(value) for value in values]
        return values if None in numbers else numbers
    return Spelled(values[0]) if values else True


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(_COMMENT)]


def _words(line: str) -> list[str]:
    """Split as a shell does, but not within brackets."""
    if line.count("[") != line.count("]"):
        raise Unreadable
    joined = re.sub(r"\[[^\]]*\]", lambda match: match[0].replace(" ", ""), line)
    try:
        return shlex.split(joined, comments=True)
    except ValueError:
        raise Unreadable from None


def _named(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[name] = TWICE if name in found else value
    return found
