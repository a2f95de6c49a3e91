"""When a text agrees with what a template printed: the same names with the same values, except for seeds."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isclose
from typing import Any

from ..values import Spelled, Value, number_of

Place = tuple[str, int]

CLOSE = 1e-9  # numbers are drawn with ten digits
_TOKEN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])|[^\W\d][\w.]*|\w+|[^\w\s]")


def tokens_of(text: str) -> list[str]:
    """Split any text into numbers, words and signs."""
    return _TOKEN.findall(text)


def agreement_of(
    printed: Mapping[Any, Value], given: Mapping[Any, Value], seeds: Mapping[str, int], *, exactly: bool
) -> dict[str, Any] | None:
    """If the given values agree with those printed, return the seeds among them by name; otherwise None.

    Seeds are recognized by the numbers that were printed for them. Additional names are ignored.
    """
    found: dict[str, Any] = {}
    names = {str(seed): name for name, seed in seeds.items()}
    for place, value in printed.items():
        name = names.get(str(value))
        if name is not None:
            if place in given:
                number = plain_number(given[place])
                found[name] = given[place] if number is None else number
        elif place not in given or not is_same(given[place], value, exactly=exactly):
            return None
    return found


def is_same(one: Value, other: Value, *, exactly: bool = False) -> bool:
    """Whether two values are the same for a program that reads them: 7.0 equals 7, but not true or a text.

    >>> is_same(7.0, 7), is_same(True, 1), is_same("1.10", "1.1"), is_same(Spelled("0"), 0.0), is_same([0.1], [0.1, 2])
    (True, False, False, True, False)
    """
    if exactly:
        return type(one) is type(other) and bool(one == other)
    first, second = plain_number(one), plain_number(other)
    if first is not None and second is not None:
        return isclose(first, second, rel_tol=CLOSE)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, str) and isinstance(other, str):
        return str(one) == str(other)
    return type(one) is type(other) and bool(one == other)


def plain_number(value: Any) -> int | float | None:
    """Return a value, or its spelling, as a number; None if it is not one."""
    if isinstance(value, Spelled):
        return number_of(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def pairs_of(tokens: Sequence[str]) -> Counter[tuple[str, str]]:
    """Count the tokens, each with the name or word before it; numbers are compared by value."""
    pairs = ((word, token if number is None else str(float(number))) for word, token, number in _with_words(tokens))
    return Counter(pairs)


def numbers_by_place(tokens: Sequence[str]) -> dict[Place, float]:
    """Return the numbers in a text, keyed by the word before it and how many came before with the same word."""
    found: dict[Place, float] = {}
    count: Counter[str] = Counter()
    for word, _, number in _with_words(tokens):
        if number is not None:
            found[word, count[word]] = number
            count[word] += 1
    return found


def _with_words(tokens: Sequence[str]) -> Iterator[tuple[str, str, int | float | None]]:
    word = ""
    for token in tokens:
        number = number_of(token)
        yield word, token, number
        if number is None and (token[0].isalpha() or token[0] == "_"):
            word = token
