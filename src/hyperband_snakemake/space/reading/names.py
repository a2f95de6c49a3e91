"""The output of a format's reader: names and values, and names whose value is unclear."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from ..values import Spelled, SpelledNumber, Value, number_of


class Unreadable(Exception):
    """A text is not in the reader's format."""


class _Twice:
    """Stands for an unclear value, since its name occurs twice."""


TWICE = _Twice()


def refuse_ended_lines(text: str) -> None:
    """Refuse a text whose lines end in a comma or semicolon, which other formats would read as part of the value.

    Raises:
        Unreadable: all of them do, except perhaps the last.
    """
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    ended = [line.endswith((",", ";")) for line in lines]
    if ended and (all(ended) or (len(ended) > 1 and all(ended[:-1]))):
        raise Unreadable


@dataclass(frozen=True)
class Reading:
    """The content of a text: values by name, nested names joined by dots; ``unclear`` names have several values."""

    values: Mapping[str, Value] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()


def flat(data: Mapping[Any, Any]) -> Reading:
    """Join nested names; one that occurs twice, in whatever form, is unclear."""
    values: dict[str, Value] = {}
    unclear: dict[str, None] = {}
    for name, value in _pairs("", data):
        if value is TWICE or name in values:
            unclear[name] = None
        else:
            values[name] = _plain(value)
    return Reading({name: value for name, value in values.items() if name not in unclear}, tuple(unclear))


def _pairs(prefix: str, data: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        name = f"{prefix}{key}"
        tag = getattr(value, "tag", None)
        if tag is not None:
            yield name, tag
        if isinstance(value, Mapping) and (value or tag is not None):
            yield from _pairs(f"{name}.", value)
        else:
            yield name, value


def _plain(value: Any) -> Value:
    """Convert a value to JSON's types; within lists, each number is decided by itself."""
    if value is None or isinstance(value, bool | int | float | Spelled):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    found: Value = within(value)
    return found


def within(value: Any) -> Any:
    """Convert the items of a list or mapping to JSON's types; each number is decided by itself."""
    if isinstance(value, Mapping):
        return {str(key): within(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [within(item) for item in value]
    if isinstance(value, SpelledNumber):
        number = number_of(value)
        return str(value) if number is None else number
    known = value is None or isinstance(value, bool | int | float)
    return value if known else value.isoformat() if isinstance(value, date | time) else str(value)
