"""Distributions over listed values: one of them, a subset, or an order."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from .formats import to_json
from .generator import Source


@dataclass(frozen=True)
class Choice:
    """One of several values, with weights that need not add up to 1; ``ordered`` if their order has a meaning.

    The values are kept as JSON, so that 1, 1.0, true and "1" are four different values.
    """

    options: tuple[str, ...]
    weights: tuple[float, ...] | None = None
    ordered: bool = False

    @property
    def size(self) -> int:
        """Number of values that can be drawn."""
        return len(self.options)

    def draw(self, source: Source) -> int:
        """Draw the index of an option."""
        if self.weights is None:
            return source.index(self.size)
        return source.index(self.size, self._from_unit)

    def _from_unit(self, unit: float) -> int:
        assert self.weights is not None
        left = unit * math.fsum(self.weights)
        for index, weight in enumerate(self.weights):
            left -= weight
            if left < 0:
                return index
        return len(self.weights) - 1

    def describe(self) -> dict[str, Any]:
        """Say what it is, as data for JSON."""
        weights = {} if self.weights is None else {"weights": list(self.weights)}
        return {"kind": "ordinal" if self.ordered else "choice", "options": list(self.options)} | weights


@dataclass(frozen=True)
class Subset:
    """The subsets of ``options`` with ``min_size`` to ``max_size`` members, all equally likely."""

    options: tuple[str, ...]
    min_size: int
    max_size: int

    @property
    def size(self) -> int:
        """Number of subsets."""
        return sum(math.comb(len(self.options), k) for k in range(self.min_size, self.max_size + 1))

    def draw(self, source: Source) -> list[int]:
        """Draw the indices of the options, in their order."""
        return self.unrank(source.index(self.size))

    def unrank(self, rank: int) -> list[int]:
        """Give the subset with this number: smaller ones first, then in the order of the options.

        >>> [Subset(("a", "b", "c"), 1, 2).unrank(i) for i in range(6)]
        [[0], [1], [2], [0, 1], [0, 2], [1, 2]]
        """
        count, k = len(self.options), self.min_size
        while rank >= math.comb(count, k):
            rank -= math.comb(count, k)
            k += 1
        chosen: list[int] = []
        for item in range(count):
            if len(chosen) < k:
                with_it = math.comb(count - item - 1, k - len(chosen) - 1)
                if rank < with_it:
                    chosen.append(item)
                else:
                    rank -= with_it
        return chosen

    def describe(self) -> dict[str, Any]:
        """Say what it is, as data for JSON."""
        return {"kind": "subset"} | asdict(self) | {"options": list(self.options)}


@dataclass(frozen=True)
class Permutation:
    """The orders of ``options``, all equally likely."""

    options: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of orders."""
        return math.factorial(len(self.options))

    def draw(self, source: Source) -> list[int]:
        """Draw the indices of the options in random order."""
        rank, left = source.index(self.size), list(range(len(self.options)))
        order = []
        while left:
            at, rank = divmod(rank, math.factorial(len(left) - 1))
            order.append(left.pop(at))
        return order

    def describe(self) -> dict[str, Any]:
        """Say what it is, as data for JSON."""
        return {"kind": "permutation", "options": list(self.options)}


def as_options(options: Sequence[Any]) -> tuple[str, ...]:
    """Write each option as JSON."""
    return tuple(_text_to_json(option) if type(option) is str else to_json(option) for option in options)


_text_to_json = lru_cache(maxsize=10_000)(to_json)  # the same few, with every configuration that is drawn
