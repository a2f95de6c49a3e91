"""Values of a distribution that a text may have been made from, likeliest first."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, permutations
from typing import Any

from ..distributions import Distribution, Integer, Normal, Uniform
from ..selections import Choice, Permutation, Subset
from ..values import Spelled, Value
from .agreement import is_same, plain_number, tokens_of

FEW = 300  # up to this many values, all are tried
SIGMAS = 5


class Clues:
    """What a text contains: values by name, and numbers."""

    def __init__(self, text: str, names: Mapping[str, Any]) -> None:
        self._text, self._names = text, names
        numbers = (plain_number(Spelled(token)) for token in tokens_of(text))
        self._numbers = list(dict.fromkeys(number for number in numbers if number is not None))

    def candidates(self, name: str, distribution: Distribution) -> Iterator[Any]:
        """Yield what the distribution may have drawn under the name, in its form: numbers, or indices of options."""
        seen: list[Any] = []
        for value in self._all(name, distribution):
            if value not in seen:
                seen.append(value)
                yield value

    def _all(self, name: str, distribution: Distribution) -> Iterator[Any]:
        known = [value for own, value in self._names.items() if own == name]
        known += [value for own, value in self._names.items() if own.endswith(f".{name}")]
        if isinstance(distribution, Choice):
            yield from _like(distribution, known)
            yield from range(distribution.size)
        elif isinstance(distribution, Subset | Permutation):
            yield from _of_options(distribution, known, self._text)
            yield distribution.unrank(0) if isinstance(distribution, Subset) else [*range(len(distribution.options))]
        elif isinstance(distribution, Uniform | Integer | Normal):
            numbers = [number for value in known if (number := plain_number(value)) is not None]
            yield from _within(distribution, [*numbers, *self._numbers])
            yield from _enumerated(distribution)
            ends = ends_of(distribution)
            yield nearest(distribution, distribution.low if ends is None else (ends[0] + ends[1]) / 2)


def ends_of(distribution: Distribution) -> tuple[float, float] | None:
    """Return the lowest and highest number to try for a distribution; None if it does not draw numbers."""
    if isinstance(distribution, Normal):
        low = max(distribution.low, distribution.mu - SIGMAS * distribution.sigma)
        high = min(distribution.high, distribution.mu + SIGMAS * distribution.sigma)
        return (low, high) if low < high else None
    return (distribution.low, distribution.high) if isinstance(distribution, Uniform | Integer) else None


def nearest(distribution: Distribution, number: float) -> Any:
    """Return the drawable number nearest to this one."""
    assert isinstance(distribution, Uniform | Integer | Normal)
    return distribution.rounded(number)


def _like(distribution: Choice, known: Sequence[Value]) -> Iterator[int]:
    options = [json.loads(option) for option in distribution.options]
    for exactly in (True, False):
        for value in known:
            plain = str(value) if isinstance(value, str) else value
            yield from (i for i, option in enumerate(options) if is_same(plain, option, exactly=exactly))


def _within(distribution: Distribution, numbers: Sequence[float]) -> Iterator[Any]:
    """Those of the numbers that can be drawn, in the form in which they are drawn."""
    for number in numbers:
        if isinstance(distribution, Integer):
            fits = number == int(number) and distribution.low <= number <= distribution.high
            if fits and not (int(number) - distribution.low) % distribution.step:
                yield int(number)
        elif isinstance(distribution, Uniform | Normal) and distribution.low <= number <= distribution.high:
            yield distribution.rounded(number)


def _enumerated(distribution: Distribution) -> Iterator[Any]:
    if distribution.size is None or distribution.size > FEW:
        return
    if isinstance(distribution, Integer):
        yield from range(distribution.low, distribution.high + 1, distribution.step)
    elif isinstance(distribution, Uniform):
        yield from map(distribution.at, range(distribution.size))


def _of_options(distribution: Subset | Permutation, known: Sequence[Value], text: str) -> Iterator[list[int]]:
    """Named lists first, then options that occur in the text, then all if they are few."""
    options = [json.loads(option) for option in distribution.options]
    for value in known:
        if isinstance(value, list):
            chosen = [next((i for i, o in enumerate(options) if is_same(v, o)), -1) for v in value]
            if _is_drawn(distribution, chosen):
                yield chosen
    words = [option if isinstance(option, str) else json.dumps(option) for option in options]
    places = {i: text.find(word) for i, word in enumerate(words)}
    present = [i for i in places if places[i] >= 0]
    guess = sorted(present, key=lambda i: places[i]) if isinstance(distribution, Permutation) else present
    if _is_drawn(distribution, guess):
        yield guess
    if distribution.size <= FEW and isinstance(distribution, Subset):
        yield from map(distribution.unrank, range(distribution.size))
    elif distribution.size <= FEW:
        yield from map(list, permutations(range(len(options))))


def _is_drawn(distribution: Subset | Permutation, chosen: Sequence[int]) -> bool:
    if isinstance(distribution, Permutation):
        return sorted(chosen) == list(range(len(distribution.options)))
    in_order = all(0 <= one < other for one, other in pairwise([*chosen, len(distribution.options)]))
    return in_order and distribution.min_size <= len(chosen) <= distribution.max_size
