"""Files of JSON lines written in two halves: what was begun, and how it ended. The second half may be missing."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .files import read


def read_lines(path: Path) -> Iterator[dict[str, Any] | None]:
    """Read each line as data, even if its second half is missing; None for a line that cannot be read."""
    text = (read(path) or "").replace("\r\n", "\n").replace("\r", "\n")
    yield from (_data(line) for line in text.split("\n") if line)


def _data(line: str) -> dict[str, Any] | None:
    for candidate in (line, line + "}"):
        try:
            data = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict):
            return data
    return None


def known_fields(data: dict[str, Any] | None, kinds: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    """Keep fields with a known name and the right type: a line may be damaged, or written by a later version.

    >>> known_fields({"attempt": 1, "host": 5, "new": 0}, {"attempt": int, "host": str})
    {'attempt': 1}
    """
    return {key: data[key] for key, kind in kinds.items() if isinstance(data.get(key), kind)} if data else {}


def first_half(data: dict[str, Any]) -> str:
    r"""The first half of a line.

    >>> first_half({"attempt": 1})
    '{"attempt": 1'
    """
    return json.dumps(data, ensure_ascii=False)[:-1]


def second_half(data: dict[str, Any]) -> str:
    r"""The second half of a line.

    >>> second_half({"exit": 0})
    ', "exit": 0}\n'
    """
    return ", " + json.dumps(data, ensure_ascii=False)[1:] + "\n"
