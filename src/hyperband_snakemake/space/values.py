"""Parameter values: their types, how each is written as text, and the type of a column of them."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .formats import float_text, quoted, to_json

Value = None | bool | int | float | str | list[Any] | dict[str, Any]

_NUMBER = re.compile(r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d{1,18}")
_READ_AS_ELSE = re.compile(rf"null|true|false|[+-]?(inf|nan)|{_NUMBER.pattern}")
_NOTHING = ("null", "None", "none")
_TRUTH = {"true": True, "false": False, "True": True, "False": False}


class Spelled(str):
    """A value as spelled in a format that does not distinguish texts from numbers."""

    __slots__ = ()


class SpelledNumber(Spelled):
    """A number as spelled in a format that distinguishes numbers from texts: 1.10 and 1.1 may be different values."""

    __slots__ = ()


def number_of(text: str) -> int | float | None:
    """Read a decimal number; None for any other text, including ``001`` and numbers beyond 64 bits.

    >>> [number_of(text) for text in ("8", "1e-05", "-.5", "001", "1e999", "0x10")]
    [8, 1e-05, -0.5, None, None, None]
    """
    if not _NUMBER.fullmatch(text):
        return None
    number = int(text) if _WHOLE.fullmatch(text) else float(text)
    return number if math.isfinite(number) else None


def value_text(value: Value) -> str:
    """Write a value as one line of text; different values give different texts.

    A text that could be mistaken for something else is quoted as in JSON, and so is one with control characters.

    >>> [value_text(value) for value in (1e-05, True, None, "saga", "1.10", "null", "two\\nlines", [8, None])]
    ['1.0e-05', 'true', 'null', 'saga', '"1.10"', '"null"', '"two\\\\nlines"', '[8, null]']
    """
    if isinstance(value, Spelled):
        return str(value) if value.isprintable() else quoted(value)
    if isinstance(value, str):
        plain = value.isprintable() and value == value.strip() and value[:1] not in {"", '"', "[", "{"}
        return quoted(value) if not plain or _READ_AS_ELSE.fullmatch(value) else value
    if isinstance(value, float):
        return float_text(value)
    return json.dumps(value) if value is None or isinstance(value, bool | int) else _listed(value)


def _listed(value: Any) -> str:
    try:
        return to_json(value)
    except ValueError:  # infinity within a list
        return json.dumps(value, default=str, ensure_ascii=False)


def parameters_text(parameters: Mapping[str, Value], equals: str = "=", between: str = " ") -> str:
    """Write parameters on one line.

    >>> parameters_text({"lr": 0.1, "net": "wide"})
    'lr=0.1 net=wide'
    """
    return between.join(f"{_name_text(name)}{equals}{value_text(value)}" for name, value in parameters.items())


def _name_text(name: str) -> str:
    return name if name.isprintable() else quoted(name)


def settled(values: Sequence[Value]) -> list[Value]:
    """Decide the type of one parameter's spelled values, once all of them are known.

    They become numbers, or true and false, if all of them are and no two spellings mean the same; otherwise texts.

    >>> settled([Spelled("0.1"), Spelled("1e-05"), Spelled("null")]), settled([Spelled("1.1"), Spelled("1.10")])
    ([0.1, 1e-05, None], ['1.1', '1.10'])
    >>> settled([SpelledNumber("0.5"), "sqrt"]), settled([Spelled("0.5"), Spelled("sqrt")])
    ([0.5, 'sqrt'], ['0.5', 'sqrt'])
    """
    spelled = {value for value in values if isinstance(value, Spelled)}
    numbers = {value for value in values if isinstance(value, SpelledNumber)}
    texts = any(isinstance(value, str) and not isinstance(value, Spelled) for value in values)
    loose = _meanings(spelled - numbers, with_texts=texts)
    meanings = _numbers(numbers) | loose
    return [meanings.get(value, str(value)) if isinstance(value, Spelled) else value for value in values]


def _numbers(spelled: set[Spelled] | set[SpelledNumber]) -> dict[str, Value]:
    """Give the number of each; nothing if one is not a number, or if two are equal."""
    found: dict[str, Value] = {text: number_of(text) for text in spelled}
    known = {number for number in map(number_of, spelled) if number is not None}
    return found if len(known) == len(found) else {}


def _meanings(spelled: set[Any], *, with_texts: bool) -> dict[str, Value]:
    rest = {text for text in spelled if text not in _NOTHING}
    if with_texts:
        return {}
    nothing: dict[str, Value] = dict.fromkeys(spelled - rest) if len(spelled - rest) == 1 else {}
    if rest and rest <= set(_TRUTH) and len({_TRUTH[text] for text in rest}) == len(rest):
        return nothing | {text: _TRUTH[text] for text in rest}
    numbers = _numbers(rest)
    return nothing | numbers if numbers or not rest else {}


def settled_parameters(readings: Sequence[Mapping[str, Value]]) -> list[dict[str, Value]]:
    """Decide the types of spelled values, parameter by parameter, for all configurations of a search together."""
    columns: dict[str, list[Value]] = {}
    for reading in readings:
        for name, value in reading.items():
            columns.setdefault(name, []).append(value)
    decided = {
        name: iter(settled(values)) if any(isinstance(value, Spelled) for value in values) else iter(values)
        for name, values in columns.items()
    }
    return [{name: next(decided[name]) for name in reading} for reading in readings]


def of_one_type(values: Sequence[Value]) -> list[Value]:
    """Give the values of a column one type; None stays None, and different values stay different.

    A mix of integers and other numbers becomes floats. What a table cannot hold is written as text: mixed types, lists,
    infinity, integers of more than 64 bits.

    >>> of_one_type([1, 0.5, None]), of_one_type([1, True, "1"]), of_one_type([[8, 4], None])
    ([1.0, 0.5, None], ['1', 'true', '"1"'], ['[8, 4]', None])
    """
    known = [value for value in values if value is not None]
    kinds = {type(value) for value in known}
    if kinds <= {str} or (len(kinds) == 1 and all(map(_fits, known))):
        return list(values)
    if kinds == {int, float} and all(map(_fits, known)):
        floats = {(type(value), value) for value in known}
        if len({float(value) for _, value in floats}) == len(floats):  # type: ignore[arg-type]  # numbers
            return [None if value is None else float(value) for value in values]  # type: ignore[arg-type]
    return [None if value is None else value_text(value) for value in values]


def _fits(value: Value) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, bool) or (isinstance(value, int) and -(2**63) <= value < 2**63)
